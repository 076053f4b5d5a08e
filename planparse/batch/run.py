"""A run from its inputs to its tables: finds files, has them extracted, writes what comes back, once."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from planparse import rules
from planparse.batch import tables
from planparse.batch.index import Entry
from planparse.batch.pool import LocalPool, Pool, unordered
from planparse.batch.progress import Counts, Log, Progress, progress
from planparse.batch.sources import Inputs
from planparse.batch.worker import Engine, Outcome, Task, extract
from planparse.batch.writer import MANIFEST, PLANS, Store
from planparse.errors import PlanparseError, UnreadableFileError, WorkerSetupError

if TYPE_CHECKING:
    from planparse.batch.dask import DaskPool


@dataclass(frozen=True, slots=True)
class Options:
    """What `planparse batch` takes; see there. `timeout` is in seconds for one file."""

    inputs: Sequence[str]
    out: Path
    tables: Sequence[str] = ()
    jobs: int | None = None
    timeout: float | None = None
    rules: Path | None = None
    scheduler: str | None = None
    force: bool = False
    prune: bool = False
    quiet: bool = False
    log_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did: counts, the first of its failures sorted by source, and the tables it wrote."""

    counts: Counts
    failures: Sequence[Entry]
    tables: Sequence[Path]


SHOWN_FAILURES = 20
"""How many failures a report lists; the manifest has all."""


def run(options: Options) -> Report:
    """Extract all files of the inputs into the output folder.

    Raises PlanparseError for what stops a whole run: a broken rule pack, an output folder that cannot be written, a
    package that a table needs, workers that cannot be had. What is wrong with one file is in the report.
    """
    formats = tables.wanted(options.out, options.tables)
    try:
        with ExitStack() as stack:
            local = stack.enter_context(LocalPool(options.jobs))
            engine = Engine.of(rules.load(options.rules))
            store = stack.enter_context(Store(options.out, engine))
            log = stack.enter_context(Log(options.log_file) if options.log_file else nullcontext())
            pool: Pool = local
            if options.scheduler is not None:
                pool = stack.enter_context(_cluster(options.scheduler, options.jobs))
            inputs = Inputs(options.inputs, _own_files(options))
            shown = progress(quiet=options.quiet, count=(lambda: sum(1 for _ in inputs)) if inputs.countable else None)
            counts = _extract(store, pool, engine, inputs, options, stack.enter_context(shown), log)
            digest = store.finish(only_taken=options.prune)
            written = tables.build(options.out, store.index.entries(), digest, formats, local)
            failures = [entry for entry, _ in zip(store.index.failed(), range(SHOWN_FAILURES), strict=False)]
            if log:
                log.write(f"finished: {counts}")
            return Report(counts, failures, written)
    except sqlite3.Error as error:  # the index found no room among the system's temporary files
        raise UnreadableFileError(str(options.out), f"cannot be indexed ({error})") from error
    except OSError as error:
        where = os.fsdecode(error.filename) if error.filename else str(options.out)
        raise UnreadableFileError(where, f"cannot be written ({error.strerror or error})") from error


def _extract(
    store: Store, pool: Pool, engine: Engine, inputs: Inputs, options: Options, shown: Progress, log: Log | None
) -> Counts:
    counts = Counts()

    def record(outcome: Outcome) -> None:
        entry = store.write(outcome)
        counts.add(entry, unchanged=outcome.unchanged)
        shown.show(counts)
        if log:
            log.add(entry, unchanged=outcome.unchanged)

    tasks = _tasks(inputs, store, engine, options.force, record)
    for task, future in unordered(pool, extract, tasks, options.timeout):
        record(_outcome(task, future))
    return counts


def _tasks(
    inputs: Inputs, store: Store, engine: Engine, force: bool, record: Callable[[Outcome], None]
) -> Iterator[Task]:
    """The files to extract, each name once; places that cannot be searched are recorded at once."""
    for found in inputs:
        if not store.index.take(found.name):
            continue
        if isinstance(found, PlanparseError):
            record(Outcome(found.name, None, error=found))
        else:
            yield Task(found, engine, None if force else store.known(found.name))


def _outcome(task: Task, future: Future[Outcome]) -> Outcome:
    try:
        return future.result()
    except WorkerSetupError:
        raise
    except PlanparseError as error:
        return Outcome(task.name, None, error=error)


def _cluster(address: str, jobs: int | None) -> DaskPool:
    from planparse.batch.dask import DaskPool

    return DaskPool(address, jobs)


def _own_files(options: Options) -> list[str]:
    own = [MANIFEST, PLANS, tables.CSV, *(each.target for each in tables.FORMATS.values())]
    places = [str(options.out / each) for each in own]
    return [*places, str(options.log_file)] if options.log_file else places
