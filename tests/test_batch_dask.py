"""The same run on a Dask cluster: the same output, also when a worker is lost in the middle."""

from __future__ import annotations

import dataclasses
import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from pathlib import Path

import pytest

from batching import PACK, batch, command, fill, manifest, notice, sabotaged, snapshot
from planparse import rules
from planparse.batch.dask import DaskPool
from planparse.batch.sources import LocalFile
from planparse.batch.worker import Engine, Task, extract
from planparse.errors import NoPlanError, WorkerLostError, WorkerSetupError

distributed = pytest.importorskip("distributed", reason="the extra planparse[dask] is not installed")


class Cluster:
    """A scheduler and two workers of one thread each, every one a process that can be killed and stays away."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._note = folder / "scheduler.json"
        self._folder = folder
        self._environment = environment
        self._scheduler = self._start("scheduler", "--port", "0")
        self.workers = [self._start("worker", "--no-nanny", "--nthreads", "1") for _ in range(2)]
        with distributed.Client(scheduler_file=str(self._note), timeout=30) as client:
            client.wait_for_workers(2, timeout=30)
            self.address = client.scheduler.address

    def _start(self, kind: str, *options: str) -> subprocess.Popen[bytes]:
        module = f"distributed.cli.dask_{kind}"
        line = [sys.executable, "-m", module, "--scheduler-file", str(self._note), "--no-dashboard", *options]
        return subprocess.Popen(
            line, cwd=self._folder, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def stop(self) -> None:
        """End all processes."""
        for process in (*self.workers, self._scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    for name, value in sabotaged(tmp_path / "sabotage").items():
        monkeypatch.setenv(name, value)
    cluster = Cluster(tmp_path, dict(os.environ))
    yield cluster
    cluster.stop()


def test_a_worker_lost_in_the_middle_costs_nothing(cluster: Cluster, tmp_path: Path) -> None:
    source = fill(tmp_path / "in", 30)
    for n in range(4):
        (source / f"slow-{n}.txt").write_text(notice(n) + "SLOW", encoding="utf-8")
    (source / "killed.txt").write_text(notice() + "KILLED", encoding="utf-8")
    (source / "endless.txt").write_text(notice() + "ENDLESS", encoding="utf-8")
    (source / "empty.txt").touch()
    out = tmp_path / "out"
    options = (source, "--timeout", "1.5", "--quiet")
    run = subprocess.Popen(
        command(*options, "-o", out, "--scheduler", cluster.address), stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 30
    while len(list(out.glob("plans/*.json"))) < 4 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert run.poll() is None
    cluster.workers[0].kill()
    _, said = run.communicate(timeout=60)
    assert run.returncode == 1
    assert said.splitlines() == [
        f"{source}/empty.txt: the file is empty",
        f"{source}/endless.txt: took longer than the limit of 1.5 s",
        f"{source}/killed.txt: the worker process died (SIGKILL)",
    ]
    local = tmp_path / "local"
    assert batch(*options, "-o", local).exit_code == 1
    assert snapshot(out) == snapshot(local)


def test_a_scheduler_that_goes_away_ends_the_run_which_can_go_on(cluster: Cluster, tmp_path: Path) -> None:
    source = fill(tmp_path / "in", 10)
    (source / "endless.txt").write_text(notice() + "ENDLESS", encoding="utf-8")
    out = tmp_path / "out"
    run = subprocess.Popen(
        command(source, "-o", out, "--scheduler", cluster.address), stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 30
    while len(list(out.glob("plans/*.json"))) < 10 and time.monotonic() < deadline:
        time.sleep(0.01)
    cluster.stop()
    _, said = run.communicate(timeout=60)
    assert (run.returncode, said) == (1, f"{cluster.address}: the Dask cluster went away; run again to go on\n")
    (source / "endless.txt").unlink()
    for folder in (out, tmp_path / "here"):
        assert batch(source, "-o", folder).exit_code == 0
    assert snapshot(out) == snapshot(tmp_path / "here")


def test_a_cluster_can_be_started_here(tmp_path: Path) -> None:
    source = fill(tmp_path / "in", 6)
    run = subprocess.run(
        command(source, "-o", tmp_path / "out", "--scheduler", "local", "-j", "1"),
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert (run.returncode, run.stderr) == (
        0, f"6 files, 12 plans, 18 indicators, 0 failed; {tmp_path}/out/indicators.csv\n",
    )  # fmt: skip
    assert batch(source, "-o", tmp_path / "here").exit_code == 0
    assert snapshot(tmp_path / "out") == snapshot(tmp_path / "here")


@pytest.mark.skipif(
    sys.platform == "win32", reason="sends SIGINT to a group of processes (os.killpg), which only POSIX has"
)
def test_ctrl_c_is_quiet_though_it_reaches_the_processes_of_dask_too(tmp_path: Path) -> None:
    source = fill(tmp_path / "in", 4)
    for n in range(20):
        (source / f"slow-{n}.txt").write_text(notice(n) + "SLOW", encoding="utf-8")
    run = subprocess.Popen(
        command(source, "-o", tmp_path / "out", "--scheduler", "local", "-j", "1"),
        env=os.environ | sabotaged(tmp_path / "sabotage"), stderr=subprocess.PIPE, text=True, process_group=0,
    )  # fmt: skip
    deadline = time.monotonic() + 30
    while not list(tmp_path.glob("out/plans/*.json")) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGINT)
    _, said = run.communicate(timeout=30)
    assert (run.returncode, said) == (130, "")


def test_workers_of_another_version_end_the_run(cluster: Cluster, tmp_path: Path) -> None:
    source = str(fill(tmp_path / "in", 1) / "000.txt")
    with DaskPool(cluster.address, None) as pool:
        other = dataclasses.replace(Engine.of(rules.load()), version="0.0.1")
        with pytest.raises(WorkerSetupError, match=r"^worker: has planparse .*, the run needs 0\.0\.1 everywhere$"):
            pool.submit(extract, Task(LocalFile(source, source), other), 10).result()


def test_rules_of_ones_own_reach_the_workers(cluster: Cluster, tmp_path: Path) -> None:
    source = fill(tmp_path / "in", 2)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "mine.yaml").write_text(PACK, encoding="utf-8")
    options = (source, "--rules", tmp_path / "rules")
    assert batch(*options, "-o", tmp_path / "out", "--scheduler", cluster.address).exit_code == 0
    assert {entry["status"] for entry in manifest(tmp_path / "out").values()} == {"ok"}
    assert batch(*options, "-o", tmp_path / "here").exit_code == 0
    assert snapshot(tmp_path / "out") == snapshot(tmp_path / "here")


def test_what_the_cluster_itself_raises_becomes_an_error_of_this_package(cluster: Cluster) -> None:
    with DaskPool(cluster.address, None) as pool:
        for raised, kind in (
            (distributed.KilledWorker("call", None, 3), WorkerLostError),
            (ModuleNotFoundError("No module named 'planparse'"), WorkerSetupError),
            (CancelledError(), WorkerSetupError),
            (NoPlanError("a.txt", "holds no plan"), NoPlanError),
        ):
            inner: Future[None] = Future()
            outer: Future[None] = Future()
            inner.set_exception(raised)
            pool._settle(outer, inner, "a.txt")
            assert type(outer.exception()) is kind


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense", "bad://x", ""])
def test_a_scheduler_that_does_not_answer_is_one_line(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("planparse.batch.dask._CONNECT_SECONDS", 1)
    run = batch(tmp_path, "-o", tmp_path / "out", "--scheduler", address)
    assert run.exit_code == 1
    assert run.stderr.startswith(f"{address}: no Dask scheduler answers there (")
    assert len(run.stderr.splitlines()) == 1
    gc.collect()  # Dask's client that failed closes itself here, not while another holds the same lock


def test_without_dask_a_line_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    run = batch(tmp_path, "-o", tmp_path / "out", "--scheduler", "tcp://127.0.0.1:1")
    assert (run.exit_code, run.stderr) == (1, "--scheduler: needs Dask: pip install 'planparse[dask]'\n")
