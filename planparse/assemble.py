"""Everything read from one plan, put into the shape of the output contract.

Ids come from a target's place and words, so they stay the same from run to run and survive changes elsewhere.
"""

from __future__ import annotations

import re
import zlib
from bisect import bisect_right

from planparse.document import Document, Note
from planparse.lexicon import Lexicon
from planparse.qualitative import read_qualitative
from planparse.quantities import Quantity, known_unit, quantities
from planparse.records import dataclass, field
from planparse.responsible import Responsible, responsible_in
from planparse.rules import Rule, Rules
from planparse.structure import Item, Notice, Piece, PlanDraft, Section, five_year
from planparse.tables import Cells, Column, Row, contents_of, rows_of
from planparse.targets import Target, read_piece
from planparse.text import View

TYPE_CHECKING = False  # importing typing costs 3 ms of every start
if TYPE_CHECKING:
    from typing import Any

SCHEMA_VERSION = "1.0"

# Sections whose numbers are achieved values or context, unless the sentence states a time to come.
_CONTEXT_ROLES = ("review", "preamble")


def assemble(document: Document, notice: Notice | None, draft: PlanDraft, rules: Rules) -> dict[str, Any]:
    """One plan as a JSON-ready dict that follows the contract."""
    return _Assembler(document, draft, rules).plan(notice)


@dataclass(slots=True, eq=False)
class _Read:
    """What one piece gave, with its section, the responsible units that follow its targets, and the year that its row
    of a table is due."""

    section: Section
    piece: Piece
    brackets: list[Responsible]
    units_after: list[str] = field(default_factory=list)
    due: int | None = None


class _Assembler:
    def __init__(self, document: Document, draft: PlanDraft, rules: Rules) -> None:
        self.document, self.draft, self.rules = document, draft, rules
        self.ids: dict[int, str] = {}
        self.used: set[str] = set()
        self.places: dict[str, int] = {}
        self.indicators: list[dict[str, Any]] = []
        self.observations: list[dict[str, Any]] = []
        self.notes: list[Note] = [*document.notes, *draft.notes]
        self.has_domains = any(s.role in ("domain", "domains") for s in draft.walk())
        self.brackets: dict[int, list[Responsible]] = {}
        self.dated: int | None = None
        self.lexicon = rules.compiled("lexicon", Lexicon)
        self.plan_time = rules.compiled("plan-time", lambda r: r.joined("context", part="plan-time"))

    # --- the plan -----------------------------------------------------------------------------------------------------

    def plan(self, notice: Notice | None) -> dict[str, Any]:
        document, draft = self.document, self.draft
        # Without a period, what was due before the notice's own year is reached or missed already.
        dated = notice and (notice.issued_on or notice.published_on)
        self.dated = int(dated[:4]) if dated else None
        for path, section in _paths(draft.sections):
            self.ids[id(section)] = path
        for section in draft.walk():
            self._section_targets(section)
        self.indicators.sort(key=lambda i: (i["evidence"]["start"], self.places[i["id"]]))
        self._imply()
        sections = [self._section(s, 1) for s in draft.sections]
        period = draft.period
        inside = [n for n in self.notes if draft.start <= n.start < max(draft.end, draft.start + 1)]
        inside.sort(key=lambda n: (n.start, n.code, n.message))
        return {
            "schema_version": SCHEMA_VERSION,
            "source": {
                "path": document.name,
                "media_type": document.media_type,
                "sha256": document.sha256,
                "encoding": document.encoding,
                "pages": len(document.page_starts) if document.page_starts else None,
            },
            "notice": None if notice is None else {k: getattr(notice, k) for k in Notice.__slots__},
            "title": draft.title,
            "region": draft.region,
            "subject": draft.subject,
            "period": None if period is None else {"start": period[0], "end": period[1]},
            "span": {"start": draft.start, "end": draft.end},
            "sections": sections,
            "indicators": self.indicators,
            "observations": self.observations,
            "diagnostics": [
                {"code": n.code, "severity": n.severity, "message": n.message, "span": {"start": n.start, "end": n.end}}
                for n in inside
            ],
        }

    def _section(self, section: Section, level: int) -> dict[str, Any]:
        return {
            "id": self.ids[id(section)],
            "role": section.role,
            "number": section.number,
            "heading": section.heading,
            "level": level,
            "span": {"start": section.start, "end": section.end},
            "items": [self._item(item) for item in section.items],
            "sections": [self._section(s, level + 1) for s in section.sections],
        }

    def _item(self, item: Item) -> dict[str, Any]:
        units: list[str] = []
        words = []
        for piece in item.pieces:
            text = piece.view.raw
            for bracket in reversed(self._brackets(piece)):
                text = text[: bracket.start] + text[bracket.end :]
            for bracket in self._brackets(piece):
                units += [u for u in bracket.units if u not in units]
            words.append(text)
        return {
            "number": item.number,
            "text": "\n".join(w for w in words if w),
            "span": {"start": item.start, "end": item.end},
            "responsible_units": units,
        }

    def _brackets(self, piece: Piece) -> list[Responsible]:
        key = id(piece)
        if key not in self.brackets:
            self.brackets[key] = responsible_in(piece.view.text, piece.view.raw, self.rules)
        return self.brackets[key]

    # --- targets of one section ---------------------------------------------------------------------------------------

    def _section_targets(self, section: Section) -> None:
        if not section.holds_targets:
            return
        pieces = section.pieces
        for i, piece in enumerate(pieces):
            brackets = self._brackets(piece)
            later: list[str] = []
            for following in pieces[i + 1 :]:
                if following.item != piece.item or (piece.item is None and not _only_bracket(following, self)):
                    break
                found = self._brackets(following)
                if found:
                    later = found[0].units
                    break
            self._piece_targets(_Read(section, piece, brackets, later))
            for bracket in brackets:
                if bracket.broken:
                    start, end = piece.view.span(bracket.start, bracket.end)
                    self._note("units.bracket", "info", "a bracket of responsible units lost a side", start, end)
        for table in section.tables:
            for row in rows_of(table, self.rules, self.draft.period, self.notes):
                self._row_targets(section, row)
            for view, units, due in contents_of(table, self.rules):
                self._piece_targets(_Read(section, Piece(view, None), [], units, due))

    def _piece_targets(self, read: _Read) -> None:
        view, section = read.piece.view, read.section
        blocked = [(b.start, b.end) for b in read.brackets]
        reading = read_piece(view, blocked, self.rules)
        targets = reading.targets
        sets_goals = section.role == "preamble" and self.lexicon.goals.search(view.text)
        achieved_role = section.role in _CONTEXT_ROLES and not sets_goals
        begin = (self.draft.period or (self.dated, None))[0]
        kept: list[Target] = []
        last_year: int | None = None
        begun: Target | None = None
        for target in targets:
            ahead = target.deadline is not None and (begin is None or target.deadline > begin)
            if begin is not None and not ahead and self._in_earlier_plan(view, target, begin):
                target.achieved = True
            if target.deadline is not None and begin is not None and target.deadline < begin:
                target.achieved = True
                target.year = target.deadline
                begun = target
            elif begun is not None and target.baseline is None and _goes_on(view, begun, target):
                # 2020年达到X, 2025年达到Y: the value at the start is the baseline (contract).
                target.baseline = (begun.value, begun.unit, begun.year)
            if (achieved_role and not (ahead and _says_its_year(view, target))) or target.achieved:
                if section.role == "review" or target.achieved:
                    target.year = target.year or last_year or self._report_year(view, target)
                    last_year = target.year
                    self._observe(view, target)
            elif section.role == "general" and not ahead and not _sets_goals(section, self.rules):
                continue
            else:
                kept.append(target)
        qualitative = read_qualitative(view, blocked, targets, section.role == "objectives", self.rules)
        for target in [*kept, *qualitative]:
            target.deadline = target.deadline or read.due
            units = next((b.units for b in read.brackets if b.start >= target.evidence[1] - 1), read.units_after)
            self._indicator(view, section, read.piece.item, target, units)
        if section.role in ("objectives", "overall_goal"):
            for start, end in reading.unclaimed:
                s, e = view.span(start, end)
                self._note("number.unclaimed", "info", f"no rule claimed the number {view.raw[start:end]!r}", s, e)

    def _in_earlier_plan(self, view: View, target: Target, begin: int) -> bool:
        """Whether the sentence speaks of the time of an earlier five-year plan (“十三五”期间)."""
        at = view.text.rfind("。", 0, target.evidence[0]) + 1
        named = self.plan_time.search(view.text, at, target.value_span[0])
        years = five_year(named[0]) if named else None
        return years is not None and years[1] < begin

    @staticmethod
    def _report_year(view: View, target: Target) -> int | None:
        """The year a report's paragraph speaks of: the last one named before the value."""
        years = re.findall("((?:19|20)[0-9]{2})年", view.text[: target.value_span[0]])
        return int(years[-1]) if years else None

    def _observe(self, view: View, target: Target) -> None:
        if target.value_max is not None and target.comparator != "range":
            return
        start, end = view.span(*target.evidence)
        self.observations.append(
            {
                "name": target.name,
                "value": _plain(target.value),
                "unit": target.unit,
                "year": target.year,
                "evidence": self._evidence(start, end),
            }
        )

    def _indicator(self, view: View, section: Section, item: int | None, target: Target, units: list[str]) -> None:
        start, end = view.span(*target.evidence)
        value_start, value_end = view.span(*target.value_span)
        start, end = min(start, value_start), max(end, value_end)
        self._add(
            {
                "name": target.name,
                "domain": self._domain(section),
                "role": self._role(section),
                "section_id": self.ids[id(section)],
                "item": item,
                "origin": "prose",
                **_read(target, self.lexicon),
                "obligation": _obligation_in(view.text, target, self.rules),
                "responsible_units": units,
                "value_text": self.document.text[value_start:value_end],
                "evidence": self._evidence(start, end),
                "implied": None,
                "rule": target.rule,
            },
            value_start,
        )

    def _domain(self, section: Section) -> str | None:
        domain = section.within("domain")
        if domain is not None:
            return domain.heading
        if self.has_domains:
            return None
        at: Section | None = section
        while at is not None and not at.heading:
            at = at.parent
        return at.heading if at else None

    @staticmethod
    def _role(section: Section) -> str:
        """Numbered tasks that stand directly in a domain are its measures (contract, role measures)."""
        return "measures" if section.role in ("domain", "domains", "other") else section.role

    # --- tables -------------------------------------------------------------------------------------------------------

    def _row_targets(self, section: Section, row: Row) -> None:
        targets = [(c, v) for c, v in row.values if c.kind == "value"] or [
            (c, v) for c, v in row.values if c.kind == "change"
        ]
        # Of several earlier values the last is the one the target starts from (2023年计划, 2023年预计).
        baseline_cell = next(((c, v) for c, v in reversed(row.values) if c.kind == "baseline"), None)
        for column, cell in targets:
            for target in _cell_targets(cell, column, row, self.rules):
                if baseline_cell:
                    base = quantities(baseline_cell[1].text, self.rules)
                    if base:
                        unit = base[0].unit or row.unit
                        target.baseline = (base[0].value, unit, baseline_cell[0].year)
                self._table_indicator(section, row, target, cell)

    def _table_indicator(self, section: Section, row: Row, target: Target, cell: View) -> None:
        start, end = cell.span(0, len(cell.text))
        value_start, value_end = cell.span(*target.value_span)
        self._add(
            {
                "name": target.name,
                "domain": row.category or section_domain(section),
                "role": "indicator_table",
                "section_id": self.ids[id(section)],
                "item": row.number,
                "origin": "table",
                **_read(target, self.lexicon),
                "obligation": row.obligation,
                "responsible_units": row.responsible,
                "value_text": self.document.text[value_start:value_end],
                "evidence": self._evidence(start, end),
                "implied": None,
                "rule": target.rule,
            },
            value_start,
        )

    # --- common -------------------------------------------------------------------------------------------------------

    def _evidence(self, start: int, end: int) -> dict[str, Any]:
        pages = self.document.page_starts
        return {
            "text": self.document.text[start:end],
            "start": start,
            "end": end,
            "page": bisect_right(pages, start) if pages else None,
        }

    def _add(self, indicator: dict[str, Any], at: int) -> None:
        """Take an indicator whose value stands at a source offset, with an id of its own."""
        place = f"{indicator['evidence']['text']}|{indicator['value_text']}|{indicator['name']}"
        base = f"{indicator['section_id']}.{'t' if indicator['origin'] == 'table' else 'p'}{indicator['item'] or 0}"
        identity = f"{base}.{zlib.crc32(place.encode()) & 0xFFFFFF:06x}"
        n = 2
        unique = identity
        while unique in self.used:
            unique = f"{identity}-{n}"
            n += 1
        self.used.add(unique)
        self.places[unique] = at
        self.indicators.append({"id": unique, **indicator})

    def _note(self, code: str, severity: str, message: str, start: int, end: int) -> None:
        self.notes.append(Note(code, severity, message, start, end))

    def _imply(self) -> None:
        """What a table leaves out but the plan says elsewhere: a bound or unit of the same measure and value in prose;
        a bare cell where the other cells of its table carry bounds lost one, most likely."""
        prose: dict[tuple[str, float], dict[str, Any]] = {}
        for i in self.indicators:
            if i["origin"] == "prose" and i["kind"] == "quantitative":
                prose.setdefault((i["name"], i["value"]), i)
        bounded = {
            i["section_id"]
            for i in self.indicators
            if i["origin"] == "table" and i["comparator"] in (">=", "<=", ">", "<")
        }
        for i in self.indicators:
            if i["origin"] != "table" or i["kind"] != "quantitative" or i["comparator"] != "=":
                continue
            twin = prose.get((i["name"], i["value"]))
            implied: dict[str, Any] = {}
            if twin is not None:
                reason = f"the same measure and value in the text: {twin['value_text']}"
                if twin["comparator"] not in ("=", None):
                    implied["comparator"] = {"value": twin["comparator"], "reason": reason}
                if i["unit"] is None and twin["unit"]:
                    implied["unit"] = {"value": twin["unit"], "reason": reason}
            i["implied"] = implied or None
            at = i["evidence"]
            if i["section_id"] in bounded and i["value"] != 100:
                self._note(
                    "bound.lost",
                    "warning",
                    f"{i['name']}: a bare value where other cells carry a bound",
                    at["start"],
                    at["end"],
                )


def _says_its_year(view: View, target: Target) -> bool:
    """Whether the year stands between the same semicolons as the value: a review tells of what is, part by part."""
    at = target.value_span[0]
    return view.text.rfind(str(target.deadline), 0, target.evidence[1]) > view.text.rfind(";", 0, at)


def _goes_on(view: View, start: Target, target: Target) -> bool:
    """Whether two values of one sentence are of the same measure."""
    same = start.name == target.name and start.unit == target.unit and not target.change
    return same and "。" not in view.text[start.evidence[1] : target.value_span[0]]


def _sets_goals(section: Section, rules: Rules) -> bool:
    """Whether general requirements also set goals (总体要求和主要目标, 到2030年): then their numbers are targets."""
    goals = rules.compiled("lexicon", Lexicon).goals
    return any(goals.search(text) for text in (section.heading, *(piece.view.text for piece in section.pieces)))


def section_domain(section: Section) -> str | None:
    """The heading of the domain a section stands in, or None."""
    domain = section.within("domain")
    return domain.heading if domain else None


def _only_bracket(piece: Piece, assembler: _Assembler) -> bool:
    found = assembler._brackets(piece)
    return bool(found) and found[0].start <= 1 and found[-1].end >= len(piece.view.text) - 1


def _paths(sections: list[Section], prefix: str = "s") -> list[tuple[str, Section]]:
    """Path-like ids: s2.1 is the first section of the second chapter."""
    out = []
    for i, section in enumerate(sections, 1):
        path = f"{prefix}{i}" if prefix == "s" else f"{prefix}.{i}"
        out.append((path, section))
        out.extend(_paths(section.sections, path))
    return out


def _read(target: Target, lexicon: Lexicon) -> dict[str, Any]:
    """What was read of a target, wherever it stands, in the contract's order."""
    baseline = target.baseline
    unit, per = _timed(target.unit, lexicon)
    return {
        "kind": target.kind,
        "comparator": target.comparator,
        "value": _plain(target.value),
        "value_max": _plain(target.value_max),
        "unit": unit,
        "per": per or target.per,
        "direction": target.direction,
        "change": target.change,
        "baseline": None
        if baseline is None
        else {"value": _plain(baseline[0]), "unit": _timed(baseline[1], lexicon)[0], "year": baseline[2]},
        "deadline": target.deadline,
    }


def _timed(unit: str | None, lexicon: Lexicon) -> tuple[str | None, str | None]:
    """A unit and what it is counted by in time (元/年 -> 元, 年)."""
    if unit is None or not lexicon.timed_unit.fullmatch(unit):
        return unit, None
    counted, _, time = unit.rpartition("/")
    return counted, time


def _plain(value: float | None) -> int | float | None:
    """12.0 -> 12: JSON shows a whole number as the plan writes it."""
    return int(value) if value is not None and value == int(value) else value


def _obligation_in(text: str, target: Target, rules: Rules) -> str | None:
    m = re.match(r"\(([^()]+)\)", text[target.evidence[1] : target.evidence[1] + 8])
    return rules.compiled("tables", Cells).obligations.get(m[1]) if m else None


# ---------------------------------------------------------------------------------------------------------------------
# Value cells


def _cell_targets(cell: View, column: Column, row: Row, rules: Rules) -> list[Target]:
    """The targets of one value cell: one number, a direction, or several clauses with a number each."""
    text = cell.text
    name = row.name.raw
    deadline = column.year
    parts = [m.span() for m in re.finditer("[^,;。]+", text) if _numbers(m[0], rules)]
    if len(parts) > 1 and all(re.search("[^\x00-\xff、。]", text[s:e]) for s, e in parts):
        return [_cell_value(cell, span, name, deadline, column, row, rules) for span in parts]
    if _numbers(text, rules):
        return [_cell_value(cell, (0, len(text)), name, deadline, column, row, rules)]
    return [_cell_direction(cell, name, deadline, row, rules)]


def _cell_value(
    cell: View, span: tuple[int, int], name: str, deadline: int | None, column: Column, row: Row, rules: Rules
) -> Target:
    text = cell.text[span[0] : span[1]]
    q = _numbers(text, rules)[0]
    label = re.match("([^\x01-\x27\x2a-\xff、。]{2,12})$", text[: q.start])
    cells = rules.compiled("tables", Cells)
    lexicon = rules.compiled("lexicon", Lexicon)
    target = Target(cells.value_rule.id, name, span, span, deadline=deadline)
    before = text[: q.start]
    bound, verb = _cell_words(before, lexicon)
    if label and bound is None and verb is None:
        target.name = cell.raw[span[0] : span[0] + q.start] + name
    target.value, target.value_max = q.value, q.value_max
    target.comparator = "range" if q.value_max is not None else bound or q.after or (verb.emit["bare"] if verb else "=")
    if q.more and target.comparator == "=":
        target.comparator = ">"
    if verb is not None:
        target.direction = verb.emit["direction"]
        target.change = bool(verb.emit.get("change"))
    target.unit = q.unit or row.unit or _head_unit(column, rules)
    if q.unit and row.unit and q.unit in cells.scales and row.unit not in (q.unit,):
        target.unit = row.unit if row.unit.startswith(q.unit) else q.unit + row.unit
    bracketed = re.fullmatch(r"[\[(〔][≥≤<>]?[0-9.]+[^0-9]{0,2}[\])〕].*", text)
    named = row.name.text
    amount = any(word in named for word in cells.amounts)
    if column.kind == "change" or cells.growth.match(named) or (bracketed and not amount):
        target.change = True
        falls = any(word in named for word in cells.falls)
        adds_up = bracketed and (column.kind != "change" or lexicon.provide_table.prefix(named, 0, len(named)))
        target.direction = target.direction or ("decrease" if falls else None if adds_up else "increase")
        yearly = lexicon.per.search(column.text) if column.kind == "change" else None
        if column.kind == "change" and not bracketed:
            # 年均增速: growth is a rate, whatever its row is measured in.
            target.unit = q.unit or _head_unit(column, rules) or "%"
        if yearly and not re.match(r"[\[(〔]", text):
            target.per = lexicon.per_of[yearly[0]]
    often = lexicon.per.search(before)
    if often and (target.change or q.unit_class == "times"):
        target.per = lexicon.per_of[often[0]]
    if q.unit is None or q.unit_class == "time":
        target.per = next((per for word, per in cells.per.items() if word in named), target.per)
    return target


def _head_unit(column: Column, rules: Rules) -> str | None:
    """The unit in the bracket of a value column's head (目标值(%)); None where it holds something else."""
    m = re.search(r"\(([^()0-9]+)\)$", column.text)
    return known_unit(m[1], rules) if m else None


def _numbers(text: str, rules: Rules) -> list[Quantity]:
    """The numbers of a cell that can be its value: no years (比2015年降低10%), no Chinese numerals but shares."""
    return [
        q
        for q in quantities(text, rules)
        if (not q.chinese or q.unit_class == "rate") and not (q.unit == "年" and 1900 <= q.value < 2100)
    ]


def _cell_words(before: str, x: Lexicon) -> tuple[str | None, Rule | None]:
    """(comparator, frame rule) of the words before a cell's number (≥, 保持在, 提高到, 换届后当年达到)."""
    word = x.left_words.suffix(before, 0, len(before))
    kind, rule = x.left.get(word, ("", x.bare))
    bound = None
    if kind == "bound":
        bound = x.bound_of[word]
        word = x.left_words.suffix(before, 0, len(before) - len(word))
        kind, rule = x.left.get(word, ("", x.bare))
    return bound, rule if kind == "verb" and rule.emit["frame"] != "provide" else None


def _cell_direction(cell: View, name: str, deadline: int | None, row: Row, rules: Rules) -> Target:
    rule = next((r for r in rules.of("cell") if r.pattern and rules.compile(r.pattern).fullmatch(cell.text)), None)
    rule = rule or rules.of("cell")[-1]
    span = (0, len(cell.text))
    return Target(
        rule.id,
        name,
        span,
        span,
        kind="qualitative",
        unit=row.unit,
        direction=rule.emit["direction"],
        deadline=deadline,
    )
