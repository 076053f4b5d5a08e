"""Turn away PDF files whose packed streams unpack to absurd sizes, before pdfium, which has no limit, opens them."""

from __future__ import annotations

import re
import zlib

from planparse.errors import TooLargeError
from planparse.read.limits import MAX_PDF_STREAM_BYTES, MAX_UNPACKED_BYTES

_STREAM = re.compile(rb"stream\r?\n")
# Pictures are unpacked only when a page is drawn, fonts are of bounded use; both may rightly be large.
_HARMLESS = re.compile(rb"/Subtype\s*/(?:Image|CIDFontType0C|Type1C|OpenType)|/Length1\b")
_DICTIONARY_BYTES = 1024
_MAX_RATIO = 1032
"""No deflate stream expands by more than this (RFC 1951: 258 bytes for two bits)."""


def check_streams(data: bytes, name: str) -> None:
    """Raise TooLargeError if a page content or other structure in `data` unpacks to more than the limits.

    Only streams long enough to do so are unpacked, and no further than to the limit.
    """
    total = 0
    for found in _STREAM.finditer(data):
        end = data.find(b"endstream", found.end())
        if end < 0:
            return
        if (end - found.end()) * _MAX_RATIO <= MAX_PDF_STREAM_BYTES:
            continue
        before = data[max(0, found.start() - _DICTIONARY_BYTES) : found.start()]
        dictionary = before[before.rfind(b" obj") + 1 :]
        if b"FlateDecode" not in dictionary or _HARMLESS.search(dictionary):
            continue
        size = _unpacked_size(data[found.end() : end])
        total += size
        if size > MAX_PDF_STREAM_BYTES or total > MAX_UNPACKED_BYTES:
            limit = MAX_PDF_STREAM_BYTES // (1024 * 1024)
            raise TooLargeError(name, f"a stream of the PDF unpacks to more than {limit} MB")


def _unpacked_size(packed: bytes) -> int:
    """Bytes that the stream unpacks to, counted to just over the limit; those before the first error."""
    unpacker = zlib.decompressobj()
    size = 0
    while packed and not unpacker.eof and size <= MAX_PDF_STREAM_BYTES:
        try:
            size += len(unpacker.decompress(packed, 1024 * 1024))
        except zlib.error:
            break
        packed = unpacker.unconsumed_tail
    return size
