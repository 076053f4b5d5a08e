"""What the commands do with files: read, extract, report what fails. Without the command-line library."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from planparse.errors import PlanparseError

TYPE_CHECKING = False  # importing typing costs 3 ms of every start
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, NoReturn

    from planparse.document import Document
    from planparse.rules import Rules

STDIN_NAME = "<stdin>"


def tell(message: str, end: str = "\n") -> None:
    """Write a message to standard error, in whatever characters it can show."""
    encoding = sys.stderr.encoding or "utf-8"
    sys.stderr.write(message.encode(encoding, "backslashreplace").decode(encoding) + end)
    sys.stderr.flush()


class Failures:
    """Turns typed errors into one line each on standard error, and remembers for the exit status that there was one."""

    def __init__(self) -> None:
        self.any = False

    @contextmanager
    def reported(self) -> Iterator[None]:
        """Report a PlanparseError of the block and go on after it."""
        try:
            yield
        except PlanparseError as error:
            tell(str(error))
            self.any = True

    def exit(self, status: int = 0) -> None:
        """End the run: status 1 if anything failed, else `status`."""
        sys.exit(1 if self.any else status)


def stop(cause: str) -> NoReturn:
    """End the run, for what no other file can make good."""
    tell(cause)
    sys.exit(1)


def read_document(file: str) -> Document:
    """The document of a path, or of standard input for -. Raises PlanparseError."""
    from planparse.read import read_bytes, read_path

    if file != "-":
        return read_path(file, progress=_page_read if sys.stderr.isatty() else None)
    from planparse.read.limits import MAX_FILE_BYTES

    return read_bytes(sys.stdin.buffer.read(MAX_FILE_BYTES + 1), STDIN_NAME)


def _page_read(done: int, total: int) -> None:
    """Tell how far the reading of a scan is: it takes seconds a page."""
    tell(f"\rpage {done} of {total}", end="\n" if done == total else "")


def load_rules(folder: Path | None) -> Rules:
    """The shipped rules and those of a folder. Without rules no file can be read: an error of theirs ends the run."""
    from planparse import rules

    try:
        return rules.load(folder)
    except PlanparseError as error:
        stop(str(error))


def plans_in(files: Sequence[str], rules: Rules, failures: Failures) -> Iterator[dict[str, Any]]:
    """The plans of the files one after the other; a file that fails is reported and left out."""
    from planparse import patterns, pipeline

    for file in files:
        plans: list[dict[str, Any]] = []
        with failures.reported():
            plans = pipeline.extract(read_document(file), rules)
        yield from plans
    patterns.keep()
