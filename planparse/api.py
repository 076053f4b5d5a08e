"""The library: text, a file or its bytes in, validated plans out."""

from __future__ import annotations

import hashlib
import os

from planparse import pipeline
from planparse.document import Document
from planparse.errors import EmptyFileError, EncodingError, TooLargeError
from planparse.models import Plan
from planparse.read import read_bytes, read_path
from planparse.read.limits import MAX_TEXT_CHARS
from planparse.rules import Rules

TEXT_NAME = "<text>"
"""How error messages call a text that came without a file."""


def parse(text: str, *, rules: Rules | None = None) -> list[Plan]:
    """The plans in `text`, in the order they stand there.

    Offsets in the result count code points of `text` with a leading byte-order mark dropped and CRLF or CR made LF.
    `source.path` is null and `source.sha256` is the hash of `text` in UTF-8.
    `rules`: what `planparse.rules.load` returned; the shipped rules when None.
    Raises NoPlanError, EmptyFileError, EncodingError (lone surrogates) or TooLargeError.
    """
    return _plans(_from_text(text), rules)


def parse_file(path: str | os.PathLike[str], *, rules: Rules | None = None) -> list[Plan]:
    """The plans in the file at `path`, in the order they stand there; its format is told from the content.

    `source.path` is `path` as given. Raises subclasses of PlanparseError only, one per cause.
    """
    return _plans(read_path(path), rules)


def parse_bytes(data: bytes, *, name: str, rules: Rules | None = None) -> list[Plan]:
    """The plans in a file that is already in memory; `name` becomes `source.path` and stands in error messages.

    Raises subclasses of PlanparseError only, one per cause.
    """
    return _plans(read_bytes(data, name), rules)


def _plans(document: Document, rules: Rules | None) -> list[Plan]:
    context = {"text": document.text}
    return [Plan.model_validate(plan, context=context) for plan in pipeline.extract(document, rules)]


def _from_text(text: str) -> Document:
    if len(text) > MAX_TEXT_CHARS:
        raise TooLargeError(TEXT_NAME, f"over the limit of {MAX_TEXT_CHARS:,} characters for one text")
    try:
        sha256 = hashlib.sha256(text.encode("utf-8")).hexdigest()
    except UnicodeEncodeError as error:
        raise EncodingError(TEXT_NAME, f"holds a lone surrogate (character {error.start:,})") from error
    if not text.removeprefix("\ufeff").strip():
        raise EmptyFileError(TEXT_NAME, "the text is empty")
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return Document(text=lines, name=None, media_type="text/plain", sha256=sha256)
