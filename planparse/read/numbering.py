"""Automatic numbering of Word documents: the 一、 (一) 1. that Word shows but does not store in the text.

Counts as ECMA-376 part 1, 17.9, says and as Word does: paragraphs of all lists with one abstract definition count
together, a start override restarts once, a level restarts after a paragraph of a higher one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from planparse.read.numbers import numeral

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_VAL = f"{W}val"
_LEVELS = 9
_CLOSING = "、，．）)】〕。："


@dataclass(slots=True)
class _Level:
    start: int = 1
    kind: str = "decimal"
    text: str = ""
    suffix: str = "tab"
    restart: int | None = None
    """Restart after a paragraph of this level (counted from 1) or a higher one; None: of any higher level; 0: never."""
    decimal_only: bool = False


@dataclass(slots=True)
class _List:
    """One w:num: its abstract definition's id, its levels, and the levels it restarts at, with their first numbers."""

    abstract: str
    levels: dict[int, _Level] = field(default_factory=dict)
    overrides: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True, frozen=True)
class Place:
    """Where a paragraph or a style puts itself: w:numId, and w:ilvl where it states one."""

    list_id: str | None
    level: int | None


def place_of(properties: etree._Element | None) -> Place | None:
    """What a w:pPr says about numbering; None if nothing."""
    element = properties.find(f"{W}numPr") if properties is not None else None
    if element is None:
        return None
    list_id = element.find(f"{W}numId")
    level = element.find(f"{W}ilvl")
    return Place(
        list_id.get(_VAL) if list_id is not None else None,
        _int(level.get(_VAL), 0) if level is not None else None,
    )


class Numbering:
    """The lists of one document and how far each has counted."""

    def __init__(self, root: etree._Element | None, list_of_style: dict[str, str]) -> None:
        """`root`: the numbering part; `list_of_style`: the w:numId that a style of kind "numbering" points to."""
        self._lists: dict[str, _List] = {}
        self._level_of_style: dict[tuple[str, str], int] = {}
        self._counters: dict[str, list[int | None]] = {}
        self._restarted: set[tuple[str, int]] = set()
        if root is not None:
            self._load(root, list_of_style)

    def level_of_style(self, list_id: str, style: str) -> int:
        """The level that is linked to the paragraph style `style` in a list; 0 where none is."""
        return self._level_of_style.get((list_id, style), 0)

    def next(self, list_id: str, level: int) -> str:
        """Count a paragraph at `level` (from 0) of a list and give the text that Word shows before it."""
        found = self._lists.get(list_id)
        if found is None or not 0 <= level < _LEVELS or level not in found.levels:
            return ""
        counters = self._counters.setdefault(found.abstract, [None] * _LEVELS)
        definition = found.levels[level]
        before = counters[level]
        override = found.overrides.get(level)
        if override is not None and (list_id, level) not in self._restarted:
            counters[level] = override
            self._restarted.add((list_id, level))
        else:
            counters[level] = definition.start if before is None else before + 1
        for below in range(level + 1, _LEVELS):
            restart = found.levels[below].restart if below in found.levels else None
            if restart is None or level < restart:
                counters[below] = None
        return self._label(found, definition, counters)

    def _label(self, found: _List, definition: _Level, counters: list[int | None]) -> str:
        if definition.kind == "bullet":
            return ""

        def shown(match: re.Match[str]) -> str:
            index = int(match[1]) - 1
            level = found.levels.get(index)
            if level is None:
                return ""
            number = counters[index]
            kind = "decimal" if definition.decimal_only and level.kind != "none" else level.kind
            return numeral(level.start if number is None else number, kind)

        text = re.sub("%([1-9])", shown, definition.text)
        if not text or definition.suffix == "nothing" or text[-1] in _CLOSING:
            return text
        return f"{text} "

    def _load(self, root: etree._Element, list_of_style: dict[str, str]) -> None:
        abstracts = {element.get(f"{W}abstractNumId", ""): element for element in root.iter(f"{W}abstractNum")}
        nums = {element.get(f"{W}numId", ""): element for element in root.iter(f"{W}num")}
        for list_id, num in nums.items():
            abstract_id = _child(num, "abstractNumId")
            abstract = abstracts.get(abstract_id)
            # A list that takes its levels from a numbering style: by way of that style's own list.
            style = _child(abstract, "numStyleLink") if abstract is not None else ""
            if style and style in list_of_style:
                linked = nums.get(list_of_style[style])
                if linked is not None:
                    abstract_id = _child(linked, "abstractNumId")
                    abstract = abstracts.get(abstract_id)
            if abstract is None:
                continue
            found = self._lists[list_id] = _List(abstract_id)
            for element in abstract.iterchildren(f"{W}lvl"):
                self._add_level(found, list_id, element)
            for override in num.iterchildren(f"{W}lvlOverride"):
                level = _int(override.get(f"{W}ilvl"), 0)
                for element in override.iterchildren(f"{W}lvl"):
                    self._add_level(found, list_id, element)
                start = override.find(f"{W}startOverride")
                if start is not None:
                    found.overrides[level] = _int(start.get(_VAL), 1)

    def _add_level(self, found: _List, list_id: str, element: etree._Element) -> None:
        index = _int(element.get(f"{W}ilvl"), 0)
        restart = element.find(f"{W}lvlRestart")
        legal = element.find(f"{W}isLgl")
        kind = _child(element, "numFmt")
        found.levels[index] = _Level(
            start=_int(_child(element, "start"), 0),
            kind=kind or "decimal",
            text=_child(element, "lvlText"),
            suffix=_child(element, "suff") or "tab",
            restart=_int(restart.get(_VAL), 0) if restart is not None else None,
            decimal_only=legal is not None and legal.get(_VAL, "1") not in ("0", "false"),
        )
        style = _child(element, "pStyle")
        if style:
            self._level_of_style[list_id, style] = index


def _child(element: etree._Element, name: str) -> str:
    child = element.find(f"{W}{name}")
    return child.get(_VAL, "") if child is not None else ""


def _int(text: str | None, default: int) -> int:
    try:
        return int(text or default)
    except ValueError:
        return default
