"""From one text to the lines and paragraph views that the rules match on.

Guarantees of this stage:

1. `fold` maps characters one to one, so an offset in the folded text is an offset in the source.
2. A `View` carries the source offset of each of its characters; positions are never looked up again.
3. A view holds no white space and no zero-width characters; nothing else of its lines is left out.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import partial

from planparse.patterns import compiled
from planparse.records import dataclass
from planparse.rules import Rules

_BLANK = compiled("[ \t\r\f\v\u200b-\u200d\u2060\ufeff]+")


def fold(text: str, rules: Rules) -> str:
    """Return `text` with each character replaced by its folded form; the length stays the same.

    A chain of `str.replace` over the characters that the packs list is some thirty times faster on Chinese text than
    `str.translate`, which looks up every character.
    """
    for when, pairs, within in rules.folds:
        if within and when is not None:
            table = str.maketrans(dict(pairs))
            text = when.sub(partial(_translated, table), text)
        elif when is None or when.search(text):
            for source, target in pairs:
                text = text.replace(source, target)
    return text


def _translated(table: dict[int, str], m: re.Match[str]) -> str:
    return m[0].translate(table)


@dataclass(slots=True, eq=False)
class View:
    """A run of source characters as the rules see it: folded, without white space.

    `text` and `raw` have the same length: the folded and the source characters. `pos[i]` is the source offset of
    character i, strictly rising.
    """

    text: str
    raw: str
    pos: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Source offsets (start, end) of the view's characters [start, end); `end` > `start`."""
        return self.pos[start], self.pos[end - 1] + 1

    def cut(self, start: int, end: int | None = None) -> View:
        """The view of characters [start, end) alone."""
        return View(self.text[start:end], self.raw[start:end], self.pos[start:end])


@dataclass(slots=True, eq=False)
class Line:
    """One non-blank source line without its outer white space: source offsets, folded words (inner spaces kept).

    `number` counts from 1; `tabbed`: the source line begins with a tab, or holds one between words;
    `gap`: at least one blank line stands before it.
    """

    number: int
    start: int
    end: int
    text: str
    tabbed: bool
    gap: bool


def lines_of(text: str, folded: str) -> list[Line]:
    """Split into non-blank lines. `text` and `folded` have the same length."""
    out: list[Line] = []
    at = 0
    gap = False
    for number, line in enumerate(folded.split("\n"), 1):
        body = line.strip(" \t\r\f\v\u200b\ufeff")
        if body:
            start = at + line.index(body)
            end = start + len(body)
            out.append(Line(number, start, end, body, "\t" in text[at:end], gap))
            gap = False
        else:
            gap = True
        at += len(line) + 1
    return out


def view_of(spans: Iterable[tuple[int, int]], text: str, folded: str) -> View:
    """The view over source spans, in order: their characters without white space."""
    pieces: list[tuple[int, int]] = []
    for start, end in spans:
        at = start
        for blank in _BLANK.finditer(folded, start, end):
            if blank.start() > at:
                pieces.append((at, blank.start()))
            at = blank.end()
        if end > at:
            pieces.append((at, end))
    if len(pieces) == 1:
        start, end = pieces[0]
        return View(folded[start:end], text[start:end], range(start, end))
    pos: list[int] = []
    for start, end in pieces:
        pos.extend(range(start, end))
    return View("".join(folded[s:e] for s, e in pieces), "".join(text[s:e] for s, e in pieces), pos)


class LineIndex:
    """Line numbers (from 1) of source offsets."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(m.end() for m in re.finditer("\n", text))]

    def line(self, offset: int) -> int:
        """The number of the line that holds `offset`."""
        return bisect_right(self._starts, offset)
