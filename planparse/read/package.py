"""XML parts of office packages (OPC: DOCX; OFD): safe parsing and relationships."""

from __future__ import annotations

import posixpath

from lxml import etree

from planparse.errors import DamagedFileError, TooLargeError
from planparse.read.archive import Archive
from planparse.read.limits import MAX_XML_TAGS

_STRICT = b"http://purl.oclc.org/ooxml/"
_STRICT_TO_TRANSITIONAL = (
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
)
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def parse_part(archive: Archive, part: str, name: str) -> etree._Element:
    """The root element of the XML part `part`.

    No entity is expanded, no DTD read and nothing fetched: a part that declares a document type is refused, since
    ECMA-376 part 2 (8.1.4) forbids it. Raises DamagedFileError or TooLargeError.
    """
    data = archive.read(part)
    if data.count(b"<") > MAX_XML_TAGS:
        raise TooLargeError(name, f"the part {part} holds more than {MAX_XML_TAGS:,} tags")
    if _STRICT in data:  # ISO/IEC 29500 Strict differs in namespaces only, for what is read here
        for strict, transitional in _STRICT_TO_TRANSITIONAL:
            data = data.replace(strict, transitional)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise DamagedFileError(name, f"the part {part} of the package is no valid XML") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise DamagedFileError(name, f"the part {part} declares a document type, which packages must not")
    return root


def related_parts(archive: Archive, part: str, name: str) -> dict[str, str]:
    """Part names by the last word of their relationship type, as `part` ("" for the package) refers to them."""
    folder, file = posixpath.split(part)
    relations = posixpath.join(folder, "_rels", f"{file}.rels")
    if relations not in archive.names:
        return {}
    found: dict[str, str] = {}
    for relation in parse_part(archive, relations, name).iter(_RELATIONSHIP):
        if relation.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip("/")
            found.setdefault(relation.get("Type", "").rpartition("/")[2], target)
    return found
