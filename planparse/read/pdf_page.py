"""One page of a PDF file through pypdfium2: its lines with their places, its ruling lines, its pictures.

pdfium already drops characters that are drawn twice for a bold look. Its own lines are kept as they come, with the
places of their first and last characters only; single characters are looked at where that is not enough (text drawn
out of order, cells of tables). Coordinates are turned to the page as it is seen: points from the top left corner.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from itertools import pairwise

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from planparse.read.characters import replace_stand_ins
from planparse.read.chars import Char, Rect, visual_lines
from planparse.read.layout import Edge, Line

_MAX_OBJECTS = 100_000
_MAX_EDGES = 4_000
_MAX_FORM_DEPTH = 4
_RULE_WIDTH = 3.0
"""A path no thicker than this is a ruling line, whether stroked or filled."""
_RULE_LENGTH = 6.0
_AUTOMATIC_GAP = 0.6
"""Word processors leave a quarter of an em between Chinese and Latin, more in stretched lines."""


class PdfPage:
    """A loaded page; to be closed."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        self._page = page
        self._text_page = page.get_textpage()
        self._turn = _turn(page)
        self._rect = raw.FS_RECTF()
        self.width, self.height = page.get_size()
        count = self._text_page.count_chars()
        text = self._text_page.get_text_range() if count else ""
        if len(text) != count:  # characters without a code, or outside the basic plane
            text = "".join(chr(raw.FPDFText_GetUnicode(self._text_page.raw, index) or 0x20) for index in range(count))
        self.text: str = text

    def close(self) -> None:
        self._text_page.close()
        self._page.close()

    def box(self, index: int) -> Rect:
        """The place of character `index`, as high as its font."""
        rect = self._rect
        raw.FPDFText_GetLooseCharBox(self._text_page.raw, index, rect)
        return self._turn(rect.left, rect.bottom, rect.right, rect.top)

    def font_size(self, index: int) -> float:
        return float(raw.FPDFText_GetFontSize(self._text_page.raw, index))

    def ranges(self) -> Iterator[tuple[int, int]]:
        """Start and end of each line as pdfium found it, blank ends and blank lines left out."""
        start = 0
        for piece in self.text.split("\r\n"):
            words = piece.strip()
            if words:
                begin = start + piece.index(words)
                yield begin, begin + len(words)
            start += len(piece) + 2

    def line(self, start: int, end: int) -> Line:
        """The line of characters [start, end)."""
        left, top, right, bottom = self.box(start)
        em = bottom - top
        in_order = True
        if end - start > 1:
            x0, y0, x1, y1 = self.box(end - 1)
            in_order = x0 >= self.box(end - 2)[0]
            left, top, right, bottom = min(left, x0), min(top, y0), max(right, x1), max(bottom, y1)
            em = max(em, y1 - y0)
        words, whole = self._words(start, end)
        font = self.font_size(start)
        if not (in_order and whole):
            # A character from another font is drawn after the line it belongs to; its place is in the gap.
            visual = visual_lines(self.chars(start, end))
            if len(visual) == 1:
                line = Line.of(visual[0], font)
                line.span = (start, end)
                return line
        return Line(words, left, top, right, bottom, em, font, span=(start, end))

    def chars(self, start: int, end: int) -> list[Char]:
        """The characters [start, end) with their places, spaces left out."""
        x, y = ctypes.c_double(), ctypes.c_double()
        found = []
        for index, character in enumerate(self.text[start:end], start):
            if not character.isspace():
                raw.FPDFText_GetCharOrigin(self._text_page.raw, index, x, y)
                base = self._turn(x.value, y.value, x.value, y.value)[1]
                found.append(Char(character, *self.box(index), base))
        return found

    def _words(self, start: int, end: int) -> tuple[str, bool]:
        """The words of [start, end) without the spaces that pdfium reads into the gap between Chinese and digits, and
        whether all gaps between Chinese characters are narrower than one."""
        text = self.text[start:end]
        whole = True
        if " " in text:
            kept = []
            for offset, character in enumerate(text):
                if character == " " and offset:
                    before, after = text[offset - 1], text[offset + 1]
                    if not (before.isascii() and after.isascii()) and self._is_generated(start + offset):
                        if self._gap(start + offset) < _AUTOMATIC_GAP:
                            continue
                        whole = whole and (before.isascii() or after.isascii())
                kept.append(character)
            text = "".join(kept)
        return replace_stand_ins(" ".join(text.replace("\ufffe", "-").split())), whole

    def _is_generated(self, index: int) -> bool:
        return bool(raw.FPDFText_IsGenerated(self._text_page.raw, index) == 1)

    def _gap(self, index: int) -> float:
        """The room (em) between the characters beside `index`."""
        left, right = self.box(index - 1), self.box(index + 1)
        return (right[0] - left[2]) / max(left[3] - left[1], 1.0)

    def drawings(self) -> tuple[list[Edge], float, int]:
        """Ruling lines, the share of the page that its largest picture covers, and the number of paths."""
        finder = _Drawings(self._turn)
        page = self._page.raw
        finder.look(raw.FPDFPage_GetObject, page, raw.FPDFPage_CountObjects(page), _IDENTITY, 0)
        return finder.edges, finder.picture / max(self.width * self.height, 1.0), finder.paths


def _turn(page: pdfium.PdfPage) -> Callable[[float, float, float, float], Rect]:
    """The map from PDF's user space (left, bottom, right, top) to the page as it is seen."""
    x0, y0, x1, y1 = page.get_mediabox()
    rotation = page.get_rotation()
    if rotation == 90:
        return lambda left, bottom, right, top: (bottom - y0, left - x0, top - y0, right - x0)
    if rotation == 180:
        return lambda left, bottom, right, top: (x1 - right, bottom - y0, x1 - left, top - y0)
    if rotation == 270:
        return lambda left, bottom, right, top: (y1 - top, x1 - right, y1 - bottom, x1 - left)
    return lambda left, bottom, right, top: (left - x0, y1 - top, right - x0, y1 - bottom)


Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class _Drawings:
    """Walks the objects of a page and of the forms in it."""

    def __init__(self, turn: Callable[[float, float, float, float], Rect]) -> None:
        self._turn = turn
        self._sides = [ctypes.c_float() for _ in range(4)]
        self._seen = 0
        self.edges: list[Edge] = []
        self.picture = 0.0
        self.paths = 0

    def look(self, get: Callable[[object, int], object], owner: object, count: int, matrix: Matrix, depth: int) -> None:
        """Take in the objects that `get(owner, index)` gives; `matrix` maps their coordinates to the page's."""
        get_type = raw.FPDFPageObj_GetType
        text = raw.FPDF_PAGEOBJ_TEXT
        count = min(count, _MAX_OBJECTS - self._seen)
        self._seen += count
        for index in range(count):
            item = get(owner, index)
            kind = get_type(item)
            if kind == text:
                continue
            if kind == raw.FPDF_PAGEOBJ_PATH:
                self.paths += 1
                if len(self.edges) < _MAX_EDGES:
                    self._add_path(item, matrix)
            elif kind == raw.FPDF_PAGEOBJ_IMAGE:
                left, bottom, right, top = _mapped(self._bounds(item), matrix)
                self.picture = max(self.picture, (right - left) * (top - bottom))
            elif kind == raw.FPDF_PAGEOBJ_FORM and depth < _MAX_FORM_DEPTH:
                inner = _product(_matrix(item), matrix)
                self.look(raw.FPDFFormObj_GetObject, item, raw.FPDFFormObj_CountObjects(item), inner, depth + 1)

    def _bounds(self, item: object) -> tuple[float, float, float, float]:
        left, bottom, right, top = self._sides
        raw.FPDFPageObj_GetBounds(item, left, bottom, right, top)
        return left.value, bottom.value, right.value, top.value

    def _add_path(self, path: object, matrix: Matrix) -> None:
        bounds = _mapped(self._bounds(path), matrix)
        left, bottom, right, top = bounds
        if right - left <= _RULE_WIDTH or top - bottom <= _RULE_WIDTH:
            self._add_edge(bounds)
            return
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        raw.FPDFPath_GetDrawMode(path, fill, stroke)
        count = raw.FPDFPath_CountSegments(path)
        # A filled area is a shade behind the text, unless it is made of several thin ones.
        if count > _MAX_EDGES or (not stroke.value and count <= 5):
            return
        for points in _subpaths(path, count, _product(_matrix(path), matrix)):
            xs, ys = [x for x, _ in points], [y for _, y in points]
            area = (min(xs), min(ys), max(xs), max(ys))
            if area[2] - area[0] <= _RULE_WIDTH or area[3] - area[1] <= _RULE_WIDTH:
                self._add_edge(area)
            elif stroke.value:
                for (ax, ay), (bx, by) in pairwise(points):
                    self._add_edge((min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)))

    def _add_edge(self, area: tuple[float, float, float, float]) -> None:
        x0, top, x1, bottom = self._turn(*area)
        across, down = x1 - x0, bottom - top
        if down <= _RULE_WIDTH and across >= _RULE_LENGTH:
            middle = (top + bottom) / 2
            self.edges.append(Edge(x0, middle, x1, middle))
        elif across <= _RULE_WIDTH and down >= _RULE_LENGTH:
            middle = (x0 + x1) / 2
            self.edges.append(Edge(middle, top, middle, bottom))


def _subpaths(path: object, count: int, matrix: Matrix) -> Iterator[list[tuple[float, float]]]:
    """The points of each subpath, in page coordinates; curves by their end points."""
    x, y = ctypes.c_float(), ctypes.c_float()
    a, b, c, d, e, f = matrix
    points: list[tuple[float, float]] = []
    for index in range(count):
        segment = raw.FPDFPath_GetPathSegment(path, index)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        if raw.FPDFPathSegment_GetType(segment) == raw.FPDF_SEGMENT_MOVETO and points:
            yield points
            points = []
        points.append((a * x.value + c * y.value + e, b * x.value + d * y.value + f))
        if raw.FPDFPathSegment_GetClose(segment):
            points.append(points[0])
    if points:
        yield points


def _matrix(item: object) -> Matrix:
    found = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(item, found)
    return found.a, found.b, found.c, found.d, found.e, found.f


def _product(inner: Matrix, outer: Matrix) -> Matrix:
    """The matrix that applies `inner` first."""
    if outer is _IDENTITY:
        return inner
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _mapped(area: tuple[float, float, float, float], matrix: Matrix) -> tuple[float, float, float, float]:
    if matrix is _IDENTITY:
        return area
    a, b, c, d, e, f = matrix
    corners = [(a * x + c * y + e, b * x + d * y + f) for x in (area[0], area[2]) for y in (area[1], area[3])]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)
