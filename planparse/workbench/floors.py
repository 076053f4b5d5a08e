"""Floors: the precision and recall that a sample has reached, field by field, and may not fall below unnoticed.

`floors.json` stands beside the samples. It is written by `planparse check --update` and only rises, unless a loss is
accepted by name of the option. The hashes in it tell what was changed by hand since: floors bind only as long as the
document is the one they were set on.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planparse.check import Part, Sample, paired
from planparse.errors import DamagedFileError

FILE = "floors.json"

# Fields of an indicator that are counted one by one; ids, evidence and rule names follow from these.
FIELDS = (
    "name", "domain", "role", "item", "kind", "comparator", "value", "value_max", "unit", "per", "direction", "change",
    "baseline", "deadline", "obligation", "responsible_units", "value_text",
)  # fmt: skip
_PARTS = ("section", "item", "indicator", "observation")
Measures = dict[str, tuple[float, float]]
"""Part or field of an indicator -> (precision, recall) against an expected file."""


@dataclass(frozen=True, slots=True)
class Fall:
    """A measure below its floor. `of`: "precision" or "recall"."""

    sample: str
    what: str
    of: str
    floor: float
    now: float

    def __str__(self) -> str:
        return f"{self.sample}: {self.of} of {self.what} falls from {self.floor:.3f} to {self.now:.3f}"


def measure(expected: list[Part], actual: list[Part]) -> Measures:
    """Precision and recall of what is extracted against what is expected.

    A part counts as right when it has a counterpart; a field of an indicator when it holds the same value there. The
    precision of a field is taken over indicators that have one, so that a new indicator lowers that of indicators only.
    Nothing expected and nothing found is 1.
    """
    right: Counter[str] = Counter()
    given: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    for what, old, new in paired(expected, actual):
        if what not in _PARTS:
            continue
        wanted[what] += old is not None
        given[what] += new is not None
        right[what] += old is not None and new is not None
        if what != "indicator":
            continue
        for field in FIELDS:
            before, now = _value(old, field), _value(new, field)
            wanted[field] += before is not None
            given[field] += old is not None and now is not None
            right[field] += before is not None and before == now
    return {what: (_share(right[what], given[what]), _share(right[what], wanted[what])) for what in (*_PARTS, *FIELDS)}


def _value(part: Part | None, field: str) -> Any:
    """The value of a field, None where it says nothing."""
    value = None if part is None else part[field]
    return None if value in (False, []) else value


def _share(right: int, of: int) -> float:
    return round(right / of, 4) if of else 1.0


def inputs_of(sample: Sample) -> dict[str, str]:
    """Hashes of a sample's document and expected file. Raises DamagedFileError when one cannot be read."""
    return {"document": _hash(sample.document), "expected": _hash(sample.expected)}


def _hash(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise DamagedFileError(str(path), f"cannot be read ({error.strerror})") from error


class Floors:
    """The floors of a folder of samples."""

    def __init__(self, folder: Path) -> None:
        """Read `floors.json` of the folder, if it has one. Raises DamagedFileError for a broken one."""
        self.path = folder / FILE
        self._samples: dict[str, Any] = {}
        if self.path.is_file():
            try:
                stored = json.loads(self.path.read_text(encoding="utf-8"))
                for name, entry in stored.items():
                    floors = {str(k): (float(p), float(r)) for k, (p, r) in entry["floors"].items()}
                    inputs = {key: str(entry["inputs"][key]) for key in ("document", "expected")}
                    self._samples[name] = {"inputs": inputs, "floors": floors}
            except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
                raise DamagedFileError(str(self.path), f"is no file of floors ({error})") from error

    def changed(self, name: str, inputs: dict[str, str]) -> list[str]:
        """Which inputs of a sample ("document", "expected") are not those its floors were set on."""
        known: dict[str, str] = self._samples.get(name, {}).get("inputs", inputs)
        return [key for key, value in inputs.items() if known[key] != value]

    def falls(self, name: str, measures: Measures) -> list[Fall]:
        """The measures of a sample that are below their floors."""
        floors: Measures = self._samples.get(name, {}).get("floors", {})
        out = []
        for what, pair in floors.items():
            for of, floor, now in zip(("precision", "recall"), pair, measures.get(what, (1.0, 1.0)), strict=True):
                if now < floor:
                    out.append(Fall(name, what, of, floor, now))
        return out

    def set(self, name: str, inputs: dict[str, str], measures: Measures) -> None:
        """Set the floors of a sample; written by `text`."""
        self._samples[name] = {"inputs": inputs, "floors": dict(measures)}

    def text(self) -> str:
        """What the file must hold: one measure per line, so that a change shows as one."""
        samples = []
        for name, entry in sorted(self._samples.items()):
            floors = ",\n".join(f"  {json.dumps(what)}: {json.dumps(pair)}" for what, pair in entry["floors"].items())
            inputs = json.dumps(entry["inputs"])
            samples.append(f'{json.dumps(name)}: {{"inputs": {inputs}, "floors": {{\n{floors}\n}}}}')
        return "{\n" + ",\n".join(samples) + "\n}\n"


def losses(falls: list[Fall]) -> list[Fall]:
    """The falls that an update may not bring by itself: something expected is not found any more, or says otherwise."""
    return [fall for fall in falls if fall.of == "recall"]
