"""Rules from outside: their patterns run under a time limit, and what they break is told as their fault.

The patterns of the packs that ship run by `re`, which is fastest and cannot be stopped. A pattern that holds one from a
folder given by `--rules` runs by the `regex` module, whose searches take a timeout; all of them together may spend a
few seconds on one document. What is over that ends the document with a RulesError that names the rule.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import regex

from planparse.errors import PlanparseError, RulesError
from planparse.rules import Rule, Rules

SECONDS = 5.0
"""What all patterns from outside may spend on one document, and again for each part of CHARACTERS in it."""
CHARACTERS = 200_000
_ALONE = 0.2
"""Seconds that one rule's pattern gets when the slow one of several is looked for."""
# What wrong data can make the engine raise; anything else is a defect of its own.
_BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
)


class WatchedRules(Rules):
    """Rules of which some came from outside. `added`: those; `folder`: where they came from."""

    def __init__(self, rules: list[Rule], fingerprint: str, added: list[Rule], folder: Path) -> None:
        super().__init__(rules, fingerprint)
        self.added = added
        self.folder = folder
        self._patterns = [(rule, p) for rule in added for p in (rule.pattern, rule.before, rule.after, rule.when) if p]
        # Each thread reads its own document.
        self._watch = threading.local()

    def altered(self, rules: list[Rule], fingerprint: str) -> Rules:
        """Other rules under the same watch."""
        return WatchedRules(rules, fingerprint, self.added, self.folder)

    def compile(self, pattern: str) -> re.Pattern[str]:
        """A pattern that can be stopped where one from outside is in it."""
        mine = [(rule, p) for rule, p in self._patterns if p in pattern]
        # A bounded pattern has the methods of a compiled one that the engine uses, and the same matches.
        return cast("re.Pattern[str]", _BoundedPattern(pattern, mine, self)) if mine else super().compile(pattern)

    @contextmanager
    def watch(self, characters: int) -> Iterator[None]:
        """Give the patterns their time for a document of so many characters.

        Raises RulesError when they spend it, or when the engine breaks on what the rules hold.
        """
        self._watch.left = SECONDS * (1 + characters // CHARACTERS)
        try:
            yield
        except PlanparseError:
            raise
        except _BROKEN as error:
            cause = f"the engine does not work with these rules: {type(error).__name__}: {error}"
            raise RulesError(str(self.folder), cause) from error
        finally:
            del self._watch.left

    def left(self) -> float:
        """Seconds that patterns of this thread still have."""
        return getattr(self._watch, "left", SECONDS)

    def spend(self, seconds: float) -> None:
        """Take the time of one search off."""
        self._watch.left = self.left() - seconds


class _BoundedPattern:
    """A compiled pattern whose searches are stopped when the time of its rules is spent."""

    def __init__(self, pattern: str, rules: list[tuple[Rule, str]], watch: WatchedRules) -> None:
        self.pattern = pattern
        self._compiled = regex.compile(pattern)
        self._rules, self._watch = rules, watch

    @property
    def groupindex(self) -> Any:
        """Names of groups, as in `re`."""
        return self._compiled.groupindex

    def search(self, text: str, *span: int) -> Any:
        """As in `re`."""
        return self._run(self._compiled.search, text, span)

    def match(self, text: str, *span: int) -> Any:
        """As in `re`."""
        return self._run(self._compiled.match, text, span)

    def fullmatch(self, text: str, *span: int) -> Any:
        """As in `re`."""
        return self._run(self._compiled.fullmatch, text, span)

    def findall(self, text: str, *span: int) -> Any:
        """As in `re`."""
        return self._run(self._compiled.findall, text, span)

    def split(self, text: str) -> Any:
        """As in `re`."""
        return self._run(self._compiled.split, text, ())

    def finditer(self, text: str, *span: int) -> Any:
        """As in `re`, but all matches are found at once."""
        return self._run(lambda *args, **kwargs: iter(list(self._compiled.finditer(*args, **kwargs))), text, span)

    def sub(self, replacement: str, text: str) -> Any:
        """As in `re`."""
        return self._run(partial(self._compiled.sub, replacement), text, ())

    def _run(self, search: Callable[..., Any], text: str, span: tuple[int, ...]) -> Any:
        left = self._watch.left()
        began = time.perf_counter()
        try:
            if left <= 0:
                raise TimeoutError
            return search(text, *span, timeout=left)
        except TimeoutError:
            raise self._fault(text) from None
        finally:
            self._watch.spend(time.perf_counter() - began)

    def _fault(self, text: str) -> RulesError:
        rule = self._slow_rule(text)
        cause = f"rule {rule.id}: its pattern takes too long on a text of {len(text)} characters"
        return RulesError(rule.place, cause)

    def _slow_rule(self, text: str) -> Rule:
        """The rule whose pattern is slow by itself; the first of them where none is."""
        for rule, pattern in self._rules:
            try:
                regex.compile(pattern).search(text, timeout=_ALONE)
            except TimeoutError:
                return rule
        return self._rules[0][0]
