"""Many files with one call, read at once by worker processes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass

from planparse import rules as packs
from planparse.batch.pool import LocalPool, ordered
from planparse.batch.sources import Inputs, Source
from planparse.batch.worker import Engine, rules_of
from planparse.errors import PlanparseError, WorkerSetupError
from planparse.models import Plan
from planparse.rules import Rules


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one file: its plans, or the error that says why there are none.

    `path`: as given; under a folder, as reached from it. `plans` is empty exactly when `error` is set.
    """

    path: str
    plans: tuple[Plan, ...]
    error: PlanparseError | None

    def unwrap(self) -> tuple[Plan, ...]:
        """The plans. Raises the error if there is one."""
        if self.error:
            raise self.error
        return self.plans


def parse_many(
    paths: Iterable[str | os.PathLike[str]],
    *,
    jobs: int | None = None,
    timeout: float | None = None,
    rules: Rules | None = None,
) -> Iterator[Result]:
    """One Result per file, in the order of `paths`, while later files are being read.

    A path may also be a folder, a ZIP archive, a glob, a URL or `@LIST`, as for `planparse batch`; their files come in
    no particular order. `jobs`: files at one time, one per processor when None. `timeout`: seconds after which a file
    is given up (TimeLimitError). `rules`: what `planparse.rules.load` returned; the shipped rules when None.
    A file that brings its worker process down costs a WorkerLostError and nothing else. What is not yet read when the
    iterator is closed stays unread.
    Raises ValueError for `jobs` or `timeout` below their least, WorkerSetupError when no worker can be started.
    """
    if jobs is not None and jobs < 1:
        raise ValueError(f"jobs is {jobs}, at least 1 is needed")
    if timeout is not None and timeout <= 0:
        raise ValueError(f"timeout is {timeout} s, more than 0 is needed")
    return _results(paths, jobs, timeout, Engine.of(rules or packs.load()))


@dataclass(frozen=True, slots=True)
class _Call:
    source: Source | PlanparseError
    engine: Engine

    @property
    def name(self) -> str:
        return self.source.name


def _results(
    paths: Iterable[str | os.PathLike[str]], jobs: int | None, timeout: float | None, engine: Engine
) -> Iterator[Result]:
    found = (each for path in paths for each in Inputs([os.fsdecode(path)]))
    with LocalPool(jobs) as pool:
        for call, future in ordered(pool, _parse, (_Call(each, engine) for each in found), timeout):
            yield _result(call, future)


def _result(call: _Call, future: Future[list[Plan]]) -> Result:
    try:
        return Result(call.name, tuple(future.result()), None)
    except WorkerSetupError:
        raise
    except PlanparseError as error:
        return Result(call.name, (), error)


def _parse(call: _Call) -> list[Plan]:
    """In a worker: the plans of a file as models, checked against its text as `parse_file` does."""
    from planparse.api import parse_bytes

    if isinstance(call.source, PlanparseError):
        raise call.source
    return parse_bytes(call.source.read(), name=call.name, rules=rules_of(call.engine))
