"""The examples of rules, run through the whole engine.

Every rule of a pack carries `examples` (a text and what it must give) and may carry `not` (texts that must give
nothing). An example is put into a small plan at the place its kind of rule works on, or at the place its key `in`
names, and the plan goes through `pipeline.extract`; docs/rules.md lists the keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planparse import pipeline
from planparse.document import Document
from planparse.errors import NoPlanError, RulesError
from planparse.packs import raw_rules
from planparse.rules import Rules, pack_files

_TITLE = "安平县妇女发展规划(2021-2025年)"
_NEUTRAL = "稳步推进各项工作。"
_TEXT = "{text}"
_BODY = """\
一、发展基础

{review}

二、总体要求

(一)总体目标

{overall_goal}

三、发展领域、主要目标和策略措施

(一)妇女与健康

主要目标:

{objectives}

策略措施:

{measures}

四、重点项目

{projects}

五、组织实施

{implementation}
"""
_ROLES = ("review", "overall_goal", "objectives", "measures", "projects", "implementation")
_NOTICE = f"""\
安平县人民政府关于印发《{_TITLE}》的通知

各镇人民政府:

现将《{_TITLE}》印发给你们,请认真贯彻执行。

{_TITLE}
"""


def _body(**texts: str) -> str:
    return _BODY.format(**dict.fromkeys(_ROLES, _NEUTRAL) | texts)


def _plan(**texts: str) -> str:
    return f"{_TITLE}\n\n{_body(**texts)}"


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that a text can stand in: `place` says where, `document` is what stands around {text}."""

    place: str
    document: str


SLOTS: dict[str, Slot] = {
    "objectives": Slot("item 1 of 主要目标 of a domain", _plan(objectives="1. {text}")),
    "measures": Slot("item 1 of 策略措施 of a domain", _plan(measures="1. {text}")),
    "review": Slot("in 发展基础", _plan(review=_TEXT)),
    "overall_goal": Slot("in 总体目标", _plan(overall_goal=_TEXT)),
    "projects": Slot("in 重点项目", _plan(projects=_TEXT)),
    "implementation": Slot("in 组织实施", _plan(implementation=_TEXT)),
    "table": Slot("a table, its title first, below 总体目标", _plan(overall_goal=f"{_NEUTRAL}\n\n{_TEXT}")),
    "chapters": Slot("chapters of a plan, behind its title; a first chapter is added", f"{_TITLE}\n\n{_TEXT}\n"),
    "title": Slot("the title of a plan, and what stands before it", f"{_TEXT}\n\n{_body()}"),
    "notice": Slot("lines above a notice that issues a plan", f"{_TEXT}\n\n{_NOTICE}\n{_body()}"),
    "line": Slot("a line inside an item", _plan(objectives=f"1. {_NEUTRAL}\n\n{_TEXT}\n\n2. {_NEUTRAL}")),
    "tail": Slot("behind the last paragraph of a plan", f"{_plan()}\n{_TEXT}\n"),
    "alone": Slot("the whole document", _TEXT),
}
SLOT_OF_KIND = {
    "marker": "chapters",
    "role": "chapters",
    "run-in": "chapters",
    "table": "table",
    "head": "table",
    "cell": "table",
    "obligation": "table",
    "title": "title",
    "region": "title",
    "furniture": "line",
    "metadata": "notice",
}
"""Where the examples of a kind stand; those of furniture as its `place` says, all others in the objectives."""

# A text that brings its own number is not given another one.
_ITEM_NUMBER = re.compile("[0-9０-９]{1,2}[.．、](?![0-9])")
_FIRST_CHAPTER = re.compile("第?[一1][、章篇]|[总前序引导] *[则言]")
_SENTENCE_END = "。；;：:)）！？"

EXAMPLE_KEYS = {
    "text": "the text; `{word}` in it makes one example for each word of the rule, or of `each`",
    "each": "what `{word}` stands for, instead of the rule's words",
    "in": "where in a plan it stands, instead of where its kind of rule works (below)",
    "expect": "fields of the one indicator that must come out, and parts: section, plan, notice, observation,"
    " diagnostic; `dropped: true`: the plan must be as it is without the text",
    "pick": "`value_text` of the indicator meant, where the text gives several",
    "todo": "known to fail; reported as soon as it passes",
}
NOT_KEYS = {
    "text": "as above; it must give no indicator, and a guard's must leave no number unclaimed",
    "each": EXAMPLE_KEYS["each"],
    "in": EXAMPLE_KEYS["in"],
    "reason": "why its numbers are no targets",
    "todo": EXAMPLE_KEYS["todo"],
}
INDICATOR_FIELDS = {
    "name", "domain", "role", "item", "origin", "kind", "comparator", "value", "value_max", "unit", "per", "direction",
    "change", "baseline", "deadline", "obligation", "responsible_units", "value_text", "implied",
}  # fmt: skip
PART_FIELDS = {
    "section": {"role", "number", "heading", "level"},
    "plan": {"title", "region", "subject", "period"},
    "notice": {"title", "document_number", "index_number", "issuer", "issued_on", "published_on", "recipients"},
    "observation": {"name", "value", "unit", "year"},
    "diagnostic": {"code", "severity"},
}


@dataclass(frozen=True, slots=True)
class Example:
    """One text that shows what a rule does.

    `rule`, `kind`: of the rule that owns it; `place`: its `file:line`; `slot`: where in a plan it stands (SLOTS);
    `expect`: fields of the one indicator it gives, and parts (`section`, `plan` …); None for an entry of `not`, which
    must give no indicator; `pick`: the `value_text` of the indicator meant, where the text gives several;
    `todo`: known to fail.
    """

    rule: str
    kind: str
    place: str
    text: str
    slot: str
    expect: dict[str, Any] | None
    pick: str | None = None
    todo: bool = False


def examples_in(folder: Path) -> Iterator[Example]:
    """The examples of all packs of a folder, in order; several where a text holds `{word}`.

    Raises RulesError, with file and line, for an example that is not well formed.
    """
    for path in pack_files(folder):
        yield from examples_of(path)


def examples_of(path: Path) -> Iterator[Example]:
    """The examples of one pack. Raises RulesError as `examples_in`."""
    for rule, kind, _ in raw_rules(path):
        for key, keys in (("examples", EXAMPLE_KEYS), ("not", NOT_KEYS)):
            for raw in rule.get(key) or []:
                place = f"{path}:{raw['__line__'] if isinstance(raw, dict) else rule['__line__']}"
                _check(raw, set(keys), place)
                words = raw.get("each") or rule.get("words") or []
                for word in words if "{word}" in raw["text"] else [""]:
                    yield _example(_with_word(raw, word), rule, kind, place)


def _check(raw: Any, keys: set[str], place: str) -> None:
    if not isinstance(raw, dict) or not isinstance(raw.get("text"), str):
        raise RulesError(place, "an example is a mapping with a text")
    strange = sorted(set(raw) - keys - {"__line__"})
    if strange:
        raise RulesError(place, f"an example has no key {strange[0]!r} here; allowed: {', '.join(sorted(keys))}")
    each = raw.get("each", [])
    if not isinstance(each, list) or not all(isinstance(word, str) for word in each):
        raise RulesError(place, "each is a list of words")
    if raw.get("in", "objectives") not in SLOTS:
        raise RulesError(place, f"in: {raw['in']!r} is not one of {', '.join(SLOTS)}")
    if "expect" in keys:
        _check_expect(raw.get("expect"), place)


def _check_expect(expect: Any, place: str) -> None:
    if not isinstance(expect, dict) or not set(expect) - {"__line__"}:
        raise RulesError(place, "an example says what to expect")
    for key, value in expect.items():
        if key in PART_FIELDS:
            strange = sorted(set(value) - PART_FIELDS[key] - {"__line__"})
            if strange:
                raise RulesError(place, f"expect.{key} has no field {strange[0]!r}")
        elif key not in INDICATOR_FIELDS | {"dropped", "__line__"}:
            raise RulesError(place, f"expect has no field {key!r}")


def _with_word(value: Any, word: str) -> Any:
    """A copy of an example's YAML without the line numbers, `{word}` filled in."""
    if isinstance(value, dict):
        return {k: _with_word(v, word) for k, v in value.items() if k != "__line__"}
    if isinstance(value, list):
        return [_with_word(v, word) for v in value]
    return value.replace("{word}", word) if isinstance(value, str) else value


def _example(raw: dict[str, Any], rule: dict[str, Any], kind: str, place: str) -> Example:
    slot = SLOT_OF_KIND.get(kind, "objectives")
    if kind == "furniture" and rule["emit"]["place"] == "tail":
        slot = "tail"
    return Example(
        rule["id"],
        kind,
        place,
        raw["text"],
        raw.get("in", slot),
        raw.get("expect"),
        raw.get("pick"),
        bool(raw.get("todo")),
    )


# ---------------------------------------------------------------------------------------------------------------------
# Running an example


def failures(example: Example, rules: Rules) -> list[str]:
    """What the engine does otherwise than the example says, one line each; empty when all is as stated.

    A `todo` must fail: one that passes is reported, so that the key is removed with the fault.
    """
    found = _failures(example, rules)
    if example.todo:
        return [] if found else ["passes; remove its todo"]
    return found


def framed(example: Example) -> tuple[str, int, int]:
    """(document text, start, end): the example's text in its slot, and where in the document it stands."""
    text = example.text
    before, after = SLOTS[example.slot].document.split(_TEXT)
    if example.slot in ("objectives", "measures"):
        if _ITEM_NUMBER.match(text):
            before = before.removesuffix("1. ")
        if text[-1] not in _SENTENCE_END:
            after = "。" + after
    if example.slot == "chapters" and not _FIRST_CHAPTER.match(text):
        before += ("第一章 总体要求" if text.startswith("第") else "一、总体要求") + f"\n\n{_NEUTRAL}\n\n"
    return before + text + after, len(before), len(before) + len(text)


def extracted(text: str, rules: Rules) -> list[dict[str, Any]]:
    """The plans in a text; none where it holds no plan."""
    try:
        return pipeline.extract(Document(text, None, "text/plain", ""), rules)
    except NoPlanError:
        return []


def _failures(example: Example, rules: Rules) -> list[str]:
    text, start, end = framed(example)
    plans = extracted(text, rules)
    found = [
        i for plan in plans for i in plan["indicators"] if i["evidence"]["start"] < end and start < i["evidence"]["end"]
    ]
    if example.expect is None:
        return _negative_failures(example, plans, found, start, end)
    out: list[str] = []
    fields = {k: v for k, v in example.expect.items() if k in INDICATOR_FIELDS}
    if fields:
        out += _indicator_failures(example, fields, found)
    if example.expect.get("dropped"):
        out += _dropped_failures(example, plans, rules)
    for part, wanted in example.expect.items():
        if part in PART_FIELDS:
            parts = [p for plan in plans for p in _parts(plan, part)]
            if not any(_mismatches(wanted, p) == [] for p in parts):
                out.append(_nearest(part, wanted, parts))
    return out


def _negative_failures(
    example: Example, plans: list[dict[str, Any]], found: list[dict[str, Any]], start: int, end: int
) -> list[str]:
    """No indicator may come of the text; a guard must also claim the number, so that it is not noted as unclaimed."""
    out = [f"must give no indicator, gives {_shown(i)}" for i in found]
    notes = (n for plan in plans for n in plan["diagnostics"] if n["code"] == "number.unclaimed")
    if example.kind == "guard" and any(n["span"]["start"] < end and start < n["span"]["end"] for n in notes):
        out.append("a number in it is claimed by no rule")
    return out


def _indicator_failures(example: Example, fields: dict[str, Any], found: list[dict[str, Any]]) -> list[str]:
    if example.pick is not None:
        found = [i for i in found if i["value_text"] == example.pick] or found
    if not found:
        return ["gives no indicator"]
    if len(found) > 1:
        return [f"gives {len(found)} indicators, say by pick which one is meant: {'; '.join(map(_shown, found))}"]
    return _mismatches(fields, found[0])


def _dropped_failures(example: Example, plans: list[dict[str, Any]], rules: Rules) -> list[str]:
    """A line of furniture must leave the plan as it is without the line."""
    text, start, end = framed(example)
    without = extracted(text[:start] + text[end:], rules)
    if [_words(p["sections"]) for p in plans] != [_words(p["sections"]) for p in without]:
        return ["the line is not dropped: the sections and items are not those of the plan without it"]
    if example.slot == "tail" and any(plan["span"]["end"] > start for plan in plans):
        return ["the line is not dropped: the plan goes on behind it"]
    return []


def _words(sections: list[dict[str, Any]]) -> list[Any]:
    return [
        (s["role"], s["number"], s["heading"], [(i["number"], i["text"]) for i in s["items"]], _words(s["sections"]))
        for s in sections
    ]


def _parts(plan: dict[str, Any], part: str) -> Iterator[dict[str, Any]]:
    if part == "plan":
        yield plan
    elif part == "notice":
        yield plan["notice"] or {}
    elif part == "section":
        waiting = list(plan["sections"])
        for section in waiting:
            yield section
            waiting.extend(section["sections"])
    else:
        yield from plan[f"{part}s"]


def _mismatches(wanted: dict[str, Any], part: dict[str, Any]) -> list[str]:
    out = []
    for key, value in wanted.items():
        actual = part.get(key)
        if key == "period" and actual is not None:
            actual = [actual["start"], actual["end"]]
        if isinstance(value, dict) and isinstance(actual, dict):
            actual = {k: actual.get(k) for k in value}
        if actual != value:
            out.append(f"{key}: expected {value!r}, got {actual!r}")
    return out


def _nearest(part: str, wanted: dict[str, Any], parts: list[dict[str, Any]]) -> str:
    if not parts:
        return f"gives no {part}"
    best = min(parts, key=lambda p: len(_mismatches(wanted, p)))
    return f"{part}: {', '.join(_mismatches(wanted, best))}"


def _shown(indicator: dict[str, Any]) -> str:
    return f"{indicator['name']} {indicator['value_text']}"
