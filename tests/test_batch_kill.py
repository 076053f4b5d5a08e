"""A run that is killed at any moment leaves nothing half-written, and the next one finishes the rest."""

from __future__ import annotations

import json
import random
import subprocess
import time
from pathlib import Path

import pytest

from batching import command, fill, notice, snapshot

ROUNDS = 4
KILLS = 5
"""Kills in each round, each after a part of the time that a whole run takes; twenty in all."""


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = fill(tmp_path_factory.mktemp("killed") / "in", 40)
    (folder / "empty.txt").touch()
    (folder / "none.txt").write_text("今天天气很好。", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def whole(inputs: Path) -> tuple[dict[str, bytes], float]:
    """The output of a run that nothing interrupts, and how long it takes, in seconds."""
    out = inputs.parent / "whole"
    start = time.monotonic()
    run = subprocess.run(command(inputs, "-o", out), capture_output=True, check=False)
    assert run.returncode == 1  # two files hold no plan
    return snapshot(out), time.monotonic() - start


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_run_killed_at_random_moments_ends_like_one_that_was_not(
    seed: int, inputs: Path, whole: tuple[dict[str, bytes], float]
) -> None:
    expected, duration = whole
    out = inputs.parent / f"killed-{seed}"
    moments = random.Random(seed)
    for _ in range(KILLS):
        run = subprocess.Popen(command(inputs, "-o", out), stderr=subprocess.DEVNULL)
        time.sleep(moments.uniform(0.1, 1) * duration)
        run.kill()
        run.wait()
        for plan in out.glob("plans/*.json"):
            json.loads(plan.read_bytes())
    last = subprocess.run(command(inputs, "-o", out), capture_output=True, check=False, text=True)
    assert last.returncode == 1
    assert "Traceback" not in last.stderr
    assert snapshot(out) == expected


def test_a_file_that_changed_while_the_run_was_down_is_done_again(inputs: Path, tmp_path: Path) -> None:
    source = fill(tmp_path / "in", 10)
    run = subprocess.Popen(command(source, "-o", tmp_path / "out"), stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while len(list(tmp_path.glob("out/plans/*.json"))) < 4 and time.monotonic() < deadline:
        time.sleep(0.005)
    run.kill()
    run.wait()
    for path in source.rglob("*.txt"):
        path.write_text(notice(int(path.stem) + 1), encoding="utf-8")
    for out in ("out", "fresh"):
        subprocess.run(command(source, "-o", tmp_path / out), check=True, capture_output=True)
    assert snapshot(tmp_path / "out") == snapshot(tmp_path / "fresh")
