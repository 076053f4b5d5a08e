"""Chinese government plan documents (规划, 纲要, 行动计划) as validated, source-anchored data.

    >>> import planparse
    >>> plan = planparse.parse_file("notice.txt")[0]
    >>> [(i.name, i.comparator, i.value, i.unit) for i in plan.indicators]

Everything here is loaded when it is first used: importing the package costs next to nothing.
"""

from __future__ import annotations

from planparse._version import __version__

# Type checkers take this name for typing.TYPE_CHECKING; importing typing would double the cost of `--version`.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from planparse.api import parse, parse_bytes, parse_file
    from planparse.errors import (
        DamagedFileError,
        EmptyFileError,
        EncodingError,
        InternalError,
        MissingReaderError,
        NoPlanError,
        PlanparseError,
        RulesError,
        TimeLimitError,
        TooLargeError,
        UnreadableFileError,
        UnsupportedFormatError,
        WorkerLostError,
        WorkerSetupError,
    )
    from planparse.many import Result, parse_many
    from planparse.models import (
        Baseline,
        Diagnostic,
        Evidence,
        Implied,
        Indicator,
        Item,
        Notice,
        Observation,
        Period,
        Plan,
        Section,
        Source,
        Span,
        json_schema,
    )

__all__ = [
    "Baseline",
    "DamagedFileError",
    "Diagnostic",
    "EmptyFileError",
    "EncodingError",
    "Evidence",
    "Implied",
    "Indicator",
    "InternalError",
    "Item",
    "MissingReaderError",
    "NoPlanError",
    "Notice",
    "Observation",
    "Period",
    "Plan",
    "PlanparseError",
    "Result",
    "RulesError",
    "Section",
    "Source",
    "Span",
    "TimeLimitError",
    "TooLargeError",
    "UnreadableFileError",
    "UnsupportedFormatError",
    "WorkerLostError",
    "WorkerSetupError",
    "__version__",
    "json_schema",
    "parse",
    "parse_bytes",
    "parse_file",
    "parse_many",
]


if not TYPE_CHECKING:  # else type checkers would take any attribute for granted

    def __getattr__(name):
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        import importlib

        if name in ("Result", "parse_many"):
            home = "planparse.many"
        elif name.startswith("parse"):
            home = "planparse.api"
        else:
            home = "planparse.errors" if name.endswith("Error") else "planparse.models"
        value = getattr(importlib.import_module(home), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
