"""Directions without a number: a named measure that is to rise, fall, hold, or meet a standard (objectives only)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from planparse.rules import Rules, alternation
from planparse.sentence import Span
from planparse.targets import Target
from planparse.text import View


_MARKS = re.compile("[(),;。!?]")


@dataclass(slots=True)
class _Patterns:
    after: re.Pattern[str]
    before: re.Pattern[str]
    standard: re.Pattern[str]
    standard_id: str
    word: dict[str, tuple[str, str | None]]
    lead: re.Pattern[str]
    measure: re.Pattern[str]
    basis: re.Pattern[str]


def _patterns(rules: Rules) -> _Patterns:
    word: dict[str, tuple[str, str | None]] = {}
    for rule in rules.of("trend"):
        if rule.words and not rule.where:
            word.update({w: (rule.id, rule.emit["direction"]) for w in rule.words})
    adverbs = alternation([w for r in rules.of("trend") if r.where for w in r.words])
    standard = next(r for r in rules.of("trend") if r.pattern)
    measure = alternation([w for r in rules.of("measure") if not r.where for w in r.words])
    trend = alternation(list(word))
    lead = alternation(rules.words("filler", place="lead"))
    return _Patterns(
        re.compile(
            rf"(?P<name>.{{2,}}?(?:{measure})(?:\([^()]*\))?)(?P<value>(?:{adverbs})*(?P<word>{trend})(?:(?:和|并|、)(?:{trend}))?(?:趋势)?)$"
        ),
        re.compile(
            rf"(?P<value>(?:{adverbs})*(?P<word>{trend})(?:(?:和|、|或|并)?(?:{trend}))?)(?P<name>.{{2,}}(?:{measure})(?:\([^()]*\)|化解\([^()]*\)率)?)$"
        ),
        re.compile(rf"(?P<name>.{{2,}}?(?:{measure})(?:\([^()]*\))?)(?:一般|均|都|要|应|原则上|全部|基本)*(?P<value>{standard.pattern})$"),
        standard.id,
        word,
        re.compile(f"(?:{lead})"),
        re.compile(f"(?:{measure})"),
        re.compile(
            rf"(?P<name>.{{2,}}(?:{measure}))在(?:(?P<year>(?:19|20)[0-9]{{2}})年)?的?(?P<number>[0-9.]+)%的?基础上(?P<value>(?:{adverbs})*(?P<word>{trend}))$"
        ),
    )


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
    p = rules.compiled("qualitative", _patterns)
    out: list[Target] = []
    for start, end in _clauses(view.text, blocked):
        text = view.text[start:end]
        if len(text) > 90:
            continue
        busy = any(t.evidence[0] < end and start < t.evidence[1] for t in taken)
        basis = p.basis.match(text)
        if basis:
            out.append(_from_basis(view, start, basis, p))
        elif objectives and not busy:
            out.extend(_read(view, start, text, p))
    names = {t.name for t in taken}
    return [t for t in out if t.name not in names]


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


def _target(view: View, start: int, name: Span, value: Span, rule: str, direction: str | None, clause_end: int) -> Target:
    words = view.raw[start + name[0] : start + name[1]].strip("“”的,，、")
    return Target(
        rule,
        words,
        (start + min(name[0], value[0]), start + clause_end),
        (start + value[0], start + value[1]),
        kind="qualitative",
        direction=direction,
    )


def _from_basis(view: View, start: int, m: re.Match[str], p: _Patterns) -> Target:
    rule, direction = p.word[m["word"]]
    target = _target(view, start, m.span("name"), m.span("value"), rule, direction, m.end())
    target.unit = "%"
    target.baseline = (float(m["number"]), "%", int(m["year"]) if m["year"] else None)
    return target


def _lead_end(text: str, p: _Patterns, at: int, end: int) -> int:
    """The offset behind auxiliary words (确保, 推动 …) at the start of a name."""
    while True:
        m = p.lead.match(text, at, end)
        if not m or end - m.end() < 3 or text[m.end()] in "性率度化":
            return at
        at = m.end()


def _read(view: View, start: int, text: str, p: _Patterns) -> list[Target]:
    m = p.standard.match(text)
    if m:
        begin = _lead_end(text, p, 0, m.end("name"))
        parts = _members(text, begin, m.end("name"), p)
        return [_target(view, start, part, m.span("value"), p.standard_id, None, m.end()) for part in parts]
    m = p.after.match(text)
    if m:
        rule, direction = p.word[m["word"]]
        begin = m.start("name")
        # "提高A率和B率…" gives the direction before the name; only a name without one may begin here.
        lead = _lead_end(text, p, begin, m.end("name"))
        return [_target(view, start, (lead, m.end("name")), m.span("value"), rule, direction, m.end())]
    keeps = re.match("(?P<name>.{3,}?)(?P<value>保持合理比例)$", text)
    if keeps:
        target = _target(view, start, keeps.span("name"), keeps.span("value"), p.word["保持合理比例"][0], "maintain", keeps.end())
        if not p.measure.search(target.name):
            target.name += "比例"
        return [target]
    m = p.before.search(text)
    if m and _lead_end(text, p, 0, m.start("value") + 3) >= m.start("value"):
        if _holds_a_verb(m["name"]):
            return []
        rule, direction = p.word[m["word"]]
        return [_target(view, start, m.span("name"), m.span("value"), rule, direction, m.end())]
    return []


def _holds_a_verb(name: str) -> bool:
    """Whether a name is a whole clause of its own (…的…, …使…达到): a verb inside means the direction is not its own."""
    return bool(re.search("达到|使|实现|确保", name))


def _members(text: str, begin: int, end: int, p: _Patterns) -> list[Span]:
    """Three or more measures in a list are named apart; fewer stay one name."""
    parts: list[Span] = []
    at = begin
    for m in re.finditer("、", text[begin:end]):
        parts.append((at, begin + m.start()))
        at = begin + m.end()
    parts.append((at, end))
    if len(parts) >= 3 and all(re.search(f"{p.measure.pattern}$", text[s:e]) for s, e in parts):
        return parts
    return [(begin, end)]
