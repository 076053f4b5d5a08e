"""What to read: folders, globs, list files, ZIP archives and URLs as one stream of files.

Files are found while others are being read, and nothing that was found is kept: a million of them take no more memory
than one. They come in no particular order; whoever needs one sorts by name.
"""

from __future__ import annotations

import fnmatch
import glob
import importlib
import os
import re
import stat
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, Protocol

from planparse.batch import zips
from planparse.errors import EncodingError, MissingReaderError, PlanparseError, UnreadableFileError
from planparse.read import file_bytes
from planparse.read.limits import MAX_FILE_BYTES

LIST_MARK = "@"
"""Opens an input that is a file of inputs, one a line; `@-` is standard input."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(?:://|::)")
_Place = tuple[int, int]
_NO_DOCUMENTS = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


class Source(Protocol):
    """One file: the name it has in all output, and how to get its bytes, here or on another machine."""

    @property
    def name(self) -> str:
        """Its path or URL, as reached from the input."""

    def read(self) -> bytes:
        """Its bytes, at most one more than a file may have. Raises PlanparseError."""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file of the file system, which may be one that several machines share."""

    name: str
    path: str

    def read(self) -> bytes:
        """Raises UnreadableFileError."""
        return file_bytes(self.path)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file behind a URL that fsspec understands (s3://, oss://, https:// …); opened where it is read."""

    name: str

    def read(self) -> bytes:
        """Raises UnreadableFileError, MissingReaderError when fsspec or its plug-in for the protocol is missing."""
        with _remote(self.name) as fsspec, fsspec.open(self.name, "rb") as file:
            data: bytes = file.read(MAX_FILE_BYTES + 1)
            return data


Found = Source | PlanparseError
"""A file, or why a place could not be searched: an error whose `name` is the place."""


class Inputs:
    """All files that the inputs of a run stand for; each iteration looks again.

    An input is a file, a folder (searched through and through), a ZIP archive, a glob (`**` for any folders), a URL, or
    `@FILE`, a list of such. `left_out`: folders and files never to be taken, such as the output of the run itself.
    """

    def __init__(self, inputs: Sequence[str], left_out: Collection[str] = ()) -> None:
        self._inputs = inputs
        self._left_out = {place for path in left_out if (place := _place(path))}

    @property
    def countable(self) -> bool:
        """Whether they can be gone through more than once."""
        return LIST_MARK + "-" not in self._inputs

    def __iter__(self) -> Iterator[Found]:
        for each in self._inputs:
            if each.startswith(LIST_MARK):
                yield from self._listed(each.removeprefix(LIST_MARK))
            else:
                yield from self._expanded(each)

    def _listed(self, path: str) -> Iterator[Found]:
        name = shown(path)
        try:
            with sys.stdin.buffer if path == "-" else open(path, "rb") as file:
                yield from self._lines(file, name)
        except OSError as error:
            yield UnreadableFileError(name, f"cannot be read as a list ({error.strerror})")

    def _lines(self, file: IO[bytes], name: str) -> Iterator[Found]:
        for number, line in enumerate(file, 1):
            try:
                each = line.decode("utf-8-sig" if number == 1 else "utf-8").strip("\r\n")
            except UnicodeDecodeError:
                yield EncodingError(f"{name}:{number}", "a list of files is written in UTF-8")
                return
            if each.strip():
                yield from self._expanded(each)

    def _expanded(self, each: str) -> Iterator[Found]:
        if os.path.isdir(each):
            yield from self._folder(each)
        elif os.path.lexists(each):
            yield from self._file(each)
        elif _URL.match(each):
            yield from _behind(each)
        elif glob.has_magic(each):
            yield from self._matched(each)
        else:
            yield LocalFile(shown(each), each)

    def _matched(self, pattern: str) -> Iterator[Found]:
        anything = False
        for path in _matching(pattern):
            if not os.path.isdir(path):
                anything = True
                yield from self._file(path)
            elif "**" not in pattern:  # which finds the files of the folder itself
                anything = True
                yield from self._folder(path)
        if not anything:
            yield UnreadableFileError(shown(pattern), "matches no file")

    def _file(self, path: str) -> Iterator[Found]:
        name = shown(path)
        status = _status(path)
        if status is not None and (status.st_dev, status.st_ino) in self._left_out:
            return
        if status is not None and not stat.S_ISREG(status.st_mode):
            yield UnreadableFileError(name, "is no regular file")
        elif path.lower().endswith(".zip"):
            for member in zips.members(path, name):
                if isinstance(member, PlanparseError) or _wanted(member.name.partition("!/")[2]):
                    yield member
        else:
            yield LocalFile(name, path)

    def _folder(self, root: str) -> Iterator[Found]:
        """All files under a folder, each once, also behind links to folders, wherever these lead.

        The folder itself is searched first and then what its links lead to, so that the path under which a file is
        found does not depend on the order in which the system lists a folder.
        """
        walked = set(self._left_out)
        roots = [root]
        while roots:
            links: list[str] = []
            for top in sorted(roots):
                place = _place(top)
                if place is None or place in walked or (top != root and _places_above(top) & walked):
                    continue  # a link into what has been searched
                yield from self._tree(top, links, walked)
                walked.add(place)
            roots = links

    def _tree(self, top: str, links: list[str], walked: set[_Place]) -> Iterator[Found]:
        for entry in _walk(top, lambda folder: _place(folder) not in walked):
            if isinstance(entry, PlanparseError):
                yield entry
            elif _is_folder(entry):
                continue
            elif os.path.isdir(entry.path):
                links.append(entry.path)
            elif os.path.islink(entry.path) or os.path.isfile(entry.path):  # a link to nothing fails when it is read
                yield from self._file(entry.path)


def _walk(top: str, enter: Callable[[str], bool]) -> Iterator[os.DirEntry[str] | PlanparseError]:
    """Everything wanted under a folder, without following links; goes into the folders that `enter` lets in."""
    folders = [_entries(top)]
    while folders:
        entry = next(folders[-1], None)
        if entry is None:
            folders.pop()
        elif isinstance(entry, PlanparseError):
            yield entry
        elif _wanted(entry.name):
            yield entry
            if _is_folder(entry) and enter(entry.path):
                folders.append(_entries(entry.path))


def _entries(folder: str) -> Iterator[os.DirEntry[str] | PlanparseError]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError as error:
        yield UnreadableFileError(shown(folder), f"the folder cannot be read ({error.strerror})")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder itself, not a link to one."""
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:  # file systems that tell no types in their lists refuse to tell them of what is closed to us
        return False


def _wanted(path: str) -> bool:
    """Whether no part of a path is hidden, a lock file of Word, or furniture of a system."""
    parts = path.replace("\\", "/").split("/")
    return not any(part.startswith((".", "~$")) or part.lower() in _NO_DOCUMENTS for part in parts)


def _place(path: str) -> _Place | None:
    """What a path leads to: device and number of the file. None where it leads nowhere."""
    status = _status(path)
    return (status.st_dev, status.st_ino) if status else None


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except (OSError, ValueError):  # ValueError: a NUL in the path
        return None


def _places_above(path: str) -> set[_Place]:
    """The places of all folders above what a path leads to."""
    above: set[_Place] = set()
    real = os.path.dirname(os.path.realpath(path))
    while (place := _place(real)) is not None and place not in above:
        above.add(place)
        real = os.path.dirname(real)
    return above


def _matching(pattern: str) -> Iterator[str]:
    """Paths that match a glob. Not `glob.iglob`, which holds all names of a folder in memory."""
    drive, rest = os.path.splitdrive(pattern)
    parts = re.split(r"[\\/]+" if os.sep == "\\" else "/+", rest)
    start = drive + os.sep if parts[0] == "" else drive
    yield from _match_parts(start, [part for part in parts if part])


def _match_parts(folder: str, parts: list[str]) -> Iterator[str]:
    if not parts:
        yield folder
        return
    head, *rest = parts
    if head == "**":
        for each in _folders(folder):
            yield from _match_parts(each, rest or ["*"])
    elif not glob.has_magic(head):
        path = os.path.join(folder, head)
        if os.path.lexists(path):
            yield from _match_parts(path, rest)
    else:
        for entry in _entries(folder or os.curdir):
            if isinstance(entry, PlanparseError) or not _wanted(entry.name):
                continue
            if fnmatch.fnmatch(entry.name, head) and (not rest or os.path.isdir(entry.path)):
                yield from _match_parts(os.path.join(folder, entry.name), rest)


def _folders(top: str) -> Iterator[str]:
    yield top
    for entry in _walk(top or os.curdir, lambda _: True):
        if isinstance(entry, os.DirEntry) and _is_folder(entry):
            yield entry.path if top else os.path.relpath(entry.path)


def shown(path: str) -> str:
    """A path as it stands in output. Bytes that are not UTF-8 are escaped, so that two names stay two."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


# ---- URLs ------------------------------------------------------------------------------------------------------------


@contextmanager
def _remote(url: str) -> Iterator[Any]:
    """fsspec, with whatever a plug-in of it raises turned into a typed error about `url`."""
    try:
        fsspec = importlib.import_module("fsspec")
    except ImportError:
        raise MissingReaderError(url, "URLs need fsspec: pip install 'planparse[remote]'") from None
    try:
        yield fsspec
    except PlanparseError:
        raise
    except FileNotFoundError as error:
        raise UnreadableFileError(url, "no such file") from error
    except ImportError as error:  # fsspec says which package the protocol needs
        raise MissingReaderError(url, str(error)) from error
    except Exception as error:  # each plug-in raises what its own client library raises
        raise UnreadableFileError(url, f"cannot be read ({str(error) or type(error).__name__})") from error


def _behind(url: str) -> Iterator[Found]:
    try:
        yield from _files_behind(url)
    except PlanparseError as error:
        yield error


def _files_behind(url: str) -> Iterator[Found]:
    if url.startswith(("http://", "https://")):  # has no folders, and a ? that is no wildcard
        yield RemoteFile(url)
        return
    _, chained, container = url.partition("::")  # zip://*.txt::s3://bucket/notices.zip
    with _remote(url) as fsspec:
        system, path = fsspec.core.url_to_fs(url)
        if glob.has_magic(path):
            found = _remote_matches(system, path)
        elif system.isdir(path):
            found = _remote_folder(system, path)
        else:
            yield RemoteFile(url)
            return
        anything = False
        for each, inside in found:
            if _wanted(inside):
                anything = True
                yield RemoteFile(system.unstrip_protocol(each) + chained + container)
        if not anything:
            yield UnreadableFileError(url, "matches no file")


def _remote_matches(system: Any, pattern: str) -> Iterator[tuple[str, str]]:
    """(path, last part of it) of each file that matches."""
    for each in system.glob(pattern):
        if not system.isdir(each):
            yield each, each.rpartition("/")[2]


def _remote_folder(system: Any, path: str) -> Iterator[tuple[str, str]]:
    """(path, path inside the folder) of each file under a folder."""
    for folder, _, names in system.walk(path, on_error="raise"):
        for name in names:
            each = f"{folder.rstrip('/')}/{name}"
            yield each, each.removeprefix(path)
