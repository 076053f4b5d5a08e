"""Tables of indicators to rows: name, unit, values by column, obligation, responsible units.

Two shapes come in: a grid with known columns (HTML, DOCX, PDF), and cells flattened one a line, where columns are told
by what the head promises and what each cell looks like. Both give the same rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from planparse.blocks import TableBlock
from planparse.document import Note
from planparse.lexicon import Lexicon
from planparse.patterns import compiled
from planparse.quantities import unit_of
from planparse.records import dataclass, field
from planparse.responsible import split_units
from planparse.rules import Rules
from planparse.text import View

_YEAR = compiled("((?:19|20)[0-9]{2})")
_SPAN_END = compiled("(?:19|20)[0-9]{2}年?[-~至]((?:19|20)[0-9]{2})")
_ITEMED = compiled(r"([0-9]{1,3})[.、](?=[^0-9])")


@dataclass(slots=True, eq=False)
class Column:
    """One column of the head: `kind` as the packs call it, the `year` it names, if any."""

    kind: str
    year: int | None = None
    text: str = ""


@dataclass(slots=True, eq=False)
class Row:
    """One row or sub-row. `values`: (column, cell) of the value columns that are not empty; `whole`: the name of the
    row that a first part stands in."""

    number: int | None
    category: str | None
    name: View
    unit: str | None = None
    values: list[tuple[Column, View]] = field(default_factory=list)
    obligation: str | None = None
    responsible: list[str] = field(default_factory=list)
    merged: bool = False
    whole: View | None = None


class Cells:
    """What the packs say of table cells: heads, values, directions, units, offices, obligations."""

    def __init__(self, rules: Rules) -> None:
        self.head = {w: r.emit["column"] for r in rules.of("head") for w in r.words}
        self.head_patterns = [(r.emit["column"], rules.compile(r.pattern)) for r in rules.of("head") if r.pattern]
        self.value_rule = next(r for r in rules.of("head") if r.emit["column"] == "value")
        self.cells = rules.compile("|".join(f"(?:{r.pattern})" for r in rules.of("cell")))
        self.organs = tuple(rules.words("responsible", part="organ"))
        self.not_organs = tuple(rules.words("responsible", part="not-organ"))
        self.behind_organ = rules.joined("responsible", part="behind")
        self.obligations: dict[str, str] = {w: r.emit["obligation"] for r in rules.of("obligation") for w in r.words}
        self.signed, self.value, self.labelled, self.absent, self.numbered_name, self.unit_form, self.in_bracket = (
            rules.joined("table", part=part)
            for part in ("signed", "value", "labelled", "absent", "numbered-name", "unit", "bracket")
        )
        self.growth, self.of_which = (rules.joined("table", part=part) for part in ("growth", "of-which"))
        self.goals, self.either, self.amounts, self.falls = (
            tuple(rules.words("table", part=part)) for part in ("goals", "either", "amount", "fall")
        )
        days = [r for r in rules.of("table") if r.emit["part"] == "per"]
        self.per: dict[str, str | None] = {w: r.emit.get("per") for r in days for w in r.words}
        self.units = frozenset(w for r in rules.of("unit") for w in r.words)
        self.scales = rules.words("scale")

    def is_unit(self, text: str) -> bool:
        """Whether a cell or bracket holds nothing but a unit (%, 1/10万, 万人, 亿, 每秒百亿亿次浮点运算)."""
        if text in self.units or text.removeprefix("1") in self.units or text in self.scales:
            return True
        return self.unit_form.fullmatch(text) is not None or any(
            text.startswith(s) and text[len(s) :] in self.units for s in self.scales
        )

    def obligation(self, text: str) -> str | None:
        """What the words of a cell say of whether its row binds."""
        return next((value for word, value in self.obligations.items() if word in text), None)

    def is_goal(self, column: Column) -> bool:
        """Whether a column's head says that it holds what is to be reached."""
        return any(word in column.text for word in self.goals)

    def is_office(self, text: str) -> bool:
        """Whether words end as the name of an office does, a bracket or 等 behind it not counted."""
        words = self.behind_organ.sub("", text)
        return words.endswith(self.organs) and not text.endswith(self.not_organs)


def _column(text: str, p: Cells) -> Column | None:
    kind = p.head.get(text)
    if kind is None:
        kind = next((k for k, pattern in p.head_patterns if pattern.fullmatch(text)), None)
    if kind is None:
        return None
    # 2021-2025年累计: what a span of years adds up to is due in the last of them.
    year = _SPAN_END.search(text) or _YEAR.search(text)
    return Column(kind, int(year[1]) if year else None, text)


def rows_of(
    block: TableBlock, rules: Rules, period: tuple[int | None, int | None] | None, notes: list[Note]
) -> list[Row]:
    """The rows of a table that sets targets; none where its head promises no target column."""
    p = rules.compiled("tables", Cells)
    if block.rows is not None:
        columns, body = _grid(block, p)
        _settle(columns, period, p)
        return _grid_rows(columns, body, rules, p) if _has_target(columns) else []
    columns, used = _flat_head(block.cells, p)
    _settle(columns, period, p)
    if not columns:
        return []
    if not any(c.kind in ("value", "change") for c in columns):
        # The head of the value column itself may be lost; a table of targets says so by its name column.
        if not any(c.kind == "name" and p.is_goal(c) for c in columns):
            return []
        columns.append(Column("value"))
    return _Flat(block.cells[used:], columns, rules, p, notes).rows()


def contents_of(block: TableBlock, rules: Rules) -> list[tuple[View, list[str], int | None]]:
    """What the tasks or projects of a table do, a cell each with the row's responsible units and the year it is due;
    none where its head promises no such column, or where the tasks name the rows of values."""
    p = rules.compiled("tables", Cells)
    if block.rows is None:
        return []
    columns, body = _grid(block, p)
    out: list[tuple[View, list[str], int | None]] = []
    if any(c.kind == "value" for c in columns):
        return out
    for cells in body:
        by_kind = {c.kind: cells[i][0] for i, c in enumerate(columns) if i in cells}
        if content := by_kind.get("content"):
            units, due = by_kind.get("responsible"), by_kind.get("due")
            year = _YEAR.findall(due.text) if due else []
            out.append((content, _organs(units, rules, p) if units else [], int(year[-1]) if year else None))
    return out


def _has_target(columns: Sequence[Column]) -> bool:
    return any(c.kind in ("value", "change") for c in columns) and any(c.kind in ("name",) for c in columns)


def _settle(columns: list[Column], period: tuple[int | None, int | None] | None, p: Cells) -> None:
    """Tell baseline columns from target columns by their years: what lies before the period is where it starts from."""
    begin = period[0] if period else None
    years = [c for c in columns if c.kind == "value" and c.year]
    if len(years) > 1 or begin:
        first = min((c.year for c in years if c.year), default=None)
        for column in years:
            early = column.year is not None and (
                column.year < begin if begin else column.year == first and len(years) > 1
            )
            if early and not p.is_goal(column):
                column.kind = "baseline"
    if not any(c.kind == "name" for c in columns) and any(c.kind == "value" for c in columns):
        for column in columns:
            # 任务, 2025年: where values stand beside them, the tasks are what is measured.
            column.kind = "name" if column.kind == "content" else column.kind
    if not any(c.kind == "name" for c in columns):
        # 规划目标 may head the names (序号 / 规划目标) or the values (指标 / 规划目标).
        return
    names = [c for c in columns if c.kind == "name"]
    if len(names) > 1:
        for column in names[1:]:
            if column.text in p.either:
                column.kind = "value"
            else:
                names[0].kind = "category"
                break


# ---------------------------------------------------------------------------------------------------------------------
# Grids


def _grid(block: TableBlock, p: Cells) -> tuple[list[Column], list[dict[int, tuple[View, bool]]]]:
    """Columns of the head rows, and per body row its cells by column; merged cells stand in every row they cover."""
    rows = block.rows or []
    width = max((c + n for row in rows for _, c, n, _ in row), default=0)
    full: list[dict[int, tuple[View, bool]]] = [{} for _ in rows]
    for r, row in enumerate(rows):
        for view, column, cols, down in row:
            for dr in range(min(down, len(rows) - r)):
                for dc in range(cols):
                    full[r + dr].setdefault(column + dc, (view, dr == 0 and dc == 0))
    head_rows = 0
    for r in range(min(3, len(full))):
        texts = [v.text for v, _ in full[r].values() if v.text]
        if head_rows and any(re.fullmatch("[0-9]{1,3}", t) for t in texts):
            break
        known = sum(1 for t in texts if _column(t, p))
        if known >= 2 or (r and known and known >= len(texts) - 1):
            head_rows = r + 1
        elif head_rows:
            break
    columns: list[Column] = []
    for c in range(width):
        words = list(dict.fromkeys(full[r][c][0].text for r in range(head_rows) if c in full[r]))
        found = [_column(t, p) for t in reversed(words)]
        known_as = next((f for f in found if f), None)
        year = next((int(y[1]) for t in words if (y := _YEAR.search(t))), None)
        columns.append(Column(known_as.kind, known_as.year or year, known_as.text) if known_as else Column("other"))
    _name_blank_head(columns, full[head_rows:])
    return (columns if head_rows else []), full[head_rows:]


def _name_blank_head(columns: list[Column], body: list[dict[int, tuple[View, bool]]]) -> None:
    """Columns without a head that hold words: the names (序号, blank, 规划目标), or what a row's name falls into."""
    for index, column in enumerate(columns):
        words = [cells[index][0].text for cells in body if index in cells]
        wordy = sum(bool(re.search("[\u3400-\u9fff]{2}", text)) for text in words)
        if column.kind != "other" or column.text:
            continue
        if index and columns[index - 1].kind == "name" and wordy > 1:
            column.kind = "part"
        elif wordy > len(body) / 2:
            column.kind = "name"
            return


def _organs(view: View, rules: Rules, p: Cells) -> list[str]:
    """The organs of a cell; its paragraphs are apart by white space in the source, which the view leaves out."""
    out: list[str] = []
    start = 0
    for at in range(1, len(view.pos) + 1):
        if at == len(view.pos) or (view.pos[at] != view.pos[at - 1] + 1 and view.text[start:at].endswith(p.organs)):
            part = view.cut(start, at)
            out += split_units(part.text, part.raw, rules)
            start = at
    return out


def _grid_rows(columns: list[Column], body: list[dict[int, tuple[View, bool]]], rules: Rules, p: Cells) -> list[Row]:
    by_kind: dict[str, list[int]] = {}
    for i, column in enumerate(columns):
        by_kind.setdefault(column.kind, []).append(i)
    value_columns = [i for k in ("value", "baseline", "change") for i in by_kind.get(k, [])]
    out: list[Row] = []
    category: str | None = None
    parent: Row | None = None
    for cells in body:

        def cell(kind: str, cells: dict[int, tuple[View, bool]] = cells) -> View | None:
            found = [cells[i][0] for i in by_kind.get(kind, []) if i in cells and cells[i][0].text]
            return found[-1] if found else None

        distinct = {id(v): v for v, _ in cells.values() if v.text}
        only = next(iter(distinct.values())) if len(distinct) == 1 else None
        if only and (len(cells) > 1 or _GROUPED.match(only.text)):
            category = _words(only)
            continue
        name, number, heading, part = (cell(kind) for kind in ("name", "number", "category", "part"))
        below = number is None and "number" in by_kind and parent is not None
        if name is None and part is None:
            continue
        if name and _column(name.text, p) and not any(p.signed.match(v.text) for v in distinct.values()):
            continue
        category = _words(heading) if heading else category
        row = Row(_integer(number), category, name or part or View("", "", ()))
        _read_name(row, rules, p)
        if below and parent is not None:
            row.number = parent.number
            if name is None or not _stands_alone(row.name.text, parent, rules):
                _go_on(row, parent, p)
        else:
            parent = Row(row.number, category, row.whole or row.name, row.unit)
        if name and part:
            row = Row(row.number, category, part, row.unit)
            _read_name(row, rules, p)
            _go_on(row, parent or row, p)
        unit = cell("unit")
        if unit is not None:
            row.unit = None if p.absent.fullmatch(unit.text) else unit_of(unit.text, rules)
        obligation = cell("obligation")
        row.obligation = p.obligation(obligation.text) if obligation else None
        units = cell("responsible")
        row.responsible = _organs(units, rules, p) if units else []
        for i in value_columns:
            if i in cells and cells[i][0].text and not p.absent.fullmatch(cells[i][0].text):
                row.values.append((columns[i], cells[i][0]))
                row.merged = row.merged or not cells[i][1]
        if any(c.kind != "baseline" for c, _ in row.values):
            out.append(row)
    return out


def _stands_alone(name: str, parent: Row, rules: Rules) -> bool:
    """Whether the name of a sub-row says by itself what is measured (婴儿死亡率, not 其中:公立医院)."""
    measured = rules.compiled("lexicon", Lexicon).measured
    return measured(name) or (len(name) > 10 and not measured(parent.name.text))


def _go_on(row: Row, parent: Row, p: Cells) -> None:
    """Name a sub-row by what its row measures, unless it says so itself; the unit is the row's where it has none."""
    own = p.of_which.match(row.name.text)
    if own:
        row.name = row.name.cut(own.end())
    if parent.name.text not in row.name.text:
        row.name = _joined([parent.name, row.name])
    row.unit = row.unit or parent.unit


def _words(view: View) -> str:
    return re.sub("^[一二三四五六七八九十]+[、.]|^[(（][一二三四五六七八九十]+[)）]", "", view.raw)


def _integer(view: View | None) -> int | None:
    return int(view.text) if view is not None and re.fullmatch("[0-9]{1,3}", view.text) else None


_BRACKETED = compiled(r"[\[(〔][≥≤><]?[0-9.]+[^0-9\])〕]{0,2}[\])〕]%?")
_GROUPED = compiled("[一二三四五六七八九十]+、|[(][一二三四五六七八九十]+[)]")
_NAME_UNIT = compiled(r"\((?P<unit>[^()]{0,16})\)?$|(?P<bare>[%‰])$")
_PART_BEHIND = compiled(r"\((?P<unit>[^()]{1,16})\)(?=[^\x00-\xff]{2,8}$)")


def _read_name(row: Row, rules: Rules, p: Cells) -> None:
    """Take the number (1.地区生产总值) off the name's start and the unit in brackets, also broken ones, off its end."""
    numbered = _ITEMED.match(row.name.text)
    if numbered:
        row.number = row.number or int(numbered[1])
        row.name = row.name.cut(numbered.end())
    text = row.name.text
    part = _PART_BEHIND.search(text)
    if part and p.is_unit(part["unit"]):
        # 常住人口规模(万人)市域: the row begins with its first part.
        row.unit, row.whole = unit_of(part["unit"], rules), row.name.cut(0, part.start())
        row.name = _joined([row.whole, row.name.cut(part.end())])
        return
    m = _NAME_UNIT.search(text)
    if not m or m.start() == 0:
        return
    inside = m["bare"] or (m["unit"] or "").strip()
    if inside and not p.is_unit(inside) and not p.in_bracket.fullmatch(inside):
        return
    row.unit = unit_of(inside, rules)
    row.name = row.name.cut(0, m.start())


# ---------------------------------------------------------------------------------------------------------------------
# Flattened tables


def _flat_head(cells: list[View], p: Cells) -> tuple[list[Column], int]:
    """The columns that the leading cells name, and how many cells that took; a head cell may be wrapped in two."""
    columns: list[Column] = []
    at = 0
    while at < len(cells):
        one = _column(cells[at].text, p)
        two = _column(cells[at].text + cells[at + 1].text, p) if at + 1 < len(cells) else None
        if two and (
            one is None
            or (at + 1 < len(cells) and _column(cells[at + 1].text, p) is None)
            or _YEAR.fullmatch(cells[at].text)
        ):
            columns.append(two)
            at += 2
        elif one:
            columns.append(one)
            at += 1
        else:
            break
    return columns, at


class _Flat:
    """Reads flattened cells row by row, as a state machine over what each cell can be."""

    def __init__(self, cells: list[View], columns: list[Column], rules: Rules, p: Cells, notes: list[Note]) -> None:
        self.cells, self.columns, self.rules, self.p, self.notes = cells, columns, rules, p, notes
        kinds = [c.kind for c in columns]
        self.numbered = "number" in kinds
        self.categories = "category" in kinds
        self.category_behind_number = (
            self.numbered and self.categories and kinds.index("number") < kinds.index("category")
        )
        self.measured = rules.compiled("lexicon", Lexicon).measured
        self.values = [c for c in columns if c.kind in ("value", "baseline", "change")]
        self.has_unit = "unit" in kinds
        self.has_obligation = "obligation" in kinds
        self.has_responsible = "responsible" in kinds
        self.expected = 1
        self.number: int | None = None
        self.category: str | None = None
        self.parent: Row | None = None
        self.out: list[Row] = []

    def rows(self) -> list[Row]:
        at = 0
        while at < len(self.cells):
            step = self._row(at)
            at = step if step > at else at + 1
        return self.out

    # --- what a cell can be -------------------------------------------------------------------------------------------

    def _is_number(self, at: int) -> bool:
        """Whether the cell is the running number that is due (or close to it), followed by words."""
        if not self.numbered or at >= len(self.cells) or not re.fullmatch("[0-9]{1,3}", self.cells[at].text):
            return False
        n = int(self.cells[at].text)
        following = self.cells[at + 1].text if at + 1 < len(self.cells) else ""
        return self.expected <= n <= self.expected + 2 and bool(re.search("[^\x00-\xff、。]{2}", following))

    def _is_value(self, at: int) -> bool:
        text = self.cells[at].text
        if (self.has_unit and self.p.is_unit(text)) or _ITEMED.match(text):
            return False
        if self.p.signed.match(text) or self._is_absent(at) or _BRACKETED.fullmatch(text):
            return not self.p.numbered_name.match(text)
        if len(self.values) <= 1 and self._is_labelled(at):
            return True
        return bool(self.p.cells.fullmatch(text) or self.p.value.match(text))

    def _is_absent(self, at: int) -> bool:
        return self.p.absent.fullmatch(self.cells[at].text) is not None

    # --- rows ---------------------------------------------------------------------------------------------------------

    def _row(self, at: int) -> int:
        """Read one row or sub-row that begins at `at`; the index behind it."""
        begin = at
        words: list[View] = []
        if self._repeats_head(at):
            return at + len(self.columns)
        while at < len(self.cells) and not self._is_number(at) and not self._is_value(at):
            words.append(self.cells[at])
            at += 1
            if len(words) > 6:
                return begin + 1
        fresh = self._is_number(at)
        if fresh:
            if words:
                self.category = "".join(_words(w) for w in words)
            self.number = int(self.cells[at].text)
            self.expected = self.number + 1
            at += 1
            words = []
            while at < len(self.cells) and not self._is_value(at) and len(words) < 5:
                if self._is_number(at):
                    break
                words.append(self.cells[at])
                at += 1
        elif not self.numbered and self.categories and len(words) > 1 and not words[-1].text.startswith("("):
            self.category, words = _words(words[0]), words[1:]
        if not words or at >= len(self.cells):
            return max(at, begin + 1)
        unit: View | None = None
        if self.has_unit and len(words) > 1 and (self.p.is_unit(words[-1].text) or len(words[-1].text) <= 6):
            unit = words.pop()
        if fresh and self.category_behind_number and len(words) > 1 and not self.measured(words[0].text):
            # Where the category is merged over rows, the cell behind a number is already the name.
            self.category, words = _words(words[0]), words[1:]
        if self.has_unit and unit is None and self._is_absent(at):
            # A row without a unit shows a dash in that column, before its values.
            run = at
            while run < len(self.cells) and self._is_value(run) and not (run > at and self._is_number(run)):
                run += 1
            at += run - at > len(self.values)
        row = Row(self.number if fresh else None, self.category, _joined(words))
        whole = next((i for i in range(1, len(words)) if self._is_whole(words[i - 1 : i + 1], unit)), 0) if fresh else 0
        if whole and words[whole].text[0] != "(":
            # A row whose name says it all falls into parts with the values: the first part stands beside it.
            self.parent = Row(self.number, self.category, _joined(words[:whole]))
            _read_name(self.parent, self.rules, self.p)
            row = Row(None, self.category, _joined(words[whole:]))
        if unit is not None:
            row.unit = unit_of(unit.text, self.rules)
        else:
            _read_name(row, self.rules, self.p)
        if row.number is not None:
            fresh, self.number = True, row.number
            self.parent = Row(row.number, row.category, row.name, row.unit)
        else:
            row.number = self.number
            if self.parent and not _stands_alone(row.name.text, self.parent, self.rules):
                _go_on(row, self.parent, self.p)
        at = self._read_values(row, at)
        at = self._read_rest(row, at, fresh)
        self.out.append(row)
        return at

    def _is_whole(self, pair: list[View], unit: View | None) -> bool:
        """Whether the first of two cells is a whole name, and the second a part of it (覆盖率 / 城市社区)."""
        first, second = (w.text for w in pair)
        if unit is None:
            return _NAME_UNIT.search(first) is not None
        return self.category_behind_number and self.measured(first) and not self.measured(second)

    def _repeats_head(self, at: int) -> bool:
        texts = [c.text for c in self.cells[at : at + len(self.columns)]]
        return len(texts) == len(self.columns) and all(_column(t, self.p) for t in texts)

    def _read_values(self, row: Row, at: int) -> int:
        found: list[View] = []
        while at < len(self.cells) and len(found) < max(1, len(self.values)) + (0 if self.values else 1):
            cell = self.cells[at]
            if (self._is_number(at) and found) or not self._is_value(at):
                break
            found.append(cell)
            at += 1
            # A direction may be wrapped (与女职工比例 / 相适应, 巩固 / 提高): the column of obligations ends it.
            while (
                self.has_obligation
                and at < len(self.cells)
                and not self.p.signed.match(cell.text)
                and not self.p.absent.fullmatch(cell.text)
                and self.cells[at].text not in self.p.obligations
                and self._obligation_follows(at)
                and len(found) == len(self.values)
            ):
                cell = found[-1] = _joined([found[-1], self.cells[at]])
                at += 1
        if not self.has_obligation and not self.has_responsible and len(self.values) == 1:
            # Two values in a row of one value column are sub-rows (城市社区100 / 农村社区90).
            while (
                at < len(self.cells)
                and re.match("[^\x00-\xff、。]{2,8}[0-9]", self.cells[at].text)
                and self._is_labelled(at)
            ):
                found.append(self.cells[at])
                at += 1
        self._assign(row, found)
        return at

    def _is_labelled(self, at: int) -> bool:
        return self.p.labelled.fullmatch(self.cells[at].text) is not None

    def _obligation_follows(self, at: int) -> bool:
        return at + 1 < len(self.cells) and self.cells[at + 1].text in self.p.obligations

    def _assign(self, row: Row, found: list[View]) -> None:
        columns = self.values or [Column("value")]
        if len(columns) == 1:
            row.values = [(columns[0], v) for v in found if not self.p.absent.fullmatch(v.text)]
            return
        if len(found) < len(columns) and len(found) == 1:
            # One cell where two columns are due: the other is merged with the row above. A bound or a direction is
            # a target; a bare number stands in the first column.
            target = (
                next(c for c in columns if c.kind != "baseline")
                if any(c.kind != "baseline" for c in columns)
                else columns[0]
            )
            bare = bool(re.fullmatch("[0-9.]+%?", found[0].text))
            above = self.out[-1].values if self.out else []
            merged = [(c, v) for c, v in above if c.kind != "baseline"]
            if bare and columns[0].kind == "baseline" and merged:
                row.values = [(columns[0], found[0]), *merged]
                row.merged = True
                start, end = merged[0][1].span(0, len(merged[0][1].text))
                self.notes.append(
                    Note("table.merged-cell", "info", f"the cell also holds for the row {row.name.raw}", start, end)
                )
            else:
                row.values = [(target, found[0])]
            return
        row.values = [(c, v) for c, v in zip(columns, found, strict=False) if not self.p.absent.fullmatch(v.text)]

    def _read_rest(self, row: Row, at: int, fresh: bool) -> int:
        above = self.out[-1] if self.out and not fresh and self.out[-1].number == row.number else None
        if self.has_obligation:
            if at < len(self.cells) and self.cells[at].text in self.p.obligations:
                row.obligation = self.p.obligation(self.cells[at].text)
                at += 1
            elif above:
                row.obligation = above.obligation
        if self.has_responsible:
            units, at = self._units(at)
            row.responsible = units or (above.responsible if above else [])
        return at

    def _units(self, at: int) -> tuple[list[str], int]:
        """The cells of responsible units from `at` on: up to the last one that ends like an office, before a category,
        a name or a number."""
        end = at
        while (
            end < len(self.cells)
            and not self._is_number(end)
            and not self._is_value(end)
            and not _NAME_UNIT.search(self.cells[end].text)
            and len(self.cells[end].text) <= 30
        ):
            end += 1
        # Cells before a value are the next sub-row's name, unless they all end like offices.
        last = at
        parts: list[View] = []
        groups: list[str] = []
        for i in range(at, end):
            parts.append(self.cells[i])
            joined = _joined(parts)
            if self.p.is_office(joined.text):
                groups.extend(split_units(joined.text, joined.raw, self.rules))
                last, parts = i + 1, []
            elif len(parts) > 2:
                break
        return groups, last


def _joined(views: Sequence[View]) -> View:
    if len(views) == 1:
        return views[0]
    pos: list[int] = []
    for v in views:
        pos.extend(v.pos)
    return View("".join(v.text for v in views), "".join(v.raw for v in views), pos)
