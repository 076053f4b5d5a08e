"""Tables of indicators: the same rows give the same targets in whatever shape a page holds them."""

from __future__ import annotations

from typing import Any

import pytest

from planparse.document import Document
from planparse.pipeline import extract
from planparse.read import read_bytes

BEFORE = ["某市妇女发展规划(2021-2025年)", "一、总体要求", "加强领导。"]
TITLE = "某市妇女发展主要指标"
AFTER = ["三、组织实施", "（一）加强组织领导。落实责任。"]
Rows = list[list[str]]


def in_text(rows: Rows, separator: str, title: str = TITLE) -> list[dict[str, Any]]:
    """The targets of a table in plain text, one row a line; with "\\n" one cell a line."""
    lines = [separator.join(cell for cell in row if cell or separator == "\t") for row in rows]
    return targets(Document("\n\n".join([*BEFORE, title, "\n".join(lines), *AFTER]), None, "text/plain", "0" * 64))


def in_html(table: str) -> list[dict[str, Any]]:
    """The targets of a table in a page: one row a line, a bar before each cell; 2x3~ before its words: it covers two
    columns and three rows."""
    rows = []
    for line in table.strip().splitlines():
        cells = []
        for cell in line.strip().removeprefix("|").split("|"):
            size, _, words = cell.rpartition("~")
            cols, _, down = size.partition("x")
            cells.append(f'<td colspan="{cols or 1}" rowspan="{down or 1}">{words.strip()}</td>')
        rows.append("<tr>" + "".join(cells) + "</tr>")
    body = "".join(f"<p>{line}</p>" for line in [*BEFORE, TITLE])
    rest = "".join(f"<p>{line}</p>" for line in AFTER)
    page = f"<!DOCTYPE html><html><body>{body}<table>{''.join(rows)}</table>{rest}</body></html>"
    return targets(read_bytes(page.encode(), "page.html"))


def targets(document: Document) -> list[dict[str, Any]]:
    [plan] = extract(document)
    for target in plan["indicators"]:
        evidence = target["evidence"]
        assert target["origin"] == "table"
        assert target["role"] == "indicator_table"
        assert evidence["text"] == document.text[evidence["start"] : evidence["end"]]
        assert target["value_text"] in evidence["text"]
    return plan["indicators"]


def fields(found: list[dict[str, Any]], names: str) -> list[tuple[Any, ...]]:
    return [tuple(target[name] for name in names.split()) for target in found]


# ---- one table in all shapes -----------------------------------------------------------------------------------------

WHOLE: Rows = [
    ["序号", "指标名称", "单位", "2020年", "2025年", "属性", "责任单位"],
    ["1", "孕产妇死亡率", "1/10万", "9.5", "≤8", "约束性", "市卫生健康委、市妇联"],
    ["2", "宫颈癌筛查率", "%", "62", "70以上", "预期性", "市卫生健康委"],
    ["3", "人均预期寿命", "岁", "79.2", "80左右", "预期性", "市统计局"],
    ["4", "托育机构", "所", "3", "12-15", "预期性", "市发展改革委"],
]
HTML_OF_WHOLE = "\n".join("|" + "|".join(row) for row in WHOLE)
SHAPES = {
    "tabs": lambda: in_text(WHOLE, "\t"),
    "blanks": lambda: in_text(WHOLE, "  "),
    "one blank": lambda: in_text(WHOLE, " "),
    "one cell a line": lambda: in_text(WHOLE, "\n"),
    "blank lines between cells": lambda: in_text(WHOLE, "\n\n"),
    "html": lambda: in_html(HTML_OF_WHOLE),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_table_reads_the_same_in_every_shape(shape: str) -> None:
    found = SHAPES[shape]()
    assert fields(found, "item name comparator value value_max unit value_text") == [
        (1, "孕产妇死亡率", "<=", 8, None, "/10万", "≤8"),
        (2, "宫颈癌筛查率", ">=", 70, None, "%", "70以上"),
        (3, "人均预期寿命", "~", 80, None, "岁", "80左右"),
        (4, "托育机构", "range", 12, 15, "所", "12-15"),
    ]
    assert [target["baseline"] for target in found] == [
        {"value": value, "unit": unit, "year": 2020}
        for value, unit in ((9.5, "/10万"), (62, "%"), (79.2, "岁"), (3, "所"))
    ]
    assert fields(found, "deadline obligation direction change kind") == [
        (2025, obligation, None, False, "quantitative") for obligation in ("binding", *["expected"] * 3)
    ]
    assert [target["responsible_units"] for target in found] == [
        ["市卫生健康委", "市妇联"],
        ["市卫生健康委"],
        ["市统计局"],
        ["市发展改革委"],
    ]


@pytest.mark.parametrize("separator", ["\t", "\n"])
def test_units_in_the_name_also_in_broken_brackets(separator: str) -> None:
    rows = [
        ["序号", "规划目标", "目标值"],
        ["1", "孕产妇死亡率(1/10万)", "8以下"],
        ["2", "就业人员中的女性比例(%", "45左右"],
        ["3", "妇女人均预期寿命（岁）", "持续提升"],
        ["4", "平均受教育年限(", "12.3"],
        ["5", "产前筛查率（％）", "≥95"],
    ]
    found = in_text(rows, separator)
    assert fields(found, "item name unit kind comparator value direction") == [
        (1, "孕产妇死亡率", "/10万", "quantitative", "<=", 8, None),
        (2, "就业人员中的女性比例", "%", "quantitative", "~", 45, None),
        (3, "妇女人均预期寿命", "岁", "qualitative", None, None, "increase"),
        (4, "平均受教育年限", None, "quantitative", "=", 12.3, None),
        (5, "产前筛查率", "%", "quantitative", ">=", 95, None),
    ]


@pytest.mark.parametrize("cell", ["%", "％", "单位：%"])
def test_units_in_a_column(cell: str) -> None:
    [found] = in_html(f"|序号|指标|单位|目标值\n|1|高中阶段毛入学率|{cell}|98以上")
    assert (found["name"], found["comparator"], found["value"]) == ("高中阶段毛入学率", ">=", 98)
    assert found["unit"] == "%"


def test_a_bound_inside_the_bracket_of_a_cumulative_value() -> None:
    rows: Rows = [
        ["序号", "指标", "2020年", "2025年", "属性"],
        ["1", "有效注册商标量（万件）", "5.8", "9.6", "预期性"],
        ["2", "质押融资登记金额（亿元）", "3.7", "〔≥30〕", "预期性"],
        ["3", "地理标志（件）", "19", "24以上", "预期性"],
    ]
    assert fields(in_text(rows, "\n"), "item value comparator change") == [
        (1, 9.6, "=", False),
        (2, 30, ">=", True),
        (3, 24, ">=", False),
    ]


def test_a_category_column_behind_the_number_is_merged_over_rows_or_not() -> None:
    rows: Rows = [
        ["序号", "类别", "指标", "单位", "2020年", "2025年", "属性"],
        ["1", "健康", "孕产妇死亡率", "1/10万", "9.5", "≤8", "约束性"],
        ["2", "妇女人均预期寿命", "岁", "81.2", "83", "预期性"],
        ["3", "家庭", "指导服务站点覆盖率", "城市社区", "%", "92.4", "100", "预期性"],
        ["农村社区", "%", "81.6", "≥95", "预期性"],
    ]
    found = in_text(rows, "\n")
    assert fields(found, "domain item name value") == [
        ("健康", 1, "孕产妇死亡率", 8),
        ("健康", 2, "妇女人均预期寿命", 83),
        ("家庭", 3, "指导服务站点覆盖率城市社区", 100),
        ("家庭", 3, "指导服务站点覆盖率农村社区", 95),
    ]


# ---- grids -----------------------------------------------------------------------------------------------------------


def test_cells_that_cover_rows_hold_for_each_of_them() -> None:
    found = in_html(
        """
        |类别|序号|指标|单位|2020年|2025年|属性|责任单位
        |1x3~健康|1|孕产妇死亡率|1/10万|9.5|≤8|约束性|市卫生健康委
        |1x2~2|筛查率（城市）|%|1x2~60|70以上|1x2~预期性|1x2~市妇联
        |筛查率（农村）|%|65以上
        |教育|3|入学率|%||98|预期性|市教育局
        """
    )
    assert fields(found, "domain item name value obligation") == [
        ("健康", 1, "孕产妇死亡率", 8, "binding"),
        ("健康", 2, "筛查率（城市）", 70, "expected"),
        ("健康", 2, "筛查率（农村）", 65, "expected"),
        ("教育", 3, "入学率", 98, "expected"),
    ]
    assert [target["responsible_units"] for target in found] == [["市卫生健康委"], ["市妇联"], ["市妇联"], ["市教育局"]]
    assert [target["baseline"] and target["baseline"]["value"] for target in found] == [9.5, 60, 60, None]


def test_a_row_of_one_cell_is_the_category_of_the_rows_below() -> None:
    found = in_html(
        """
        |序号|指标|单位|目标值
        |4x1~一、妇女与健康
        |1|筛查率|%|80
        |4x1~二、妇女与教育
        |2|入学率|%|98
        """
    )
    assert fields(found, "domain item name") == [("妇女与健康", 1, "筛查率"), ("妇女与教育", 2, "入学率")]


def test_a_head_of_two_rows_gives_each_column_its_year() -> None:
    found = in_html(
        """
        |1x2~序号|1x2~指标|1x2~单位|2x1~目标值|1x2~属性
        |2025年|2030年
        |1|婴儿死亡率|‰|4|≤3|约束性
        """
    )
    assert fields(found, "name comparator value unit deadline obligation baseline") == [
        ("婴儿死亡率", "=", 4, "‰", 2025, "binding", None),
        ("婴儿死亡率", "<=", 3, "‰", 2030, "binding", None),
    ]


def test_years_before_the_period_are_where_targets_start_from() -> None:
    found = in_html("|指标|单位|2019年|2025年|2030年\n|毛入学率|%|90|95|98")
    baseline = {"value": 90, "unit": "%", "year": 2019}
    assert fields(found, "value deadline baseline") == [(95, 2025, baseline), (98, 2030, baseline)]


def test_empty_cells_and_dashes_are_no_targets() -> None:
    found = in_html(
        """
        |序号|指标|单位|2020年|2025年|2030年
        |1|近视率|%|50||38以下
        |2|覆盖率|%|—|100|—
        |3|床位|张|20|/|
        """
    )
    assert fields(found, "item name value deadline") == [(1, "近视率", 38, 2030), (2, "覆盖率", 100, 2025)]
    assert found[1]["baseline"] is None


def test_cells_in_words() -> None:
    found = in_html(
        """
        |指标|目标
        |死亡率|控制在7/10万以下
        |就业占比|保持在45%左右
        |体质合格率|提高到95%
        |近视率|下降5个百分点
        |受教育年限|超过12年
        |厕位比|3:2
        |女性董事比例|逐步提高
        |救护培训|全覆盖
        """
    )
    assert fields(found, "name kind comparator value unit direction change") == [
        ("死亡率", "quantitative", "<=", 7, "/10万", "control", False),
        ("就业占比", "quantitative", "~", 45, "%", "maintain", False),
        ("体质合格率", "quantitative", "=", 95, "%", "increase", False),
        ("近视率", "quantitative", "=", 5, "个百分点", "decrease", True),
        ("受教育年限", "quantitative", ">", 12, "年", None, False),
        ("厕位比", "quantitative", "=", 1.5, ":1", None, False),
        ("女性董事比例", "qualitative", None, None, None, "increase", False),
        ("救护培训", "qualitative", None, None, None, None, False),
    ]


def test_two_labelled_values_in_one_cell_are_two_targets() -> None:
    found = in_html("|序号|指标|单位|2025年\n|1|儿童之家覆盖率|%|城市100，农村90")
    assert {(t["name"], t["item"], t["value"], t["unit"], t["deadline"]) for t in found} == {
        ("城市儿童之家覆盖率", 1, 100, "%", 2025),
        ("农村儿童之家覆盖率", 1, 90, "%", 2025),
    }


def test_growth_columns_and_totals_in_brackets() -> None:
    found = in_html(
        """
        |指标|2020年|2025年|年均增长（%）
        |地区生产总值（亿元）|500|700|7
        |常住人口（万人）|30.5|32-35|
        |城镇新增就业（万人）|||〔3.4〕
        """
    )
    assert fields(found, "name comparator value value_max unit") == [
        ("地区生产总值", "=", 700, None, "亿元"),
        ("常住人口", "range", 32, 35, "万人"),
        ("城镇新增就业", "=", 3.4, None, "万人"),
    ]


def test_times_of_a_day() -> None:
    [found] = in_html("|序号|指标|单位|目标值\n|1|中小学生每天体育活动时间|小时|≥1")
    assert (found["value"], found["unit"], found["per"], found["comparator"]) == (1, "小时", "天", ">=")


def test_a_table_without_a_column_of_targets_sets_none() -> None:
    for rows in (
        [["项目", "内容"], ["妇女之家", "3"], ["儿童之家", "4"]],
        [["序号", "单位", "联系人"], ["1", "市妇联", "12"], ["2", "市民政局", "13"]],
    ):
        assert in_text(rows, "\t", "通讯录") == []
        assert in_html("\n".join("|" + "|".join(row) for row in rows)) == []


def test_sub_rows_share_the_number() -> None:
    found = in_text(
        [
            ["序号", "规划目标", "目标值"],
            ["1", "农村卫生厕所普及率(%)", "98以上"],
            ["2", "儿童之家覆盖率(%)", "城市社区100", "农村社区90"],
            ["3", "学前教育毛入园率(%)", "99"],
        ],
        "\n",
    )
    assert fields(found, "item value unit") == [(1, 98, "%"), (2, 100, "%"), (2, 90, "%"), (3, 99, "%")]
    assert {t["name"] for t in found if t["item"] == 2} == {"城市社区儿童之家覆盖率", "农村社区儿童之家覆盖率"}


def test_text_behind_a_table_is_not_part_of_it() -> None:
    [plan] = extract(
        Document("\n\n".join([*BEFORE, TITLE, "序号\t指标\t目标值\n1\t入学率(%)\t98", *AFTER]), None, "text/plain", "")
    )
    assert [(s["role"], s["heading"]) for s in plan["sections"]] == [
        ("general", "总体要求"),
        ("implementation", "组织实施"),
    ]
    [target] = plan["indicators"]
    assert (target["name"], target["item"], target["value"]) == ("入学率", 1, 98)
