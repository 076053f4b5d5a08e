"""From pages to plans: the notice, titles and extents, the section tree with its roles, and the items in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from planparse.document import Document
from planparse.errors import NoPlanError
from planparse.pipeline import extract

Tree = list[tuple[Any, ...]]

NOTICE = """\
索引号：000014349/2021-00087
发文机关：云溪市人民政府办公室
成文日期：2021年11月20日
发布日期：2021-12-01

云溪市人民政府办公室关于印发云溪市妇女发展规划和儿童发展规划的通知

云政办发〔2021〕35号

各县区人民政府，市政府各部门、各直属机构：

《云溪市妇女发展规划（2021—2030年）》和《云溪市儿童发展规划（2021—2030年）》已经市政府同意，现印发给你们，请认真贯彻执行。

云溪市人民政府办公室

2021年11月20日

"""
WOMEN = """\
云溪市妇女发展规划（2021—2030年）

妇女是推动社会发展的重要力量，为促进妇女全面发展，制定本规划。

一、总体要求

（一）指导思想。坚持男女平等基本国策。

（二）总体目标。妇女发展环境更加优化。

二、发展领域、主要目标和策略措施

（一）妇女与健康

主要目标：

1．孕产妇死亡率控制在7/10万以下。

2．适龄妇女宫颈癌筛查率达到70％以上。

策略措施：

1．完善妇幼健康服务体系。（责任单位：市卫生健康委、市妇联）

（二）妇女与教育

主要目标：

1．高中阶段毛入学率达到98％以上。

三、组织实施

（一）加强组织领导。各部门要落实责任。

四、监测评估

（一）加强监测。每年开展监测。

"""
CHILDREN = """\
云溪市儿童发展规划（2021—2030年）

一、总体要求

（一）指导思想。坚持儿童优先。

二、发展领域、主要目标和策略措施

（一）儿童与健康

1．主要目标

（1）婴儿死亡率控制在4‰以下。

（2）儿童近视率降低5个百分点。

2．策略措施

（1）开展儿童视力筛查。

抄送：市委各部门。
"""
CARE = """\
青石县养老服务体系建设“十四五”规划

第一章 总则

第一节 指导思想

坚持以人民为中心的发展思想。

第二节 发展目标

到2025年，养老机构护理型床位占比达到60%以上。

第二章 重点任务

第一节 居家养老

一、完善设施

（一）社区设施

1.每个街道建成1所综合性养老服务机构。

2.新建住宅小区养老设施配建率达到100%。

（二）家庭设施

1.完成500户困难老年人家庭适老化改造。

第三章 保障措施

第一节 加强领导

落实部门责任。
"""


def plans(text: str) -> list[dict[str, Any]]:
    return extract(Document(text, None, "text/plain", "0" * 64))


def plan(text: str) -> dict[str, Any]:
    [only] = plans(text)
    return only


def tree(sections: list[dict[str, Any]]) -> Tree:
    """Sections as (role, number, heading, item numbers, children)."""
    return [
        (s["role"], s["number"], s["heading"], [item["number"] for item in s["items"]], tree(s["sections"]))
        for s in sections
    ]


def walk(sections: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for section in sections:
        yield section
        yield from walk(section["sections"])


def headings(found: dict[str, Any]) -> list[tuple[int, str, str | None, str]]:
    return [(s["level"], s["role"], s["number"], s["heading"]) for s in walk(found["sections"])]


def codes(found: dict[str, Any]) -> list[str]:
    return [d["code"] for d in found["diagnostics"]]


def assert_nested(text: str, found: dict[str, Any]) -> None:
    """Spans nest, stand in source order and begin where their headings do."""

    def within(sections: list[dict[str, Any]], span: dict[str, int]) -> None:
        at = span["start"]
        for section in sections:
            own = section["span"]
            assert at <= own["start"] < own["end"] <= span["end"], section["heading"]
            assert text.startswith(section["number"] or section["heading"], own["start"])
            at = own["start"]
            for item in section["items"]:
                assert at <= item["span"]["start"] < item["span"]["end"] <= own["end"]
                at = item["span"]["end"]
            within(section["sections"], own)
            at = own["end"]

    within(found["sections"], found["span"])


# ---- notices and plans -----------------------------------------------------------------------------------------------


def test_a_notice_with_two_plans() -> None:
    text = NOTICE + WOMEN + CHILDREN
    women, children = plans(text)
    assert (
        women["notice"]
        == children["notice"]
        == {
            "title": "云溪市人民政府办公室关于印发云溪市妇女发展规划和儿童发展规划的通知",
            "document_number": "云政办发〔2021〕35号",
            "index_number": "000014349/2021-00087",
            "issuer": "云溪市人民政府办公室",
            "issued_on": "2021-11-20",
            "published_on": "2021-12-01",
            "recipients": ["各县区人民政府", "市政府各部门、各直属机构"],
        }
    )
    for found, title, subject in (
        (women, "云溪市妇女发展规划（2021—2030年）", "妇女发展"),
        (children, "云溪市儿童发展规划（2021—2030年）", "儿童发展"),
    ):
        assert (found["title"], found["region"], found["subject"]) == (title, "云溪市", subject)
        assert found["period"] == {"start": 2021, "end": 2030}
        assert found["diagnostics"] == []
        assert text.startswith(title, found["span"]["start"])
        assert_nested(text, found)
    assert text.rindex("云溪市妇女") == women["span"]["start"]
    assert women["span"]["end"] <= children["span"]["start"]
    assert text[: women["span"]["end"]].endswith("每年开展监测。")
    assert text[: children["span"]["end"]].endswith("开展儿童视力筛查。")  # the foot of the page belongs to no plan


def test_the_date_under_the_title_is_the_day_of_publication() -> None:
    title, _, letter = NOTICE.partition("各县区人民政府")
    assert "发布日期" not in letter
    without = "\n".join(line for line in title.splitlines() if "发布" not in line)
    [*_, found] = plans(f"{without}\n\n发布日期：2021-12-03 16:08　　浏览次数：1173\n\n各县区人民政府{letter}{WOMEN}")
    assert found["notice"]["published_on"] == "2021-12-03"
    assert found["notice"]["recipients"] == ["各县区人民政府", "市政府各部门、各直属机构"]


def test_the_sections_of_a_plan_with_role_headings() -> None:
    assert tree(plan(WOMEN)["sections"]) == [
        ("preamble", None, "", [], []),
        (
            "general",
            "一、",
            "总体要求",
            [],
            [("general", "（一）", "指导思想", [], []), ("overall_goal", "（二）", "总体目标", [], [])],
        ),
        (
            "domains",
            "二、",
            "发展领域、主要目标和策略措施",
            [],
            [
                (
                    "domain",
                    "（一）",
                    "妇女与健康",
                    [],
                    [("objectives", None, "主要目标", [1, 2], []), ("measures", None, "策略措施", [1], [])],
                ),
                ("domain", "（二）", "妇女与教育", [], [("objectives", None, "主要目标", [1], [])]),
            ],
        ),
        ("implementation", "三、", "组织实施", [], [("implementation", "（一）", "加强组织领导", [], [])]),
        ("monitoring", "四、", "监测评估", [], [("monitoring", "（一）", "加强监测", [], [])]),
    ]


def test_a_plan_without_a_notice() -> None:
    found = plan(WOMEN)
    assert found["notice"] is None
    assert (found["region"], found["subject"]) == ("云溪市", "妇女发展")
    assert_nested(WOMEN, found)


def test_items_hold_their_text_without_number_and_units() -> None:
    [measures] = [s for s in walk(plan(WOMEN)["sections"]) if s["role"] == "measures"]
    [item] = measures["items"]
    assert (item["text"], item["responsible_units"]) == ("完善妇幼健康服务体系。", ["市卫生健康委", "市妇联"])
    whole = WOMEN[item["span"]["start"] : item["span"]["end"]]
    assert whole == "1．完善妇幼健康服务体系。（责任单位：市卫生健康委、市妇联）"


def test_role_headings_with_numbers_are_sections_and_their_items_count_below_them() -> None:
    [_, domains] = plan(CHILDREN)["sections"]
    assert tree(domains["sections"]) == [
        (
            "domain",
            "（一）",
            "儿童与健康",
            [],
            [("objectives", "1．", "主要目标", [1, 2], []), ("measures", "2．", "策略措施", [1], [])],
        )
    ]
    found = plan(CHILDREN)["indicators"]
    assert [(i["name"], i["role"], i["item"]) for i in found] == [
        ("婴儿死亡率", "objectives", 1),
        ("儿童近视率", "objectives", 2),
    ]


def test_chapters_parts_and_three_levels_below_them() -> None:
    found = plan(CARE)
    assert (found["region"], found["subject"]) == ("青石县", "养老服务体系建设")
    assert found["period"] == {"start": 2021, "end": 2025}
    assert headings(found) == [
        (1, "general", "第一章", "总则"),
        (2, "general", "第一节", "指导思想"),
        (2, "overall_goal", "第二节", "发展目标"),
        (1, "domains", "第二章", "重点任务"),
        (2, "domain", "第一节", "居家养老"),
        (3, "measures", "一、", "完善设施"),
        (4, "measures", "（一）", "社区设施"),
        (4, "measures", "（二）", "家庭设施"),
        (1, "implementation", "第三章", "保障措施"),
        (2, "implementation", "第一节", "加强领导"),
    ]
    assert_nested(CARE, found)
    ids = [s["id"] for s in walk(found["sections"])]
    assert len(ids) == len(set(ids))
    assert [(i["domain"], i["role"], i["item"]) for i in found["indicators"]] == [
        (None, "overall_goal", None),
        ("居家养老", "measures", 1),
        ("居家养老", "measures", 2),
        ("居家养老", "measures", 1),
    ]


# ---- what web pages and PDF files do to plans ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "date",
    [
        "2021年11月20日",
        "二〇二一年十一月二十日",
        "二○二一年十一月二十日",
        "二O二一年十一月二十日",
        "二零二一年十一月二十日",
    ],
)
def test_a_letter_dated_in_words(date: str) -> None:
    letter = NOTICE.replace("成文日期：2021年11月20日\n", "").replace("\n2021年11月20日\n", f"\n{date}\n")
    assert plan(letter + WOMEN)["notice"]["issued_on"] == "2021-11-20"


def test_chapters_without_a_number_in_which_the_numbering_begins_anew() -> None:
    text = """\
云溪省儿童发展规划（2001—2010年）
总目标
坚持儿童优先。
主要目标与策略措施
一、儿童与健康
具体目标
1、婚前医学检查率城市达到80%，农村达到50%。
策略措施
1、加强领导。
二、儿童与教育
主要目标
1、普及义务教育。
组织与实施
一、加强领导。
"""
    assert headings(plan(text)) == [
        (1, "overall_goal", None, "总目标"),
        (1, "domains", None, "主要目标与策略措施"),
        (2, "domain", "一、", "儿童与健康"),
        (3, "objectives", None, "具体目标"),
        (3, "measures", None, "策略措施"),
        (2, "domain", "二、", "儿童与教育"),
        (3, "objectives", None, "主要目标"),
        (1, "implementation", None, "组织与实施"),
        (2, "implementation", "一、", "加强领导"),
    ]


def test_a_foreword_beside_numbered_chapters() -> None:
    text = """\
云溪省妇女发展规划（2021—2030年）
序言
妇女是推动社会发展的重要力量。
一、总体要求
坚持男女平等。
二、发展领域、主要目标和策略措施
（一）妇女与健康
主要目标：
1.妇女人均预期寿命延长。
"""
    assert headings(plan(text)) == [
        (1, "preamble", None, "序言"),
        (1, "general", "一、", "总体要求"),
        (1, "domains", "二、", "发展领域、主要目标和策略措施"),
        (2, "domain", "（一）", "妇女与健康"),
        (3, "objectives", None, "主要目标"),
    ]


def test_words_for_a_chapter_within_a_numbered_one_are_no_chapter() -> None:
    found = plan("云溪市养老服务规划（2021—2025年）\n一、总体要求\n指导思想\n以人为本。\n二、主要任务\n（一）居家养老")
    assert [h[3] for h in headings(found)] == ["总体要求", "主要任务", "居家养老"]


def test_items_in_the_paragraph_of_their_heading() -> None:
    text = """\
云溪市妇女发展规划（2021—2030年）
一、总体要求
提高妇女素质。
二、发展领域、主要目标和策略措施
（一）妇女与健康
主要目标：1.孕产妇死亡率控制在7/10万以下。2.市、县区人大代表和政协委员中的女性比例分别不低于30%和28%。
"""
    [domain] = plan(text)["sections"][1]["sections"]
    [objectives] = domain["sections"]
    assert [(i["number"], i["text"][:5]) for i in objectives["items"]] == [(1, "孕产妇死亡"), (2, "市、县区人")]
    assert [i["name"] for i in plan(text)["indicators"]] == [
        "孕产妇死亡率",
        "市、县区人大代表中的女性比例",
        "市、县区政协委员中的女性比例",
    ]


def test_an_excerpt_that_begins_with_a_later_chapter() -> None:
    found = plan(
        "武陵市妇女发展规划（2011—2020年）\n三、发展领域、主要目标和策略措施\n（一）妇女与健康\n主要目标：\n1.加强领导。"
    )
    assert found["title"] == "武陵市妇女发展规划（2011—2020年）"
    assert [h[1] for h in headings(found)] == ["domains", "domain", "objectives"]


def test_a_heading_number_that_lost_a_bracket() -> None:
    lost = WOMEN.replace("（一）妇女与健康", "一）妇女与健康").replace("（二）妇女与教育", "（二妇女与教育")
    found, whole = plan(lost), plan(WOMEN)
    assert [h[:2] + h[3:] for h in headings(found)] == [h[:2] + h[3:] for h in headings(whole)]
    assert "一）" in [s["number"] for s in walk(found["sections"])]
    assert "heading.bracket" in codes(found)
    assert_nested(lost, found)


def test_a_contents_list_is_no_chapter() -> None:
    entries = "\n".join(h[2] + " " + h[3] for h in headings(plan(CARE)) if h[0] < 3 and h[2])
    title, body = CARE.split("\n\n", 1)
    for contents in (entries, entries.replace("\n", "........1\n") + "........9"):
        text = f"{title}\n\n目　录\n\n{contents}\n\n{body}"
        found = plan(text)
        assert headings(found) == headings(plan(CARE))
        assert len(found["indicators"]) == len(plan(CARE)["indicators"])


@pytest.mark.parametrize(
    ("lines", "region", "subject"),
    [
        ("青石县国民经济和社会发展第十四个五年规划\n和二〇三五年远景目标纲要", "青石县", "国民经济和社会发展"),
        ("青石县养老服务规划\n（2021—2025年）", "青石县", "养老服务"),
    ],
)
def test_a_title_over_two_lines(lines: str, region: str, subject: str) -> None:
    found = plan(CARE.replace(CARE.splitlines()[0], lines))
    assert (found["title"], found["region"], found["subject"]) == (lines.replace("\n", ""), region, subject)
    assert found["period"] == {"start": 2021, "end": 2025}
    assert found["span"]["start"] == 0


def test_a_title_that_lost_its_years_is_completed_from_the_notice() -> None:
    text = NOTICE + WOMEN.replace("（2021—2030年）", "（—年）") + CHILDREN
    women, _ = plans(text)
    assert women["title"] == "云溪市妇女发展规划（2021—2030年）"
    assert women["period"] == {"start": 2021, "end": 2030}
    assert "title.completed" in codes(women)


def test_a_period_from_the_text_where_the_title_has_none() -> None:
    text = CARE.replace("“十四五”规划", "规划").replace("坚持以", "本规划的规划期限为2022-2026年。坚持以")
    assert plan(text)["period"] == {"start": 2022, "end": 2026}


def test_a_heading_that_runs_into_its_text() -> None:
    text = WOMEN.replace("（一）加强组织领导。各部门", "（一）加强组织领导各部门共同协作。责任单位")
    found = plan(text)
    assert (2, "implementation", "（一）", "加强组织领导") in headings(found)
    assert "heading.run-in" in codes(found)
    assert [h[3] for h in headings(found)] == [h[3] for h in headings(plan(WOMEN))]


def test_a_paragraph_that_a_page_break_splits_is_one_item() -> None:
    whole = "2．适龄妇女宫颈癌人工智能辅助筛查覆盖所有街道和乡镇，宫颈癌筛查率达到70％以上。"
    split = whole.replace("和乡镇，", "和乡镇，\n\n")
    text = WOMEN.replace("2．适龄妇女宫颈癌筛查率达到70％以上。", split)
    [objectives, *_] = [s for s in walk(plan(text)["sections"]) if s["role"] == "objectives"]
    assert [item["text"] for item in objectives["items"]] == ["孕产妇死亡率控制在7/10万以下。", whole[2:]]


def test_items_that_lost_a_number_are_told() -> None:
    text = WOMEN.replace("2．适龄", "3．适龄")
    found = plan(text)
    assert [i["item"] for i in found["indicators"]][:2] == [1, 3]
    [note] = [d for d in found["diagnostics"] if d["code"] == "item.missing"]
    assert text.startswith("3．适龄", note["span"]["start"])


def test_a_box_of_projects() -> None:
    text = CARE.replace("第三章", "专栏1 养老服务重点工程\n\n新增护理型床位200张。\n\n第三章")
    found = plan(text)
    assert ("projects", "专栏1", "养老服务重点工程") in [h[1:] for h in headings(found)]
    [beds] = [i for i in found["indicators"] if i["role"] == "projects"]
    assert (beds["value"], beds["unit"]) == (200, "张")


def test_achieved_values_of_a_review_are_observations() -> None:
    text = WOMEN.replace(
        "一、总体要求\n", "一、发展基础\n\n截至2020年底，妇女常见病筛查率达到86.5%。\n\n一、总体要求\n"
    )
    found = plan(text)
    [seen] = found["observations"]
    assert (seen["name"], seen["value"], seen["unit"], seen["year"]) == ("妇女常见病筛查率", 86.5, "%", 2020)
    assert text[seen["evidence"]["start"] : seen["evidence"]["end"]] == seen["evidence"]["text"]
    assert [i["name"] for i in found["indicators"]] == [i["name"] for i in plan(WOMEN)["indicators"]]


def test_page_furniture_is_in_no_section() -> None:
    furniture = "首页 > 政务公开 > 规划计划\n\n字体：大 中 小\n\n打印\n\n"
    foot = "\n扫一扫在手机打开当前页\n\n版权所有：云溪市人民政府办公室\n"
    text = furniture + WOMEN + foot
    found = plan(text)
    assert headings(found) == headings(plan(WOMEN))
    assert text[found["span"]["start"] : found["span"]["end"]] == WOMEN.strip()


@pytest.mark.parametrize("text", ["今天天气很好。", "1.第一\n2.第二", "关于召开会议的通知\n各单位：\n请准时参加。"])
def test_a_text_without_a_plan(text: str) -> None:
    with pytest.raises(NoPlanError):
        plans(text)
