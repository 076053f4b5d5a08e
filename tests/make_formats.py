"""Make DOCX, HTML and PDF versions of the samples, with real tables where their text has flattened ones.

`python tests/make_formats.py DIR [--chapters]` writes NAME.docx and NAME.html for each sample into DIR, and NAME.pdf
and NAME.ofd too when LibreOffice's `soffice` is there. With `--chapters` only a short piece around the first table is
written: that is what tests/data/formats holds. The tables were read line by line from the samples; their grids are the
.tsv files beside the pieces (one row a line, cells separated by tabs, `^` = merged with the cell above, `<` = with the
one on the left, `|` = a new paragraph in the cell).
"""

from __future__ import annotations

import argparse
import html
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pypdfium2 as pdfium
from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt

from planparse.read.chars import Char
from planparse.read.layout import Edge
from planparse.read.pdf_page import PdfPage

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
DATA = Path(__file__).resolve().parent / "data" / "formats"

# Sample, the line before the flattened table, the line after it, the grid.
TABLES = (
    ("zhangjiagang", "张家港市妇女发展规划(20212025年)主要指标", "三、十四五”妇女发展", "zhangjiagang-1"),
    ("zhangjiagang", "张家港市儿童发展规划(2021-2025年)主要指标", "三、十四五儿童发展", "zhangjiagang-2"),
    ("jiaxing", "嘉兴市妇女发展“十四五”规划重点指标目标表", "二、发展领域", "jiaxing-1"),
    ("jiaxing", "嘉兴市儿童发展“十四五”规划重点指标目标表", "二、发展领域", "jiaxing-2"),
    ("jiangbei", "专栏1 2021—2030年妇女发展主要指标", "三、重点任务", "jiangbei-1"),
    ("jiangbei", "专栏1 2021—2030年儿童发展主要指标", "三、重点任务", "jiangbei-2"),
)
FONT = "WenQuanYi Micro Hei"
"""Debian: fonts-wqy-microhei. Its outlines are small, and so are the PDF files with them."""
NAMES = ("gaoping", "jiangbei", "jiaxing", "kaiping", "zhangjiagang")
NUMBERED = ("jiaxing", "kaiping")
"""Samples whose Word file numbers its headings automatically."""

Grid = list[list[str]]
Block = str | Grid

_MARKER = re.compile(
    r"[-•\s]*(?:[一二三四五六七八九十]{1,3}、|[（(]?[一二三四五六七八九十]{1,3}[)）]|[（(]?\d{1,2}[.．、)）]|——|专栏|\[)"
)
_SENTENCE_END = re.compile(r"[。：:；;！？”)）》\]]\s*$")
_TITLE = re.compile(r".{0,40}(?:规划|的通知|关于印发|文件|规划和|主要指标|目标表)(?:[（(].*)?$")
_WRAPPED = 24
"""A line longer than this that ends without punctuation was cut by a page break of the downloaded file."""


def grid_of(name: str) -> Grid:
    """The table that tests/data/formats/NAME.tsv holds."""
    return [line.split("\t") for line in (DATA / f"{name}.tsv").read_text(encoding="utf-8").splitlines()]


def blocks_of(name: str) -> list[Block]:
    """The paragraphs and tables of a sample, as an author would have had them before they were flattened."""
    lines = [" ".join(line.split()) for line in (SAMPLES / f"{name}.txt").read_text(encoding="utf-8-sig").splitlines()]
    blocks: list[Block] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if not line:
            continue
        while len(line) > _WRAPPED and not _SENTENCE_END.search(line) and not _is_title(line):
            below = next((index for index in range(at, len(lines)) if lines[index]), len(lines))
            if below == len(lines) or _MARKER.match(lines[below]) or _is_title(lines[below]):
                break
            line += lines[below]
            at = below + 1
        blocks.append(line)
        for sample, before, after, grid in TABLES:
            if sample == name and line == before:
                blocks.append(grid_of(grid))
                at = next(index for index in range(at, len(lines)) if lines[index].startswith(after))
    return blocks


def chapter_of(name: str) -> list[Block]:
    """A piece of a sample that stands alone: a title, a chapter with its table, and the beginning of the next."""
    blocks = blocks_of(name)
    if not any(isinstance(block, list) for block in blocks):
        return blocks[:20]
    table = next(index for index, block in enumerate(blocks) if isinstance(block, list))
    start = max(index for index in range(table) if isinstance(blocks[index], str) and str(blocks[index])[1:2] == "、")
    title = next(block for block in blocks if isinstance(block, str) and _is_title(block) and "妇女" in block)
    return [title, *blocks[max(start, table - 6) : table + 12]]


def _is_title(block: str) -> bool:
    return len(block) < 80 and "。" not in block and bool(_TITLE.match(block)) and not _MARKER.match(block)


def _spans(grid: Grid) -> Iterator[tuple[int, int, int, int, str]]:
    """Row, column, rows, columns and words of each cell."""
    for row, cells in enumerate(grid):
        for column, words in enumerate(cells):
            if words in ("^", "<"):
                continue
            rows = 1
            while row + rows < len(grid) and grid[row + rows][column] == "^":
                rows += 1
            cols = 1
            while column + cols < len(cells) and cells[column + cols] == "<":
                cols += 1
            yield row, column, rows, cols, words


def docx_of(blocks: list[Block], numbered: bool = False) -> bytes:
    """A Word file. `numbered`: 一、 and (一) come from automatic numbering wherever its count agrees with the text."""
    document = Document()
    _lay_out(document)
    counts = [0, 0]
    if numbered:
        _add_numbering(document)
    for block in blocks:
        if isinstance(block, list):
            _add_table(document, block)
            continue
        paragraph = document.add_paragraph()
        level, rest = _counted(block, counts) if numbered else (None, block)
        paragraph.add_run(rest)
        if _is_title(block):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            for run in paragraph.runs:
                run.font.size = Pt(18)
        else:
            paragraph.paragraph_format.first_line_indent = Pt(28)
        if level is not None:
            properties = paragraph._p.get_or_add_pPr()
            properties.append(
                parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="77"/></w:numPr>')
            )
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _lay_out(document: WordDocument) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.8)
    section.header.paragraphs[0].text = "某市人民政府公报"
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    footer.add_run("— ")
    run = footer.add_run()
    for kind, words in (("begin", ""), ("", "PAGE"), ("end", "")):
        xml = (
            f'<w:fldChar {nsdecls("w")} w:fldCharType="{kind}"/>'
            if kind
            else f"<w:instrText {nsdecls('w')}>{words}</w:instrText>"
        )
        run._r.append(parse_xml(xml))
    footer.add_run(" —")
    style = document.styles["Normal"]
    style.font.name = FONT
    style.font.size = Pt(14)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    style.paragraph_format.space_after = Pt(0)


_NUMERALS = "一二三四五六七八九十"


def _counted(block: str, counts: list[int]) -> tuple[int | None, str]:
    """The numbering level and the words without the number, when the automatic count gives that very number."""
    found = re.match(r"(([一二三四五六七八九十])、|\(([一二三四五六七八九十])\))(?=\S)", block)
    if not found:
        return None, block
    level = 0 if found[2] else 1
    number = _NUMERALS.index(found[2] or found[3]) + 1
    if number != counts[level] + 1:
        return None, block
    counts[level] = number
    if level == 0:
        counts[1] = 0
    return level, block[found.end() :]


def _add_numbering(document: WordDocument) -> None:
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:suff w:val="nothing"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for level, (kind, text) in enumerate((("chineseCountingThousand", "%1、"), ("chineseCounting", "(%2)")))
    )
    abstract = parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{levels}</w:abstractNum>')
    numbering.insert(0, abstract)
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))


def _add_table(document: WordDocument, grid: Grid) -> None:
    table = document.add_table(len(grid), len(grid[0]), style="Table Grid")
    for row, column, rows, cols, words in _spans(grid):
        cell = table.cell(row, column)
        if rows > 1 or cols > 1:
            cell = cell.merge(table.cell(row + rows - 1, column + cols - 1))
        first, *more = words.split("|")
        cell.paragraphs[0].text = first
        for paragraph in more:
            cell.add_paragraph(paragraph)
        for paragraph in cell.paragraphs:
            for run in paragraph.runs:
                run.font.size = Pt(10.5)


def html_of(blocks: list[Block]) -> str:
    """A saved page: navigation and share buttons around the text, tables with merged cells."""
    parts = []
    for block in blocks:
        if isinstance(block, list):
            parts.append(_html_table(block))
        elif _is_title(block):
            parts.append(f'<p style="text-align:center"><strong>{html.escape(block)}</strong></p>')
        else:
            parts.append(f'<p style="text-indent:2em">{html.escape(block)}</p>')
    body = "\n".join(parts)
    return f"""<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>政府信息公开</title><style>p {{margin: 0}}</style></head><body>
<div class="top-nav"><ul><li><a href="/">首页</a></li><li><a href="/zw">政务公开</a></li><li><a href="/hd">互动</a></li>
</ul></div>
<div class="article" id="zoom">
{body}
</div>
<div class="bdsharebuttonbox"><a>微信</a><a>微博</a></div>
<div style="display:none">2025年目标值达到99%以上</div>
<div class="footer">版权所有</div>
</body></html>
"""


def _html_table(grid: Grid) -> str:
    rows: list[str] = ["" for _ in grid]
    for row, _, down, across, words in _spans(grid):
        spans = (f' rowspan="{down}"' if down > 1 else "") + (f' colspan="{across}"' if across > 1 else "")
        rows[row] += f"<td{spans}>{'<br>'.join(map(html.escape, words.split('|')))}</td>"
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


def pdf_of(word: bytes) -> bytes:
    """The Word file printed to PDF by LibreOffice, which must be installed."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "in.docx"
        source.write_bytes(word)
        subprocess.run(
            [
                *("soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless"),
                *("--convert-to", "pdf", "--outdir", folder, str(source)),
            ],
            check=True,
            capture_output=True,
            timeout=300,
        )
        return source.with_suffix(".pdf").read_bytes()


def ofd_of(pdf: bytes) -> bytes:
    """An OFD package (GB/T 33190-2016) with the text and the ruling lines of a PDF file, placed as there."""
    file = pdfium.PdfDocument(pdf)
    pages = {}
    for index in range(len(file)):
        page = PdfPage(file[index])
        runs = [(run, page.font_size(start)) for start, end in page.ranges() for run in _runs(page, start, end)]
        objects = [_ofd_text(run, size * _MM, 1000 + 5000 * index + n) for n, (run, size) in enumerate(runs)]
        objects += [_ofd_line(edge, index) for edge in page.drawings()[0]]
        size = f"0 0 {page.width * _MM:.2f} {page.height * _MM:.2f}"
        pages[f"Doc_0/Pages/Page_{index}/Content.xml"] = (
            f"<ofd:Page {_OFD}><ofd:Area><ofd:PhysicalBox>{size}</ofd:PhysicalBox></ofd:Area><ofd:Content>"
            f'<ofd:Layer ID="{10 + index}">{"".join(objects)}</ofd:Layer></ofd:Content></ofd:Page>'
        )
        page.close()
    listed = "".join(
        f'<ofd:Page ID="{100 + index}" BaseLoc="{name.removeprefix("Doc_0/")}"/>' for index, name in enumerate(pages)
    )
    parts = {
        "OFD.xml": f'<ofd:OFD {_OFD} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:DocID>0</ofd:DocID>'
        "</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {_OFD}><ofd:CommonData><ofd:MaxUnitID>9999</ofd:MaxUnitID><ofd:PageArea>"
        f"<ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages>{listed}</ofd:Pages>"
        "</ofd:Document>",
        **pages,
    }
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(zipfile.ZipInfo(name), '<?xml version="1.0" encoding="UTF-8"?>' + text)
    return out.getvalue()


_OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'
_MM = 25.4 / 72


def _runs(page: PdfPage, start: int, end: int) -> Iterator[list[Char]]:
    """The characters of a line, cut where a wide gap stands: cells of a table are text objects of their own."""
    run: list[Char] = []
    for char in page.chars(start, end):
        if run and char.x0 - run[-1].x1 > char.bottom - char.top:
            yield run
            run = []
        run.append(char)
    yield run


def _ofd_text(run: list[Char], size: float, number: int) -> str:
    left, top = run[0].x0 * _MM, min(char.top for char in run) * _MM
    box = f"{left:.3f} {top:.3f} {(run[-1].x1 - run[0].x0) * _MM:.3f} {size:.3f}"
    deltas = " ".join(f"{(after.x0 - before.x0) * _MM:.3f}" for before, after in pairwise(run))
    words = html.escape("".join(char.text for char in run))
    return (
        f'<ofd:TextObject ID="{number}" Boundary="{box}" Font="1" Size="{size:.3f}">'
        f'<ofd:TextCode X="0" Y="{run[0].base * _MM - top:.3f}" DeltaX="{deltas}">{words}</ofd:TextCode>'
        "</ofd:TextObject>"
    )


def _ofd_line(edge: Edge, index: int) -> str:
    width, height = (edge.x1 - edge.x0) * _MM, (edge.bottom - edge.top) * _MM
    return (
        f'<ofd:PathObject ID="{4000 + 5000 * index + round(edge.top + edge.x0)}" LineWidth="0.2" '
        f'Boundary="{edge.x0 * _MM:.3f} {edge.top * _MM:.3f} {width + 0.2:.3f} {height + 0.2:.3f}">'
        f"<ofd:AbbreviatedData>M 0 0 L {width:.3f} {height:.3f}</ofd:AbbreviatedData></ofd:PathObject>"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--chapters", action="store_true", help="only a short piece of each sample")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        blocks = chapter_of(name) if arguments.chapters else blocks_of(name)
        word = docx_of(blocks, name in NUMBERED)
        (arguments.folder / f"{name}.docx").write_bytes(word)
        (arguments.folder / f"{name}.html").write_text(html_of(blocks), encoding="utf-8")
        if shutil.which("soffice"):
            pdf = pdf_of(word)
            (arguments.folder / f"{name}.pdf").write_bytes(pdf)
            (arguments.folder / f"{name}.ofd").write_bytes(ofd_of(pdf))


if __name__ == "__main__":
    main()
