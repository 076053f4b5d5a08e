"""Every error that planparse raises on purpose, one class per cause.

The command line prints `str(error)` as one line on standard error and exits with status 1; a message therefore
names the file and the cause and never spans lines.
"""

from __future__ import annotations


class PlanparseError(Exception):
    """Base of all errors of this package.

    `name` is the file (or "<stdin>", "<text>") the error is about, `cause` the reason, both without newlines;
    `code` is a stable identifier for manifests and logs.
    """

    code = "error"

    def __init__(self, name: str, cause: str) -> None:
        self.name = " ".join(name.split())
        self.cause = " ".join(cause.split())
        super().__init__(f"{self.name}: {self.cause}")

    def __reduce__(self) -> tuple[type[PlanparseError], tuple[str, str]]:
        # Exception's own pickling would call the class with the one formatted message; batch workers send errors back.
        return type(self), (self.name, self.cause)


class UnreadableFileError(PlanparseError):
    """The file is missing, is a directory, or the system refuses to read it."""

    code = "unreadable"


class EmptyFileError(PlanparseError):
    """The file holds no characters other than white space."""

    code = "empty"


class TooLargeError(PlanparseError):
    """The file, or what it unpacks to, is over a stated limit."""

    code = "too-large"


class UnsupportedFormatError(PlanparseError):
    """The content is of a kind that no reader takes (binary data, an image, a spreadsheet …)."""

    code = "unsupported"


class MissingReaderError(PlanparseError):
    """The format is known, but the optional package or program that reads it is not installed."""

    code = "missing-reader"


class EncodingError(PlanparseError):
    """The bytes decode in none of the encodings that Chinese documents use."""

    code = "encoding"


class DamagedFileError(PlanparseError):
    """The file is of a known format but truncated, encrypted or otherwise broken."""

    code = "damaged"


class NoPlanError(PlanparseError):
    """The text was read but holds no plan."""

    code = "no-plan"


class RulesError(PlanparseError):
    """A rule pack is broken. `name` is `file:line` (or the file), `cause` says what is wrong."""

    code = "rules"


class TimeLimitError(PlanparseError):
    """Reading the file took longer than the time limit of a batch run, and was given up."""

    code = "timeout"


class WorkerLostError(PlanparseError):
    """The worker process that read the file ended in the middle: killed, out of memory, a crash in a C library."""

    code = "crash"


class InternalError(PlanparseError):
    """A defect of planparse itself, met in a batch run that goes on with its other files; please report it."""

    code = "internal"


class WorkerSetupError(PlanparseError):
    """Workers cannot be started or reached, or run other rules or another version. `name` says which workers."""

    code = "workers"
