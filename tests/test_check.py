"""Comparing an extraction with what was expected: every difference once, with its line and rule."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import TEXT, indicator, plan
from planparse.check import Sample, compare, samples_in


def second(**changes: Any) -> dict[str, Any]:
    """Another indicator of TEXT, at another place."""
    words = "每个镇建设1-2所幼儿园"
    start = TEXT.index(words)
    evidence = {"text": words, "start": start, "end": start + len(words), "page": None}
    own = {"id": "i2", "name": "幼儿园", "comparator": "range", "value": 1, "value_max": 2, "unit": "所"}
    return indicator(**own, value_text="1-2所", evidence=evidence, rule="provide.build", **changes)


def differences(expected: list[dict[str, Any]], actual: list[dict[str, Any]]) -> list[str]:
    return [str(each) for each in compare("x.txt", TEXT, expected, actual)]


def test_equal_plans_do_not_differ() -> None:
    assert differences([plan()], [copy.deepcopy(plan())]) == []


def test_the_place_of_the_file_is_no_difference() -> None:
    moved = copy.deepcopy(plan())
    moved["source"]["path"] = "/elsewhere/x.txt"
    assert differences([plan()], [moved]) == []


def test_a_changed_field_is_named_with_line_and_rule() -> None:
    assert differences([plan()], [plan(indicators=[indicator(unit=None, comparator="=")])]) == [
        'x.txt:2: changed indicator 小学生近视率: comparator: expected "<=", got "=" (rule level.reach)',
        'x.txt:2: changed indicator 小学生近视率: unit: expected "%", got null (rule level.reach)',
    ]


def test_a_new_indicator_in_front_is_one_difference() -> None:
    few, many = plan(indicators=[second()]), plan(indicators=[indicator(), second()])
    assert differences([few], [many]) == ["x.txt:2: new indicator 小学生近视率 (rule level.reach)"]
    assert differences([many], [few]) == ["x.txt:2: lost indicator 小学生近视率 (rule level.reach)"]


def test_a_lost_twin_is_seen() -> None:
    twins = [indicator(id="a"), indicator(id="b")]
    assert len(differences([plan(indicators=twins)], [plan(indicators=twins[:1])])) == 1


def test_members_of_one_clause_are_paired_by_what_they_say() -> None:
    members = [indicator(id="a", name="甲"), indicator(id="b", name="乙")]
    assert differences([plan(indicators=members)], [plan(indicators=members[::-1])]) == []


def test_an_indicator_that_changes_its_kind_is_lost_and_new() -> None:
    other = indicator(kind="qualitative", comparator=None, value=None)
    assert [line.split(": ")[1] for line in differences([plan()], [plan(indicators=[other])])] == [
        "lost indicator 小学生近视率 (rule level.reach)",
        "new indicator 小学生近视率 (rule level.reach)",
    ]


def test_every_kind_of_part_is_compared() -> None:
    actual = copy.deepcopy(plan())
    actual["notice"]["issuer"] = "某市人民政府"
    actual["period"] = None
    actual["sections"][0]["role"] = "measures"
    actual["sections"][0]["items"][0]["number"] = 2
    actual["observations"] = []
    actual["diagnostics"][0]["severity"] = "info"
    assert {(d.change, d.what, d.field) for d in compare("x.txt", TEXT, [plan()], [actual])} == {
        ("changed", "plan", "notice.issuer"),
        ("changed", "plan", "period"),
        ("changed", "section", "role"),
        ("changed", "item", "number"),
        ("lost", "observation", None),
        ("changed", "diagnostic", "severity"),
    }


def test_a_lost_plan_loses_its_indicators() -> None:
    assert [(d.change, d.what) for d in compare("x.txt", TEXT, [plan()], [])] == [
        ("lost", "plan"),
        ("lost", "indicator"),
    ]


def test_plans_are_paired_by_place_not_by_order() -> None:
    other = plan(title="别的规划", span={"start": 0, "end": 3}, indicators=[])
    assert differences([plan(), other], [other, plan()]) == []


@given(st.lists(st.sampled_from(["unit", "name", "rule", "per", "domain"]), unique=True))
def test_each_changed_field_is_one_difference_both_ways(fields: list[str]) -> None:
    changed = plan(indicators=[indicator(**dict.fromkeys(fields, "别的"))])
    for expected, actual in ((plan(), changed), (changed, plan())):
        assert {d.field for d in compare("x.txt", TEXT, [expected], [actual])} == set(fields)


def test_samples_are_documents_with_expected_files(tmp_path: Path) -> None:
    for name in ("b.txt", "b.expected.json", "a.expected.json", "new.txt", "README.md"):
        (tmp_path / name).touch()
    assert [sample.document.name for sample in samples_in(tmp_path)] == ["a.txt", "b.txt"]
    assert [sample.document.name for sample in samples_in(tmp_path, with_new=True)] == ["a.txt", "b.txt", "new.txt"]
    assert next(samples_in(tmp_path)) == Sample(tmp_path / "a.txt", tmp_path / "a.expected.json")


@pytest.mark.parametrize("value", [None, 1, 1.5, "<=", {"year": 2020}])
def test_values_are_shown_as_json(value: object) -> None:
    [line] = differences([plan(indicators=[indicator(baseline=[])])], [plan(indicators=[indicator(baseline=value)])])
    assert line.endswith(f"baseline: expected [], got {json.dumps(value, ensure_ascii=False)} (rule level.reach)")
