"""Ruled tables on a page: pdfplumber's table finder over the page's ruling lines.

Only the finder is used, not pdfplumber's pages: the page has been read already, and hands over just the lines that are
drawn as rules. (pdfplumber takes every filled rectangle for one, and reads tables into shaded paragraphs.)
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges

from planparse.read.chars import Char, Rect, leading_width, line_text, visual_lines
from planparse.read.layout import CharsOf, Edge, Line, Page, PlacedBox, PlacedTable

_SNAP = 3.0
"""Ruling lines closer than this are one: pdfplumber's default."""
_MAX_CROSSINGS = 5_000
"""Crossings of ruling lines on a page; the finder's time grows with their square. A full page has some 600."""
_PADDING = 6.0
"""Room that a cell leaves beside its words, on each side; Word's default is 5.4."""


# A list of organs, one a line, where each line is as full as if it had been wrapped (区委宣传部 / 区妇联).
_ORGAN_END = re.compile("[部局委办会院厅署团室校]$")
_ORGAN_START = re.compile("[市区县省州旗镇各共团]")


def find_tables(page: Page, edges: Sequence[Edge], chars_of: CharsOf) -> None:
    """Move the words inside the cells of ruled tables from the page's lines into its tables.

    A table with one column is a frame around paragraphs: its lines stay lines, and are told which frame holds them.
    """
    tables: list[tuple[list[Rect], list[Char]]] = []
    frames: list[Rect] = []
    for cells in _tables_of(edges):
        if len({round(cell[0]) for cell in cells}) > 1:
            tables.append((cells, []))
        else:
            frames += cells
    lines: list[Line] = []
    for line in page.lines:
        left_over: list[Char] = []
        moved = False
        for char in chars_of(line) if tables else ():
            owner = next((chars for cells, chars in tables if _holds(cells, char)), None)
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
    page.tables = [_placed(cells, chars) for cells, chars in tables if chars]


def _holds(cells: Sequence[Rect], char: Char) -> bool:
    x, y = (char.x0 + char.x1) / 2, (char.top + char.bottom) / 2
    return any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in cells)


def _tables_of(edges: Sequence[Edge]) -> list[list[Rect]]:
    """The cells of each table that the ruling lines form, top to bottom; none where they are a drawing."""
    merged = merge_edges([_as_dict(edge) for edge in edges], _SNAP, _SNAP, _SNAP, _SNAP)
    vertical = sum(edge["orientation"] == "v" for edge in merged)
    if vertical * (len(merged) - vertical) > _MAX_CROSSINGS:
        return []
    cells = intersections_to_cells(edges_to_intersections(merged, _SNAP, _SNAP))
    return [list(table) for table in cells_to_tables(cells)]


def _as_dict(edge: Edge) -> dict[str, object]:
    """The edge as pdfplumber's functions take it."""
    return {
        "x0": edge.x0,
        "x1": edge.x1,
        "top": edge.top,
        "bottom": edge.bottom,
        "doctop": edge.top,
        "width": edge.x1 - edge.x0,
        "height": edge.bottom - edge.top,
        "orientation": "v" if edge.is_vertical else "h",
        "object_type": "line",
    }


def _placed(cells: Sequence[Rect], chars: Sequence[Char]) -> PlacedTable:
    """The table with its words: each character goes into the cell that holds its middle."""
    columns = _grid_lines([x for cell in cells for x in (cell[0], cell[2])])
    rows = _grid_lines([y for cell in cells for y in (cell[1], cell[3])])
    words: list[list[Char]] = [[] for _ in cells]
    order = sorted(range(len(cells)), key=lambda index: cells[index][1])
    tops = [cells[index][1] for index in order]
    for char in chars:
        x, y = (char.x0 + char.x1) / 2, (char.top + char.bottom) / 2
        for position in range(bisect_left(tops, y) - 1, -1, -1):
            left, _, right, bottom = cells[order[position]]
            if left <= x <= right and y <= bottom:
                words[order[position]].append(char)
                break
    boxes = []
    for cell, inside in zip(cells, words, strict=True):
        row, column = _index(rows, cell[1]), _index(columns, cell[0])
        text, room = _cell_text(inside, cell[2] - cell[0])
        boxes.append(PlacedBox(text, row, column, _index(rows, cell[3]) - row, _index(columns, cell[2]) - column, room))
    return PlacedTable(rows[0], rows[-1], columns, len(rows) - 1, boxes)


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


def _grid_lines(values: Sequence[float]) -> list[float]:
    """The distinct positions among `values`; those closer than the snap distance are one."""
    lines: list[float] = []
    for value in sorted(values):
        if not lines or value - lines[-1] > _SNAP:
            lines.append(value)
    return lines


def _index(lines: Sequence[float], value: float) -> int:
    return min(range(len(lines)), key=lambda index: abs(lines[index] - value))
