"""Texts that once broke the engine: each must give plans that hold together, or a typed error."""

from __future__ import annotations

import pytest

import planparse

OPENING = "某市妇女发展规划(2021-2025年)\n\n一、发展领域、主要目标和策略措施\n\n(一)妇女与健康\n\n主要目标:\n\n"
BODY = "一、总体要求\n\n坚持统筹。\n\n二、主要任务\n\n1.毛入学率达到95%。"
LETTER = "某市人民政府关于印发某市妇女发展规划的通知\n\n各县:\n\n现将《某市妇女发展规划》印发给你们。\n\n某市人民政府\n"


def only_plan(text: str) -> planparse.Plan:
    plans = planparse.parse(text)
    assert len(plans) == 1
    return plans[0]


@pytest.mark.parametrize("marker", ["１．", "１、", "（１）", "1.", "①"])
def test_item_numbers_in_any_width(marker: str) -> None:
    plan = only_plan(f"{OPENING}{marker}毛入学率达到95%。")
    assert [(i.name, i.value, i.item) for i in plan.indicators] == [("毛入学率", 95, 1)]


def test_a_marker_without_text_is_no_item_of_its_own() -> None:
    plan = only_plan(f"{OPENING}1.加强服务。\n（1）\n2.毛入学率达到95%。")
    assert [(i.value, i.item) for i in plan.indicators] == [(95, 2)]


def test_an_empty_last_item_lies_in_its_section() -> None:
    plan = only_plan("云溪县养老服务“十四五”规划\n\n一、总体要求\n\n1.")
    section = plan.sections[-1]
    assert all(section.span.start <= item.span.start <= item.span.end <= section.span.end for item in section.items)


@pytest.mark.parametrize(
    ("words", "value", "value_max"),
    [("毛入学率达到95%-90%", 90, 95), ("建设5-3所幼儿园", 3, 5)],
)
def test_a_range_written_backwards_keeps_its_bounds(words: str, value: float, value_max: float) -> None:
    indicator = only_plan(f"{OPENING}1.{words}。").indicators[0]
    assert (indicator.comparator, indicator.value, indicator.value_max) == ("range", value, value_max)


@pytest.mark.parametrize("title", ["某市妇女发展规划(2021", "某市妇女发展规划(2025-2021年)"])
def test_years_that_are_no_period_give_none_and_a_warning(title: str) -> None:
    plan = only_plan(f"{title}\n\n{BODY}")
    assert plan.period is None
    assert "period.incomplete" in {note.code for note in plan.diagnostics}


@pytest.mark.parametrize(
    ("date", "iso"), [("2021年2月30日", None), ("2020年2月29日", "2020-02-29"), ("2021年2月29日", None)]
)
def test_a_letter_may_carry_a_day_that_does_not_exist(date: str, iso: str | None) -> None:
    notice = only_plan(f"{LETTER}{date}\n\n某市妇女发展规划\n\n{BODY}").notice
    assert notice is not None
    assert (notice.issued_on.isoformat() if hasattr(notice.issued_on, "isoformat") else notice.issued_on) == iso


@pytest.mark.parametrize("number", ["9" * 400, "九" * 400, "9" * 400 + ":" + "8" * 400])
def test_a_run_of_digits_that_no_float_holds_is_no_value(number: str) -> None:
    assert only_plan(f"{OPENING}1.毛入学率达到95%，建设{number}所幼儿园。").indicators[0].value == 95


def test_a_cell_may_state_its_year_in_a_clause() -> None:
    rows = "<tr><td>序号<td>指标<td>目标值<tr><td>1<td>毛入学率(%)<td>到2025年，达到95%以上"
    page = (
        f"<p>某市妇女发展规划(2021-2025年)<p>一、主要目标<p>主要指标<table>{rows}</table><p>二、主要任务<p>坚持统筹。"
    )
    plan = planparse.parse_bytes(page.encode(), name="page.html")[0]
    assert [(i.name, i.comparator, i.value) for i in plan.indicators] == [("毛入学率", ">=", 95)]
