"""`planparse batch` from outside: what it writes, what it does again and what not, its messages and exit statuses."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

import planparse
from batching import PACK, batch, command, fill, manifest, notice, sabotaged, snapshot
from planparse import output, pipeline
from planparse.batch.writer import plan_file
from planparse.read import read_path

ROOT = Path(__file__).parent.parent


@pytest.fixture
def sabotage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Worker processes whose engine fails on marked texts."""
    for name, value in sabotaged(tmp_path / "sabotage").items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def notices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of twelve notices, in the present folder."""
    monkeypatch.chdir(tmp_path)
    return fill(Path("in"), 12)


# ---- what is written -------------------------------------------------------------------------------------------------


def test_one_file_per_plan_a_table_and_a_manifest(notices: Path) -> None:
    run = batch(notices, "-o", "out")
    assert (run.exit_code, run.stdout) == (0, "")
    assert run.stderr == f"12 files, 24 plans, 36 indicators, 0 failed; {Path('out/indicators.csv')}\n"
    entries = manifest(Path("out"))
    assert len(entries) == 12
    assert sorted(path.name for path in Path("out/plans").iterdir()) == sorted(
        plan["file"] for entry in entries.values() for plan in entry["plans"]
    )
    source = notices / "000.txt"
    plans = pipeline.extract(read_path(source))
    as_text = output.FILE_FORMATS["json"][1]
    written = [Path("out/plans", plan["file"]) for plan in entries["000.txt"]["plans"]]
    assert [path.read_text(encoding="utf-8") for path in written] == [as_text(plan) for plan in plans]
    assert [path.name.split(".")[0] for path in written] == [plan["title"] for plan in plans]
    seconds = entries["000.txt"].pop("seconds")
    assert 0 <= seconds < 10
    assert entries["000.txt"] == {
        "source": str(source),
        "sha256": plans[0]["source"]["sha256"],
        "status": "ok",
        "plans": [
            {"file": p.name, "bytes": p.stat().st_size, "indicators": n, "observations": 0, "diagnostics": 0}
            for p, n in zip(written, (2, 1), strict=True)
        ],
        "indicators": 3,
        "error": None,
        "version": planparse.__version__,
        "rules": entries["000.txt"]["rules"],
    }
    table = Path("out/indicators.csv").read_bytes().decode()
    by_source = [json.loads(line) for line in Path("out/manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    in_order = [json.loads(Path("out/plans", p["file"]).read_bytes()) for entry in by_source for p in entry["plans"]]
    assert table == output.BOM + "".join(output.csv_table(in_order))


def test_the_output_does_not_depend_on_jobs_or_order_or_what_was_there(notices: Path) -> None:
    (notices / "empty.txt").touch()
    assert batch(notices, "-o", "one", "-j", "1").exit_code == 1
    assert batch(notices, "-o", "four", "-j", "4").exit_code == 1
    Path("list").write_text("".join(f"{path}\n" for path in sorted(notices.rglob("*.txt"), reverse=True)))
    assert batch("@list", notices, "-o", "mixed", "-j", "3").exit_code == 1
    for part in (notices / "安吉县", notices / "*.txt", notices):
        batch(part, "-o", "parts")
    expected = snapshot(Path("one"))
    assert len(expected) == 24 + 4
    for other in ("four", "mixed", "parts"):
        assert snapshot(Path(other)) == expected


def test_an_archive_gives_what_its_files_give(notices: Path) -> None:
    with zipfile.ZipFile("in.zip", "w") as archive:
        for path in sorted(notices.rglob("*.txt")):
            archive.write(path, path.relative_to(notices))
    assert batch("in.zip", "-o", "zipped").exit_code == 0
    assert batch(notices, "-o", "plain").exit_code == 0
    zipped, plain = manifest(Path("zipped")), manifest(Path("plain"))
    assert {name: entry["sha256"] for name, entry in zipped.items()} == {n: e["sha256"] for n, e in plain.items()}
    table = Path("zipped/indicators.csv").read_text(encoding="utf-8")
    assert table.replace("in.zip!/", "in/") == Path("plain/indicators.csv").read_text(encoding="utf-8")


def test_same_names_in_different_folders_do_not_collide(tmp_path: Path) -> None:
    for folder in ("a", "b", "a/c"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "notice.txt").write_text(notice(), encoding="utf-8")
    assert batch(tmp_path / "a", tmp_path / "b", "-o", tmp_path / "out").exit_code == 0
    assert len(list((tmp_path / "out" / "plans").iterdir())) == 6


@pytest.mark.parametrize(
    "title", ["CON", "a/b\\c:d*e?f<g>h|i", "规划. ", "规划" * 200, "\u202e规划", "..", "nul.txt", ""]
)
def test_names_of_plans_are_safe_on_windows_too(title: str) -> None:
    name = plan_file("in/a.txt", 0, title)
    base, plan, suffix = name.rsplit(".", 2)
    assert (len(plan), suffix) == (12, "json")
    assert len(name.encode()) <= 255
    assert not set(name) & set('<>:"/\\|?*\u202e')
    assert base.split(".")[0].upper() not in ("CON", "NUL")
    assert name == plan_file("in/a.txt", 0, title)
    assert len({name, plan_file("in/b.txt", 0, title), plan_file("in/a.txt", 1, title)}) == 3


def test_the_output_may_lie_among_the_inputs(notices: Path) -> None:
    for _ in range(2):
        assert batch(".", "-o", ".", "--log-file", "run.log").exit_code == 0
    assert len(manifest(Path())) == 12


def test_the_same_file_twice_counts_once(notices: Path) -> None:
    run = batch(notices / "000.txt", notices, notices, "-o", "out")
    assert run.stderr.startswith("12 files, 24 plans,")


# ---- doing only what is new ------------------------------------------------------------------------------------------


def test_a_second_run_does_only_what_is_new_or_changed(notices: Path) -> None:
    batch(notices, "-o", "out")
    before = snapshot(Path("out"))
    again = batch(notices, "-o", "out")
    assert again.stderr.startswith("12 files (12 unchanged), 24 plans, 36 indicators, 0 failed;")
    assert snapshot(Path("out")) == before
    (notices / "000.txt").write_text(notice(7), encoding="utf-8")
    (notices / "new.txt").write_text(notice(8), encoding="utf-8")
    (notices / "002.txt").touch()
    assert batch(notices, "-o", "out").stderr.startswith("13 files (11 unchanged), 26 plans, 39 indicators, 0 failed;")
    batch(notices, "-o", "fresh")
    assert snapshot(Path("out")) == snapshot(Path("fresh"))
    assert "(" not in batch(notices, "-o", "out", "--force").stderr
    assert snapshot(Path("out")) == snapshot(Path("fresh"))


def test_other_rules_are_a_reason_to_do_it_again(notices: Path) -> None:
    Path("rules").mkdir()
    Path("rules/mine.yaml").write_text(PACK, encoding="utf-8")
    batch(notices, "-o", "out")
    run = batch(notices, "-o", "out", "--rules", "rules")
    assert run.stderr.startswith("12 files, 24 plans,"), run.stderr
    assert {entry["rules"] for entry in manifest(Path("out")).values()} != {None}
    assert batch(notices, "-o", "out", "--rules", "rules").stderr.startswith("12 files (12 unchanged)")
    assert batch(notices, "-o", "out").stderr.startswith("12 files, 24 plans,")


@pytest.mark.parametrize("damage", ["missing plan", "short plan", "missing table", "cut manifest", "nonsense"])
def test_what_is_missing_is_made_good(damage: str, notices: Path) -> None:
    out = Path("out")
    batch(notices, "-o", out)
    before = snapshot(out)
    plan = min((out / "plans").iterdir())
    lines = (out / "manifest.jsonl").read_bytes()
    if damage == "missing plan":
        plan.unlink()
    elif damage == "short plan":
        plan.write_bytes(plan.read_bytes()[:100])
    elif damage == "missing table":
        (out / "indicators.csv").unlink()
    elif damage == "cut manifest":
        (out / "manifest.jsonl").write_bytes(lines[: len(lines) // 2])
    else:
        (out / "manifest.jsonl").write_bytes(b'\x00\xff\n[1]\n{"source": "a"}\n' + lines)
    assert batch(notices, "-o", out).exit_code == 0
    assert snapshot(out) == before


def test_results_of_other_inputs_stay_unless_pruned(notices: Path) -> None:
    batch(notices, "-o", "out")
    (notices / "000.txt").unlink()
    assert batch(notices, "-o", "out").stderr.startswith("11 files (11 unchanged), 22 plans,")
    assert len(manifest(Path("out"))) == 12
    Path("out/plans/mine.json").touch()
    batch(notices, "-o", "out", "--prune")
    assert len(manifest(Path("out"))) == 11
    assert len(list(Path("out/plans").iterdir())) == 23
    Path("out/plans/mine.json").unlink()
    batch(notices, "-o", "fresh")
    assert snapshot(Path("out")) == snapshot(Path("fresh"))


def test_failures_that_may_be_gone_are_tried_again_and_others_not(
    notices: Path, monkeypatch: pytest.MonkeyPatch, sabotage: None
) -> None:
    (notices / "slow.txt").write_text(notice() + "ENDLESS", encoding="utf-8")
    (notices / "none.txt").write_text("今天天气很好。", encoding="utf-8")
    first = batch(notices, "-o", "out", "--timeout", "1")
    assert first.exit_code == 1
    assert {n: e["error"]["code"] for n, e in manifest(Path("out")).items() if e["error"]} == {
        "none.txt": "no-plan",
        "slow.txt": "timeout",
    }
    monkeypatch.delenv("PYTHONPATH")
    second = batch(notices, "-o", "out")
    assert second.exit_code == 1
    assert second.stderr.splitlines()[-1].startswith("14 files (13 unchanged), 26 plans, 39 indicators, 1 failed;")


# ---- what goes wrong -------------------------------------------------------------------------------------------------


def test_a_worker_that_dies_or_hangs_costs_its_file_alone(notices: Path, sabotage: None) -> None:
    for mark in ("KILLED", "ABORTED", "ENDLESS", "DEFECT"):
        (notices / f"{mark}.txt").write_text(notice() + mark, encoding="utf-8")
    run = batch(notices, "-o", "out", "-j", "2", "--timeout", "1.5")
    assert run.exit_code == 1
    assert run.stderr.splitlines() == [
        "in/ABORTED.txt: the worker process died (SIGABRT)",
        "in/DEFECT.txt: KeyError: 'a defect'",
        "in/ENDLESS.txt: took longer than the limit of 1.5 s",
        "in/KILLED.txt: the worker process died (SIGKILL)",
        "16 files, 24 plans, 36 indicators, 4 failed; out/indicators.csv",
    ]
    failed = {name: entry["error"]["code"] for name, entry in manifest(Path("out")).items() if entry["error"]}
    assert failed == {
        "ABORTED.txt": "crash",
        "DEFECT.txt": "internal",
        "ENDLESS.txt": "timeout",
        "KILLED.txt": "crash",
    }
    listed = batch("--failed", "out")
    assert listed.exit_code == 0
    assert [line.split("\t")[:2] for line in listed.stdout.splitlines()] == [
        [f"in/{name}", code] for name, code in sorted(failed.items())
    ]


def test_files_that_cannot_be_read_are_recorded(notices: Path) -> None:
    (notices / "empty.txt").touch()
    (notices / "binary.doc").write_bytes(bytes(range(256)) * 10)
    (notices / "lost.txt").symlink_to("nowhere")
    with zipfile.ZipFile(notices / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.txt", bytes(5_000_000))
        archive.writestr("inner.zip", b"PK\x03\x04")
    run = batch(notices, "none.txt", "no*.doc", "-o", "out")
    assert run.exit_code == 1
    codes = {entry["source"]: entry["error"]["code"] for entry in manifest(Path("out")).values() if entry["error"]}
    assert codes.keys() == {
        "in/a.zip!/bomb.txt", "in/a.zip!/inner.zip", "in/binary.doc", "in/empty.txt", "in/lost.txt", "no*.doc",
        "none.txt",
    }  # fmt: skip
    assert codes["in/a.zip!/bomb.txt"] == "too-large"
    assert {codes[name] for name in ("in/lost.txt", "no*.doc", "none.txt")} == {"unreadable"}
    assert len(run.stderr.splitlines()) == 8
    assert "Traceback" not in run.stderr


def test_many_failures_are_listed_in_part(tmp_path: Path) -> None:
    for n in range(25):
        (tmp_path / f"{n:02}.txt").touch()
    run = batch(tmp_path, "-o", tmp_path / "out", "-q")
    lines = run.stderr.splitlines()
    assert len(lines) == 21
    assert lines[0] == f"{tmp_path}/00.txt: the file is empty"
    assert lines[-1] == f"… and 5 more: planparse batch --failed {tmp_path / 'out'}"
    assert len(batch("--failed", tmp_path / "out").stdout.splitlines()) == 25


@pytest.mark.parametrize(
    "arguments",
    [
        ("in",),
        ("-o", "out"),
        ("in", "-o", "out", "--table", "ods"),
        ("in", "-o", "out", "-j", "0"),
        ("in", "-o", "out", "--timeout", "0"),
        ("in", "--failed", "in"),
        ("--failed", "none"),
        ("in", "-o", "in/000.txt"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], notices: Path) -> None:
    run = batch(*arguments)
    assert (run.exit_code, run.stdout) == (2, "")
    assert "Error: " in run.stderr
    assert not Path("out").exists()


def test_what_stops_a_run_is_one_line(notices: Path) -> None:
    Path("packs").mkdir()
    Path("packs/broken.yaml").write_text("pack: x\nrules: [\n", encoding="utf-8")
    Path("file").touch()
    for arguments, start in (
        ((notices, "-o", "out", "--rules", "packs"), "packs/broken.yaml:"),
        ((notices, "-o", "file/out"), "file/out: cannot be written ("),
        ((notices, "-o", "out", "--log-file", "none/x.log"), "none/x.log: cannot be written ("),
        (("--failed", "in"), "in: holds no manifest.jsonl"),
    ):
        run = batch(*arguments)
        assert (run.exit_code, run.stdout) == (1, "")
        assert run.stderr.startswith(start), run.stderr
        assert len(run.stderr.splitlines()) == 1


def test_two_runs_into_one_folder_do_not_mix(notices: Path, sabotage: None) -> None:
    (notices / "slow.txt").write_text(notice() + "SLOW", encoding="utf-8")
    first = subprocess.Popen(command(notices, "-o", "out"), stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 20
    while not Path("out/manifest.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    second = batch(notices, "-o", "out")
    assert (second.exit_code, second.stderr) == (1, "out: another run is writing to it\n")
    _, said = first.communicate(timeout=30)
    assert (first.returncode, said.splitlines()[-1][:9]) == (0, "13 files,")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_ends_quietly_and_the_next_run_goes_on(notices: Path, sabotage: None) -> None:
    (notices / "slow.txt").write_text(notice() + "ENDLESS", encoding="utf-8")
    run = subprocess.Popen(command(notices, "-o", "out"), stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 20
    while len(list(Path("out").glob("plans/*.json"))) < 10 and time.monotonic() < deadline:
        time.sleep(0.01)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=20)
    assert (run.returncode, said) == (130, "")
    (notices / "slow.txt").unlink()
    assert batch(notices, "-o", "out").exit_code == 0
    batch(notices, "-o", "fresh")
    assert snapshot(Path("out")) == snapshot(Path("fresh"))


@pytest.mark.parametrize("arguments", [["--help"], ["extract", "in/000.txt"], ["batch", "--help"]])
def test_other_commands_load_nothing_of_this_one(arguments: list[str], notices: Path) -> None:
    code = (
        "import sys; from planparse.cli import cli; cli.main(sys.argv[1:], standalone_mode=False);"
        "sys.stderr.write(' '.join(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, check=True, text=True)
    loaded = {name for name in run.stderr.split() if name.startswith("planparse.batch.")}
    assert loaded <= ({"planparse.batch.command"} if "--help" in arguments else set())
    assert not {"sqlite3", "subprocess", "concurrent.futures", "rich", "zipfile"} & set(run.stderr.split())


# ---- progress --------------------------------------------------------------------------------------------------------


def test_a_log_has_a_line_per_file(notices: Path) -> None:
    (notices / "empty.txt").touch()
    batch(notices, "-o", "out", "--log-file", "run.log", "-q")
    batch(notices, "-o", "out", "--log-file", "run.log", "-q")
    lines = [line.split(" ", 1)[1] for line in Path("run.log").read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 28
    assert "failed in/empty.txt: empty: the file is empty" in lines
    assert any(line.startswith("ok in/000.txt: 2 plans, 3 indicators, 0.") for line in lines)
    assert "unchanged in/000.txt" in lines[14:]
    assert lines[-1] == "finished: 13 files (13 unchanged), 24 plans, 36 indicators, 1 failed"


def test_quiet_prints_failures_only(notices: Path) -> None:
    assert batch(notices, "-o", "out", "--quiet").stderr == ""
    (notices / "empty.txt").touch()
    assert batch(notices, "-o", "out", "--quiet").stderr == "in/empty.txt: the file is empty\n"


def test_a_terminal_gets_a_bar(notices: Path) -> None:
    pty = pytest.importorskip("pty", reason="Windows has no pseudo-terminals in the standard library")
    controller, terminal = pty.openpty()
    environment = os.environ | {"COLUMNS": "120", "TERM": "xterm"}
    run = subprocess.Popen(command(notices, "-o", "out"), stderr=terminal, env=environment)
    os.close(terminal)
    seen = b""
    while True:
        try:
            seen += os.read(controller, 65536)
        except OSError:  # the other end is closed
            break
    os.close(controller)
    assert run.wait(timeout=20) == 0
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", seen.decode())
    assert "12/12 files" in text
    assert "24 plans  36 indicators" in text
    assert text.replace("\r", "").rstrip().endswith("12 files, 24 plans, 36 indicators, 0 failed; out/indicators.csv")
