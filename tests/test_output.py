"""The forms in which plans leave the program."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import TEXT, indicator, plan
from planparse import output


def rows(*plans: dict[str, Any]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(output.csv_table(plans)))))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(JSON)
def test_indented_json_is_what_json_would_write(value: object) -> None:
    assert output.indented(value) == json.dumps(value, ensure_ascii=False, indent=2)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_array_is_what_json_would_write(count: int) -> None:
    plans = [plan(title=f"规划\n{n}") for n in range(count)]
    assert "".join(output.json_array(plans)) == json.dumps(plans, ensure_ascii=False, indent=2) + "\n"


def test_json_lines_hold_one_plan_each() -> None:
    plans = [plan(title="规划\u2028一"), plan()]
    lines = "".join(output.json_lines(plans)).split("\n")
    assert [json.loads(line) for line in lines[:-1]] == plans
    assert lines[-1] == ""


@pytest.mark.parametrize("form", output.FORMATS)
def test_no_plan_gives_nothing_that_looks_like_a_result(form: str) -> None:
    assert "".join(output.FORMATS[form]([])) == ""


@pytest.mark.parametrize("form", output.FORMATS)
def test_a_plan_comes_out_before_the_next_is_asked_for(form: str) -> None:
    asked: list[int] = []

    def plans() -> Iterator[dict[str, Any]]:
        for n in range(2):
            asked.append(n)
            yield plan()

    pieces = output.FORMATS[form](plans())
    written = ""
    while "小学生近视率" not in written:
        written += next(pieces)
    assert asked == [0]


def test_csv_has_one_row_per_indicator_and_one_head() -> None:
    found = rows(plan(indicators=[indicator(), indicator(id="i2", value=None)]), plan())
    assert [row["id"] for row in found] == ["i1", "i2", "i1"]
    assert found[0] | {
        "plan": "某市儿童发展规划",
        "period_start": "2021",
        "comparator": "<=",
        "value": "38",
        "change": "false",
        "baseline_value": "",
        "baseline_year": "2020",
        "responsible_units": "市教育局",
        "evidence": "小学生近视率降至38%以下",
        "start": str(TEXT.index("小学生")),
    } == found[0]
    assert json.loads(found[0]["implied"]) == indicator()["implied"]
    assert found[1]["value"] == ""


def test_csv_names_every_field_of_an_indicator() -> None:
    flattened = {"baseline", "evidence"}
    assert set(indicator()) - flattened < set(output.CSV_COLUMNS)


@pytest.mark.parametrize("text", ["=1+1", "+86", "-5", "@SUM(A1)", "＝1", "＋1", "－1", "＠a", "\t=1", " =1", "\r=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    row = rows(plan(title=text, indicators=[indicator(name=text, value_text=text, responsible_units=[text])]))[0]
    for column in ("plan", "name", "value_text", "responsible_units"):
        assert row[column] == "'" + text


def test_numbers_and_comparators_stay_as_they_are() -> None:
    row = rows(plan(indicators=[indicator(comparator="=", value=-5)]))[0]
    assert (row["comparator"], row["value"]) == ("=", "-5")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_csv_reads_back_any_name(name: str) -> None:
    written = "".join(output.csv_table([plan(indicators=[indicator(name=name)])]))
    [row] = csv.DictReader(io.StringIO(written, newline=""))
    assert row["name"] in (name, "'" + name)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "≤ 38 %"),
        ({"comparator": "range", "value": 1, "value_max": 2, "unit": "所"}, "1-2 所"),
        ({"comparator": ">=", "value": 4, "unit": "次", "per": "年"}, "≥ 4 次/年"),
        ({"comparator": "=", "value": 1, "unit": "个百分点", "per": "年", "change": True}, "−1 个百分点/年"),
        ({"comparator": "=", "value": 8, "unit": None}, "8"),
        ({"kind": "qualitative", "value_text": "逐步提高"}, "逐步提高"),
    ],
)
def test_a_target_in_short(changes: dict[str, Any], expected: str) -> None:
    assert output.target_text(indicator(**changes)) == expected


def test_the_table_shows_names_as_written_and_no_colour_off_a_terminal() -> None:
    table = "".join(output.terminal_table([plan(title="[bold]规划", indicators=[indicator(name="[red]率[/red]")])]))
    assert "[bold]规划 (1 indicators, 2021-2025)" in table
    assert "[red]率[/red]" in table
    assert "\x1b" not in table


def test_the_outline_counts_what_stands_where() -> None:
    child = plan()["sections"][0] | {"id": "s2", "level": 2, "heading": "", "number": None, "items": []}
    parent = plan()["sections"][0] | {"sections": [child]}
    place = {"start": TEXT.index("1."), "end": len(TEXT)}
    text = output.outline(plan(sections=[parent | {"span": place}], indicators=[indicator(), indicator(id="b")]), TEXT)
    assert text.splitlines() == [
        "某市儿童发展规划",
        "  一、 主要目标  [objectives]  line 2, 1 item, 2 indicators",
        "    -  [objectives]  line 1",
    ]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("张家港市妇女发展规划(2021−2025年)", "张家港市妇女发展规划(2021−2025年).json"),
        ("嘉兴市妇女发展“十四五”规划", "嘉兴市妇女发展“十四五”规划.json"),
        ("a/b\\c:d*e?f\"g<h>i|j", "a_b_c_d_e_f_g_h_i_j.json"),
        ("../../etc/passwd", "_.._etc_passwd.json"),
        ("规划\n\x00\u200b续", "规划___续.json"),
        ("规划. ", "规划.json"),
        ("...", "plan.json"),
        ("con", "_con.json"),
        ("NUL.规划", "_NUL.规划.json"),
        ("规" * 300, "规" * 50 + ".json"),
    ],
)
def test_file_names_are_readable_and_valid_everywhere(title: str, name: str) -> None:
    assert output.file_name(title, ".json", set()) == name


def test_file_names_do_not_collide() -> None:
    taken: set[str] = set()
    names = [output.file_name(title, ".json", taken) for title in ("Plan", "plan", "Plan (2)", "plan", "é", "e\u0301")]
    assert names == ["Plan.json", "plan (2).json", "Plan (2) (2).json", "plan (3).json", "é.json", "é (2).json"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=8))
def test_any_title_makes_a_file(tmp_path_factory: pytest.TempPathFactory, titles: list[str]) -> None:
    folder = tmp_path_factory.mktemp("names")
    taken: set[str] = set()
    for title in titles:
        output.write_file(folder / output.file_name(title, ".json", taken), title)
    assert len(list(folder.iterdir())) == len(titles)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "plan.json"
    output.write_file(target, "old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        output.write_file(target, "new")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_has_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    output.write_file(tmp_path / "plan.json", "{}")
    assert (tmp_path / "plan.json").stat().st_mode == (tmp_path / "usual").stat().st_mode
