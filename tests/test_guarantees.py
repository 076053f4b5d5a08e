"""What holds for every text: plans that keep the contract or a typed error, and targets that noise does not change."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from planparse import rules
from planparse.document import Document
from planparse.errors import PlanparseError
from planparse.models import Plan
from planparse.pipeline import extract
from planparse.text import fold

RULES = rules.load()
SAMPLES = {
    path.stem: path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parent.parent / "samples").glob("*.txt"))
}


def document(text: str) -> Document:
    return Document(text, None, "text/plain", "0" * 64)


def checked(text: str) -> list[dict[str, Any]]:
    """The plans of a text after every guarantee was checked on them; none where there is a typed error."""
    try:
        plans = extract(document(text))
    except PlanparseError:
        with pytest.raises(PlanparseError):
            extract(document(text))
        return []
    assert plans
    assert json.dumps(extract(document(text)), ensure_ascii=False) == json.dumps(plans, ensure_ascii=False)
    for plan in plans:
        assert Plan.model_validate(plan, context={"text": text}).model_dump(mode="json") == plan
        assert_spans(plan, text)
        assert_targets(plan, text)
    for before, after in pairwise(plans):
        assert before["span"]["end"] <= after["span"]["start"]
    return plans


def assert_spans(plan: dict[str, Any], text: str) -> None:
    """Spans lie inside the one above them; siblings stand in source order and do not overlap."""

    def within(above: dict[str, int], parts: list[dict[str, Any]]) -> None:
        at = above["start"]
        for part in parts:
            span = part["span"]
            assert at <= span["start"] < span["end"] <= above["end"]
            at = span["end"]
            within(span, part.get("items", []))
            within(span, part.get("sections", []))

    assert 0 <= plan["span"]["start"] < plan["span"]["end"] <= len(text)
    within(plan["span"], plan["sections"])
    for note in plan["diagnostics"]:
        assert 0 <= note["span"]["start"] <= note["span"]["end"] <= len(text)


def assert_targets(plan: dict[str, Any], text: str) -> None:
    """Evidence is the source's own words, inside the section it names, and holds the words of the value."""
    spans: dict[str, dict[str, int]] = {}

    def collect(sections: list[dict[str, Any]]) -> None:
        for section in sections:
            spans[section["id"]] = section["span"]
            collect(section["sections"])

    collect(plan["sections"])
    found = plan["indicators"]
    assert max(Counter(target["id"] for target in found).values(), default=1) == 1
    for target in found:
        evidence, section = target["evidence"], spans[target["section_id"]]
        assert evidence["text"] == text[evidence["start"] : evidence["end"]]
        assert section["start"] <= evidence["start"] < evidence["end"] <= section["end"]
        assert target["value_text"] in evidence["text"]
        assert target["value"] is None or target["value"] >= 0
    for seen in plan["observations"]:
        assert seen["evidence"]["text"] == text[seen["evidence"]["start"] : seen["evidence"]["end"]]
    assert [t["evidence"]["start"] for t in found] == sorted(t["evidence"]["start"] for t in found)


# ---- documents out of realistic pieces -------------------------------------------------------------------------------

TITLES = ["某市妇女发展规划(2021-2025年)", "云溪县养老服务“十四五”规划", "青石区儿童发展规划（2021—2030年）"]
LETTERS = [
    "某市人民政府关于印发某市妇女发展规划的通知\n\n各区县：\n\n现将《某市妇女发展规划(2021-2025年)》印发给你们。\n\n某市人民政府",
    "索引号：0001\n发文字号：某政发〔2021〕5号",
    "首页 > 政务公开",
]
HEADINGS = [
    "一、总体要求",
    "（一）指导思想",
    "二、发展领域、主要目标和策略措施",
    "（一）妇女与健康",
    "（二）儿童与教育。",
    "主要目标：",
    "策略措施",
    "1.主要目标",
    "第一章 总则",
    "第二节 重点任务",
    "三、重点项目",
    "四、组织实施",
    "一）加强组织领导。各部门落实责任",
    "五、监测评估",
    "专栏1 重点工程",
    "某市妇女发展主要指标",
    "附：名词解释",
]
NUMBERS = ["7", "0.5", "12.5", "98", "100", "1200", "６０", "三", "二十一", "1/3", "3:2"]
UNITS = ["%", "％", "‰", "/10万", "个", "所", "万人", "人次", "小时", "个百分点", "平方米", "岁", ""]
VERBS = ["达到", "不低于", "控制在", "降至", "提高到", "下降", "年均增长", "建设", "每年组织", "分别达到", "为", ""]
BOUNDS = ["以上", "以下", "左右", "以内", "", ""]
NAMES = [
    "孕产妇死亡率",
    "毛入学率",
    "托育机构",
    "65岁以上老年人体检率",
    "其中女性",
    "妇女、儿童和老年人参保率",
    "优良率",
    "每个镇",
    "",
]
FIXED = [
    "，到2025年，",
    "2020年达到9%，",
    "以2020年为基数，",
    "（责任单位：市卫生健康委、市妇联）",
    "(责任单位:市教育局",
    "责任单位：市民政局）",
    "应保尽保。",
    "逐步提高。",
    "12345热线",
    "根据《某省规划（2021-2025年）》，",
    "，",
    "。",
    "；",
    "、",
    "和",
]
TABLES = [
    "序号\t指标\t单位\t2020年\t2025年\n1\t毛入学率\t%\t90\t95\n2\t近视率\t%\t—\t≤38",
    "序号\n\n规划目标\n\n目标值\n\n1\n\n预期寿命(岁)\n\n80\n\n2\n\n女性比例(%\n\n45左右",
    "序号 指标 单位 目标值 属性\n1 入学率 % 98 约束性\n2 参保率 % 95 预期性",
]
NOISE = [
    "- 12 -",
    "第3页 共9页",
    "— 4 —",
    "\u200b",
    "\ufeff",
    "\xa0",
    "\u3000\u3000",
    "\x0c",
    "扫一扫在手机打开当前页",
    "\ue004",
    "⁵",
    "😀",
]


@st.composite
def sentences(draw: st.DrawFn) -> str:
    """A sentence that looks like a target, with parts missing or in the wrong place now and then."""
    parts = [NAMES, VERBS, NUMBERS, UNITS, BOUNDS, FIXED]
    kinds = draw(st.lists(st.sampled_from([*parts[:5], *parts]), min_size=1, max_size=14))
    return "".join(draw(st.sampled_from(kind)) for kind in kinds) or "加强服务。"


@st.composite
def realistic(draw: st.DrawFn) -> str:
    """A document of titles, headings, numbered sentences, tables and noise, in any order."""
    numbered = st.tuples(st.sampled_from(["1.", "2．", "（1）", "3、", "①", "要求"]), sentences()).map("".join)
    # A line that is no cell ends each table: what follows is not taken for more of its rows.
    table = st.sampled_from(TABLES).map(lambda rows: rows + "\n注：按常住人口计算。")
    block = st.one_of(
        st.sampled_from(HEADINGS),
        numbered,
        numbered,
        table,
        st.sampled_from(NOISE),
    )
    head = draw(st.lists(st.sampled_from(LETTERS), max_size=2))
    blocks = draw(st.lists(st.one_of(block, block, block, block, st.sampled_from(TITLES)), max_size=16))
    title = draw(st.sampled_from([*TITLES, ""]))
    gap = draw(st.sampled_from(["\n", "\n\n", "\n\n", " \n\t\n"]))
    return gap.join([*head, title, *draw(st.sampled_from([[], HEADINGS[:6]])), *blocks])


@given(realistic())
@settings(max_examples=400, deadline=None)
def test_documents_of_realistic_pieces_keep_the_guarantees(text: str) -> None:
    checked(text)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_text_keeps_the_guarantees(text: str) -> None:
    checked(text)
    for plan in checked(TITLES[0] + "\n\n一、总体要求\n\n加强领导。\n\n二、重点任务\n\n1.加强服务" + text):
        assert plan["title"]


SEED = st.integers(0, 2**32)


# ---- texts that lost characters --------------------------------------------------------------------------------------


@st.composite
def cuts(draw: st.DrawFn) -> tuple[str, str]:
    """Some paragraphs of a sample, and the same with words and marks lost, as web pages lose them."""
    paragraphs = SAMPLES[draw(st.sampled_from(sorted(SAMPLES)))].split("\n\n")
    start = draw(st.integers(0, len(paragraphs) - 1))
    part = "\n\n".join(paragraphs[start : start + draw(st.integers(5, 150))])
    able = [i for i, c in enumerate(part) if c not in "0123456789.-－—−~～至到"]
    random = Random(draw(SEED))
    gone = set(random.sample(able, min(len(able), draw(st.integers(0, 200)))))
    return part, "".join(c for i, c in enumerate(part) if i not in gone)


@given(cuts())
@settings(max_examples=60, deadline=None)
def test_samples_that_lost_characters_keep_the_guarantees(cut: tuple[str, str]) -> None:
    whole, lossy = cut
    checked(whole)
    checked(lossy)


@pytest.mark.parametrize("mark", ["。", "，", ",", "：", ":", "(", ")", "“", "%", "、", "率", "一", "以"])
def test_samples_without_one_kind_of_mark_keep_the_guarantees(mark: str) -> None:
    assert all(checked(text.replace(mark, "")) for text in SAMPLES.values())


def test_whole_samples_keep_the_guarantees() -> None:
    assert [len(checked(text)) for text in SAMPLES.values()] == [2, 2, 2, 1, 2]


# ---- noise that changes nothing --------------------------------------------------------------------------------------

WIDE = dict(zip(",:;()%?!.", "，：；（）％？！．", strict=True))
NARROW = {wide: narrow for narrow, wide in WIDE.items()}


def targets_of(text: str) -> list[Counter[tuple[Any, ...]]]:
    """What the targets of each plan say, whatever the width of the marks in their names."""
    return [
        Counter((fold(t["name"], RULES), t["comparator"], t["value"], t["unit"]) for t in plan["indicators"])
        for plan in extract(document(text))
    ]


PLAIN = {name: targets_of(text) for name, text in SAMPLES.items()}


@given(
    st.sampled_from(sorted(SAMPLES)),
    SEED,
    st.sampled_from(["\n", "\n\n\n", " \n\u3000\n"]),
)
@settings(max_examples=25, deadline=None)
def test_blank_lines_between_paragraphs_change_no_target(name: str, seed: int, blank: str) -> None:
    random, paragraphs = Random(seed), SAMPLES[name].split("\n\n")
    text = "".join(p + "\n\n" + (blank if random.random() < 0.3 else "") for p in paragraphs)
    assert targets_of(text) == PLAIN[name]


@given(st.sampled_from(sorted(SAMPLES)), SEED, st.sampled_from([0.1, 0.5, 1.0]))
@settings(max_examples=25, deadline=None)
def test_the_width_of_marks_changes_no_target(name: str, seed: int, share: float) -> None:
    random, other = Random(seed), WIDE | NARROW
    text = "".join(other.get(c, c) if random.random() < share else c for c in SAMPLES[name])
    assert targets_of(text) == PLAIN[name]


# ---- targets that are known because they were written here -----------------------------------------------------------

OBJECTIVES = "某市妇女发展规划(2021-2025年)\n\n一、发展领域、主要目标和策略措施\n\n（一）妇女与健康\n\n主要目标：\n\n"
MEASURES = [
    "孕产妇死亡率",
    "高中阶段毛入学率",
    "宫颈癌筛查率",
    "失业保险参保率",
    "妇女法律知识普及率",
    "产前筛查率",
    "住院分娩率",
]
RATES = ["%", "‰", "/10万"]
PHRASES = [
    ("达到{}以上", ">=", None),
    ("不低于{}", ">=", None),
    ("保持在{}左右", "~", "maintain"),
    ("控制在{}以内", "<=", "control"),
    ("降至{}以下", "<=", "decrease"),
    ("提高到{}", "=", "increase"),
    ("超过{}", ">", None),
    ("低于{}", "<", None),
    ("稳定在{}", "=", "maintain"),
]
KNOWN = st.tuples(
    st.sampled_from(MEASURES),
    st.sampled_from(PHRASES),
    st.one_of(st.integers(1, 100), st.integers(1, 999).map(lambda n: n / 10)),
    st.sampled_from(RATES),
)


@given(
    st.lists(st.lists(KNOWN, min_size=1, max_size=4), min_size=1, max_size=5), st.sampled_from(["，", "；", ",", "。"])
)
@settings(max_examples=80, deadline=None)
def test_every_target_of_plain_clauses_is_found_as_written(items: list[list[Any]], mark: str) -> None:
    lines, expected = [], []
    for number, clauses in enumerate(items, 1):
        written = []
        for name, (phrase, comparator, direction), value, unit in clauses:
            written.append(name + phrase.format(f"{value:g}{unit}"))
            expected.append((number, name, comparator, value, unit, direction))
        lines.append(f"{number}.{mark.join(written)}。")
    [plan] = checked(OBJECTIVES + "\n\n".join(lines) + "\n")
    found = [
        tuple(t[k] for k in ("item", "name", "comparator", "value", "unit", "direction")) for t in plan["indicators"]
    ]
    assert found == expected


YEARS = st.integers(1990, 2060)
NO_TARGETS = [
    "根据{}年全国人口普查结果加强服务",
    "本规划自{}年起施行",
    "落实{}年至{}年各项任务",
    "发挥12345热线和12338热线作用",
    "完善15分钟生活圈",
    "关爱65岁以上老年人和16周岁以下儿童",
    "打造一支专业队伍，培育一批骨干，开展多个系列活动",
    "增强“四个意识”，做到“两个维护”",
    "完善县乡村三级网络，提供一站式服务",
    "关注生命早期1000天健康",
    "按照某政发〔{}〕15号文件要求",
    "加强千人以上中小学校的心理辅导",
]


@given(st.lists(st.sampled_from(NO_TARGETS), min_size=1, max_size=6), YEARS, YEARS, st.sampled_from("，；。"))
@settings(max_examples=60, deadline=None)
def test_years_groups_and_names_with_numbers_are_no_targets(lines: list[str], a: int, b: int, mark: str) -> None:
    assume(len(set(lines)) == len(lines))
    text = OBJECTIVES + "1." + mark.join(line.format(a, b) for line in lines) + "。\n\n2.产前筛查率达到80%以上。\n"
    [plan] = checked(text)
    assert [(t["name"], t["value"]) for t in plan["indicators"]] == [("产前筛查率", 80)]
    assert plan["observations"] == []
