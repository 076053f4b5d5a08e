"""Worker processes that can be killed, or die, without harm to anything but the call they were busy with.

`concurrent.futures.ProcessPoolExecutor` gives up all its calls when one process dies and cannot end a call that takes
too long; `multiprocessing` also imports the caller's main module in every worker and is refused to Dask's own worker
processes. Here every call runs in a plain subprocess (`planparse.batch.child`) that serves one call at a time.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

from planparse.batch.child import READY
from planparse.errors import PlanparseError, TimeLimitError, WorkerLostError, WorkerSetupError


class Named(Protocol):
    """What a call is about; errors of the call are told in its name."""

    @property
    def name(self) -> str:
        """A file, mostly."""


A = TypeVar("A", bound=Named)
R = TypeVar("R")

# -P keeps modules of the working folder from standing in for those of the standard library; the package's own folder
# comes last, for a checkout that is not installed.
_CODE = "import sys; sys.path.append(sys.argv[1]); from planparse.batch import child; child.main()"
_COMMAND = (sys.executable, "-P", "-c", _CODE, str(Path(__file__).parents[2]))


class Pool(Protocol):
    """Where calls run: worker processes here (`LocalPool`) or on other machines (`planparse.batch.dask.DaskPool`)."""

    @property
    def room(self) -> int:
        """How many calls to have under way, so that no worker waits for its next one."""

    def submit(self, function: Callable[[A], R], argument: A, timeout: float | None) -> Future[R]:
        """Call a module-level function in a worker.

        The future raises what the function raised if that is a PlanparseError, InternalError for anything else,
        TimeLimitError after `timeout` seconds, WorkerLostError when the worker died; these name the argument.
        WorkerSetupError: no worker can be had.
        """


def unordered(
    pool: Pool, function: Callable[[A], R], arguments: Iterable[A], timeout: float | None
) -> Iterator[tuple[A, Future[R]]]:
    """(argument, finished future) of each call as it finishes; takes no more arguments than there is room for."""
    pending: dict[Future[R], A] = {}
    for argument in arguments:
        pending[pool.submit(function, argument, timeout)] = argument
        while len(pending) >= pool.room:
            yield from _finished(pending)
    while pending:
        yield from _finished(pending)


def _finished(pending: dict[Future[R], A]) -> Iterator[tuple[A, Future[R]]]:
    for future in wait(pending, return_when=FIRST_COMPLETED).done:
        yield pending.pop(future), future


def ordered(
    pool: Pool, function: Callable[[A], R], arguments: Iterable[A], timeout: float | None
) -> Iterator[tuple[A, Future[R]]]:
    """As `unordered`, but in the order of the arguments; at most four times the pool's room waits for its turn."""
    pending: deque[tuple[A, Future[R]]] = deque()
    for argument in arguments:
        pending.append((argument, pool.submit(function, argument, timeout)))
        if len(pending) >= 4 * pool.room:
            wait([pending[0][1]])
            yield pending.popleft()
    while pending:
        wait([pending[0][1]])
        yield pending.popleft()


class Worker:
    """One worker process, started at its first call and again after it was lost. Serves one thread at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def call(self, function: Callable[[A], R], argument: A, timeout: float | None) -> R:
        """The function's result; raises as `Pool.submit` says. The time limit starts when the process is ready."""
        process = self.start()
        if self._closed:
            self.stop()
            raise WorkerLostError(argument.name, "the run has ended")
        with _TimeLimit(process, timeout) as limit:
            answer, whole = _exchange(process, (function, argument))
        status = self.stop() if limit.reached or not whole else 0
        if limit.reached:
            raise TimeLimitError(argument.name, f"took longer than the limit of {timeout:g} s")
        if not whole:
            raise WorkerLostError(argument.name, f"the worker process died ({_death(status)})")
        if isinstance(answer, PlanparseError):
            raise answer
        result: R = answer
        return result

    def start(self) -> subprocess.Popen[bytes]:
        """The process, ready for a call. Raises WorkerSetupError."""
        if self._process and self._process.poll() is not None:
            self.stop()  # it died between two calls: no fault of the next one
        self._process = self._process or _start()
        return self._process

    def close(self) -> None:
        """End the process for good, from any thread: a call under way raises WorkerLostError."""
        self._closed = True  # before the process is looked for: one that is being started now sees it
        self.stop()

    def stop(self) -> int:
        """End the process if there is one; its exit status, negative for a signal."""
        process, self._process = self._process, None
        if process is None:
            return 0
        _kill(process)
        status = process.wait()
        for pipe in _pipes(process):
            with suppress(BrokenPipeError):  # part of a call was still to be written
                pipe.close()
        return status


def _exchange(process: subprocess.Popen[bytes], call: object) -> tuple[Any, bool]:
    """The answer to a call, and whether there was a whole one."""
    calls, answers = _pipes(process)
    try:
        pickle.dump(call, calls, pickle.HIGHEST_PROTOCOL)
        calls.flush()
        return pickle.load(answers), True
    except (EOFError, OSError, pickle.UnpicklingError):
        return None, False


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a worker with the programs it has started (each worker leads a process group of its own)."""
    if sys.platform == "win32":
        process.kill()
    elif process.returncode is None:  # even if it is dead: its number is its own until it has been waited for
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


class _TimeLimit:
    """Kills the process of a call when its time is up; never after the call has ended."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float | None) -> None:
        self.reached = False
        self._process = process
        self._over = False
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._reach) if seconds is not None else None

    def _reach(self) -> None:
        with self._lock:
            if not self._over:
                self.reached = True
                _kill(self._process)

    def __enter__(self) -> _TimeLimit:
        if self._timer:
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._over = True
        if self._timer:
            self._timer.cancel()


def _start() -> subprocess.Popen[bytes]:
    group: dict[str, Any] = {} if sys.platform == "win32" else {"process_group": 0}
    with tempfile.TemporaryFile() as complaints:
        try:
            process = subprocess.Popen(
                _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, **group
            )
        except OSError as error:
            raise WorkerSetupError("worker process", f"cannot be started ({error.strerror})") from error
        with suppress(EOFError, OSError, pickle.UnpicklingError):
            if pickle.load(_pipes(process)[1]) == READY:
                return process
        _kill(process)
        said = _last_line(complaints)
        raise WorkerSetupError("worker process", f"did not start ({_death(process.wait())}){said}")


def _last_line(file: IO[bytes]) -> str:
    file.seek(0)
    lines = file.read().decode("utf-8", "replace").split("\n")
    return next((f": {line}" for line in reversed(lines) if line.strip()), "")


def _death(status: int) -> str:
    try:
        return f"exit status {status}" if status >= 0 else signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"


class Workers:
    """As many workers as there are calls at one time; any thread may call."""

    def __init__(self) -> None:
        self._idle: list[Worker] = []  # append and pop are atomic
        self._all: list[Worker] = []
        self._closed = False

    def call(self, function: Callable[[A], R], argument: A, timeout: float | None) -> R:
        """As `Worker.call`."""
        try:
            worker = self._idle.pop()
        except IndexError:
            worker = self._another()
        try:
            return worker.call(function, argument, timeout)
        finally:
            self._idle.append(worker)

    def prepare(self) -> None:
        """Start one more worker ahead of its first call, which will tell if that fails."""
        worker = self._another()
        with suppress(WorkerSetupError):
            worker.start()
        if self._closed:
            worker.close()
        self._idle.append(worker)

    def _another(self) -> Worker:
        worker = Worker()
        self._all.append(worker)
        if self._closed:
            worker.close()
        return worker

    def close(self) -> None:
        """End all processes for good, also busy ones: their calls raise WorkerLostError."""
        self._closed = True
        for worker in self._all:
            worker.close()


class LocalPool:
    """A pool of `jobs` worker processes on this machine. Use it as a context: leaving it ends them.

    They start at once, each in a thread of its own, while the caller gets ready.
    """

    def __init__(self, jobs: int | None = None) -> None:
        self.jobs = jobs or _cores()
        self._workers = Workers()
        self._threads = ThreadPoolExecutor(self.jobs, thread_name_prefix="planparse-worker")

    @property
    def room(self) -> int:
        """One call waits for each that runs, and two more for the time it takes to write results."""
        return 2 * self.jobs + 2

    def submit(self, function: Callable[[A], R], argument: A, timeout: float | None) -> Future[R]:
        """As `Pool.submit`."""
        return self._threads.submit(self._workers.call, function, argument, timeout)

    def __enter__(self) -> LocalPool:
        for _ in range(self.jobs):
            self._threads.submit(self._workers.prepare)
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._workers.close()
        self._threads.shutdown()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
