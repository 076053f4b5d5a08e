"""Directions without a number: a named measure that is to rise, fall, hold, or meet a standard (objectives only)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from planparse.lexicon import NOUN_ENDINGS, Lexicon
from planparse.rules import Rule, Rules, Words
from planparse.sentence import Span
from planparse.targets import Target
from planparse.text import View

_MARKS = re.compile("[(),;。!?]")
_LONGEST_CLAUSE = 90
_HELD = "保持合理比例"


class _Trends:
    """The words of the trend and measure rules, for look-up from either end of a clause."""

    def __init__(self, rules: Rules) -> None:
        self.rule_of: dict[str, Rule] = {}
        adverbs: list[str] = []
        for rule in rules.of("trend"):
            if rule.where:
                adverbs += rule.words
            self.rule_of.update(dict.fromkeys(rule.words if not rule.where else (), rule))
        self.trends, self.adverbs = Words(self.rule_of), Words(adverbs)
        self.lead = Words(rules.words("filler", place="lead"))
        self.measures = Words(w for r in rules.of("measure") if not r.where for w in r.words)
        self.standard_rule = next(r for r in rules.of("trend") if r.pattern)
        self.standard = rules.compile(f"(?:一般|均|都|要|应|原则上|全部|基本)*(?P<value>{self.standard_rule.pattern})$")
        self.basis = re.compile(
            r"(?P<name>.{2,})在(?:(?P<year>(?:19|20)[0-9]{2})年)?的?(?P<number>[0-9.]+)%的?基础上(?P<value>.{2,8})$"
        )

    def measured(self, text: str, end: int) -> bool:
        """Whether `text[:end]` ends with a noun of measure, a bracket behind it not counted."""
        if text.endswith(")", 0, end):
            end = max(text.rfind("(", 0, end), 0)
        return bool(self.measures.suffix(text, 0, end))

    def lead_end(self, text: str, end: int) -> int:
        """The offset behind auxiliary words (确保, 推动 …) at the start of a name."""
        at = 0
        while word := self.lead.prefix(text, at, end):
            if end - at - len(word) < 3 or text[at + len(word)] in NOUN_ENDINGS:
                break
            at += len(word)
        return at


def read_qualitative(
    view: View, blocked: Sequence[Span], taken: Sequence[Target], objectives: bool, rules: Rules
) -> list[Target]:
    """Qualitative targets of a paragraph view.

    `blocked`: spans to leave out; `taken`: quantitative targets already read there, whose clauses are left alone;
    `objectives`: whether the text stands in a domain's objectives (elsewhere only a direction from a stated base is
    read, as in 在2020年90%的基础上有所提高).
    """
    if not objectives and "基础上" not in view.text:
        return []
    trends = rules.compiled("trends", _Trends)
    out: list[Target] = []
    for start, end in _clauses(view.text, blocked):
        text = view.text[start:end]
        if len(text) > _LONGEST_CLAUSE:
            continue
        basis = trends.basis.match(text) if "基础上" in text else None
        if basis:
            out.extend(_from_basis(view, start, basis, trends))
        elif objectives and not any(t.evidence[0] < end and start < t.evidence[1] for t in taken):
            out.extend(_read(view, start, text, trends))
    names = {t.name for t in taken}
    kept = [t for t in out if t.name not in names]
    deadline = rules.compiled("lexicon", Lexicon).deadline
    for target in kept:
        sentence = max(view.text.rfind(c, 0, target.evidence[0]) for c in "。!?") + 1
        for m in deadline.finditer(view.text, sentence, target.evidence[0]):
            target.deadline = next(int(g) for g in m.groups() if g)
    return kept


def _clauses(text: str, blocked: Sequence[Span]) -> list[Span]:
    """Clauses between , ; 。 outside brackets and blocked spans."""
    out: list[Span] = []
    at = 0
    for gap_start, gap_end in [*blocked, (len(text), len(text))]:
        start, depth = at, 0
        for m in _MARKS.finditer(text, at, gap_start):
            if m[0] == "(":
                depth += 1
            elif m[0] == ")":
                depth = max(0, depth - 1)
            elif depth == 0:
                out.append((start, m.start()))
                start = m.end()
        out.append((start, gap_start))
        at = gap_end
    return [(s, e) for s, e in out if e - s >= 4]


def _target(view: View, start: int, name: Span, value: Span, rule: Rule, end: int) -> Target:
    return Target(
        rule.id,
        view.raw[start + name[0] : start + name[1]].strip("“”的,，、"),
        (start + min(name[0], value[0]), start + end),
        (start + value[0], start + value[1]),
        kind="qualitative",
        direction=rule.emit["direction"],
    )


def _from_basis(view: View, start: int, m: re.Match[str], trends: _Trends) -> list[Target]:
    """在2020年90%的基础上有所提高: a direction with the value it starts from."""
    value = _trend_at_end(m["value"], trends)
    if value is None or value[0] != 0 or not trends.measured(m["name"], len(m["name"])):
        return []
    target = _target(view, start, m.span("name"), m.span("value"), value[1], m.end())
    target.unit = "%"
    target.baseline = (float(m["number"]), "%", int(m["year"]) if m["year"] else None)
    return [target]


def _read(view: View, start: int, text: str, trends: _Trends) -> list[Target]:
    """The qualitative targets of one clause: held to a standard, name then direction, or direction then name."""
    standard = _standard_at_end(text, trends)
    if standard is not None:
        begin = trends.lead_end(text, standard.start())
        value = standard.span("value")
        names = _members(text, begin, standard.start(), trends)
        return [_target(view, start, name, value, trends.standard_rule, len(text)) for name in names]
    after = _trend_at_end(text, trends)
    if after is not None and after[0] >= 2 and trends.measured(text, after[0]):
        name = (trends.lead_end(text, after[0]), after[0])
        return [_target(view, start, name, (after[0], len(text)), after[1], len(text))]
    if _HELD in trends.rule_of and text.endswith(_HELD) and len(text) > len(_HELD) + 2:
        at = len(text) - len(_HELD)
        target = _target(view, start, (0, at), (at, len(text)), trends.rule_of[_HELD], len(text))
        target.name += "比例"
        return [target]
    before = _trend_at_start(text, trends)
    if before is not None:
        value, rule = before
        measure = text[value[1] :]
        # A verb inside the name means that the direction is not the measure's own (提高…使…达到).
        if len(measure) >= 2 and trends.measured(measure, len(measure)) and not re.search("达到|使|实现|确保", measure):
            return [_target(view, start, (value[1], len(text)), value, rule, len(text))]
    return []


def _standard_at_end(text: str, trends: _Trends) -> re.Match[str] | None:
    """与女职工比例相适应, 达到国家规定的标准 behind a measure: the first reading whose name is a measure."""
    at = 2
    while m := trends.standard.search(text, at):
        if trends.measured(text, m.start()):
            return m
        at = m.start() + 1
    return None


def _trend_at_end(text: str, trends: _Trends) -> tuple[int, Rule] | None:
    """(offset at which the words of direction begin, rule) of 逐步提高 at the end of a clause."""
    at = len(text) - 2 if text.endswith("趋势") else len(text)
    word = trends.trends.suffix(text, 0, at)
    if not word:
        return None
    at -= len(word)
    if at and text[at - 1] in "和并、":
        first = trends.trends.suffix(text, 0, at - 1)
        if first:
            word, at = first, at - 1 - len(first)
    while adverb := trends.adverbs.suffix(text, 0, at):
        at -= len(adverb)
    return at, trends.rule_of[word]


def _trend_at_start(text: str, trends: _Trends) -> tuple[Span, Rule] | None:
    """(span of the words of direction, rule) of 有效控制, 控制和减少 at the start of a clause, auxiliaries skipped."""
    at, end = 0, len(text)
    while True:
        begin = at
        while adverb := trends.adverbs.prefix(text, at, end):
            at += len(adverb)
        word = trends.trends.prefix(text, at, end) or trends.trends.prefix(text, begin, end)
        if word:
            at = (at if text.startswith(word, at) else begin) + len(word)
            also = at + (text[at : at + 1] in ("和", "、", "或", "并"))
            at = also + len(second) if (second := trends.trends.prefix(text, also, end)) else at
            return (begin, at), trends.rule_of[word]
        auxiliary = trends.lead.prefix(text, begin, end)
        if not auxiliary:
            return None
        at = begin + len(auxiliary)


def _members(text: str, begin: int, end: int, trends: _Trends) -> list[Span]:
    """Three or more measures in a list are named apart; fewer stay one name."""
    parts: list[Span] = []
    at = begin
    for m in re.finditer("、", text[begin:end]):
        parts.append((at, begin + m.start()))
        at = begin + m.end()
    parts.append((at, end))
    if len(parts) >= 3 and all(trends.measured(text[s:e], e - s) for s, e in parts):
        return parts
    return [(begin, end)]
