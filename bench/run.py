"""Speed and memory of planparse as ratios to references measured in the same run: `make bench`.

Ratios hold on any machine; milliseconds are printed to be read beside them. Measurements of one comparison are
interleaved (A B A B …) and the median is taken, so that a machine that slows down slows both. Needs the package
installed, nothing else.
"""

from __future__ import annotations

import argparse
import compileall
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import planparse
from planparse import pipeline
from planparse.document import Document
from planparse.models import Plan
from planparse.read import read_path

ROOT = Path(__file__).parent.parent
SAMPLES = sorted((ROOT / "samples").glob("*.txt"))
COLD_SAMPLE = ROOT / "samples" / "zhangjiagang.txt"  # 106 KB, two plans
SCRIPT = Path(sys.executable).with_name("planparse")
PROGRAM = [str(SCRIPT)] if SCRIPT.exists() else [sys.executable, "-m", "planparse"]
MEMORY_LIMIT = 100e6
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}

# The reference for a warm parse: the least that any reader of targets must do, one pass of one pattern that merges
# numbers, units and bounds (about 1.5 ms per 100 KB where the project began).
MERGED = re.compile(
    "(?:[≥≤><] ?)?"
    "(?:[0-9０-９]+(?:[.．][0-9０-９]+)?|[零〇一二两三四五六七八九十百千万亿]+) ?"
    "(?:%|％|‰|/10万|个百分点|平方米|万人次|万人|人次|小时|所|个|名|次|年|岁|人|家|项|万|亿)"
    "(?:以上|以下|以内|左右)?"
)


def medians(rounds: int, *actions: Callable[[], object]) -> list[float]:
    """Median seconds of each action, interleaved, after one unmeasured round."""
    times: list[list[float]] = [[] for _ in actions]
    for n in range(rounds + 1):
        for action, taken in zip(actions, times, strict=True):
            start = time.perf_counter()
            action()
            if n:
                taken.append(time.perf_counter() - start)
    return [statistics.median(taken) for taken in times]


def one_pass(text: str) -> int:
    """How many matches one pass of the merged pattern finds."""
    return sum(1 for _ in MERGED.finditer(text))


def verdict(over: bool, limit: str) -> str:
    """What the project allows, and whether it holds."""
    return f"  ({limit}: {'OVER' if over else 'ok'})"


def report(what: str, measured: float, reference: float, limit: float | None, scale: float = 1e3) -> None:
    """One line: measured, reference and their ratio, with what the project allows; `scale` 1e3 shows milliseconds."""
    ratio = measured / reference
    allowed = "" if limit is None else verdict(ratio > limit, f"at most {limit:g}x")
    print(f"  {what:<34}{measured * scale:9.1f}{reference * scale:11.1f}{ratio:9.2f}x{allowed}")


def heading(title: str, unit: str = "ms") -> None:
    """The head of one table."""
    print(f"\n{title}\n  {'':<34}{unit:>9}{'reference':>11}{'ratio':>10}")


def warm(documents: Sequence[Document], rounds: int) -> None:
    """Parsing against one pass of the merged pattern over the same text."""
    heading("Warm parse, against one pass of a merged number-unit-bound pattern")
    for document in documents:
        parse, reference = medians(rounds, lambda d=document: pipeline.extract(d), lambda d=document: one_pass(d.text))
        report(Path(document.name or "").name, parse, reference, 15)

    def parse_all() -> None:
        for document in documents:
            pipeline.extract(document)

    def pass_all() -> None:
        for document in documents:
            one_pass(document.text)

    plans = [(document.text, plan) for document in documents for plan in pipeline.extract(document)]

    def validate_all() -> None:
        for text, plan in plans:
            Plan.model_validate(plan, context={"text": text})

    parse, reference, validate = medians(rounds, parse_all, pass_all, validate_all)
    report("all", parse, reference, 15)
    report("all, with the models of the library", parse + validate, reference, None)
    size = sum(len(document.text.encode()) for document in documents)
    print(f"  throughput on one core: {len(documents) / parse:.0f} notices/s, {size / parse / 1e6:.1f} MB/s")


def linear(documents: Sequence[Document], rounds: int) -> None:
    """Ten times the text against the text."""
    heading("Ten times the text, against the text")
    for document in documents:
        long = Document(document.text * 10, document.name, document.media_type, document.sha256)
        ten, one = medians(rounds, lambda d=long: pipeline.extract(d), lambda d=document: pipeline.extract(d))
        report(Path(document.name or "").name, ten, one, 12)


def cold(rounds: int) -> None:
    """Whole processes, as a shell starts them."""
    # An installed wheel has its byte code beside it; a checkout may have none, and would compile on every start.
    compileall.compile_dir(Path(planparse.__file__).parent, quiet=1)
    bare = [sys.executable, "-c", "pass"]
    libraries = [sys.executable, "-c", "import click, pydantic"]
    commands = [bare, libraries, [*PROGRAM, "extract", str(COLD_SAMPLE)], [*PROGRAM, "--version"], [*PROGRAM, "--help"]]
    start, reference, extract, version, usage = medians(
        rounds, *(lambda command=command: subprocess.run(command, check=True, **QUIET) for command in commands)
    )
    heading("Cold start, against `python -c 'import click, pydantic'` or `python -c pass`")
    report(f"extract {COLD_SAMPLE.name} | import", extract, reference, 1.7)
    report("--help | import", usage, reference, None)
    report("--version | pass", version, start, None)
    report("--help | pass", usage, start, None)


def memory() -> None:
    """Peak memory of whole processes, in MB."""
    heading("Peak memory, against `python -c pass`", "MB")
    reference = peak([sys.executable, "-c", "pass"])
    highest = 0.0
    for sample in SAMPLES:
        used = peak([*PROGRAM, "extract", str(sample)])
        highest = max(highest, used)
        report(f"extract {sample.name}", used, reference, None, scale=1e-6)
    print(f"  highest: {highest / 1e6:.0f} MB{verdict(highest > MEMORY_LIMIT, f'at most {MEMORY_LIMIT / 1e6:g} MB')}")


def peak(command: list[str]) -> float:
    """Peak resident memory of a command, in bytes."""
    # Started by a small process: on Linux the peak of a child counts what its parent held when it was forked.
    code = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    run = subprocess.run([sys.executable, "-c", code, *command], check=True, capture_output=True)
    return int(run.stdout) * (1 if sys.platform == "darwin" else 1024)


def main() -> None:
    """Print every table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=15, help="measurements of each action (default: %(default)s)")
    rounds = options.parse_args().rounds
    documents = [read_path(path) for path in SAMPLES]
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, medians of {rounds} interleaved rounds")
    warm(documents, rounds)
    linear(documents, max(3, rounds // 3))
    cold(rounds)
    memory()


if __name__ == "__main__":
    main()
