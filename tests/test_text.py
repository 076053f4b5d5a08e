"""From source text to views: folding keeps every offset, and views lose white space only."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planparse import rules
from planparse.text import LineIndex, View, fold, lines_of, view_of

RULES = rules.load()
SAMPLES = sorted((Path(__file__).parent.parent / "samples").glob("*.txt"))

# Half of the characters are ones that the packs or the views treat in their own way.
SPECIAL = "（）％：；，．—–－~～〜１９Ａｚ〔〕［］∶⼈二〇○二五年\t \u3000\xa0\u200b\u2060\ufeff\n"
TEXT = st.text(st.one_of(st.sampled_from(SPECIAL), st.characters(exclude_categories=["Cs"])), max_size=80)


@st.composite
def spans(draw: st.DrawFn, length: int) -> list[tuple[int, int]]:
    """Some non-overlapping spans of a text, in order."""
    cuts = sorted(draw(st.sets(st.integers(0, length), max_size=8)))
    return list(zip(cuts[::2], cuts[1::2], strict=False))


# ---- folding ---------------------------------------------------------------------------------------------------------


@given(TEXT)
@settings(max_examples=300, deadline=None)
def test_fold_maps_characters_one_to_one(text: str) -> None:
    folded = fold(text, RULES)
    assert len(folded) == len(text)
    assert folded.count("\n") == text.count("\n")
    assert fold(folded, RULES) == folded  # a folded text holds nothing more to fold


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_fold_keeps_the_offsets_of_real_texts(sample: Path) -> None:
    text = sample.read_text(encoding="utf-8")
    folded = fold(text, RULES)
    assert len(folded) == len(text)
    # Chinese characters are the words of the text; only numerals of years and look-alike radicals may change.
    assert {a for a, b in zip(text, folded, strict=True) if a != b and "\u4e00" <= a <= "\u9fff"} <= set(
        "一二三四五六七八九零"
    )


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("（９０．５％）", "(90.5%)"),
        ("一支：二；三，", "一支:二;三,"),
        ("1－2项、1～2项", "1-2项、1~2项"),
        ("二〇二五年", "2025年"),
        ("二〇二五人", "二〇二五人"),
    ],
)
def test_variants_of_one_character_fold_to_one(written: str, folded: str) -> None:
    assert fold(written, RULES) == folded


# ---- views -----------------------------------------------------------------------------------------------------------


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_view_points_at_the_source_and_loses_only_white_space(data: st.DataObject) -> None:
    text = data.draw(TEXT)
    folded = fold(text, RULES)
    chosen = data.draw(spans(len(text)))
    view = view_of(chosen, text, folded)
    assert len(view.text) == len(view.raw) == len(view.pos)
    assert list(view.pos) == sorted(set(view.pos))
    for i, at in enumerate(view.pos):
        assert (view.raw[i], view.text[i]) == (text[at], folded[at])
    assert not set(view.text) & set(" \t\u3000\xa0\u200b\u200c\u200d\u2060\ufeff")
    inside = {at for start, end in chosen for at in range(start, end)}
    for at in inside - set(view.pos):
        assert folded[at].isspace() or folded[at] in "\u200b\u200c\u200d\u2060\ufeff"


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_cut_and_span_agree(data: st.DataObject) -> None:
    text = data.draw(TEXT)
    view = view_of(data.draw(spans(len(text))), text, fold(text, RULES))
    start = data.draw(st.integers(0, len(view.text)))
    end = data.draw(st.integers(start, len(view.text)))
    part = view.cut(start, end)
    assert (part.text, part.raw, list(part.pos)) == (
        view.text[start:end],
        view.raw[start:end],
        list(view.pos[start:end]),
    )
    assert view.cut(start).text == view.text[start:]
    if start < end:
        assert part.span(0, end - start) == view.span(start, end)
        first, behind = view.span(start, end)
        assert (text[first], text[behind - 1]) == (view.raw[start], view.raw[end - 1])


def test_a_view_over_a_page_break_reads_on() -> None:
    text = "毛入学率达到\n\n 95 %以上"
    view = view_of([(0, 6), (9, 15)], text, text)
    assert view.text == "毛入学率达到95%以上"
    assert text[slice(*view.span(6, 9))] == "95 %"
    assert isinstance(view.cut(6, 9), View)


# ---- lines -----------------------------------------------------------------------------------------------------------


@given(TEXT)
@settings(max_examples=200, deadline=None)
def test_lines_cover_every_word_in_order(text: str) -> None:
    folded = fold(text, RULES)
    index = LineIndex(text)
    lines = lines_of(text, folded)
    for line in lines:
        assert line.text == folded[line.start : line.end]
        assert line.text == line.text.strip(" \t")
        assert text.count("\n", 0, line.start) + 1 == line.number == index.line(line.start)
    assert all(a.end < b.start for a, b in pairwise(lines))
    left = "".join(
        folded[a:b] for a, b in zip([0, *(x.end for x in lines)], [*(x.start for x in lines), len(text)], strict=True)
    )
    assert not left.strip(" \t\r\f\v\n\u200b\ufeff")


def test_lines_tell_gaps_and_tabs() -> None:
    text = "一\n二\n\n\t三\n四\t五"
    found = [(line.number, line.text, line.gap, line.tabbed) for line in lines_of(text, text)]
    assert found == [
        (1, "一", False, False),
        (2, "二", False, False),
        (4, "三", True, True),
        (5, "四\t五", False, True),
    ]
