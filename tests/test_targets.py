"""Targets in prose as the contract words them, where several meet: clauses, lists, items, units and sentences."""

from __future__ import annotations

from typing import Any

import pytest

from planparse.document import Document
from planparse.pipeline import extract

HEAD = """\
某市妇女发展规划(2021-2025年)

一、发展领域、主要目标和策略措施

（一）妇女与健康

"""
OBJECTIVES = HEAD + "主要目标：\n\n"
MEASURES = HEAD + "策略措施：\n\n"
QUIET = {
    "kind": "quantitative",
    "value_max": None,
    "per": None,
    "direction": None,
    "change": False,
    "baseline": None,
    "deadline": None,
    "obligation": None,
    "responsible_units": [],
    "implied": None,
    "item": 1,
    "origin": "prose",
    "domain": "妇女与健康",
}
Target = dict[str, Any]


def read(text: str, head: str = OBJECTIVES) -> list[Target]:
    """The targets of numbered paragraphs, each without its id, place and rule, which other tests look at."""
    [plan] = extract(Document(head + text, None, "text/plain", "0" * 64))
    left_out = ("id", "rule", "section_id", "role", "evidence")
    return [{k: v for k, v in target.items() if k not in left_out} for target in plan["indicators"]]


def target(name: str, comparator: str, value: float, unit: str | None, value_text: str, **other: Any) -> Target:
    """All fields of a target: what a test does not name is null, empty or false."""
    said = {"name": name, "comparator": comparator, "value": value, "unit": unit, "value_text": value_text}
    return {**QUIET, **said, **other}


def direction(name: str, value_text: str, towards: str | None, **other: Any) -> Target:
    said = {"name": name, "comparator": None, "value": None, "unit": None, "value_text": value_text}
    return {**QUIET, **said, "kind": "qualitative", "direction": towards, **other}


# ---- several targets of one sentence ---------------------------------------------------------------------------------


def test_each_clause_has_its_own_bound_verb_and_unit() -> None:
    found = read(
        "1.孕产妇死亡率控制在8/10万以下，产前筛查率不低于75%，新生儿听力筛查率保持在98%左右，住院分娩率超过99%。"
    )
    assert found == [
        target("孕产妇死亡率", "<=", 8, "/10万", "8/10万以下", direction="control"),
        target("产前筛查率", ">=", 75, "%", "不低于75%"),
        target("新生儿听力筛查率", "~", 98, "%", "98%左右", direction="maintain"),
        target("住院分娩率", ">", 99, "%", "超过99%"),
    ]


def test_a_list_with_its_own_values_and_a_clause_behind_it() -> None:
    found = read("1.新生儿、婴儿和5岁以下儿童死亡率分别控制在2.5‰、4‰和5‰以下，其中农村儿童死亡率低于6‰。")
    assert found == [
        target("新生儿死亡率", "<=", 2.5, "‰", "2.5‰", direction="control"),
        target("婴儿死亡率", "<=", 4, "‰", "4‰", direction="control"),
        target("5岁以下儿童死亡率", "<=", 5, "‰", "5‰以下", direction="control"),
        target("农村儿童死亡率", "<", 6, "‰", "低于6‰"),
    ]


def test_years_with_a_value_each() -> None:
    assert read("1.到2023年和2025年，学前教育毛入园率分别达到95%和98%以上。") == [
        target("学前教育毛入园率", ">=", 95, "%", "95%", deadline=2023),
        target("学前教育毛入园率", ">=", 98, "%", "98%以上", deadline=2025),
    ]


def test_a_list_that_shares_one_value_is_one_target() -> None:
    assert read("1.孕产妇系统管理率和住院分娩率均达到95%以上。") == [
        target("孕产妇系统管理率和住院分娩率", ">=", 95, "%", "95%以上")
    ]


def test_a_deadline_holds_for_its_sentence_alone() -> None:
    found = read("1.到2025年，产前筛查率达到80%以上，知晓率达到90%。妇女常见病筛查率达到85%。")
    assert found == [
        target("产前筛查率", ">=", 80, "%", "80%以上", deadline=2025),
        target("知晓率", "=", 90, "%", "90%", deadline=2025),
        target("妇女常见病筛查率", "=", 85, "%", "85%"),
    ]


def test_a_subject_left_out_comes_from_its_own_sentence() -> None:
    found = read("1.中小学生体质健康达标率达到92%以上，优良率达到50%。\n\n2.优良率、合格率分别达到40%和95%以上。")
    assert found == [
        target("中小学生体质健康达标率", ">=", 92, "%", "92%以上"),
        target("中小学生体质健康达标优良率", "=", 50, "%", "50%"),
        target("优良率", ">=", 40, "%", "40%", item=2),
        target("合格率", ">=", 95, "%", "95%以上", item=2),
    ]


def test_shares_of_two_groups_are_two_targets() -> None:
    found = read("1.全市100%的学校配备专职心理教师，90%以上的社区建立家长学校。")
    assert [(t["comparator"], t["value"], t["unit"], t["value_text"]) for t in found] == [
        ("=", 100, "%", "100%"),
        (">=", 90, "%", "90%以上"),
    ]
    assert [t["name"].endswith(end) for t, end in zip(found, ("专职心理教师", "家长学校"), strict=True)] == [True, True]


def test_shares_in_words_beside_shares_in_digits() -> None:
    found = read("1.村民代表中女性占比超过三分之一，村委会成员中女性比例达到一半以上，主任中女性比例不低于百分之十。")
    assert found == [
        target("村民代表中女性占比", ">", 33.33, "%", "超过三分之一"),
        target("村委会成员中女性比例", ">=", 50, "%", "一半以上"),
        target("主任中女性比例", ">=", 10, "%", "不低于百分之十"),
    ]


def test_ratios_in_two_clauses() -> None:
    found = read("1.新建公共厕所男女厕位比例不低于2:3，商场等场所厕位比例达到1:2以上。")
    assert [(t["name"], t["comparator"], t["value"], t["unit"]) for t in found] == [
        ("新建公共厕所男女厕位比例", ">=", pytest.approx(2 / 3, abs=1e-5), ":1"),
        ("商场等场所厕位比例", ">=", 0.5, ":1"),
    ]


# ---- change, growth and where it starts from -------------------------------------------------------------------------


def test_growth_and_level_in_one_sentence() -> None:
    found = read("1.全市生产总值年均增长6.5%－7%，到2025年达到1200亿元左右，第三产业增加值占比提高到48%以上。")
    growth = {"value_max": 7, "per": "年", "direction": "increase", "change": True}
    assert found == [
        target("全市生产总值", "range", 6.5, "%", "6.5%－7%", **growth),
        target("全市生产总值", "~", 1200, "亿元", "1200亿元左右", deadline=2025),
        target("第三产业增加值占比", ">=", 48, "%", "48%以上", direction="increase", deadline=2025),
    ]


def test_levels_and_yearly_changes_side_by_side() -> None:
    found = read("1.近视率控制在50%以下。其中小学生近视率每年降低0.5个百分点以上，初中生近视率每年降低1个百分点。")
    yearly = {"per": "年", "direction": "decrease", "change": True}
    assert found == [
        target("近视率", "<=", 50, "%", "50%以下", direction="control"),
        target("小学生近视率", ">=", 0.5, "个百分点", "0.5个百分点以上", **yearly),
        target("初中生近视率", "=", 1, "个百分点", "1个百分点", **yearly),
    ]


def test_a_base_year_holds_for_each_change_of_the_sentence() -> None:
    base = {"baseline": {"value": None, "unit": None, "year": 2020}, "direction": "decrease", "change": True}
    assert read("1.以2020年为基数，儿童溺水死亡率下降20%，道路交通伤害死亡率下降25%以上。") == [
        target("儿童溺水死亡率", "=", 20, "%", "20%", **base),
        target("道路交通伤害死亡率", ">=", 25, "%", "25%以上", **base),
    ]


def test_a_baseline_belongs_to_its_own_target() -> None:
    found = read("1.失业保险参保率从2020年的92%提高到95%以上，参保人数超过50万人。")
    assert found == [
        target(
            *("失业保险参保率", ">=", 95, "%", "95%以上"),
            direction="increase",
            baseline={"value": 92, "unit": "%", "year": 2020},
        ),
        target("参保人数", ">", 50, "万人", "超过50万人"),
    ]


# ---- frequencies and things to provide -------------------------------------------------------------------------------


def test_each_frequency_has_its_own_period() -> None:
    found = read("1.学生每周至少参加3次体育活动，每天校内运动时间不少于1小时，每学期开展1次心理健康讲座。", MEASURES)
    assert [(t["comparator"], t["value"], t["unit"], t["per"]) for t in found] == [
        (">=", 3, "次", "周"),
        (">=", 1, "小时", "天"),
        ("=", 1, "次", "学期"),
    ]
    assert [t["name"][-4:] for t in found] == ["体育活动", "运动时间", "健康讲座"]


def test_things_for_each_place_of_three_kinds() -> None:
    text = "1.每所学校至少配备1名法治副校长，每个乡镇建设1-2所标准化幼儿园，每个县区建成1个以上儿童友好社区。"
    found = read(text, MEASURES)
    assert [(t["comparator"], t["value"], t["value_max"], t["unit"], t["per"]) for t in found] == [
        (">=", 1, None, "名", None),
        ("range", 1, 2, "所", None),
        (">=", 1, None, "个", None),
    ]
    assert [t["name"][-4:] for t in found] == ["治副校长", "化幼儿园", "友好社区"]


def test_a_thing_and_what_happens_in_it() -> None:
    found = read("1.每个街道建有1个以上妇女之家，每年开展不少于4次活动，服务妇女2000人次以上。", MEASURES)
    assert found == [
        target("妇女之家", ">=", 1, "个", "1个以上"),
        target("活动", ">=", 4, "次", "不少于4次", per="年"),
        target("服务妇女", ">=", 2000, "人次", "2000人次以上", per="年"),
    ]


def test_values_per_thousand_and_a_verb_of_growth() -> None:
    found = read("1.到2025年底，每千名儿童拥有执业医师达到1.2名，床位增至2.5张，达标率100%。")
    assert found == [
        target("每千名儿童拥有执业医师", "=", 1.2, "名", "1.2名", deadline=2025),
        target("床位", "=", 2.5, "张", "2.5张", deadline=2025, direction="increase"),
        target("达标率", "=", 100, "%", "100%", deadline=2025),
    ]


# ---- items, lists below them, and who is responsible -----------------------------------------------------------------


def test_units_belong_to_the_targets_before_their_bracket() -> None:
    text = (
        "1.产前筛查率达到75%以上；新生儿听力筛查率保持在98%左右（责任单位：市卫生健康委）；知晓率达到90%。"
        "（牵头单位：市妇联，配合单位：市卫生健康委、市教育局）\n\n2.住院分娩率达到99%。（市民政局、市财政局等负责）\n\n3.婚检率达到80%。"
    )
    assert [(t["name"], t["item"], t["responsible_units"]) for t in read(text)] == [
        ("产前筛查率", 1, ["市卫生健康委"]),
        ("新生儿听力筛查率", 1, ["市卫生健康委"]),
        ("知晓率", 1, ["市妇联", "市卫生健康委", "市教育局"]),
        ("住院分娩率", 2, ["市民政局", "市财政局"]),
        ("婚检率", 3, []),
    ]


def test_a_bracket_behind_a_nested_list_is_for_all_of_its_item() -> None:
    text = """\
1.推进托育服务体系建设。
（1）每千人口拥有3岁以下婴幼儿托位数达到4.5个；
（2）建成10家以上普惠托育机构；
（3）培训保育人员500-800人次。
（责任单位：市卫生健康委、市民政局）

2.产前筛查率达到75%以上。（责任单位：市妇联）
"""
    units = ["市卫生健康委", "市民政局"]
    assert read(text) == [
        target("每千人口拥有3岁以下婴幼儿托位数", "=", 4.5, "个", "4.5个", responsible_units=units),
        target("普惠托育机构", ">=", 10, "家", "10家以上", responsible_units=units),
        target("培训保育人员", "range", 500, "人次", "500-800人次", value_max=800, responsible_units=units),
        target("产前筛查率", ">=", 75, "%", "75%以上", item=2, responsible_units=["市妇联"]),
    ]


def test_a_bracket_of_its_own_line_belongs_to_the_item_above() -> None:
    found = read("1.产前筛查率达到75%以上。\n\n（责任单位：市妇联）\n\n2.住院分娩率达到99%。")
    assert [(t["item"], t["responsible_units"]) for t in found] == [(1, ["市妇联"]), (2, [])]


def test_a_bracket_that_lost_a_side_still_names_units() -> None:
    found = read("1.产前筛查率达到75%以上。(责任单位:市妇联、市教育局\n\n2.住院分娩率达到99%。责任单位：市民政局）")
    assert [(t["name"], t["responsible_units"]) for t in found] == [
        ("产前筛查率", ["市妇联", "市教育局"]),
        ("住院分娩率", ["市民政局"]),
    ]


# ---- two sentences ---------------------------------------------------------------------------------------------------


def test_what_was_reached_and_what_is_to_be_reached() -> None:
    text = "1.截至2020年底，全市婴儿死亡率为2.8‰。到2025年，婴儿死亡率控制在3‰以下。"
    assert read(text) == [target("婴儿死亡率", "<=", 3, "‰", "3‰以下", direction="control", deadline=2025)]
    [plan] = extract(Document(OBJECTIVES + text, None, "text/plain", "0" * 64))
    [seen] = plan["observations"]
    assert (seen["name"], seen["value"], seen["unit"], seen["year"]) == ("全市婴儿死亡率", 2.8, "‰", 2020)


def test_numbers_that_say_who_stay_in_the_name() -> None:
    found = read(
        "1.65岁以上老年妇女体检率达到70%以上。35-64岁妇女“两癌”筛查率达到85%以上，3岁以下婴幼儿入托率达到35%。"
    )
    assert found == [
        target("65岁以上老年妇女体检率", ">=", 70, "%", "70%以上"),
        target("35-64岁妇女“两癌”筛查率", ">=", 85, "%", "85%以上"),
        target("3岁以下婴幼儿入托率", "=", 35, "%", "35%"),
    ]


def test_a_direction_beside_a_number() -> None:
    found = read(
        "1.妇女参与企业董事会的比例逐步提高，村委会成员中女性比例达到30%以上。妇女健康状况明显改善，性别差距缩小。"
    )
    assert found == [
        direction("妇女参与企业董事会的比例", "逐步提高", "increase"),
        target("村委会成员中女性比例", ">=", 30, "%", "30%以上"),
    ]


def test_directions_are_targets_in_objectives_only() -> None:
    text = "1.村委会主任中女性比例逐步提高，妇女常见病筛查率不断提升。"
    assert [(t["name"], t["direction"]) for t in read(text)] == [
        ("村委会主任中女性比例", "increase"),
        ("妇女常见病筛查率", "increase"),
    ]
    assert read(text, MEASURES) == []


@pytest.mark.parametrize(
    "text",
    [
        "1.根据《儿童权利公约》和2019年修订的文件，对16周岁以下儿童、35岁以上妇女加强服务，发挥12345热线作用。",
        "1.依托12338热线和15分钟生活圈，打造一支巾帼志愿队伍，培育一批骨干，形成一系列品牌。",
        "1.增强“四个意识”，完善县乡村三级网络，落实“六个共同”，推行一站式服务，关注生命早期1000天。",
        "1.按照某政办发〔2021〕15号文件和2022年第3次会议要求，分3个阶段推进，于2023年10月完成评估。",
        "1.日人流量超过1万人次的其他场所应当配置母婴设施，鼓励一定比例的企业参与，支持多个平台建设。",
    ],
)
def test_a_sentence_of_numbers_without_a_target(text: str) -> None:
    assert read(text) == []
    assert read(text, MEASURES) == []
    assert [t["name"] for t in read(text + "产前筛查率达到75%以上。")] == ["产前筛查率"]


# ---- evidence --------------------------------------------------------------------------------------------------------


def test_evidence_is_the_clause_and_survives_a_page_break() -> None:
    text = OBJECTIVES + "1.全面普及健康知识，提高妇女健康素养，妇女常见病筛查率达\n\n到85%以上，婚检率达到70%以上。\n"
    [plan] = extract(Document(text, None, "text/plain", "0" * 64))
    first, second = plan["indicators"]
    assert (first["name"], first["value"], first["value_text"]) == ("妇女常见病筛查率", 85, "85%以上")
    assert first["evidence"]["text"] == "妇女常见病筛查率达\n\n到85%以上"
    assert second["evidence"]["text"] == "婚检率达到70%以上"
    assert (first["item"], second["item"]) == (1, 1)


def test_the_same_words_twice_are_two_targets_with_ids_of_their_own() -> None:
    text = OBJECTIVES + "1.产前筛查率达到75%以上。\n\n2.产前筛查率达到75%以上。\n\n2.产前筛查率达到75%以上。\n"
    [plan] = extract(Document(text, None, "text/plain", "0" * 64))
    ids = [t["id"] for t in plan["indicators"]]
    assert len(ids) == len(set(ids)) == 3
    earlier = text.replace("（一）妇女与健康", "（一）妇女与健康保障")
    [other] = extract(Document(earlier, None, "text/plain", "0" * 64))
    assert [t["id"] for t in other["indicators"]] == ids  # an id does not depend on what stands elsewhere
