"""Rules from outside: patterns that are slow, and rules that break the engine, end in an error that names them."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packs_of import NOTICE, pack, rule
from planparse import bounded, pipeline, rules
from planparse.bounded import WatchedRules
from planparse.document import Document
from planparse.errors import NoPlanError, RulesError
from planparse.rules import Rule

LONG = NOTICE.replace("每年至少", "加强各项工作" * 40 + "每年至少")
DOCUMENT = Document(LONG, "notice.txt", "text/plain", "0" * 64)
GUARD = {"kind": "guard", "words": "", "emit": "", "examples": ""}
SLOW = rule(**GUARD, pattern='"(?:[^。]|[^。]{2})+[0-9]{9}"')


def test_a_slow_pattern_is_stopped_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "SECONDS", 0.2)
    with pytest.raises(RulesError) as caught:
        pipeline.extract(DOCUMENT, rules.load(pack(tmp_path, SLOW)))
    assert caught.value.name == f"{tmp_path / 'own.yaml'}:4"
    assert "rule own.stalls: its pattern takes too long" in caught.value.cause


def test_each_document_has_its_own_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "SECONDS", 0.2)
    loaded = rules.load(pack(tmp_path, SLOW))
    for _ in range(2):
        with pytest.raises(RulesError):
            pipeline.extract(DOCUMENT, loaded)
    short = Document("安平县规划\n\n一、总体要求\n\n二、重点任务\n\n1。", None, "text/plain", "")
    assert pipeline.extract(short, loaded)


def test_threads_do_not_share_their_time(tmp_path: Path) -> None:
    loaded = rules.load(pack(tmp_path))
    assert isinstance(loaded, WatchedRules)
    seen = []
    with loaded.watch(1):
        loaded.spend(4.0)
        other = threading.Thread(target=lambda: seen.append(loaded.left()))
        other.start()
        other.join()
        assert loaded.left() == pytest.approx(1.0)
    assert seen == [bounded.SECONDS]


def test_sound_packs_give_what_the_shipped_patterns_give(tmp_path: Path) -> None:
    guard = rule(**GUARD, pattern="夜间{year}年")
    assert pipeline.extract(DOCUMENT, rules.load(pack(tmp_path, guard))) == pipeline.extract(DOCUMENT, rules.load())


def test_what_breaks_the_engine_is_told_as_the_packs_fault(tmp_path: Path) -> None:
    loaded = rules.load(pack(tmp_path))

    def breaking() -> None:
        with loaded.watch(1):
            raise KeyError("level")

    with pytest.raises(RulesError, match="does not work with these rules: KeyError: 'level'"):
        breaking()


def test_errors_of_the_document_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(NoPlanError):
        pipeline.extract(Document("天气晴朗。", None, "text/plain", ""), rules.load(pack(tmp_path)))


@given(
    text=st.text("年一二2025-到至底 ", max_size=30),
    pattern=st.sampled_from(["到{year}", "一+二?", "(?<=至)[0-9]+年", "底$"]),
)
def test_a_bounded_pattern_finds_what_re_finds(text: str, pattern: str) -> None:
    filled = pattern.replace("{year}", "(?:19|20)[0-9]{2}")
    own = Rule("own.any", "guard", pattern=filled)
    watched = WatchedRules([own], "", [own], Path())
    mine, plain = watched.compile(filled), re.compile(filled)
    for method in ("search", "match", "fullmatch"):
        found, wanted = getattr(mine, method)(text), getattr(plain, method)(text)
        assert (found and found.span()) == (wanted and wanted.span())
    assert [m.span() for m in mine.finditer(text)] == [m.span() for m in plain.finditer(text)]
    assert mine.findall(text) == plain.findall(text)
    assert mine.split(text) == plain.split(text)
