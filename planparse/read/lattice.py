"""Tables from ruling lines: which lines belong together, and which cells they enclose.

The method of pdfplumber's and Tabula's lattice mode, for lines that are already known. It is written here because
pdfplumber would bring along a second PDF reader with its dependencies (50 MB installed, 0.15 s to import), takes every
filled rectangle for a rule, and does not close tables that are drawn without their outer lines.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from planparse.read.chars import Rect
from planparse.read.layout import Edge

_SNAP = 3.0
"""Points; ruling lines closer than this are one, ends of lines closer than this meet."""
_OPEN = 10.0
"""Lines that reach further than this beyond the last line across them leave a side open, which counts as ruled."""
_MAX_CROSSINGS = 20_000
"""Possible crossings of the lines on a page; a page full of table has some 1,000. Beyond, it is a drawing."""


class _Rule(NamedTuple):
    """A ruling line: its place across, its start and its end along."""

    at: float
    start: float
    end: float


@dataclass(slots=True, frozen=True)
class Span:
    """A cell: its first row and column, and how many it covers."""

    row: int
    column: int
    rows: int
    cols: int


@dataclass(slots=True)
class Lattice:
    """A table's ruling lines: their places from left to right and from top to bottom, and the cells between them."""

    xs: list[float]
    ys: list[float]
    cells: list[Span]
    owners: dict[tuple[int, int], int]
    """Index in `cells` by row and column; places that no line separates from the outside have none."""

    def owner(self, x: float, y: float) -> int | None:
        """The index of the cell that holds a point, if one does."""
        return self.owners.get((bisect_right(self.ys, y) - 1, bisect_right(self.xs, x) - 1))

    def area(self, cell: Span) -> Rect:
        """Where a cell lies on the page."""
        right, bottom = self.xs[cell.column + cell.cols], self.ys[cell.row + cell.rows]
        return self.xs[cell.column], self.ys[cell.row], right, bottom


def find_lattices(edges: Sequence[Edge]) -> list[Lattice]:
    """The tables that ruling lines form, from top to bottom; none where the lines are a drawing."""
    down = _merged([_Rule(edge.x0, edge.top, edge.bottom) for edge in edges if edge.is_vertical])
    across = _merged([_Rule(edge.top, edge.x0, edge.x1) for edge in edges if not edge.is_vertical])
    if len(down) * len(across) > _MAX_CROSSINGS:
        return []
    found = []
    for group in _connected(down, across):
        lattice = _lattice(*group)
        if lattice is not None and lattice.cells:
            found.append(lattice)
    return sorted(found, key=lambda lattice: lattice.ys[0])


def _merged(rules: list[_Rule]) -> list[_Rule]:
    """Rules at (nearly) one place as pieces at one place, pieces that touch as one."""
    clusters: list[list[_Rule]] = []
    for rule in sorted(rules):
        if clusters and rule.at - clusters[-1][0].at <= _SNAP:
            clusters[-1].append(rule)
        else:
            clusters.append([rule])
    out = []
    for cluster in clusters:
        at = sum(rule.at for rule in cluster) / len(cluster)
        cluster.sort(key=lambda rule: rule.start)
        start, end = cluster[0].start, cluster[0].end
        for rule in cluster[1:]:
            if rule.start > end + _SNAP:
                out.append(_Rule(at, start, end))
                start, end = rule.start, rule.end
            end = max(end, rule.end)
        out.append(_Rule(at, start, end))
    return out


class _Groups:
    """Disjoint sets of numbers (union-find)."""

    def __init__(self, count: int) -> None:
        self._parents = list(range(count))

    def find(self, item: int) -> int:
        while self._parents[item] != item:
            self._parents[item] = item = self._parents[self._parents[item]]
        return item

    def join(self, one: int, other: int) -> None:
        self._parents[self.find(one)] = self.find(other)


def _connected(down: list[_Rule], across: list[_Rule]) -> list[tuple[list[_Rule], list[_Rule]]]:
    """Groups of rules that cross or touch each other."""
    groups = _Groups(len(down) + len(across))
    for i, vertical in enumerate(down):
        for j, horizontal in enumerate(across):
            if (
                horizontal.start - _SNAP <= vertical.at <= horizontal.end + _SNAP
                and vertical.start - _SNAP <= horizontal.at <= vertical.end + _SNAP
            ):
                groups.join(i, len(down) + j)
    sorted_out: dict[int, tuple[list[_Rule], list[_Rule]]] = {}
    for index, rule in enumerate((*down, *across)):
        group = sorted_out.setdefault(groups.find(index), ([], []))
        group[index >= len(down)].append(rule)
    return list(sorted_out.values())


def _lattice(down: list[_Rule], across: list[_Rule]) -> Lattice | None:
    xs = _places(down, across)
    ys = _places(across, down)
    if len(xs) < 2 or len(ys) < 2:
        return None
    rows, cols = len(ys) - 1, len(xs) - 1
    walls, floors = _walls(xs, ys, down), _walls(ys, xs, across)
    outside = rows * cols
    groups = _Groups(rows * cols + 1)
    for row in range(rows):
        for column in range(cols + 1):
            if not walls[column][row]:
                left = row * cols + column - 1 if column else outside
                groups.join(left, row * cols + column if column < cols else outside)
    for column in range(cols):
        for row in range(rows + 1):
            if not floors[row][column]:
                above = (row - 1) * cols + column if row else outside
                groups.join(above, row * cols + column if row < rows else outside)
    regions: dict[int, list[tuple[int, int]]] = {}
    for row in range(rows):
        for column in range(cols):
            region = groups.find(row * cols + column)
            if region != groups.find(outside):
                regions.setdefault(region, []).append((row, column))
    spans = [span for places in regions.values() for span in _spans(places)]
    # Lines that part no cells (an underline, a stroke that touches the table) are no lines of the table.
    kept_rows = sorted({row for span in spans for row in (span.row, span.row + span.rows)})
    kept_cols = sorted({column for span in spans for column in (span.column, span.column + span.cols)})
    lattice = Lattice([xs[index] for index in kept_cols], [ys[index] for index in kept_rows], [], {})
    for span in spans:
        row, column = kept_rows.index(span.row), kept_cols.index(span.column)
        rows = kept_rows.index(span.row + span.rows) - row
        cols = kept_cols.index(span.column + span.cols) - column
        for place in product(range(row, row + rows), range(column, column + cols)):
            lattice.owners[place] = len(lattice.cells)
        lattice.cells.append(Span(row, column, rows, cols))
    return lattice


def _spans(places: list[tuple[int, int]]) -> list[Span]:
    """A region as one cell; one that is no rectangle (a line is missing) as its single places."""
    top, left = min(row for row, _ in places), min(column for _, column in places)
    rows, cols = max(row for row, _ in places) - top + 1, max(column for _, column in places) - left + 1
    return [Span(top, left, rows, cols)] if rows * cols == len(places) else [Span(*place, 1, 1) for place in places]


def _places(rules: list[_Rule], crossing: list[_Rule]) -> list[float]:
    """Where the rules stand, and where the rules across them end together beyond the outermost: an open side."""
    places = sorted({rule.at for rule in rules})
    first = min(rule.start for rule in crossing) if crossing else 0.0
    last = max(rule.end for rule in crossing) if crossing else 0.0
    open_first = sum(rule.start - first <= _SNAP for rule in crossing) > 1 and (not places or places[0] - first > _OPEN)
    open_last = sum(last - rule.end <= _SNAP for rule in crossing) > 1 and (not places or last - places[-1] > _OPEN)
    return [first] * open_first + places + [last] * open_last


def _walls(places: list[float], ends: list[float], rules: list[_Rule]) -> list[list[bool]]:
    """For each place a line can stand at, and each stretch between two `ends`: whether a rule runs there.

    The outermost places that have no rule at all are open sides and count as ruled.
    """
    out = []
    for index, place in enumerate(places):
        here = [rule for rule in rules if rule.at == place]
        if not here and index in (0, len(places) - 1):
            out.append([True] * (len(ends) - 1))
            continue
        out.append(
            [
                any(rule.start <= ends[stretch] + _SNAP and rule.end >= ends[stretch + 1] - _SNAP for rule in here)
                for stretch in range(len(ends) - 1)
            ]
        )
    return out
