"""Write placed lines and tables as a document: lines joined into paragraphs and tables over pages, titles over lines.

Shared by PDF, OFD and recognised scans.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from planparse.document import Note
from planparse.read.build import Box, Builder, Grid
from planparse.read.chars import leading_width
from planparse.read.layout import Line, Page, PlacedBox, PlacedTable
from planparse.read.running import drop_running_lines
from planparse.read.titles import continues_title

_MARKER = re.compile(
    r"[一二三四五六七八九十]{1,3}[、．]|[（(][一二三四五六七八九十]{1,3}[）)]|第[一二三四五六七八九十]{1,3}[章节编]|"
    r"\d{1,2}[、．]|\d{1,2}\.(?!\d)|\d{1,2}\.\d{1,2}\.\d|[（(]\d{1,2}[）)]|[①-⑳]|——|专栏"
)
_SENTENCE_END = "。；：！？;:!?”）)》"
_DOUBTFUL = 0.9
"""Confidence below which a recognised line gets a diagnostic; right lines of clean scans have 0.98 and more."""
_FEW_LINES = 8
"""With fewer lines than this a page's margins are taken from the other pages."""
_NARROW = 12.0
"""Text no wider than this (em) has no paragraphs of several lines: words in a drawing, a cover."""
_RAGGED = 5.0
"""Room (em) that a line may leave and still be followed by more of its paragraph, if nothing else tells them apart."""
_LATIN_END = re.compile(r"[A-Za-z,;]$")
_LATIN_START = re.compile(r"[A-Za-z]")


def write(pages: Sequence[Page], builder: Builder) -> None:
    """Hand the paragraphs and tables of `pages` to `builder`, running headers and footers left out."""
    drop_running_lines(pages)
    _Writer(pages, builder).run()


# Paragraphs


@dataclass(slots=True)
class _Margins:
    """Left and right edge of the text, the usual distance from line to line, and whether paragraphs are indented."""

    left: float
    right: float
    pitch: float
    indented: bool


@dataclass(slots=True)
class _Paragraph:
    """A paragraph in the making: its text, its last line, and the offsets in it at which pages begin."""

    text: str
    last: Line
    margins: _Margins
    centred: bool
    pages: list[tuple[int, int]] = field(default_factory=list)
    doubts: list[tuple[int, int, float]] = field(default_factory=list)
    """Start and end of each line that was recognised without certainty, with the confidence."""

    def add(self, line: Line, space: str = "") -> None:
        """Append a line."""
        start = len(self.text + space)
        self.text += space + line.text
        self.last = line
        if line.confidence < _DOUBTFUL:
            self.doubts.append((start, len(self.text), line.confidence))


class _Writer:
    def __init__(self, pages: Sequence[Page], builder: Builder) -> None:
        self._pages = pages
        self._builder = builder
        self._open: _Paragraph | None = None
        self._table: _JoinedTable | None = None
        body = [line for page in pages for line in page.lines]
        sizes: Counter[float] = Counter()
        for line in body:
            sizes[round(line.font, 1)] += len(line.text)
        self._body_font = sizes.most_common(1)[0][0] if sizes else 0.0
        self._indented = _is_indented(pages)
        self._by_size: dict[tuple[int, int], _Margins] = {}

    def run(self) -> None:
        for index, page in enumerate(self._pages):
            margins = [self._margins_of(page, region) for region in range(len(page.frames) + 1)]
            items: list[Line | PlacedTable] = [*page.lines, *page.tables]
            items.sort(key=lambda item: item.top)
            first = True
            for item in items:
                if isinstance(item, PlacedTable):
                    self._end_paragraph()
                    self._add_table(item, index, first)
                else:
                    self._end_table()
                    self._add_line(item, margins[item.region], index, first)
                first = False
            if not items:
                self._end_paragraph()
                self._end_table()
                self._builder.page(index)
        self._end_paragraph()
        self._end_table()

    def _margins_of(self, page: Page, region: int) -> _Margins:
        lines = [line for line in page.lines if line.region == region]
        if region:
            left = min((line.x0 for line in lines), default=0.0)
            right = page.frames[region - 1][1] - max(left - page.frames[region - 1][0], 0.0)
            indented = any(1.4 * line.em < line.x0 - left < 3.2 * line.em for line in lines)
            return _Margins(left, right, _pitch([page], region), indented)
        usual = self._usual_margins(page)
        if len(lines) < _FEW_LINES:
            return usual
        # A page of short lines (a list) does not show the right edge.
        right = max(_right_edge(lines), usual.right)
        return _Margins(_left_edge(lines), right, _pitch([page], 0), self._indented)

    def _usual_margins(self, page: Page) -> _Margins:
        """The margins of all pages of one size taken together."""
        size = (round(page.width / 4), round(page.height / 4))
        if size not in self._by_size:
            alike = [other for other in self._pages if (round(other.width / 4), round(other.height / 4)) == size]
            lines = [line for other in alike for line in other.lines if not line.region]
            self._by_size[size] = _Margins(_left_edge(lines), _right_edge(lines), _pitch(alike, 0), self._indented)
        return self._by_size[size]

    def _add_line(self, line: Line, margins: _Margins, page: int, first: bool) -> None:
        above = self._open
        centred = _is_centred(line, margins)
        if above is not None and (
            self._continues(above, line, margins, first) or self._continues_title(above, line, centred, first)
        ):
            space = " " if _LATIN_END.search(above.text) and _LATIN_START.match(line.text) else ""
            if first:
                above.pages.append((len(above.text + space), page))
            above.add(line, space)
            return
        self._end_paragraph()
        self._open = _Paragraph("", line, margins, centred, [(0, page)] if first else [])
        self._open.add(line)

    def _continues(self, above: _Paragraph, line: Line, margins: _Margins, first: bool) -> bool:
        """Whether `line` goes on with the paragraph: the line before is full, this one is not indented."""
        last = above.last
        em = last.em
        if last.region != line.region and not first:
            return False
        if not line.region and margins.right - margins.left < _NARROW * em:
            return False
        if abs(last.font - line.font) > 0.15 * max(last.font, line.font):
            return False
        room = (above.margins.right - last.x1) / em
        indented = line.x0 > margins.left + 0.8 * em
        ended = above.text[-1:] in _SENTENCE_END
        numbered = _MARKER.match(line.text) is not None
        if room > leading_width(line.text) + 1.0 and (
            indented or ended or numbered or not margins.indented or room > _RAGGED
        ):
            return False
        if indented and (ended or numbered):
            return False  # else a hanging indent (附件：, a numbered item)
        if not first:
            distance = line.top - last.top
            if distance > 1.35 * margins.pitch + 0.2 * em or distance < 0.3 * em:
                return False
        # Without indentation only the number tells a new paragraph; with it, a heading set flush left does.
        return not (numbered and (ended or not margins.indented))

    def _continues_title(self, above: _Paragraph, line: Line, centred: bool, first: bool) -> bool:
        last = above.last
        full = above.margins.right - last.x1 < (leading_width(line.text) + 1.0) * last.em
        return (
            centred
            and (above.centred or full)
            and not first
            and max(line.font, last.font) > 1.1 * self._body_font
            and abs(last.font - line.font) <= 0.05 * line.font
            and line.top - last.top < 2.6 * max(line.em, last.em)
            and continues_title(above.text, line.text)
        )

    def _end_paragraph(self) -> None:
        if self._open is not None:
            start = self._builder.length
            for offset, page in self._open.pages:
                self._builder.page(page, start + offset)
            for begin, end, confidence in self._open.doubts:
                words = f"recognised with a confidence of {confidence:.0%} only"
                self._builder.notes.append(Note("ocr-uncertain", "warning", words, start + begin, start + end))
            self._builder.line(self._open.text)
            self._open = None

    def _add_table(self, table: PlacedTable, page: int, first: bool) -> None:
        if self._table is not None and first and self._table.continues(table):
            self._table.add(table, page)
            return
        self._end_table()
        self._table = _JoinedTable(table, page if first else None)

    def _end_table(self) -> None:
        if self._table is not None:
            starts = self._builder.table(self._table.grid())
            for page, row in self._table.pages:
                self._builder.page(page, starts[row] if row < len(starts) else None)
            self._table = None


def _is_centred(line: Line, margins: _Margins) -> bool:
    middle = (line.x0 + line.x1) / 2
    return abs(middle - (margins.left + margins.right) / 2) < line.em and line.x0 > margins.left + 0.5 * line.em


def _is_indented(pages: Sequence[Page]) -> bool:
    """Whether the document marks paragraphs by indenting their first lines (GB/T 9704: two characters)."""
    indented = lines = 0
    for page in pages:
        left = _left_edge([line for line in page.lines if not line.region])
        for line in page.lines:
            if not line.region:
                lines += 1
                indented += 1.4 * line.em < line.x0 - left < 3.2 * line.em
    return indented > 0.08 * lines


def _left_edge(lines: Sequence[Line]) -> float:
    """The left edge at which most text begins: the leftmost x where at least a tenth of the lines start."""
    if not lines:
        return 0.0
    starts = Counter(round(line.x0 / 2) for line in lines)
    enough = max(1.0, 0.1 * len(lines))
    return min(
        (2 * start for start, count in starts.items() if count + starts[start + 1] + starts[start - 1] >= enough),
        default=min(line.x0 for line in lines),
    )


def _right_edge(lines: Sequence[Line]) -> float:
    """The right edge up to which the text goes: a tenth of the lines goes further."""
    ends = sorted(line.x1 for line in lines)
    return ends[min(int(0.9 * len(ends)), len(ends) - 1)] if ends else 0.0


def _pitch(pages: Iterable[Page], region: int) -> float:
    """The usual distance between the tops of successive lines."""
    distances = []
    for page in pages:
        tops = sorted(line.top for line in page.lines if line.region == region)
        distances += [below - above for above, below in pairwise(tops) if 4 < below - above < 60]
    return median(distances) if distances else 60.0


# Tables over pages


class _JoinedTable:
    """A table and its continuations on the next pages."""

    def __init__(self, table: PlacedTable, page: int | None) -> None:
        self._edges = table.edges
        self._rows = table.rows
        self._boxes = table.boxes
        self.pages: list[tuple[int, int]] = [] if page is None else [(page, 0)]
        """Pages that begin in the table, each with the row it begins at."""

    def continues(self, table: PlacedTable) -> bool:
        """Whether `table`, first on its page, has the same columns."""
        return len(table.edges) == len(self._edges) and all(
            abs((mine - self._edges[0]) - (theirs - table.edges[0])) < 4
            for mine, theirs in zip(self._edges, table.edges, strict=True)
        )

    def add(self, table: PlacedTable, page: int) -> None:
        """Append a continuation: repeated head rows go, cells cut by the page break are put together."""
        self.pages.append((page, self._rows))
        skipped = self._repeated_head(table)
        boxes = [box for box in table.boxes if box.row >= skipped]
        above = {box.column: box for box in self._boxes if box.row + box.rows == self._rows}
        first = sorted((box for box in boxes if box.row == skipped), key=lambda box: box.column)
        base = self._rows - skipped
        if self._is_cut_row(first, above):
            base -= 1
            for box in first:
                if box.column in above:
                    above[box.column].text += box.text
                    above[box.column].room = box.room
                    above[box.column].rows += box.rows - 1
            boxes = [box for box in boxes if box not in first or box.column not in above]
        else:
            seen_words = False
            for box in first:
                owner = above.get(box.column)
                seen_words = seen_words or bool(box.text)
                if owner is None or box.text or owner.cols != box.cols:
                    continue
                # A cell merged downwards goes on empty after the break; beyond the row's first words an empty
                # cell may be just that, unless one of the two parts is seen to span rows.
                if not seen_words or owner.rows > 1 or box.rows > 1:
                    owner.rows += box.rows
                    boxes = [other for other in boxes if other is not box]
        for box in boxes:
            box.row += base
        self._boxes += boxes
        self._rows = base + table.rows

    def grid(self) -> Grid:
        """The cells as rows; places that no cell covers (a rule is missing) become empty cells."""
        covered = {
            (row, column)
            for box in self._boxes
            for row in range(box.row, box.row + box.rows)
            for column in range(box.column, box.column + box.cols)
        }
        boxes = [*self._boxes]
        for row in range(self._rows):
            for column in range(len(self._edges) - 1):
                if (row, column) not in covered:
                    boxes.append(PlacedBox("", row, column, 1, 1))
        grid: Grid = [[] for _ in range(self._rows)]
        for box in sorted(boxes, key=lambda box: (box.row, box.column)):
            grid[box.row].append(Box(box.text, box.rows, box.cols))
        return grid

    def _repeated_head(self, table: PlacedTable) -> int:
        """How many rows at the top of `table` repeat those at the top of this one."""
        count = 0
        while count < min(3, table.rows - 1, self._rows):
            mine = [box.text for box in self._boxes if box.row == count]
            theirs = [box.text for box in table.boxes if box.row == count]
            if mine != theirs or not any(mine):
                break
            count += 1
        return count

    @staticmethod
    def _is_cut_row(first: list[PlacedBox], above: dict[int, PlacedBox]) -> bool:
        """Whether a page break cut a row: each cell with words goes on with one that had no room for them."""
        words = [box for box in first if box.text]
        return bool(words) and all(
            (owner := above.get(box.column)) is not None
            and owner.text
            and owner.cols == box.cols
            and owner.room < leading_width(box.text)
            for box in words
        )
