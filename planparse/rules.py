"""Loading the rule packs: YAML that people edit, one compiled snapshot that programs read.

A pack is a YAML file in `rules/`; docs/rules.md defines every key. Parsing YAML costs more than parsing a notice, so
`rules/packs.json` holds the same rules without their examples, together with a fingerprint of every pack. A snapshot
whose fingerprints do not match the files beside it is ignored, so an edited pack takes effect at once.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext

from planparse.errors import RulesError
from planparse.patterns import compiled
from planparse.records import dataclass, field

SNAPSHOT = "packs.json"
NEVER = "(?!)"
"""A pattern that matches nothing."""

TYPE_CHECKING = False  # importing typing or pathlib costs 3 ms of every start
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, TypeVar

    T = TypeVar("T")
Fold = tuple[re.Pattern[str] | None, list[tuple[str, str]], bool]
"""What a text must hold for the fold to run (None: anything), and its (character, folded character) pairs."""


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

    def compile(self, pattern: str) -> re.Pattern[str]:
        """A pattern of the packs, compiled; bounded.py makes those from outside stoppable."""
        return compiled(pattern)

    def watch(self, characters: int) -> AbstractContextManager[None]:
        """What a document of so many characters is read in; bounded.py limits the time of rules from outside."""
        return nullcontext()

    def altered(self, rules: list[Rule], fingerprint: str) -> Rules:
        """Other rules in place of these."""
        return Rules(rules, fingerprint)

    @property
    def folds(self) -> list[Fold]:
        """The folds in order."""
        return self.compiled("folds", lambda rules: [_fold(rule, rules) for rule in rules.of("fold")])

    def words(self, kind: str, **emit: Any) -> list[str]:
        """All words of the rules of a kind whose `emit` holds the given values, longest first."""
        found = {w for r in self.of(kind) if all(r.emit.get(k) == v for k, v in emit.items()) for w in r.words}
        return sorted(found, key=lambda w: (-len(w), w))

    def patterns(self, kind: str, **emit: Any) -> list[str]:
        """All patterns of the rules of a kind whose `emit` holds the given values, in order."""
        return [r.pattern for r in self.of(kind) if r.pattern and all(r.emit.get(k) == v for k, v in emit.items())]

    def joined(self, kind: str, **emit: Any) -> re.Pattern[str]:
        """What any of `patterns` matches, as one compiled pattern; nothing where there are none."""
        return self.compile("|".join(f"(?:{p})" for p in self.patterns(kind, **emit)) or NEVER)


def _fold(rule: Rule, rules: Rules) -> Fold:
    pairs = [pair for word in rule.words for pair in zip(word, rule.emit["to"], strict=True)]
    return rules.compile(rule.when) if rule.when else None, pairs, bool(rule.emit.get("within"))


class Words:
    """A list of words looked up in a text by longest match.

    Some hundred words cost nothing to prepare this way, where a pattern of alternatives costs a millisecond to compile.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.words = frozenset(words)
        # Most look-ups fail at their first character: which lengths to try there, the longest first.
        self._begins: dict[str, list[int]] = {}
        self._ends: dict[str, list[int]] = {}
        for word in sorted(self.words, key=len, reverse=True):
            for lengths, character in ((self._begins, word[:1]), (self._ends, word[-1:])):
                known = lengths.setdefault(character, [])
                if len(word) not in known:
                    known.append(len(word))

    def prefix(self, text: str, at: int, end: int) -> str:
        """The longest word that `text[at:end]` begins with, or the empty string."""
        for length in self._begins.get(text[at : at + 1], ()):
            if at + length <= end and (word := text[at : at + length]) in self.words:
                return word
        return ""

    def suffix(self, text: str, at: int, end: int) -> str:
        """The longest word that `text[at:end]` ends with, or the empty string."""
        for length in self._ends.get(text[end - 1 : end], ()):
            if end - length >= at and (word := text[end - length : end]) in self.words:
                return word
        return ""

    def within(self, text: str, at: int, end: int) -> Iterator[tuple[int, str]]:
        """Every offset of `text[at:end]` at which a word begins, with the longest one there."""
        begins = self._begins
        for i in range(at, end):
            if text[i] in begins and (word := self.prefix(text, i, end)):
                yield i, word


def alternation(words: list[str]) -> str:
    """A regular expression that matches any of the words, the longest first; nothing where there are none."""
    return "|".join(re.escape(w) for w in sorted(set(words), key=lambda w: (-len(w), w))) or NEVER


def folder() -> Path:
    """The folder of the packs that ship with the package: inside a wheel, or beside the package in a checkout."""
    from pathlib import Path

    return Path(_folder())


def _folder() -> str:
    package = os.path.dirname(os.path.abspath(__file__))
    inside = os.path.join(package, "rules")
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(package), "rules")


_shipped: Rules | None = None


def load(extra: Path | None = None) -> Rules:
    """The shipped rules, with the packs of the folder `extra` added; a rule of `extra` replaces the one of its id.

    Raises RulesError, which names the file and line, when a pack is broken.
    """
    global _shipped
    if _shipped is None:
        _shipped = _load_folder(_folder())
    if extra is None:
        return _shipped
    from planparse.packs import parts_in, read_packs

    added = list(read_packs(extra, parts_in(folder())))
    if not added:
        raise RulesError(str(extra), "holds no rule pack (*.yaml)")
    return merged(_shipped, added, extra)


def merged(shipped: Rules, added: list[Rule], extra: Path) -> Rules:
    """The shipped rules with those of the folder `extra`: each in the place of the one of its id, the others behind."""
    replaced = {rule.id: rule for rule in added}
    rules = [replaced.pop(rule.id, rule) for rule in shipped.rules]
    rules.extend(rule for rule in added if rule.id in replaced)
    from planparse.bounded import WatchedRules

    return WatchedRules(rules, f"{shipped.fingerprint}+{fingerprint(extra)}", added, extra)


def _load_folder(where: str) -> Rules:
    mark = fingerprint(where)
    snapshot = os.path.join(where, SNAPSHOT)
    if os.path.isfile(snapshot):
        with open(snapshot, encoding="utf-8") as file:
            stored = json.load(file)
        if stored["fingerprint"] == mark:
            return Rules([Rule(**rule) for rule in stored["rules"]], mark)
    from planparse.packs import read_packs

    return Rules(list(read_packs(folder())), mark)


def pack_files(where: Path) -> list[Path]:
    """The packs of a folder, by name: the order in which their rules apply."""
    return [where / name for name in _pack_names(where)]


def _pack_names(where: Path | str) -> list[str]:
    return sorted(name for name in os.listdir(where) if name.endswith(".yaml"))


def fingerprint(where: Path | str) -> str:
    """A checksum of all packs of a folder: their names and words, whatever the line ends."""
    total = 0
    for name in _pack_names(where):
        with open(os.path.join(where, name), "rb") as file:
            words = file.read().replace(b"\r\n", b"\n")
        total = zlib.crc32(words, zlib.crc32(name.encode(), total))
    return f"{total:08x}"
