"""The models hold the output contract: what they take, what they refuse, and the schema made from them."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import planparse
from factories import TEXT, indicator, plan
from planparse.models import Indicator, Plan, json_schema

ROOT = Path(__file__).parent.parent


def refusal(data: dict[str, Any], model: type[Any] = Plan, text: str | None = None) -> str:
    """The one line that says why the data was refused."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate(data, context=None if text is None else {"text": text})
    return " ".join(str(caught.value).split())


def test_a_plan_comes_back_from_json_as_it_went_in() -> None:
    data = plan()
    model = Plan.model_validate(data, context={"text": TEXT})
    assert model.model_dump(mode="json") == data
    assert json.dumps(json.loads(model.model_dump_json()), ensure_ascii=False) == json.dumps(data, ensure_ascii=False)


@given(st.one_of(st.integers(-(10**9), 10**9), st.floats(allow_nan=False, allow_infinity=False)))
def test_a_number_keeps_its_kind(value: float) -> None:
    model = Indicator.model_validate(indicator(value=value))
    assert type(model.value) is type(value)
    assert json.loads(model.model_dump_json())["value"] == value


def test_models_cannot_be_changed() -> None:
    model = Plan.model_validate(plan())
    for field in ("title", "indicators"):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(model, field, "别的规划")
    assert isinstance(model.indicators, tuple)


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"comparator": ">=="}, "comparator"),
        ({"comparator": "=", "value_max": 40}, "value_max"),
        ({"comparator": "range"}, "value_max"),
        ({"comparator": "range", "value": 5, "value_max": 1}, "backwards"),
        ({"kind": "qualitative"}, "neither comparator nor value"),
        ({"kind": "qualitative", "comparator": None}, "neither comparator nor value"),
        ({"comparator": None}, "has a comparator and a value"),
        ({"value": None}, "has a comparator and a value"),
        ({"value": "38"}, "value"),
        ({"value": True}, "value"),
        ({"value": float("nan")}, "value"),
        ({"change": 1}, "change"),
        ({"item": "1"}, "item"),
        ({"role": "goal"}, "role"),
        ({"direction": "up"}, "direction"),
        ({"obligation": "约束性"}, "obligation"),
        ({"deadline": 25}, "deadline"),
        ({"name": ""}, "name"),
        ({"value_text": "39%以下"}, "does not contain the value text"),
        ({"implied": {"colour": {"value": "red", "reason": "none"}}}, "no field of an indicator: colour"),
        ({"confidence": 0.9}, "confidence"),
    ],
)
def test_an_indicator_against_the_contract_is_refused(changes: dict[str, Any], cause: str) -> None:
    assert cause in refusal(indicator(**changes), Indicator)


def test_a_field_left_out_is_refused() -> None:
    for field in indicator():
        data = indicator()
        del data[field]
        assert f"{field} Field required" in refusal(data, Indicator)


def test_a_qualitative_indicator_needs_no_value() -> None:
    data = indicator(kind="qualitative", comparator=None, value=None, unit=None)
    assert Indicator.model_validate(data).value is None


def test_a_range_has_two_ends() -> None:
    assert Indicator.model_validate(indicator(comparator="range", value=38, value_max=40.5)).value_max == 40.5


def test_evidence_is_compared_with_the_source() -> None:
    assert "differs from the source" in refusal(plan(), text=TEXT.replace("小学生", "中学生"))
    short = copy.deepcopy(plan())
    short["indicators"][0]["evidence"]["end"] -= 1
    assert "cannot stand at" in refusal(short)


def test_ids_are_unique_and_known() -> None:
    assert "indicator ids stand more than once: i1" in refusal(plan(indicators=[indicator(), indicator()]))
    child = copy.deepcopy(plan()["sections"][0])
    parent = child | {"sections": [copy.deepcopy(child)]}
    assert "section ids stand more than once: s1" in refusal(plan(sections=[parent]))
    assert "no known section: s9" in refusal(plan(indicators=[indicator(section_id="s9")]))


def test_places_and_periods_run_forwards() -> None:
    assert "before it starts" in refusal(plan(span={"start": 5, "end": 4}))
    assert "before it starts" in refusal(plan(period={"start": 2025, "end": 2021}))
    assert "span.start" in refusal(plan(span={"start": -1, "end": 4}))


@pytest.mark.parametrize("date", ["2021年12月31日", "2021-13-01", 20211231, 1640908800])
def test_dates_are_iso(date: object) -> None:
    assert "issued_on" in refusal(plan(notice=plan()["notice"] | {"issued_on": date}))


def test_all_sections_in_order_of_the_text() -> None:
    def section(name: str, *children: dict[str, Any]) -> dict[str, Any]:
        return copy.deepcopy(plan()["sections"][0]) | {"id": name, "sections": list(children)}

    tree = [section("a", section("b", section("c")), section("d")), section("e")]
    model = Plan.model_validate(plan(sections=tree, indicators=[]))
    assert [each.id for each in model.all_sections()] == list("abcde")


def test_the_schema_file_is_the_models_schema() -> None:
    stored = (ROOT / "docs" / "schema.json").read_text(encoding="utf-8")
    assert stored == json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n", "run `make docs`"


def test_every_field_of_the_schema_is_described_and_required() -> None:
    schema = json_schema()
    for name, model in {**schema["$defs"], "Plan": schema}.items():
        assert model["description"], name
        assert sorted(model["required"]) == sorted(model["properties"]), name
        for field, definition in model["properties"].items():
            assert "(" in definition.get("description", ""), f"{name}.{field} names no Chinese term"


def test_everything_public_is_there() -> None:
    for name in planparse.__all__:
        assert getattr(planparse, name) is not None
    assert set(dir(planparse)) == set(planparse.__all__)
    unknown = "Plans"
    with pytest.raises(AttributeError, match="no attribute 'Plans'"):
        getattr(planparse, unknown)
