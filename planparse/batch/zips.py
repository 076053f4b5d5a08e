"""Files inside ZIP archives: listed without unpacking, read one at a time within the limits for single files."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from planparse.errors import DamagedFileError, PlanparseError, TooLargeError, UnreadableFileError
from planparse.read.archive import BROKEN
from planparse.read.limits import MAX_FILE_BYTES

MAX_MEMBERS = 50_000
"""Files in one archive. Its directory is held in memory, at about half a kilobyte a file."""

MAX_RATIO = 200
"""How many times its packed size a file over 1 MB may have: notices reach 5, deflate itself ends at 1,032."""

_ALWAYS_BYTES = 1024 * 1024
_UTF8_NAME = 0x800  # bit of the general purpose flags: the name is UTF-8 (PKWARE APPNOTE 4.4.4)


@dataclass(frozen=True, slots=True)
class ZipMember:
    """One file in an archive. `name`: `archive.zip!/path/in/it`; `member`: its path as zipfile spells it."""

    name: str
    archive: str
    member: str

    def read(self) -> bytes:
        """Its bytes, unpacked; at most one more than a file may have.

        Raises UnreadableFileError, DamagedFileError (also for encrypted files), TooLargeError.
        """
        try:
            status = os.stat(self.archive)
            archive = _opened(self.archive, status.st_mtime_ns, status.st_size)
            info = archive.getinfo(self.member)
            if info.file_size > MAX_FILE_BYTES:
                raise TooLargeError(self.name, f"unpacks to more than {MAX_FILE_BYTES // _ALWAYS_BYTES} MB")
            if info.file_size > _ALWAYS_BYTES and info.file_size > MAX_RATIO * info.compress_size:
                raise TooLargeError(self.name, f"unpacks to more than {MAX_RATIO} times its packed size")
            with archive.open(info) as file:
                return file.read(MAX_FILE_BYTES + 1)
        except NotImplementedError as error:
            # A method of compression or encryption that zipfile lacks. Before RuntimeError, which it is a kind of.
            raise DamagedFileError(self.name, f"cannot be unpacked ({error})") from error
        except RuntimeError as error:  # zipfile's way to say that a password is needed
            raise DamagedFileError(self.name, "is encrypted") from error
        except (*BROKEN, KeyError) as error:
            raise DamagedFileError(self.name, "is damaged in the archive") from error
        except OSError as error:
            if error.errno is None:  # not of the disk, but of bzip2
                raise DamagedFileError(self.name, "is damaged in the archive") from error
            raise UnreadableFileError(self.name, f"cannot be read ({error.strerror})") from error


@lru_cache(maxsize=2)
def _opened(path: str, modified: int, size: int) -> zipfile.ZipFile:
    # A worker reads the members of an archive one after another: reading its directory each time would be quadratic.
    return zipfile.ZipFile(path)


def members(path: str, name: str) -> Iterator[ZipMember | PlanparseError]:
    """The files of an archive; one error instead if it is damaged or built to exhaust who unpacks it.

    Of entries with one name the last counts, as in any unpacker.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            if len(infos) > MAX_MEMBERS:
                yield TooLargeError(name, f"the archive holds {len(infos):,} files, limit {MAX_MEMBERS:,}")
                return
            # Entries that share their packed bytes are how a small archive claims petabytes.
            if sum(info.compress_size for info in infos) > os.path.getsize(path):
                yield DamagedFileError(name, "the archive's files overlap, as in a zip bomb")
                return
            chosen = {info.filename: readable(info) for info in infos if not info.is_dir()}
    except (*BROKEN, NotImplementedError) as error:
        # NotImplementedError: the archive asks for a version of ZIP that zipfile lacks.
        yield DamagedFileError(name, f"the archive is truncated or damaged ({error})")
        return
    except OSError as error:
        yield UnreadableFileError(name, f"cannot be read ({error.strerror})")
        return
    for member, shown in chosen.items():
        yield ZipMember(f"{name}!/{shown}", path, member)


def readable(info: zipfile.ZipInfo) -> str:
    """The entry's path as it was meant: archives made by Chinese Windows hold GBK names without saying so."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    try:
        packed = info.filename.encode("cp437")  # what zipfile took the bytes for
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return packed.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename
