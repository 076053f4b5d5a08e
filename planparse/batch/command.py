"""The command `planparse batch`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from planparse.errors import PlanparseError

TABLES = ("xlsx", "parquet", "duckdb")
DEFAULT_TIMEOUT = 1800.0
"""Seconds for one file: a scan of the most pages that are recognised takes 20 minutes."""


@click.command(
    epilog="IN is a folder (searched through and through), a file, a ZIP archive, a glob in quotes (** for any "
    "folders), a URL that fsspec understands, or @LIST: a file with one of these a line (@- for standard input). "
    "Exit status: 0 all good, 1 some files failed, 2 wrong usage."
)
@click.argument("inputs", metavar="IN...", nargs=-1)
@click.option(
    "-o",
    "--output",
    "out",
    metavar="OUT",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the results: plans/, indicators.csv, manifest.jsonl.",
)
@click.option(
    "--table",
    "tables",
    type=click.Choice(TABLES),
    multiple=True,
    help="Write all plans as this, too; may be given more than once.",
)
@click.option(
    "-j", "--jobs", metavar="N", type=click.IntRange(min=1), help="Files at one time (default: one per processor)."
)
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    default=DEFAULT_TIMEOUT,
    show_default=True,
    help="Give up a file that takes longer.",
)
@click.option("--force", is_flag=True, help="Extract every file, also what is there from an earlier run.")
@click.option("--prune", is_flag=True, help="Remove what earlier runs made of files that are not among IN.")
@click.option(
    "--rules",
    "rules_dir",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Add the rule packs (*.yaml) of DIR; a rule with the id of a shipped one replaces it.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Work on the Dask cluster of this scheduler (tcp://HOST:PORT), or on one started here: local.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print failures only.")
@click.option(
    "--log-file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Add a line per file to FILE."
)
@click.option(
    "--failed",
    metavar="OUT",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Print the files that failed in OUT, each with code and cause, and do nothing else.",
)
def batch(inputs: tuple[str, ...], out: Path | None, failed: Path | None, **options: Any) -> None:
    """Extract the plans of many files into a folder, many at a time.

    A second run does only what is new or has changed, and finishes what an interrupted one left.
    """
    if failed is not None:
        if inputs or out:
            raise click.UsageError("--failed takes neither IN nor -o")
        _print_failures(failed)
    elif not inputs or out is None:
        raise click.UsageError("Missing IN." if not inputs else "Missing option '-o'.")
    else:
        _run(inputs, out, options)


def _run(inputs: tuple[str, ...], out: Path, options: dict[str, Any]) -> None:
    from planparse.batch.run import Options, run

    rules = options.pop("rules_dir")
    try:
        report = run(Options(inputs, out, rules=rules, **options))
    except PlanparseError as error:
        _stop(error)
    counts = report.counts
    for entry in report.failures:
        click.echo(f"{entry['source']}: {entry['error']['message']}", err=True)
    if counts.failed > len(report.failures):
        click.echo(f"… and {counts.failed - len(report.failures):,} more: planparse batch --failed {out}", err=True)
    if not options["quiet"]:
        click.echo(f"{counts}; {', '.join(map(str, report.tables))}", err=True)
    sys.exit(1 if counts.failed else 0)


def _print_failures(folder: Path) -> None:
    from planparse import output
    from planparse.batch.writer import failures

    try:
        lines = (f"{e['source']}\t{e['error']['code']}\t{e['error']['message']}\n" for e in failures(folder))
        output.emit(lines)
    except PlanparseError as error:
        _stop(error)


def _stop(error: PlanparseError) -> NoReturn:
    click.echo(str(error), err=True)
    sys.exit(1)
