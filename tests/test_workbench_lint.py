"""`planparse rules check`: each finding on a pack made for it, and none on the shipped packs."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from packs_of import HEAD, STALLS, pack, rule
from planparse import rules
from planparse.errors import RulesError
from planparse.workbench import lint
from planparse.workbench.backtracking import slow_input
from planparse.workbench.lint import CODES, Finding, check


def codes(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def test_the_shipped_packs_have_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    # A generous budget: a busy machine must not fail the run, a pattern that explodes takes any time.
    monkeypatch.setattr(lint, "slow_input", partial(slow_input, budget=5.0))
    assert [str(finding) for finding in check(rules.folder())] == []


def test_a_sound_pack_has_no_finding(tmp_path: Path) -> None:
    assert check(pack(tmp_path)) == []


GUARD = {"kind": "guard", "words": "", "emit": "", "examples": ""}


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (rule(kind="units"), "pack", "kind 'units' is not one of"),
        (rule(examples="[{text: 一, colour: red, expect: {value: 1}}]"), "example-shape", "no key 'colour'"),
        (rule(examples="[{text: 一, expect: {colour: red}}]"), "example-shape", "no field 'colour'"),
        (rule(examples="[{text: 一, in: heaven, expect: {value: 1}}]"), "example-shape", "'heaven' is not one of"),
        (rule(examples="[{text: 一, expect: {section: {colour: red}}}]"), "example-shape", "no field 'colour'"),
        (rule(examples="[{text: 一}]"), "example-shape", "says what to expect"),
        (rule(examples=""), "no-example", "has no example"),
        (
            rule(examples="[{text: 集贸市场设置摊位不少于20个摊位, in: measures, expect: {value: 21}}]"),
            "example-fails",
            "value: expected 21, got 20",
        ),
        (
            rule(examples="[{text: 市场设置不少于20个摊位, in: measures, todo: true, expect: {value: 20}}]"),
            "todo-passes",
            "remove its todo",
        ),
        (
            rule(examples="[{text: 失业保险参保率达到98%以上, expect: {value: 98, unit: '%'}}]"),
            "not-owned",
            "come out the same without it",
        ),
        (
            rule(kind="bound", words="[弗低于]", emit="{comparator: '>=', place: before}",
                 examples="[{text: 失业保险参保率弗低于98%, expect: {value_text: 弗低于98%}}]"),
            "not-asserted",
            "emit.comparator",
        ),
        (
            rule(kind="frame", words="[攀升至]", emit="{frame: level, direction: increase, bare: '='}",
                 examples="[{text: 失业保险参保率达到98%, expect: {value: 98, direction: null, comparator: '='}}]"),
            "wrong-rule",
            "comes from level.reach",
        ),
        (rule(words="[个摊位, 个摊位]"), "word-twice", "'个摊位' twice"),
        (rule(**GUARD, pattern='"(?:一+)+二"', **{"not": "[{text: 一一, reason: x}]"}), "slow", "backtracks badly"),
    ],
)  # fmt: skip
def test_each_finding(tmp_path: Path, text: str, code: str, message: str) -> None:
    findings = [finding for finding in check(pack(tmp_path, text)) if finding.code == code]
    assert findings, codes(check(tmp_path))
    assert message in findings[0].message
    assert findings[0].place.startswith(f"{tmp_path / 'own.yaml'}:")
    assert code in CODES


def test_every_broken_rule_is_reported(tmp_path: Path) -> None:
    findings = check(pack(tmp_path, rule(why="") + rule(words="").replace("own.stalls", "own.other")))
    assert codes(findings) == ["pack", "pack"]
    assert [finding.place for finding in findings] == [f"{tmp_path / 'own.yaml'}:{line}" for line in (4, 9)]


def test_a_draft_gives_warnings(tmp_path: Path) -> None:
    findings = check(pack(tmp_path, rule(examples="", status="draft")))
    assert [(finding.code, finding.severity) for finding in findings] == [("no-example", "warning")]


def test_a_retired_id_and_a_changed_kind_are_refused(tmp_path: Path) -> None:
    (tmp_path / "retired-ids.txt").write_text("own.unit-stalls\n", encoding="utf-8")
    assert codes(check(pack(tmp_path))) == ["id-retired"]
    changed = STALLS.replace("own.unit-stalls", "bound.around")
    assert "kind-changed" in codes(check(pack(tmp_path / "other", changed)))


def test_an_unused_part_is_found(tmp_path: Path) -> None:
    (tmp_path / "parts.yaml").write_text('pack: parts\nrequires: ">=0.1"\nparts:\n  stall: 摊位\n', encoding="utf-8")
    assert codes(check(pack(tmp_path))) == ["part-unused"]


def test_one_example_stands_for_each_word(tmp_path: Path) -> None:
    each = "[{text: '市场设置摊位不少于20{word}', in: measures, expect: {value: 20, unit: '{word}'}}]"
    assert check(pack(tmp_path, rule(words="[个摊位, 个摊]", examples=each))) == []
    own = each.replace("in: measures", "in: measures, each: [个摊位, 个棚]")
    findings = check(pack(tmp_path, rule(examples=own)))
    assert codes(findings) == ["example-fails"]
    assert "20个棚" in findings[0].message


def test_a_folder_without_packs_cannot_be_checked(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="holds no rule pack"):
        check(tmp_path)
    (tmp_path / "own.yaml").write_text(HEAD, encoding="utf-8")
    with pytest.raises(RulesError, match="holds no rule pack"):
        check(tmp_path)


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize(
    "pattern", ["(a|a)*$", "(?:一|一一)*[0-9]{9}", "(?:[a-z]+[0-9]?)+!x", "(?:.*a){20}x", "((?:一+)+)+市$"]
)
def test_patterns_that_backtrack_are_found(pattern: str, trusted: bool) -> None:
    assert slow_input(pattern, 0.1, trusted=trusted)


@pytest.mark.parametrize(
    "pattern", ["[0-9]+(?:[.][0-9]+)?%", ".*首页 *[>»] *.*", "(?:[^,]*,)*x", "一{3}", "(?<=一)[^。]{0,8}的"]
)
def test_other_patterns_are_not_called_slow(pattern: str) -> None:
    # A generous budget: what is asserted is that no pumped input makes the time explode.
    assert slow_input(pattern, 5.0) is None
