"""Patterns that can backtrack badly, found by pumped inputs.

From each unbounded repeat of a pattern an input is made that the repeat can read in many ways and that fails behind
it: what stands before the repeat, its body many times, and a character that nothing matches. The input grows until it
is as long as a paragraph ever is, or the time is over the budget: then the pattern is slow.
"""

from __future__ import annotations

import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import islice, product
from typing import Any

# The parser of `re` has no public name; its tree has been the same since Python 3.11.
_op: Any = import_module("re._constants")
_parser: Any = import_module("re._parser")

BUDGET = 0.25
"""Seconds that one pattern may take on one pumped input. Patterns without a fault need a few milliseconds."""
_LENGTHS = (24, 150, 900)
"""Characters repeated; paragraphs of plans are seldom longer."""
_STOP = "\ue000"
_SAMPLES = "一的市年率a1 ,、(.-%"
_REPEATS = (_op.MAX_REPEAT, _op.MIN_REPEAT, _op.POSSESSIVE_REPEAT)
_MOST_ATTACKS = 40
_MOST_LITERALS = 12
_ALL = 12
"""All inputs together may take so many times the budget of one."""


def slow_input(pattern: str, budget: float = BUDGET, *, trusted: bool = True, anchored: bool = False) -> str | None:
    """A short description of an input on which the pattern takes longer than `budget` seconds; None where none did.

    `pattern` compiles with `re`. A trusted one is run by `re`, as the engine will run it, and stopped by an alarm; any
    other by the `regex` module, whose searches take a time limit. `anchored`: it is matched at the start only.
    """
    tree = _parser.parse(pattern)
    ends = (_STOP, _STOP + _sample(tree))
    run = _by_re if trusted and _has_alarm() else _by_regex
    too_slow = run(pattern, budget, anchored)
    began = time.monotonic()
    literals = "".join(dict.fromkeys(_literals(tree)))[:_MOST_LITERALS]
    for (before, unit), end in islice(product(_attacks(tree, literals), ends), _MOST_ATTACKS):
        for length in _LENGTHS:
            times = length // len(unit) + 1
            if too_slow(before + unit * times + end) or time.monotonic() - began > _ALL * budget:
                return f"{unit!r} {times} times" + (f" after {before!r}" if before else "")
    return None


def _has_alarm() -> bool:
    """Whether a search by `re` can be stopped: there are alarms, and they come to this thread."""
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


def _by_re(pattern: str, budget: float, anchored: bool) -> Callable[[str], bool]:
    """Whether a search by `re` takes longer than the budget."""
    compiled = re.compile(pattern)
    find = compiled.match if anchored else compiled.search

    def ring(signum: int, frame: object) -> None:
        raise TimeoutError

    def too_slow(text: str) -> bool:
        handler = signal.signal(signal.SIGALRM, ring)
        try:
            try:
                signal.setitimer(signal.ITIMER_REAL, budget)
                find(text)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        except TimeoutError:
            return True
        finally:
            signal.signal(signal.SIGALRM, handler)
        return False

    return too_slow


def _by_regex(pattern: str, budget: float, anchored: bool) -> Callable[[str], bool]:
    """Whether a search by the `regex` module takes longer than the budget."""
    import regex

    compiled = regex.compile(pattern)
    find = compiled.match if anchored else compiled.search

    def too_slow(text: str) -> bool:
        try:
            find(text, timeout=budget)
        except TimeoutError:
            return True
        return False

    return too_slow


def _literals(tree: Any) -> Iterator[str]:
    """The single characters that a parsed pattern names."""
    for code, value in tree:
        if code is _op.LITERAL:
            yield chr(value)
        elif code in _REPEATS:
            yield from _literals(value[2])
        else:
            for inner in _inner(code, value):
                yield from _literals(inner)


def _attacks(tree: Any, literals: str, prefix: str = "") -> Iterator[tuple[str, str]]:
    """(text before, text to repeat) for each unbounded repeat of a parsed pattern, outer ones first."""
    before = prefix
    for code, value in tree:
        if code in _REPEATS:
            low, high, body = value
            if high > 8:
                for unit in _units(body, literals):
                    yield before, unit
            yield from _attacks(body, literals, before)
            before += _sample(body) * low
            continue
        for inner in _inner(code, value):
            yield from _attacks(inner, literals, before)
        before += _sample([(code, value)])


def _inner(code: Any, value: Any) -> list[Any]:
    """The patterns inside one node."""
    if code is _op.BRANCH:
        return list(value[1])
    if code is _op.SUBPATTERN:
        return [value[3]]
    if code in (_op.ASSERT, _op.ASSERT_NOT):
        return [value[1]]
    return [value] if code is _op.ATOMIC_GROUP else []


def _units(body: Any, literals: str) -> Iterator[str]:
    """Texts that the body of a repeat matches: one for each of its alternatives, several for a class of characters."""
    if len(body) == 1:
        code, value = body[0]
        if code in (_op.ANY, _op.NOT_LITERAL, _op.IN, _op.LITERAL, _op.RANGE):
            single = re.compile(_source(code, value))
            named = [c for c in literals if single.fullmatch(c)][:3]
            found = named + [c for c in _SAMPLES if single.fullmatch(c)][:2]
            yield from found or [c for c in [_sample(body)] if c]
            return
        for inner in _inner(code, value):
            yield from (unit for unit in _units(inner, literals) if unit)
        if code is not _op.SUBPATTERN:
            return
    unit = _sample(body)
    if unit:
        yield unit


def _source(code: Any, value: Any) -> str:
    """A pattern for one node that matches one character."""
    if code is _op.ANY:
        return "."
    if code is _op.LITERAL:
        return re.escape(chr(value))
    if code is _op.NOT_LITERAL:
        return f"[^{re.escape(chr(value))}]"
    parts = []
    for inner, content in value:
        if inner is _op.NEGATE:
            parts.append("^")
        elif inner is _op.LITERAL:
            parts.append(re.escape(chr(content)))
        elif inner is _op.RANGE:
            parts.append(f"{re.escape(chr(content[0]))}-{re.escape(chr(content[1]))}")
    return f"[{''.join(parts)}]"


def _sample(tree: Any) -> str:
    """A text that a parsed pattern matches, as far as its first alternatives and look-arounds allow."""
    out = []
    for code, value in tree:
        if code is _op.LITERAL:
            out.append(chr(value))
        elif code in (_op.ANY, _op.NOT_LITERAL, _op.IN):
            single = re.compile(_source(code, value))
            first = next((c for c in _SAMPLES if single.fullmatch(c)), "")
            if not first and code is _op.IN:
                kind, content = value[0]
                first = chr(content[0] if kind is _op.RANGE else content) if kind is not _op.NEGATE else ""
            out.append(first)
        elif code in _REPEATS:
            out.append(_sample(value[2]) * min(max(value[0], 1), 50))
        elif code is _op.BRANCH:
            out.append(_sample(value[1][0]))
        elif code is _op.SUBPATTERN:
            out.append(_sample(value[3]))
        elif code is _op.ATOMIC_GROUP:
            out.append(_sample(value))
    return "".join(out)
