"""The command line from outside: what it prints where, its exit statuses, and what it imports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import planparse
from planparse.cli import cli
from planparse.models import Plan, json_schema

ROOT = Path(__file__).parent.parent
SAMPLES = sorted((ROOT / "samples").glob("*.txt"))
SAMPLE = ROOT / "samples" / "kaiping.txt"
NOTICE = """某市妇女发展规划(2021-2025年)

一、发展领域、主要目标和策略措施

(一)妇女与健康

主要目标:

1.孕产妇死亡率控制在7/10万以下。(责任单位:市卫生健康委、市妇联)
2.妇女常见病筛查率达到80%以上。
"""
SECOND = NOTICE.replace("某市妇女", "某县儿童")


def run(*arguments: str | Path, stdin: bytes | None = None) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(cli, [str(each) for each in arguments], input=stdin)


def program(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run a command as users do."""
    command = [sys.executable, "-m", "planparse", *map(str, arguments)]
    return subprocess.run(command, capture_output="stdout" not in options, check=False, timeout=60, **options)


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    path = tmp_path / "notice.txt"
    path.write_text(NOTICE, encoding="utf-8")
    return path


# ---- results ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_what_is_printed_follows_the_contract_and_the_library(sample: Path) -> None:
    result = run("extract", sample)
    assert (result.exit_code, result.stderr) == (0, "")
    text = run("text", sample).stdout
    printed = json.loads(result.stdout)
    plans = [Plan.model_validate(each, context={"text": text}) for each in printed]
    assert [each.model_dump(mode="json") for each in plans] == printed
    assert planparse.parse_file(str(sample)) == plans


def test_output_is_the_same_run_after_run() -> None:
    outputs = {
        program("extract", SAMPLE, env=os.environ | {"PYTHONHASHSEED": seed, "LC_ALL": locale}).stdout
        for seed, locale in (("1", "C"), ("2", "C.UTF-8"))
    }
    assert len(outputs) == 1
    assert json.loads(outputs.pop())


def test_json_is_indented_and_not_escaped(notice: Path) -> None:
    printed = run("extract", notice).stdout
    assert printed.startswith('[\n  {\n    "schema_version": "1.0",\n    "source": {\n      "path": ')
    assert '"title": "某市妇女发展规划(2021-2025年)"' in printed
    assert printed == json.dumps(json.loads(printed), ensure_ascii=False, indent=2) + "\n"


def test_json_lines(notice: Path) -> None:
    lines = run("extract", "-f", "jsonl", notice, notice).stdout.splitlines()
    assert [json.loads(line)["title"] for line in lines] == ["某市妇女发展规划(2021-2025年)"] * 2


def test_table(notice: Path) -> None:
    printed = run("extract", "-f", "table", notice).stdout
    for words in ("孕产妇死亡率", "≤ 7 /10万", "妇女与健康", "市卫生健康委、市妇联"):
        assert words in printed


def test_csv_has_a_mark_in_a_file_and_none_in_a_pipe(notice: Path, tmp_path: Path) -> None:
    piped = program("extract", "-f", "csv", notice).stdout
    assert piped.startswith(b"source,plan,")
    with (tmp_path / "x.csv").open("wb") as file:
        program("extract", "-f", "csv", notice, stdout=file)
    assert (tmp_path / "x.csv").read_bytes() == b"\xef\xbb\xbf" + piped
    with (tmp_path / "x.csv").open("ab") as file:
        program("extract", "-f", "csv", notice, stdout=file)
    assert (tmp_path / "x.csv").read_bytes() == b"\xef\xbb\xbf" + piped + piped


def test_standard_input_is_a_file_too(notice: Path) -> None:
    [plan] = json.loads(run("extract", "-", stdin=NOTICE.encode("gb18030")).stdout)
    [same] = json.loads(run("extract", notice).stdout)
    assert plan["source"]["path"] == "<stdin>"
    assert plan["indicators"] == same["indicators"]


def test_one_file_per_plan(notice: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text(SECOND, encoding="utf-8")
    out = tmp_path / "new" / "out"
    for _ in range(2):  # a second run writes the same files again
        result = run("extract", "-o", out, notice, other)
        assert (result.exit_code, result.stdout) == (0, "")
        names = ["某县儿童发展规划(2021-2025年).json", "某市妇女发展规划(2021-2025年).json"]
        assert sorted(path.name for path in out.iterdir()) == sorted(names)
    [plan] = json.loads(run("extract", notice).stdout)
    assert json.loads((out / names[1]).read_text(encoding="utf-8")) == plan
    assert run("extract", "-o", out, "-f", "csv", notice).exit_code == 0
    assert (out / "某市妇女发展规划(2021-2025年).csv").read_bytes().startswith(b"\xef\xbb\xbfsource,")


def test_plans_of_one_title_get_files_of_their_own(notice: Path, tmp_path: Path) -> None:
    run("extract", "-o", tmp_path / "out", notice, notice)
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_text_prints_what_offsets_refer_to(tmp_path: Path) -> None:
    path = tmp_path / "crlf.txt"
    path.write_bytes(b"\xef\xbb\xbf" + NOTICE.replace("\n", "\r\n").encode())
    assert program("text", path).stdout == NOTICE.encode()
    assert program("text", SAMPLE).stdout == SAMPLE.read_bytes()


def test_outline(notice: Path) -> None:
    lines = run("outline", notice).stdout.splitlines()
    assert lines[0] == "某市妇女发展规划(2021-2025年)"
    assert "  一、 发展领域、主要目标和策略措施  [domains]  line 3" in lines
    assert "    (一) 妇女与健康  [domain]  line 5" in lines
    assert "      主要目标  [objectives]  line 7, 2 items, 2 indicators" in lines


def test_schema() -> None:
    assert json.loads(run("schema").stdout) == json_schema()


# ---- what goes wrong -------------------------------------------------------------------------------------------------

BAD = {
    "empty": (b"", "the file is empty"),
    "blank": (" \n\u3000\n".encode(), "no text"),
    "binary": (bytes(range(256)) * 64, ""),
    "zeros": (b"\x00" * 5000, ""),
    "undecodable": (b"\xff\xfe\xfa" + NOTICE.encode() + b"\x81\x20\xff" * 40, ""),
    "no plan": ("今天天气很好，我们去公园。\n".encode(), ""),
    "numbers": (b"3.14 " * 2000, ""),
    "one line": (("率" * 200_000).encode(), ""),
}
BAD_FILES = [(name, *content) for name, content in BAD.items()]


def only_a_line(result: Result | subprocess.CompletedProcess[bytes], name: str | Path) -> str:
    """The one line on standard error of a run that failed and printed nothing else."""
    stdout, stderr = result.stdout, result.stderr
    status = result.exit_code if isinstance(result, Result) else result.returncode
    error = stderr.decode() if isinstance(stderr, bytes) else stderr
    assert (status, len(stdout)) == (1, 0)
    [line] = error.splitlines()
    assert line.startswith(str(name))
    assert "Traceback" not in line
    return line


@pytest.mark.parametrize(("name", "content", "cause"), BAD_FILES, ids=lambda value: value if type(value) is str else "")
def test_a_bad_file_is_one_line_on_standard_error(tmp_path: Path, name: str, content: bytes, cause: str) -> None:
    path = tmp_path / f"{name}.txt"
    path.write_bytes(content)
    assert cause in only_a_line(run("extract", path), path)
    assert cause in only_a_line(run("extract", "-f", "csv", path), path)
    only_a_line(run("extract", "-", stdin=content), "<stdin>")


@pytest.mark.parametrize("command", ["extract", "text", "outline"])
def test_a_file_that_is_not_there(command: str, tmp_path: Path) -> None:
    assert "no such file" in only_a_line(run(command, tmp_path / "none.txt"), tmp_path / "none.txt")
    assert "directory" in only_a_line(run(command, tmp_path), tmp_path)


def test_a_file_over_the_limit(notice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planparse.read.MAX_FILE_BYTES", 100)
    monkeypatch.setattr("planparse.read.limits.MAX_FILE_BYTES", 100)
    assert "limit" in only_a_line(run("extract", notice), notice)
    assert "limit" in only_a_line(run("extract", "-", stdin=NOTICE.encode()), "<stdin>")


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_good_files_come_out_beside_bad_ones(notice: Path, tmp_path: Path, form: str) -> None:
    (tmp_path / "empty.txt").touch()
    result = run("extract", "-f", form, tmp_path / "none", notice, tmp_path / "empty.txt", notice, tmp_path)
    good = run("extract", "-f", form, notice, notice)
    assert result.stdout == good.stdout
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == [
        str(tmp_path / "none"),
        str(tmp_path / "empty.txt"),
        str(tmp_path),
    ]
    assert (result.exit_code, good.exit_code) == (1, 0)


def test_a_broken_pack_stops_the_run(notice: Path, tmp_path: Path) -> None:
    packs = tmp_path / "packs"
    packs.mkdir()
    (packs / "mine.yaml").write_text("pack: mine\nrules:\n  - id: [broken\n", encoding="utf-8")
    assert ":4: " in only_a_line(run("extract", "--rules", packs, notice), packs / "mine.yaml")


@pytest.mark.parametrize(
    "arguments",
    [
        ["extract"],
        ["extract", "-f", "xml", str(SAMPLE)],
        ["extract", "-f", "table", "-o", "out", str(SAMPLE)],
        ["extract", "--rules", "no-such-folder", str(SAMPLE)],
        ["extract", "-o", str(SAMPLE), str(SAMPLE)],
        ["text"],
        ["check", "no-such-folder"],
        ["frobnicate"],
        ["--frobnicate"],
    ],
)
def test_wrong_usage_is_status_2(arguments: list[str]) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr


def test_an_output_folder_that_cannot_be_written(notice: Path) -> None:
    line = only_a_line(program("extract", "-o", "/proc/none", notice), "/proc/none")
    assert "cannot be written" in line


def test_a_full_disk() -> None:
    with Path("/dev/full").open("wb") as full:
        result = program("extract", SAMPLE, stdout=full, stderr=subprocess.PIPE)
    assert (result.returncode, result.stderr) == (1, b"<stdout>: cannot be written (No space left on device)\n")


def test_a_closed_pipe_ends_quietly() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    result = program("extract", SAMPLE, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (result.returncode, result.stderr) == (141, b"")


def test_ctrl_c_ends_quietly(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "planparse", "extract", str(pipe)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with pipe.open("wb"):  # returns once the program reads, and then it waits for more
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (130, b"", b"")


# ---- what a run imports ----------------------------------------------------------------------------------------------


def imported(*arguments: str) -> set[str]:
    """Top-level modules, and those of planparse, that a run of the command imports."""
    code = (
        "import sys\nfrom planparse.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return {name for name in result.stderr.split() if "." not in name or name.startswith("planparse")}


def test_each_command_imports_only_what_it_needs() -> None:
    assert not imported("--version") & {"click", "typing", "planparse.cli"}
    assert not imported("--help") & {"pydantic", "rich", "yaml", "planparse.pipeline", "planparse.rules"}
    heavy = {"pydantic", "rich", "yaml", "csv", "jieba", "rjieba", "lxml", "docx", "pdfplumber", "charset_normalizer"}
    assert not imported("extract", str(SAMPLE)) & heavy


# ---- check -----------------------------------------------------------------------------------------------------------


def test_check_tells_what_changed(notice: Path) -> None:
    folder, expected = notice.parent, notice.with_suffix(".expected.json")
    assert run("check", folder).exit_code == 2  # nothing to compare with
    first = run("check", "--update", folder)
    assert (first.exit_code, expected.read_text(encoding="utf-8")) == (0, run("extract", notice).stdout)
    assert f"{notice}:9: new indicator 孕产妇死亡率" in first.stdout

    same = run("check", folder)
    assert (same.exit_code, same.stdout) == (0, "")

    notice.write_text(NOTICE.replace("7/10万以下", "8/10万以下"), encoding="utf-8")
    changed = run("check", folder)
    assert changed.exit_code == 1
    assert f"{notice}:9: changed indicator 孕产妇死亡率: value: expected 7, got 8 (rule " in changed.stdout
    assert "8/10万" not in expected.read_text(encoding="utf-8")

    update = run("check", "--update", folder)
    assert update.exit_code == 0
    assert changed.stdout.startswith(update.stdout)  # and then says that the document is another one
    assert run("check", folder).exit_code == 0


def test_check_names_an_expected_file_that_is_broken(notice: Path) -> None:
    expected = notice.with_suffix(".expected.json")
    for content in ("[{", "[1]", '{"a": 1}', "\x00"):
        expected.write_text(content, encoding="utf-8")
        assert run("check", notice.parent).exit_code == 2
        assert run("check", notice.parent).stderr.startswith(f"{expected}: ")


def test_check_goes_on_after_a_document_that_fails(notice: Path) -> None:
    run("check", "--update", notice.parent)
    (notice.parent / "gone.expected.json").write_text("[]", encoding="utf-8")
    result = run("check", notice.parent)
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        f"{notice.parent / 'gone.txt'}: no such file",
        "2 documents, 0 differences",
    ]
