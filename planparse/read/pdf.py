"""PDF files: text and ruling lines with pypdfium2, tables from the lines, scanned pages by recognition (an extra)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial

import pypdfium2 as pdfium

from planparse.document import Document, Note
from planparse.errors import DamagedFileError, MissingReaderError, TooLargeError
from planparse.read import flow
from planparse.read.build import Builder
from planparse.read.chars import Char
from planparse.read.layout import Edge, Line, Page, in_reading_order, may_hold_tables
from planparse.read.limits import MAX_PAGES, MAX_TEXT_CHARS
from planparse.read.pdf_guard import check_streams
from planparse.read.pdf_page import PdfPage

_SCAN_CHARS = 40
"""A page with fewer characters than this (a scanner's mark, a stamp) and a picture over half of it is a scan."""
_SCAN_PICTURE = 0.5
_OUTLINE_PATHS = 500
"""A page without text that draws this many paths has its letters as outlines."""
_GARBLED = re.compile("[\x00-\x1f\ue000-\uf8ff\ufffd]")
_GARBLED_SHARE = 0.3
"""With a font that has no character map the words on the page cannot be told from its codes."""


def read(data: bytes, name: str, progress: Callable[[int, int], None] | None = None) -> Document:
    """The document in the PDF file `data`; `progress` is told of scanned pages as they are recognised.

    Raises DamagedFileError (broken, truncated, encrypted), TooLargeError, EmptyFileError or MissingReaderError (a
    scan, without the extra that reads it).
    """
    check_streams(data, name)
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
        notes = _read_scans(file, pages, scans, name, progress) if scans else []
    finally:
        file.close()
    flow.write(pages, builder)
    builder.notes += [Note(code, severity, words, 0, builder.length) for code, severity, words in notes]
    return builder.document(data, "application/pdf", pages=count)


def _read_scans(
    file: pdfium.PdfDocument,
    pages: list[Page],
    scans: list[int],
    name: str,
    progress: Callable[[int, int], None] | None,
) -> list[tuple[str, str, str]]:
    """Recognise the scanned pages; what the reader of the result should know, as (code, severity, message).

    Without the extra a file that has text on its other pages is read without the scanned ones.
    """
    from planparse.read import ocr

    numbers = ", ".join(str(index + 1) for index in scans[:20]) + (" …" if len(scans) > 20 else "")
    try:
        confidence = ocr.read_pages([(pages[index], partial(_picture, file, index)) for index in scans], name, progress)
    except MissingReaderError:
        if not any(page.lines or page.tables for page in pages):
            raise
        return [("page-not-read", "warning", f"pages {numbers} are scans, left out: reading them needs planparse[ocr]")]
    return [("ocr", "info", f"pages {numbers} were recognised from pictures, mean confidence {confidence:.3f}")]


def _picture(file: pdfium.PdfDocument, index: int, scale: float) -> object:
    """Page `index` as an array (height, width, 3) of bytes, `scale` pixels a point."""
    page = file[index]
    try:
        return page.render(scale=scale).to_numpy()
    finally:
        page.close()


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
    found = Page(page.width, page.height, [page.line(start, end) for start, end in page.ranges()])

    def chars_of(line: Line) -> list[Char]:
        return page.chars(*line.span) if line.span else []

    if may_hold_tables(edges):
        from planparse.read import ruled

        ruled.find_tables(found, edges, chars_of)
    found.lines = in_reading_order(found.lines, chars_of)
    return found
