"""The one writer of a run: plan files, and the manifest that says which of them count.

Nothing is ever half-written. A plan file appears whole under its name, then its source gets a line in the manifest; a
run that is killed between the two repeats that source and overwrites the file with the same bytes. Lines are appended
while the run lasts and put in order at its end, so the output does not depend on who finished first.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from planparse import output
from planparse.batch.index import Entry, Index, line_of
from planparse.batch.worker import Engine, Outcome
from planparse.errors import UnreadableFileError

MANIFEST = "manifest.jsonl"
PLANS = "plans"
LOCK = ".lock"

_SYNC_SECONDS = 1.0
"""How much of the manifest a power failure may cost; after a kill alone nothing is lost."""

_PLAN_FILE = re.compile(r".*\.[0-9a-f]{12}\.json", re.DOTALL)
_TEMPORARY = re.compile(r"\.planparse-\d+\.tmp")
_RETRIED = frozenset({"missing-reader", "timeout", "crash", "unreadable"})
"""Codes of failures that may be gone without the file being another."""


class Store:
    """The output folder of a run. Use it as a context: one run at a time has it.

    Raises UnreadableFileError when the folder cannot be used or another run writes to it, OSError when the disk fails.
    """

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder = folder
        self.index = Index()
        self._engine = engine
        self._synced = time.monotonic()
        try:
            (folder / PLANS).mkdir(parents=True, exist_ok=True)
            self._lock = _locked(folder / LOCK)
            self.index.load(_lines(folder / MANIFEST))
            self._manifest = (folder / MANIFEST).open("ab", buffering=0)
        except OSError as error:
            raise UnreadableFileError(str(folder), f"cannot be written ({error.strerror})") from error
        if not _ends_whole(folder / MANIFEST):
            self._manifest.write(b"\n")  # after a line that was cut off

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._manifest.close()
        self.index.close()
        self._lock.close()

    def known(self, source: str) -> str | None:
        """The hash of a source whose results are all there and would come out the same; None if it is to be done."""
        entry = self.index.get(source)
        if entry is None or (entry["version"], entry["rules"]) != (self._engine.version, self._engine.fingerprint):
            return None
        if entry["error"] and entry["error"]["code"] in _RETRIED:
            return None
        sha256: str | None = entry["sha256"]
        return sha256 if all(self._is_whole(plan["file"], plan["bytes"]) for plan in entry["plans"]) else None

    def _is_whole(self, file: str, size: int) -> bool:
        try:
            return (self.folder / PLANS / file).stat().st_size == size
        except OSError:
            return False

    def write(self, outcome: Outcome) -> Entry:
        """Write the plans of a file and its line of the manifest; the line."""
        if outcome.unchanged and (entry := self.index.get(outcome.name)):
            return entry
        plans = []
        for number, plan in enumerate(outcome.plans):
            file = plan_file(outcome.name, number, plan.title)
            output.write_file(self.folder / PLANS / file, plan.content)
            plans.append(
                {
                    "file": file,
                    "bytes": len(plan.content),
                    "indicators": plan.indicators,
                    "observations": plan.observations,
                    "diagnostics": plan.diagnostics,
                }
            )
        error = outcome.error
        entry = {
            "source": outcome.name,
            "sha256": outcome.sha256,
            "status": "failed" if error else "ok",
            "plans": plans,
            "indicators": sum(plan.indicators for plan in outcome.plans),
            "error": {"code": error.code, "message": error.cause} if error else None,
            "version": self._engine.version,
            "rules": self._engine.fingerprint,
            "seconds": round(outcome.seconds, 3),
        }
        self._manifest.write(line_of(entry).encode())
        self.index.put(entry)
        if time.monotonic() - self._synced > _SYNC_SECONDS:
            os.fsync(self._manifest.fileno())
            self._synced = time.monotonic()
        return entry

    def finish(self, *, only_taken: bool) -> str:
        """Put the manifest in order and remove the plan files that no line names.

        `only_taken`: drop what earlier runs did for sources that this one did not come across.
        Returns a digest of the manifest without the times: the same for the same output.
        """
        if only_taken:
            self.index.drop_others()
        digest = hashlib.sha256()
        temporary = self.folder / f".planparse-{os.getpid()}.tmp"
        with temporary.open("wb") as file:
            for entry in self.index.entries():
                file.write(line_of(entry).encode())
                digest.update(line_of(entry | {"seconds": None}).encode())
            file.flush()
            os.fsync(file.fileno())
        self._manifest.close()  # Windows replaces no file that is open
        os.replace(temporary, self.folder / MANIFEST)
        self._manifest = (self.folder / MANIFEST).open("ab", buffering=0)
        self._sweep()
        return digest.hexdigest()

    def _sweep(self) -> None:
        self.index.note_files()
        for folder, own in ((self.folder / PLANS, (_PLAN_FILE, _TEMPORARY)), (self.folder, (_TEMPORARY,))):
            for entry in os.scandir(folder):
                if any(form.fullmatch(entry.name) for form in own) and not self.index.has_file(entry.name):
                    os.unlink(entry.path)


def plan_id(source: str, number: int) -> str:
    """What tells a plan from all others of a run: 48 bits of a hash of its source and its number there (from 0)."""
    return hashlib.sha256(f"{source}\0{number}".encode()).hexdigest()[:12]


def plan_file(source: str, number: int, title: str) -> str:
    """The file name of a plan: its title, readable and valid on every system, and its id, which makes it unique."""
    return output.file_name(title, f".{plan_id(source, number)}.json", set())


def _locked(path: Path) -> sqlite3.Connection:
    """An exclusive lock that ends with the process, however that ends: SQLite's own, on an empty file."""
    try:
        connection = sqlite3.connect(path, timeout=0, isolation_level=None)
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        cause = "another run is writing to it" if "locked" in str(error) else f"cannot be written ({error})"
        raise UnreadableFileError(str(path.parent), cause) from error
    return connection


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
            yield from file
    except FileNotFoundError:
        return


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def failures(folder: Path) -> Iterator[Entry]:
    """The failed entries of the manifest in an output folder, sorted by source. Raises PlanparseError."""
    if not (folder / MANIFEST).is_file():
        raise UnreadableFileError(str(folder), f"holds no {MANIFEST}")
    index = Index()
    index.load(_lines(folder / MANIFEST))
    for entry in index.entries():
        if entry["error"]:
            yield entry
    index.close()
