"""`planparse rules list`, `show` and `new`: what rules there are, what one of them says, and how a new one begins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from planparse.errors import RulesError
from planparse.examples import Example, examples_of, failures
from planparse.packs import KINDS, Allowed, raw_rules
from planparse.rules import Rules, folder
from planparse.workbench.lint import retired_ids


def rules_table(rules: Rules, kind: str | None) -> Iterator[str]:
    """One line per rule: id, kind, place, reason."""
    why: dict[str, str] = {}
    for path in dict.fromkeys(Path(rule.place.rpartition(":")[0]) for rule in rules.rules):
        why |= {place: " ".join(str(raw["why"]).split()) for raw, _, place in raw_rules(path)}
    for rule in rules.rules:
        if kind in (None, rule.kind):
            yield f"{rule.id:<28} {rule.kind:<12} {Path(rule.place).name:<26} {why[rule.place]}"


def rule_page(rules: Rules, identity: str) -> Iterator[str]:
    """Everything about one rule: its YAML, its patterns with the parts filled in, how its examples come out.

    Raises RulesError for an id that no rule has.
    """
    rule = next((rule for rule in rules.rules if rule.id == identity), None)
    if rule is None:
        raise RulesError(identity, f"no rule has this id{_similar(rules, identity)}")
    path = Path(rule.place.rpartition(":")[0])
    yield f"{rule.id}, {rule.place}"
    yield f"kind {rule.kind}: {KINDS[rule.kind].does}"
    yield ""
    yield from _source(path, rule.place)
    for key in ("pattern", "before", "after", "when"):
        if getattr(rule, key):
            yield f"{key} with its parts: {getattr(rule, key)}"
    for example in examples_of(path):
        if example.rule == identity:
            yield _example_line(example, rules)


def _similar(rules: Rules, identity: str) -> str:
    import difflib

    near = difflib.get_close_matches(identity, [rule.id for rule in rules.rules], 3)
    return f"; near to it: {', '.join(near)}" if near else ""


def _source(path: Path, place: str) -> Iterator[str]:
    """The lines of a rule as they stand in its pack."""
    begin = int(place.rpartition(":")[2])
    lines = path.read_text(encoding="utf-8").splitlines()
    yield lines[begin - 1]
    for line in lines[begin:]:
        if line.startswith(("- ", "#")):
            break
        yield line
    yield ""


def _example_line(example: Example, rules: Rules) -> str:
    found = failures(example, rules)
    verdict = "todo" if example.todo and not found else "fails" if found else "ok"
    text = " ".join(example.text.split())
    return f"{verdict:<6}{'not ' if example.expect is None else ''}{text}" + "".join(f"\n      {f}" for f in found)


def new_rule(rules: Rules, identity: str, kind_name: str, text: str | None) -> str:
    """The YAML of a new rule of a kind, to be completed; `text`: the sentence it is written for.

    Raises RulesError for an id that is taken or retired.
    """
    taken = next((rule for rule in rules.rules if rule.id == identity), None)
    if taken is not None:
        raise RulesError(identity, f"the id is used at {taken.place}; to replace that rule, copy it")
    if identity in retired_ids(folder()):
        raise RulesError(identity, "the id belonged to a rule now gone; choose another")
    kind = KINDS[kind_name]
    lines = [f"# {kind_name}: {kind.does}", f"- id: {identity}", f"  kind: {kind_name}", "  why: "]
    if kind.form in ("words", "either"):
        lines.append("  words: []")
    if kind.form in ("pattern", "either", "sides"):
        lines.append('  pattern: ""')
    if kind.form == "sides":
        lines.append('  # or: before: "", after: "", units: []')
    emit = [_choice(key, allowed) for key, allowed in kind.emit.items()]
    optional = [_choice(key, allowed) for key, allowed in kind.optional.items()]
    if emit:
        lines.append(f"  emit: {{{', '.join(f'{key}: {first}' for key, first, _ in emit)}}}")
    lines += [f"  #   {key}: {' | '.join(rest)}" for key, _, rest in emit if len(rest) > 1]
    lines += [f"  #   optional {key}: {' | '.join(rest)}" for key, _, rest in optional]
    example = _quoted(text or "")
    if kind.form == "sides":
        lines += ["  not:", f"  - {{text: {example}, reason: }}"]
    else:
        lines += ["  examples:", f"  - {{text: {example}, expect: {{{_expected(kind.asserts)}}}}}"]
    return "\n".join(lines) + "\n"


def _choice(key: str, allowed: Allowed) -> tuple[str, str, list[str]]:
    values = ["null" if v is None else _quoted(str(v)) for v in allowed] if isinstance(allowed, tuple) else ["text"]
    return key, values[0] if isinstance(allowed, tuple) else '""', values


def _quoted(text: str) -> str:
    import json

    plain = text.isidentifier() or text.replace("-", "").isalnum()
    return text if plain and text else json.dumps(text, ensure_ascii=False)


def _expected(asserts: dict[str, Any]) -> str:
    names = [next(iter(f.values())) if isinstance(f, dict) else f[0] for f in asserts.values()]
    return ", ".join(f"{name.partition('.')[0]}: " for name in dict.fromkeys(names)) or "name: , value: "
