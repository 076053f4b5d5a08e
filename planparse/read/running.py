"""Running headers and footers, page numbers, and what browsers print around a page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import takewhile

from planparse.read.layout import Line, Page

_EDGE_LINES = 3
"""How many lines at the top and at the bottom of a page can be running ones."""
_RUNNING_SHARE = 0.4
"""A line that this share of the pages repeats at the same height is one. Left and right pages may differ."""
_SAME_HEIGHT = 8.0

_BARE_NUMBER = re.compile(r"[-—–－_·.]*(\d{1,4})[-—–－_·.]*")
_PAGE_NUMBER = re.compile(r"[-—–－一]\d{1,4}[-—–－一]|第\d{1,4}页.*|\d{1,4}/\d{1,4}")
_PRINTED = re.compile(
    r"(?:https?://|file://)\S+(?:\s+\d+\s*/\s*\d+)?|\d{4}/\d{1,2}/\d{1,2},?\s+(?:[上下]午)?\d{1,2}:\d{2}.*"
)
_DIGITS = re.compile(r"\d+")


def drop_running_lines(pages: Sequence[Page]) -> None:
    """Take the running lines off the pages, from the edges inwards up to the first line that is none."""
    edges = [_edge_lines(page) for page in pages]
    counts: Counter[tuple[str, int]] = Counter()
    offsets: Counter[int] = Counter()
    for index, (above, below) in enumerate(edges):
        counts.update({(_signature(line), _height(line)) for line in (*above, *below)})
        numbers = {_bare_number(line) for line in (*above[:1], *below[:1])} - {None}
        offsets.update(number - index for number in numbers if number is not None)
    needed = max(2.0, _RUNNING_SHARE * len(pages))

    def is_running(line: Line, index: int) -> bool:
        signature, height = _signature(line), _height(line)
        if sum(counts[signature, height + shift] for shift in (-1, 0, 1)) >= needed:
            return True
        number = _bare_number(line)
        if number is not None and (offsets[number - index] >= 2 or number == index + 1):
            return True
        return bool(_PRINTED.fullmatch(line.text) or _PAGE_NUMBER.fullmatch(line.text.replace(" ", "")))

    for index, (page, sides) in enumerate(zip(pages, edges, strict=True)):
        test = partial(is_running, index=index)
        gone = {id(line) for side in sides for line in takewhile(test, side)}
        page.lines = [line for line in page.lines if id(line) not in gone]


def _edge_lines(page: Page) -> tuple[list[Line], list[Line]]:
    """The outermost lines at the top and at the bottom of a page, each from the edge inwards."""
    lines = sorted(page.lines, key=lambda line: line.top)
    tables_top = min((table.top for table in page.tables), default=page.height)
    tables_bottom = max((table.bottom for table in page.tables), default=0.0)
    above = [line for line in lines[:_EDGE_LINES] if line.bottom <= tables_top + line.em]
    below = [line for line in lines[: -_EDGE_LINES - 1 : -1] if line.top >= tables_bottom - line.em]
    return above, below


def _signature(line: Line) -> str:
    return _DIGITS.sub("#", line.text.replace(" ", ""))


def _height(line: Line) -> int:
    return round(line.top / _SAME_HEIGHT)


def _bare_number(line: Line) -> int | None:
    found = _BARE_NUMBER.fullmatch(line.text.replace(" ", ""))
    return int(found[1]) if found else None
