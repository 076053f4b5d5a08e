"""The commands of the workbench. Exit status of those that compare: 0 the same, 1 different, 2 could not run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planparse.cli import file_argument, rules_option
from planparse.errors import PlanparseError

if TYPE_CHECKING:
    from planparse.document import Document
    from planparse.rules import Rules

DIFFERENT, BROKEN = 1, 2

_folder = click.Path(exists=True, file_okay=False, path_type=Path)
_form = click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(["text", "github", "json"]),
    default="text",
    show_default=True,
    help="github: annotations on the lines of a workflow's files.",
)


@contextmanager
def _or_stop() -> Iterator[None]:
    """End the run with one line on standard error and status 2 when the block raises a PlanparseError."""
    try:
        yield
    except PlanparseError as error:
        click.echo(str(error), err=True)
        sys.exit(BROKEN)


def _emit(pieces: Iterator[str] | list[str]) -> None:
    from planparse import output

    output.emit(pieces)


def _lines(lines: Iterator[str]) -> None:
    _emit(f"{line}\n" for line in lines)


def _located(folder: Path | None) -> Rules:
    from planparse.workbench.versions import located

    return located(folder)


def _document(path: str) -> Document:
    from planparse.run import read_document

    return read_document(path)


# ---------------------------------------------------------------------------------------------------------------------
# check, diff, init


@click.command()
@click.argument("folder", metavar="[DIR]", type=_folder, default=Path("samples"))
@click.option("--only", metavar="NAME", multiple=True, help="This sample alone; may be given again.")
@click.option("--update", is_flag=True, help="Show the differences, then write what is extracted now as expected.")
@click.option("--accept-losses", is_flag=True, help="Let --update also write what lowers a floor.")
@click.option(
    "--junit", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write a JUnit file too."
)
@_form
@rules_option
def check(
    folder: Path,
    only: tuple[str, ...],
    update: bool,
    accept_losses: bool,
    junit: Path | None,
    form: str,
    rules_dir: Path | None,
) -> None:
    """Extract every NAME.txt of DIR (default: samples) again and compare with NAME.expected.json.

    Gains, losses and changes are printed with the document's line and the rule. floors.json in DIR keeps the precision
    and recall that each sample has reached; it only rises. Exit status: 0 the same, 1 different, 2 could not run.
    """
    from planparse import output
    from planparse import rules as packs
    from planparse.workbench import reports, samples

    if accept_losses and not update:
        raise click.UsageError("--accept-losses goes with --update")
    done: list[reports.SampleReport] = []
    with _or_stop():
        options = samples.Options(only, update, accept_losses)
        for report in samples.check(folder, packs.load(rules_dir), options):
            done.append(report)
            if report.error:
                click.echo(report.error, err=True)
            if form != "json":
                _emit((reports.sample_text if form == "text" else reports.sample_github)(report))
    if form == "json":
        _emit([reports.samples_json(done)])
    if junit is not None:
        try:
            output.write_file(junit, reports.junit(done))
        except OSError as error:
            click.echo(f"{junit}: cannot be written ({error.strerror})", err=True)
            sys.exit(BROKEN)
    differences = sum(len(report.differences) for report in done)
    click.echo(f"{len(done)} documents, {differences} differences", err=True)
    if any(report.error for report in done):
        sys.exit(BROKEN)
    sys.exit(0 if all(report.same for report in done) else DIFFERENT)


@click.command()
@click.argument("old_rules", metavar="OLD_RULES", type=_folder)
@click.argument("new_rules", metavar="NEW_RULES", type=_folder)
@click.argument("docs", metavar="DOCS...", nargs=-1, required=True)
def diff(old_rules: Path, new_rules: Path, docs: tuple[str, ...]) -> None:
    """Print what DOCS (files, or folders of them) give otherwise under NEW_RULES than under OLD_RULES.

    A folder with all the rules that the engine needs stands for itself; any other is added to the shipped rules.
    Exit status: 0 the same, 1 different, 2 could not run.
    """
    from planparse.check import Difference
    from planparse.workbench import gains, reports
    from planparse.workbench.versions import version

    found: list[Difference] = []
    failed = False
    with _or_stop():
        old, new = version(old_rules), version(new_rules)
        paths = list(gains.documents_in(docs))
    for path in paths:
        try:
            here = gains.differences(_document(path), old, new)
        except PlanparseError as error:
            click.echo(str(error), err=True)
            failed = True
            continue
        _emit(reports.sample_text(reports.SampleReport(path, path, here)))
        found += here
    for line in gains.summary(found):
        click.echo(line, err=True)
    click.echo(f"{len(paths)} documents, {len(found)} differences", err=True)
    sys.exit(BROKEN if failed else DIFFERENT if found else 0)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def init(folder: Path) -> None:
    """Lay out DIR with a pack of your own, a sample, and what is expected of it."""
    from planparse import rules as packs
    from planparse.workbench import samples
    from planparse.workbench.start import init as lay_out

    with _or_stop():
        for path in lay_out(folder):
            click.echo(f"{path}: written", err=True)
        rules = packs.load(folder / "rules")
        for report in samples.check(folder / "samples", rules, samples.Options(update=True)):
            click.echo(f"{folder / 'samples' / report.name}.expected.json: written", err=True)
    for command in ("rules check {}/rules", "check {0}/samples --rules {0}/rules"):
        click.echo(f"next: planparse {command.format(folder)}", err=True)


# ---------------------------------------------------------------------------------------------------------------------
# explain


@click.command()
@file_argument
@click.option("--line", metavar="N", type=click.IntRange(min=1), help="Everything on line N.")
@click.option("--at", "offset", metavar="OFFSET", type=click.IntRange(min=0), help="What stands at this offset.")
@click.option("--id", "identity", metavar="ID", help="The indicator with this id.")
@rules_option
def explain(file: str, line: int | None, offset: int | None, identity: str | None, rules_dir: Path | None) -> None:
    """Tell why a number of FILE is a target, or what held it back.

    For a target: the rule, the words that carry each field, the folded text they were matched on, and what was
    inferred. For any other number: the guards, the steps taken, and where the reading ended.
    """
    from planparse.workbench import explain as explaining

    if sum(choice is not None for choice in (line, offset, identity)) != 1:
        raise click.UsageError("give one of --line, --at and --id")
    with _or_stop():
        rules = _located(rules_dir)
        document = _document(file)
        span = explaining.span_meant(document, rules, line, offset, identity)
        told = list(explaining.explain(document, rules, *span))
    if not told:
        click.echo("no number and no indicator stands there", err=True)
    _lines(iter(told))


# ---------------------------------------------------------------------------------------------------------------------
# rules


@click.group()
def rules() -> None:
    """Check, list, show and start rules."""


@rules.command("check")
@click.argument("folder", metavar="[DIR]", type=_folder, required=False)
@_form
def rules_check(folder: Path | None, form: str) -> None:
    """Check the packs of DIR (default: those that ship): shape, ids, parts, patterns, and every example.

    Findings read FILE:LINE: CODE: MESSAGE. Exit status: 0 none (or warnings alone), 1 findings, 2 could not run.
    """
    from planparse import rules as packs
    from planparse.workbench import lint, reports

    with _or_stop():
        findings = lint.check(folder or packs.folder())
    if form == "json":
        _emit([reports.findings_json(findings)])
    elif form == "github":
        _emit(reports.findings_github(findings))
    else:
        _lines(map(str, findings))
    errors = sum(1 for finding in findings if finding.severity == "error")
    click.echo(f"{errors} errors, {len(findings) - errors} warnings", err=True)
    sys.exit(DIFFERENT if errors else 0)


@rules.command("list")
@click.option("--kind", metavar="KIND", help="Rules of this kind alone.")
@rules_option
def rules_list(kind: str | None, rules_dir: Path | None) -> None:
    """List all rules: id, kind, place, reason."""
    from planparse.packs import KINDS
    from planparse.workbench import listing

    if kind is not None and kind not in KINDS:
        raise click.UsageError(f"no kind {kind!r}; known: {', '.join(KINDS)}")
    with _or_stop():
        found = list(listing.rules_table(_located(rules_dir), kind))
    _lines(iter(found))


@rules.command("show")
@click.argument("identity", metavar="ID")
@rules_option
def rules_show(identity: str, rules_dir: Path | None) -> None:
    """Show one rule: as written, its patterns with their parts, and how its examples come out."""
    from planparse.workbench import listing

    with _or_stop():
        found = list(listing.rule_page(_located(rules_dir), identity))
    _lines(iter(found))


@rules.command("new")
@click.argument("identity", metavar="ID")
@click.option("--kind", metavar="KIND", required=True, help="What the rule does; docs/rules.md lists the kinds.")
@click.option("--text", metavar="SENTENCE", help="The sentence the rule is written for.")
@rules_option
def rules_new(identity: str, kind: str, text: str | None, rules_dir: Path | None) -> None:
    """Print the YAML of a new rule, to be completed and put into a pack."""
    from planparse.packs import KINDS
    from planparse.workbench import listing

    if kind not in KINDS:
        raise click.UsageError(f"no kind {kind!r}; known: {', '.join(KINDS)}")
    with _or_stop():
        _emit([listing.new_rule(_located(rules_dir), identity, kind, text)])


@rules.command("coverage")
@click.argument("files", metavar="[FILES]...", nargs=-1)
@rules_option
def rules_coverage(files: tuple[str, ...], rules_dir: Path | None) -> None:
    """Tell which rules do nothing on FILES (default: samples), which find what no other finds, and which numbers in
    sections for targets no rule claims."""
    from planparse.workbench import coverage, gains

    with _or_stop():
        loaded = _located(rules_dir)
        documents = [_document(path) for path in gains.documents_in(files or ("samples",))]
        _emit(coverage.report(documents, loaded))


@rules.command("build")
@click.argument("folder", metavar="[DIR]", type=_folder, required=False)
def rules_build(folder: Path | None) -> None:
    """Write packs.json, the compiled form of the shipped packs that programs read."""
    from planparse.workbench import building

    with _or_stop():
        for path in building.build(folder):
            click.echo(f"{path}: written", err=True)
