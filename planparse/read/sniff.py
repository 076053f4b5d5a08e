"""Tell the kind of a file from its bytes; names and endings are not looked at."""

from __future__ import annotations

import re
from enum import Enum

from planparse.errors import DamagedFileError, UnsupportedFormatError


class Kind(Enum):
    """The formats that a reader exists for."""

    TEXT = "text"
    HTML = "html"
    MHTML = "mhtml"
    PDF = "pdf"
    DOCX = "docx"
    OFD = "ofd"
    OFFICE = "office"
    """What only an office suite opens: DOC, WPS, RTF, ODT, Word's flat XML."""


_HEAD_BYTES = 4096
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN = (
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x1f\x8b\x08", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "a database"),
    (b"%!PS", "a PostScript file"),
)

# A saved page opens with one of these, or, when its beginning is lost, holds the end tags of several blocks.
_HTML_START = re.compile(
    rb"<(?:!doctype\s+html|(?:html|head|body|meta|title|link|script|style|div|table|tr|td|p|span|ul|h[1-6])[\s>/])",
    re.I,
)
_HTML_END_TAG = re.compile(rb"</(?:p|div|td|tr|table|span|li|body|html|h[1-6])\s*>", re.I)
_END_TAGS_OF_A_FRAGMENT = 3


def sniff(data: bytes, name: str) -> Kind:
    """The kind of the file whose bytes are `data`.

    Raises UnsupportedFormatError for a kind that no reader takes, DamagedFileError for an encrypted Office file.
    What is not recognised counts as text; the text reader finds out whether it is.
    """
    if data.startswith(_ZIP):
        return _sniff_zip(data, name)
    if data.startswith(_OLE):
        return _sniff_ole(data, name)
    for magic, what in _FOREIGN:
        if data.startswith(magic):
            raise UnsupportedFormatError(name, f"{what}, not a document that can be read")
    # Without its NULs the ASCII of UTF-16 shows, whichever byte comes first.
    head = data[:_HEAD_BYTES].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n")
    if b"%PDF-" in head[:1024] and (head.startswith(b"%PDF-") or b"\x00" in data[:65536]):
        return Kind.PDF
    if head.startswith(rb"{\rtf"):
        return Kind.OFFICE
    return _sniff_markup(data, head)


def _sniff_markup(data: bytes, head: bytes) -> Kind:
    if b"<?mso-application" in head and b"Word.Document" in head:
        return Kind.OFFICE
    if b"MIME-Version:" in head and re.search(rb"^Content-Type:\s*multipart/related", head, re.I | re.M):
        return Kind.MHTML
    if head.startswith(b"<") and _HTML_START.search(head):
        return Kind.HTML
    if len(_HTML_END_TAG.findall(data[: 16 * _HEAD_BYTES])) >= _END_TAGS_OF_A_FRAGMENT:
        return Kind.HTML
    return Kind.TEXT


def _sniff_zip(data: bytes, name: str) -> Kind:
    from planparse.read.archive import Archive

    with Archive(data, name) as archive:
        names = archive.names
        if "word/document.xml" in names or any(re.fullmatch(r"word/document\d*\.xml", part) for part in names):
            return Kind.DOCX
        if "OFD.xml" in names:
            return Kind.OFD
        if "content.xml" in names and archive.read("mimetype", b"").startswith(
            b"application/vnd.oasis.opendocument.text"
        ):
            return Kind.OFFICE
        what = "an archive without a document that can be read"
        if any(part.startswith("xl/") for part in names):
            what = "a spreadsheet (XLSX), not a document"
        elif any(part.startswith("ppt/") for part in names):
            what = "a presentation (PPTX), not a document"
        raise UnsupportedFormatError(name, what)


def _sniff_ole(data: bytes, name: str) -> Kind:
    """An OLE compound file lists its streams by UTF-16 names in its directory."""
    if _utf16("EncryptedPackage") in data:
        raise DamagedFileError(name, "the Office file is encrypted: save it without a password first")
    if _utf16("WordDocument") in data:
        return Kind.OFFICE
    for stream, what in (("Workbook", "a spreadsheet (XLS)"), ("PowerPoint Document", "a presentation (PPT)")):
        if _utf16(stream) in data:
            raise UnsupportedFormatError(name, f"{what}, not a document")
    raise UnsupportedFormatError(name, "an OLE compound file without a Word document in it")


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le")
