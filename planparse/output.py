"""How plans leave the program: JSON, JSON Lines, CSV and a table for the terminal, to standard output or to files.

The functions here take the engine's dicts (the output contract, docs/output.md) and yield text; nothing is computed
again and no model is built. Each import that only one format needs stands inside its function, because a cold run
for JSON must not pay for it.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from json.encoder import encode_basestring

TYPE_CHECKING = False  # importing typing costs 3 ms of every start
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    Plan = dict[str, Any]
    Writer = Callable[[Iterable[Plan]], Iterator[str]]

BOM = "\ufeff"
"""Opens a CSV file, or Excel takes it for the system's old code page."""

CLOSED_PIPE = 141
"""Exit status when the reader of standard output went away, as shells report it: 128 + SIGPIPE."""

MAX_NAME_BYTES = 150
"""Length of a file name before its suffix, in UTF-8: file systems take 255, and copies and archives add to it."""

# The first characters that make a spreadsheet take a cell for a formula (OWASP, «CSV Injection»), the full-width forms
# included: Excel with East Asian settings reads them alike.
_FORMULA = tuple("=+-@＝＋－＠")

_BOUNDS = {">=": "≥ ", ">": "> ", "<=": "≤ ", "<": "< ", "~": "≈ "}
_SIGNS = {"increase": "+", "decrease": "−"}

_WINDOWS_FORBIDDEN = '<>:"/\\|?*'
_WINDOWS_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in "123456789¹²³")}

CSV_COLUMNS = (
    "source", "plan", "region", "subject", "period_start", "period_end", "id", "name", "domain", "role", "section_id",
    "item", "origin", "kind", "comparator", "value", "value_max", "unit", "per", "direction", "change",
    "baseline_value", "baseline_unit", "baseline_year", "deadline", "obligation", "responsible_units", "value_text",
    "evidence", "start", "end", "page", "implied", "rule",
)  # fmt: skip
"""Columns of the CSV form, one row per indicator; docs/output.md tells how they follow from the fields."""


def indented(value: Any, margin: str = "\n") -> str:
    """What `json.dumps(value, ensure_ascii=False, indent=2)` gives for dicts with string keys, lists and scalars.

    `json` indents in Python, one generator per level; this takes half the time, which is felt in a cold run.
    `margin`: a line break and the indentation that the value starts with.
    """
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None:
        return "null"
    inner = margin + "  "
    if isinstance(value, dict) and value:
        fields = [f"{encode_basestring(key)}: {indented(each, inner)}" for key, each in value.items()]
        return "{" + inner + ("," + inner).join(fields) + margin + "}"
    if isinstance(value, list) and value:
        return "[" + inner + ("," + inner).join([indented(each, inner) for each in value]) + margin + "]"
    return int.__repr__(value) if type(value) is int else json.dumps(value)


def json_array(plans: Iterable[Plan]) -> Iterator[str]:
    """One JSON array of all plans, indented; nothing at all when there is no plan."""
    opened = False
    for plan in plans:
        yield ",\n  " if opened else "[\n  "
        yield indented(plan, "\n  ")
        opened = True
    if opened:
        yield "\n]\n"


def json_lines(plans: Iterable[Plan]) -> Iterator[str]:
    """One plan a line."""
    for plan in plans:
        yield json.dumps(plan, ensure_ascii=False, separators=(",", ":")) + "\n"


def csv_table(plans: Iterable[Plan], *, head: bool = True) -> Iterator[str]:
    """A head row and one row per indicator; nothing at all when there is no plan. `head`: False leaves it out."""
    import csv
    import io

    opened = not head
    for plan in plans:
        page = io.StringIO()
        writer = csv.DictWriter(page, CSV_COLUMNS)
        if not opened:
            writer.writeheader()
            opened = True
        writer.writerows(_csv_row(plan, indicator) for indicator in plan["indicators"])
        yield page.getvalue()


def _csv_row(plan: Plan, indicator: dict[str, Any]) -> dict[str, Any]:
    row = indicator_row(plan, indicator)
    row["change"] = "true" if row["change"] else "false"
    return {column: value if column == "comparator" else _no_formula(value) for column, value in row.items()}


def indicator_row(plan: Plan, indicator: dict[str, Any]) -> dict[str, Any]:
    """One row of a table of indicators, the columns those of CSV_COLUMNS: scalars, with nested fields spread out."""
    period, baseline, evidence = plan["period"] or {}, indicator["baseline"] or {}, indicator["evidence"]
    row: dict[str, Any] = {column: indicator[column] for column in CSV_COLUMNS if column in indicator}
    row |= {
        "source": plan["source"]["path"],
        "plan": plan["title"],
        "region": plan["region"],
        "subject": plan["subject"],
        "period_start": period.get("start"),
        "period_end": period.get("end"),
        "baseline_value": baseline.get("value"),
        "baseline_unit": baseline.get("unit"),
        "baseline_year": baseline.get("year"),
        "responsible_units": "、".join(indicator["responsible_units"]),
        "evidence": evidence["text"],
        "start": evidence["start"],
        "end": evidence["end"],
        "page": evidence["page"],
        "implied": json.dumps(indicator["implied"], ensure_ascii=False) if indicator["implied"] else None,
    }
    return row


def _no_formula(value: object) -> object:
    """A cell's value; text that a spreadsheet would run as a formula gets an apostrophe in front."""
    if isinstance(value, str) and (value.startswith(("\t", "\r", "\n")) or value.lstrip().startswith(_FORMULA)):
        return "'" + value
    return value


def target_text(indicator: dict[str, Any]) -> str:
    """The target in short: `≥ 90 %`, `1-2 所`, `−1 个百分点/年`; the words of the plan where it is qualitative."""
    if indicator["kind"] == "qualitative":
        return str(indicator["value_text"])
    sign = _SIGNS.get(indicator["direction"], "±") if indicator["change"] else ""
    upper = f"-{indicator['value_max']}" if indicator["comparator"] == "range" else ""
    amount = f"{_BOUNDS.get(indicator['comparator'], '')}{sign}{indicator['value']}{upper}"
    unit = f" {indicator['unit']}" if indicator["unit"] else ""
    return amount + unit + (f"/{indicator['per']}" if indicator["per"] else "")


def terminal_table(plans: Iterable[Plan]) -> Iterator[str]:
    """One table per plan for people to read; as wide as the terminal, else 120 columns."""
    import io

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    on_terminal = sys.stdout.isatty()
    for plan in plans:
        period = plan["period"]
        years = f", {period['start']}-{period['end']}" if period else ""
        title = f"{plan['title']} ({len(plan['indicators'])} indicators{years})"
        table = Table(title=Text(title), title_justify="left")
        for heading, ratio in (("#", 1), ("Domain", 3), ("Indicator", 6), ("Target", 4), ("Due", 1), ("Units", 4)):
            table.add_column(heading, ratio=ratio, overflow="fold")
        for indicator in plan["indicators"]:
            cells = (
                "" if indicator["item"] is None else str(indicator["item"]),
                indicator["domain"] or "",
                indicator["name"],
                target_text(indicator),
                str(indicator["deadline"] or ""),
                "、".join(indicator["responsible_units"]),
            )
            table.add_row(*map(Text, cells))  # Text: a bracket in a name is no markup
        page = io.StringIO()
        width = None if on_terminal else 120
        Console(file=page, width=width, force_terminal=on_terminal, legacy_windows=False).print(table)
        yield "".join(line.rstrip() + "\n" for line in page.getvalue().splitlines()) + "\n"


def outline(plan: Plan, text: str) -> str:
    """The section tree of a plan, one section a line with its role, its line in `text`, its items and indicators."""
    found: dict[str, int] = {}
    for indicator in plan["indicators"]:
        found[indicator["section_id"]] = found.get(indicator["section_id"], 0) + 1
    lines = [plan["title"]]

    def add(sections: list[dict[str, Any]], depth: int) -> None:
        for section in sections:
            line = text.count("\n", 0, section["span"]["start"]) + 1
            heading = " ".join(filter(None, (section["number"], section["heading"]))) or "-"
            counts = ((len(section["items"]), "item"), (found.get(section["id"], 0), "indicator"))
            details = [f"line {line}", *(f"{n} {what}{'s' * (n > 1)}" for n, what in counts if n)]
            lines.append(f"{'  ' * depth}{heading}  [{section['role']}]  {', '.join(details)}")
            add(section["sections"], depth + 1)

    add(plan["sections"], 1)
    return "\n".join(lines) + "\n"


FORMATS: dict[str, Writer] = {
    "json": json_array,
    "jsonl": json_lines,
    "table": terminal_table,
    "csv": csv_table,
}
"""What `planparse extract -f NAME` takes."""

FILE_FORMATS: dict[str, tuple[str, Callable[[Plan], str]]] = {
    "json": (".json", lambda plan: indented(plan) + "\n"),
    "csv": (".csv", lambda plan: BOM + "".join(csv_table([plan]))),
}
"""Formats that make one file per plan: the file's suffix, and its text."""


def emit(pieces: Iterable[str], *, bom_in_file: bool = False) -> None:
    """Write to standard output as UTF-8 whatever the locale, each piece at once.

    `bom_in_file`: open with a byte-order mark if standard output is a new regular file (`> x.csv`), not a pipe.
    Ends the run quietly (status 141) when the reader has gone, and with one line (status 1) when the disk is full.
    """
    if sys.stdout is None:
        raise SystemExit("<stdout>: is closed")
    out = sys.stdout.buffer
    mark = BOM if bom_in_file and _is_new_file(out) else ""
    for piece in pieces:
        try:
            out.write((mark + piece).encode())
            out.flush()
        except OSError as error:
            # What Python still holds would be written at exit, with a traceback and a status of its own.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if isinstance(error, BrokenPipeError):
                raise SystemExit(CLOSED_PIPE) from None
            raise SystemExit(f"<stdout>: cannot be written ({error.strerror})") from error
        mark = ""


def _is_new_file(stream: Any) -> bool:
    try:
        status = os.fstat(stream.fileno())
    except OSError:  # a stream in memory has no descriptor
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size == 0


def file_name(title: str, suffix: str, taken: set[str]) -> str:
    """A file name for a plan, readable and valid on Linux, macOS and Windows; unlike every name in `taken`.

    `taken` holds the folded names of this run and gets the new one: names that differ in case alone are one file on
    Windows and macOS.
    """
    import unicodedata

    kept = "".join(
        "_" if c in _WINDOWS_FORBIDDEN or unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c
        for c in unicodedata.normalize("NFC", title)
    )
    base = kept.encode("utf-8")[:MAX_NAME_BYTES].decode("utf-8", "ignore").strip(" .") or "plan"
    if base.split(".")[0].rstrip().upper() in _WINDOWS_DEVICES:
        base = "_" + base
    name, n = base + suffix, 1
    while name.casefold() in taken:
        n += 1
        name = f"{base} ({n}){suffix}"
    taken.add(name.casefold())
    return name


def write_file(path: Path, content: str | bytes) -> None:
    """Write a whole file or none: into a temporary file beside it, which then takes its name. Raises OSError."""
    temporary = path.with_name(f".planparse-{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
