"""Scanned pages: recognised with RapidOCR (PP-OCR models that come in its wheel, no network), the extra planparse[ocr].

Ruling lines are found in the picture, so that tables come out as tables; a page that was scanned askew is set straight
by the slope of its lines.
"""

from __future__ import annotations

import importlib.util
import logging
import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from statistics import median
from typing import TYPE_CHECKING, Any

from planparse.errors import MissingReaderError, TooLargeError
from planparse.read.characters import replace_stand_ins
from planparse.read.chars import Char
from planparse.read.layout import Edge, Line, Page, in_reading_order, may_hold_tables
from planparse.read.limits import MAX_OCR_PAGES

if TYPE_CHECKING:
    from numpy import ndarray

_DPI = 150
"""Finer pictures are read no better, and slower."""
_MAX_SIDE = 4000
"""Pixels; a larger page is read coarser."""
_RULE_PIXELS = 45
"""Shortest ruling line: longer than any stroke of a character."""
_UPRIGHT = 0.85
"""Mean confidence from which on a page is taken to stand upright."""
_HALF = 0.55
"""Width of a half-width character, in em."""


def is_installed() -> bool:
    """Whether the packages of the extra are there."""
    return all(importlib.util.find_spec(name) is not None for name in ("rapidocr", "onnxruntime", "cv2"))


def read_pages(
    pictures: Sequence[tuple[Page, Callable[[float], Any]]], name: str, progress: Callable[[int, int], None] | None
) -> float:
    """Fill the pages with what their pictures show; the mean confidence, 0 to 1.

    Each picture comes as a function from pixels per point to an array (height, width, 3) of bytes. Raises
    MissingReaderError without the extra, TooLargeError for more scanned pages than the limit.
    """
    if not is_installed():
        raise MissingReaderError(
            name, "its pages are pictures (a scan): reading them needs pip install 'planparse[ocr]'"
        )
    if len(pictures) > MAX_OCR_PAGES:
        raise TooLargeError(name, f"has {len(pictures):,} scanned pages, over the limit of {MAX_OCR_PAGES}")
    confidences: list[float] = []
    for done, (page, picture) in enumerate(pictures):
        if progress:
            progress(done, len(pictures))
        scale = min(_DPI / 72, _MAX_SIDE / max(page.width, page.height, 1.0))
        _read_page(page, picture(scale), scale)
        confidences += [line.confidence for line in page.lines]
    if progress:
        progress(len(pictures), len(pictures))
    return sum(confidences) / len(confidences) if confidences else 0.0


@lru_cache(maxsize=1)
def _engine() -> Any:
    """The recogniser; loading its models takes about a second."""
    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    return RapidOCR(params={"Global.log_level": "error"})


def _read_page(page: Page, picture: ndarray[Any, Any], scale: float) -> None:
    picture, found = _recognise(picture)
    if found.boxes is None:
        return
    page.width, page.height = picture.shape[1] / scale, picture.shape[0] / scale
    corners = [[(float(x), float(y)) for x, y in box] for box in found.boxes]
    turn = _straighten(_slope(corners), picture.shape[1] / 2, picture.shape[0] / 2, scale)
    for box, words, confidence in zip(corners, found.txts, found.scores, strict=True):
        text = replace_stand_ins(" ".join(words.split()))
        if not text:
            continue
        points = [turn(x, y) for x, y in box]
        left, right = (points[0][0] + points[3][0]) / 2, (points[1][0] + points[2][0]) / 2
        top, bottom = (points[0][1] + points[1][1]) / 2, (points[2][1] + points[3][1]) / 2
        em = max((right - left) / max(sum(_width(character) for character in text), 1.0), 1.0)
        # Boxes leave more or less room around the words; the height from the width of the characters is steadier.
        middle, half = (top + bottom) / 2, min(em, bottom - top) / 2
        page.lines.append(
            Line(text, left, middle - half, right, middle + half, em, _font(em), confidence=float(confidence))
        )
    edges = _rules(picture, turn)
    if may_hold_tables(edges):
        from planparse.read import ruled

        ruled.find_tables(page, edges, spread)
    page.lines = in_reading_order(page.lines, spread)


def _recognise(picture: ndarray[Any, Any]) -> tuple[ndarray[Any, Any], Any]:
    """What the recogniser finds, and the picture upright: one read badly may lie on its head or on its side.

    The recogniser's own test for the direction of each line is off: it turns right lines over.
    """
    import numpy

    best = (picture, _engine()(picture, use_cls=False))
    if _confidence(best[1]) >= _UPRIGHT:
        return best
    for quarters in (2, 1, 3):
        turned = numpy.ascontiguousarray(numpy.rot90(picture, quarters))
        found = _engine()(turned, use_cls=False)
        if _confidence(found) > _confidence(best[1]):
            best = (turned, found)
        if _confidence(found) >= _UPRIGHT:
            break
    return best


def _confidence(found: Any) -> float:
    """Mean confidence by length; 0 for a page without words, half for one whose lines stand on end."""
    if found.boxes is None:
        return 0.0
    length = total = on_end = 0.0
    for box, words, score in zip(found.boxes, found.txts, found.scores, strict=True):
        length += len(words)
        total += len(words) * float(score)
        # The recogniser lays such a line down by itself, so it is read well all the same.
        if len(words) > 2 and abs(box[3][1] - box[0][1]) > 1.5 * abs(box[1][0] - box[0][0]):
            on_end += len(words)
    return total / max(length, 1.0) * (0.5 if on_end > length / 2 else 1.0)


def spread(line: Line) -> list[Char]:
    """The characters of a line whose own places are not known: spread over it, half-width ones on half the room."""
    em = (line.x1 - line.x0) / max(sum(_width(character) for character in line.text), 1.0)
    chars = []
    x = line.x0
    for character in line.text:
        width = em * _width(character)
        if not character.isspace():
            chars.append(Char(character, x, line.top, x + width, line.bottom, line.bottom))
        x += width
    return chars


def _width(character: str) -> float:
    return _HALF if character.isascii() else 1.0


def _font(em: float) -> float:
    """The nearest usual type size: measured sizes of one style differ by a few per cent."""
    return min((9.0, 10.5, 12.0, 14.0, 16.0, 18.0, 22.0, 26.0, 36.0), key=lambda size: abs(math.log(em / size)))


def _slope(boxes: Sequence[Sequence[tuple[float, float]]]) -> float:
    """How far the lines of a page run askew: the median of the long ones' slopes."""
    slopes = [
        (box[1][1] - box[0][1]) / (box[1][0] - box[0][0])
        for box in boxes
        if box[1][0] - box[0][0] > 8 * abs(box[3][1] - box[0][1])
    ]
    found = median(slopes) if slopes else 0.0
    return found if abs(found) < 0.1 else 0.0


def _straighten(slope: float, x0: float, y0: float, scale: float) -> Callable[[float, float], tuple[float, float]]:
    """The map from pixels to points on the page set straight about its middle (x0, y0)."""
    length = math.hypot(1.0, slope)
    cos, sin = 1 / length, slope / length

    def turn(x: float, y: float) -> tuple[float, float]:
        dx, dy = x - x0, y - y0
        return (x0 + dx * cos + dy * sin) / scale, (y0 - dx * sin + dy * cos) / scale

    return turn


def _rules(picture: ndarray[Any, Any], turn: Callable[[float, float], tuple[float, float]]) -> list[Edge]:
    """The ruling lines that the picture shows."""
    import cv2

    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    ink = cv2.adaptiveThreshold(255 - grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 25, -12)
    edges = []
    for size in ((_RULE_PIXELS, 1), (1, _RULE_PIXELS)):
        kernel = cv2.getStructuringElement(cv2.MORPH_RECT, size)
        # Closing first: a rule scanned askew is a flight of steps, with gaps.
        lines = cv2.morphologyEx(
            cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_RECT, (3, 3))), cv2.MORPH_OPEN, kernel
        )
        for contour in cv2.findContours(lines, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]:
            points = contour[:, 0, :]
            axis = 0 if size[0] > 1 else 1
            ends = []
            for end in (points[:, axis].min(), points[:, axis].max()):
                at = points[points[:, axis] == end].mean(axis=0)
                ends.append(turn(float(at[0]), float(at[1])))
            (ax, ay), (bx, by) = ends
            if axis == 0 and abs(bx - ax) > 10 * abs(by - ay):
                edges.append(Edge(ax, (ay + by) / 2, bx, (ay + by) / 2))
            elif axis == 1 and abs(by - ay) > 10 * abs(bx - ax):
                edges.append(Edge((ax + bx) / 2, ay, (ax + bx) / 2, by))
    return edges
