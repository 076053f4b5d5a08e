"""Saved web pages: the document's text and tables without navigation, share buttons and hidden elements.

The reader takes away what is surely page furniture and keeps the rest, rather than picking one "main" element: a
document's title and its key-value table often stand outside the element that holds its body. Extractors that pick
(trafilatura, readability) lose table rows. Furniture that only its words give away is left to the rules.
"""

from __future__ import annotations

import codecs
import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from planparse.document import Document
from planparse.errors import DamagedFileError, EmptyFileError, TooLargeError
from planparse.read import plain
from planparse.read.build import Box, Builder, Grid, unwrap
from planparse.read.limits import MAX_ELEMENTS
from planparse.read.numbers import chinese_number
from planparse.read.titles import continues_title


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


_SKIPPED_TAGS = _names(
    "head title script style noscript template iframe frame frameset object embed svg canvas audio video map nav aside "
    "button input select textarea datalist dialog del s strike rt rp"
)
_BLOCK_TAGS = _names(
    "html body address article blockquote center caption dd details div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hr legend li main menu ol p pre section summary table tbody td tfoot th thead tr ul"
)
_HEADINGS = _names("h1 h2 h3 h4 h5 h6")

# Names that page authors give to furniture, as whole words of `class` and `id` (newsShare, share-box, nav_left).
_FURNITURE_NAME = re.compile(
    r"(?:^|[-_\s])(?:nav|navbar|navigation|menu|crumbs?|breadcrumbs?|b?share|bdsharebuttonbox|jiathis|foot|footer|"
    r"side|sidebar|aside|qr|qrcode|ewm|erweima|toolbar|tools|login|search|copyright|links|friendlinks?|banners?|adv?|"
    r"related|recommend|comments?|weixin|wechat|weibo|pager?|no-?print|print|dqwz|location|topbar|top-?nav)"
    r"(?:$|[-_\s0-9])",
    re.I,
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_HIDDEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))", re.I)
_STYLE_ALIGN = re.compile(r"text-align\s*:\s*([a-z]+)", re.I)
_STYLE_SIZE = re.compile(r"font-size\s*:\s*([^;]+)", re.I)
_STYLE_BOLD = re.compile(r"font-weight\s*:\s*(bold|[6-9]00)", re.I)
_META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([-\w]+)|<\?xml[^>]{0,100}encoding=[\"']([-\w]+)", re.I
)
_DATA_URI = re.compile(rb"data:[\w/+.;=-]{0,100}base64,[A-Za-z0-9+/=%]+")

# Declared charsets of Chinese pages, each as the superset that browsers read it as (WHATWG Encoding Standard).
_CODECS = {
    **dict.fromkeys(("gb2312", "gb_2312-80", "gbk", "x-gbk", "gb18030"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs", "cn-big5", "x-x-big5"), "big5hkscs"),
}
_BROKEN_CHARACTERS = 8

_FURNITURE_SHARE = 0.3
"""An element named like furniture that holds more than this share of the page's text is the page after all."""
_LINK_SHARE = 0.6
"""A block is a list of links when they make up this share of its text."""
_LINKS_OF_A_LIST = 3
_LAYOUT_SHARE = 0.5
"""A table with a cell that holds this share of the page's text lays the page out."""
_LAYOUT_PARAGRAPHS = 12
_MAX_COLSPAN = 1000
"""The HTML standard's own limit for colspan."""


def read(data: bytes, name: str, mhtml: bool = False) -> Document:
    """The document in the page `data` (with `mhtml`: in the page of the MIME archive `data`).

    Raises EncodingError, DamagedFileError, EmptyFileError or TooLargeError.
    """
    page, declared = _page_of_archive(data, name) if mhtml else (data, None)
    text, encoding = _decode(_DATA_URI.sub(b"", page), declared, name)
    root = _parse(text, name)
    builder = Builder(name)
    _Page(root).write(builder)
    return builder.document(data, "multipart/related" if mhtml else "text/html", encoding)


def _page_of_archive(data: bytes, name: str) -> tuple[bytes, str | None]:
    """The HTML part of a web archive (RFC 2557), and the charset its header states."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes) and payload:
                return payload, part.get_content_charset()
    raise DamagedFileError(name, "the web archive holds no HTML page")


def _decode(data: bytes, declared: str | None, name: str) -> tuple[str, str]:
    """Text and encoding name.

    A page that is valid UTF-8 is UTF-8, whatever it declares: browsers convert on saving. The declared charset comes
    next, then what the bytes look like. Pages carry the odd broken character and may be cut off inside one; as
    browsers do, the reader takes the rest, unless so much is broken that the encoding must be another.
    """
    if data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\x00" in data[:1024]:
        return plain.decode(data, name)
    found = _META_CHARSET.search(data[:8192])
    charset = (found[1] or found[2]).decode("ascii") if found else declared
    for codec in ("utf-8", _CODECS.get((charset or "").lower())):
        if codec is not None:
            text = data.decode(codec, "replace")
            if text.count("\ufffd") <= max(_BROKEN_CHARACTERS, len(text) // 1000):
                return text, {"big5hkscs": "big5"}.get(codec, codec)
    return plain.decode(data, name)


def _parse(text: str, name: str) -> HtmlElement:
    if text.count("<") > MAX_ELEMENTS:
        raise TooLargeError(name, f"the page holds more than {MAX_ELEMENTS:,} tags")
    # huge_tree lifts the limit on one text node (10 MB) and allows 2048 levels; sizes are bounded above.
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    try:
        root = document_fromstring(text.encode("utf-8", "replace"), parser=parser, ensure_head_body=False)
    except etree.ParserError as error:
        raise EmptyFileError(name, "the page holds no text") from error
    if any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log):
        raise TooLargeError(name, "the page is nested too deeply")
    return root


class _Size(NamedTuple):
    """Characters of an element's text, how many of them stand in links; its links, paragraphs and main headings."""

    chars: int
    link_chars: int
    links: int
    paragraphs: int
    titles: int


@dataclass(slots=True)
class _Style:
    """What the page says of the look of a run of text, as far as it says so in the element itself."""

    centred: bool = False
    size: str = ""
    bold: bool = False


@dataclass(slots=True)
class _Block:
    """One paragraph, and the style of its first words; `gap`: a blank paragraph stands before it."""

    text: str
    style: _Style
    gap: bool


class _Page:
    """One parsed page. `write` hands its text and tables to a builder."""

    def __init__(self, root: HtmlElement) -> None:
        self._root = root
        self._sizes = _measure(root)
        self._total = max(self._sizes[root].chars, 1)
        self._skipped = {element for element in self._sizes if self._is_furniture(element)}

    def write(self, builder: Builder) -> None:
        above: _Block | None = None
        for block in self.blocks(self._root):
            if isinstance(block, list):
                if above:
                    builder.line(above.text)
                builder.table(block)
                above = None
            elif (
                above
                and above.style.centred
                and above.style == block.style
                and not block.gap
                and continues_title(above.text, block.text)
            ):
                above.text += block.text
            else:
                if above:
                    builder.line(above.text)
                above = block
        if above:
            builder.line(above.text)

    def _is_furniture(self, element: HtmlElement) -> bool:
        tag = element.tag
        if not isinstance(tag, str) or tag in _SKIPPED_TAGS:
            return True
        if "hidden" in element.attrib or _HIDDEN_STYLE.search(element.get("style", "")):
            return True
        size = self._sizes[element]
        if tag in ("html", "body") or size.chars > _FURNITURE_SHARE * self._total:
            return False
        if tag in _BLOCK_TAGS and size.links >= _LINKS_OF_A_LIST and size.link_chars > _LINK_SHARE * size.chars:
            return True
        names = f"{element.get('class', '')} {element.get('id', '')}"
        if len(names) > 1 and _FURNITURE_NAME.search(_CAMEL.sub("-", names)):
            return not size.titles
        return tag == "footer" or (tag == "table" and not size.chars)

    def _is_layout(self, table: HtmlElement) -> bool:
        """Whether a table only places blocks on the page. Its rows are then no rows of data."""
        if table.get("role") in ("presentation", "none"):
            return True
        columns = 0
        for row in _rows(table):
            cells = _cells(row)
            columns = max(columns, len(cells))
            for cell in cells:
                size = self._sizes[cell]
                if size.chars > _LAYOUT_SHARE * self._total or size.paragraphs > _LAYOUT_PARAGRAPHS:
                    return True
                # The halving also bounds how deep tables of data can stand in each other.
                if size.chars > _LAYOUT_SHARE * self._sizes[table].chars and cell.find(".//table") is not None:
                    return True
        return columns < 2

    def blocks(self, root: HtmlElement) -> list[_Block | Grid]:
        """The paragraphs and data tables below `root`, in order."""
        return _Flow(self, root).run()

    def is_skipped(self, element: HtmlElement) -> bool:
        """Whether an element is no part of the document."""
        return element in self._skipped

    def is_blank(self, element: HtmlElement) -> bool:
        """Whether an element holds no words."""
        return not self._sizes[element].chars

    def is_data(self, element: HtmlElement) -> bool:
        """Whether an element is a table with rows of data."""
        return element.tag == "table" and not self._is_layout(element)

    def grid(self, table: HtmlElement) -> Grid:
        """The cells of a data table."""
        grid: Grid = []
        for row in _rows(table):
            if self.is_skipped(row):
                continue
            boxes = []
            for cell in _cells(row):
                if not self.is_skipped(cell):
                    cols = min(_span(cell, "colspan"), _MAX_COLSPAN)
                    boxes.append(Box(self._cell_text(cell), _span(cell, "rowspan"), cols))
            grid.append(boxes)
        return grid

    def _cell_text(self, cell: HtmlElement) -> str:
        parts: list[str] = []
        for block in self.blocks(cell):
            if isinstance(block, list):
                parts.extend(box.text for row in block for box in row if box.text)
            else:
                parts.append(block.text)
        return " ".join(parts)


class _Flow:
    """One walk over the elements below a root, which collects its paragraphs and data tables."""

    def __init__(self, page: _Page, root: HtmlElement) -> None:
        self._page = page
        self._root = root
        self._blocks: list[_Block | Grid] = []
        self._words: list[str] = []
        self._blank = True
        self._styles = [_style_of(root, _Style())]
        self._style = self._styles[0]
        """The style of the first words of the paragraph that is being collected."""
        self._gap = False
        self._headings = 0
        """How many heading elements stand around the walker's place."""
        self._counters: dict[HtmlElement, int] = {}

    def run(self) -> list[_Block | Grid]:
        """The blocks, in order."""
        walker = etree.iterwalk(self._root, events=("start", "end"))
        for event, element in walker:
            if event == "end":
                self._end(element)
            elif element is not self._root and self._page.is_skipped(element):
                self._styles.append(self._styles[-1])
                walker.skip_subtree()
            elif element is not self._root and self._page.is_data(element):
                self._styles.append(self._styles[-1])
                self._flush()
                for caption in element.iterchildren("caption"):
                    self._blocks += self._page.blocks(caption)
                self._blocks.append(self._page.grid(element))
                walker.skip_subtree()
            else:
                self._start(element)
        self._flush()
        return self._blocks

    def _start(self, element: HtmlElement) -> None:
        tag = element.tag
        self._styles.append(_style_of(element, self._styles[-1]))
        if tag in _BLOCK_TAGS:
            self._flush()
        if tag == "br" and self._headings:
            self._words.append("\n")  # a wrapped heading; elsewhere authors end paragraphs so
        elif tag == "br":
            self._gap = self._gap or self._blank
            self._flush()
        elif tag in _HEADINGS:
            self._headings += 1
        elif tag == "li":
            self._words.append(_item_number(element, self._counters))
        if tag == "pre":
            for line in (element.text or "").split("\n"):
                self._add(line)
                self._flush()
        else:
            self._add(element.text)

    def _end(self, element: HtmlElement) -> None:
        self._styles.pop()
        tag = element.tag
        if not self._page.is_skipped(element):
            self._headings -= tag in _HEADINGS
            if tag in _BLOCK_TAGS:
                self._flush()
                self._gap = self._gap or (tag == "p" and self._page.is_blank(element))
        if element is not self._root:
            self._add(element.tail)

    def _add(self, text: str | None) -> None:
        if text:
            if self._blank and text.strip():
                self._style = self._styles[-1]
                self._blank = False
            self._words.append(text)

    def _flush(self) -> None:
        text = unwrap("".join(self._words))
        self._words.clear()
        self._blank = True
        if text:
            self._blocks.append(_Block(text, self._style, self._gap))
            self._gap = False


def _measure(root: HtmlElement) -> dict[HtmlElement, _Size]:
    """The size of each element, in document order."""
    sizes: dict[HtmlElement, _Size] = {}
    stack: list[list[int]] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag
        if event == "start":
            stack.append([len((element.text or "").strip()), 0, 0, 0, 0])
            sizes[element] = _Size(0, 0, 0, 0, 0)
            continue
        counts = stack.pop()
        if tag in _SKIPPED_TAGS:
            counts = [0, 0, 0, 0, 0]
        elif tag == "a":
            counts[1] = counts[0]
            counts[2] += 1
        elif tag == "p" and counts[0]:
            counts[3] += 1
        elif tag == "h1":
            counts[4] += 1
        sizes[element] = _Size(*counts)
        if stack:
            above = stack[-1]
            above[0] += len((element.tail or "").strip())
            stack[-1] = [ours + theirs for ours, theirs in zip(above, counts, strict=True)]
    return sizes


def _rows(table: HtmlElement) -> Iterator[HtmlElement]:
    """The table's own rows, also those in thead, tbody, tfoot, and those that stray tags wrap; not nested tables'."""
    walker = etree.iterwalk(table, events=("start",))
    for _, element in walker:
        if element.tag == "tr":
            yield element
            walker.skip_subtree()
        elif element.tag == "table" and element is not table:
            walker.skip_subtree()


def _cells(row: HtmlElement) -> list[HtmlElement]:
    return [child for child in row if child.tag in ("td", "th")]


def _span(cell: HtmlElement, attribute: str) -> int:
    """The number in rowspan or colspan; 0 (to the end, for rowspan) and nonsense as the standard reads them."""
    found = re.match(r"\s*(\d{1,5})", cell.get(attribute, "1"))
    number = int(found[1]) if found else 1
    return number or (65534 if attribute == "rowspan" else 1)


def _style_of(element: HtmlElement, above: _Style) -> _Style:
    tag = element.tag
    css = element.get("style", "")
    align = _STYLE_ALIGN.search(css)
    size = _STYLE_SIZE.search(css)
    centred = above.centred
    if align:
        centred = align[1].lower() == "center"
    elif tag in _BLOCK_TAGS and element.get("align"):
        centred = element.get("align", "").lower() == "center"
    elif tag == "center":
        centred = True
    bold = above.bold or tag in ("b", "strong", "h1", "h2", "h3") or bool(_STYLE_BOLD.search(css))
    words = above.size
    if size:
        words = size[1].strip()
    elif tag in _HEADINGS or (tag == "font" and element.get("size")):
        words = f"{tag}{element.get('size', '')}"
    if (centred, words, bold) == (above.centred, above.size, above.bold):
        return above
    return _Style(centred, words, bold)


def _item_number(item: HtmlElement, counters: dict[HtmlElement, int]) -> str:
    """The number a browser shows before an item of an ordered list, with its mark; empty where there is none."""
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return ""
    try:
        number = int(item.get("value", ""))
    except ValueError:
        number = counters[parent] + 1 if parent in counters else _int(parent.get("start"), 1)
    counters[parent] = number
    css = f"{parent.get('style', '')};{item.get('style', '')}"
    if "none" in css and "list-style" in css:
        return ""
    first = next((text for text in item.itertext() if isinstance(text, str) and text.strip()), "")
    if re.match(r"\s*[(（]?[0-9一二三四五六七八九十]+[.、．)）]", first):  # the author numbered it by hand as well
        return ""
    if re.search(r"list-style[^;]*(?:chinese|ideographic)", css):
        return f"{chinese_number(number)}、"
    return f"{number}."


def _int(text: str | None, default: int) -> int:
    try:
        return int(text or default)
    except ValueError:
        return default
