"""The documents tell what the program does: every command shown runs and prints what is shown."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

import planparse
from planparse.cli import cli

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
OUTPUT = (ROOT / "docs" / "output.md").read_text(encoding="utf-8")
ELISION = "..."


def blocks(language: str) -> list[str]:
    """The README's fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def commands() -> list[tuple[str, str]]:
    """Every `$ command` of the README's console blocks with the output shown under it."""
    shown = []
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            shown.append((command, output))
    return shown


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the samples, in which the README's commands may leave files."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "samples", folder / "samples")
    return folder


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where `planparse` means the one under test."""
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "planparse"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m planparse "$@"\n')
    program.chmod(0o755)
    return os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


@pytest.mark.parametrize(("command", "shown"), commands(), ids=[command for command, _ in commands()])
def test_a_command_prints_what_the_readme_shows(
    command: str, shown: str, checkout: Path, environment: dict[str, str]
) -> None:
    run = subprocess.run(
        ["sh", "-c", command],
        cwd=checkout,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        encoding="utf-8",
    )
    assert shown, "the README shows no output"
    pattern = ".*".join(re.escape(piece) for piece in shown.split(ELISION + "\n"))
    assert re.fullmatch(pattern, run.stdout, re.DOTALL), run.stdout
    assert run.returncode == 0


def test_the_opening_example_is_true() -> None:
    paragraph, indicator = blocks("text")[0].strip(), json.loads(blocks("json")[0])
    path = "samples/zhangjiagang.txt"
    assert paragraph in (ROOT / path).read_text(encoding="utf-8").split("\n")
    plans = planparse.parse_file(ROOT / path)
    found = {each.id: each for each in plans[0].indicators}[indicator["id"]]
    assert found.model_dump(mode="json") == indicator
    assert found.evidence.text in paragraph


def test_the_library_example_prints_what_is_shown(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(blocks("python")[0], "README.md", "exec"), {})
    assert capsys.readouterr().out == blocks("text")[1]


def all_commands() -> dict[str, click.Command]:
    """Every command, groups within the group included, by its full name."""
    found: dict[str, click.Command] = {}
    waiting: list[tuple[str, click.Command]] = [("planparse", cli)]
    while waiting:
        name, command = waiting.pop()
        if isinstance(command, click.Group):
            waiting += [(f"{name} {each}", command.commands[each]) for each in command.commands]
        else:
            found[name] = command
    return found


@pytest.mark.parametrize("name", all_commands())
def test_every_command_has_help_and_stands_in_the_readme(name: str) -> None:
    command = all_commands()[name]
    assert command.help
    assert name in README
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.opts}"


def test_every_field_is_explained() -> None:
    schema = planparse.json_schema()
    for model in (schema, *schema["$defs"].values()):
        for field in model["properties"]:
            assert f"`{field}`" in OUTPUT, field
        for field in model["properties"].values():
            for value in field.get("enum", []):
                assert f"`{value}`" in OUTPUT or value in OUTPUT, value


def test_links_lead_somewhere() -> None:
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
            assert link.startswith("https://") or (path.parent / link).exists(), f"{path.name}: {link}"
