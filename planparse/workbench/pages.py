"""The generated tables of docs/rules.md, from the code that they describe.

A table stands between `<!-- table NAME -->` and `<!-- end -->`; `make docs` rewrites it, a test compares it.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from planparse.examples import EXAMPLE_KEYS, INDICATOR_FIELDS, NOT_KEYS, PART_FIELDS, SLOT_OF_KIND, SLOTS
from planparse.packs import KINDS, PACK_KEYS, RULE_KEYS, Allowed, Kind, parts_in
from planparse.rules import folder, load, pack_files
from planparse.workbench.lint import CODES

_FORMS = {
    "words": "words",
    "pattern": "pattern",
    "either": "words, pattern, or both",
    "sides": "pattern, or before and after",
    "nothing": "neither",
}
_MARK = re.compile(r"(<!-- table (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def with_tables(page: str) -> str:
    """The page with each marked table as the code has it now. Raises KeyError for a table that there is not."""
    return _MARK.sub(lambda m: f"{m[1]}{TABLES[m['name']]()}{m[3]}", page)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _keys(keys: dict[str, str]) -> str:
    return _table(("key", "meaning"), ((f"`{key}`", meaning) for key, meaning in keys.items()))


def _kinds() -> str:
    rows = []
    for name, kind in KINDS.items():
        emit = [f"`{key}`: {_values(allowed)}" for key, allowed in kind.emit.items()]
        emit += [f"`{key}` (may be left out): {_values(allowed)}" for key, allowed in kind.optional.items()]
        where = [f"`where.{key}`: {_values(allowed)}" for key, allowed in kind.where.items()]
        rows.append((f"`{name}`", kind.does, _form(kind), "; ".join([*emit, *where]) or "nothing"))
    return _table(("kind", "its rules are", "holds", "says (`emit`), conditions (`where`)"), rows)


def _form(kind: Kind) -> str:
    return "; ".join([_FORMS[kind.form], *(f"`{value}`: {_FORMS[form]}" for value, form in kind.forms.items())])


def _values(allowed: Allowed) -> str:
    if not isinstance(allowed, tuple):
        return "text"
    return " ".join(json.dumps(value).strip('"') for value in allowed)


def _slots() -> str:
    kinds: dict[str, list[str]] = {}
    for kind, slot in SLOT_OF_KIND.items():
        kinds.setdefault(slot, []).append(kind)
    kinds["objectives"] = ["all others"]
    kinds["line"] = kinds["tail"] = ["furniture, by `place`"]
    rows = ((f"`{name}`", slot.place, ", ".join(kinds.get(name, []))) for name, slot in SLOTS.items())
    return _table(("`in`", "stands", "for kinds"), rows)


def _expected() -> str:
    rows = [("an indicator", ", ".join(f"`{name}`" for name in sorted(INDICATOR_FIELDS)))]
    rows += [(f"`{part}`", ", ".join(f"`{name}`" for name in sorted(names))) for part, names in PART_FIELDS.items()]
    return _table(("of", "fields"), rows)


def _parts() -> str:
    return _table(("part", "stands for"), ((f"`{{{n}}}`", f"`{p}`") for n, p in parts_in(folder()).items()))


def _packs() -> str:
    rules = load().rules
    rows = []
    for path in pack_files(folder()):
        text = path.read_text(encoding="utf-8")
        identities = set(re.findall("^- id: (.*)$", text, re.MULTILINE))
        kinds = dict.fromkeys(f"`{rule.kind}`" for rule in rules if rule.id in identities)
        about = " ".join(line.removeprefix("#").strip() for line in text.split("pack:")[0].splitlines())
        rows.append((f"`{path.name}`", about, ", ".join(kinds)))
    return _table(("pack", "about", "kinds"), rows)


TABLES: dict[str, Callable[[], str]] = {
    "packs": _packs,
    "pack-keys": lambda: _keys(PACK_KEYS),
    "rule-keys": lambda: _keys(RULE_KEYS),
    "kinds": _kinds,
    "parts": _parts,
    "example-keys": lambda: _keys(EXAMPLE_KEYS),
    "not-keys": lambda: _keys(NOT_KEYS),
    "slots": _slots,
    "expected": _expected,
    "codes": lambda: _table(("code", "finding"), ((f"`{code}`", meaning) for code, meaning in CODES.items())),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Rewrite the tables of the pages named on the command line."""
    for name in sys.argv[1:] if arguments is None else arguments:
        path = Path(name)
        path.write_text(with_tables(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
