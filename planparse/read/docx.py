"""Word documents (DOCX, ECMA-376), also as WPS Office writes them.

Zip and XML are read directly, not through python-docx: that package unpacks every part of a file, pictures and all,
without a limit, its walk over the body is a hundred times slower, and it knows neither automatic numbering nor text
boxes, content controls and tracked changes, which all had to be read from the XML in any case.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from planparse.document import Document
from planparse.errors import DamagedFileError
from planparse.read.archive import Archive
from planparse.read.build import Box, Builder, Grid, one_line
from planparse.read.characters import replace_stand_ins, symbol
from planparse.read.numbering import Numbering, Place, W, place_of
from planparse.read.package import parse_part, related_parts
from planparse.read.titles import continues_title

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_VAL = f"{W}val"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"

# What is not part of the text: deletions, the old place of moved text, field codes, phonetic guides, and properties.
_SKIPPED = frozenset(
    f"{W}{tag}"
    for tag in ("del", "moveFrom", "instrText", "delText", "rt", "pPr", "rPr", "sdtPr", "tblPr", "trPr", "tcPr")
) | {f"{_MC}Fallback"}


def read(data: bytes, name: str) -> Document:
    """The document in the package `data`. Raises DamagedFileError, TooLargeError or EmptyFileError."""
    with Archive(data, name) as archive:
        main = related_parts(archive, "", name).get("officeDocument", "word/document.xml")
        related = related_parts(archive, main, name)
        root = parse_part(archive, main, name)
        parts = {
            kind: parse_part(archive, related[kind], name) if related.get(kind) in archive.names else None
            for kind in ("styles", "numbering")
        }
    body = root.find(f"{W}body")
    if body is None:
        raise DamagedFileError(name, "the package holds no document body")
    builder = Builder(name)
    _Body(parts["styles"], parts["numbering"]).write(body, builder)
    return builder.document(data, MEDIA_TYPE)


@dataclass(slots=True)
class _Style:
    """A paragraph style with what it inherits: its place in a list, whether it centres, its font size."""

    place: Place | None = None
    centred: bool | None = None
    size: str = ""
    name: str = ""


@dataclass(slots=True)
class _Paragraph:
    """One paragraph: its lines (it may hold line breaks), and its look as far as titles show it.

    `label`: the automatic number of a paragraph without words, which a column of running numbers consists of.
    """

    lines: list[str]
    centred: bool
    size: str
    label: str = ""


class _Body:
    """Walks a document body in order."""

    def __init__(self, styles: etree._Element | None, numbering: etree._Element | None) -> None:
        self._styles: dict[str, _Style] = {}
        self._default = _Style()
        lists_of_styles: dict[str, str] = {}
        if styles is not None:
            self._load_styles(styles, lists_of_styles)
        self._numbering = Numbering(numbering, lists_of_styles)

    def write(self, body: etree._Element, builder: Builder) -> None:
        """Hand the paragraphs and tables of `body` to `builder`; lines of one centred title are joined."""
        title: _Paragraph | None = None
        for block in self._blocks(body):
            if isinstance(block, list):
                title = self._flush(title, builder)
                builder.table(block)
            elif not block.lines:
                title = self._flush(title, builder)
            elif not block.centred:
                title = self._flush(title, builder)
                for line in block.lines:
                    builder.line(line)
            else:
                for line in block.lines:
                    if title and title.size == block.size and continues_title(title.lines[0], line):
                        title.lines[0] += line
                    else:
                        self._flush(title, builder)
                        title = _Paragraph([line], True, block.size)
        self._flush(title, builder)

    @staticmethod
    def _flush(title: _Paragraph | None, builder: Builder) -> None:
        if title:
            builder.line(title.lines[0])

    def _load_styles(self, root: etree._Element, lists_of_styles: dict[str, str]) -> None:
        elements = {element.get(f"{W}styleId", ""): element for element in root.iter(f"{W}style")}
        for style_id, element in elements.items():
            style = _Style(name=_value(element, "name").lower())
            list_id: str | None = None
            level: int | None = None
            seen: set[str] = set()
            at: etree._Element | None = element
            current = style_id
            while at is not None and current not in seen:
                seen.add(current)
                properties = at.find(f"{W}pPr")
                place = place_of(properties)
                if place is not None:
                    list_id = list_id or place.list_id
                    level = place.level if level is None else level
                if style.centred is None and properties is not None and properties.find(f"{W}jc") is not None:
                    style.centred = _value(properties, "jc") == "center"
                run = at.find(f"{W}rPr")
                if not style.size and run is not None:
                    style.size = _value(run, "sz")
                current = _value(at, "basedOn")
                at = elements.get(current)
            if list_id:
                style.place = Place(list_id, level)
            self._styles[style_id] = style
            if element.get(f"{W}type") == "numbering" and style.place and style.place.list_id:
                lists_of_styles[style_id] = style.place.list_id
            if element.get(f"{W}type") == "paragraph" and element.get(f"{W}default") in ("1", "true"):
                self._default = style

    def _blocks(self, parent: etree._Element) -> Iterator[_Paragraph | Grid]:
        """Paragraphs and tables below `parent`, in order; paragraphs whose mark was deleted run on into the next."""
        carried = ""
        for element in _below(parent, f"{W}p", f"{W}tbl"):
            if element.tag == f"{W}tbl":
                yield from self._table(element)
                continue
            paragraph, boxes, joins_next = self._paragraph(element, carried)
            if joins_next:
                carried = "\n".join(paragraph.lines)
                continue
            carried = ""
            yield paragraph
            for box in boxes:
                yield from self._blocks(box)
        if carried:
            yield _Paragraph([carried], False, "")

    def _paragraph(self, element: etree._Element, carried: str) -> tuple[_Paragraph, list[etree._Element], bool]:
        """The paragraph, the text boxes anchored in it, and whether its end mark is a tracked deletion."""
        properties = element.find(f"{W}pPr")
        style_id = _value(properties, "pStyle") if properties is not None else ""
        style = self._styles.get(style_id, self._default)
        boxes: list[etree._Element] = []
        parts: list[str] = []
        size = _run_text(element, parts, boxes)
        label = self._label(properties, style_id, style)
        text = "".join(parts)
        if style.name.startswith("toc "):  # an automatic table of contents, in paragraphs of styles "toc 1" …
            text = ""
        elif text.strip() and not carried:
            text = label + text
        text = carried + text
        lines = [line for line in map(_words, text.split("\n")) if line]
        centred = style.centred
        if properties is not None and properties.find(f"{W}jc") is not None:
            centred = _value(properties, "jc") == "center"
        mark = properties.find(f"{W}rPr/{W}del") if properties is not None else None
        paragraph = _Paragraph(lines, bool(centred), size or style.size, "" if lines else label)
        return paragraph, boxes, mark is not None

    def _label(self, properties: etree._Element | None, style_id: str, style: _Style) -> str:
        place = place_of(properties)
        inherited = style.place
        list_id = (place.list_id if place else None) or (inherited.list_id if inherited else None)
        if not list_id or list_id == "0":
            return ""
        level = place.level if place and place.level is not None else inherited.level if inherited else None
        if level is None:
            level = self._numbering.level_of_style(list_id, style_id)
        return self._numbering.next(list_id, level)

    def _table(self, table: etree._Element) -> Iterator[_Paragraph | Grid]:
        """The table as a grid; one with a single column is a box, and its paragraphs come one by one."""
        rows = list(_rows(table))
        if all(len(cells) <= 1 for _, cells in rows):
            for _, cells in rows:
                for cell in cells:
                    yield from self._blocks(cell)
            return
        grid: Grid = []
        open_boxes: dict[int, Box] = {}  # by grid column: the box that a cell merged downwards continues
        for before, cells in rows:
            boxes: list[Box] = []
            if before:
                boxes.append(Box("", 1, before))
            column = before
            for cell in cells:
                properties = cell.find(f"{W}tcPr")
                span, merge, joined = _merges(properties)
                above = open_boxes.get(column)
                if joined and boxes:
                    boxes[-1].cols += span
                elif merge == "continue" and above is not None and above.cols == span:
                    above.rows += 1
                else:
                    box = Box(self._cell_text(cell), 1, span)
                    boxes.append(box)
                    open_boxes.pop(column, None)
                    if merge:
                        open_boxes[column] = box
                column += span
            grid.append(boxes)
        yield grid

    def _cell_text(self, cell: etree._Element) -> str:
        words: list[str] = []
        for block in self._blocks(cell):
            if isinstance(block, list):
                words.extend(box.text for row in block for box in row if box.text)
            else:
                words.extend(block.lines or [block.label])
        return one_line(" ".join(words))


def _run_text(paragraph: etree._Element, parts: list[str], boxes: list[etree._Element]) -> str:
    """Collect the words of a paragraph into `parts` (line breaks as LF) and its text boxes into `boxes`.

    Returns the font size of its first run with words, as written (half points), or "".
    """
    size = ""
    walker = etree.iterwalk(paragraph, events=("start",))
    for _, element in walker:
        tag = element.tag
        if tag == f"{W}r":
            properties = element.find(f"{W}rPr")
            if properties is not None:
                if _is_on(properties.find(f"{W}vanish")):
                    walker.skip_subtree()
                elif not size and element.find(f"{W}t") is not None:
                    size = _value(properties, "sz")
        elif tag == f"{W}t" or tag == _MATH_TEXT:
            parts.append(element.text or "")
        elif tag == f"{W}tab":
            parts.append("\t")
        elif tag in (f"{W}br", f"{W}cr"):
            parts.append("\n")
        elif tag == f"{W}noBreakHyphen":
            parts.append("-")
        elif tag == f"{W}sym":
            parts.append(_symbol(element))
        elif tag == f"{W}txbxContent":
            boxes.append(element)
            walker.skip_subtree()
        elif tag in _SKIPPED:
            walker.skip_subtree()
    return size


def _below(parent: etree._Element, *tags: str) -> Iterator[etree._Element]:
    """The elements of these tags that stand in `parent`, at any depth but not in each other: through content controls
    and insertions, not through deletions and the automatic table of contents."""
    walker = etree.iterwalk(parent, events=("start",))
    for _, element in walker:
        if element is parent:
            continue
        if element.tag in tags:
            yield element
            walker.skip_subtree()
        elif element.tag in _SKIPPED or _is_contents(element):
            walker.skip_subtree()


def _is_contents(element: etree._Element) -> bool:
    """Whether a content control holds the automatic table of contents."""
    if element.tag != f"{W}sdt":
        return False
    gallery = element.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
    return gallery is not None and gallery.get(_VAL) == "Table of Contents"


def _rows(table: etree._Element) -> Iterator[tuple[int, list[etree._Element]]]:
    """Of each row that is not a tracked deletion: the grid columns it leaves out on the left, and its cells."""
    for row in _below(table, f"{W}tr"):
        properties = row.find(f"{W}trPr")
        before = 0
        if properties is not None:
            if properties.find(f"{W}del") is not None:
                continue
            before = _number(_value(properties, "gridBefore"), 0)
        yield before, list(_below(row, f"{W}tc"))


def _merges(properties: etree._Element | None) -> tuple[int, str, bool]:
    """Of a w:tcPr: the columns it spans, its vertical merge ("restart", "continue" or ""), and whether it belongs to
    the cell on its left (w:hMerge, which old converters write)."""
    if properties is None:
        return 1, "", False
    merge = properties.find(f"{W}vMerge")
    joined = properties.find(f"{W}hMerge")
    return (
        max(1, min(_number(_value(properties, "gridSpan"), 1), 1000)),
        merge.get(_VAL, "continue") if merge is not None else "",
        joined is not None and joined.get(_VAL, "continue") == "continue",
    )


def _symbol(element: etree._Element) -> str:
    code = element.get(f"{W}char", "")
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    if number >= 0xF000:
        return symbol(number - 0xF000)
    return chr(number) if 0x20 <= number < 0xD800 else ""


def _words(line: str) -> str:
    """One line without outer white space, its inner tabs kept: they set columns apart."""
    return "\t".join(filter(None, map(one_line, replace_stand_ins(line).split("\t"))))


def _value(parent: etree._Element, name: str) -> str:
    child = parent.find(f"{W}{name}")
    return child.get(_VAL, "") if child is not None else ""


def _is_on(flag: etree._Element | None) -> bool:
    return flag is not None and flag.get(_VAL, "1") not in ("0", "false", "off")


def _number(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else default
