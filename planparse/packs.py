"""Rule packs: the YAML that people edit, read with the line of everything that can be wrong.

`KINDS` says what a rule of each kind holds; docs/rules.md is written from it. Packs may come from anyone: they are read
by YAML's safe loader, hold no aliases, stay in their folder, and every wrong shape is one RulesError.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from planparse._version import __version__
from planparse.errors import RulesError
from planparse.rules import Rule, fingerprint, pack_files

Form = Literal["words", "pattern", "either", "sides", "nothing"]
"""What finds a place in the text: `words`, `pattern`, one or both of them (`either`), or `sides`: `pattern`, or
`before` and `after`; `nothing`: the engine asks for the rule by its id."""

_DIRECTIONS = ("increase", "decrease", "maintain", "control", None)
_COMPARATORS = (">=", ">", "<=", "<", "=", "~")
_ROLES = (
    "preamble", "review", "general", "overall_goal", "indicator_table", "domains", "domain", "objectives", "measures",
    "projects", "implementation", "monitoring", "other",
)  # fmt: skip
UNIT_CLASSES = ("rate", "count", "people", "amount", "time", "age", "points", "times", "ratio")
_CONTEXTS = (
    "deadline", "clause-year", "baseline-year", "drop", "place", "inner-verb", "share-base", "past", "future", "goals",
    "per-head", "rate-noun", "rate-fall", "level-noun", "topic-end", "not-per", "nominal", "promise", "level-mark",
    "each-time", "timed-unit", "in-total", "at-speed", "by", "done-to",
    "completes", "average", "size", "standard", "not-verb", "member-verb", "whole-place", "topic",
    "from", "to", "basis", "conjunction", "further", "new-clause", "every", "each", "grade", "trend-end", "builds",
    "for-whom", "partial", "norm", "giver", "due-after", "joins", "yearly", "and", "among", "of-last", "listed",
    "member", "inside", "opening", "describing", "held", "upgrade", "own-base", "plan-time", "per-many", "goes-on",
)  # fmt: skip
_NUMERALS = (
    "share", "half", "range", "more", "included", "beside", "rate", "label", "not-tenths", "not-bound", "digits-only",
    "built",
    "behind", "placed", "early-bound",
)  # fmt: skip
_TITLE_WORDS = ("kind", "draft", "edition", "also", "wrap", "about", "issues", "letter", "five-year")
_TITLE_PATTERNS = ("notice", "work-report", "issuing", "signature", "lead", "drop", "period", "annex")
_TREND_WORDS = ("adverb", "and", "tail", "lead", "verb", "noun")
_TABLE_WORDS = ("note", "goals", "either", "amount", "fall", "per")
_TABLE_PATTERNS = (
    "title", "signed", "value", "labelled", "numbered-name", "absent", "unit", "bracket", "growth", "of-which",
)  # fmt: skip
_COLUMNS = {
    "number": "item",
    "category": "domain",
    "name": "name",
    "unit": "unit",
    "obligation": "obligation",
    "responsible": "responsible_units",
    "value": "value",
    "baseline": "baseline",
    "change": "change",
    "content": "name",
    "due": "deadline",
    "other": "name",
}
"""Kinds of columns, each with the field of an indicator that it fills."""
_BYTES = 1_000_000
"""Largest pack; the shipped ones stay under 30 KB."""
_LONGEST_PATTERN = 20_000
"""Parts of parts of parts … can make a short pattern long."""
_GROUPS = {"share-base": {"verb", "base", "kept", "restored"}}
"""Named groups that the patterns of a part have, and no others: all patterns of a kind are joined into one."""
_YEAR_GROUPS = ("deadline", "clause-year", "due-after", "baseline-year")

Allowed = tuple[Any, ...] | type[str]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a rule of one kind does and holds.

    `form`: how it finds its place; `forms`: another form for values of `emit.part` or `where.part`; `emit`: the keys it
    must give with the values allowed (`str`: any text); `optional`: keys of `emit` it may give; `where`: keys it may
    give; `asserts`: the fields of an example that show a key of `emit` at work (any one of them; by value in a dict),
    under "" those that show the rule itself; `anchored`: matched from the start of a line, cell or title only.
    """

    does: str
    form: Form
    emit: dict[str, Allowed] = field(default_factory=dict)
    optional: dict[str, Allowed] = field(default_factory=dict)
    where: dict[str, Allowed] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    anchored: bool = False
    asserts: dict[str, tuple[str, ...] | dict[Any, str]] = field(default_factory=dict)


KINDS: dict[str, Kind] = {
    "fold": Kind(
        "characters that are matched as others; the source is never edited",
        "words",
        {"to": str},
        optional={"within": (True,)},
    ),
    "furniture": Kind(
        "lines of the page around a plan; `line`: dropped wherever it stands, `tail`: ends the plan, `contents`: heads"
        " a list that is dropped up to where its first entry stands again",
        "pattern",
        {"place": ("line", "tail", "contents")},
        asserts={"place": ("dropped",)},
        anchored=True,
    ),
    "marker": Kind(
        "numbering at the start of a line; `marker`: its level, outermost first",
        "pattern",
        {"marker": ("chapter", "part", "one", "two", "role", "box", "front", "item", "sub")},
        asserts={"marker": ("section", "item")},
        anchored=True,
    ),
    "role": Kind(
        "what a section with this heading is for; the first rule that matches wins",
        "pattern",
        {"role": _ROLES},
        where={"top": (True,), "box": (True,), "in": _ROLES, "not_in": _ROLES, "targets": ("none",)},
        asserts={"role": ("section.role",)},
    ),
    "run-in": Kind(
        "headings that ran together with their text; `where.part: label`: what ends the words before a colon at the"
        " start of a paragraph",
        "words",
        where={"part": ("label",)},
    ),
    "title": Kind(
        "what plans are called, what their titles hold, and what the notice above them says of them",
        "pattern",
        {"part": (*_TITLE_WORDS, *_TITLE_PATTERNS)},
        optional={"title": str},
        forms=dict.fromkeys(_TITLE_WORDS, "words"),
        asserts={"": ("plan", "notice", "section"), "title": ("plan.title",)},
    ),
    "metadata": Kind(
        "keys of the notice's metadata; `field`: where the value goes, null for keys that only end the value before",
        "words",
        {"field": ("index_number", "document_number", "issuer", "issued_on", "published_on", None)},
        forms={"index_number": "either", "document_number": "either"},
        asserts={"field": ("notice",)},
    ),
    "region": Kind(
        "places at the start of a title or of the issuer's name (issuer), words that only look like one (not), and the"
        " whole country, which is none (whole)",
        "pattern",
        {"part": ("region", "not", "issuer", "whole")},
        forms={"not": "words", "whole": "words"},
        asserts={"part": ("plan.region",)},
        anchored=True,
    ),
    "scale": Kind("scales before a measure word; they stay in the unit", "words"),
    "unit": Kind(
        "units; `unit`: the normalised one where it differs, `class`: how its numbers are read",
        "words",
        {"class": UNIT_CLASSES},
        optional={"unit": str},
        asserts={"unit": ("unit",), "class": ("value",)},
    ),
    "numeral": Kind(
        "words in and around numerals: shares, halves, ranges, what belongs to a unit, measure words that Chinese"
        " numerals do or do not count, words that begin like tenths",
        "words",
        {"part": _NUMERALS},
        optional={"unit": str, "class": UNIT_CLASSES},
        asserts={"unit": ("unit",), "class": ("value",)},
    ),
    "bound": Kind(
        "bounds before or after a number",
        "words",
        {"comparator": _COMPARATORS, "place": ("before", "after")},
        asserts={"comparator": ("comparator",)},
    ),
    "frame": Kind(
        "what makes a number a target: a level to reach, an amount of change, a thing to provide; `bare`: the"
        " comparator of a number without a bound, `keep`: the verb stays in the name",
        "words",
        {"frame": ("level", "change", "provide"), "direction": _DIRECTIONS, "bare": _COMPARATORS},
        optional={"keep": (True, False), "change": (True, False)},
        forms={"level.bare": "pattern", "share.of": "nothing"},
        asserts={
            "frame": ("name", "value"),
            "direction": ("direction",),
            "bare": ("comparator",),
            "keep": ("name",),
            "change": ("change",),
        },
    ),
    "filler": Kind(
        "words that are not part of a name: before it (lead), between name and number (inner), after a thing (tail), at"
        " its end (close, last), inside it (within), before a receiver (to), left of 以及 (rest); `ending`: what makes"
        " a lead word part of the name; `says`: what an inner word says of the number",
        "words",
        {"place": ("lead", "inner", "tail", "close", "last", "within", "to", "rest", "ending")},
        optional={"says": ("respectively", "each", "and")},
        asserts={"place": ("name",), "says": ("name",)},
    ),
    "per": Kind(
        "periods of a frequency or of a yearly change; `where.place: after`: behind the number",
        "words",
        {"per": str},
        where={"place": ("after",)},
        asserts={"per": ("per",)},
    ),
    "context": Kind(
        "what the rest of a sentence says of a number: deadline, base year, words to drop, reports of the past …",
        "pattern",
        {"part": _CONTEXTS},
        forms={"inside": "words", "opening": "words", "describing": "words"},
    ),
    "holder": Kind(
        "nouns whose measures stand in a list; `where.part: qualifier`: qualifiers that cannot hold a measure alone,"
        " `measured`: part of what is measured, `ending`: characters they end with, which no measure begins behind",
        "words",
        where={"part": ("qualifier", "measured", "ending")},
        asserts={"": ("name",)},
    ),
    "measure": Kind(
        "what a measured name ends with; `where.part: amount`: amounts, which a direction alone does not make targets",
        "words",
        where={"part": ("amount",)},
        asserts={"": ("name",)},
    ),
    "trend": Kind(
        "directions without a number; the one rule with a pattern: held to a standard; `where.part`: words that belong"
        " to the direction (adverb), join two (and), stand behind it (tail) or before a standard (lead), verbs that no"
        " name holds (verb), measures in the words of direction themselves (noun)",
        "either",
        {"direction": _DIRECTIONS},
        where={"part": _TREND_WORDS},
        forms=dict.fromkeys(_TREND_WORDS, "words"),
        asserts={"direction": ("direction",), "": ("value_text", "name")},
    ),
    "guard": Kind(
        "numbers that are no target: inside the match of `pattern`, or with these words `before` and `after` and one of"
        " the `units` classes; `where.unless: bound`: only without a bound; `where.reach`: the pattern protects the"
        " clause (up to , ; or 。) or the part of the sentence (up to ; or 。) that it is found in",
        "sides",
        where={"unless": ("bound",), "reach": ("clause", "sentence")},
    ),
    "head": Kind(
        "head cells of a table and the column they open",
        "either",
        {"column": tuple(_COLUMNS)},
        asserts={"column": dict(_COLUMNS)},
        anchored=True,
    ),
    "cell": Kind(
        "cells of a table that give a direction or a standard instead of a number",
        "pattern",
        {"direction": _DIRECTIONS},
        asserts={"direction": ("direction",)},
        anchored=True,
    ),
    "obligation": Kind(
        "whether a target binds or is expected, in a cell or in a bracket behind it",
        "words",
        {"obligation": ("binding", "expected")},
        asserts={"obligation": ("obligation",)},
    ),
    "table": Kind(
        "titles of tables of targets, what their cells look like, and what the names of rows say of the values",
        "pattern",
        {"part": (*_TABLE_WORDS, *_TABLE_PATTERNS)},
        optional={"per": str},
        forms=dict.fromkeys(_TABLE_WORDS, "words"),
        asserts={"": ("role", "section", "name", "value", "unit"), "per": ("per",)},
        anchored=True,
    ),
    "responsible": Kind(
        "brackets that name responsible units: labelled ones, phrases, the label itself, words in them to strip; how an"
        " office's name ends (organ) or does not yet end (not-organ), and what may stand behind it",
        "pattern",
        {"part": ("labelled", "phrase", "label", "strip", "not-unit", "organ", "not-organ", "behind")},
        forms={"strip": "words", "organ": "words", "not-organ": "words"},
        asserts={"part": ("responsible_units",)},
    ),
}
RULE_KEYS = {
    "id": "name of the rule, words of a-z and 0-9 joined by . or -; never given to another rule",
    "kind": "what the rule does (below); a pack may state one kind for all its rules",
    "why": "the reason, with its source where there is one",
    "words": "list of literal words",
    "pattern": "regular expression over folded text without white space; {name} stands for a part of parts.yaml",
    "before": "guards: regular expression that the words before a number must end with",
    "after": "guards: regular expression that the words after a number must begin with",
    "units": 'guards: classes of units it is about; scale: a bare scale (万), "": no unit',
    "where": "conditions, by kind",
    "when": "folds and responsible brackets: the rule runs only on texts in which this is found; guards with a pattern:"
    " what its match begins with, looked at before the pattern itself",
    "emit": "what the rule says of its match, by kind",
    "status": "draft: reported, but not counted as an error, by `planparse rules check`",
    "examples": "texts and what they must give",
    "not": "texts that must give no indicator, each with its reason",
}
_ONLY_FOR = {"before": ("guard",), "after": ("guard",), "units": ("guard",), "when": ("fold", "guard", "responsible")}
PACK_KEYS = {
    "pack": "the file's name without .yaml",
    "requires": 'oldest version of planparse that reads it: ">=0.1"',
    "kind": "kind of all its rules that state none",
    "parts": "parts.yaml only: names for patterns, usable as {name}, each able to use those above it",
    "rules": "the rules, in the order in which they are tried",
}


# ---------------------------------------------------------------------------------------------------------------------
# YAML


def read_yaml(path: Path) -> Any:
    """The YAML document of a pack; each mapping carries its line as `__line__`. Raises RulesError."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    def construct_mapping(loader: Any, node: Any, deep: bool = False) -> Any:
        mapping = base.construct_mapping(loader, node, deep=deep)
        mapping["__line__"] = node.start_mark.line + 1
        return mapping

    # Made by a call, as which of the two loaders it extends is known at run time only.
    loader: Any = type("Loader", (base,), {"construct_mapping": construct_mapping})
    text = _text(path)
    try:
        if "*" in text and any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, base)):
            # An alias of an alias of an alias … makes a few lines stand for gigabytes.
            raise RulesError(str(path), "holds a YAML alias (*name), which packs may not")
        return yaml.load(text, loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RulesError(f"{path}:{line}", f"not valid YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # ValueError: an impossible date or a number of thousands of digits.
        raise RulesError(str(path), f"not valid YAML: {error}") from None


def _text(path: Path) -> str:
    try:
        if not path.resolve().is_relative_to(path.parent.resolve()):
            raise RulesError(str(path), "leads out of the folder of its pack")
        if not path.is_file():
            raise RulesError(str(path), "is not a file")
        if path.stat().st_size > _BYTES:
            raise RulesError(str(path), f"is over the limit of {_BYTES // 1_000_000} MB for one pack")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, RuntimeError) as error:  # RuntimeError: a loop of links
        raise RulesError(str(path), f"cannot be read: {error}") from None


# ---------------------------------------------------------------------------------------------------------------------
# Parts, packs, rules


def parts_in(where: Path) -> dict[str, str]:
    """The named parts that patterns may refer to as {name}: from `parts.yaml`, each able to use the ones above it."""
    path = where / "parts.yaml"
    if not path.is_file():
        return {}
    data = _mapping(read_yaml(path), f"{path}:1", "a pack")
    parts: dict[str, str] = {}
    stored = _mapping(data.get("parts") or {}, f"{path}:1", "parts")
    place = f"{path}:{stored.get('__line__', 1)}"
    for name, value in stored.items():
        if name == "__line__":
            continue
        if not isinstance(name, str) or not re.fullmatch("[a-z][a-z0-9_]*", name) or not isinstance(value, str):
            raise RulesError(place, f"part {name!r} must be a word of a-z, 0-9 and _, and its value a string")
        parts[name] = f"(?:{_fill(value, parts, place)})"
    return parts


def parts_used(pattern: str) -> list[str]:
    """The names of parts in a pattern as it is written."""
    return re.findall(r"\{([a-z][a-z0-9_]*)\}", pattern)


def _fill(pattern: str, parts: dict[str, str], place: str) -> str:
    used = parts_used(pattern)
    for name in used:
        if name not in parts:
            raise RulesError(place, f"unknown part {{{name}}}; known: {', '.join(sorted(parts)) or 'none'}")
    if len(pattern) + sum(len(parts[name]) for name in used) > _LONGEST_PATTERN:
        raise RulesError(place, f"a pattern is over {_LONGEST_PATTERN} characters with its parts filled in")
    return re.sub(r"\{([a-z][a-z0-9_]*)\}", lambda m: parts[m[1]], pattern)


def read_packs(
    where: Path, parts: dict[str, str] | None = None, errors: list[RulesError] | None = None
) -> Iterator[Rule]:
    """The rules of every pack of a folder, checked. `parts`: those the folder's own come on top of.

    Raises RulesError with file, line and cause; with `errors`, puts it there and goes on with the next rule or pack.
    """
    if not where.is_dir():
        raise RulesError(str(where), "is not a folder of rule packs")
    seen: dict[str, str] = {}
    own = dict(parts or {})
    with _collected(errors):
        own |= parts_in(where)
    for path in pack_files(where):
        with _collected(errors):
            for raw, kind, place in raw_rules(path):
                with _collected(errors):
                    rule = _rule(raw, kind, own, place)
                    if rule.id in seen:
                        raise RulesError(place, f"rule id {rule.id!r} is already used at {seen[rule.id]}")
                    seen[rule.id] = place
                    yield rule


@contextmanager
def _collected(errors: list[RulesError] | None) -> Iterator[None]:
    """Put a RulesError of the block into `errors`, if there is such a list."""
    try:
        yield
    except RulesError as error:
        if errors is None:
            raise
        errors.append(error)


def raw_rules(path: Path) -> Iterator[tuple[dict[str, Any], Any, str]]:
    """(rule as written, its kind, `file:line`) of each rule of a pack. Raises RulesError for a wrong outer shape."""
    data = _mapping(read_yaml(path), f"{path}:1", "a pack")
    _no_strange_keys(data, set(PACK_KEYS), f"{path}:1", "a pack")
    if data.get("pack") != path.stem:
        raise RulesError(f"{path}:1", f"pack must be the file's name, {path.stem!r}, not {data.get('pack')!r}")
    _check_requires(data.get("requires"), f"{path}:1")
    stored = data.get("rules") or []
    if not isinstance(stored, list):
        raise RulesError(f"{path}:1", "rules must be a list")
    for raw in stored:
        place = f"{path}:{raw['__line__']}" if isinstance(raw, dict) else f"{path}:1"
        rule = _mapping(raw, place, "a rule")
        yield rule, rule.get("kind", data.get("kind")), place


def _mapping(value: Any, place: str, what: str) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise RulesError(place, f"{what} is a mapping, not {type(value).__name__}")
    return value


def _no_strange_keys(mapping: dict[Any, Any], allowed: set[str], place: str, what: str) -> None:
    strange = sorted(str(key) for key in mapping if key not in allowed and key != "__line__")
    if strange:
        raise RulesError(place, f"{what} has no key {strange[0]!r}; allowed: {', '.join(sorted(allowed))}")


def _check_requires(requires: Any, place: str) -> None:
    match = re.fullmatch(r">=([0-9]{1,9}(?:\.[0-9]{1,9})*)", requires) if isinstance(requires, str) else None
    if not match:
        raise RulesError(place, f'requires must read ">=VERSION", not {requires!r}')
    wanted = tuple(int(n) for n in match[1].split("."))
    if wanted > tuple(int(n) for n in re.findall("[0-9]+", __version__)):
        raise RulesError(place, f"needs planparse {match[1]} or newer; this is {__version__}")


def _rule(raw: dict[str, Any], kind_name: Any, parts: dict[str, str], place: str) -> Rule:
    _no_strange_keys(raw, set(RULE_KEYS), place, "a rule")
    identity = raw.get("id")
    if not isinstance(identity, str) or not re.fullmatch(r"[a-z0-9]+([.-][a-z0-9]+)*", identity):
        raise RulesError(place, f"id must be words of a-z and 0-9 joined by . or -, not {identity!r}")
    if not isinstance(kind_name, str) or kind_name not in KINDS:
        raise RulesError(place, f"rule {identity}: kind {kind_name!r} is not one of {', '.join(sorted(KINDS))}")
    what = f"rule {identity}:"
    kind = KINDS[kind_name]
    if not raw.get("why") or not isinstance(raw["why"], str):
        raise RulesError(place, f"{what} has no reason (why)")
    if raw.get("status") not in (None, "draft"):
        raise RulesError(place, f"{what} status {raw['status']!r} is not draft")
    for key, only in _ONLY_FOR.items():
        if key in raw and kind_name not in only:
            raise RulesError(place, f"{what} {key} is for rules of kind {' or '.join(only)}")
    emit = _emit(raw, kind, what, place)
    where = _where(raw, kind, what, place)
    words = raw.get("words") or []
    if not isinstance(words, list) or not all(isinstance(w, str) and w for w in words):
        raise RulesError(place, f"{what} words must be a list of non-empty strings")
    if kind_name == "fold" and any(len(w) != len(emit["to"]) for w in words):
        raise RulesError(place, f"{what} words and emit.to must have the same length")
    units = raw.get("units") or []
    if not isinstance(units, list) or any(u not in (*UNIT_CLASSES, "scale", "") for u in units):
        raise RulesError(place, f"{what} units must be a list of {', '.join(UNIT_CLASSES)}, scale or an empty string")
    patterns: dict[str, str | None] = {}
    for key in ("pattern", "before", "after", "when"):
        patterns[key] = _pattern(raw[key], parts, emit.get("part"), f"{what} {key}", place) if raw.get(key) else None
    selector = {identity, where.get("part"), emit.get("part"), emit.get("field")}
    form = next((f for value, f in kind.forms.items() if value in selector), kind.form)
    _check_form(form, words, patterns, what, place)
    return Rule(identity, kind_name, words, units=units, where=where, emit=emit, place=place, **patterns)


def _emit(raw: dict[str, Any], kind: Kind, what: str, place: str) -> dict[str, Any]:
    emit = _without_line(_mapping(raw.get("emit") or {}, place, f"{what} emit"))
    known = kind.emit | kind.optional
    for key, value in emit.items():
        if key not in known:
            raise RulesError(place, f"{what} emit has no key {key!r}; allowed: {', '.join(known) or 'none'}")
        _check_value(value, known[key], f"{what} emit.{key}", place)
    missing = [key for key in kind.emit if key not in emit]
    if missing:
        raise RulesError(place, f"{what} emit must say {missing[0]}")
    return emit


def _where(raw: dict[str, Any], kind: Kind, what: str, place: str) -> dict[str, Any]:
    where = _without_line(_mapping(raw.get("where") or {}, place, f"{what} where"))
    for key, value in where.items():
        if key not in kind.where:
            raise RulesError(place, f"{what} where has no key {key!r}; allowed: {', '.join(kind.where) or 'none'}")
        for one in value if key in ("in", "not_in") and isinstance(value, list) else [value]:
            _check_value(one, kind.where[key], f"{what} where.{key}", place)
        if key in ("in", "not_in") and not isinstance(value, list):
            raise RulesError(place, f"{what} where.{key} is a list of roles")
    return where


def _check_value(value: Any, allowed: Allowed, what: str, place: str) -> None:
    if isinstance(allowed, tuple):
        # `True == 1`: the type counts too.
        if not any(value == one and type(value) is type(one) for one in allowed):
            shown = ", ".join("null" if one is None else str(one) for one in allowed)
            raise RulesError(place, f"{what}: {value!r} is not one of {shown}")
    elif not isinstance(value, str) or not value:
        raise RulesError(place, f"{what} must be text, not {value!r}")


def _check_form(form: Form, words: list[str], patterns: dict[str, str | None], what: str, place: str) -> None:
    has = {"words"} if words else set()
    has |= {key for key in ("pattern", "before", "after") if patterns[key] is not None}
    if form == "sides":
        right = has == {"pattern"} or (has and has <= {"before", "after"})
        wanted = "a pattern, or before and after"
    elif form == "either":
        right = bool(has) and has <= {"words", "pattern"}
        wanted = "words or a pattern or both"
    else:
        right = has == ({form} if form != "nothing" else set())
        wanted = {"words": "words and no pattern", "pattern": "a pattern and no words"}.get(form, "no words or pattern")
    if not right:
        raise RulesError(place, f"{what} must have {wanted}")


def _without_line(mapping: dict[Any, Any]) -> dict[Any, Any]:
    return {key: value for key, value in mapping.items() if key != "__line__"}


def _pattern(pattern: Any, parts: dict[str, str], part: Any, what: str, place: str) -> str:
    if not isinstance(pattern, str):
        raise RulesError(place, f"{what} is not a string")
    banned = re.search(r"(?<!\\)(?:\\\\)*(\\[bBdDsSwW])", pattern)
    if banned:
        raise RulesError(
            place, f"{what} uses {banned[1]}, which does not mean the same in Chinese text; use the parts of parts.yaml"
        )
    alone = re.search(r"(?<!\\)(?:\\\\)*(\\[1-9]|\(\?P=|\(\?\(|\(\?[aiLmsux]+\))", pattern)
    if alone:
        raise RulesError(place, f"{what} uses {alone[1]}, which cannot be joined with the patterns of other rules")
    filled = _fill(pattern, parts, place)
    try:
        compiled = re.compile(filled)
    except (re.error, RecursionError, OverflowError) as error:
        raise RulesError(place, f"{what} does not compile: {error}") from None
    if set(compiled.groupindex) != _GROUPS.get(part, set()):
        wanted = ", ".join(sorted(_GROUPS.get(part, ()))) or "none"
        raise RulesError(place, f"{what} must have these named groups: {wanted}")
    if part in _YEAR_GROUPS and not 0 < compiled.groups == pattern.count("({year})"):
        raise RulesError(place, f"{what} must have groups, each of them ({{year}})")
    return filled


# ---------------------------------------------------------------------------------------------------------------------
# The snapshot


def snapshot_text(where: Path) -> str:
    """What `packs.json` of the folder must hold: one rule per line, so that a change shows as one line.

    Raises RulesError when a pack is broken.
    """
    lines = []
    for rule in read_packs(where):
        kept = {k: getattr(rule, k) for k in Rule.__slots__ if k != "place" and getattr(rule, k)}
        lines.append(json.dumps(kept, ensure_ascii=False, sort_keys=True))
    return f'{{"fingerprint": "{fingerprint(where)}", "rules": [\n' + ",\n".join(lines) + "\n]}\n"
