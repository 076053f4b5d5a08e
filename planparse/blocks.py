"""Lines to blocks: paragraphs, headings' numbering and tables, free of page furniture.

Guarantees of this stage:

1. Every block carries source positions; blocks do not overlap and stand in source order.
2. A paragraph that a line or page break splits is one paragraph; a heading or item starts its own.
3. A table is one block: its cells in reading order, or in a grid where the format knows it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from planparse.document import Document, Table
from planparse.patterns import compiled
from planparse.records import dataclass, field
from planparse.rules import Rules, alternation
from planparse.text import Line, View, fold, lines_of, view_of

# Numbering kinds from the outermost to the innermost; "role", "box", "front" and "bare" are headings without a number.
RANK = {
    "chapter": 1,
    "front": 1,
    "bare": 1,
    "part": 2,
    "one": 3,
    "two": 4,
    "role": 5,
    "box": 5,
    "table": 5,
    "item": 6,
    "sub": 7,
}
_TERMINAL = "。!?;:…"
_LONGEST_CELL = 60
_LONGEST_GROUP = 20
_WIDEST = 110
_FULL = 0.88
"""The share of the columns that a filled line takes at least."""
_PAGES = 3
_FEWEST_COLUMNS = 4
"""A table with one row a line and blanks between its cells has at least so many columns."""


@dataclass(slots=True, eq=False)
class Paragraph:
    """One paragraph. `marker`: kind of its numbering or None; `number` as written; `body`: view offset behind it."""

    view: View
    line: int
    marker: str | None = None
    number: str | None = None
    body: int = 0

    @property
    def text(self) -> str:
        """The folded words behind the numbering."""
        return self.view.text[self.body :]


@dataclass(slots=True, eq=False)
class TableBlock:
    """A table. `cells`: in reading order with `rows` None (flattened text), or a grid of cells per row.

    A grid row lists (view, first column, columns covered, rows covered).
    `title`: the paragraph that names it, if any.
    """

    line: int
    start: int
    end: int
    cells: list[View] = field(default_factory=list)
    rows: list[list[tuple[View, int, int, int]]] | None = None
    lines: list[int] = field(default_factory=list)


Block = Paragraph | TableBlock


class _Patterns:
    """What the packs say of lines: furniture, numbering, head cells of tables, lines that go on with none before."""

    def __init__(self, rules: Rules) -> None:
        self.contents = rules.joined("furniture", place="contents")
        lines = [*rules.patterns("furniture", place="line"), *rules.patterns("furniture", place="contents")]
        self.drop = rules.compile("|".join(f"(?:{p})" for p in lines))
        markers = rules.of("marker")
        self.kinds: dict[str, str] = {f"m{i}": rule.emit["marker"] for i, rule in enumerate(markers)}
        self.marker = rules.compile("|".join(f"(?P<m{i}>{rule.pattern})" for i, rule in enumerate(markers)))
        self.head_words = frozenset(w for rule in rules.of("head") for w in rule.words)
        self.head = rules.compile("|".join(rule.pattern for rule in rules.of("head") if rule.pattern))
        keys = alternation([w for r in rules.of("metadata") for w in r.words])
        labels = alternation([w for r in rules.of("run-in") if r.where for w in r.words])
        self.label = compiled(rf"[^,。;:]{{2,24}}(?:{labels})[:]|--|[•·●■◆★]|(?:{keys}) *:")
        self.keyed = compiled(f"(?:{keys}) *:")
        kinds = alternation(rules.words("title", part="kind"))
        notes = alternation(rules.words("table", part="note"))
        self.note = compiled(f"(?:{notes}) *:")
        letters = alternation(rules.words("title", part="letter"))
        self.closing = compiled(rf"(?:{letters}|{kinds})(?:\([^()]*\))?$")
        self.also = ("(", *rules.words("title", part="also"))

    def is_head(self, cell: str) -> bool:
        """Whether a cell's words (without blanks) head a column."""
        return cell in self.head_words or self.head.fullmatch(cell) is not None


def _leading_number(text: str) -> int:
    """The number that an item begins with; 0 where it begins with none."""
    m = re.match("[0-9]{1,9}", text)
    return int(m[0]) if m else 0


def blocks_of(document: Document, rules: Rules) -> list[Block]:
    """The blocks of a document in source order, without furniture lines and page numbers."""
    p = rules.compiled("blocks", _Patterns)
    folded = fold(document.text, rules)
    lines = _without_contents(lines_of(document.text, folded), p)
    lines = [_without_bullet(line) for line in lines if not (len(line.text) <= 200 and p.drop.fullmatch(line.text))]
    width = _width(lines) if not document.whole_lines else None
    return list(_Builder(document, folded, _without_headers(lines) if width else lines, p, width).build())


def _without_contents(lines: list[Line], p: _Patterns) -> list[Line]:
    """The lines without a contents list (目录) that has no leaders: up to where its first entry stands again."""

    def key(line: Line) -> str:
        return "".join(c for c in line.text if c.isalpha())

    at = next((i for i, line in enumerate(lines[:200]) if p.contents.fullmatch(line.text)), None)
    if at is None or at + 1 >= len(lines):
        return lines
    first = key(lines[at + 1])
    for j in range(at + 2, min(len(lines), at + 300)):
        if key(lines[j]) == first:
            return lines[:at] + lines[j:]
        if len(lines[j].text) > 60 and "。" in lines[j].text and j - at > 3:
            # Running text stands between the list and the first chapter (前言): the entries are the short lines.
            entries = {key(line) for line in lines[at + 1 : j]}
            later = {key(line) for line in lines[j:]}
            if first in later and len(entries & later) * 2 >= len(entries):
                return lines[:at] + lines[j:]
            return lines
    return lines


_BULLET = compiled(r"[-•·●■◆▪◦] +(?=\S)")


def _without_bullet(line: Line) -> Line:
    m = _BULLET.match(line.text)
    if m:
        line.start += m.end()
        line.text = line.text[m.end() :]
    return line


@dataclass(slots=True)
class Width:
    """The width of the lines of a hard-wrapped text, in columns and in characters; 0 where it is not counted so."""

    columns: int
    characters: int

    def full(self, text: str) -> bool:
        """Whether a line is filled, so that what it says goes on below; an indent and the next word take the rest."""
        wide = self.columns and _cells(text) >= self.columns * _FULL
        return bool(wide or (self.characters and len(text) >= self.characters - 3))


def _cells(text: str) -> int:
    """How many columns a text takes in print: a Chinese character or full-width mark takes two."""
    return sum(2 if c >= "\u2e80" or c in "“”‘’—…" else 1 for c in text)


def _width(lines: list[Line]) -> Width | None:
    """How wide the lines of a hard-wrapped text are, None where lines are paragraphs.

    Hard-wrapped: most lines that follow another without a blank line between are about as wide as the most common
    width, counted in columns (a page) or in characters (a program), and that is narrower than a paragraph.
    """
    tight = sum(1 for line in lines if not line.gap and len(line.text) >= 15)
    long = [line.text for line in lines if len(line.text) >= 15]
    if tight < 30 or tight < 0.5 * len(long):
        return None
    columns = _mode([_cells(text) for text in long], 6, _WIDEST)
    characters = _mode([len(text) for text in long], 3, _WIDEST // 2)
    return Width(columns, characters) if columns or characters else None


def _mode(widths: list[int], spread: int, most: int) -> int:
    """The width about which half of the widths lie, 0 where there is none or it is more than `most`."""
    counts = Counter(widths)
    mode = max(counts, key=lambda n: (sum(counts[n + d] for d in range(-spread // 2, spread // 2 + 1)), n))
    near = sum(counts[mode + d] for d in range(-spread, spread + 1))
    return mode if mode <= most and near >= 0.5 * len(widths) else 0


_PAGE_NUMBER = compiled(r"[-—]? *(?:[0-9] ?){1,4} *[-—]?|[IVXivx ]{1,6}")


def _without_headers(lines: list[Line]) -> list[Line]:
    """The lines of a hard-wrapped text without its running headers: what stands below at least three page numbers."""
    below = Counter(line.text for before, line in pairwise(lines) if _PAGE_NUMBER.fullmatch(before.text))
    heads = {text for text, times in below.items() if times >= _PAGES and not text.endswith(tuple(_TERMINAL))}
    first = lines[:1]
    return first + [
        line for before, line in pairwise(lines) if line.text not in heads or not _PAGE_NUMBER.fullmatch(before.text)
    ]


class _Builder:
    def __init__(
        self, document: Document, folded: str, lines: list[Line], patterns: _Patterns, width: Width | None
    ) -> None:
        self.text, self.folded, self.lines, self.p, self.width = document.text, folded, lines, patterns, width
        self.tables = list(document.tables)
        self.whole_lines = document.whole_lines
        self.last_item = 0

    def build(self) -> Iterator[Block]:
        """Walk the lines once: tables first, then paragraphs grown over line and page breaks."""
        at = 0
        while at < len(self.lines):
            line = self.lines[at]
            grid = self._grid_at(line)
            if grid:
                yield self._grid_block(grid, line)
                while at < len(self.lines) and self.lines[at].start < grid.end:
                    at += 1
                continue
            end = self._table_end(at)
            if end > at:
                yield self._flat_block(at, end)
                at = end
                continue
            if self.width and _PAGE_NUMBER.fullmatch(line.text):
                at += 1
                continue
            paragraph, at = self._paragraph(at)
            yield paragraph

    # --- paragraphs ---------------------------------------------------------------------------------------------------

    def _marker(self, line: Line) -> tuple[str, int] | None:
        """(kind, length of the numbering) of a line that begins with one."""
        m = self.p.marker.match(line.text)
        return (self.p.kinds[m.lastgroup or ""], m.end()) if m else None

    def _paragraph(self, at: int) -> tuple[Paragraph, int]:
        first = self.lines[at]
        marker = self._marker(first)
        spans = [(first.start, first.end)]
        heading = marker is not None and marker[0] in ("chapter", "part", "front", "box")
        at += 1
        before = first
        while at < len(self.lines) and not self.whole_lines:
            line = self.lines[at]
            if self.width and _PAGE_NUMBER.fullmatch(line.text):
                at += 1
                continue
            if heading or not self._continues(before, line, marker, spans):
                break
            spans.append((line.start, line.end))
            before = line
            at += 1
        view = view_of(spans, self.text, self.folded)
        out = Paragraph(view, first.number)
        if marker:
            kind, length = marker
            if kind == "item" and first.text[length : length + 1].isdigit() and not self._expected_item(first.text):
                return out, at
            if kind == "item":
                self.last_item = _leading_number(first.text)
            elif RANK[kind] < RANK["item"]:
                self.last_item = 0
            out.marker = kind
            body = sum(1 for c in first.text[:length] if not c.isspace())
            out.number = view.raw[:body] if kind not in ("role", "front") else None
            out.body = body if kind not in ("role", "front") else 0
        return out, at

    def _expected_item(self, text: str) -> bool:
        """Whether "2. 3岁…" is item 2 and not the decimal 2.3: a blank follows the dot, or the item is due."""
        return _leading_number(text) == self.last_item + 1

    def _continues(
        self, before: Line, line: Line, marker: tuple[str, int] | None, spans: list[tuple[int, int]]
    ) -> bool:
        """Whether `line` goes on with the paragraph that ends with the line `before`.

        `marker`: the numbering that the paragraph begins with, if any.
        """
        if self._marker(line) or self.p.label.match(line.text) or self._grid_at(line):
            return False
        if self.p.closing.search(before.text) and not line.text.startswith(self.p.also):
            return False
        if len(spans) == 1 and self.p.keyed.match(before.text):
            return False
        last = before.text[-1]
        if self.width:
            return self.width.full(before.text) and last not in "。!?"
        if last in _TERMINAL or (last in ")" and line.text[0] not in ",;。"):
            return False
        body = before.text[marker[1] :] if marker and len(spans) == 1 else before.text
        if marker and len(spans) == 1 and marker[0] in ("one", "two", "role"):
            # A heading is complete without a full stop; only one whose text runs on in the same paragraph is not.
            return "。" in body or last in ",、"
        # A page break leaves a blank line inside a sentence: the line before is long and ends in mid-sentence.
        long_enough = len(before.text) >= (20 if marker else 15) or len(spans) > 1
        return long_enough and self._sentence(line) and self._open(body, marker is not None or len(spans) > 1)

    @staticmethod
    def _sentence(line: Line) -> bool:
        return line.text[-1] in _TERMINAL + ")" or len(line.text) >= 15

    @staticmethod
    def _open(body: str, item: bool) -> bool:
        """Whether words without a full stop are running text: they hold a comma or stop, as headings seldom do."""
        return bool(re.search("[,。;、]", body)) or len(body) >= (20 if item else 30)

    # --- tables -------------------------------------------------------------------------------------------------------

    def _grid_at(self, line: Line) -> Table | None:
        while self.tables and self.tables[0].end <= line.start:
            self.tables.pop(0)
        return self.tables[0] if self.tables and self.tables[0].start <= line.start else None

    def _grid_block(self, table: Table, line: Line) -> TableBlock:
        rows: list[list[tuple[View, int, int, int]]] = []
        taken: Counter[tuple[int, int]] = Counter()
        for r, row in enumerate(table.rows):
            column = 0
            out = []
            for cell in row:
                while taken[r, column]:
                    column += 1
                for dr in range(min(cell.rows, len(table.rows) - r)):
                    for dc in range(cell.cols):
                        taken[r + dr, column + dc] += 1
                view = view_of([(cell.start, cell.end)], self.text, self.folded)
                out.append((view, column, cell.cols, cell.rows))
                column += cell.cols
            rows.append(out)
        return TableBlock(line.number, table.start, table.end, rows=rows)

    def _head_words(self, line: Line) -> int:
        """How many of a line's cells, separated by tabs or else by blanks, are words of a table head."""
        if len(line.text) > 100:
            return 0
        cells = [c.replace(" ", "") for c in line.text.split("\t")]
        if len(cells) == 1 and not self.p.is_head(cells[0]):
            words = line.text.split()
            known = sum(1 for c in words if self.p.is_head(c))
            return known if known >= 3 and known >= len(words) - 1 else 0
        return sum(1 for c in cells if c and self.p.is_head(c))

    def _table_end(self, at: int) -> int:
        """The index behind the flattened table that begins at line `at`; `at` where none begins.

        A table begins with at least two head words among its first cells (序号, 指标, 目标值 …) and goes on while
        lines are cells: short, no full stop, no heading. Three lines of three cells each are a table without a head.
        """
        headed = self._head_words(self.lines[at]) and sum(map(self._head_words, self.lines[at : at + 9])) >= 2
        cells, least = (0, 2) if headed else (3, 3)
        end = at
        while end < len(self.lines) and (self._is_cell(self.lines[end]) or (end > at and self._heads_rows(end, at))):
            if self.lines[end].text.count("\t") + 1 < cells and not self._heads_rows(end, at):
                break
            end += 1
        return end if end - at >= least else at

    def _heads_rows(self, i: int, at: int) -> bool:
        """Whether a numbered heading (一、空间底线) only sorts the rows of the table that begins at line `at`."""
        line = self.lines[i]
        marker = self._marker(line)
        if not marker or marker[0] not in ("one", "two") or len(line.text) > _LONGEST_GROUP or i + 1 == len(self.lines):
            return False
        below, head = self.lines[i + 1], self.lines[at]
        if re.search("[。,;:]", line.text) or not self._is_cell(below):
            return False
        columns = len(head.text.split())
        blank = "\t" not in head.text and columns >= _FEWEST_COLUMNS
        return "\t" in below.text or (
            len(below.text.split()) >= columns - 1 if blank else below.text.isdigit() and len(below.text) <= 3
        )

    def _is_cell(self, line: Line) -> bool:
        text = line.text
        if "\t" in text:
            return len(text) <= 400 and text[-1] != "。"
        if len(text) > _LONGEST_CELL or text[-1] in "。;" or self.p.note.match(text):
            return False
        marker = self._marker(line)
        return not marker or marker[0] in ("item", "sub")

    def _flat_block(self, at: int, end: int) -> TableBlock:
        """Cells in reading order. Where cells begin with a tab, a line without one goes on with the cell before."""
        lines = self.lines[at:end]
        if sum(line.text.count("\t") >= 2 for line in lines) * 2 > len(lines):
            return self._tab_block(lines)
        columns = len(lines[0].text.split())
        if columns >= _FEWEST_COLUMNS and "\t" not in lines[0].text and self._head_words(lines[0]) >= columns - 1:
            return self._blank_block(lines, columns)
        tabbed = sum(line.tabbed for line in lines) * 2 > len(lines)
        groups: list[list[tuple[int, int]]] = []
        numbers: list[int] = []
        for line in lines:
            start = line.start
            for i, piece in enumerate(line.text.split("\t")):
                if piece.strip():
                    lead = len(piece) - len(piece.lstrip())
                    span = (start + lead, start + len(piece.rstrip()))
                    if tabbed and not line.tabbed and i == 0 and groups:
                        groups[-1].append(span)
                    else:
                        groups.append([span])
                        numbers.append(line.number)
                start += len(piece) + 1
        views = [view_of(group, self.text, self.folded) for group in groups]
        return TableBlock(lines[0].number, lines[0].start, lines[-1].end, cells=views, lines=numbers)

    def _blank_block(self, lines: list[Line], columns: int) -> TableBlock:
        """A table with one row a line, its cells separated by blanks, as text out of a PDF has them.

        The number stands first and the values last; what is more than the head promises belongs to the name. A line
        that begins with a number and is no row yet goes on below; one that lacks nothing but its number is a part of
        the row above, a numbered heading sorts the rows, and another line goes on with the name of the row above.
        """
        rows: list[list[tuple[View, int, int, int]]] = []
        spans: list[list[list[tuple[int, int]]]] = []
        begun: list[tuple[int, int]] = []
        for line in lines:
            words = [(line.start + m.start(), line.start + m.end()) for m in re.finditer(r"[^ ]+", line.text)]
            numbered = self.folded[slice(*words[0])].isdigit()
            if len(words) < columns and begun and not numbered:
                words = begun + words
            begun = []
            first = self.folded[slice(*words[0])].isdigit()
            if len(words) >= columns:
                behind = columns - 2
                spans.append([[words[0]], words[1 : len(words) - behind], *([w] for w in words[len(words) - behind :])])
            elif first:
                begun = words
            elif len(words) == columns - 1 and spans:
                spans.append([[], *([w] for w in words)])
            elif len(words) == 1 and self._marker(line):
                spans.append([words])
            elif spans:
                spans[-1][-1 if len(spans[-1]) == 1 else 1].extend(words)
        for cells in spans:
            rows.append([(view_of(c, self.text, self.folded), i, 1, 1) for i, c in enumerate(cells) if c])
        return TableBlock(lines[0].number, lines[0].start, lines[-1].end, rows=rows)

    def _tab_block(self, lines: list[Line]) -> TableBlock:
        """A table with one row a line, its cells separated by tabs; an empty cell stays a column."""
        rows: list[list[tuple[View, int, int, int]]] = []
        for line in lines:
            row = []
            # The line's own start: an empty first cell is white space that the line has lost.
            start = self.folded.rfind("\n", 0, line.start) + 1
            for column, piece in enumerate(self.folded[start : line.end].split("\t")):
                if piece.strip():
                    lead = len(piece) - len(piece.lstrip())
                    view = view_of([(start + lead, start + len(piece.rstrip()))], self.text, self.folded)
                    row.append((view, column, 1, 1))
                start += len(piece) + 1
            rows.append(row)
        return TableBlock(lines[0].number, lines[0].start, lines[-1].end, rows=rows)
