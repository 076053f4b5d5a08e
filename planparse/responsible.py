"""Responsible units (责任单位) at the end of an item, also where the bracket lost its opening or its full stop."""

from __future__ import annotations

from planparse.patterns import compiled
from planparse.records import dataclass
from planparse.rules import Rules, Words


@dataclass(slots=True, eq=False)
class Responsible:
    """A bracket that names units: view offsets, the units in order as written, and whether a bracket was lost."""

    start: int
    end: int
    units: list[str]
    broken: bool


class _Patterns:
    """The brackets, their labels, and the closing words that are no unit."""

    def __init__(self, rules: Rules) -> None:
        brackets = [r for part in ("labelled", "phrase") for r in rules.of("responsible") if r.emit["part"] == part]
        self.bracket = rules.compile("|".join(f"(?:{r.pattern})" for r in brackets))
        # Most paragraphs name no unit: a cheap look before the full pattern.
        self.hint = rules.compile("|".join(r.when or "" for r in brackets))
        self.label = rules.joined("responsible", part="label")
        self.not_unit = rules.joined("responsible", part="not-unit")
        self.strip = Words(rules.words("responsible", part="strip"))


_MARKS = compiled("[(),;、。]")


def responsible_in(text: str, raw: str, rules: Rules) -> list[Responsible]:
    """The brackets of responsible units in a view (`text` folded, `raw` as written, same length), in order."""
    p = rules.compiled("responsible", _Patterns)
    if not p.hint.search(text):
        return []
    out = []
    for m in p.bracket.finditer(text):
        units = split_units(text[m.start() : m.end()], raw[m.start() : m.end()], rules)
        broken = not (text[m.start()] == "(" and text[m.end() - 1] == ")")
        if units:
            out.append(Responsible(m.start(), m.end(), units, broken))
    return out


def split_units(text: str, raw: str, rules: Rules) -> list[str]:
    """The units a bracket or cell lists, split at 、 and commas outside inner brackets, labels and verbs dropped."""
    p = rules.compiled("responsible", _Patterns)
    start, end = 0, len(text)
    if text.startswith("("):
        start = 1
    if text.endswith(")") and text.count("(", start) < text.count(")"):
        end -= 1
    units: list[str] = []
    depth, at = 0, start
    for cut, mark in [*((m.start(), m[0]) for m in _MARKS.finditer(text, start, end)), (end, "、")]:
        if mark == "(":
            depth += 1
        elif mark == ")":
            depth = max(0, depth - 1)
        elif depth == 0 or cut == end:
            unit = _clean(text[at:cut], raw[at:cut], p) if cut > at else ""
            if unit and unit not in units:
                units.append(unit)
            at = cut + 1
    return units


def _clean(text: str, raw: str, p: _Patterns) -> str:
    if ":" in text:
        if p.not_unit.match(text):
            return ""
        if label := p.label.match(text):
            text, raw = text[label.end() :], raw[label.end() :]
    end = len(text)
    while word := p.strip.suffix(text, 0, end):
        end -= len(word)
    return raw[:end]
