"""Numbers as plans write them: Chinese numerals, units with their scale, ranges, and the bounds behind them."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planparse import rules
from planparse.quantities import Quantity, chinese_number, quantities, unit_of
from planparse.text import fold, view_of

RULES = rules.load()
DIGITS = "零一二三四五六七八九"


def seen(written: str) -> str:
    """A text as the rules see it."""
    return view_of([(0, len(written))], written, fold(written, RULES)).text


def found_in(written: str) -> list[Quantity]:
    return quantities(seen(written), RULES)


# ---- Chinese numerals ------------------------------------------------------------------------------------------------


def numeral(n: int) -> str:
    """The numeral of 1-9999 in full: every power of ten with its digit, one 零 for a run of inner zeros."""
    out = ""
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = n // place % 10
        if digit:
            out += DIGITS[digit] + unit
        elif out and n % place and not out.endswith("零"):
            out += "零"
    return out


def variants(n: int) -> set[str]:
    """The ways in which plans write a number: 十二 for 一十二, 两 for 二, 〇 for 零."""
    full = numeral(n)
    out = {full, full.replace("零", "〇"), full.replace("二百", "两百").replace("二千", "两千")}
    if 10 <= n <= 19:
        out.add(full[1:])
    if n == 2:
        out.add("两")
    return out


def test_every_numeral_up_to_9999_has_its_value() -> None:
    wrong = [(n, w, chinese_number(w)) for n in range(1, 10_000) for w in variants(n) if chinese_number(w) != n]
    assert wrong == []


def test_every_numeral_of_ten_thousands_has_its_value() -> None:
    tails = [0, 1, 10, 15, 300, 2050, 9999]
    for head, tail in product([1, 2, 10, 12, 100, 305, 9999], tails):
        written = numeral(head) + "万" + ("零" if 0 < tail < 1000 else "") + (numeral(tail) if tail else "")
        assert chinese_number(written) == head * 10_000 + tail, written
    assert chinese_number("三亿") == 300_000_000


@pytest.mark.parametrize(("year", "value"), [("二〇三五", 2035), ("二零二五", 2025), ("一九九五", 1995)])
def test_numerals_without_place_words_are_read_digit_by_digit(year: str, value: int) -> None:
    assert chinese_number(year) == value


def test_decimals() -> None:
    assert chinese_number("九十五点五") == 95.5
    assert chinese_number("零点二五") == 0.25
    assert chinese_number("一百点零八") == pytest.approx(100.08)


@pytest.mark.parametrize("words", ["", "点", "点五", "五点", "五点十", "三五十", "十三五六", "约十", "12", "一 百"])
def test_what_is_no_numeral(words: str) -> None:
    assert chinese_number(words) is None


# ---- surface forms ---------------------------------------------------------------------------------------------------

FORMS: list[tuple[str, float, float | None, str | None, str | None]] = [
    # rates and shares
    ("12.5％", 12.5, None, "%", None),
    ("12.5‰", 12.5, None, "‰", None),
    ("百分之九十五", 95, None, "%", None),
    ("百分之九十五点五以上", 95.5, None, "%", ">="),
    ("百分之95以上", 95, None, "%", ">="),
    ("百分之百", 100, None, "%", None),
    ("千分之五以内", 5, None, "‰", "<="),
    ("十万分之八", 8, None, "/10万", None),
    ("7/10万以下", 7, None, "/10万", "<="),
    ("7.5/10 万", 7.5, None, "/10万", None),
    ("１２／１０万左右", 12, None, "/10万", "~"),
    ("一半以上", 50, None, "%", ">="),
    ("半数", 50, None, "%", None),
    ("八成", 80, None, "%", None),
    ("三成半", 35, None, "%", None),
    ("2.5成以上", 25, None, "%", ">="),
    ("1/3以上", 33.33, None, "%", ">="),
    ("三分之二以上", 66.67, None, "%", ">="),
    ("五分之一", 20, None, "%", None),
    ("0.5个百分点", 0.5, None, "个百分点", None),
    # ratios
    ("3:2", 1.5, None, ":1", None),
    ("2∶1", 2, None, ":1", None),
    ("1：4000", 0.00025, None, ":1", None),
    # ranges
    ("5%－10%", 5, 10, "%", None),
    ("5－10%", 5, 10, "%", None),
    ("6.5%—7%", 6.5, 7, "%", None),
    ("1-2项", 1, 2, "项", None),
    ("1～2所", 1, 2, "所", None),
    ("3至5年", 3, 5, "年", None),
    ("3‰~4‰", 3, 4, "‰", None),
    # counts and amounts with their scale
    ("165.74 万人", 165.74, None, "万人", None),
    ("1.35万亿斤", 1.35, None, "万亿斤", None),
    ("3.65 万亿元", 3.65, None, "万亿元", None),
    ("1000万以上", 1000, None, "万", ">="),
    ("300万人次以上", 300, None, "万人次", ">="),
    ("1,200,000元", 1_200_000, None, "元", None),
    ("1千座", 1, None, "千座", None),
    ("千座以上", 1000, None, "座", ">="),
    ("1万件(套)", 1, None, "万件(套)", None),
    ("4.5个/千人", 4.5, None, "个/千人", None),
    ("12个月左右", 12, None, "个月", "~"),
    ("10家以内", 10, None, "家", "<="),
    ("90%及以上", 90, None, "%", ">="),
    ("25%（含）以上", 25, None, "%", ">="),
    ("25%以上（含）", 25, None, "%", ">="),
    # numerals with a measure word
    ("一次", 1, None, "次", None),
    ("两所以上", 2, None, "所", ">="),
    ("一支以上", 1, None, "支", ">="),
    ("二十一个", 21, None, "个", None),
    ("一百二十五名", 125, None, "名", None),
    # without a unit
    ("〔3.4〕", 3.4, None, None, None),
    ("【12】", 12, None, None, None),
]


@pytest.mark.parametrize(("written", "value", "value_max", "unit", "after"), FORMS, ids=[form[0] for form in FORMS])
def test_a_form_has_its_value_unit_and_bound(
    written: str, value: float, value_max: float | None, unit: str | None, after: str | None
) -> None:
    [found] = found_in(written)
    assert (found.value, found.value_max, found.unit, found.after) == (value, value_max, unit, after)


@pytest.mark.parametrize(
    ("written", "value", "unit"), [("100多家", 100, "家"), ("30余个", 30, "个"), ("5万多人", 5, "万人")]
)
def test_more_than_a_number(written: str, value: float, unit: str) -> None:
    [found] = found_in(written)
    assert (found.value, found.unit, found.more) == (value, unit, True)
    [exact] = found_in(written.replace("多", "").replace("余", ""))
    assert (exact.value, exact.unit, exact.more) == (value, unit, False)


@pytest.mark.parametrize("words", ["A4", "B5", "第三个", "十方面", "三级", "＋5%", "四成长", "万千", "一", "十四五"])
def test_what_is_no_quantity(words: str) -> None:
    assert found_in(words) == []


def test_several_quantities_of_one_text_keep_their_order_and_bounds() -> None:
    found = found_in("分别控制在3.2‰、5.25‰和6.5‰以下，每年组织不少于两次，配备1-2名教师")
    assert [(q.value, q.value_max, q.unit, q.after) for q in found] == [
        (3.2, None, "‰", None),
        (5.25, None, "‰", None),
        (6.5, None, "‰", "<="),
        (2, None, "次", None),
        (1, 2, "名", None),
    ]


def test_the_units_of_brackets_and_cells() -> None:
    for written, unit in {
        "1/10万": "/10万",
        "/10万": "/10万",
        "%": "%",
        "单位:%": "%",
        "万人": "万人",
        "岁": "岁",
        "件/百户": "件/百户",
        "": None,
        " ": None,
    }.items():
        assert unit_of(written, RULES) == unit, written


# ---- any text --------------------------------------------------------------------------------------------------------

PIECES = (
    [each[0] for each in FORMS] + list("0123456789.:/-~%‰,()多余半万亿千百十两〇第个所以上成分之") + ["达到", "不低于"]
)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=30))
@settings(max_examples=500, deadline=None)
def test_quantities_are_in_order_and_lie_inside_the_text(written: str) -> None:
    text = seen(written)
    found = quantities(text, RULES)
    at = 0
    for q in found:
        assert at <= q.start < q.end <= q.after_end <= len(text)
        assert q.value >= 0
        assert (q.after is None) == (q.after_end == q.end)
        at = q.end
    assert all(a.end <= b.start for a, b in pairwise(found))


@given(st.integers(0, 10**9), st.sampled_from(["%", "‰", "所", "人次", "平方米", "小时"]))
@settings(max_examples=100, deadline=None)
def test_a_number_between_words_is_cut_whole(n: int, unit: str) -> None:
    text = f"达到{n}{unit}以上，"
    [found] = quantities(text, RULES)
    assert (found.value, found.unit, found.after) == (n, unit, ">=")
    assert text[found.start : found.end] == f"{n}{unit}"
    assert text[: found.after_end] == f"达到{n}{unit}以上"
