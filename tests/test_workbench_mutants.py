"""The mutation test of the packs: what counts as a fault, and that faults of each sort are caught."""

from __future__ import annotations

import re

import pytest

from planparse import rules
from planparse.examples import examples_in
from planparse.rules import Rule
from planparse.workbench.mutants import Catcher, Mutant, alternatives, mutants
from planparse.workbench.versions import located

LOADED = located()


@pytest.fixture(scope="module")
def faults() -> list[Mutant]:
    return list(mutants(LOADED))


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        ("", [""]),
        ("一|二", ["一", "二"]),
        ("(?:一|二)三", ["(?:一|二)三"]),
        ("[|]一|[]|]二|[^]|]三", ["[|]一", "[]|]二", "[^]|]三"]),
        (r"一\|二|\(三|四", [r"一\|二", r"\(三", "四"]),
        ("一|(?=二|三)|四$", ["一", "(?=二|三)", "四$"]),
    ],
)
def test_alternatives_are_the_outermost(pattern: str, parts: list[str]) -> None:
    assert alternatives(pattern) == parts
    assert "|".join(parts) == pattern


def test_every_rule_has_a_fault_and_every_faulty_pattern_compiles(faults: list[Mutant]) -> None:
    assert {mutant.rule for mutant in faults} == {rule.id for rule in LOADED.rules}
    sound = {id(rule) for rule in LOADED.rules}
    for mutant in faults:
        changed = [rule for rule in mutant.rules.rules if id(rule) not in sound]
        assert changed, (mutant.rule, mutant.fault)
        for rule in changed:
            for pattern in (rule.pattern, rule.before, rule.after):
                re.compile(pattern or "")


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("bound.and-above", "以上 given to the opposite bound"),
        ("bound.and-above", "word 以上 taken out"),
        ("bound.over", "emit.comparator: > made >="),
        ("unit.permille", "rule taken away"),
        ("unit.things", "word 所 taken out"),
        ("guard.age", "rule taken away"),
        ("level.control", "emit.bare: <= made >="),
        ("trend.fall", "emit.direction: decrease made increase"),
    ],
)
def test_faults_of_each_sort_are_caught(faults: list[Mutant], rule: str, fault: str) -> None:
    catcher = Catcher(LOADED, [e for e in examples_in(rules.folder()) if e.rule == rule], [])
    [mutant] = [mutant for mutant in faults if (mutant.rule, mutant.fault) == (rule, fault)]
    assert catcher.catches(mutant)


def test_no_fault_is_not_caught() -> None:
    catcher = Catcher(LOADED, [e for e in examples_in(rules.folder()) if e.rule == "bound.over"], [])
    idle = Rule("own.idle", "bound", ["\ue000"], emit={"comparator": "~", "place": "after"})
    assert not catcher.catches(Mutant("own", "bound.over", "none", LOADED.altered([*LOADED.rules, idle], "")))
