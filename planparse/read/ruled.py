"""Ruled tables on a page: words into the cells that its ruling lines enclose."""

from __future__ import annotations

import re
from collections.abc import Sequence

from planparse.read.chars import Char, Rect, leading_width, line_text, visual_lines
from planparse.read.lattice import Lattice, find_lattices
from planparse.read.layout import CharsOf, Edge, Line, Page, PlacedBox, PlacedTable

_PADDING = 6.0
"""Room that a cell leaves beside its words, on each side; Word's default is 5.4."""

# A list of organs, one a line, where each line is as full as if it had been wrapped (区委宣传部 / 区妇联).
_ORGAN_END = re.compile("[部局委办会院厅署团室校]$")
_ORGAN_START = re.compile("[市区县省州旗镇各共团]")


def find_tables(page: Page, edges: Sequence[Edge], chars_of: CharsOf) -> None:
    """Move the words inside the cells of ruled tables from the page's lines into its tables.

    A table with one column is a frame around paragraphs: its lines stay lines, and are told which frame holds them.
    """
    tables: list[tuple[Lattice, list[list[Char]]]] = []
    frames: list[Rect] = []
    for lattice in find_lattices(edges):
        if all(cell.cols == len(lattice.xs) - 1 for cell in lattice.cells):
            frames += [lattice.area(cell) for cell in lattice.cells]
        else:
            tables.append((lattice, [[] for _ in lattice.cells]))
    lines: list[Line] = []
    for line in page.lines:
        left_over: list[Char] = []
        moved = False
        for char in chars_of(line) if tables else ():
            owner = _owner(tables, char)
            moved = moved or owner is not None
            (left_over if owner is None else owner).append(char)
        if moved:
            lines += [Line.of(visual, line.font, line.confidence) for visual in visual_lines(left_over)]
        else:
            lines.append(line)
    for line in lines:
        middle = (line.top + line.bottom) / 2
        for index, (left, top, right, bottom) in enumerate(frames, 1):
            if left - 2 <= line.x0 and line.x1 <= right + 2 and top <= middle <= bottom:
                line.region = index
                break
    page.lines = lines
    page.frames = [(left, right) for left, _, right, _ in frames]
    page.tables = [_placed(lattice, words) for lattice, words in tables if any(words)]


def _owner(tables: Sequence[tuple[Lattice, list[list[Char]]]], char: Char) -> list[Char] | None:
    """The characters of the cell that holds the middle of `char`."""
    for lattice, words in tables:
        index = lattice.owner((char.x0 + char.x1) / 2, (char.top + char.bottom) / 2)
        if index is not None:
            return words[index]
    return None


def _placed(lattice: Lattice, words: Sequence[Sequence[Char]]) -> PlacedTable:
    boxes = []
    for cell, chars in zip(lattice.cells, words, strict=True):
        left, _, right, _ = lattice.area(cell)
        text, room = _cell_text(chars, right - left)
        boxes.append(PlacedBox(text, cell.row, cell.column, cell.rows, cell.cols, room))
    return PlacedTable(lattice.ys[0], lattice.ys[-1], lattice.xs, len(lattice.ys) - 1, boxes)


def _cell_text(chars: Sequence[Char], width: float) -> tuple[str, float]:
    """The words of a cell `width` wide as one line, and the room (em) that its last line leaves.

    Lines that were wrapped because the cell was full are put together; after a line that ends early comes a space.
    """
    text = ""
    room = 0.0  # left on the line before, in em
    for line in visual_lines(chars):
        words = line_text(line)
        wrapped = room < leading_width(words) and not (_ORGAN_END.search(text) and _ORGAN_START.match(words))
        text += words if wrapped or not text else f" {words}"
        room = (width - (line[-1].x1 - line[0].x0) - 2 * _PADDING) / max(line[0].bottom - line[0].top, 1.0)
    return text, room
