"""Small files of each format, made byte by byte, for the reader tests."""

from __future__ import annotations

import zipfile
import zlib
from functools import cache
from io import BytesIO

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

W = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:wps="wps" xmlns:v="v"'
)
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


def package(parts: dict[str, str | bytes]) -> bytes:
    """A ZIP file with these parts."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def docx(body: str, numbering: str = "", styles: str = "") -> bytes:
    """A Word file with this w:body content, w:numbering content and w:styles content."""
    relations = "".join(
        f'<Relationship Id="{kind}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" '
        f'Target="{kind}.xml"/>'
        for kind in ("numbering", "styles")
    )
    return package(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{relations}</Relationships>',
            "word/numbering.xml": f"<w:numbering {W}>{numbering}</w:numbering>",
            "word/styles.xml": f"<w:styles {W}>{styles}</w:styles>",
        }
    )


def paragraph(words: str, properties: str = "") -> str:
    """A w:p with one run."""
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space='preserve'>{words}</w:t></w:r></w:p>"


def numbered(words: str, list_id: int, level: int | None = None) -> str:
    """A paragraph of a list."""
    place = "" if level is None else f'<w:ilvl w:val="{level}"/>'
    return paragraph(words, f'<w:numPr>{place}<w:numId w:val="{list_id}"/></w:numPr>')


def level(index: int, kind: str, text: str, more: str = "") -> str:
    """A w:lvl of an abstract list definition."""
    kind = f'<w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
    return f'<w:lvl w:ilvl="{index}">{kind}{more}<w:lvlText w:val="{text}"/></w:lvl>'


def abstract(number: int, *levels: str) -> str:
    """A w:abstractNum."""
    return f'<w:abstractNum w:abstractNumId="{number}">{"".join(levels)}</w:abstractNum>'


def num(number: int, abstract_number: int, more: str = "") -> str:
    """A w:num."""
    return f'<w:num w:numId="{number}"><w:abstractNumId w:val="{abstract_number}"/>{more}</w:num>'


def cell(content: str, properties: str = "") -> str:
    """A w:tc."""
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    """A w:tr."""
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def pdf_objects(objects: list[bytes], trailer: bytes = b"") -> bytes:
    """A PDF file of these objects, the first of which is the catalogue."""
    out = b"%PDF-1.4\n"
    places = []
    for number, item in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + item + b"\nendobj\n"
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, trailer, table)


@cache
def _font() -> bytes:
    """A TrueType font whose one glyph is a box, an em wide."""
    pen = TTGlyphPen(None)
    for point in ((50, -100), (950, -100), (950, 850), (50, 850)):
        (pen.lineTo if pen.points else pen.moveTo)(point)
    pen.closePath()
    box = pen.glyph()
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder([".notdef", "box"])
    font.setupCharacterMap({0x4E00: "box"})
    font.setupGlyf({".notdef": box, "box": box})
    font.setupHorizontalMetrics({".notdef": (1000, 50), "box": (1000, 50)})
    font.setupHorizontalHeader(ascent=880, descent=-120)
    font.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=880, usWinDescent=120)
    font.setupPost()
    out = BytesIO()
    font.save(out)
    return out.getvalue()


def _stream(data: bytes) -> bytes:
    packed = zlib.compress(data)
    return b"<</Filter/FlateDecode/Length %d>>stream\n" % len(packed) + packed + b"\nendstream"


_TO_UNICODE = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CMapName /Codes def /CMapType 2 def
1 begincodespacerange <0000> <FFFF> endcodespacerange
1 beginbfrange <0000> <FFFF> <0000> endbfrange
endcmap end end"""


def pdf(contents: list[bytes], filters: bytes = b"", more: bytes = b"") -> bytes:
    """A PDF file of A4 pages with these content streams; its fonts: F (Helvetica), C (a box for every UCS-2 code).

    The Chinese font is in the file: what pdfium makes of one that is not depends on the fonts of the machine.
    """
    count = len(contents)
    kids = b" ".join(b"%d 0 R" % (9 + 2 * index) for index in range(count))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Type/Font/Subtype/Type0/BaseFont/Box/Encoding/Identity-H/DescendantFonts[5 0 R]/ToUnicode 6 0 R>>",
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/Box/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
        b"/Supplement 0>>/DW 1000/CIDToGIDMap 7 0 R/FontDescriptor<</Type/FontDescriptor/FontName/Box/Flags 4"
        b"/FontBBox[0 -120 1000 880]/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 80/FontFile2 8 0 R>>>>",
        _stream(_TO_UNICODE),
        _stream(b"\x00\x01" * 0x10000),
        _stream(_font()),
    ]
    fonts = b"/Resources<</Font<</F 3 0 R/C 4 0 R>>>>"
    for content in contents:
        page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R%s%s>>"
        objects.append(page % (len(objects) + 2, fonts, more))
        objects.append(b"<</Length %d%s>>stream\n" % (len(content), filters) + content + b"\nendstream")
    return pdf_objects(objects)


def text(words: str, x: float, y: float, size: float = 14) -> bytes:
    """Content that writes `words` at (x, y), counted from the page's lower left corner."""
    if words.isascii():
        return b"BT /F %g Tf %g %g Td (%s) Tj ET\n" % (size, x, y, words.encode())
    return b"BT /C %g Tf %g %g Td <%s> Tj ET\n" % (size, x, y, words.encode("utf-16-be").hex().encode())


def rule(x0: float, y0: float, x1: float, y1: float) -> bytes:
    """Content that draws a line."""
    return b"0.5 w %g %g m %g %g l S\n" % (x0, y0, x1, y1)
