"""Word files: numbering, tables, tracked changes, text boxes; each rule of the format by a file made for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from files import abstract, cell, docx, level, num, numbered, package, paragraph, row
from planparse.errors import DamagedFileError, EmptyFileError, TooLargeError, UnsupportedFormatError
from planparse.read import read_bytes, read_path
from planparse.read.numbers import chinese_digits, chinese_number, numeral

REAL = Path(__file__).parent / "data" / "real"

CHAPTERS = abstract(
    0,
    level(0, "chineseCountingThousand", "%1、"),
    level(1, "chineseCounting", "（%2）"),
    level(2, "decimal", "%3."),
    level(3, "decimal", "%1.%2.%4", "<w:isLgl/>"),
)
MARKS = abstract(
    1,
    level(0, "ideographEnclosedCircle", "%1"),
    level(1, "bullet", "\uf06c"),
    level(2, "decimalEnclosedCircle", "%3", '<w:pStyle w:val="Ring"/><w:suff w:val="nothing"/>'),
    level(3, "decimal", "第%4条", '<w:lvlRestart w:val="0"/>'),
    level(4, "decimal", "%5)", '<w:lvlRestart w:val="1"/>'),
)
LISTS = CHAPTERS + MARKS + num(1, 0) + num(3, 1)


def lines(body: str, numbering: str = "", styles: str = "") -> list[str]:
    return read_bytes(docx(body, numbering, styles), "x").text.splitlines()


def grid(body: str) -> list[list[tuple[str, int, int]]]:
    document = read_bytes(docx(body), "x")
    (table,) = document.tables
    return [[(document.text[cell.start : cell.end], cell.rows, cell.cols) for cell in row] for row in table.rows]


def test_numbers_are_counted_by_level() -> None:
    places = [(0, "总体"), (1, "指导"), (2, "甲"), (2, "乙"), (1, "原则"), (2, "丙"), (3, "丁"), (0, "任务"), (1, "戊")]
    assert lines("".join(numbered(words, 1, depth) for depth, words in places), LISTS) == [
        *("一、总体", "（一）指导", "1. 甲", "2. 乙", "（二）原则", "1. 丙", "1.2.1 丁", "二、任务", "（一）戊")
    ]


def test_lists_of_one_definition_count_together_and_an_override_restarts_once() -> None:
    start = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    lists = LISTS + num(2, 0, start) + num(4, 0)
    body = [numbered(words, list_id, 0) for words, list_id in (("甲", 1), ("乙", 2), ("丙", 2), ("丁", 1), ("戊", 4))]
    assert lines("".join(body), lists) == ["一、甲", "五、乙", "六、丙", "七、丁", "八、戊"]


def test_restart_rules() -> None:
    body = [(0, "a"), (3, "b"), (4, "c"), (1, "d"), (3, "e"), (4, "f"), (0, "g"), (3, "h"), (4, "i")]
    assert lines("".join(numbered(words, 3, depth) for depth, words in body), LISTS) == [
        *("㈠ a", "第1条 b", "1)c", "d", "第2条 e", "2)f", "㈡ g", "第3条 h", "1)i")
    ]


def test_numbering_comes_from_styles_too() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="One"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Two"><w:basedOn w:val="One"/><w:pPr><w:numPr><w:ilvl w:val="1"/>'
        "</w:numPr></w:pPr></w:style>"
        '<w:style w:type="paragraph" w:styleId="Ring"><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Loop"><w:basedOn w:val="Loop"/></w:style>'
    )

    def styled(words: str, style: str, more: str = "") -> str:
        return paragraph(words, f'<w:pStyle w:val="{style}"/>{more}')

    body = styled("甲", "One") + styled("乙", "Two") + styled("丙", "Ring") + styled("丁", "Loop")
    body += styled("戊", "One", '<w:numPr><w:numId w:val="0"/></w:numPr>') + styled("己", "One")
    assert lines(body, LISTS, styles) == ["一、甲", "（一）乙", "①丙", "丁", "戊", "二、己"]


def test_a_list_may_take_its_levels_from_a_numbering_style() -> None:
    styles = (
        '<w:style w:type="numbering" w:styleId="S"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    )
    link = '<w:abstractNum w:abstractNumId="8"><w:numStyleLink w:val="S"/></w:abstractNum>' + num(8, 8)
    assert lines(numbered("甲", 8, 0) + numbered("乙", 1, 0), CHAPTERS + link + num(1, 0), styles) == [
        "一、甲",
        "二、乙",
    ]


@pytest.mark.parametrize(
    ("number", "kind", "shown"),
    [
        (12, "chineseCounting", "十二"),
        (20, "chineseCountingThousand", "二十"),
        (105, "chineseCountingThousand", "一百零五"),
        (1010, "japaneseCounting", "一千零一十"),
        (12, "chineseLegalSimplified", "壹拾贰"),
        (20, "ideographDigital", "二〇"),
        (3, "ideographTraditional", "丙"),
        (12, "ideographZodiac", "亥"),
        (10, "ideographEnclosedCircle", "㈩"),
        (11, "ideographEnclosedCircle", "11"),
        (20, "decimalEnclosedCircleChinese", "⑳"),
        (21, "decimalEnclosedCircle", "21"),
        (3, "decimalEnclosedParen", "⑶"),
        (4, "decimalEnclosedFullstop", "⒋"),
        (7, "decimalZero", "07"),
        (12, "decimalFullWidth", "１２"),
        (27, "upperLetter", "AA"),
        (4, "lowerRoman", "iv"),
        (1994, "upperRoman", "MCMXCIV"),
        (5, "none", ""),
        (5, "unheardOf", "5"),
    ],
)
def test_number_formats(number: int, kind: str, shown: str) -> None:
    assert numeral(number, kind) == shown


def test_chinese_numbers_are_all_different_and_in_order_of_their_digits() -> None:
    words = [chinese_number(number) for number in range(1, 1000)]
    assert len(set(words)) == 999
    assert words[9:12] == ["十", "十一", "十二"]
    assert [chinese_number(0), chinese_number(10_000), chinese_digits(305)] == ["0", "10000", "三〇五"]


def test_tracked_changes() -> None:
    run = "<w:r><w:t>{}</w:t></w:r>"
    body = (
        f"<w:p>{run.format('前')}<w:del>{run.format('删')}<w:r><w:delText>除</w:delText></w:r></w:del>"
        f"<w:ins>{run.format('增')}</w:ins><w:moveFrom>{run.format('旧')}</w:moveFrom>"
        f"<w:moveTo>{run.format('新')}</w:moveTo></w:p>"
    )
    joined = (
        paragraph("上半", "<w:rPr><w:del/></w:rPr>") + paragraph("下半") + paragraph("末", "<w:rPr><w:del/></w:rPr>")
    )
    table = f"<w:tbl>{row(cell(paragraph('甲')), cell(paragraph('乙')))}"
    table += row(cell(paragraph("丙")), cell(paragraph("丁")), properties="<w:del/>") + "</w:tbl>"
    assert lines(body + table + joined) == ["前增新", "甲\t乙", "上半下半", "末"]


def test_breaks_tabs_symbols_and_hidden_text() -> None:
    body = (
        "<w:p><w:r><w:t>一</w:t><w:tab/><w:t>二</w:t><w:br/><w:t>三</w:t><w:noBreakHyphen/><w:softHyphen/><w:t>四</w:t>"
        '<w:sym w:font="Symbol" w:char="F0B3"/><w:t>95%\uf0b495</w:t><w:sym w:font="Wingdings" w:char="F06C"/></w:r>'
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐</w:t></w:r><w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>显</w:t></w:r>"
        "<w:fldSimple w:instr='PAGE'><w:r><w:t>7</w:t></w:r></w:fldSimple><w:r><w:instrText>TOC</w:instrText></w:r>"
        "</w:p>"
    )
    assert lines(body) == ["一\t二", "三-四≥95%×95 显7"]


def test_text_boxes_once_and_content_controls() -> None:
    inside = f"<w:txbxContent>{paragraph('框内一')}{paragraph('框内二')}</w:txbxContent>"
    choice = f"<mc:Choice Requires='wps'><wps:txbx>{inside}</wps:txbx></mc:Choice>"
    fallback = f"<mc:Fallback><v:textbox>{inside}</v:textbox></mc:Fallback>"
    anchored = f"<w:p><w:r><w:t>正文</w:t><mc:AlternateContent>{choice}{fallback}</mc:AlternateContent></w:r></w:p>"
    control = f"<w:sdt><w:sdtPr/><w:sdtContent>{paragraph('控件')}</w:sdtContent></w:sdt>"
    contents = (
        '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
        f"<w:sdtContent>{paragraph('一、总体要求 1')}</w:sdtContent></w:sdt>"
    )
    assert lines(contents + anchored + control) == ["正文", "框内一", "框内二", "控件"]


def test_tables_with_merged_cells() -> None:
    merged = '<w:vMerge w:val="restart"/>'
    body = (
        "<w:tbl>"
        + row(cell(paragraph("序号"), merged), cell(paragraph("目标"), '<w:gridSpan w:val="2"/>'))
        + row(cell("<w:p/>", "<w:vMerge/>"), cell(paragraph("2025")), cell(paragraph("2030")))
        + row(
            cell(paragraph("一") + paragraph("二")),
            f"<w:sdt><w:sdtContent>{cell(paragraph('3'))}</w:sdtContent></w:sdt>",
        )
        + row(
            cell(paragraph("左"), '<w:hMerge w:val="restart"/>'), cell("<w:p/>", "<w:hMerge/>"), cell(paragraph("右"))
        )
        + row(cell(paragraph("缩进")), properties='<w:gridBefore w:val="2"/>')
        + row(cell("<w:p/>"), cell("<w:p/>"))
        + "</w:tbl>"
    )
    assert grid(body) == [
        [("序号", 2, 1), ("目标", 1, 2)],
        [("2025", 1, 1), ("2030", 1, 1)],
        [("一 二", 1, 1), ("3", 1, 1)],
        [("左", 1, 2), ("右", 1, 1)],
        [("", 1, 2), ("缩进", 1, 1)],
    ]


def test_frames_and_tables_in_tables() -> None:
    inner = f"<w:tbl>{row(cell(paragraph('甲')), cell(paragraph('乙')))}</w:tbl>"
    frame = (
        "<w:tbl>"
        + row(cell(paragraph("专栏1")))
        + row(cell(paragraph("1.一") + inner + paragraph("2.二")))
        + "</w:tbl>"
    )
    assert lines(frame) == ["专栏1", "1.一", "甲\t乙", "2.二"]
    assert grid("<w:tbl>" + row(cell(paragraph("外")), cell(inner + "<w:p/>")) + "</w:tbl>") == [
        [("外", 1, 1), ("甲 乙", 1, 1)]
    ]


def test_numbers_in_table_cells_are_counted() -> None:
    rows = "".join(row(cell(numbered("", 1, 2)), cell(paragraph(words))) for words in ("甲", "乙"))
    body = (
        "<w:tbl>"
        + "".join(row(cell(numbered(words, 1, 2)), cell(paragraph("值"))) for words in ("甲", "乙"))
        + "</w:tbl>"
    )
    assert lines(body, LISTS) == ["1. 甲\t值", "2. 乙\t值"]
    assert lines(f"<w:tbl>{rows}</w:tbl>", LISTS) == ["1.\t甲", "2.\t乙"]


def test_a_title_over_several_centred_lines_is_one() -> None:
    centred = '<w:jc w:val="center"/>'

    def titled(words: str, size: int) -> str:
        run = f'<w:r><w:rPr><w:sz w:val="{size}"/></w:rPr><w:t>{words}</w:t></w:r>'
        return f"<w:p><w:pPr>{centred}</w:pPr>{run}</w:p>"

    body = (
        titled("嘉兴市人民政府关于印发", 44) + titled("嘉兴市妇女发展规划的通知", 44) + titled("嘉政发〔2021〕3号", 32)
    )
    assert lines(body) == ["嘉兴市人民政府关于印发嘉兴市妇女发展规划的通知", "嘉政发〔2021〕3号"]


@pytest.mark.parametrize(
    ("data", "error", "cause"),
    [
        (docx("<w:p/>"), EmptyFileError, "no text"),
        (docx(paragraph("一"))[:-30], DamagedFileError, "truncated"),
        (docx(paragraph("一")).replace(b"PK\x01\x02", b"PK\x01\x03"), DamagedFileError, "damaged"),
        (package({"word/document.xml": "<w"}), DamagedFileError, "no valid XML"),
        (package({"word/document.xml": "<a/>"}), DamagedFileError, "no document body"),
        (package({"word/document.xml": "<a>" * 100_000}), DamagedFileError, "no valid XML"),
        (package({"word/document.xml": "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"}), DamagedFileError, "document type"),
        (package({"word/document.xml": b" " * (201 << 20)}), TooLargeError, "200 MB"),
        (package({"word/document.xml": "<a>" + "<b/>" * 2_000_001}), TooLargeError, "tags"),
        (package({f"{index}": "" for index in range(10_001)}), TooLargeError, "members"),
        (package({"xl/workbook.xml": "<a/>"}), UnsupportedFormatError, "spreadsheet"),
        (package({"ppt/presentation.xml": "<a/>"}), UnsupportedFormatError, "presentation"),
        (package({"a.txt": "一"}), UnsupportedFormatError, "archive"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_packages(data: bytes, error: type[Exception], cause: str) -> None:
    with pytest.raises(error, match=cause):
        read_bytes(data, "x.docx")


def test_nothing_outside_the_package_is_read() -> None:
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" '
        'Type="http://x/numbering" Target="../../../../etc/passwd"/><Relationship Id="b" Type="http://x/styles" '
        'Target="http://127.0.0.1:1/styles.xml" TargetMode="External"/></Relationships>'
    )
    document = docx(paragraph("一")).replace(b"", b"")
    parts = {"word/document.xml": f"<w:document {_namespaces()}><w:body>{paragraph('一')}</w:body></w:document>"}
    parts["word/_rels/document.xml.rels"] = relations
    assert read_bytes(package(parts), "x").text == read_bytes(document, "x").text == "一\n"


def _namespaces() -> str:
    return 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def test_strict_documents() -> None:
    strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    body = paragraph("严格")
    parts = {"word/document.xml": f'<w:document xmlns:w="{strict}"><w:body>{body}</w:body></w:document>'}
    assert read_bytes(package(parts), "x").text == "严格\n"


def test_a_digest_as_word_and_as_pdf_is_the_same_text() -> None:
    word, printed = read_path(REAL / "no1-digest-2026.docx"), read_path(REAL / "no1-digest-2026.pdf")
    assert word.text == printed.text
    assert word.text.splitlines()[3:5][0] == "一、提升农业综合生产能力和质量效益"
    assert len(word.text.splitlines()) == 37
    assert (word.page_starts, len(printed.page_starts or ())) == (None, 14)
