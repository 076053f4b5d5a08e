"""Readers: the bytes of a file in, one `Document` out, whatever the format.

Readers are imported when their format comes: reading UTF-8 text imports nothing beyond the standard library.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from planparse.document import Document
from planparse.errors import EmptyFileError, TooLargeError, UnreadableFileError
from planparse.read.limits import MAX_FILE_BYTES
from planparse.read.sniff import Kind, sniff

__all__ = ["Progress", "file_bytes", "read_bytes", "read_path"]

Progress = Callable[[int, int], None]
"""Called by a slow reader (recognition of scans) with the pages done and the pages in all."""


def read_path(path: str | os.PathLike[str], *, progress: Progress | None = None) -> Document:
    """Read the file at `path`; `Document.name` is the path as given.

    Raises subclasses of PlanparseError only: UnreadableFileError for what the system refuses, else as `read_bytes`.
    """
    return read_bytes(file_bytes(path), _shown(path), progress=progress)


def file_bytes(path: str | os.PathLike[str]) -> bytes:
    """The bytes of a file, at most one more than a file may have. Raises UnreadableFileError."""
    name = _shown(path)
    try:
        with open(path, "rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise UnreadableFileError(name, "no such file") from error
    except IsADirectoryError as error:
        raise UnreadableFileError(name, "is a directory") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        cause = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UnreadableFileError(name, f"cannot be read ({cause})") from error


def _shown(path: str | os.PathLike[str]) -> str:
    # A name that is not valid UTF-8 reaches Python with surrogates, which no output could hold.
    return os.fsencode(path).decode("utf-8", "replace")


def read_bytes(data: bytes, name: str, *, progress: Progress | None = None) -> Document:
    """Read a file already in memory; `name` goes into the document and into error messages.

    The format is told from the content. Raises subclasses of PlanparseError only: EmptyFileError, TooLargeError,
    UnsupportedFormatError, EncodingError, DamagedFileError, MissingReaderError.
    """
    if not data:
        raise EmptyFileError(name, "the file is empty")
    if len(data) > MAX_FILE_BYTES:
        raise TooLargeError(name, f"over the limit of {MAX_FILE_BYTES // (1024 * 1024)} MB for one file")
    kind = sniff(data, name)
    if kind is Kind.TEXT:
        from planparse.read import plain

        return plain.read(data, name)
    if kind in (Kind.HTML, Kind.MHTML):
        from planparse.read import html

        return html.read(data, name, mhtml=kind is Kind.MHTML)
    if kind is Kind.PDF:
        from planparse.read import pdf

        return pdf.read(data, name, progress)
    if kind is Kind.DOCX:
        from planparse.read import docx

        return docx.read(data, name)
    if kind is Kind.OFD:
        from planparse.read import ofd

        return ofd.read(data, name)
    from planparse.read import doc

    return doc.read(data, name)
