"""`planparse explain`: why a number is a target, or why it is none, rule by rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from planparse import pipeline
from planparse.document import Document
from planparse.errors import UnreadableFileError
from planparse.lexicon import REACH, reach
from planparse.quantities import Quantity
from planparse.rules import Rule, Rules
from planparse.sentence import Span
from planparse.text import LineIndex, View
from planparse.workbench.walk import Note, WalkedPiece, walk

_STATED = (
    "value", "value_max", "unit", "comparator", "direction", "per", "change", "deadline", "baseline", "obligation",
)  # fmt: skip
_AROUND = 24
_BEFORE = 16
"""Characters before a number that guards look at; as in targets.py."""


def explain(document: Document, rules: Rules, start: int, end: int) -> Iterator[str]:
    """Lines about everything read or left in the source characters [start, end); none where nothing stands there.

    `rules` know their places (workbench.versions.located). Raises NoPlanError for a text without a plan.
    """
    index = LineIndex(document.text)
    plans = pipeline.extract(document, rules)
    by_id = {rule.id: rule for rule in rules.rules}
    for plan in plans:
        for found in (*plan["indicators"], *plan["observations"]):
            if _touches(found["evidence"], start, end):
                yield from _result(found, index, by_id)
    for walked in walk(document, rules):
        view = walked.piece.view
        if not len(view.text) or view.pos[-1] < start or view.pos[0] >= end:
            continue
        for note in walked.notes:
            source = view.span(note.quantity.start, note.quantity.after_end)
            if source[0] < end and start < source[1]:
                line = index.line(source[0])
                yield f"line {line}, number {view.raw[note.quantity.start : note.quantity.after_end]}"
                yield from (f"  {text}" for text in _number(walked, note, rules))


def span_meant(document: Document, rules: Rules, line: int | None, offset: int | None, identity: str | None) -> Span:
    """The source characters that a line number (from 1), an offset or an indicator's id means.

    Raises NoPlanError for a text without a plan, UnreadableFileError for what the document does not have.
    """
    name = document.name or "<text>"
    if line is not None:
        starts = [0, *(m.end() for m in re.finditer("\n", document.text)), len(document.text) + 1]
        if line >= len(starts):
            raise UnreadableFileError(name, f"has {len(starts) - 1} lines, not {line}")
        return starts[line - 1], starts[line] - 1
    if offset is not None:
        if offset >= len(document.text):
            raise UnreadableFileError(name, f"has {len(document.text)} characters, not {offset}")
        return offset, offset + 1
    for plan in pipeline.extract(document, rules):
        for indicator in plan["indicators"]:
            if indicator["id"] == identity:
                return indicator["evidence"]["start"], indicator["evidence"]["end"]
    raise UnreadableFileError(name, f"no indicator has the id {identity}")


def _touches(evidence: dict[str, Any], start: int, end: int) -> bool:
    return bool(evidence["start"] < end and start < evidence["end"])


# ---------------------------------------------------------------------------------------------------------------------
# What came out


def _result(found: dict[str, Any], index: LineIndex, by_id: dict[str, Rule]) -> Iterator[str]:
    line = index.line(found["evidence"]["start"])
    if "rule" not in found:
        value = f"{_shown(found['value'])} {found['unit'] or ''}".strip()
        yield f"line {line}, observation: {found['name']} = {value} ({found['year'] or 'no year'})"
        yield f"  evidence   {_one_line(found['evidence']['text'])}"
        yield "  an achieved value: the sentence reports it, or its section looks back"
        return
    yield f"line {line}, indicator {found['id']}: {found['name']}"
    yield f"  evidence   {_one_line(found['evidence']['text'])}"
    yield f"  rule       {_rule(by_id.get(found['rule']), found['rule'])}"
    for name in _STATED:
        if found[name] not in (None, False):
            yield f"  {name:<10} {_shown(found[name])}"
    yield f"  value text {found['value_text']}"
    place = f"{found['role']} ({found['section_id']}), domain {found['domain'] or '-'}, item {found['item'] or '-'}"
    yield f"  stands in  {place}"
    if found["responsible_units"]:
        yield f"  units      {'、'.join(found['responsible_units'])}"
    for name, value in (found["implied"] or {}).items():
        yield f"  inferred   {name}: {_shown(value)}"


def _rule(rule: Rule | None, identity: str) -> str:
    return f"{identity} ({rule.place})" if rule else identity


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k} {_shown(v)}" for k, v in value.items() if v is not None)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _one_line(text: str) -> str:
    return " ".join(text.split())


# ---------------------------------------------------------------------------------------------------------------------
# What was read of a number


def _number(walked: WalkedPiece, note: Note, rules: Rules) -> Iterator[str]:
    view, q = walked.piece.view, note.quantity
    value = _shown(q.value) if q.value_max is None else f"{_shown(q.value)}-{_shown(q.value_max)}"
    yield f"read as    {value} {q.unit or '(no unit)'}"
    if q.unit_class:
        yield f"class      {q.unit_class}{_unit_rule(view, q, rules)}"
    yield f"matched on {_context(view, q)}"
    if note.target is not None:
        yield from _captures(walked, note, rules)
    else:
        yield f"no target  in a section of role {walked.section.role}"
    held = list(_holding(walked, q, rules))
    if note.target is None:
        yield from held
        yield from _sides(walked, note, rules)
    for i, step in enumerate(note.steps, 1):
        yield f"step {i}     {step}"
    if note.target is None and not note.steps and not held:
        yield "step 1     never read: it stands in a bracket of responsible units"


def _context(view: View, q: Quantity) -> str:
    """The folded text around a number, the number between 「 and 」."""
    before = view.text[max(0, q.start - _AROUND) : q.start]
    after = view.text[q.after_end : q.after_end + _AROUND]
    return f"{before}「{view.text[q.start : q.after_end]}」{after}"


def _unit_rule(view: View, q: Quantity, rules: Rules) -> str:
    surface = view.text[q.start : q.end]
    words = [(len(w), rule.id) for rule in rules.of("unit") for w in rule.words if surface.endswith(w)]
    return f" ({max(words)[1]})" if words else ""


def _captures(walked: WalkedPiece, note: Note, rules: Rules) -> Iterator[str]:
    """What each word around the number said."""
    text, q, left, target = walked.piece.view.text, note.quantity, note.left, note.target
    if left is None or target is None:
        return
    if left.verb is not None:
        said = [f"{k} {v}" for k, v in left.verb.emit.items() if v is not None]
        yield f"verb       {text[slice(*left.verb_span)]}: {_rule(left.verb, left.verb.id)}: {', '.join(said)}"
    yield from _bounds(text, note, rules)
    if left.per:
        yield f"period     {left.per}"
    if left.baseline is not None:
        yield f"starts at  {text[left.baseline.start : left.baseline.after_end]}"
    yield f"name       {target.name}"
    for part in ("deadline", "baseline-year", "drop", "past", "future", "rate-noun"):
        for rule in rules.of("context"):
            if rule.emit["part"] == part and rule.pattern:
                for m in rules.compile(rule.pattern).finditer(text[: q.after_end]):
                    if m.start() >= target.evidence[0] - _AROUND and m[0]:
                        yield f"context    {m[0]}: {_rule(rule, rule.id)}"
    if target.achieved:
        yield "achieved   the sentence reports the value as reached: an observation, no target"


def _bounds(text: str, note: Note, rules: Rules) -> Iterator[str]:
    q, left = note.quantity, note.left
    for rule in rules.of("bound"):
        for word in rule.words:
            before = left is not None and left.bound and rule.emit["place"] == "before"
            if before and left and text.startswith(word, left.value_start) and rule.emit["comparator"] == left.bound:
                yield f"bound      {word}: {_rule(rule, rule.id)}: comparator {left.bound}"
            if q.after and rule.emit["place"] == "after" and word == text[q.end : q.after_end]:
                yield f"bound      {word}: {_rule(rule, rule.id)}: comparator {q.after}"


def _holding(walked: WalkedPiece, q: Quantity, rules: Rules) -> Iterator[str]:
    """The guards whose pattern covers the number."""
    text = walked.piece.view.text
    for rule in rules.of("guard"):
        if not rule.pattern:
            continue
        marks = REACH.get(rule.where.get("reach", ""))
        for m in rules.compile(rule.pattern).finditer(text):
            start, end = reach(text, m.span(), 0, len(text), marks) if marks else m.span()
            if start <= q.start and q.end <= end:
                unless = ", unless a bound stands with it" if rule.where.get("unless") == "bound" else ""
                yield f"held back  by {_rule(rule, rule.id)}: its pattern covers {text[start:end]}{unless}"


def _sides(walked: WalkedPiece, note: Note, rules: Rules) -> Iterator[str]:
    """How far each guard that looks at the words on both sides came, for a number of its unit classes."""
    text, q = walked.piece.view.text, note.quantity
    begin = max((m.end() for m in re.finditer("[。!?]", text[: q.start])), default=0)
    before = text[max(begin, q.start - _BEFORE) : q.start]
    for rule in rules.of("guard"):
        if rule.pattern or (rule.units and q.unit_class not in rule.units):
            continue
        left = rules.compile(f"(?:{rule.before})$").search(before) if rule.before else None
        right = rules.compile(rule.after).match(text, q.end) if rule.after else None
        if rule.before and not left:
            yield f"tried      {rule.id}: not what stands before"
        elif rule.after and not right:
            yield f"tried      {rule.id}: before {left[0] if left else '-'!r}, not what stands after"
        else:
            around = f"{left[0] if left else ''}…{right[0] if right else ''}"
            yield f"held back  by {_rule(rule, rule.id)}: {around}"
