"""The same work on a Dask cluster: many machines read, this one writes.

Each thread of a Dask worker hands its files to a worker process of its own, as a run on one machine does: a crash or a
time limit costs the file and leaves the Dask worker alone. When a Dask worker itself is lost, Dask repeats its calls
elsewhere; a call depends on nothing but its argument, so the result is the same.
"""

from __future__ import annotations

import importlib
import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from typing import Any

from planparse.batch.pool import A, R, Workers
from planparse.errors import MissingReaderError, PlanparseError, WorkerLostError, WorkerSetupError

LOCAL = "local"
"""The address that starts a cluster on this machine."""

_CONNECT_SECONDS = 10
_LOOK_SECONDS = 5.0

_workers = Workers()
"""The worker processes of this Dask worker."""


def call(function: Callable[[A], R], argument: A, timeout: float | None) -> R:
    """Runs on a Dask worker: the call in a process of its own. Raises as `Pool.submit` says."""
    return _workers.call(function, argument, timeout)


class DaskPool:
    """The workers of a cluster. Use it as a context. Raises WorkerSetupError when the scheduler cannot be reached."""

    def __init__(self, address: str, jobs: int | None) -> None:
        try:
            distributed: Any = importlib.import_module("distributed")
        except ImportError:
            raise MissingReaderError("--scheduler", "needs Dask: pip install 'planparse[dask]'") from None
        _silence()
        self._address = address
        self._killed: type[Exception] = distributed.KilledWorker
        self._cluster: Any = None
        try:
            if not address:  # which Dask would take for a wish to start a cluster
                raise ValueError("no address")
            if address == LOCAL:
                with _deaf_to_ctrl_c():
                    self._cluster = distributed.LocalCluster(
                        n_workers=jobs, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL
                    )
            self._client = distributed.Client(self._cluster or address, timeout=_CONNECT_SECONDS)
        except (OSError, ValueError) as error:
            raise WorkerSetupError(address, f"no Dask scheduler answers there ({error})") from error
        self._executor = self._client.get_executor(pure=False)
        self._threads = 0
        self._looked = -_LOOK_SECONDS

    @property
    def room(self) -> int:
        """Two calls for each thread of the cluster, which may grow and shrink, and two more."""
        if time.monotonic() - self._looked > _LOOK_SECONDS:
            try:
                self._threads = sum(self._client.nthreads().values())
            except OSError as error:
                raise self._gone() from error
            self._looked = time.monotonic()
        return 2 * self._threads + 2

    def submit(self, function: Callable[[A], R], argument: A, timeout: float | None) -> Future[R]:
        """As `Pool.submit`."""
        outer: Future[R] = Future()
        try:
            inner: Future[R] = self._executor.submit(call, function, argument, timeout)
        except (OSError, RuntimeError) as error:
            raise self._gone() from error
        inner.add_done_callback(lambda done: self._settle(outer, done, argument.name))
        return outer

    def _settle(self, outer: Future[R], inner: Future[R], name: str) -> None:
        """Hand on what came of a call, with the cluster's own failures as errors of this package."""
        error = self._gone() if inner.cancelled() else inner.exception()
        if error is None:
            outer.set_result(inner.result())
        elif isinstance(error, CancelledError):
            outer.set_exception(self._gone())
        elif isinstance(error, self._killed):
            outer.set_exception(WorkerLostError(name, "several Dask workers died, one after another, with this file"))
        elif isinstance(error, PlanparseError):
            outer.set_exception(error)
        else:  # planparse is missing there, or too old to understand the call
            outer.set_exception(WorkerSetupError(self._address, f"{type(error).__name__}: {error}"))

    def _gone(self) -> WorkerSetupError:
        return WorkerSetupError(self._address, "the Dask cluster went away; run again to go on")

    def __enter__(self) -> DaskPool:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Start processes that leave Ctrl-C to this one, which ends them; on their own they would print tracebacks."""
    if threading.current_thread() is not threading.main_thread():  # where Python sets no signals
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # which a new process inherits
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _silence() -> None:
    """Keep Dask's own account of lost workers from between the lines: what became of a file is in its result."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
