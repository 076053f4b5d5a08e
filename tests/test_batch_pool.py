"""Worker processes: what a call returns, and that its end, however it ends, concerns no other call."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from batch_calls import Argument, die, echo, fail, hang, hang_in_a_program, late, process, refuse
from planparse.batch import pool as pools
from planparse.batch.pool import LocalPool, Worker, ordered, unordered
from planparse.errors import InternalError, NoPlanError, TimeLimitError, WorkerLostError, WorkerSetupError

TESTS = str(Path(__file__).parent)


@pytest.fixture(autouse=True)
def _calls_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", TESTS)


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.close()


def alive(pid: int) -> bool:
    """Whether a process runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not is_zombie(pid)


def is_zombie(pid: int) -> bool:
    """Whether a process has ended and only its parent has not asked yet."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return state.stdout.strip().startswith("Z")


def ends(pid: int) -> bool:
    """Whether a process is gone within ten seconds."""
    deadline = time.monotonic() + 10
    while alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_call_returns_its_result_whatever_is_printed(worker: Worker) -> None:
    for value in (None, "规划" * 500_000, {"a": [1, 2.5]}):
        assert worker.call(echo, Argument("x", value), None) == value


def test_errors_come_back(worker: Worker) -> None:
    with pytest.raises(NoPlanError, match=r"^a\.txt: holds no plan$"):
        worker.call(refuse, Argument("a.txt"), None)
    with pytest.raises(InternalError, match=r"^a\.txt: KeyError: 'a\.txt'$"):
        worker.call(fail, Argument("a.txt"), None)
    assert worker.call(echo, Argument("x", 1), None) == 1


# On Windows a process that dies leaves an exit status whatever ended it, and there is no SIGKILL to name here.
SIGNALS = [] if sys.platform == "win32" else [(signal.SIGKILL, "SIGKILL"), (signal.SIGSEGV, "SIGSEGV")]


@pytest.mark.parametrize(("end", "cause"), [*SIGNALS, (3, "exit status 3"), (0, "exit status 0")])
def test_a_process_that_dies_costs_one_call(end: int, cause: str, worker: Worker) -> None:
    with pytest.raises(WorkerLostError) as caught:
        worker.call(die, Argument("a.txt", end), None)
    assert str(caught.value) == f"a.txt: the worker process died ({cause})"
    assert worker.call(echo, Argument("x", 1), None) == 1


def test_a_process_that_dies_between_two_calls_costs_none(worker: Worker) -> None:
    pid = worker.call(process, Argument("x"), None)
    os.kill(pid, signal.SIGKILL)
    assert ends(pid)
    assert worker.call(process, Argument("x"), None) != pid


def test_a_call_that_takes_too_long_is_given_up(worker: Worker) -> None:
    pid = worker.call(process, Argument("x"), 5)
    with pytest.raises(TimeLimitError, match=r"^a\.txt: took longer than the limit of 0\.3 s$"):
        worker.call(hang, Argument("a.txt"), 0.3)
    assert not alive(pid)
    assert worker.call(echo, Argument("x", 1), 5) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups to end")
def test_programs_that_a_reader_has_started_end_with_it(worker: Worker, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with pytest.raises(TimeLimitError):
        worker.call(hang_in_a_program, Argument("a.doc", str(note)), 2)
    assert ends(int(note.read_text()))


def test_leaving_a_pool_ends_its_processes_also_busy_ones() -> None:
    with LocalPool(2) as pool:
        pids = {pool.submit(process, Argument("x"), None).result() for _ in range(4)}
        futures = [pool.submit(hang, Argument("a.txt"), None) for _ in range(5)]
        time.sleep(0.2)
    assert all(future.done() for future in futures)
    assert not any(alive(pid) for pid in pids)


def test_leaving_a_pool_whose_processes_are_only_starting_ends_them_too() -> None:
    for delay in (0, 0.05, 0.15):
        with LocalPool(2) as pool:
            futures = [pool.submit(hang, Argument("a.txt"), None) for _ in range(3)]
            time.sleep(delay)
        assert all(future.done() for future in futures)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("call", ["hang", "late"])
def test_workers_end_when_their_parent_is_killed(call: str) -> None:
    code = (
        "import sys, threading, time; from batch_calls import *; from planparse.batch.pool import Worker\n"
        "worker = Worker(); print(worker.call(process, Argument('x'), None), flush=True)\n"
        f"worker.call({call}, Argument('x', 600), None)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    time.sleep(0.1)
    parent.kill()
    parent.communicate()
    assert ends(pid)


def test_calls_are_given_in_the_order_of_their_arguments_or_as_they_finish() -> None:
    arguments = [Argument(str(n), delay) for n, delay in enumerate((0.6, 0, 0.1, 0))]
    with LocalPool(2) as pool:
        pool.submit(echo, Argument("warm"), None).result()
        names = [argument.name for argument, future in ordered(pool, late, arguments, None) if future.done()]
        assert names == ["0", "1", "2", "3"]
        names = [argument.name for argument, future in unordered(pool, late, arguments, None) if future.done()]
        assert sorted(names) == ["0", "1", "2", "3"]
        assert names[-1] == "0"


@pytest.mark.parametrize("run", [ordered, unordered])
def test_no_more_arguments_are_taken_than_there_is_room_for(run: object) -> None:
    taken = []

    def arguments() -> Iterator[Argument]:
        for n in range(10_000):
            taken.append(n)
            yield Argument(str(n), n)

    with LocalPool(1) as pool:
        results = run(pool, echo, arguments(), None)
        for _ in range(3):
            next(results)
        assert len(taken) <= 4 * pool.room + 3


def test_a_worker_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import sys; sys.exit('no module named planparse')"
    monkeypatch.setattr(pools, "_COMMAND", (sys.executable, "-c", code))
    with pytest.raises(WorkerSetupError, match=r"did not start \(exit status 1\): no module named planparse$"):
        Worker().call(echo, Argument("x"), None)
    monkeypatch.setattr(pools, "_COMMAND", ("/no/such/python",))
    with pytest.raises(WorkerSetupError, match=r"cannot be started \(No such file or directory\)$"):
        Worker().call(echo, Argument("x"), None)


def test_errors_survive_the_way_between_processes() -> None:
    for error in (TimeLimitError("a", "b"), WorkerLostError("a", "b"), WorkerSetupError("a", "b")):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), again.name, again.cause) == (type(error), "a", "b")
