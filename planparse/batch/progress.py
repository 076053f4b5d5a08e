"""How far a run is: a bar on a terminal, plain lines elsewhere, and a log file with a line per file."""

from __future__ import annotations

import datetime
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol

from planparse.batch.index import Entry

_LINE_SECONDS = 10.0


@dataclass(slots=True)
class Counts:
    """What a run has done so far. `unchanged` files are among `files`, and their plans and indicators count."""

    files: int = 0
    unchanged: int = 0
    failed: int = 0
    plans: int = 0
    indicators: int = 0

    def add(self, entry: Entry, *, unchanged: bool) -> None:
        """Count one file by its line of the manifest."""
        self.files += 1
        self.unchanged += unchanged
        self.failed += entry["status"] != "ok"
        self.plans += len(entry["plans"])
        self.indicators += entry["indicators"]

    def __str__(self) -> str:
        unchanged = f" ({self.unchanged:,} unchanged)" if self.unchanged else ""
        return (
            f"{self.files:,} files{unchanged}, {self.plans:,} plans, {self.indicators:,} indicators, "
            f"{self.failed:,} failed"
        )


class Progress(Protocol):
    """Shows the counts of a run while it lasts. Use it as a context."""

    def __enter__(self) -> Progress: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def show(self, counts: Counts) -> None:
        """The counts have changed."""


class Silence:
    """Shows nothing."""

    def __enter__(self) -> Silence:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def show(self, counts: Counts) -> None:
        """Shows nothing."""


class Lines(Silence):
    """A line every ten seconds, for logs of other programs."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._started = self._shown = time.monotonic()

    def show(self, counts: Counts) -> None:
        """Print the counts if it is time."""
        now = time.monotonic()
        if now - self._shown >= _LINE_SECONDS:
            self._shown = now
            rate = counts.files / (now - self._started)
            self._stream.write(f"{counts}, {rate:.1f} files/s\n")
            self._stream.flush()


class Bar(Silence):
    """A bar with the counts and the remaining time, once it is known how many files there are.

    `count`: counts the files, in a thread of its own because that may take a while; None when they cannot be counted
    before they are read.
    """

    def __init__(self, stream: IO[str], count: Callable[[], int] | None) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("files  {task.fields[plans]:,} plans  {task.fields[indicators]:,} indicators"),
            TextColumn("{task.fields[failed]:,} failed"),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=Console(file=stream),
            transient=True,
        )
        self._task = self._bar.add_task("", total=None, plans=0, indicators=0, failed=0)
        self._count = count

    def __enter__(self) -> Bar:
        self._bar.start()
        if self._count is not None:
            threading.Thread(target=self._find_total, args=(self._count,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _find_total(self, count: Callable[[], int]) -> None:
        self._bar.update(self._task, total=count())

    def show(self, counts: Counts) -> None:
        """Move the bar."""
        fields: dict[str, Any] = {"plans": counts.plans, "indicators": counts.indicators, "failed": counts.failed}
        self._bar.update(self._task, completed=counts.files, **fields)


def progress(*, quiet: bool, count: Callable[[], int] | None) -> Progress:
    """The form of progress that suits standard error."""
    if quiet:
        return Silence()
    return Bar(sys.stderr, count) if sys.stderr.isatty() else Lines(sys.stderr)


class Log:
    """A file with one line per source, added to what it holds already. Raises OSError."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8", buffering=1)

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, what: str) -> None:
        """Add a line with the present time."""
        now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
        self._file.write(f"{now} {what}\n")

    def add(self, entry: Entry, *, unchanged: bool) -> None:
        """Add the line of one source."""
        if entry["error"]:
            self.write(f"failed {entry['source']}: {entry['error']['code']}: {entry['error']['message']}")
        elif unchanged:
            self.write(f"unchanged {entry['source']}")
        else:
            counts = f"{len(entry['plans'])} plans, {entry['indicators']} indicators"
            self.write(f"ok {entry['source']}: {counts}, {entry['seconds']:.3f} s")
