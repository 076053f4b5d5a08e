"""OFD, the national standard for fixed documents (GB/T 33190-2016), with ofdkit: the extra planparse[ofd].

ofdkit gives the pieces of text with their places; the ruling lines that make tables are read here, from the path
objects of the same page parts.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from planparse.document import Document
from planparse.errors import DamagedFileError, MissingReaderError, TooLargeError
from planparse.read import flow
from planparse.read.archive import Archive
from planparse.read.build import Builder
from planparse.read.characters import replace_stand_ins
from planparse.read.chars import Char, visual_lines
from planparse.read.layout import Edge, Line, Page, in_reading_order, may_hold_tables
from planparse.read.limits import MAX_PAGES
from planparse.read.package import parse_part

_POINTS = 72 / 25.4
"""Points in a millimetre, the unit of OFD."""
_RULE_WIDTH = 1.0
"""Millimetres; a path no thicker than this is a ruling line."""
_ASCENT = 0.88
"""Share of a Chinese character that stands above its baseline."""
_PIECE = 1.5
"""Words on one line that stand further apart than this (em) are pieces of their own."""


def read(data: bytes, name: str) -> Document:
    """The document in the OFD package `data`.

    Raises MissingReaderError without the extra, DamagedFileError, TooLargeError or EmptyFileError.
    """
    if importlib.util.find_spec("ofdkit") is None:
        raise MissingReaderError(name, "an OFD file: reading it needs pip install 'planparse[ofd]'")
    import ofdkit

    builder = Builder(name)
    pages: list[Page] = []
    with Archive(data, name) as archive:
        try:
            with ofdkit.open(data) as file:
                if len(file.pages) > MAX_PAGES:
                    raise TooLargeError(name, f"has {len(file.pages):,} pages, over the limit of {MAX_PAGES:,}")
                for page in file.pages:
                    pages.append(_read_page(page, archive, name))
        except ofdkit.OFDLimitError as error:
            raise TooLargeError(name, f"over a limit of the OFD reader ({error})") from error
        except ofdkit.OFDError as error:
            raise DamagedFileError(name, f"the OFD package is damaged ({error})") from error
    flow.write(pages, builder)
    return builder.document(data, "application/ofd", pages=len(pages))


def _read_page(page: Any, archive: Archive, name: str) -> Page:
    x0, y0, width, height = page.box
    found = Page(width * _POINTS, height * _POINTS, [])
    chars: list[Char] = []
    for run in page.runs:
        chars += _chars(run, x0, y0)
    pieces: list[list[Char]] = []
    for visual in visual_lines(chars):
        pieces += _pieces(visual)
    own = {}
    for piece in pieces:
        line = Line.of(piece, round(piece[0].bottom - piece[0].top, 1))
        line.text = replace_stand_ins(line.text)
        own[id(line)] = piece
        found.lines.append(line)

    def chars_of(line: Line) -> list[Char]:
        return own.get(id(line), [])

    edges = list(_rules(page.location, archive, name, x0, y0)) if page.location in archive.names else []
    if may_hold_tables(edges):
        from planparse.read import ruled

        ruled.find_tables(found, edges, chars_of)
    found.lines = in_reading_order(found.lines, chars_of)
    return found


def _chars(run: Any, x0: float, y0: float) -> Iterator[Char]:
    """The characters of a run: half-width ones on half the room of the others, over the run's width."""
    widths = [0.5 if character.isascii() else 1.0 for character in run.text]
    unit = run.width / max(sum(widths), 0.5)
    x = run.x - x0
    for character, width in zip(run.text, widths, strict=True):
        if not character.isspace():
            base = (run.y - y0) * _POINTS
            size = run.size * _POINTS
            top = base - _ASCENT * size
            yield Char(character, x * _POINTS, top, (x + unit * width) * _POINTS, top + size, base)
        x += unit * width


def _pieces(line: list[Char]) -> Iterator[list[Char]]:
    """A visual line cut where wide gaps stand."""
    piece = [line[0]]
    for char in line[1:]:
        if char.x0 - piece[-1].x1 > _PIECE * (char.bottom - char.top):
            yield piece
            piece = []
        piece.append(char)
    yield piece


# Ruling lines


def _rules(part: str, archive: Archive, name: str, x0: float, y0: float) -> Iterator[Edge]:
    """The ruling lines of a page part, in points from the page's corner (x0, y0)."""
    for path in parse_part(archive, part, name).iter("{*}PathObject"):
        boundary = _numbers(path.get("Boundary", ""))
        data = path.find("{*}AbbreviatedData")
        stroked = path.get("Stroke", "true") != "false"
        if len(boundary) != 4 or data is None or not (stroked or path.get("Fill") == "true"):
            continue
        matrix = _numbers(path.get("CTM", "")) or [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]
        if len(matrix) != 6:
            continue
        for points in _subpaths(data.text or "", matrix, boundary[0] - x0, boundary[1] - y0):
            xs, ys = [x for x, _ in points], [y for _, y in points]
            if max(xs) - min(xs) <= _RULE_WIDTH or max(ys) - min(ys) <= _RULE_WIDTH:
                yield _edge(min(xs), min(ys), max(xs), max(ys))
            elif stroked:
                for (ax, ay), (bx, by) in pairwise(points):
                    if abs(ax - bx) <= _RULE_WIDTH or abs(ay - by) <= _RULE_WIDTH:
                        yield _edge(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))


def _edge(x0: float, y0: float, x1: float, y1: float) -> Edge:
    if x1 - x0 >= y1 - y0:
        middle = (y0 + y1) / 2
        return Edge(x0 * _POINTS, middle * _POINTS, x1 * _POINTS, middle * _POINTS)
    middle = (x0 + x1) / 2
    return Edge(middle * _POINTS, y0 * _POINTS, middle * _POINTS, y1 * _POINTS)


# Commands of AbbreviatedData (GB/T 33190-2016, 9.1) with the count of their numbers; the last two are the end point.
_COMMANDS = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}


def _subpaths(text: str, matrix: list[float], x0: float, y0: float) -> Iterator[list[tuple[float, float]]]:
    a, b, c, d, e, f = matrix
    points: list[tuple[float, float]] = []
    tokens = re.findall(r"[A-Z]|[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?", text)
    at = 0
    while at < len(tokens):
        command = tokens[at]
        count = _COMMANDS.get(command)
        at += 1
        if count is None:
            continue
        numbers = _numbers(" ".join(tokens[at : at + count]))
        if len(numbers) < count:
            break
        at += count
        if command == "C":
            if points:
                points.append(points[0])
            continue
        if command in "SM" and points:
            yield points
            points = []
        x, y = numbers[-2:]
        points.append((a * x + c * y + e + x0, b * x + d * y + f + y0))
    if points:
        yield points


def _numbers(text: str) -> list[float]:
    try:
        return [float(word) for word in text.split()]
    except ValueError:
        return []
