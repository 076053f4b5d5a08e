"""What reading each format costs, as ratios to references measured in the same run.

A PDF file is held against pypdfium2's plain text extraction of the same file; a page, a Word file and a text against
each other. Pages with tables cost more than text pages and are shown apart. Needs the package and its test files.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pypdfium2 as pdfium

from planparse.read import read_bytes

ROOT = Path(__file__).parent.parent
DATA = ROOT / "tests" / "data"
ROUNDS = 9
TEXT_LIMIT = 2.0
"""A PDF file of text pages costs at most this many times its plain extraction."""

TEXT_PDFS = [
    DATA / "formats" / "full" / "gaoping.pdf",
    DATA / "formats" / "full" / "kaiping.pdf",
    DATA / "real" / "fitness-plan-2026.pdf",
    DATA / "real" / "no1-digest-2026.pdf",
]
TABLE_PDFS = [DATA / "formats" / "full" / f"{name}.pdf" for name in ("jiangbei", "jiaxing", "zhangjiagang")]
OTHERS = [
    ROOT / "samples" / "jiaxing.txt",
    DATA / "formats" / "jiaxing.html",
    DATA / "formats" / "jiaxing.docx",
    DATA / "formats" / "jiaxing.pdf",
    DATA / "real" / "hospital-assessment-2019.html",
]


def plain(data: bytes) -> int:
    """The characters of a PDF file as pypdfium2 gives them."""
    count = 0
    with pdfium.PdfDocument(data) as file:
        for index in range(len(file)):
            page = file[index]
            text = page.get_textpage()
            count += len(text.get_text_range())
            text.close()
            page.close()
    return count


def medians(*actions: Callable[[], object]) -> list[float]:
    """Median milliseconds of each action, interleaved, after one unmeasured round."""
    times: list[list[float]] = [[] for _ in actions]
    for number in range(ROUNDS + 1):
        for action, taken in zip(actions, times, strict=True):
            start = time.perf_counter()
            action()
            if number:
                taken.append((time.perf_counter() - start) * 1000)
    return [statistics.median(taken) for taken in times]


def main() -> int:
    worst = 0.0
    print(f"{'PDF file':32} {'plain ms':>9} {'read ms':>9} {'ratio':>6}")
    for path in (*TEXT_PDFS, *TABLE_PDFS):
        data = path.read_bytes()
        base, read = medians(lambda data=data: plain(data), lambda data=data, path=path: read_bytes(data, path.name))
        kind = "with tables" if path in TABLE_PDFS else "text"
        worst = max(worst, read / base if path in TEXT_PDFS else 0.0)
        print(f"{f'{path.name} ({kind})':32} {base:9.1f} {read:9.1f} {read / base:6.2f}")
    print(f"\n{'file':32} {'KB':>9} {'read ms':>9}")
    for path in OTHERS:
        data = path.read_bytes()
        (read,) = medians(lambda data=data, path=path: read_bytes(data, path.name))
        print(f"{path.name:32} {len(data) / 1000:9.0f} {read:9.1f}")
    print(f"\ntext PDF: at most {worst:.2f} times plain extraction, limit {TEXT_LIMIT}")
    return 0 if worst <= TEXT_LIMIT else 1


if __name__ == "__main__":
    raise SystemExit(main())
