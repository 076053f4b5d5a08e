"""Targets of real pages and printed files, as read in them by a person."""

from __future__ import annotations

from pathlib import Path

import planparse

REAL = Path(__file__).parent / "data" / "real"
GRAIN = [("粮食产量", "~", 1.4, "万亿斤", None)]


def targets(name: str) -> list[tuple[str, str | None, float | None, str | None, int | None]]:
    plans = planparse.parse_file(REAL / name)
    assert len(plans) == 1
    return [(i.name, i.comparator, i.value, i.unit, i.evidence.page) for i in plans[0].indicators]


def test_a_saved_page_of_assessment_items_without_targets_gives_none() -> None:
    assert targets("hospital-assessment-2019.html") == []


def test_a_word_file() -> None:
    assert targets("no1-digest-2026.docx") == GRAIN


def test_the_same_file_printed() -> None:
    assert [target[:4] for target in targets("no1-digest-2026.pdf")] == [target[:4] for target in GRAIN]


def test_a_printed_plan_names_the_pages() -> None:
    assert targets("fitness-plan-2026.pdf") == [
        ("人均体育场地面积", "~", 4, "平方米", 2),
        ("每千人拥有社会体育指导员", "~", 3.3, "名", 2),
        ("经常参加体育锻炼人数比例", "~", 40, "%", 2),
        ("中小学生每天综合体育活动时间", ">=", 2, "小时", 5),
    ]


def test_a_saved_page_with_two_milestones() -> None:
    found = targets("agri-mechanization-2018.html")
    assert [(name, comparator, value, unit) for name, comparator, value, unit, _ in found[:6]] == [
        ("全国农机总动力", ">", 10, "亿千瓦"),
        ("灌排机械动力", "=", 1.2, "亿千瓦"),
        ("全国农作物耕种收综合机械化率", "=", 70, "%"),
        ("全国农机总动力", "~", 11, "亿千瓦"),
        ("灌排机械动力", "=", 1.3, "亿千瓦"),
        ("全国农作物耕种收综合机械化率", "=", 75, "%"),
    ]
    # 花生种植、收获机械化率分别达到65%和55%，油菜种植、收获机械化率分别达到50%和65%
    assert [value for _, _, value, _, _ in found[6:]] == [55, 45, 60, 65, 55, 50, 65, 30, 50]
