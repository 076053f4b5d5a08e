"""PDF files: text with pypdfium2, ruled tables with pdfplumber's finder, scanned pages by recognition (an extra)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # ships no types

from planparse.document import Document
from planparse.errors import DamagedFileError, TooLargeError
from planparse.read import layout
from planparse.read.build import Builder
from planparse.read.chars import Char, Rect, line_text, visual_lines
from planparse.read.layout import Line, Page
from planparse.read.limits import MAX_PAGES, MAX_TEXT_CHARS
from planparse.read.pdf_page import Edge, PdfPage

_MIN_RULES = 2
"""Horizontal and vertical ruling lines each, fewer of which form no table."""
_SCAN_CHARS = 40
"""A page with fewer characters than this (a scanner's mark, a stamp) and a picture over half of it is a scan."""
_SCAN_PICTURE = 0.5
_OUTLINE_PATHS = 500
"""A page without text that draws this many paths has its letters as outlines."""
_GARBLED = re.compile("[\x00-\x1f\ue000-\uf8ff\ufffd]")
_GARBLED_SHARE = 0.3
"""With a font that has no character map the words on the page cannot be told from its codes."""
_SAME_LINE = 0.6
"""Two pieces of text stand on one line when they overlap by this share of the lower one's height."""
_COLUMN_ROWS = 6
"""A page has columns when more lines than this, and a third of them, have several pieces."""


def read(data: bytes, name: str, progress: Callable[[int, int], None] | None = None) -> Document:
    """The document in the PDF file `data`; `progress` is told of scanned pages as they are recognised.

    Raises DamagedFileError (broken, truncated, encrypted), TooLargeError, EmptyFileError or MissingReaderError (a
    scan, without the extra that reads it).
    """
    try:
        file = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise DamagedFileError(name, "the PDF is encrypted: save it without a password first") from error
        raise DamagedFileError(name, "the PDF is truncated or damaged") from error
    builder = Builder(name)
    try:
        count = len(file)
        if count > MAX_PAGES:
            raise TooLargeError(name, f"has {count:,} pages, over the limit of {MAX_PAGES:,}")
        if not count:
            raise DamagedFileError(name, "the PDF has no pages")
        pages, scans = _read_pages(file, name)
        if scans:
            from planparse.read import ocr

            ocr.read_scans(file, pages, scans, builder, name, progress)
    finally:
        file.close()
    layout.write(pages, builder)
    return builder.document(data, "application/pdf", pages=count)


def _read_pages(file: pdfium.PdfDocument, name: str) -> tuple[list[Page], list[int]]:
    """Each page's lines and tables, and the indexes of the pages that are scans."""
    pages: list[Page] = []
    scans: list[int] = []
    chars = 0
    for index in range(len(file)):
        try:
            page = PdfPage(file[index])
        except pdfium.PdfiumError as error:
            raise DamagedFileError(name, f"page {index + 1} of the PDF is damaged") from error
        try:
            chars += len(page.text)
            if chars > MAX_TEXT_CHARS:
                raise TooLargeError(name, f"holds more than {MAX_TEXT_CHARS:,} characters of text")
            edges, picture, paths = page.drawings()
            if _is_scan(page.text, picture, paths):
                scans.append(index)
                pages.append(Page(page.width, page.height, []))
            else:
                pages.append(_read_page(page, edges))
        finally:
            page.close()
    return pages, scans


def _is_scan(text: str, picture: float, paths: int) -> bool:
    words = "".join(text.split())
    if len(words) < _SCAN_CHARS:
        return picture > _SCAN_PICTURE or paths > _OUTLINE_PATHS
    return len(_GARBLED.findall(words)) > _GARBLED_SHARE * len(words)


def _read_page(page: PdfPage, edges: Sequence[Edge]) -> Page:
    vertical = sum(edge.is_vertical for edge in edges)
    found = Page(page.width, page.height, [page.line(start, end) for start, end in page.ranges()])
    if vertical >= _MIN_RULES and len(edges) - vertical >= _MIN_RULES:
        _find_tables(page, found, edges)
    found.lines = _in_reading_order(found.lines, page)
    return found


def _find_tables(page: PdfPage, found: Page, edges: Sequence[Edge]) -> None:
    """Move the words inside a table's cells there; note which lines stand inside a frame."""
    from planparse.read import pdf_table

    tables: list[tuple[list[Rect], list[Char]]] = []
    frames: list[Rect] = []
    for cells in pdf_table.find_tables(edges):
        if len({round(cell[0]) for cell in cells}) > 1:
            tables.append((cells, []))
        else:
            frames += cells
    lines: list[Line] = []
    for line in found.lines:
        left_over: list[Char] = []
        moved = False
        if tables and line.span:
            for char in page.chars(*line.span):
                owner = next((chars for cells, chars in tables if _holds(cells, char)), None)
                moved = moved or owner is not None
                (left_over if owner is None else owner).append(char)
        lines += [_line_of(visual, line.font) for visual in visual_lines(left_over)] if moved else [line]
    for line in lines:
        middle = (line.top + line.bottom) / 2
        for index, (left, top, right, bottom) in enumerate(frames, 1):
            if left - 2 <= line.x0 and line.x1 <= right + 2 and top <= middle <= bottom:
                line.region = index
                break
    found.lines = lines
    found.frames = [(left, right) for left, _, right, _ in frames]
    found.tables = [pdf_table.place(cells, chars) for cells, chars in tables]


def _holds(cells: Sequence[Rect], char: Char) -> bool:
    x, y = (char.x0 + char.x1) / 2, (char.top + char.bottom) / 2
    return any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in cells)


def _line_of(chars: Sequence[Char], font: float) -> Line:
    top, bottom = min(char.top for char in chars), max(char.bottom for char in chars)
    em = chars[0].bottom - chars[0].top
    return Line(line_text(chars), chars[0].x0, top, chars[-1].x1, bottom, em, font)


def _in_reading_order(lines: list[Line], page: PdfPage) -> list[Line]:
    """Lines from top to bottom; pieces that stand on one line put together.

    Content order is not reading order: quotation marks from another font come after their line, a table that stands
    above may come last. A page on which much stands side by side has columns, and is left in content order.
    """
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.top + line.bottom):
        if rows:
            first = rows[-1][0]
            overlap = min(first.bottom, line.bottom) - max(first.top, line.top)
            if overlap > _SAME_LINE * min(first.bottom - first.top, line.bottom - line.top):
                rows[-1].append(line)
                continue
        rows.append([line])
    shared = sum(len(row) > 1 for row in rows)
    if shared > max(_COLUMN_ROWS, len(rows) // 3):
        return lines
    return [row[0] if len(row) == 1 else _joined(row, page) for row in rows]


def _joined(row: list[Line], page: PdfPage) -> Line:
    row.sort(key=lambda line: line.x0)
    fonts = max(row, key=lambda line: len(line.text)).font
    spans = [line.span for line in row if line.span]
    if len(spans) == len(row) and any(after.x0 < before.x1 - 0.3 * before.em for before, after in pairwise(row)):
        chars = [char for span in spans for char in page.chars(*span)]
        visual = max(visual_lines(chars), key=len)
        if len(visual) >= len(chars) - len(row):  # else they only look like one line
            return _line_of(visual, fonts)
    return Line(
        " ".join(line.text for line in row),
        row[0].x0,
        min(line.top for line in row),
        max(line.x1 for line in row),
        max(line.bottom for line in row),
        row[0].em,
        fonts,
        row[0].region,
    )
