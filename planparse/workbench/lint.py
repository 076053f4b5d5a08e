"""`planparse rules check`: everything that can be said about a folder of packs without looking at other documents.

A finding names file, line, code and cause. Findings of draft rules (`status: draft`) are warnings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from planparse.errors import RulesError
from planparse.examples import INDICATOR_FIELDS, Example, examples_of, extracted, failures, framed
from planparse.packs import KINDS, parts_in, parts_used, raw_rules, read_packs
from planparse.records import replace
from planparse.rules import Rule, Rules, folder, load, merged, pack_files
from planparse.workbench.backtracking import slow_input

CODES = {
    "pack": "the pack or a rule in it does not load",
    "example-shape": "an example is not well formed",
    "no-example": "the rule has no example and no `not` entry",
    "example-fails": "an example does not give, through the whole engine, what it says",
    "todo-passes": "an example marked `todo` passes: remove the mark",
    "wrong-rule": "the indicator of an example comes from another rule than the one that owns the example",
    "not-owned": "all examples of the rule come out the same without it",
    "not-asserted": "no example asserts what the rule says in `emit`",
    "word-twice": "a word stands twice in a rule, or in two rules of one kind that say different things of it",
    "part-unused": "no pattern uses the part",
    "id-retired": "the id belonged to another rule, now gone (retired-ids.txt)",
    "kind-changed": "the rule replaces a shipped one of another kind",
    "slow": "the pattern backtracks badly on a pumped input",
}
RETIRED = "retired-ids.txt"
"""Ids of rules that are gone, one a line; `planparse rules build` adds to it."""

# Kinds whose rules put their own id on the indicators they give.
_GIVING = ("frame", "cell", "trend")
# A private-use character: a rule that finds nothing but this is muted.
_NOTHING = "\ue000"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong. `place`: `file:line` or the file; `rule`: the id of the rule it is about, or None."""

    place: str
    code: str
    message: str
    severity: Literal["error", "warning"] = "error"
    rule: str | None = None

    def __str__(self) -> str:
        word = "" if self.severity == "error" else "warning: "
        return f"{self.place}: {self.code}: {word}{self.message}"


def check(where: Path) -> list[Finding]:
    """All findings about the packs of a folder: the shipped packs, or packs to be added to them by `--rules`.

    Raises RulesError where the folder is none or holds no pack.
    """
    errors: list[RulesError] = []
    shipped = where.resolve() == folder().resolve()
    own = list(read_packs(where, None if shipped else parts_in(folder()), errors))
    if not own and not errors:
        raise RulesError(str(where), "holds no rule pack (*.yaml)")
    findings = [Finding(error.name, "pack", error.cause) for error in errors]
    findings += _ids(own, where, shipped)
    findings += _parts(where)
    findings += _words(own)
    slow = list(_slow(own, trusted=shipped))
    findings += slow
    skipped = {finding.rule for finding in slow}
    if not errors:
        # With a pack or rule missing, examples would fail for reasons of their own.
        sound = [rule for rule in own if rule.id not in skipped]
        findings += _examples(where, sound, Rules(own, "") if shipped else merged(load(), sound, where))
    drafts = _drafts(where) if not errors else set()
    findings = [replace(f, severity="warning") if f.rule in drafts else f for f in findings]
    return sorted(findings, key=lambda f: (_sortable(f.place), f.code, f.message))


def _sortable(place: str) -> tuple[str, int]:
    file, _, line = place.rpartition(":")
    return (file, int(line)) if line.isdigit() else (place, 0)


def _finding(rule: Rule, code: str, message: str) -> Finding:
    return Finding(rule.place, code, f"rule {rule.id}: {message}", rule=rule.id)


# ---------------------------------------------------------------------------------------------------------------------
# What can be said without running a rule


def _ids(own: list[Rule], where: Path, shipped: bool) -> Iterator[Finding]:
    retired = retired_ids(where)
    by_id = {} if shipped else {rule.id: rule for rule in load().rules}
    for rule in own:
        if rule.id in retired:
            yield _finding(rule, "id-retired", f"the id is listed in {RETIRED}; choose another")
        other = by_id.get(rule.id)
        if other is not None and other.kind != rule.kind:
            yield _finding(rule, "kind-changed", f"is of kind {rule.kind}, the shipped one of kind {other.kind}")


def retired_ids(where: Path) -> set[str]:
    """The ids that `retired-ids.txt` of a folder lists; none where there is no such file."""
    path = where / RETIRED
    return set(path.read_text(encoding="utf-8").split()) if path.is_file() else set()


def _parts(where: Path) -> Iterator[Finding]:
    path = where / "parts.yaml"
    try:
        own = parts_in(where)
        texts = [path.read_text(encoding="utf-8") for path in pack_files(where)]
    except (RulesError, OSError, UnicodeDecodeError):
        return  # reported as it was loaded
    used = {name for text in texts for name in parts_used(text)}
    for name in own:
        if name not in used:
            yield Finding(str(path), "part-unused", f"no pattern uses {{{name}}}")


def _words(own: list[Rule]) -> Iterator[Finding]:
    for rule in own:
        twice = {word for word in rule.words if rule.words.count(word) > 1}
        for word in sorted(twice):
            yield _finding(rule, "word-twice", f"holds {word!r} twice")
    owners: dict[tuple[Any, ...], Rule] = {}
    for rule in own:
        if rule.kind in ("fold", "metadata"):
            continue
        for word in set(rule.words):
            # The same word may say one thing before a name and another behind it.
            key = (rule.kind, word, rule.emit.get("place"), rule.emit.get("part"), tuple(map(str, rule.where)))
            if key in owners and owners[key].emit != rule.emit:
                yield _finding(rule, "word-twice", f"{word!r} is also in rule {owners[key].id}, which says otherwise")
            owners.setdefault(key, rule)


def _slow(own: list[Rule], *, trusted: bool) -> Iterator[Finding]:
    for rule in own:
        for key in ("pattern", "before", "after", "when"):
            pattern = getattr(rule, key)
            anchored = KINDS[rule.kind].anchored or key == "after"
            found = slow_input(pattern, trusted=trusted, anchored=anchored) if pattern else None
            if found:
                yield _finding(rule, "slow", f"{key} backtracks badly, for instance on {found}")


def _drafts(where: Path) -> set[str]:
    return {raw["id"] for path in pack_files(where) for raw, _, _ in raw_rules(path) if raw.get("status") == "draft"}


# ---------------------------------------------------------------------------------------------------------------------
# Examples


def _examples(where: Path, own: list[Rule], rules: Rules) -> Iterator[Finding]:
    by_rule: dict[str, list[Example]] = {rule.id: [] for rule in own}
    for path in pack_files(where):
        try:
            for example in examples_of(path):
                if example.rule in by_rule:
                    by_rule[example.rule].append(example)
        except RulesError as error:
            yield Finding(error.name, "example-shape", error.cause)
            return
    for rule in own:
        examples = by_rule[rule.id]
        if not examples:
            yield _finding(rule, "no-example", "has no example")
            continue
        broken = False
        for example in examples:
            for finding in _example(rule, example, rules):
                broken = True
                yield finding
        yield from _asserted(rule, examples)
        silent = not (rule.words or rule.pattern or rule.before or rule.after)
        if not silent and not broken and not _needed(rule, examples, rules):
            yield _finding(rule, "not-owned", "its examples come out the same without it")


def _needed(rule: Rule, examples: list[Example], rules: Rules) -> bool:
    """Whether an example fails without the rule."""
    without = muted(rules, rule.id)
    return any(failures(example, without) for example in examples if not example.todo)


def _example(rule: Rule, example: Example, rules: Rules) -> Iterator[Finding]:
    try:
        found = failures(example, rules)
    except RulesError as error:
        yield Finding(example.place, "example-fails", f"rule {rule.id}: {_short(example.text)}: {error}", rule=rule.id)
        return
    for failure in found:
        code = "todo-passes" if example.todo else "example-fails"
        yield Finding(example.place, code, f"rule {rule.id}: {_short(example.text)}: {failure}", rule=rule.id)
    gives = example.expect is not None and not INDICATOR_FIELDS.isdisjoint(example.expect)
    if rule.kind not in _GIVING or rule.where.get("part") or example.todo or not gives:
        return
    givers = {i["rule"] for i in indicators(example, rules)}
    if rule.id not in givers:
        others = ", ".join(sorted(givers)) or "no rule"
        message = f"rule {rule.id}: {_short(example.text)}: comes from {others}"
        yield Finding(example.place, "wrong-rule", message, rule=rule.id)


def indicators(example: Example, rules: Rules) -> list[dict[str, Any]]:
    """The indicators that stand in an example's text (the picked one, where it says which)."""
    text, start, end = framed(example)
    found = [
        i
        for plan in extracted(text, rules)
        for i in plan["indicators"]
        if i["evidence"]["start"] < end and start < i["evidence"]["end"]
    ]
    return [i for i in found if example.pick in (None, i["value_text"])]


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 40 else words[:39] + "…"


def _asserted(rule: Rule, examples: list[Example]) -> Iterator[Finding]:
    kind = KINDS[rule.kind]
    expected = [e.expect for e in examples if e.expect is not None]
    if not expected:
        return
    for key, fields in kind.asserts.items():
        if key and key not in rule.emit:
            continue
        wanted = (fields[rule.emit[key]],) if isinstance(fields, dict) else fields
        if not any(_has(expect, name) for expect in expected for name in wanted):
            said = f"emit.{key}" if key else "it"
            yield _finding(rule, "not-asserted", f"no example asserts what {said} says ({' or '.join(wanted)})")


def _has(expect: dict[str, Any], name: str) -> bool:
    at: Any = expect
    for step in name.split("."):
        if not isinstance(at, dict) or step not in at:
            return False
        at = at[step]
    return True


def muted(rules: Rules, identity: str) -> Rules:
    """The rules with one of them made to find nothing; it stays in its place, since parts of the engine ask for it."""

    def mute(rule: Rule) -> Rule:
        emit = rule.emit | ({"to": _NOTHING} if rule.kind == "fold" else {})
        return replace(
            rule,
            words=[_NOTHING] if rule.words else [],
            pattern=_muted_pattern(rule.pattern),
            before=rule.before and _NOTHING,
            after=rule.after and _NOTHING,
            emit=emit,
        )

    return rules.altered([mute(rule) if rule.id == identity else rule for rule in rules.rules], f"without {identity}")


def _muted_pattern(pattern: str | None) -> str | None:
    """A pattern with the same groups that finds nothing."""
    if pattern is None:
        return None
    groups = re.compile(pattern).groupindex
    return _NOTHING + "".join(f"(?P<{name}>{_NOTHING})" for name in groups)
