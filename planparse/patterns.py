"""Regular expressions, compiled once and kept for later starts.

Compiling the patterns of the packs takes a third of a cold run, and more with every rule. Python keeps the byte code of
modules, but has no place for patterns; this is one: a file in the user's cache folder with the codes that `re` made,
for each version of Python. It is a cache and no more: without it, with a damaged one, with another Python or in a
folder that cannot be written to, patterns are compiled as ever, and they mean the same.

What is kept is what the `re` module hands to its own engine, which checks it again (`_sre.compile`). Both are private
to CPython, hence the care: every step falls back to `re.compile`.
"""

from __future__ import annotations

import marshal
import os
import re
import sys

TYPE_CHECKING = False  # importing typing costs 3 ms of every start
if TYPE_CHECKING:
    from typing import Any

    Code = tuple[int, bytes, int, dict[str, int], tuple[str | None, ...]]
    """Flags, code (numbers of four bytes), number of groups, their numbers by name, their names by number."""

FOLDER_VARIABLE = "PLANPARSE_CACHE"
"""Environment variable with the folder to keep codes in; empty: keep none. Default: planparse in the user's caches."""

_MOST = 300
"""When more are kept, those of rules that have changed since are among them: the file is begun anew."""
_compiler: Any = getattr(re, "_compiler", None)
_known: dict[str, Code] | None = None
_used: dict[str, Code] = {}
_new: list[str] = []


def compiled(pattern: str) -> re.Pattern[str]:
    """What `re.compile(pattern)` returns; from the kept code where there is one. Raises re.error, as that does."""
    global _known
    if _known is None:
        _known = _read()
    code = _known.get(pattern)
    if code is not None:
        try:
            flags, numbers, *groups = code
            code_list = memoryview(numbers).cast("I").tolist()
            found: re.Pattern[str] = _compiler._sre.compile(pattern, flags, code_list, *groups)
            _used[pattern] = code
            return found
        except (TypeError, ValueError, RuntimeError, OverflowError, AttributeError):
            _known = {}
    _new.append(pattern)
    return re.compile(pattern)


def keep() -> None:
    """Keep the codes of the patterns compiled since the start for later ones; does nothing where it cannot."""
    folder = _folder()
    if not _new or not folder:
        return
    try:
        codes = _used | {pattern: _code(pattern) for pattern in _new}
        if _known and len(_known) + len(_new) <= _MOST:
            codes = _known | codes
        os.makedirs(folder, exist_ok=True)
        temporary = f"{_file(folder)}.{os.getpid()}"
        with open(temporary, "wb") as file:
            marshal.dump((_stamp(), codes), file)
        os.replace(temporary, _file(folder))
    except (AttributeError, TypeError, ValueError, OSError):
        return
    _new.clear()


def _code(pattern: str) -> Code:
    """What `re` hands to its engine for a pattern."""
    parsed = _compiler._parser.parse(pattern, 0)
    state = parsed.state
    names: list[str | None] = [None] * state.groups
    for name, number in state.groupdict.items():
        names[number] = name
    code = b"".join(int(each).to_bytes(4, sys.byteorder) for each in _compiler._code(parsed, 0))
    return int(state.flags), code, state.groups - 1, dict(state.groupdict), tuple(names)


def _folder() -> str:
    """Where codes are kept (XDG Base Directory Specification); empty where they are not."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen is not None:
        return chosen
    caches = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or os.path.expanduser("~/.cache")
    return os.path.join(caches, "planparse") if os.path.isabs(caches) else ""


def _file(folder: str) -> str:
    return os.path.join(folder, f"patterns.{sys.implementation.cache_tag}.marshal")


def _stamp() -> tuple[str, int, str]:
    return sys.version, _compiler.MAGIC, sys.byteorder


def _read() -> dict[str, Code]:
    """The kept codes of this very Python; none where there are none."""
    folder = _folder()
    try:
        with open(_file(folder), "rb") as file:
            stamp, codes = marshal.load(file)
        return dict(codes) if folder and stamp == _stamp() else {}
    except (OSError, AttributeError, EOFError, TypeError, ValueError):
        return {}
