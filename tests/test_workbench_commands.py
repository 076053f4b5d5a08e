"""The commands of the workbench from outside: what they print, and their exit statuses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from packs_of import LESS, NOTICE, STALLS, pack, rule
from planparse import rules
from planparse.cli import cli
from planparse.packs import KINDS
from planparse.workbench.building import build


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    path = tmp_path / "notice.txt"
    path.write_text(NOTICE, encoding="utf-8")
    return path


# ---- explain ---------------------------------------------------------------------------------------------------------


def test_explain_tells_what_made_a_target(notice: Path) -> None:
    told = run("explain", notice, "--line", 10)
    assert told.exit_code == 0
    lines = told.stdout.splitlines()
    assert lines[0].startswith("line 10, indicator ")
    assert "  value      98" in lines
    assert any(line.startswith("  rule       level.reach (") for line in lines)
    assert any(line.startswith("  bound      以上: bound.and-above (") for line in lines)
    assert any(line.startswith("  verb       达到: level.reach (") for line in lines)
    assert "  matched on 失业保险参保率达到「98%以上」。" in lines


def test_explain_tells_what_held_a_number_back(notice: Path) -> None:
    told = run("explain", notice, "--at", NOTICE.index("65岁")).stdout
    assert "no target  in a section of role measures" in told
    assert re.search(r"held back  by guard\.age \(.*non-targets\.yaml:[0-9]+\)", told)
    assert "indicator" not in told


def test_explain_by_id_is_explain_by_place(notice: Path) -> None:
    plans = json.loads(run("extract", notice).stdout)
    for indicator in plans[0]["indicators"]:
        told = run("explain", notice, "--id", indicator["id"])
        assert f"indicator {indicator['id']}: {indicator['name']}" in told.stdout


def test_explain_tells_of_achieved_values(tmp_path: Path) -> None:
    path = tmp_path / "notice.txt"
    text = NOTICE.replace("每年至少组织2次健康讲座", "截至2020年底，失业保险参保率达到96%")
    path.write_text(text, encoding="utf-8")
    told = run("explain", path, "--at", text.index("96%")).stdout
    assert "observation: 失业保险参保率 = 96 %" in told
    assert "context    截至: context.past" in told


@pytest.mark.parametrize(
    ("options", "status", "message"),
    [
        ([], 2, "give one of --line, --at and --id"),
        (["--line", "3", "--at", "4"], 2, "give one of --line, --at and --id"),
        (["--line", "999"], 2, "lines, not 999"),
        (["--at", "99999"], 2, "characters, not 99999"),
        (["--id", "none"], 2, "no indicator has the id none"),
        (["--line", "2"], 0, "no number and no indicator stands there"),
    ],
)
def test_explain_says_what_it_cannot_tell(notice: Path, options: list[str], status: int, message: str) -> None:
    result = run("explain", notice, *options)
    assert (result.exit_code, result.stdout) == (status, "")
    assert message in result.stderr


# ---- rules -----------------------------------------------------------------------------------------------------------


def test_rules_check_has_a_status_and_three_forms(tmp_path: Path) -> None:
    good, bad = pack(tmp_path / "good"), pack(tmp_path / "bad", rule(examples=""))
    assert run("rules", "check", good).exit_code == 0
    text = run("rules", "check", bad)
    place = f"{bad / 'own.yaml'}:4"
    assert (text.exit_code, text.stdout) == (1, f"{place}: no-example: rule own.stalls: has no example\n")
    github = run("rules", "check", bad, "--format", "github")
    assert (
        github.stdout == f"::error file={bad / 'own.yaml'},line=4,title=no-example::rule own.stalls: has no example\n"
    )
    assert json.loads(run("rules", "check", bad, "--format", "json").stdout)[0]["code"] == "no-example"
    assert run("rules", "check", tmp_path).exit_code == 2


def test_rules_list_shows_each_rule(tmp_path: Path) -> None:
    listed = run("rules", "list", "--rules", pack(tmp_path)).stdout.splitlines()
    assert len(listed) == len(rules.load().rules) + 1
    assert any(
        line.startswith("own.unit-stalls ") and line.endswith("Markets are counted in stalls.") for line in listed
    )
    assert all(" bound " in line for line in run("rules", "list", "--kind", "bound").stdout.splitlines())
    assert run("rules", "list", "--kind", "bounds").exit_code == 2


def test_rules_show_shows_source_and_examples(tmp_path: Path) -> None:
    shown = run("rules", "show", "own.unit-stalls", "--rules", pack(tmp_path)).stdout
    assert "  words: [个摊位]" in shown
    assert "ok    每个集贸市场设置女性创业摊位不少于20个摊位" in shown
    failing = STALLS.replace("value: 20", "value: 21")
    assert (
        "value: expected 21, got 20"
        in run("rules", "show", "own.unit-stalls", "--rules", pack(tmp_path, failing)).stdout
    )
    missing = run("rules", "show", "bound.arround")
    assert (missing.exit_code, missing.stdout) == (2, "")
    assert "near to it: bound.around" in missing.stderr


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_rules_new_begins_a_rule_of_each_kind(tmp_path: Path, kind: str) -> None:
    begun = run("rules", "new", "own.begun", "--kind", kind, "--text", "参保率达到95%")
    assert begun.exit_code == 0
    findings = json.loads(run("rules", "check", pack(tmp_path, begun.stdout), "--format", "json").stdout)
    assert [finding["message"] for finding in findings] == ["rule own.begun: has no reason (why)"]


def test_rules_new_refuses_an_id_that_is_taken() -> None:
    taken = run("rules", "new", "bound.around", "--kind", "bound")
    assert (taken.exit_code, taken.stdout) == (2, "")
    assert "the id is used at" in taken.stderr


def test_rules_coverage_has_three_lists(tmp_path: Path) -> None:
    path = tmp_path / "notice.txt"
    path.write_text(NOTICE.replace("每年至少组织2次健康讲座", "完善家庭暴力110处理机制"), encoding="utf-8")
    told = run("rules", "coverage", path).stdout
    idle, alone, left = told.split("\n\n")
    assert re.search(r"^fold\.radicals +never occurs$", idle, re.MULTILINE)
    assert re.search(r"^unit\.permille +never occurs$", idle, re.MULTILINE)
    assert re.search(r"^marker\.item +[0-9]+ lost without it", alone, re.MULTILINE)
    number = f"{path}:14: 110处: 完善家庭暴力110处理机制\n"
    assert left == f"# 1 numbers in sections for targets are claimed by no rule\n{number}"


def test_rules_build_writes_the_snapshot_and_remembers_ids(tmp_path: Path) -> None:
    folder = pack(tmp_path, STALLS + rule())
    assert [path.name for path in build(folder)] == ["packs.json"]
    pack(tmp_path)
    assert [path.name for path in build(folder)] == ["packs.json", "retired-ids.txt"]
    assert (tmp_path / "retired-ids.txt").read_text(encoding="utf-8") == "own.stalls\n"
    assert run("rules", "build", tmp_path).exit_code == 0


# ---- diff, init, check -----------------------------------------------------------------------------------------------


def test_diff_shows_what_a_change_moves(tmp_path: Path, notice: Path) -> None:
    old, new = pack(tmp_path / "old"), pack(tmp_path / "new", STALLS + rule(words="[次]", emit="{class: amount}"))
    (tmp_path / "docs").mkdir()
    notice.rename(tmp_path / "docs" / "notice.txt")
    same = run("diff", old, old, tmp_path / "docs")
    assert (same.exit_code, same.stdout) == (0, "")
    changed = run("diff", rules.folder(), pack(tmp_path / "less", LESS), tmp_path / "docs")
    assert changed.exit_code == 1
    assert 'notice.txt:10: changed indicator 失业保险参保率: comparator: expected ">=", got "="' in changed.stdout
    assert "1 documents" in changed.stderr
    assert run("diff", old, new, tmp_path / "none.txt").exit_code == 2
    assert run("diff", tmp_path / "docs", old, tmp_path / "docs").exit_code == 2


def test_init_lays_out_a_folder_that_checks(tmp_path: Path) -> None:
    assert run("init", tmp_path / "mine").exit_code == 0
    own, samples = tmp_path / "mine" / "rules", tmp_path / "mine" / "samples"
    assert run("rules", "check", own).exit_code == 0
    assert run("check", samples, "--rules", own).exit_code == 0
    assert run("check", samples).exit_code == 1  # the sample needs the pack
    again = run("init", tmp_path / "mine")
    assert again.exit_code == 2
    assert "is there already" in again.stderr


def test_check_writes_reports_and_wants_sense(tmp_path: Path, notice: Path) -> None:
    assert run("check", "--update", notice.parent).exit_code == 0
    report = tmp_path / "report.xml"
    good = run("check", notice.parent, "--junit", report, "--format", "json")
    assert good.exit_code == 0
    assert json.loads(good.stdout)[0]["same"] is True
    assert report.read_bytes().startswith(b"<?xml")
    bad = run("check", notice.parent, "--rules", pack(tmp_path / "less", LESS), "--format", "github")
    assert bad.exit_code == 1
    assert bad.stdout.startswith(f"::error file={notice},line=")
    assert run("check", notice.parent, "--accept-losses").exit_code == 2
    assert run("check", notice.parent, "--junit", tmp_path / "none" / "report.xml").exit_code == 2
    assert run("check", notice.parent, "--only", "other").exit_code == 2
