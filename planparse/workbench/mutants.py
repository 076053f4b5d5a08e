"""Mutation test of the packs: faults put into each rule on purpose, and whether the examples or samples notice.

Run by `make mutants`. A fault is one of: the rule taken away, a word taken out, an alternative of a pattern taken out,
a value of `emit` swapped for another one that is allowed, a bound word given to the opposite bound, a unit class of a
guard or a condition (`where`) dropped. A fault is caught when an example of any rule fails or a sample comes out
otherwise. What is not caught is printed: a word or alternative without an example, or one that does nothing.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planparse.document import Document
from planparse.errors import NoPlanError
from planparse.examples import Example, examples_in, failures
from planparse.packs import KINDS
from planparse.pipeline import extract
from planparse.read import read_path
from planparse.records import replace
from planparse.rules import Rule, Rules, folder
from planparse.workbench.gains import documents_in
from planparse.workbench.lint import muted
from planparse.workbench.versions import located

ENOUGH = 0.95
_OPPOSITE = {">=": "<=", "<=": ">=", ">": "<", "<": ">", "~": "=", "=": "~"}
# What the engine may raise on a rule that lacks what it asks for by name: the fault is noticed.
_BREAKS = (AttributeError, LookupError, RuntimeError, StopIteration, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A set of rules with one fault. `pack`, `rule`: where it is; `fault`: what was done."""

    pack: str
    rule: str
    fault: str
    rules: Rules


def mutants(rules: Rules) -> Iterator[Mutant]:
    """Every fault of every rule, in their order."""
    for rule in rules.rules:
        pack = Path(rule.place.rpartition(":")[0]).stem
        if rule.words or rule.pattern or rule.before or rule.after:
            yield Mutant(pack, rule.id, "rule taken away", muted(rules, rule.id))
        for fault, changed in _changes(rule):
            yield Mutant(pack, rule.id, fault, _with(rules, changed))
        if rule.kind == "bound":
            for word in rule.words:
                yield Mutant(pack, rule.id, f"{word} given to the opposite bound", _moved(rules, rule, word))


def _with(rules: Rules, changed: Rule) -> Rules:
    return rules.altered([changed if rule.id == changed.id else rule for rule in rules.rules], "mutant")


def _changes(rule: Rule) -> Iterator[tuple[str, Rule]]:
    if rule.kind == "fold":
        yield from _fold_changes(rule)
    elif len(rule.words) > 1:
        for word in dict.fromkeys(rule.words):
            yield f"word {word} taken out", replace(rule, words=[w for w in rule.words if w != word])
    for key in ("pattern", "before", "after"):
        parts = alternatives(getattr(rule, key) or "")
        if len(parts) > 1:
            for i, part in enumerate(parts):
                rest = "|".join(parts[:i] + parts[i + 1 :])
                changed = replace(rule)
                setattr(changed, key, rest)
                yield f"{key}: {part} taken out", changed
    known = KINDS[rule.kind].emit | KINDS[rule.kind].optional
    for key, value in rule.emit.items():
        other = _another(value, known[key])
        if other is not None and not (rule.kind == "fold" and key == "to"):
            yield f"emit.{key}: {value} made {other[0]}", replace(rule, emit=rule.emit | {key: other[0]})
    for unit in rule.units if len(rule.units) > 1 else []:
        yield f"units: {unit or 'none'} taken out", replace(rule, units=[u for u in rule.units if u != unit])
    for key in rule.where:
        yield f"where.{key} dropped", replace(rule, where={k: v for k, v in rule.where.items() if k != key})


def _fold_changes(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """One character of a fold left as it is; five of a fold that was copied whole from a table of Unicode."""
    source, target = rule.words[0], rule.emit["to"]
    step = 1 if len(source) <= 60 else len(source) // 5
    for i in range(0, len(source), step):
        left = source[:i] + source[i + 1 :]
        yield (
            f"{source[i]!r} not folded",
            replace(rule, words=[left], emit=rule.emit | {"to": target[:i] + target[i + 1 :]}),
        )


def _another(value: Any, allowed: Any) -> tuple[Any] | None:
    """A value unlike the one given: the next that is allowed, or another text."""
    if isinstance(allowed, tuple):
        others = [one for one in allowed if one != value]
        return (others[0],) if others else None
    return (value + "年",) if isinstance(value, str) else None


def _moved(rules: Rules, rule: Rule, word: str) -> Rules:
    """A bound word moved to a bound of the opposite sense on the same side."""
    opposite = _OPPOSITE[rule.emit["comparator"]]
    fewer = replace(rule, words=[w for w in rule.words if w != word] or ["\ue000"])
    wrong = Rule(f"{rule.id}.wrong", "bound", [word], emit=rule.emit | {"comparator": opposite})
    return rules.altered([*(fewer if r.id == rule.id else r for r in rules.rules), wrong], "mutant")


def alternatives(pattern: str) -> list[str]:
    """The parts of a pattern between its outermost `|`; those of the one group that makes up the whole pattern."""
    parts, depth, begin, i, in_class = [], 0, 0, 0, False
    while i < len(pattern):
        c = pattern[i]
        if c == "\\":
            i += 1
        elif in_class:
            in_class = c != "]"
        elif c == "[":
            in_class = True
            # A bracket right behind the opening one stands for itself.
            i += pattern.startswith("^", i + 1)
            i += pattern.startswith("]", i + 1)
        elif c == "(":
            depth += 1
        elif c == ")":
            depth -= 1
        elif c == "|" and depth == 0:
            parts.append(pattern[begin:i])
            begin = i + 1
        i += 1
    return [*parts, pattern[begin:]]


# ---------------------------------------------------------------------------------------------------------------------
# Catching them


class Catcher:
    """Knows how examples and samples come out without a fault."""

    def __init__(self, rules: Rules, examples: Sequence[Example], documents: Sequence[Document]) -> None:
        self.documents = documents
        self._whole = [_plans(document, rules) for document in documents]
        # An example that fails anyway proves nothing.
        self._examples = [example for example in examples if not example.todo and not failures(example, rules)]

    def catches(self, mutant: Mutant) -> bool:
        """Whether an example fails or a sample comes out otherwise; the rule's own examples are tried first."""
        mine = [example for example in self._examples if example.rule == mutant.rule]
        others = [example for example in self._examples if example.rule != mutant.rule]
        try:
            return (
                any(failures(example, mutant.rules) for example in mine)
                or any(_plans(d, mutant.rules) != whole for d, whole in zip(self.documents, self._whole, strict=True))
                or any(failures(example, mutant.rules) for example in others)
            )
        except _BREAKS:
            return True


def _plans(document: Document, rules: Rules) -> list[dict[str, Any]]:
    try:
        return extract(document, rules)
    except NoPlanError:
        return []


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mutation test; the status is 1 where fewer than 95 % of the faults are caught."""
    parser = argparse.ArgumentParser(prog="python -m planparse.workbench.mutants", description=__doc__)
    parser.add_argument("--pack", action="append", help="faults of this pack alone; may be given again")
    parser.add_argument("--samples", default="samples", help="folder of samples (default: samples)")
    options = parser.parse_args(arguments)
    began = time.monotonic()
    rules = located()
    catcher = Catcher(rules, list(examples_in(folder())), [read_path(p) for p in documents_in([options.samples])])
    made: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    for mutant in mutants(rules):
        if options.pack and mutant.pack not in options.pack:
            continue
        made[mutant.pack] += 1
        if catcher.catches(mutant):
            caught[mutant.pack] += 1
        else:
            sys.stdout.write(f"not caught: {mutant.pack}: {mutant.rule}: {mutant.fault}\n")
    for pack in sorted(made):
        sys.stdout.write(f"{pack}: {caught[pack]} of {made[pack]} caught\n")
    share = caught.total() / max(1, made.total())
    took = time.monotonic() - began
    sys.stdout.write(f"all packs: {caught.total()} of {made.total()} caught, {share:.1%}, {took:.0f} s\n")
    return 0 if share >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())
