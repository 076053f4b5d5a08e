"""docs/rules.md and the other pages of the workbench agree with the code."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from planparse.cli import cli
from planparse.examples import EXAMPLE_KEYS, NOT_KEYS
from planparse.packs import KINDS, PACK_KEYS, RULE_KEYS
from planparse.workbench.commands import rules
from planparse.workbench.lint import CODES
from planparse.workbench.pages import TABLES, with_tables

ROOT = Path(__file__).parent.parent
RULES = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
WORKBENCH = (ROOT / "docs" / "workbench.md").read_text(encoding="utf-8")


def test_the_tables_are_those_of_the_code() -> None:
    assert with_tables(RULES) == RULES, "run `make docs`"
    assert set(re.findall("<!-- table ([a-z-]+) -->", RULES)) == set(TABLES)


def test_every_key_kind_and_code_is_defined() -> None:
    for name in (*KINDS, *PACK_KEYS, *RULE_KEYS, *EXAMPLE_KEYS, *NOT_KEYS, *CODES):
        assert f"| `{name}` |" in RULES, name


def test_the_hooks_run_commands_that_there_are() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert {hook["id"] for hook in hooks} == set(re.findall("- id: (planparse[a-z-]*)", WORKBENCH))
    for hook in hooks:
        command = [*hook["entry"].split(), *hook["args"]]
        assert command[0] == "planparse"
        assert command[1] in cli.list_commands(None)  # type: ignore[arg-type]  # the context is not used


def test_the_commands_named_are_there() -> None:
    commands = {words.split()[0] for words in re.findall("`planparse ([a-z]+)", WORKBENCH)}
    assert commands <= set(cli.list_commands(None))  # type: ignore[arg-type]  # the context is not used
    assert set(rules.commands) == {"build", "check", "coverage", "list", "new", "show"}
