"""Comparing what is extracted now with what was expected, field by field.

Parts of a plan are paired by their place in the text and their kind, never by their position in a list or by the
text of the file, so that one new indicator is one difference.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from planparse import pipeline
from planparse.errors import DamagedFileError
from planparse.output import json_array
from planparse.read import read_path
from planparse.rules import Rules

Part = dict[str, Any]
Key = Callable[[Part], Hashable]
What = Literal["plan", "notice", "section", "item", "indicator", "observation", "diagnostic"]

EXPECTED_SUFFIX = ".expected.json"

# source.path depends on where the command is run, not on what is extracted.
_UNCOMPARED = {"source": ("path",)}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field, or one whole part, that is not as expected.

    `change`: "lost" (expected, not found), "new" (found, not expected) or "changed" (`field` differs).
    `line`: of the part in the document, from 1. `label` names the part; `rule` produced it, for an indicator.
    `expected` and `actual`: the field's values; None for a lost or new part. `source`: the words of that line.
    """

    document: str
    line: int
    change: Literal["lost", "new", "changed"]
    what: What
    label: str
    field: str | None = None
    expected: Any = None
    actual: Any = None
    rule: str | None = None
    source: str = ""

    def __str__(self) -> str:
        where = f"{self.document}:{self.line}: {self.change} {self.what} {self.label}"
        rule = f" (rule {self.rule})" if self.rule else ""
        if self.field is None:
            return where + rule
        return f"{where}: {self.field}: expected {_shown(self.expected)}, got {_shown(self.actual)}{rule}"


@dataclass(frozen=True, slots=True)
class Sample:
    """A document with the file that says what it must give."""

    document: Path
    expected: Path


@dataclass(frozen=True, slots=True)
class Result:
    """What a sample gives now and what was expected, how they differ, and whether the expected file would be written
    differently."""

    plans: list[Part]
    expected: list[Part]
    differences: list[Difference]
    stale: bool


def samples_in(folder: Path, *, with_new: bool = False) -> Iterator[Sample]:
    """The samples NAME.txt with NAME.expected.json of a folder, by name.

    An expected file without its document counts, and fails to be read; `with_new`: so do documents that have no
    expected file yet.
    """
    names = {path.name.removesuffix(EXPECTED_SUFFIX) for path in folder.glob("*" + EXPECTED_SUFFIX)}
    if with_new:
        names |= {path.stem for path in folder.glob("*.txt")}
    for name in sorted(names):
        yield Sample(folder / f"{name}.txt", folder / f"{name}{EXPECTED_SUFFIX}")


def run(sample: Sample, rules: Rules) -> Result:
    """Extract the sample's document and compare; without an expected file everything is new.

    Raises PlanparseError when the document cannot be extracted or the expected file cannot be read.
    """
    document = read_path(sample.document)
    plans = pipeline.extract(document, rules)
    written = "".join(json_array(plans))
    if not sample.expected.exists():
        return Result(plans, [], compare(str(sample.document), document.text, [], plans), True)
    stored = _stored(sample.expected)
    expected: list[Part] = json.loads(stored)
    differences = compare(str(sample.document), document.text, expected, plans)
    return Result(plans, expected, differences, stored != written)


def _stored(path: Path) -> str:
    """The text of an expected file, known to follow the contract."""
    from pydantic import TypeAdapter, ValidationError

    from planparse.models import Plan

    try:
        stored = path.read_text(encoding="utf-8")
        TypeAdapter(list[Plan]).validate_json(stored)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise DamagedFileError(
            str(path), f"does not follow the output contract ({place}: {first['msg']}); delete it and run with --update"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise DamagedFileError(str(path), f"cannot be read ({error})") from error
    return stored


def compare(document: str, text: str, expected: list[Part], actual: list[Part]) -> list[Difference]:
    """Every difference between two lists of plans of one document, in the order of the text.

    `text` is what the offsets of both refer to.
    """
    comparison = _Comparison(document, text)
    for what, old, new in paired(expected, actual):
        comparison.part(what, old, new)
    return sorted(comparison.differences, key=lambda difference: difference.line)


def paired(expected: list[Part], actual: list[Part]) -> Iterator[tuple[What, Part | None, Part | None]]:
    """All parts of two lists of plans, each with its counterpart; None where there is none.

    Of a plan that only one side has, just the indicators come with it.
    """
    for old, new in _pair(expected, actual, [lambda p: (_span(p), p["title"]), _span, lambda p: p["title"]]):
        if old is None or new is None:
            yield "plan", old, new
            yield from (("indicator", indicator, None) for indicator in (old or {}).get("indicators", []))
            yield from (("indicator", None, indicator) for indicator in (new or {}).get("indicators", []))
            continue
        yield "plan", _flat(old), _flat(new)
        for a, b in _pair(_sections(old["sections"]), _sections(new["sections"]), [_section_key, _start]):
            yield "section", a, b
            for one, other in _pair((a or {}).get("items", []), (b or {}).get("items", []), [_span, _start]):
                yield "item", one, other
        for a, b in _pair(old["indicators"], new["indicators"], [_target_key, _evidence_key, _kind_key]):
            yield "indicator", a, b
        for a, b in _pair(old["observations"], new["observations"], [_observation_key, _start]):
            yield "observation", a, b
        for a, b in _pair(old["diagnostics"], new["diagnostics"], [_diagnostic_key]):
            yield "diagnostic", a, b


# The field that names a part in a difference.
_LABELS: dict[What, str] = {
    "plan": "title",
    "section": "heading",
    "item": "number",
    "indicator": "name",
    "observation": "name",
    "diagnostic": "code",
}
# Compared part by part, not as fields of the section that holds them.
_PARTS_OF_SECTIONS = ("items", "sections")


class _Comparison:
    def __init__(self, document: str, text: str) -> None:
        self.document = document
        self.differences: list[Difference] = []
        self._lines = text.split("\n")
        self._line_starts = [0]
        for line in self._lines:
            self._line_starts.append(self._line_starts[-1] + len(line) + 1)

    def part(self, what: What, old: Part | None, new: Part | None) -> None:
        """Add what differs between a part and its counterpart."""
        part = new or old or {}
        label = part[_LABELS[what]]
        name = " ".join(str(label if label is not None else "-").split())
        line = bisect_right(self._line_starts, _start(part))
        source = " ".join(self._lines[line - 1].split()) if line <= len(self._lines) else ""
        rule = part.get("rule")
        if old is None or new is None:
            change: Literal["lost", "new"] = "lost" if new is None else "new"
            self.differences.append(Difference(self.document, line, change, what, name, rule=rule, source=source))
            return
        without = _PARTS_OF_SECTIONS if what == "section" else ()
        for field in [*old, *(field for field in new if field not in old)]:
            if field not in without and old.get(field) != new.get(field):
                values = old.get(field), new.get(field)
                self.differences.append(
                    Difference(self.document, line, "changed", what, name, field, *values, rule, source)
                )


def _pair(
    old: Iterable[Part], new: Iterable[Part], keys: list[Callable[[Part], Any]]
) -> Iterator[tuple[Part | None, Part | None]]:
    """Pair the parts whose keys are equal, the most particular key first; what is left over stands alone."""
    left, right = list(old), list(new)
    for key in keys:
        waiting: dict[Hashable, list[Part]] = defaultdict(list)
        for part in right:
            waiting[key(part)].append(part)
        unpaired = []
        for part in left:
            if waiting[key(part)]:
                yield part, waiting[key(part)].pop(0)
            else:
                unpaired.append(part)
        left, right = unpaired, [part for parts in waiting.values() for part in parts]
    yield from ((part, None) for part in left)
    yield from ((None, part) for part in right)


def _flat(plan: Part) -> Part:
    """The plan's own fields, with those of notice and source as `notice.title` … and without its lists."""
    flat: Part = {}
    for field, value in plan.items():
        if field in ("notice", "source") and value is not None:
            unseen = _UNCOMPARED.get(field, ())
            flat |= {f"{field}.{inner}": each for inner, each in value.items() if inner not in unseen}
        elif field not in ("sections", "indicators", "observations", "diagnostics"):
            flat[field] = value
    return flat


def _sections(sections: list[Part]) -> Iterator[Part]:
    for section in sections:
        yield section
        yield from _sections(section["sections"])


def _span(part: Part) -> tuple[int, int]:
    place = part.get("span") or part["evidence"]
    return place["start"], place["end"]


def _start(part: Part) -> int:
    return _span(part)[0]


def _section_key(section: Part) -> Hashable:
    return _start(section), section["role"], section["level"]


def _target_key(indicator: Part) -> Hashable:
    return _span(indicator), indicator["kind"], indicator["value_text"], indicator["name"]


def _evidence_key(indicator: Part) -> Hashable:
    return _span(indicator), indicator["kind"]


def _kind_key(indicator: Part) -> Hashable:
    return _start(indicator), indicator["kind"]


def _observation_key(observation: Part) -> Hashable:
    return _span(observation), observation["name"], observation["value"]


def _diagnostic_key(diagnostic: Part) -> Hashable:
    return diagnostic["code"], _span(diagnostic)


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
