"""docs/batch.md against the code: options, fields, codes, columns, and the SQL it shows."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

import planparse
from batching import batch, fill, manifest, notice
from planparse.batch.command import batch as command
from planparse.batch.rows import KEYS, TABLES

ROOT = Path(__file__).parent.parent
DOC = (ROOT / "docs" / "batch.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
SQL = re.compile(r"^```sql\n(.*?)^```$", re.MULTILINE | re.DOTALL)
QUERIES = SQL.findall(DOC)


def test_every_option_is_documented() -> None:
    options = {name for p in command.params if isinstance(p, click.Option) for name in p.opts}
    section = DOC.partition("## Options")[2].partition("\n## ")[0]
    assert options == set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", section))


def test_every_column_and_key_of_the_tables_is_documented() -> None:
    section = DOC.partition("## The tables")[2]
    for table, columns in TABLES.items():
        row = re.search(rf"^\| `{table}` \| (.*) \|$", section, re.MULTILINE)
        assert row is not None
        assert re.findall(r"`(\w+)`", row[1]) == list(columns)
    keys = section.partition("\n|")[0]
    assert [key for key in re.findall(r"`(\w+)`", keys) if key not in TABLES] == [
        "plan_id", "plan_id", "section_id", "plan_id", "indicator_id", "plan_id", "indicator_id", "position",
        "plan_id", "position",
    ]  # fmt: skip
    assert set(KEYS) == set(TABLES)


def test_every_field_and_code_of_the_manifest_is_documented(tmp_path: Path) -> None:
    batch(fill(tmp_path / "in", 1), "-o", tmp_path / "out")
    [entry] = manifest(tmp_path / "out").values()
    section = DOC.partition("A line of the manifest:")[2].partition("\n## ")[0]
    fields, _, codes = section.partition("| code | cause |")
    documented = [name for head in re.findall(r"^\| (`.*?) \|", fields, re.MULTILINE) for name in head.split(", ")]
    assert [name.strip("`") for name in documented] == list(entry)
    errors = (getattr(planparse, name) for name in planparse.__all__ if name.endswith("Error"))
    known = {error.code for error in errors} - {"error", "rules", "workers"}  # these end a run
    assert set(re.findall(r"`([a-z-]+)`", "".join(re.findall(r"^\| (`.*?) \|", codes, re.MULTILINE)))) == known


def test_the_readme_asks_the_same_questions() -> None:
    assert set(SQL.findall(README)) <= set(QUERIES)


def test_the_three_questions_are_answered(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb", reason="the extra planparse[duckdb] is not installed")
    notices = {"a": ("苏州市", 5), "b": ("张家港市", 7), "c": ("重庆市", 9), "d": ("江北区", 8)}
    (tmp_path / "in").mkdir()
    for name, (region, rate) in notices.items():
        text = notice().replace("安吉县", region).replace("3/10万", f"{rate}/10万")
        (tmp_path / "in" / f"{name}.txt").write_text(text, encoding="utf-8")
    run = batch(tmp_path / "in", "-o", tmp_path / "out", "--table", "duckdb")
    assert run.exit_code == 0, run.stderr
    with duckdb.connect(str(tmp_path / "out" / "plans.duckdb"), read_only=True) as database:
        department, spread, weaker = (database.execute(query).fetchall() for query in QUERIES)
    assert sorted(row[:6] for row in department) == sorted(
        (region, "儿童发展", "小学生近视率", "<=", 38.0, "%") for region, _ in notices.values()
    )
    targets = "苏州市 5/10万以下, 张家港市 7/10万以下, 江北区 8/10万以下, 重庆市 9/10万以下"
    assert spread == [("<=", "/10万", 4, 5.0, 7.5, 9.0, targets)]
    assert weaker == [("张家港市", "妇女发展", "孕产妇死亡率", 7.0, "苏州市", 5.0, "/10万", None)]
