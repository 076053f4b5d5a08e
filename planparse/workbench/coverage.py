"""`planparse rules coverage`: which rules do nothing on some documents, which find what no other finds, what is left.

What a rule does is what changes when it is taken away: the documents are extracted once with all rules and once
without each rule whose words or pattern occur in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from planparse.check import Difference, compare
from planparse.document import Document
from planparse.errors import NoPlanError
from planparse.pipeline import extract
from planparse.rules import Rule, Rules
from planparse.text import LineIndex, fold
from planparse.workbench.lint import muted
from planparse.workbench.walk import walk

# Sections in which a number that no rule claims deserves a look.
_TARGET_ROLES = ("overall_goal", "indicator_table", "domains", "domain", "objectives", "measures", "projects")


@dataclass(frozen=True, slots=True)
class Effect:
    """What one rule does on the documents.

    `occurs`: its words or pattern occur at all; `only`: indicators that are lost without it; `changes`: everything
    else that differs without it.
    """

    rule: Rule
    occurs: bool
    only: int
    changes: int


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """A number in a section for targets that no rule claimed: its document, line, words, and the clause around it."""

    document: str
    line: int
    number: str
    clause: str

    def __str__(self) -> str:
        return f"{self.document}:{self.line}: {self.number}: {self.clause}"


def effects(documents: Sequence[Document], rules: Rules) -> Iterator[Effect]:
    """The effect of each rule, in their order."""
    texts = [re.sub("[ \t]+", "", fold(document.text, rules)) for document in documents]
    whole = [_plans(document, rules) for document in documents]
    for rule in rules.rules:
        if not any(_occurs(rule, rules, document, text) for document, text in zip(documents, texts, strict=True)):
            yield Effect(rule, False, 0, 0)
            continue
        without = muted(rules, rule.id)
        differences: list[Difference] = []
        for document, plans in zip(documents, whole, strict=True):
            differences += compare(str(document.name), document.text, plans, _plans(document, without))
        lost = sum(1 for d in differences if d.what == "indicator" and d.change == "lost")
        yield Effect(rule, True, lost, len(differences) - lost)


def _plans(document: Document, rules: Rules) -> list[dict[str, object]]:
    try:
        return extract(document, rules)
    except NoPlanError:
        return []


def _occurs(rule: Rule, rules: Rules, document: Document, text: str) -> bool:
    if rule.kind == "fold":
        return any(c in document.text for word in rule.words for c in word)
    if any(word in text for word in rule.words):
        return True
    patterns = [p for p in (rule.pattern, rule.before, rule.after) if p]
    # A pattern that ends with $ is matched against pieces of lines, so only that it has one can be said here.
    with rules.watch(len(text)):
        return any(p.endswith("$") or rules.compile(f"(?m:{p})").search(text) for p in patterns)


def unclaimed(documents: Iterable[Document], rules: Rules) -> Iterator[Unclaimed]:
    """Every number in a section for targets that became no target and that no guard holds back."""
    for document in documents:
        index = LineIndex(document.text)
        for walked in walk(document, rules):
            if walked.section.role not in _TARGET_ROLES or not walked.section.holds_targets:
                continue
            view = walked.piece.view
            for start, end in walked.reading.unclaimed:
                clause = re.split("[,;。!?]", view.text[:start])[-1] + re.split("[,;。!?]", view.text[start:])[0]
                yield Unclaimed(str(document.name), index.line(view.pos[start]), view.raw[start:end], clause)


def report(documents: Sequence[Document], rules: Rules) -> Iterator[str]:
    """The three lists, as text."""
    found = list(effects(documents, rules))
    idle = [effect for effect in found if not effect.only and not effect.changes]
    yield f"# {len(idle)} of {len(found)} rules change nothing on these documents\n"
    yield from (f"{e.rule.id:<28} {'occurs' if e.occurs else 'never occurs'}\n" for e in idle)
    alone = sorted((effect for effect in found if effect.only), key=lambda effect: -effect.only)
    yield f"\n# {len(alone)} rules find indicators that no other finds\n"
    yield from (f"{e.rule.id:<28} {e.only} lost without it, {e.changes} other differences\n" for e in alone)
    left = list(unclaimed(documents, rules))
    yield f"\n# {len(left)} numbers in sections for targets are claimed by no rule\n"
    yield from (f"{number}\n" for number in left)
