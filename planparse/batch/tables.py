"""The tables of all plans of a run, made from the plan files: CSV always, XLSX, Parquet and DuckDB when asked for.

Workers turn plan files into rows; the parent appends what they return, in the order of the manifest, to files beside
the output; each format is then made from those files in a worker process of its own, so that no library's memory adds
to the parent's. A table takes its place in one step when it is whole.
"""

from __future__ import annotations

import datetime
import glob
import importlib.util
import json
import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from planparse import output
from planparse.batch.index import Entry
from planparse.batch.pool import Pool, ordered
from planparse.batch.rows import KEYS, TABLES, rows_of
from planparse.batch.writer import PLANS
from planparse.errors import DamagedFileError, MissingReaderError, WorkerLostError

CSV = "indicators.csv"
STAMP = ".tables.json"
_STAGING = ".tables"
_CHUNK = 8  # plan files a call: some 1 MB of JSON

_EXCEL_ROWS = 1_048_576
_EXCEL_CHARACTERS = 32_767
_SHEETS: dict[str, Sequence[str]] = {
    "indicators": output.CSV_COLUMNS,
    "plans": tuple(TABLES["plans"]),
    "diagnostics": ("source", "plan", "code", "severity", "message", "span_start", "span_end"),
}


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some plan files of a run, and the parts that are wanted of them: `csv`, `xlsx` or names of `TABLES`."""

    folder: str
    files: tuple[str, ...]
    parts: tuple[str, ...]

    @property
    def name(self) -> str:
        """The first of the files."""
        return f"{PLANS}/{self.files[0]}"


@dataclass(frozen=True, slots=True)
class Build:
    """One table format to make: from the files in the folder `staging` into `target` there."""

    staging: Path
    target: str

    @property
    def name(self) -> str:
        """What is made."""
        return self.target


def wanted(folder: Path, formats: Collection[str]) -> list[str]:
    """The formats asked for, and those that stand in the folder already: an old table must not outlive its plans.

    Raises MissingReaderError for one that this installation cannot make.
    """
    names = [name for name, each in FORMATS.items() if name in formats or (folder / each.target).exists()]
    for name in names:
        if importlib.util.find_spec(FORMATS[name].needs) is None:
            extra = FORMATS[name].extra
            raise MissingReaderError(f"--table {name}", f"its writer is missing: pip install 'planparse[{extra}]'")
    return names


def build(folder: Path, entries: Iterable[Entry], digest: str, formats: Sequence[str], pool: Pool) -> list[Path]:
    """Make `indicators.csv` and the tables of `formats` (see `wanted`); the paths of all.

    `digest`: of the manifest; when the tables stand for it already, nothing is done.
    Raises OSError, DamagedFileError (a plan file was changed), or what `Pool.submit` raises.
    """
    targets = [CSV, *(FORMATS[each].target for each in formats)]
    paths = [folder / target for target in targets]
    staging = (folder / _STAGING).absolute()
    shutil.rmtree(staging, ignore_errors=True)  # of a run that was killed
    stamp = json.dumps({"manifest": digest, "tables": targets}) + "\n"
    if all(path.exists() for path in paths) and _text(folder / STAMP) == stamp:
        return paths
    staging.mkdir()
    try:
        parts = sorted({"csv"}.union(*(FORMATS[each].parts for each in formats)))
        _stage(folder, entries, staging, parts, pool)
        makers = [pool.submit(FORMATS[each].make, Build(staging, FORMATS[each].target), None) for each in formats]
        for maker in makers:
            maker.result()
        (folder / STAMP).unlink(missing_ok=True)
        for target, path in zip(targets, paths, strict=True):
            if (staging / target).is_dir() and path.exists():
                shutil.rmtree(path)
            os.replace(staging / target, path)
        output.write_file(folder / STAMP, stamp)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return paths


def _stage(folder: Path, entries: Iterable[Entry], staging: Path, parts: Sequence[str], pool: Pool) -> None:
    with ExitStack() as stack:
        files = {part: stack.enter_context((staging / _staged(part)).open("wb")) for part in parts}
        head = ",".join(output.CSV_COLUMNS) + "\r\n"
        files["csv"].write((output.BOM + head).encode())
        names = (plan["file"] for entry in entries for plan in entry["plans"])
        chunks = (Chunk(str(folder), chunk, tuple(parts)) for chunk in _chunks(names))
        for chunk, future in ordered(pool, tabulate, chunks, None):
            try:
                rows = future.result()
            except WorkerLostError:  # a chunk is harmless: whatever ended the worker, another can do it
                rows = pool.submit(tabulate, chunk, None).result()
            for part, content in rows.items():
                files[part].write(content)


def _chunks(names: Iterator[str]) -> Iterator[tuple[str, ...]]:
    while chunk := tuple(islice(names, _CHUNK)):
        yield chunk


def _staged(part: str) -> str:
    return CSV if part == "csv" else f"{part}.jsonl"


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


# ---- in worker processes ---------------------------------------------------------------------------------------------


def tabulate(chunk: Chunk) -> dict[str, bytes]:
    """The rows of some plans by part, as CSV or JSON lines. Raises DamagedFileError."""
    lines: defaultdict[str, list[str]] = defaultdict(list)
    for file in chunk.files:
        try:
            plan = json.loads((Path(chunk.folder) / PLANS / file).read_bytes())
        except (OSError, ValueError) as error:
            raise DamagedFileError(f"{PLANS}/{file}", "was changed: remove it and run again") from error
        if "csv" in chunk.parts:
            lines["csv"].extend(output.csv_table([plan], head=False))
        if "xlsx" in chunk.parts:
            lines["xlsx"].extend(_line([sheet, cells]) for sheet, cells in _sheet_rows(plan, file))
        if "plans" in chunk.parts:
            for table, row in rows_of(plan, _id(file), file):
                lines[table].append(_line(row))
    return {part: "".join(pieces).encode() for part, pieces in lines.items()}


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def _id(file: str) -> str:
    return file.split(".")[-2]


def _sheet_rows(plan: dict[str, Any], file: str) -> Iterator[tuple[str, list[Any]]]:
    for indicator in plan["indicators"]:
        row = output.indicator_row(plan, indicator)
        yield "indicators", [row[column] for column in _SHEETS["indicators"]]
    _, row = next(rows_of(plan, _id(file), file))
    yield "plans", [row[column] for column in _SHEETS["plans"]]
    head = [plan["source"]["path"], plan["title"]]
    for each in plan["diagnostics"]:
        what = [each["code"], each["severity"], each["message"], each["span"]["start"], each["span"]["end"]]
        yield "diagnostics", head + what


def make_xlsx(build: Build) -> None:
    """A workbook for people: typed cells, a frozen head row with filters. Text is text, whatever it begins with."""
    xlsxwriter = importlib.import_module("xlsxwriter")
    options = {"constant_memory": True, "tmpdir": str(build.staging)}
    with xlsxwriter.Workbook(build.staging / build.target, options) as book:
        # The time of writing would make two runs differ.
        book.set_properties({"created": datetime.datetime(2000, 1, 1)})
        sheets = {name: _Sheet(book, name, columns) for name, columns in _SHEETS.items()}
        with (build.staging / _staged("xlsx")).open(encoding="utf-8") as lines:
            for line in lines:
                name, cells = json.loads(line)
                sheets[name].append(cells)
        for sheet in sheets.values():
            sheet.close()


class _Sheet:
    """Rows under a head; a sheet that is full goes on in another, `indicators (2)`."""

    def __init__(self, book: Any, name: str, columns: Sequence[str]) -> None:
        self._book, self._name, self._columns = book, name, columns
        self._head = book.add_format({"bold": True})
        self._date = book.add_format({"num_format": "yyyy-mm-dd"})
        self._dates = {n for n, column in enumerate(columns) if TABLES["plans"].get(column) == "DATE"}
        self._number = 0
        self._open()

    def _open(self) -> None:
        self._number += 1
        name = self._name if self._number == 1 else f"{self._name} ({self._number})"
        self._sheet = self._book.add_worksheet(name)
        self._sheet.freeze_panes(1, 0)
        for column, title in enumerate(self._columns):
            self._sheet.write_string(0, column, title, self._head)
        self._row = 1

    def append(self, cells: Sequence[Any]) -> None:
        if self._row == _EXCEL_ROWS:
            self.close()
            self._open()
        for column, value in enumerate(cells):
            if value is None or value == "":
                continue
            if isinstance(value, str) and column in self._dates:
                self._sheet.write_datetime(self._row, column, datetime.date.fromisoformat(value), self._date)
            elif isinstance(value, str):
                self._sheet.write_string(self._row, column, value[:_EXCEL_CHARACTERS])
            elif isinstance(value, bool):
                self._sheet.write_boolean(self._row, column, value)
            else:
                self._sheet.write_number(self._row, column, value)
        self._row += 1

    def close(self) -> None:
        self._sheet.autofilter(0, 0, self._row - 1, len(self._columns) - 1)


def make_duckdb(build: Build) -> None:
    """A DuckDB database with all tables and their keys. Its bytes differ from run to run: DuckDB numbers its files."""
    with _database(str(build.staging / build.target)) as database:
        for table, columns in TABLES.items():
            fields = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            database.execute(f"CREATE TABLE {table} ({fields}, PRIMARY KEY ({', '.join(KEYS[table])}))")
            database.execute(f"INSERT INTO {table} SELECT * FROM {_staged_table(build, table)}")


def make_parquet(build: Build) -> None:
    """A folder with one Parquet file per table."""
    (build.staging / build.target).mkdir()
    with _database(":memory:") as database:
        for table in TABLES:
            path = _quoted(build.staging / build.target / f"{table}.parquet")
            database.execute(f"COPY (SELECT * FROM {_staged_table(build, table)}) TO {path} (FORMAT parquet)")


def _database(path: str) -> Any:
    duckdb = importlib.import_module("duckdb")
    # One thread: the order of the rows, and so the bytes, must not depend on which of several is first.
    return duckdb.connect(path, config={"threads": 1, "memory_limit": "1GB"})


def _staged_table(build: Build, table: str) -> str:
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in TABLES[table].items())
    path = _quoted(glob.escape(str(build.staging / _staged(table))))
    return f"read_json({path}, format = 'newline_delimited', columns = {{{columns}}})"


def _quoted(path: object) -> str:
    return "'" + str(path).replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class Format:
    """A table format: the file or folder it makes, the module and extra it needs, what it is made from, and how."""

    target: str
    needs: str
    extra: str
    parts: frozenset[str]
    make: Callable[[Build], None]


FORMATS: dict[str, Format] = {
    "xlsx": Format("plans.xlsx", "xlsxwriter", "xlsx", frozenset({"xlsx"}), make_xlsx),
    "parquet": Format("parquet", "duckdb", "duckdb", frozenset(TABLES), make_parquet),
    "duckdb": Format("plans.duckdb", "duckdb", "duckdb", frozenset(TABLES), make_duckdb),
}
"""What `--table` takes."""
