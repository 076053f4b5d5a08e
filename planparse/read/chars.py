"""Single characters on a page, and how they make lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from planparse.read.characters import replace_stand_ins

Rect = tuple[float, float, float, float]
"""Left, top, right, bottom, in points from the page's top left corner."""


@dataclass(slots=True)
class Char:
    """One character, its box, as high as its font, and the height of the line it stands on."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    base: float


def visual_lines(chars: Sequence[Char]) -> list[list[Char]]:
    """Characters by the line on which they are seen, lines from top to bottom, each from left to right.

    A character drawn twice at (nearly) the same place, to look bold, counts once.
    """
    lines: list[list[Char]] = []
    for char in sorted(chars, key=lambda char: char.base):
        if lines and char.base - lines[-1][0].base < 0.5 * (char.bottom - char.top):
            lines[-1].append(char)
        else:
            lines.append([char])
    for line in lines:
        line.sort(key=lambda char: char.x0)
        line[:] = [
            char
            for index, char in enumerate(line)
            if not any(
                char.text == before.text and char.x0 - before.x0 < 0.3 * (char.x1 - char.x0)
                for before in line[max(0, index - 2) : index]
            )
        ]
    return lines


def line_text(line: Sequence[Char]) -> str:
    """The words of one line, with a space where Latin words or wide gaps stand apart."""
    parts = [line[0].text]
    for before, char in pairwise(line):
        gap = char.x0 - before.x1
        em = before.bottom - before.top
        if gap > (0.15 if before.text.isascii() and char.text.isascii() else 0.8) * em:
            parts.append(" ")
        parts.append(char.text)
    return replace_stand_ins("".join(parts))


_NO_START = frozenset("、，。；：？！）》〉】〕」』％‰,.;:?!)]%")
_NO_END = frozenset("（《〈【〔「『([")
_GLUE = frozenset("“”‘’\"'")
_LATIN = re.compile("[!-~−–]")
_HALF = 0.6
"""Width of a half-width character, in em; a percent sign is nearly as wide as a Chinese one."""


def leading_width(text: str) -> float:
    """How much room (in em) the line before would have needed to take in the beginning of `text`.

    That is its first character with all that must not be parted from it (Unicode Standard Annex 14): a word of Latin
    letters or a number, closing marks after it, whatever stands beside a quotation mark.
    """
    width = 0.0
    before = ""
    for index, character in enumerate(text[:16]):
        if index and not (
            character in _NO_START
            or before in _NO_END
            or character in _GLUE
            or before in _GLUE
            or (_LATIN.match(before) and _LATIN.match(character))
        ):
            break
        width += _HALF if character.isascii() and character != "%" else 1.0
        before = character
    return width
