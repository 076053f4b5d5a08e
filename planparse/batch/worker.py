"""What runs in worker processes: one file in, its plans out, as data."""

from __future__ import annotations

import hashlib
import pickle
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic_core import to_json

from planparse import pipeline
from planparse._version import __version__
from planparse.batch.sources import Source
from planparse.errors import InternalError, PlanparseError, WorkerSetupError
from planparse.read import read_bytes
from planparse.rules import Rules


@dataclass(frozen=True, slots=True)
class Engine:
    """What turns text into plans: the version, and the rules themselves with their fingerprint.

    Workers use these rules and not those they find: on another machine, or after an edit, they might differ.
    """

    version: str
    fingerprint: str
    packed: bytes

    @classmethod
    def of(cls, rules: Rules) -> Engine:
        """The engine of this process with the given rules."""
        bare = Rules(rules.rules, rules.fingerprint)  # without what was compiled from them
        return cls(__version__, rules.fingerprint, pickle.dumps(bare, pickle.HIGHEST_PROTOCOL))


@dataclass(frozen=True, slots=True)
class Task:
    """One file to extract. `known`: the hash it had when it was extracted before, by the same engine."""

    source: Source
    engine: Engine
    known: str | None = None

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.source.name


@dataclass(frozen=True, slots=True)
class ExtractedPlan:
    """One plan as the content of its file, and how many of each part it has."""

    title: str
    content: bytes
    indicators: int
    observations: int
    diagnostics: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: its plans, or the error, or neither when it is `unchanged`.

    `sha256` is of its bytes; None where they could not be had.
    """

    name: str
    sha256: str | None
    plans: tuple[ExtractedPlan, ...] = ()
    error: PlanparseError | None = None
    unchanged: bool = False
    seconds: float = 0.0


def extract(task: Task) -> Outcome:
    """Read a file and extract its plans; what is wrong with the file is in the result. Raises WorkerSetupError."""
    rules = rules_of(task.engine)
    name = task.name
    started = time.perf_counter()
    sha256 = None
    try:
        data = task.source.read()
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 == task.known:
            return Outcome(name, sha256, unchanged=True)
        plans = tuple(_extracted(plan) for plan in pipeline.extract(read_bytes(data, name), rules))
        return Outcome(name, sha256, plans, seconds=time.perf_counter() - started)
    except PlanparseError as error:
        return Outcome(name, sha256, error=error, seconds=time.perf_counter() - started)
    except Exception as error:  # a defect that one file brings out must not cost the others
        defect = InternalError(name, f"{type(error).__name__}: {error}")
        return Outcome(name, sha256, error=defect, seconds=time.perf_counter() - started)


def _extracted(plan: dict[str, Any]) -> ExtractedPlan:
    indicators, observations, diagnostics = (len(plan[part]) for part in ("indicators", "observations", "diagnostics"))
    # The bytes that `output.FILE_FORMATS` gives (but for the spelling of numbers under 0.0001) in a fifth of the time:
    # importing pydantic's core, which a single `extract` avoids, is paid here once for many files.
    content = to_json(plan, indent=2) + b"\n"
    return ExtractedPlan(plan["title"], content, indicators, observations, diagnostics)


def rules_of(engine: Engine) -> Rules:
    """The rules of an engine. Raises WorkerSetupError when this process has another version of the code."""
    if engine.version != __version__:
        raise WorkerSetupError("worker", f"has planparse {__version__}, the run needs {engine.version} everywhere")
    return _unpacked(engine.packed)


@lru_cache(maxsize=1)
def _unpacked(packed: bytes) -> Rules:
    rules: Rules = pickle.loads(packed)
    return rules
