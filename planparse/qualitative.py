"""Directions without a number: a named measure that is to rise, fall, hold, or meet a standard (objectives only)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from planparse.lexicon import Lexicon
from planparse.patterns import compiled
from planparse.rules import Rule, Rules, Words, alternation
from planparse.sentence import Span
from planparse.targets import Target
from planparse.text import View

_MARKS = compiled("[(),;。!?]")
_LONGEST_CLAUSE = 90


class _Trends:
    """The words of the trend and measure rules, for look-up from either end of a clause."""

    def __init__(self, rules: Rules) -> None:
        self.rule_of: dict[str, Rule] = {}
        parts: dict[str, list[str]] = {}
        for rule in rules.of("trend"):
            parts.setdefault(rule.where.get("part", ""), []).extend(rule.words)
            self.rule_of.update(dict.fromkeys(rule.words if not rule.where else (), rule))
        self.trends, self.adverbs = Words(self.rule_of), Words(parts["adverb"])
        nouns = Words(parts["noun"])
        self.noun_of = {w: noun for w in self.rule_of if (noun := nouns.suffix(w, 0, len(w)))}
        self.held = Words(self.noun_of)
        self.joins, self.tail, self.verbs = Words(["、", *parts["and"]]), Words(parts["tail"]), parts["verb"]
        lexicon = rules.compiled("lexicon", Lexicon)
        self.lead, self.noun_endings, self.aside = lexicon.lead, lexicon.noun_endings, (lexicon.drop, lexicon.base_year)
        self.measures = Words(w for r in rules.of("measure") if not r.where for w in r.words)
        self.standard_rule = next(r for r in rules.of("trend") if r.pattern)
        self.standard = rules.compile(f"(?:{alternation(parts['lead'])})*(?P<value>{self.standard_rule.pattern})$")
        self.basis = rules.compile(
            r"(?P<name>.{2,})在(?:(?P<year>(?:19|20)[0-9]{2})年)?的?(?P<number>[0-9.]+)%"
            rf"(?:{'|'.join(rules.patterns('context', part='basis'))})(?P<value>.{{2,8}})$"
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
            if end - at - len(word) < 3 or self.noun_endings.prefix(text, at + len(word), end):
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
    lexicon = rules.compiled("lexicon", Lexicon)
    based = "%" in view.text and lexicon.basis.search(view.text)
    if not objectives and not based:
        return []
    trends = rules.compiled("trends", _Trends)
    out: list[Target] = []
    besides: list[Target] = []
    for start, end in _clauses(view.text, blocked):
        text = view.text[start:end]
        if len(text) > _LONGEST_CLAUSE:
            continue
        basis = trends.basis.match(text) if based else None
        if basis:
            out.extend(_from_basis(view, start, basis, trends))
        elif objectives:
            inside = [t for t in taken if t.evidence[0] < end and start < t.evidence[1]]
            before = [t for t in taken if t.evidence[1] <= start]
            if inside:
                besides.extend(_goes_on(view, start, inside[-1].value_span[1] - start, text, inside[-1], trends))
            elif before and trends.joins.prefix(text, 0, len(text)):
                besides.extend(_goes_on(view, start, 0, text, before[-1], trends))
            else:
                out.extend(_read(view, start, text, trends))
    names = {t.name for t in taken}
    kept = [*(t for t in out if t.name not in names), *besides]
    for target in kept:
        sentence = max(view.text.rfind(c, 0, target.evidence[0]) for c in "。!?") + 1
        for m in lexicon.deadline.finditer(view.text, sentence, target.evidence[0]):
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
        view.raw[start + name[0] : start + name[1]].strip("“”的,，、—"),
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
    # 以企业为单位逐年下降: by what the measure is taken is not part of its name.
    stop = after[0] if after else 0
    aside = [m for pattern in trends.aside for m in pattern.finditer(text, 0, stop) if m.end() == stop] if stop else []
    stop = aside[0].start() if aside else stop
    if after is not None and stop >= 2 and trends.measured(text, stop):
        name = (trends.lead_end(text, stop), stop)
        return [_target(view, start, name, (after[0], len(text)), after[1], len(text))]
    held = trends.held.suffix(text, 0, len(text))
    if held and len(text) > len(held) + 2:
        at = len(text) - len(held)
        target = _target(view, start, (0, at), (at, len(text)), trends.rule_of[held], len(text))
        target.name += trends.noun_of[held]
        return [target]
    before = _trend_at_start(text, trends)
    if before is not None:
        value, rule = before
        measure = text[value[1] :]
        # A verb inside the name means that the direction is not the measure's own (提高…使…达到).
        named = len(measure) >= 2 and trends.measured(measure, len(measure))
        if named and not any(verb in measure for verb in trends.verbs):
            return [_target(view, start, (value[1], len(text)), value, rule, len(text))]
    return []


def _goes_on(view: View, start: int, behind: int, text: str, target: Target, trends: _Trends) -> list[Target]:
    """达到35%以上并逐届提高, 达到95%且诊断率逐年提高: the direction that a sentence gives its target, or another
    measure, besides the number that ends at `behind`."""
    after = _trend_at_end(text, trends) if behind >= 0 else None
    joined = behind + len(trends.joins.prefix(text, behind, after[0])) if after else behind
    if after is None or joined == behind or not (joined == after[0] or trends.measured(text, after[0])):
        return []
    out = _target(view, start, (joined, after[0]), (after[0], len(text)), after[1], len(text))
    out.name = out.name or target.name
    return [out]


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
    at = len(text) - len(trends.tail.suffix(text, 0, len(text)))
    word = trends.trends.suffix(text, 0, at)
    if not word:
        return None
    at -= len(word)
    joined = at - len(trends.joins.suffix(text, 0, at))
    if joined < at and (first := trends.trends.suffix(text, 0, joined)):
        word, at = first, joined - len(first)
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
            also = at + len(trends.joins.prefix(text, at, end))
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
