"""The commands. Each is one library call and one writer; what a command needs is imported when it runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from planparse._version import __version__
from planparse.run import Failures, load_rules, plans_in, read_document, stop, tell

FILES_HELP = "FILE is a path, or - for standard input."

files_argument = click.argument("files", metavar="FILE...", nargs=-1, required=True)
file_argument = click.argument("file", metavar="FILE")
rules_option = click.option(
    "--rules",
    "rules_dir",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Add the rule packs (*.yaml) of DIR; a rule with the id of a shipped one replaces it.",
)


# Commands that live in modules of their own, imported when they are run or listed: name -> module that holds it.
ELSEWHERE = {
    "batch": "planparse.batch.command",
    "check": "planparse.workbench.commands",
    "diff": "planparse.workbench.commands",
    "explain": "planparse.workbench.commands",
    "init": "planparse.workbench.commands",
    "rules": "planparse.workbench.commands",
}


class _Group(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        import importlib

        command: click.Command = getattr(importlib.import_module(ELSEWHERE[cmd_name]), cmd_name)
        return command


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 all good, 1 a file failed or differs, 2 wrong usage. Results go to standard output, "
    "everything else to standard error.",
)
@click.version_option(__version__, message="planparse %(version)s")
def cli() -> None:
    """Turn Chinese government plan documents (规划, 纲要, 行动计划) into data: every target with its value, bound,
    unit, responsible units and the words it stands in."""


@cli.command(epilog=FILES_HELP)
@files_argument
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(["json", "jsonl", "table", "csv"]),
    default="json",
    show_default=True,
    help="json: one array of plans; jsonl: one plan a line; table: for reading; csv: one row per indicator.",
)
@click.option(
    "-o",
    "--output-dir",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write one file per plan into DIR (json or csv), named after the plan, instead of standard output.",
)
@rules_option
def extract(files: tuple[str, ...], form: str, output_dir: Path | None, rules_dir: Path | None) -> None:
    """Print the plans in FILE... with their structure and targets.

    A file that fails is named on standard error and the others still come out.
    """
    from planparse import output

    if output_dir is not None and form not in output.FILE_FORMATS:
        raise click.UsageError(f"-o takes -f {' or '.join(output.FILE_FORMATS)}, not {form}")
    failures = Failures()
    plans = plans_in(files, load_rules(rules_dir), failures)
    if output_dir is None:
        output.emit(output.FORMATS[form](plans), bom_in_file=form == "csv")
    else:
        _write_files(plans, output_dir, form)
    failures.exit()


@cli.command(epilog=FILES_HELP)
@file_argument
def text(file: str) -> None:
    """Print the text of FILE that all offsets refer to.

    It is the decoded source without a byte-order mark and with LF line ends; for plain text nothing else is changed.
    """
    from planparse import output

    failures = Failures()
    with failures.reported():
        output.emit([read_document(file).text])
    failures.exit()


@cli.command(epilog=FILES_HELP)
@file_argument
@rules_option
def outline(file: str, rules_dir: Path | None) -> None:
    """Print the section tree of each plan in FILE, with roles, lines, items and indicators."""
    from planparse import output, pipeline

    rules = load_rules(rules_dir)
    failures = Failures()
    with failures.reported():
        document = read_document(file)
        output.emit([output.outline(plan, document.text) for plan in pipeline.extract(document, rules)])
    failures.exit()


@cli.command()
def schema() -> None:
    """Print the JSON Schema of one plan."""
    import json

    from planparse import output
    from planparse.models import json_schema

    output.emit([json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"])


def _write_files(plans: Iterator[dict[str, Any]], folder: Path, form: str) -> None:
    from planparse import output

    suffix, as_text = output.FILE_FORMATS[form]
    taken: set[str] = set()
    for plan in plans:
        _write(folder / output.file_name(plan["title"], suffix, taken), as_text(plan))


def _write(path: Path, content: str) -> None:
    from planparse import output

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        output.write_file(path, content)
    except OSError as error:
        stop(f"{path}: cannot be written ({error.strerror})")
    tell(f"{path}: written")
