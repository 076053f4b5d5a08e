"""Findings and differences in the forms that people, GitHub, other programs and CI servers read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from xml.etree import ElementTree

from planparse.check import Difference
from planparse.workbench.floors import Fall
from planparse.workbench.lint import Finding

_LONGEST_SOURCE = 100


@dataclass(slots=True)
class SampleReport:
    """How one sample came out.

    `error`: why it could not be run; `notes`: what else is wrong with it; `written`: its expected file now holds what
    is extracted.
    """

    name: str
    document: str
    differences: list[Difference] = field(default_factory=list)
    falls: list[Fall] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    error: str | None = None
    written: bool = False

    @property
    def same(self) -> bool:
        """Whether all is as expected, at last."""
        return self.written or not (self.differences or self.falls or self.notes or self.error)


# ---------------------------------------------------------------------------------------------------------------------
# Samples


def sample_text(report: SampleReport) -> Iterator[str]:
    """Gains, losses and changes, under those of one line of the document the line itself; then what fell."""
    for _, group in groupby(report.differences, key=lambda difference: difference.line):
        here = list(group)
        yield from (f"{difference}\n" for difference in here)
        if here[0].source:
            yield f"    | {_cut(here[0].source)}\n"
    yield from (f"{fall}\n" for fall in report.falls)
    yield from (f"{note}\n" for note in report.notes)


def sample_github(report: SampleReport) -> Iterator[str]:
    """One workflow command per difference: an annotation on the sample's line."""
    for d in report.differences:
        yield _annotation("error", d.document, d.line, f"{d.change} {d.what}", str(d).partition(": ")[2])
    for text in (*map(str, report.falls), *report.notes, *([report.error] if report.error else [])):
        yield _annotation("error", report.document, 1, "check", text)


def samples_json(reports: Iterable[SampleReport]) -> str:
    """A JSON array with one object per sample."""
    data = [asdict(report) | {"same": report.same} for report in reports]
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def junit(reports: Sequence[SampleReport]) -> bytes:
    """A JUnit file: one test case per sample; a failure holds its differences, an error why it could not be run."""
    failed = sum(1 for r in reports if not r.same and not r.error)
    broken = sum(1 for r in reports if r.error)
    counts = {"tests": str(len(reports)), "failures": str(failed), "errors": str(broken)}
    suite = ElementTree.Element("testsuite", {"name": "planparse check", **counts})
    for report in reports:
        case = ElementTree.SubElement(suite, "testcase", {"classname": "samples", "name": report.name})
        if report.error:
            ElementTree.SubElement(case, "error", {"message": _xml(report.error)})
        elif not report.same:
            number = len(report.differences) + len(report.falls) + len(report.notes)
            failure = ElementTree.SubElement(case, "failure", {"message": f"{number} differences"})
            failure.text = _xml("".join(sample_text(report)))
    ElementTree.indent(suite)
    return bytes(ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True)) + b"\n"


# ---------------------------------------------------------------------------------------------------------------------
# Rules


def findings_github(findings: Iterable[Finding]) -> Iterator[str]:
    """One workflow command per finding: an annotation on the rule's line."""
    for finding in findings:
        file, _, line = finding.place.rpartition(":")
        place = (file, int(line)) if line.isdigit() else (finding.place, 1)
        yield _annotation(finding.severity, *place, finding.code, finding.message)


def findings_json(findings: Iterable[Finding]) -> str:
    """A JSON array with one object per finding."""
    return json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2) + "\n"


# ---------------------------------------------------------------------------------------------------------------------
# Escapes


def _annotation(severity: str, file: str, line: int, title: str, message: str) -> str:
    """A workflow command; GitHub's toolkit (core/src/command.ts) says what to escape."""
    values = ((",", "%2C"), (":", "%3A"))
    properties = []
    for key, value in (("file", file), ("line", str(line)), ("title", title)):
        escaped = _escaped(value)
        for character, code in values:
            escaped = escaped.replace(character, code)
        properties.append(f"{key}={escaped}")
    return f"::{severity} {','.join(properties)}::{_escaped(message)}\n"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _xml(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\N{REPLACEMENT CHARACTER}", text)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SOURCE else text[: _LONGEST_SOURCE - 1] + "…"
