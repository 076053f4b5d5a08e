"""Put a document together from paragraphs and tables, with offsets that are counted and never looked up.

Readers of all formats but plain text share this: one line per paragraph, one line per table row, tabs between cells.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from planparse.document import Cell, Document, Note, Table
from planparse.errors import EmptyFileError, TooLargeError
from planparse.read.limits import MAX_TABLE_CELLS, MAX_TEXT_CHARS

_BLANKS = re.compile("[\\s\u200b\ufeff]+")
# Between two characters of Chinese a line break in the source is a wrapped line, not a space.
_CHINESE = "[\u3000-\u303f\u3400-\u9fff\uff00-\uffef“”‘’—]"
_WRAP = re.compile(f"(?<={_CHINESE})[ \t]*[\r\n]\\s*(?={_CHINESE})")


def one_line(text: str) -> str:
    """`text` with each run of white space as one space and none at its ends."""
    return _BLANKS.sub(" ", text).strip()


def unwrap(text: str) -> str:
    """As `one_line`, and line breaks inside Chinese removed."""
    return one_line(_WRAP.sub("", text))


@dataclass(slots=True)
class Box:
    """A table cell on its way into a document: its words (one line), and the grid rows and columns it covers."""

    text: str
    rows: int = 1
    cols: int = 1


Grid = list[list[Box]]
"""The boxes that begin in each grid row, left to right."""


def tidy(grid: Grid) -> Grid:
    """The grid without its blank rows, and with spans that end where it ends.

    A blank row stays when a cell from above reaches into it, or when one of its own cells reaches further down.
    Columns are counted as HTML does: a cell takes the first places that no cell from above covers. A column in which
    no cell begins is none (authors write colspan=20 for "all of them").
    """
    places: list[tuple[int, Box]] = []
    covered: dict[int, int] = {}  # column -> first row at which it is free again
    for index, row in enumerate(grid):
        column = 0
        for box in row:
            box.rows = max(1, min(box.rows, len(grid) - index))
            while covered.get(column, 0) > index:
                column += 1
            places.append((column, box))
            covered.update(dict.fromkeys(range(column, column + box.cols), index + box.rows))
            column += box.cols
    width = max((column for column, _ in places), default=0) + 1
    for column, box in places:
        box.cols = min(box.cols, width - column)
    rows: Grid = []
    owed = 0  # rows below that a cell from above still covers
    for row in grid:
        spread = max((box.rows for box in row), default=1)
        if owed or spread > 1 or any(box.text for box in row):
            rows.append(row)
        owed = max(owed - 1, spread - 1, 0)
    return rows


class Builder:
    """Collects the text of one document. Raises TooLargeError when text or tables go over the limits."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._parts: list[str] = []
        self._length = 0
        self._cells = 0
        self._tables: list[Table] = []
        self._pages: dict[int, int] = {}
        self.notes: list[Note] = []

    @property
    def length(self) -> int:
        """Characters so far: the offset at which the next line begins."""
        return self._length

    def line(self, text: str) -> None:
        """Add one paragraph as one line; blank ones add nothing."""
        if text:
            self._add(text + "\n")

    def page(self, index: int, offset: int | None = None) -> None:
        """Page `index` (from 0) begins at `offset`, or with the next line."""
        self._pages.setdefault(index, self._length if offset is None else offset)

    def table(self, grid: Grid) -> list[int]:
        """Add a table; the offset at which each of its rows begins, blank ones left out.

        One with a single column is a frame around paragraphs, and its cells become lines.
        """
        self._cells += sum(box.cols for row in grid for box in row)
        if self._cells > MAX_TABLE_CELLS:
            raise TooLargeError(self._name, f"its tables span more than {MAX_TABLE_CELLS:,} cells")
        grid = tidy(grid)
        starts: list[int] = []
        if all(len(row) <= 1 for row in grid):
            for row in grid:
                starts.append(self._length)
                for box in row:
                    self.line(box.text)
            return starts
        begin = self._length
        rows: list[tuple[Cell, ...]] = []
        for row in grid:
            starts.append(self._length)
            cells: list[Cell] = []
            for index, box in enumerate(row):
                if index:
                    self._add("\t")
                start = self._length
                self._add(box.text)
                cells.append(Cell(start, self._length, box.rows, box.cols))
            self._add("\n")
            rows.append(tuple(cells))
        self._tables.append(Table(begin, self._length - 1, tuple(rows)))
        return starts

    def document(self, data: bytes, media_type: str, encoding: str | None = None, pages: int | None = None) -> Document:
        """The finished document for the file `data`, with `pages` pages. Raises EmptyFileError when it has no text."""
        text = "".join(self._parts)
        if not text.strip():
            raise EmptyFileError(self._name, "the file holds no text")
        return Document(
            text=text,
            name=self._name,
            media_type=media_type,
            sha256=hashlib.sha256(data).hexdigest(),
            encoding=encoding,
            page_starts=None if pages is None else self._page_starts(pages),
            tables=tuple(self._tables),
            whole_lines=True,
            notes=tuple(self.notes),
        )

    def _page_starts(self, pages: int) -> tuple[int, ...]:
        """Where each page begins; one without text of its own begins where the next one does."""
        starts = [self._length] * pages
        begin = self._length
        for index in reversed(range(pages)):
            begin = min(begin, self._pages.get(index, begin))
            starts[index] = begin
        return tuple(starts)

    def _add(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
        if self._length > MAX_TEXT_CHARS:
            raise TooLargeError(self._name, f"holds more than {MAX_TEXT_CHARS:,} characters of text")
