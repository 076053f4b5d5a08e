"""Throughput and memory of `planparse batch` on changed copies of the samples, as ratios: part of `make bench`.

The reference for throughput is the same work in one process: read, extract, write plans and manifest, make the table.
Both are measured in turns. Memory is the peak of the parent alone, which must not grow with the number of files.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from planparse import rules
from planparse.batch import tables
from planparse.batch.pool import LocalPool
from planparse.batch.sources import LocalFile
from planparse.batch.worker import Engine, Task, extract
from planparse.batch.writer import Store

ROOT = Path(__file__).parent.parent
SAMPLES = sorted((ROOT / "samples").glob("*.txt"))
REGIONS = ("张家港", "高平", "江北", "嘉兴", "开平")
SYLLABLES = "安北昌东福广海吉康隆明南平清荣泰文新阳永"

LEAST_SPEEDUP = 1.8
LEAST_RATE = 25.0  # notices a second a core
MOST_MEMORY = 150e6
# What a run leaves to chance: how full the buffers are when the system looks.
SAME_MEMORY = 1.1

PEAK = """
import sys
from pathlib import Path
from planparse.batch.run import Options, run
run(Options([sys.argv[1]], Path(sys.argv[2]), jobs=int(sys.argv[3]), quiet=True, tables=sys.argv[4:]))
if sys.platform == "linux":  # getrusage would count what this process was forked from
    print(int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) * 1024)
else:
    import resource
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


class Inline:
    """The pool of the reference: calls in this process, one after another."""

    room = 1

    def submit(self, function: Callable[[Any], Any], argument: Any, timeout: float | None) -> Future[Any]:
        """Call at once."""
        future: Future[Any] = Future()
        future.set_result(function(argument))
        return future


def copies(folder: Path, number: int) -> None:
    """Copies of the samples, each of another region and with other numbers."""
    folder.mkdir()
    texts = [path.read_text(encoding="utf-8") for path in SAMPLES]
    for n in range(number):
        text = texts[n % len(texts)]
        region = SYLLABLES[n % 20] + SYLLABLES[n // 20 % 20] + SYLLABLES[n // 400 % 20]
        for old in REGIONS:
            text = text.replace(old, region)
        digits = str.maketrans({str(digit): str(digit % 8 + 1) for digit in range(3, 9)}) if n % 2 else {}
        head, tail = text[: len(text) // 2], text[len(text) // 2 :]
        (folder / f"{n:05}.txt").write_text(head + tail.translate(digits), encoding="utf-8")


def in_one_process(files: Path, out: Path) -> None:
    """The reference."""
    engine = Engine.of(rules.load())
    with Store(out, engine) as store:
        for path in files.iterdir():
            store.write(extract(Task(LocalFile(str(path), str(path)), engine)))
        tables.build(out, store.index.entries(), store.finish(only_taken=False), (), Inline())


def parent_peak(files: Path, out: Path, jobs: int, *formats: str) -> int:
    """Peak resident memory of the parent of a run, in bytes."""
    command = [sys.executable, "-c", PEAK, str(files), str(out), str(jobs), *formats]
    return int(subprocess.run(command, check=True, capture_output=True).stdout)


def seconds(action: Callable[[], object]) -> tuple[float, float]:
    """How long an action takes, and how much processor time of this process and those it starts."""
    start, busy = time.perf_counter(), sum(os.times()[:4])
    action()
    return time.perf_counter() - start, sum(os.times()[:4]) - busy


def verdict(good: bool, limit: str) -> str:
    """What the project asks for, and whether it is so."""
    return f"  ({limit}: {'ok' if good else 'MISSED'})"


def throughput(folder: Path, files: Path, number: int, jobs: int, rounds: int) -> None:
    """Worker processes against one process."""
    one: list[tuple[float, float]] = []
    many: list[tuple[float, float]] = []
    for n in range(rounds):
        one.append(seconds(lambda n=n: in_one_process(files, folder / f"one-{n}")))
        many.append(seconds(lambda n=n: parent_peak(files, folder / f"many-{n}", jobs)))
        same = all(
            (folder / f"many-{n}" / name).read_bytes() == (folder / f"one-{n}" / name).read_bytes()
            for name in ("indicators.csv", ".tables.json")
        )
        if not same:
            raise SystemExit("the two ways differ in their output")
    reference, one_busy = (statistics.median(times) for times in zip(*one, strict=True))
    parallel, many_busy = (statistics.median(times) for times in zip(*many, strict=True))
    print(f"\nThroughput, {number} files, {jobs} worker processes, against one process")
    print(f"  one process      {number / reference:7.1f} files/s")
    rate = number / parallel / jobs
    print(f"  worker processes {number / parallel:7.1f} files/s; {rate:.1f} a core", end="")
    print(verdict(rate >= LEAST_RATE, f"at least {LEAST_RATE:g} a core"))
    speedup = reference / parallel
    print(f"  ratio            {speedup:7.2f}", end="")
    print(verdict(speedup >= LEAST_SPEEDUP, f"at least {LEAST_SPEEDUP:g} on 2 cores"))
    print(f"  processor time   {many_busy / number * 1e3:7.1f} ms a file, {one_busy / number * 1e3:.1f} in one process")
    again, _ = seconds(lambda: parent_peak(files, folder / "many-0", jobs))
    print(f"  nothing new      {number / again:7.1f} files/s")


def memory(folder: Path, files: Path, number: int, more: int, jobs: int) -> None:
    """The parent's peak with few and with many files, and with every table."""
    few = parent_peak(files, folder / "few", jobs)
    copies(folder / "more", more)
    many = parent_peak(folder / "more", folder / "out-more", jobs)
    every = parent_peak(files, folder / "few", jobs, *tables.FORMATS)
    print("\nPeak memory of the parent")
    print(f"  {number:>6} files {few / 1e6:13.1f} MB", end="")
    print(verdict(few <= MOST_MEMORY, f"at most {MOST_MEMORY / 1e6:g}"))
    print(f"  {more:>6} files {many / 1e6:13.1f} MB, ratio {many / few:.2f}", end="")
    print(verdict(many <= SAME_MEMORY * few, f"at most {SAME_MEMORY:g}"))
    print(f"  {number:>6} files with xlsx, parquet and duckdb {every / 1e6:.1f} MB")


def main() -> None:
    """Print both tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=500, help="files for throughput (default: %(default)s)")
    options.add_argument("--more", type=int, default=5000, help="files for memory (default: %(default)s)")
    options.add_argument("--rounds", type=int, default=2, help="measurements of throughput (default: %(default)s)")
    chosen = options.parse_args()
    jobs = min(2, LocalPool().jobs)
    folder = Path(tempfile.mkdtemp(prefix="planparse-bench-"))
    try:
        copies(folder / "files", chosen.files)
        throughput(folder, folder / "files", chosen.files, jobs, chosen.rounds)
        memory(folder, folder / "files", chosen.files, chosen.more, jobs)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
