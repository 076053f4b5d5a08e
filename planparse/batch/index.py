"""What a run knows about its files, on disk: a million entries must not sit in memory.

The index lives in a private temporary database that vanishes with the process; it is built from the manifest, which
alone is kept.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

Entry = dict[str, Any]
"""One line of the manifest; docs/batch.md lists its fields."""


_FIELDS = {"source", "sha256", "status", "plans", "indicators", "error", "version", "rules", "seconds"}


class Index:
    """Entries of the manifest by source name, and which of the names the present run has taken."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)  # an empty name: a temporary file of SQLite's own
        self._db.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE entries (source TEXT PRIMARY KEY, failed INTEGER NOT NULL, line TEXT NOT NULL) WITHOUT ROWID;"
            "CREATE TABLE taken (source TEXT PRIMARY KEY) WITHOUT ROWID;"
            "CREATE TABLE files (name TEXT PRIMARY KEY) WITHOUT ROWID;"
        )

    def close(self) -> None:
        """Forget everything."""
        self._db.close()

    def load(self, lines: Iterable[str]) -> None:
        """Take in the lines of a manifest; the last one of a source counts.

        A line that is none (cut off when the power failed) is left out: its file is simply extracted again.
        """
        self._db.execute("BEGIN")
        for line in lines:
            entry = _parsed(line)
            if entry is not None:
                self.put(entry)
        self._db.execute("COMMIT")

    def put(self, entry: Entry) -> None:
        """Add or replace the entry of a source."""
        row = (entry["source"], entry["status"] != "ok", line_of(entry))
        self._db.execute("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", row)

    def get(self, source: str) -> Entry | None:
        """The entry of a source, if it has one."""
        row = self._db.execute("SELECT line FROM entries WHERE source = ?", (source,)).fetchone()
        return json.loads(row[0]) if row else None

    def take(self, source: str) -> bool:
        """Count a source to the present run; False if it was already."""
        return self._db.execute("INSERT OR IGNORE INTO taken VALUES (?)", (source,)).rowcount == 1

    def drop_others(self) -> None:
        """Remove the entries that are not of the present run."""
        self._db.execute("DELETE FROM entries WHERE source NOT IN (SELECT source FROM taken)")

    def entries(self) -> Iterator[Entry]:
        """All entries, sorted by source (code points), however they came in."""
        for (line,) in self._db.execute("SELECT line FROM entries ORDER BY source"):
            yield json.loads(line)

    def failed(self) -> Iterator[Entry]:
        """The entries of the present run that failed, sorted by source."""
        query = "SELECT line FROM entries JOIN taken USING (source) WHERE failed ORDER BY source"
        for (line,) in self._db.execute(query):
            yield json.loads(line)

    def note_files(self) -> None:
        """Remember the names of all plan files that entries name, for `has_file`."""
        self._db.execute("BEGIN")
        names = ((plan["file"],) for entry in self.entries() for plan in entry["plans"])
        self._db.executemany("INSERT OR IGNORE INTO files VALUES (?)", names)
        self._db.execute("COMMIT")

    def has_file(self, name: str) -> bool:
        """Whether an entry names this plan file."""
        return self._db.execute("SELECT 1 FROM files WHERE name = ?", (name,)).fetchone() is not None


def line_of(entry: Entry) -> str:
    """An entry as a line of the manifest."""
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n"


def _parsed(line: str) -> Entry | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and entry.keys() >= _FIELDS else None
