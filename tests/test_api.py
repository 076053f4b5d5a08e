"""The library: what goes in, what comes out, and that anything else is a typed error."""

from __future__ import annotations

import hashlib
import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planparse
from planparse.models import Plan

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "samples" / "jiaxing.txt"
NOTICE = """某市妇女发展规划(2021-2025年)

一、发展领域、主要目标和策略措施

(一)妇女与健康

主要目标:

1.孕产妇死亡率控制在7/10万以下。(责任单位:市卫生健康委、市妇联)
"""

# Words that the engine reacts to, to be thrown together: structure, values, bounds, units, repairs, furniture.
WORDS = (
    "某市妇女发展规划(2021-2025年)|关于印发某市规划的通知|一、|(一)|第一章|第一节|1.|2．|主要目标:|策略措施:|专栏1|"
    "一、总体要求|(一)主要目标|重点任务|组织实施|序号|指标名称|指标|单位|2020年|2025年目标值|约束性|预期性|责任单位|"
    "(责任单位:市妇联)|(责任单位:|达到|控制在|不低于|以上|以下|左右|分别|分别达到|和|、|，|。|；|(|)|(%)|(‰)|(|“|"
    "%|‰|/10万|个|所|平方米|万人|亿元|毛入学率|死亡率|每年|每个镇|建设|提高|逐步提高|应保尽保|下降|12.5|9|≥90|≤3|100|1|2|3|"
    "3‰4‰5‰|3:2|1-2所|1~2|百分之三十|一半|2025年|以2020年为基数|65岁以上|12338热线|"
    "扫一扫在手机打开当前页|抄送:|\n|\n\n|\t| |\u3000|\u200b|\xa0"
)


def test_text_bytes_and_file_give_the_same(tmp_path: Path) -> None:
    path = tmp_path / "notice.txt"
    path.write_text(NOTICE, encoding="utf-8")
    from_file, from_bytes = planparse.parse_file(path), planparse.parse_bytes(NOTICE.encode(), name=str(path))
    [from_text] = planparse.parse(NOTICE)
    assert from_file == from_bytes
    assert from_text.indicators == from_file[0].indicators
    assert from_text.indicators[0].responsible_units == ("市卫生健康委", "市妇联")
    assert from_text.source.model_dump() == {
        "path": None,
        "media_type": "text/plain",
        "sha256": hashlib.sha256(NOTICE.encode()).hexdigest(),
        "encoding": None,
        "pages": None,
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encoding_and_line_ends_change_nothing(encoding: str, newline: str) -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    found = planparse.parse_bytes(text.replace("\n", newline).encode(encoding), name="x.txt")
    expected = planparse.parse(text)
    assert [plan.model_copy(update={"source": None}) for plan in found] == [
        plan.model_copy(update={"source": None}) for plan in expected
    ]


def test_offsets_of_a_text_leave_out_mark_and_carriage_returns() -> None:
    [marked] = planparse.parse("\ufeff" + NOTICE.replace("\n", "\r\n"))
    [plain] = planparse.parse(NOTICE)
    assert marked.indicators == plain.indicators


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", planparse.EmptyFileError),
        (" \n\u3000", planparse.EmptyFileError),
        ("\ufeff", planparse.EmptyFileError),
        ("今天天气很好。", planparse.NoPlanError),
        ("规划\ud800", planparse.EncodingError),
    ],
)
def test_a_text_without_plans_is_a_typed_error(text: str, error: type[planparse.PlanparseError]) -> None:
    with pytest.raises(error) as caught:
        planparse.parse(text)
    assert str(caught.value).startswith("<text>: ")
    assert "\n" not in str(caught.value)


def test_a_text_over_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planparse.api.MAX_TEXT_CHARS", 10)
    with pytest.raises(planparse.TooLargeError, match="limit of 10 characters"):
        planparse.parse(NOTICE)


def test_errors_keep_their_kind_between_processes() -> None:
    for name in planparse.__all__:
        if name.endswith("Error"):
            error = getattr(planparse, name)("a\nb.txt", "cause\n of it")
            again = pickle.loads(pickle.dumps(error))
            assert (type(again), str(again)) == (type(error), "a b.txt: cause of it")
            assert issubclass(type(error), planparse.PlanparseError)
    codes = [getattr(planparse, name).code for name in planparse.__all__ if name.endswith("Error")]
    assert len(set(codes)) == len(codes)


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, planparse; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(run.stdout.split()) & {"pydantic", "click", "typing", "re", "planparse.api"}


def plans_or_typed_error(text: str) -> list[Plan]:
    """The plans of any text, which the models have compared with it; none when there is a typed error."""
    try:
        plans = planparse.parse(text)
    except planparse.PlanparseError:
        return []
    assert plans
    for plan in plans:
        assert Plan.model_validate_json(plan.model_dump_json(), context={"text": text.removeprefix("\ufeff")}) == plan
    return plans


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r")))
@settings(max_examples=50)
def test_any_text_gives_plans_or_a_typed_error(text: str) -> None:
    plans_or_typed_error(text)
    plans_or_typed_error("某市妇女发展规划(2021-2025年)\n一、总体要求\n" + text)


@given(st.lists(st.sampled_from(WORDS.split("|")), max_size=60))
@settings(max_examples=150)
def test_any_soup_of_the_words_of_plans_gives_plans_or_a_typed_error(words: list[str]) -> None:
    plans_or_typed_error("".join(words))


@given(st.data())
@settings(max_examples=10)
def test_any_cut_of_a_notice_gives_plans_or_a_typed_error(data: st.DataObject) -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(text)))
    plans_or_typed_error(text[start : data.draw(st.integers(start, min(len(text), start + 4000)))])


def test_a_plan_reads_back_from_json() -> None:
    for plan in planparse.parse_file(SAMPLE):
        assert Plan.model_validate_json(plan.model_dump_json()) == plan
        assert Plan.model_validate(json.loads(plan.model_dump_json())) == plan
