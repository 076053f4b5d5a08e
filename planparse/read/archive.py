"""Read parts of a ZIP package (DOCX, OFD) within limits on members and unpacked size."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from io import BytesIO
from types import TracebackType

from planparse.errors import DamagedFileError, TooLargeError
from planparse.read.limits import MAX_ARCHIVE_MEMBERS, MAX_UNPACKED_BYTES

BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, ValueError)
"""What zipfile and its methods of compression raise over damaged bytes; bzip2 raises OSError, without a number."""


class Archive:
    """A ZIP file whose parts are read under one budget of unpacked bytes.

    Raises DamagedFileError when the file is no readable ZIP or a part is broken or encrypted, TooLargeError when
    the members or the bytes go over the limits. Sizes stated in the directory are not believed: the bytes are
    counted as they come.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self._name = name
        self._left = MAX_UNPACKED_BYTES
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
        except (*BROKEN, NotImplementedError) as error:
            # NotImplementedError: a version of ZIP that zipfile lacks.
            raise DamagedFileError(name, "the ZIP package is truncated or damaged") from error
        infos = self._zip.infolist()
        if len(infos) > MAX_ARCHIVE_MEMBERS:
            raise TooLargeError(name, f"the package has {len(infos):,} members, limit {MAX_ARCHIVE_MEMBERS:,}")
        self.names = frozenset(info.filename for info in infos)

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def read(self, part: str, default: bytes | None = None) -> bytes:
        """The unpacked bytes of `part`; `default`, when given, for a part that is not there."""
        if part not in self.names:
            if default is not None:
                return default
            raise DamagedFileError(self._name, f"the package lacks its part {part}")
        try:
            with self._zip.open(part) as stream:
                data = stream.read(self._left + 1)
        except NotImplementedError as error:
            # A method of compression or encryption that zipfile lacks. Before RuntimeError, which it is a kind of.
            raise DamagedFileError(
                self._name, f"the part {part} of the package cannot be unpacked ({error})"
            ) from error
        except RuntimeError as error:  # zipfile's way to say that a password is needed
            raise DamagedFileError(self._name, "the package is encrypted") from error
        except (*BROKEN, OSError) as error:
            raise DamagedFileError(self._name, f"the part {part} of the package is damaged") from error
        self._left -= len(data)
        if self._left < 0:
            limit = MAX_UNPACKED_BYTES // (1024 * 1024)
            raise TooLargeError(self._name, f"the package unpacks to more than {limit} MB")
        return data
