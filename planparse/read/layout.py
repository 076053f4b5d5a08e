"""Lines and tables with their places on a page: what PDF, OFD and recognised scans have in common.

Lengths are in points (1/72 inch), measured from the page's top left corner, y downwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from planparse.read.chars import Char, line_text, visual_lines


@dataclass(slots=True)
class Line:
    """One line of text on a page. `em`: the height of its characters; `font`: what tells styles apart (a size)."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    em: float
    font: float
    region: int = 0
    """0: the page's body; others: the frame (a table with one column, drawn around paragraphs) that holds the line."""
    span: tuple[int, int] | None = None
    """Its characters in the text that the page was read from, where there is one."""
    confidence: float = 1.0
    """How sure a recogniser is of it, 0 to 1."""

    @classmethod
    def of(cls, chars: Sequence[Char], font: float, confidence: float = 1.0) -> Line:
        """The line that `chars`, from left to right, make."""
        return cls(
            line_text(chars),
            chars[0].x0,
            min(char.top for char in chars),
            chars[-1].x1,
            max(char.bottom for char in chars),
            chars[0].bottom - chars[0].top,
            font,
            confidence=confidence,
        )


@dataclass(slots=True)
class Edge:
    """A horizontal or vertical ruling line."""

    x0: float
    top: float
    x1: float
    bottom: float

    @property
    def is_vertical(self) -> bool:
        return self.bottom - self.top > self.x1 - self.x0


@dataclass(slots=True)
class PlacedBox:
    """A table cell on a page. `room`: what its last line leaves free, in em; words cut by a page break do not fit."""

    text: str
    row: int
    column: int
    rows: int
    cols: int
    room: float = 0.0


@dataclass(slots=True)
class PlacedTable:
    """A ruled table on a page: the positions of its vertical rules, and its cells by row and column."""

    top: float
    bottom: float
    edges: list[float]
    rows: int
    boxes: list[PlacedBox]


@dataclass(slots=True)
class Page:
    """What one page holds. `frames`: left and right rule of each frame, by `Line.region` - 1."""

    width: float
    height: float
    lines: list[Line]
    tables: list[PlacedTable] = field(default_factory=list)
    frames: list[tuple[float, float]] = field(default_factory=list)


CharsOf = Callable[[Line], list[Char]]
"""Gives the characters of a line with their places."""


# Reading order

_MIN_RULES = 2
"""Horizontal and vertical ruling lines each, fewer of which form no table."""
_SAME_LINE = 0.6
"""Two pieces of text stand on one line when they overlap by this share of the lower one's height."""
_COLUMN_ROWS = 6
"""A page has columns when more lines than this, and a third of them, have several pieces."""


def may_hold_tables(edges: Sequence[Edge]) -> bool:
    """Whether a page has enough ruling lines for a table; looking for one costs more than this."""
    vertical = sum(edge.is_vertical for edge in edges)
    return vertical >= _MIN_RULES and len(edges) - vertical >= _MIN_RULES


def in_reading_order(lines: list[Line], chars_of: CharsOf) -> list[Line]:
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
    return [row[0] if len(row) == 1 else _joined(row, chars_of) for row in rows]


def _joined(row: list[Line], chars_of: CharsOf) -> Line:
    row.sort(key=lambda line: line.x0)
    font = max(row, key=lambda line: len(line.text)).font
    confidence = min(line.confidence for line in row)
    if any(after.x0 < before.x1 - 0.3 * before.em for before, after in pairwise(row)):
        chars = [char for line in row for char in chars_of(line)]
        visual = max(visual_lines(chars), key=len, default=[])
        if visual and len(visual) >= len(chars) - len(row):  # else they only look like one line
            return Line.of(visual, font, confidence)
    return Line(
        " ".join(line.text for line in row),
        row[0].x0,
        min(line.top for line in row),
        max(line.x1 for line in row),
        max(line.bottom for line in row),
        row[0].em,
        font,
        row[0].region,
        confidence=confidence,
    )
