"""Kept patterns: they match as freshly compiled ones do, and nothing but speed depends on the cache."""

from __future__ import annotations

import marshal
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from planparse import patterns, rules

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "samples" / "kaiping.txt").read_text(encoding="utf-8")[:20_000]
PACKED = sorted({p for r in rules.load().rules for p in (r.pattern, r.before, r.after, r.when) if p})


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache for this test, and what the process knew before back after it."""
    monkeypatch.setenv(patterns.FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setattr(patterns, "_known", None)
    monkeypatch.setattr(patterns, "_used", {})
    monkeypatch.setattr(patterns, "_new", [])
    return tmp_path


def start_again() -> None:
    patterns._known = None
    patterns._used.clear()
    patterns._new.clear()


def kept(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def test_kept_patterns_are_those_of_re(folder: Path) -> None:
    for pattern in PACKED:
        patterns.compiled(pattern)
    patterns.keep()
    start_again()
    for pattern in PACKED:
        again, fresh = patterns.compiled(pattern), re.compile(pattern)
        assert (again.pattern, again.flags, again.groups, dict(again.groupindex)) == (
            fresh.pattern,
            fresh.flags,
            fresh.groups,
            dict(fresh.groupindex),
        )
        assert [(m.span(), m.groups(), m.lastgroup) for m in again.finditer(TEXT)] == [
            (m.span(), m.groups(), m.lastgroup) for m in fresh.finditer(TEXT)
        ]
    assert not patterns._new, "all came from the cache"


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: b"\xff" * 100,
        lambda data: marshal.dumps(("another Python", {"a+": (32, b"\x01\0\0\0", 0, {}, (None,))})),
        lambda data: marshal.dumps((patterns._stamp(), {"a+": (32, b"\xff\xff\0\0", 0, {}, (None,))})),
        lambda data: marshal.dumps((patterns._stamp(), {"a+": (32, b"odd", 0, {}, (None,))})),
        lambda data: marshal.dumps((patterns._stamp(), {"a+": "no code"})),
        lambda data: marshal.dumps(7),
    ],
    ids=["empty", "cut", "noise", "another Python", "no such code", "half a number", "no code", "a number"],
)
def test_a_damaged_cache_changes_nothing(folder: Path, damage: object) -> None:
    assert callable(damage)
    patterns.compiled("a+")
    patterns.keep()
    file = kept(folder)
    file.write_bytes(damage(file.read_bytes()))
    start_again()
    assert patterns.compiled("a+").findall("aa b a") == ["aa", "a"]
    patterns.keep()
    start_again()
    patterns.compiled("a+")
    assert not patterns._new, "the damaged file was replaced"


def test_broken_patterns_are_an_error_as_ever() -> None:
    with pytest.raises(re.error):
        patterns.compiled("(")


def test_a_cache_full_of_old_patterns_is_begun_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "_MOST", 3)
    for round_ in ("abc", "d"):
        start_again()
        for pattern in round_:
            patterns.compiled(pattern)
        patterns.keep()
    assert set(marshal.loads(kept(folder).read_bytes())[1]) == {"d"}


def test_a_folder_that_cannot_be_is_left_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "file").write_text("")
    monkeypatch.setenv(patterns.FOLDER_VARIABLE, str(folder / "file"))
    patterns.compiled("a")
    patterns.keep()
    assert (folder / "file").read_text() == ""


@pytest.mark.parametrize("variable", ["", None])
def test_where_codes_are_kept(folder: Path, variable: str | None) -> None:
    home = {"XDG_CACHE_HOME": str(folder)} if variable is None else {patterns.FOLDER_VARIABLE: variable}
    clean = {k: v for k, v in os.environ.items() if k not in (patterns.FOLDER_VARIABLE, "XDG_CACHE_HOME")}
    command = [sys.executable, "-m", "planparse", "extract", str(ROOT / "samples" / "kaiping.txt")]
    runs = [subprocess.run(command, env=clean | home, capture_output=True, check=True).stdout for _ in range(2)]
    assert runs[0] == runs[1]
    assert [path.name for path in folder.iterdir()] == (["planparse"] if variable is None else [])
