"""`planparse check`: samples against their expected files and floors, and their update."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from planparse.check import Result, Sample, run, samples_in
from planparse.errors import PlanparseError, UnreadableFileError
from planparse.output import json_array, write_file
from planparse.rules import Rules
from planparse.workbench.floors import Floors, inputs_of, losses, measure
from planparse.workbench.reports import SampleReport


@dataclass(frozen=True, slots=True)
class Options:
    """`only`: names of samples, all where empty; `update`: write what is extracted as expected; `accept_losses`: also
    where that lowers a floor."""

    only: tuple[str, ...] = ()
    update: bool = False
    accept_losses: bool = False


def check(folder: Path, rules: Rules, options: Options) -> Iterator[SampleReport]:
    """Extract every sample of a folder again and compare; a report for each, as it is done.

    With `update`, a sample that gives something else than expected is written, unless it loses something; its floors
    rise with it. Raises UnreadableFileError for a folder without (these) samples, DamagedFileError for broken floors.
    """
    samples = {sample.document.stem: sample for sample in samples_in(folder, with_new=options.update)}
    for name in options.only:
        if name not in samples:
            raise UnreadableFileError(str(folder / name), "is no sample")
    if not samples:
        raise UnreadableFileError(str(folder), "holds no NAME.txt with a NAME.expected.json")
    floors = Floors(folder)
    for name, sample in samples.items():
        if not options.only or name in options.only:
            report = SampleReport(name, str(sample.document))
            try:
                _check(sample, rules, floors, options, report)
            except PlanparseError as error:
                report.error = str(error)
            yield report
    if options.update:
        _write(floors.path, floors.text())


def _check(sample: Sample, rules: Rules, floors: Floors, options: Options, report: SampleReport) -> None:
    name = report.name
    result = run(sample, rules)
    report.differences = result.differences
    changed: list[str] = []
    if sample.expected.exists():
        changed = floors.changed(name, inputs_of(sample))
        if "document" not in changed:
            report.falls = floors.falls(name, measure(result.expected, result.plans))
    if changed and not options.update:
        what = " and ".join(changed)
        report.notes.append(f"{floors.path}: the {what} of {name} changed since its floors were set; check --update")
    if options.update:
        _update(sample, result, floors, options, report)


def _update(sample: Sample, result: Result, floors: Floors, options: Options, report: SampleReport) -> None:
    """Write the sample unless that loses something; what is written is no difference any more."""
    lost = losses(report.falls)
    if lost and not options.accept_losses:
        report.notes.append(
            f"{sample.expected}: not written: {len(lost)} floors would fall; --accept-losses accepts that"
        )
        return
    if result.stale:
        _write(sample.expected, "".join(json_array(result.plans)))
    floors.set(report.name, inputs_of(sample), measure(result.plans, result.plans))
    report.written = True


def _write(path: Path, content: str) -> None:
    try:
        write_file(path, content)
    except OSError as error:
        raise UnreadableFileError(str(path), f"cannot be written ({error.strerror})") from error
