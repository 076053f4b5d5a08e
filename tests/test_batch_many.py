"""`planparse.parse_many`: a result per file, in order, whatever becomes of it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import planparse
from batching import fill, notice, sabotaged
from planparse import rules as packs

ROOT = Path(__file__).parent.parent
SAMPLES = sorted((ROOT / "samples").glob("*.txt"))


def test_results_are_those_of_single_files_in_order() -> None:
    paths = [*SAMPLES, *reversed(SAMPLES)]
    results = list(planparse.parse_many(paths, jobs=2))
    assert [result.path for result in results] == [str(path) for path in paths]
    assert [list(result.plans) for result in results] == [planparse.parse_file(path) for path in paths]
    assert all(result.error is None and result.unwrap() == result.plans for result in results)


def test_a_result_is_plans_or_a_typed_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in sabotaged(tmp_path / "sabotage").items():
        monkeypatch.setenv(name, value)
    marks = ("", "KILLED", "", "ENDLESS", "DEFECT", "")
    paths = [tmp_path / f"{n}{mark}.txt" for n, mark in enumerate(marks)]
    for path, mark in zip(paths, marks, strict=True):
        path.write_text(notice() + mark, encoding="utf-8")
    results = list(planparse.parse_many([*paths, "none.txt"], jobs=2, timeout=2))
    assert [(len(result.plans), result.error and result.error.code) for result in results] == [
        (2, None), (0, "crash"), (2, None), (0, "timeout"), (0, "internal"), (2, None), (0, "unreadable"),
    ]  # fmt: skip
    assert isinstance(results[1].error, planparse.WorkerLostError)
    assert isinstance(results[3].error, planparse.TimeLimitError)
    assert isinstance(results[4].error, planparse.InternalError)
    assert isinstance(results[6].error, planparse.UnreadableFileError)
    with pytest.raises(planparse.UnreadableFileError, match=r"^none\.txt: no such file$"):
        results[6].unwrap()


def test_folders_and_archives_are_searched(tmp_path: Path) -> None:
    fill(tmp_path / "in", 4)
    with zipfile.ZipFile(tmp_path / "n.zip", "w") as archive:
        archive.writestr("a.txt", notice())
    results = list(planparse.parse_many([str(tmp_path / "n.zip"), tmp_path / "in"], jobs=1))
    assert results[0].path == f"{tmp_path}/n.zip!/a.txt"
    assert sorted(result.path for result in results[1:]) == sorted(map(str, (tmp_path / "in").rglob("*.txt")))
    assert {plan.source.path for result in results for plan in result.plans} == {result.path for result in results}


def test_rules_are_taken_along(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text(notice(), encoding="utf-8")
    shipped = packs.load()
    kept = packs.Rules([rule for rule in shipped.rules if rule.kind != "unit"], "without units")
    [result] = planparse.parse_many([tmp_path / "in.txt"], rules=kept)
    assert list(result.plans) == planparse.parse_file(tmp_path / "in.txt", rules=kept)
    assert list(result.plans) != planparse.parse_file(tmp_path / "in.txt")


def test_paths_are_taken_as_they_are_needed() -> None:
    taken = 0

    def paths() -> object:
        nonlocal taken
        while True:
            taken += 1
            yield "none.txt"

    results = planparse.parse_many(paths(), jobs=1)
    assert next(results).error is not None
    results.close()
    assert taken < 50


@pytest.mark.parametrize(("option", "value"), [("jobs", 0), ("jobs", -1), ("timeout", 0)])
def test_wrong_options_are_refused_at_once(option: str, value: int) -> None:
    with pytest.raises(ValueError, match=option):
        planparse.parse_many([], **{option: value})


def test_a_script_needs_no_guard_for_its_main_module(tmp_path: Path) -> None:
    fill(tmp_path / "in", 3)
    script = tmp_path / "script.py"
    script.write_text("import planparse\nprint(sum(len(r.plans) for r in planparse.parse_many(['in'], jobs=2)))\n")
    run = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (run.stdout, run.stderr) == ("6\n", "")
