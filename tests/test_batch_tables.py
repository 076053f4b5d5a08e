"""The tables of a run: typed, complete, joined by keys, the same on every run, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from pydantic_core import to_json

from batching import batch, fill
from factories import indicator, plan
from planparse import output
from planparse.batch import tables
from planparse.batch.rows import KEYS, TABLES, rows_of

ROOT = Path(__file__).parent.parent
SAMPLES = sorted((ROOT / "samples").glob("*.txt"))
SHEET = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}

duckdb = pytest.importorskip("duckdb", reason="the extra planparse[duckdb] is not installed")
pytest.importorskip("xlsxwriter", reason="the extra planparse[xlsx] is not installed")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over the samples with every table, in a folder whose name would be a pattern."""
    folder = tmp_path_factory.mktemp("tables") / "out[1]'*"
    run = batch(*SAMPLES, "-o", folder, *(f"--table={each}" for each in tables.FORMATS))
    assert run.exit_code == 0, run.stderr
    names = ("indicators.csv", "plans.xlsx", "parquet", "plans.duckdb")
    assert run.stderr.endswith(f"; {', '.join(str(folder / name) for name in names)}\n")
    return folder


@pytest.fixture(scope="module")
def plans(out: Path) -> list[tuple[str, dict[str, Any]]]:
    """(file, plan) of the run in the order of its manifest."""
    lines = (out / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    files = [each["file"] for line in lines for each in json.loads(line)["plans"]]
    assert len(files) == 9
    return [(file, json.loads((out / "plans" / file).read_bytes())) for file in files]


def sheets(path: Path) -> dict[str, list[list[tuple[str | None, str | None]]]]:
    """Sheet -> rows -> (type, content) of each cell that is there, in the letter of the file format."""
    with zipfile.ZipFile(path) as book:
        names = [s.get("name") for s in etree.fromstring(book.read("xl/workbook.xml")).iterfind(".//s:sheet", SHEET)]
        found = {}
        for number, name in enumerate(names, 1):
            root = etree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            assert root.find(".//s:f", SHEET) is None, "a formula"
            assert root.find(".//s:pane[@state='frozen'][@topLeftCell='A2']", SHEET) is not None
            rows = root.findall(".//s:row", SHEET)
            assert root.find("s:autoFilter", SHEET).get("ref").endswith(str(len(rows)))
            found[name] = [[(c.get("t"), "".join(c.itertext())) for c in row] for row in rows]
        return found


def test_plan_files_are_those_of_extract(out: Path, plans: list[tuple[str, dict[str, Any]]]) -> None:
    as_text = output.FILE_FORMATS["json"][1]
    for file, content in plans:
        assert (out / "plans" / file).read_bytes() == as_text(content).encode()


@given(st.text(), st.integers(), st.floats(min_value=0.0001, max_value=1e15), st.booleans())
def test_any_value_is_written_as_extract_writes_it(words: str, whole: int, number: float, flag: bool) -> None:
    part = {"a": [words, whole, [], {}], "b": {words: number, "c": None, "d": [-number, flag]}}
    assert to_json(part, indent=2).decode() == output.indented(part)


# ---- DuckDB and Parquet ----------------------------------------------------------------------------------------------


def test_every_part_of_every_plan_is_a_row(out: Path, plans: list[tuple[str, dict[str, Any]]]) -> None:
    def sections(part: dict[str, Any]) -> int:
        return sum(1 + sections(each) for each in part["sections"])

    expected = {
        "plans": len(plans),
        "sections": sum(sections(p) for _, p in plans),
        "indicators": sum(len(p["indicators"]) for _, p in plans),
        "responsible_units": sum(len(i["responsible_units"]) for _, p in plans for i in p["indicators"]),
        "observations": sum(len(p["observations"]) for _, p in plans),
        "diagnostics": sum(len(p["diagnostics"]) for _, p in plans),
    }
    with duckdb.connect(str(out / "plans.duckdb"), read_only=True) as database:
        counts = {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}
    assert counts == expected
    assert all(counts.values())


def test_parquet_and_duckdb_hold_the_same_rows(out: Path, tmp_path: Path) -> None:
    shutil.copytree(out / "parquet", tmp_path / "parquet")  # the folder's own name would be taken for a pattern
    with duckdb.connect(str(out / "plans.duckdb"), read_only=True) as database:
        for table in TABLES:
            relation = database.execute(f"SELECT * FROM {table}")
            columns, rows = relation.description, relation.fetchall()
            parquet = database.execute(f"SELECT * FROM '{tmp_path}/parquet/{table}.parquet'")
            assert parquet.description == columns
            assert parquet.fetchall() == rows
            assert len(rows) > 0


def test_values_are_typed_and_whole(out: Path, plans: list[tuple[str, dict[str, Any]]]) -> None:
    with duckdb.connect(str(out / "plans.duckdb"), read_only=True) as database:
        found = database.execute(
            "SELECT p.file, i.indicator_id, i.name, i.value, i.change, i.deadline, i.evidence, i.implied,"
            " list(u.unit ORDER BY u.position) FILTER (u.unit IS NOT NULL)"
            " FROM indicators i JOIN plans p USING (plan_id)"
            " JOIN sections s ON s.plan_id = i.plan_id AND s.section_id = i.section_id"
            " LEFT JOIN responsible_units u ON u.plan_id = i.plan_id AND u.indicator_id = i.indicator_id"
            " GROUP BY ALL"
        ).fetchall()
    expected = [
        (
            file, i["id"], i["name"], i["value"], i["change"], i["deadline"], i["evidence"]["text"], i["implied"],
            i["responsible_units"] or None,
        )
        for file, p in plans for i in p["indicators"]
    ]  # fmt: skip
    found = [(*row[:7], json.loads(row[7]) if row[7] else None, row[8]) for row in found]
    assert sorted(found, key=lambda row: row[:2]) == sorted(expected, key=lambda row: row[:2])


def test_keys_are_declared(out: Path) -> None:
    with duckdb.connect(str(out / "plans.duckdb"), read_only=True) as database:
        declared = database.execute(
            "SELECT table_name, constraint_column_names FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'"
        ).fetchall()
    assert {table: tuple(columns) for table, columns in declared} == KEYS


def test_every_row_has_the_columns_of_its_table() -> None:
    full = plan(indicators=[indicator()])
    rows = list(rows_of(full, "p1", "x.p1.json"))
    assert {table for table, _ in rows} == set(TABLES)
    for table, row in rows:
        assert row.keys() == TABLES[table].keys()
    bare = plan(notice=None, period=None, indicators=[indicator(baseline=None, implied=None)])
    assert [table for table, _ in rows_of(bare, "p1", "x.p1.json")] == [table for table, _ in rows]


def test_tables_without_rows_are_tables_too(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    run = batch(tmp_path / "empty.txt", "-o", tmp_path / "out", *(f"--table={each}" for each in tables.FORMATS))
    assert run.exit_code == 1
    with duckdb.connect(str(tmp_path / "out" / "plans.duckdb"), read_only=True) as database:
        assert database.execute("SELECT count(*) FROM indicators").fetchone() == (0,)
        assert database.execute(f"SELECT * FROM '{tmp_path}/out/parquet/plans.parquet'").fetchall() == []
    assert [len(rows) for rows in sheets(tmp_path / "out" / "plans.xlsx").values()] == [1, 1, 1]
    assert len((tmp_path / "out" / "indicators.csv").read_text(encoding="utf-8-sig").splitlines()) == 1


# ---- XLSX ------------------------------------------------------------------------------------------------------------


def test_the_workbook_holds_what_the_csv_holds(out: Path, plans: list[tuple[str, dict[str, Any]]]) -> None:
    book = sheets(out / "plans.xlsx")
    assert list(book) == ["indicators", "plans", "diagnostics"]
    with (out / "indicators.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.reader(file))
    columns = table[0]
    assert [text for _, text in book["indicators"][0]] == columns
    assert len(book["indicators"]) == len(table)
    for cells, row in zip(book["indicators"][1:], table[1:], strict=True):
        filled = [(name, value) for name, value in zip(columns, row, strict=True) if value]
        assert len(cells) == len(filled)
        for (kind, text), (name, value) in zip(cells, filled, strict=True):
            if name == "change":
                assert (kind, text) == ("b", {"true": "1", "false": "0"}[value])
            elif kind is None:
                assert float(text) == float(value)
            else:
                assert (kind, text) == ("inlineStr", value.removeprefix("'"))
                assert name not in ("value", "value_max", "deadline", "start", "end")
    assert len(book["plans"]) == 1 + len(plans)
    assert len(book["diagnostics"]) == 1 + sum(len(p["diagnostics"]) for _, p in plans)


def test_dates_are_dates(out: Path, plans: list[tuple[str, dict[str, Any]]]) -> None:
    dated = [p for _, p in plans if (p["notice"] or {}).get("issued_on")]
    assert dated
    head, *rows = sheets(out / "plans.xlsx")["plans"]
    assert ("inlineStr", "issued_on") in head
    # 2021-01-01 is day 44197 of Excel's calendar.
    days = [text for row in rows for kind, text in row if kind is None and re.fullmatch(r"4[3-5]\d{3}", text)]
    assert len(days) >= len(dated)


@pytest.mark.parametrize(
    "words", ["=1+1", '=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "http://x", "１", "{=A1}", "7"]
)
def test_text_is_text_in_a_workbook(words: str, tmp_path: Path) -> None:
    (tmp_path / "xlsx.jsonl").write_text(json.dumps(["diagnostics", [words] * 7]) + "\n", encoding="utf-8")
    tables.make_xlsx(tables.Build(tmp_path, "x.xlsx"))
    assert sheets(tmp_path / "x.xlsx")["diagnostics"][1] == [("inlineStr", words)] * 7


def test_a_full_sheet_goes_on_in_another_and_a_long_cell_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_EXCEL_ROWS", 4)
    rows = [["plans", [f"p{n}", "x" * 40_000]] for n in range(7)]
    (tmp_path / "xlsx.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    tables.make_xlsx(tables.Build(tmp_path, "x.xlsx"))
    book = sheets(tmp_path / "x.xlsx")
    assert {name: len(rows) for name, rows in book.items()} == {
        "indicators": 1, "plans": 4, "diagnostics": 1, "plans (2)": 4, "plans (3)": 2,
    }  # fmt: skip
    assert [row[0][1] for name in book if name.startswith("plans") for row in book[name][1:]] == [
        f"p{n}" for n in range(7)
    ]
    assert len(book["plans"][1][1][1] or "") == 32_767


# ---- the same tables again -------------------------------------------------------------------------------------------


def test_tables_are_the_same_bytes_on_every_run(out: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    assert batch(*reversed(SAMPLES), "-o", again, "--table=xlsx", "--table=parquet", "-j", "1").exit_code == 0
    for name in ("indicators.csv", "plans.xlsx", *(f"parquet/{table}.parquet" for table in TABLES)):
        assert (again / name).read_bytes() == (out / name).read_bytes(), name


def test_a_table_that_is_there_is_kept_up_to_date(tmp_path: Path) -> None:
    source, target = fill(tmp_path / "in", 4), tmp_path / "out"
    batch(source, "-o", target, "--table=parquet", "--table=xlsx")
    before = (target / "plans.xlsx").stat().st_mtime_ns
    batch(source, "-o", target)
    assert (target / "plans.xlsx").stat().st_mtime_ns == before, "made again without need"
    fill(source, 6)
    batch(source, "-o", target)
    assert len(sheets(target / "plans.xlsx")["plans"]) == 1 + 12
    assert duckdb.sql(f"SELECT count(*) FROM '{target}/parquet/plans.parquet'").fetchall() == [(12,)]
    assert not (target / ".tables").exists()


def test_a_plan_file_that_was_changed_is_named(tmp_path: Path) -> None:
    source, target = fill(tmp_path / "in", 2), tmp_path / "out"
    batch(source, "-o", target)
    file = min((target / "plans").iterdir())
    file.write_bytes(b"!" * file.stat().st_size)
    (target / "indicators.csv").unlink()
    run = batch(source, "-o", target)
    assert (run.exit_code, run.stderr) == (1, f"plans/{file.name}: was changed: remove it and run again\n")
    file.unlink()
    assert batch(source, "-o", target).exit_code == 0


def test_a_table_whose_package_is_missing_stops_the_run_before_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    run = batch(tmp_path, "-o", tmp_path / "out", "--table", "duckdb")
    assert run.exit_code == 1
    assert run.stderr == "--table duckdb: its writer is missing: pip install 'planparse[duckdb]'\n"
    assert not (tmp_path / "out").exists()
