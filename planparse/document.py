"""What a reader hands to the engine: one text, and what the format knew about it.

All offsets in this package count Unicode characters in `Document.text`, which is what `planparse text FILE` prints.
"""

from __future__ import annotations

from planparse.records import dataclass


@dataclass(slots=True, frozen=True)
class Cell:
    """One table cell: where its words stand in the text, and how many grid rows and columns it covers."""

    start: int
    end: int
    rows: int = 1
    cols: int = 1


@dataclass(slots=True, frozen=True)
class Table:
    """A table that the format marked as one (HTML, DOCX, ruled PDF).

    `rows[i]` lists the cells that *begin* in grid row i, left to right, as in HTML: a cell merged downwards stands
    only in its first row and covers the following ones by `Cell.rows`.
    In the text each row is one line, its cells separated by tabs.
    """

    start: int
    end: int
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(slots=True, frozen=True)
class Note:
    """A diagnostic in the terms of the output contract: code, severity ("error", "warning", "info"), message, place."""

    code: str
    severity: str
    message: str
    start: int
    end: int


@dataclass(slots=True, frozen=True)
class Document:
    """One source file as text.

    `name`: the path as the user gave it, or None for text handed over in memory.
    `encoding`: of the bytes, where the format has one (plain text, HTML), else None.
    `page_starts`: offset at which each page begins; None where the format has no pages.
    `whole_lines`: every line is a whole paragraph, cell row or heading, because the format marked them; False for
    plain text, where a paragraph may be broken over lines and pages.
    """

    text: str
    name: str | None
    media_type: str
    sha256: str
    encoding: str | None = None
    page_starts: tuple[int, ...] | None = None
    tables: tuple[Table, ...] = ()
    whole_lines: bool = False
    notes: tuple[Note, ...] = ()
