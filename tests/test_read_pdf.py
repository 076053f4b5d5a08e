"""PDF files: paragraphs out of lines, running lines, tables over pages, scans, hostile files."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import pytest

from files import pdf, pdf_objects, rule, text
from planparse.document import Document
from planparse.errors import DamagedFileError, EmptyFileError, MissingReaderError, PlanparseError, TooLargeError
from planparse.read import ocr, read_bytes, read_path
from planparse.read.chars import leading_width
from planparse.read.layout import Line, Page

DATA = Path(__file__).parent / "data"
LEFT, RIGHT, SIZE, PITCH = 90.0, 510.0, 14.0, 28.0
FULL = 30
"""Chinese characters of the type size on a line."""
WORDS = "妇女在全生命周期享有良好的卫生健康服务健康水平显著提升人均预期寿命持续提高"


def page_of(paragraphs: list[str], top: float = 760) -> tuple[bytes, float]:
    """Content that sets paragraphs as Word does: first line indented by two characters; and where it ends."""
    out = b""
    for paragraph in paragraphs:
        indent = 2
        while paragraph:
            line, paragraph = paragraph[: FULL - indent], paragraph[FULL - indent :]
            out += text(line, LEFT + indent * SIZE, top, SIZE)
            top -= PITCH
            indent = 0
    return out, top


def words(length: int, number: int = 0) -> str:
    """A sentence of `length` characters, begun by a number."""
    shift = 7 * number
    return ("一二三四五六七八九"[number] + WORDS[shift:] + WORDS * 5)[: length - 1] + "。"


def table(
    rows: list[list[str]], top: float, edges: tuple[float, ...] = (90, 150, 350, 510), height: float = 24
) -> bytes:
    """A ruled table, one line of words a cell."""
    out = b""
    for index in range(len(rows) + 1):
        out += rule(edges[0], top - index * height, edges[-1], top - index * height)
    for edge in edges:
        out += rule(edge, top, edge, top - len(rows) * height)
    for index, row in enumerate(rows):
        for edge, cell in zip(edges, row, strict=False):
            if cell:
                out += text(cell, edge + 5, top - index * height - 16, 10.5)
    return out


def rows_of(document: Document) -> list[list[tuple[str, int]]]:
    (found,) = document.tables
    return [[(document.text[cell.start : cell.end], cell.rows) for cell in row] for row in found.rows]


def test_lines_become_paragraphs() -> None:
    paragraphs = [words(100), words(28, 1), words(45, 2), "（一）指导思想", words(70, 3)]
    content, _ = page_of(paragraphs)
    document = read_bytes(pdf([content]), "x")
    assert document.text.splitlines() == paragraphs
    assert (document.page_starts, document.whole_lines, document.media_type) == ((0,), True, "application/pdf")


def test_a_paragraph_goes_on_over_a_page() -> None:
    long = words(200, 1)
    first, _ = page_of([words(100), long[:118]])
    second, _ = page_of([words(60, 2)], top=700)
    rest = b"".join(text(long[118 + FULL * n : 118 + FULL * (n + 1)], LEFT, 760 - PITCH * n, SIZE) for n in range(3))
    document = read_bytes(pdf([first, rest + page_of([words(60, 2)], 760 - 3 * PITCH)[0], second]), "x")
    assert document.text.splitlines() == [words(100), long, words(60, 2), words(60, 2)]
    starts = document.page_starts or ()
    assert document.text[starts[1] :].startswith(long[118:140])
    assert document.text[starts[2] - 1] == "\n"


def test_running_headers_footers_and_page_numbers_go() -> None:
    pages = []
    for number in range(1, 5):
        content, _ = page_of([words(100, number), words(80, number + 1)])
        content += text("某市人民政府公报", 90, 800, 9) + text(f"- {number} -", 280, 40, 10)
        pages.append(content + text("https://www.example.gov.cn/a.htm 1/4", 24, 15, 8))
    lines = read_bytes(pdf(pages), "x").text.splitlines()
    assert lines == [words(length, number + shift) for number in range(1, 5) for shift, length in ((0, 100), (1, 80))]


def test_a_bare_number_is_a_page_number_only_at_the_edge_and_in_order() -> None:
    content, top = page_of([words(100), words(80, 1)])
    other, _ = page_of([words(90, 2), words(70, 3)])
    document = read_bytes(pdf([content + text("1", 300, 40, 10), other + text("2", 300, 40, 10)]), "x")
    assert document.text.splitlines() == [words(100), words(80, 1), words(90, 2), words(70, 3)]
    kept = read_bytes(pdf([content + text("2025", LEFT + 2 * SIZE, top, SIZE)]), "x")
    assert kept.text.splitlines()[-1] == "2025"


def test_a_title_over_two_lines_is_one() -> None:
    body, _ = page_of([words(100), words(80, 1)], top=600)
    title = text("国务院关于印发《全民健身计划", 188, 760, 18) + text("（2026—2030年）》的通知", 200, 730, 18)
    document = read_bytes(pdf([title + text("国发〔2026〕26号", 250, 700, 14) + body]), "x")
    assert document.text.splitlines()[:2] == ["国务院关于印发《全民健身计划（2026—2030年）》的通知", "国发〔2026〕26号"]


def test_text_is_put_in_reading_order() -> None:
    body, _ = page_of([words(100)], top=600)
    # Quotation marks from another font come after their line, and what stands on top may come last.
    late = text("三、十四五妇女发展", 90, 500, SIZE)[:-3]
    gap = text("三、", 90, 500) + text("十四五", 90 + 3 * SIZE, 500) + text("时期", 90 + 7 * SIZE, 500)
    content = (
        body + gap + text("“", 90 + 2 * SIZE, 500) + text("”", 90 + 6 * SIZE, 500) + text("某市规划", 250, 760, 18)
    )
    lines = read_bytes(pdf([content]), "x").text.splitlines()
    assert lines[0] == "某市规划"
    assert lines[-1] == "三、“十四五”时期"
    assert late


def test_spaces_of_layout_go_and_those_of_words_stay() -> None:
    line = text("到", 90, 700) + text("2025", 90 + 1.25 * SIZE, 700) + text("年", 90 + 3.8 * SIZE, 700)
    content = line + text("plan of action", 90, 650)
    assert read_bytes(pdf([content]), "x").text.splitlines() == ["到2025年", "plan of action"]


def test_bold_by_double_drawing_counts_once() -> None:
    bold = text("一、总体要求", 118, 700) + text("一、总体要求", 118.3, 700)
    assert read_bytes(pdf([bold]), "x").text == "一、总体要求\n"


def test_radicals_are_replaced() -> None:
    assert read_bytes(pdf([text("⼥⼉⽼⺠⻓⻅⻋⽴", 90, 700)]), "x").text == "女儿老民长见车立\n"


def test_ruled_tables_keep_their_cells() -> None:
    body, top = page_of([words(100)])
    grid = [["序号", "指标", "目标值"], ["1", "人均预期寿命（岁）", "82"], ["2", "参保率", "95"], ["3", "识字率", ""]]
    document = read_bytes(pdf([body + table(grid, top) + text("注：以上为预期性指标。", 118, 400)]), "x")
    assert rows_of(document) == [[(cell, 1) for cell in row] for row in grid]
    assert document.text.splitlines()[1:3] == ["序号\t指标\t目标值", "1\t人均预期寿命（岁）\t82"]
    assert document.text.splitlines()[-1] == "注：以上为预期性指标。"


def test_a_table_drawn_without_its_outer_lines_keeps_its_outer_columns() -> None:
    grid = [["序号", "指标", "目标值"], ["1", "预期寿命", "82"], ["2", "参保率", "95"]]
    content = b"".join(rule(90, 500 - 24 * line, 510, 500 - 24 * line) for line in range(4))
    content += rule(150, 500, 150, 428) + rule(350, 500, 350, 428)
    content += b"".join(
        text(cell, x + 5, 484 - 24 * index, 10.5)
        for index, row in enumerate(grid)
        for x, cell in zip((90, 150, 350), row, strict=True)
    )
    assert rows_of(read_bytes(pdf([content]), "x")) == [[(cell, 1) for cell in row] for row in grid]


def test_merged_cells_and_lines_that_belong_to_no_cell() -> None:
    edges = (90.0, 200.0, 350.0, 510.0)
    content = b"".join(rule(x, 500, x, 428) for x in edges) + rule(90, 500, 510, 500) + rule(90, 428, 510, 428)
    content += rule(200, 476, 510, 476) + rule(90, 452, 350, 452)  # down over two rows on the left, on the right
    content += rule(210, 470, 260, 470) + rule(350, 470, 380, 470)  # an underline, and a stroke that touches a line
    words = [("一", 95, 484), ("二", 205, 484), ("三", 355, 484), ("四", 205, 460), ("五", 355, 440), ("六", 95, 436)]
    content += b"".join(text(*word, 10.5) for word in words) + text("七", 205, 436, 10.5)
    assert rows_of(read_bytes(pdf([content]), "x")) == [
        [("一", 2), ("二", 1), ("三", 1)],
        [("四", 1), ("五", 2)],
        [("六", 1), ("七", 1)],
    ]


def test_a_table_goes_on_over_a_page() -> None:
    head = ["序号", "指标", "目标值"]
    first = table([head, ["1", "预期寿命", "82"], ["2", "死亡率", "7"]], 200)
    again = table([head, ["3", "参保率", "95"]], 760)
    body, _ = page_of([words(100)])
    document = read_bytes(pdf([body + first, again + text("二、主要任务", 118, 600)]), "x")
    assert [row[0][0] for row in rows_of(document)] == ["序号", "1", "2", "3"]
    starts = document.page_starts or ()
    assert document.text[starts[1] :].startswith("3\t参保率")


def test_other_columns_or_words_between_begin_another_table() -> None:
    body, _ = page_of([words(100)])
    one, two = [["序号", "指标", "值"], ["1", "甲", "82"]], [["类别", "名称", "数"], ["2", "乙", "7"]]
    other = table(two, 760, (90, 250, 400, 510))
    assert len(read_bytes(pdf([body + table(one, 200), other]), "x").tables) == 2
    between = text("二、主要任务", 118, 780) + table(two, 740)
    assert len(read_bytes(pdf([body + table(one, 200), between]), "x").tables) == 2


def test_a_frame_holds_paragraphs_not_a_table() -> None:
    frame = rule(90, 700, 510, 700) + rule(90, 500, 510, 500) + rule(90, 700, 90, 500) + rule(510, 700, 510, 500)
    inside = text("专栏1 重点项目", 100, 680) + text("1.甲项目。", 128, 650) + text("2.乙项目。", 128, 620)
    document = read_bytes(pdf([frame + inside]), "x")
    assert document.tables == ()
    assert document.text.splitlines() == ["专栏1 重点项目", "1.甲项目。", "2.乙项目。"]


def test_shaded_text_is_no_table() -> None:
    shade = b"0.9 g " + b"".join(b"90 %d 420 20 re f\n" % (690 - 28 * line) for line in range(6)) + b"0 g\n"
    content, _ = page_of([words(150)], top=695)
    document = read_bytes(pdf([shade + content]), "x")
    assert (document.tables, document.text) == ((), words(150) + "\n")


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_turned_pages_are_read_as_they_are_seen(angle: int) -> None:
    # The content is turned the other way, so that it stands upright on the page.
    turn = {
        0: b"1 0 0 1 0 0",
        90: b"0 1 -1 0 595 0",
        180: b"-1 0 0 -1 595 842",
        270: b"0 -1 1 0 0 842",
    }[angle]
    grid = [["序号", "指标", "目标值"], ["1", "人均预期寿命", "82"], ["2", "参保率", "95"]]
    content = b"q %s cm\n" % turn + text("某市规划指标", 100, 540) + table(grid, 500) + b"Q\n"
    document = read_bytes(pdf([content], more=b"/Rotate %d" % angle), "x")
    assert document.text.splitlines()[0] == "某市规划指标"
    assert rows_of(document) == [[(cell, 1) for cell in row] for row in grid]


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("妇女", 1.0),
        ("女、儿", 2.0),
        ("“十四五”规", 2.0),
        ("五”规划", 3.0),
        ("2025年", 2.4),
        ("95%，其", 3.2),
        ("（一）", 3.0),
    ],
)
def test_what_must_not_be_parted_needs_room_together(text: str, width: float) -> None:
    assert leading_width(text) == pytest.approx(width)


@pytest.mark.parametrize(
    ("data", "error", "cause"),
    [
        (pdf([b""]), EmptyFileError, "no text"),
        (pdf([text("plan", 90, 700)])[:300], DamagedFileError, "truncated"),
        (b"%PDF-1.7\n" + b"\x00" * 500, DamagedFileError, "damaged"),
        (
            pdf_objects([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]),
            DamagedFileError,
            "damaged",
        ),
        (pdf([zlib.compress(b" " * (20 << 20))], b"/Filter/FlateDecode"), TooLargeError, "unpacks"),
        (pdf([b""] * 2001), TooLargeError, "2,001 pages"),
    ],
    ids=["blank", "truncated", "broken", "no pages", "bomb", "pages"],
)
def test_hostile_files(data: bytes, error: type[PlanparseError], cause: str) -> None:
    with pytest.raises(error, match=cause) as caught:
        read_bytes(data, "x.pdf")
    assert "\n" not in str(caught.value)


def test_encrypted_files() -> None:
    secret = b"<</Filter/Standard/V 1/R 2/O<%s>/U<%s>/P -4>>" % (b"41" * 32, b"42" * 32)
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>", secret]
    data = pdf_objects(objects, b"/Encrypt 3 0 R/ID[<41><41>]")
    with pytest.raises(DamagedFileError, match="encrypted"):
        read_bytes(data, "x.pdf")


def test_a_lattice_of_lines_is_a_drawing() -> None:
    lattice = b"".join(rule(0, y, 595, y) for y in range(0, 840, 4)) + b"".join(
        rule(x, 0, x, 842) for x in range(0, 590, 4)
    )
    assert read_bytes(pdf([lattice + text("plan 2025", 90, 700)]), "x").text == "plan 2025\n"


# Scans

PICTURE = b"q 595 0 0 842 0 0 cm BI /W 2 /H 2 /CS /G /BPC 8 ID \x00\xff\xff\x00 EI Q\n" + text("scanner", 400, 20, 8)


def test_a_scan_without_the_extra_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "is_installed", lambda: False)
    with pytest.raises(MissingReaderError, match=r"planparse\[ocr\]"):
        read_bytes(pdf([PICTURE]), "scan.pdf")


def test_scanned_pages_among_others_are_left_out_with_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "is_installed", lambda: False)
    content, _ = page_of([words(100)])
    document = read_bytes(pdf([content, PICTURE]), "x")
    assert [(note.code, note.severity) for note in document.notes] == [("page-not-read", "warning")]
    assert "pages 2" in document.notes[0].message


class Found:
    """What a recogniser returns."""

    def __init__(self, lines: list[tuple[str, float, float, float]]) -> None:
        self.txts = tuple(words for words, _, _, _ in lines) or None
        self.scores = tuple(score for _, _, _, score in lines)
        self.boxes: Any = [self._box(*line) for line in lines] or None

    @staticmethod
    def _box(words: str, x: float, y: float, _: float) -> list[tuple[float, float]]:
        scale = 150 / 72
        left, top, right, bottom = x * scale, y * scale, (x + 14 * len(words)) * scale, (y + 14) * scale
        return [(left, top), (right, top), (right, bottom), (left, bottom)]


@pytest.mark.skipif(not ocr.is_installed(), reason="needs the extra planparse[ocr]: numpy and OpenCV come with it")
def test_a_scan_becomes_paragraphs_with_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = words(50), words(20, 1)
    lines = [(one[:28], 118.0, 100.0, 0.99), (one[28:], 90.0, 128.0, 0.99), (two, 118.0, 156.0, 0.7)]
    calls: list[tuple[int, int]] = []
    monkeypatch.setattr(ocr, "_engine", lambda: lambda picture, use_cls: Found(lines))
    document = read_bytes(pdf([PICTURE]), "scan.pdf", progress=lambda done, total: calls.append((done, total)))
    assert document.text.splitlines() == [one, two]
    assert calls == [(0, 1), (1, 1)]
    doubt, mean = document.notes
    assert (doubt.code, document.text[doubt.start : doubt.end]) == ("ocr-uncertain", two)
    assert (mean.code, mean.severity, mean.start, mean.end) == ("ocr", "info", 0, len(document.text))


@pytest.mark.skipif(not ocr.is_installed(), reason="needs the extra planparse[ocr]: numpy and OpenCV come with it")
def test_a_page_scanned_on_its_side_is_turned(monkeypatch: pytest.MonkeyPatch) -> None:
    upright = Found([(words(20), 90.0, 100.0, 0.99)])
    on_end = Found([(words(20), 90.0, 100.0, 0.97)])
    on_end.boxes = [[(200.0, 200.0), (230.0, 200.0), (230.0, 780.0), (200.0, 780.0)]]
    monkeypatch.setattr(ocr, "_engine", lambda: lambda picture, use_cls: upright if picture.shape[1] > 1500 else on_end)
    document = read_bytes(pdf([PICTURE]), "scan.pdf")
    assert document.text == words(20) + "\n"


def test_more_scanned_pages_than_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "is_installed", lambda: True)
    with pytest.raises(TooLargeError, match="scanned pages"):
        ocr.read_pages([(Page(595, 842, []), lambda scale: None)] * 201, "x", None)


def test_characters_of_a_line_are_spread_over_it() -> None:
    chars = ocr.spread(Line("到25年", 100, 0, 143.4, 14, 14, 14))
    assert [char.text for char in chars] == ["到", "2", "5", "年"]
    assert chars[0].x0 == 100
    assert chars[-1].x1 == pytest.approx(143.4)
    assert chars[1].x1 - chars[1].x0 < chars[0].x1 - chars[0].x0


# Real files


def test_a_page_printed_by_a_browser() -> None:
    document = read_path(DATA / "real" / "fitness-plan-2026.pdf")
    lines = document.text.splitlines()
    assert lines[:4] == [
        "国务院关于印发《全民健身计划（2026—2030年）》的通知",
        "国发〔2026〕26号",
        "各省、自治区、直辖市人民政府，国务院各部委、各直属机构：",
        "现将《全民健身计划（2026—2030年）》印发给你们，请认真贯彻执行。",
    ]
    assert lines[7] == "全民健身计划（2026—2030年）"
    assert len(lines) == 29
    assert "经常参加体育锻炼人数比例达到40%左右，国民体质水平持续提高。" in document.text
    assert all(word not in document.text for word in ("https", "2026/7/24", "1/7"))
    assert len(document.page_starts or ()) == 7
    assert document.tables == ()


@pytest.mark.parametrize("name", ["jiaxing", "zhangjiagang"])
def test_a_chapter_printed_by_libreoffice_is_the_word_file(name: str) -> None:
    word, printed = read_path(DATA / "formats" / f"{name}.docx"), read_path(DATA / "formats" / f"{name}.pdf")
    assert _compact(printed) == _compact(word)
    spans = [[[(cell.rows, cell.cols) for cell in row] for row in table.rows] for table in printed.tables]
    assert spans == [[[(cell.rows, cell.cols) for cell in row] for row in table.rows] for table in word.tables]


def _compact(document: Document) -> str:
    return document.text.replace(" ", "")
