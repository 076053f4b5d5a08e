"""Loading the rule packs: YAML that people edit, one compiled snapshot that programs read.

A pack is a YAML file in `rules/`; docs/rules.md defines every key. Parsing YAML costs more than parsing a notice, so
`rules/packs.json` holds the same rules without their examples, together with a fingerprint of every pack. A snapshot
whose fingerprints do not match the files beside it is ignored, so an edited pack takes effect at once.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from planparse._version import __version__
from planparse.errors import RulesError

SNAPSHOT = "packs.json"

# Kind of rule -> keys that `emit` may hold and the values allowed (None: any scalar).
_DIRECTIONS = ("increase", "decrease", "maintain", "control", None)
_COMPARATORS = (">=", ">", "<=", "<", "=", "~", "range", None)
KINDS: dict[str, dict[str, tuple[Any, ...] | None]] = {
    "fold": {"to": None},
    "furniture": {"place": ("line", "tail")},
    "marker": {"marker": None},
    "role": {"role": None},
    "run-in": {},
    "title": {"part": None},
    "metadata": {"field": None},
    "scale": {"factor": None},
    "unit": {"unit": None, "class": ("rate", "count", "people", "amount", "time", "age", "points", "times", "ratio")},
    "bound": {"comparator": _COMPARATORS, "place": ("before", "after")},
    "frame": {
        "frame": ("level", "change", "provide"),
        "direction": _DIRECTIONS,
        "bare": _COMPARATORS,
        "keep": (True, False),
        "change": (True, False),
    },
    "filler": {"place": ("lead", "inner", "tail")},
    "per": {"per": None},
    "context": {"part": None},
    "holder": {},
    "measure": {},
    "trend": {"direction": _DIRECTIONS},
    "guard": {},
    "head": {"column": None},
    "cell": {"direction": _DIRECTIONS},
    "table": {},
    "responsible": {"part": None},
    "region": {"part": None},
}
_RULE_KEYS = {
    "id", "kind", "why", "words", "pattern", "before", "after", "where", "emit", "when", "units", "status", "examples",
    "not",
}  # fmt: skip
_PACK_KEYS = {"pack", "requires", "kind", "parts", "rules"}

T = TypeVar("T")


@dataclass(slots=True)
class Rule:
    """One rule. `words`: literals; `pattern`, `before`, `after`: regular expressions with the parts filled in.

    `place`: `file:line` of the rule, for messages.
    """

    id: str
    kind: str
    words: list[str] = field(default_factory=list)
    pattern: str | None = None
    before: str | None = None
    after: str | None = None
    when: str | None = None
    units: list[str] = field(default_factory=list)
    where: dict[str, Any] = field(default_factory=dict)
    emit: dict[str, Any] = field(default_factory=dict)
    place: str = ""


class Rules:
    """All rules of a run, in pack order, with compiled forms that the engine's parts keep here."""

    def __init__(self, rules: list[Rule], fingerprint: str) -> None:
        self.rules = rules
        self.fingerprint = fingerprint
        self._compiled: dict[str, Any] = {}
        self._by_kind: dict[str, list[Rule]] = {}
        for rule in rules:
            self._by_kind.setdefault(rule.kind, []).append(rule)

    def of(self, kind: str) -> list[Rule]:
        """The rules of one kind, in order."""
        return self._by_kind.get(kind, [])

    def compiled(self, key: str, build: Callable[[Rules], T]) -> T:
        """`build(self)`, once per Rules object."""
        if key not in self._compiled:
            self._compiled[key] = build(self)
        value: T = self._compiled[key]
        return value

    @property
    def folds(self) -> list[tuple[str, str]]:
        """(character, folded character) pairs in order."""
        return self.compiled("folds", lambda rules: [p for r in rules.of("fold") for p in _pairs(r)])

    def words(self, kind: str, **emit: Any) -> list[str]:
        """All words of the rules of a kind whose `emit` holds the given values, longest first."""
        found = {w for r in self.of(kind) if all(r.emit.get(k) == v for k, v in emit.items()) for w in r.words}
        return sorted(found, key=lambda w: (-len(w), w))

    def patterns(self, kind: str, **emit: Any) -> list[str]:
        """All patterns of the rules of a kind whose `emit` holds the given values, in order."""
        return [
            r.pattern for r in self.of(kind) if r.pattern and all(r.emit.get(k) == v for k, v in emit.items())
        ]


def _pairs(rule: Rule) -> list[tuple[str, str]]:
    return [pair for word in rule.words for pair in zip(word, rule.emit["to"], strict=True)]


def alternation(words: list[str]) -> str:
    """A regular expression that matches any of the words, the longest first."""
    return "|".join(re.escape(w) for w in sorted(set(words), key=lambda w: (-len(w), w)))


def folder() -> Path:
    """The folder of the packs that ship with the package: inside a wheel, or beside the package in a checkout."""
    inside = Path(__file__).parent / "rules"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "rules"


_shipped: Rules | None = None


def load(extra: Path | None = None) -> Rules:
    """The shipped rules, with the packs of the folder `extra` added; a rule of `extra` replaces the one of its id.

    Raises RulesError, which names the file and line, when a pack is broken.
    """
    global _shipped
    if _shipped is None:
        _shipped = _load_folder(folder())
    if extra is None:
        return _shipped
    added = list(read_packs(extra, _parts(folder())))
    if not added:
        raise RulesError(str(extra), "holds no rule pack (*.yaml)")
    replaced = {rule.id: rule for rule in added}
    merged = [replaced.pop(rule.id, rule) for rule in _shipped.rules]
    merged.extend(rule for rule in added if rule.id in replaced)
    return Rules(merged, f"{_shipped.fingerprint}+{_fingerprint(extra)}")


def _load_folder(where: Path) -> Rules:
    fingerprint = _fingerprint(where)
    snapshot = where / SNAPSHOT
    if snapshot.is_file():
        stored = json.loads(snapshot.read_text(encoding="utf-8"))
        if stored["fingerprint"] == fingerprint:
            return Rules([Rule(**rule) for rule in stored["rules"]], fingerprint)
    return Rules(list(read_packs(where, _parts(where))), fingerprint)


def pack_files(where: Path) -> list[Path]:
    """The packs of a folder, by name: the order in which their rules apply."""
    return sorted(where.glob("*.yaml"))


def _fingerprint(where: Path) -> str:
    total = 0
    for path in pack_files(where):
        total = zlib.crc32(path.read_bytes().replace(b"\r\n", b"\n"), zlib.crc32(path.name.encode(), total))
    return f"{total:08x}"


def snapshot_text(where: Path) -> str:
    """What `packs.json` of the folder must hold: one rule per line, so that a change shows as one line."""
    rules = read_packs(where, _parts(where))
    lines = []
    for rule in rules:
        kept = {k: getattr(rule, k) for k in Rule.__slots__ if k != "place" and getattr(rule, k)}
        lines.append(json.dumps(kept, ensure_ascii=False, sort_keys=True))
    return f'{{"fingerprint": "{_fingerprint(where)}", "rules": [\n' + ",\n".join(lines) + "\n]}\n"


# ---------------------------------------------------------------------------------------------------------------------
# Reading YAML packs, with the line of everything that can be wrong


def read_yaml(path: Path) -> Any:
    """The YAML document of a file; each mapping carries its line as `__line__`. Raises RulesError."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]  # the C loader's class is chosen at run time
        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            mapping = super().construct_mapping(node, deep=deep)
            mapping["__line__"] = node.start_mark.line + 1
            return mapping

    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RulesError(f"{path}:{line}", f"not valid YAML: {error.problem}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise RulesError(str(path), f"cannot be read: {error}") from None


def _parts(where: Path) -> dict[str, str]:
    """The named parts that patterns may refer to as {name}: from `parts.yaml`, each able to use the ones above it."""
    path = where / "parts.yaml"
    if not path.is_file():
        return {}
    data = read_yaml(path)
    parts: dict[str, str] = {}
    stored = data.get("parts") or {}
    place = f"{path}:{stored.get('__line__', 1)}"
    for name, value in stored.items():
        if name != "__line__":
            parts[name] = f"(?:{_fill(value, parts, place)})"
    return parts


def _fill(pattern: str, parts: dict[str, str], place: str) -> str:
    def part(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in parts:
            raise RulesError(place, f"unknown part {{{name}}}; known: {', '.join(sorted(parts)) or 'none'}")
        return parts[name]

    return re.sub(r"\{([a-z][a-z0-9_]*)\}", part, pattern)


def read_packs(where: Path, parts: dict[str, str]) -> Iterator[Rule]:
    """The rules of every pack of a folder, checked. Raises RulesError with file, line and cause."""
    if not where.is_dir():
        raise RulesError(str(where), "is not a folder of rule packs")
    seen: dict[str, str] = {}
    own = parts | _parts(where)
    for path in pack_files(where):
        for rule in read_pack(path, own):
            if rule.id in seen:
                raise RulesError(rule.place, f"rule id {rule.id!r} is already used at {seen[rule.id]}")
            seen[rule.id] = rule.place
            yield rule


def read_pack(path: Path, parts: dict[str, str]) -> Iterator[Rule]:
    """The rules of one pack. Raises RulesError with file, line and cause."""
    data = read_yaml(path)
    if not isinstance(data, dict):
        raise RulesError(f"{path}:1", "a pack is a mapping with the keys pack, requires and rules")
    _no_strange_keys(data, _PACK_KEYS, f"{path}:1", "a pack")
    if data.get("pack") != path.stem:
        raise RulesError(f"{path}:1", f"pack must be the file's name, {path.stem!r}, not {data.get('pack')!r}")
    _check_requires(data.get("requires"), f"{path}:1")
    for raw in data.get("rules") or []:
        line = raw.get("__line__", 1) if isinstance(raw, dict) else 1
        place = f"{path}:{line}"
        if not isinstance(raw, dict):
            raise RulesError(place, "a rule is a mapping")
        yield _rule(raw, data.get("kind"), parts, place)


def _no_strange_keys(mapping: dict[str, Any], allowed: set[str], place: str, what: str) -> None:
    strange = sorted(set(mapping) - allowed - {"__line__"})
    if strange:
        raise RulesError(place, f"{what} has no key {strange[0]!r}; allowed: {', '.join(sorted(allowed))}")


def _check_requires(requires: Any, place: str) -> None:
    match = re.fullmatch(r">=([0-9]+(?:\.[0-9]+)*)", requires or "")
    if not match:
        raise RulesError(place, f'requires must read ">=VERSION", not {requires!r}')
    wanted = tuple(int(n) for n in match[1].split("."))
    if wanted > tuple(int(n) for n in re.findall("[0-9]+", __version__)):
        raise RulesError(place, f"needs planparse {match[1]} or newer; this is {__version__}")


def _rule(raw: dict[str, Any], default_kind: str | None, parts: dict[str, str], place: str) -> Rule:
    _no_strange_keys(raw, _RULE_KEYS, place, "a rule")
    identity = raw.get("id")
    if not isinstance(identity, str) or not re.fullmatch(r"[a-z0-9]+([.-][a-z0-9]+)*", identity):
        raise RulesError(place, f"id must be words of a-z and 0-9 joined by . or -, not {identity!r}")
    kind = raw.get("kind", default_kind)
    if kind not in KINDS:
        raise RulesError(place, f"rule {identity}: kind {kind!r} is not one of {', '.join(sorted(KINDS))}")
    if not raw.get("why"):
        raise RulesError(place, f"rule {identity}: has no reason (why)")
    emit = {k: v for k, v in (raw.get("emit") or {}).items() if k != "__line__"}
    for key, value in emit.items():
        if key not in KINDS[kind]:
            raise RulesError(place, f"rule {identity}: emit has no key {key!r}; allowed: {', '.join(KINDS[kind])}")
        allowed = KINDS[kind][key]
        if allowed is not None and value not in allowed:
            raise RulesError(place, f"rule {identity}: {key} {value!r} is not one of {allowed}")
    words = raw.get("words") or []
    if not isinstance(words, list) or not all(isinstance(w, str) and w for w in words):
        raise RulesError(place, f"rule {identity}: words must be a list of non-empty strings")
    if kind == "fold" and any(len(w) != len(str(emit.get("to", ""))) for w in words):
        raise RulesError(place, f"rule {identity}: words and emit.to must have the same length")
    patterns: dict[str, str | None] = {}
    for key in ("pattern", "before", "after", "when"):
        patterns[key] = _pattern(raw[key], parts, f"rule {identity}: {key}", place) if raw.get(key) else None
    if not words and not any(patterns.values()):
        raise RulesError(place, f"rule {identity}: has neither words nor a pattern")
    where = {k: v for k, v in (raw.get("where") or {}).items() if k != "__line__"}
    units = raw.get("units") or []
    return Rule(identity, kind, words, units=units, where=where, emit=emit, place=place, **patterns)


def _pattern(pattern: Any, parts: dict[str, str], what: str, place: str) -> str:
    if not isinstance(pattern, str):
        raise RulesError(place, f"{what} is not a string")
    banned = re.search(r"\\[bBdDsSwW]", pattern)
    if banned:
        raise RulesError(
            place, f"{what} uses {banned[0]}, which does not mean the same in Chinese text; use the parts of parts.yaml"
        )
    filled = _fill(pattern, parts, place)
    try:
        re.compile(filled)
    except re.error as error:
        raise RulesError(place, f"{what} does not compile: {error}") from None
    return filled
