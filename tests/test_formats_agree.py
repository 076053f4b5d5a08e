"""The same plan as text, page, Word file, PDF and OFD gives the same targets.

DOCX and HTML are made from the samples as the tests run, with real tables where the samples' text has flattened ones;
the PDF files were made from the DOCX by LibreOffice (tests/make_formats.py).
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import make_formats
from planparse.pipeline import extract
from planparse.read import read_bytes, read_path

FULL = Path(__file__).parent / "data" / "formats" / "full"
AGREEMENT = 0.99

Target = tuple[Any, ...]


def targets(data: bytes, name: str) -> Counter[Target]:
    """Plan, name, value, comparator, unit and responsible units of each target; names without regard to spaces."""
    return Counter(
        (
            number,
            "".join(target["name"].split()),
            target["value"],
            target["value_max"],
            target["comparator"],
            target["unit"],
            tuple(target["responsible_units"]),
        )
        for number, plan in enumerate(extract(read_bytes(data, name)))
        for target in plan["indicators"]
    )


@cache
def of_text(name: str) -> Counter[Target]:
    return targets((make_formats.SAMPLES / f"{name}.txt").read_bytes(), f"{name}.txt")


@pytest.mark.parametrize("form", ["docx", "html", "pdf"])
@pytest.mark.parametrize("name", make_formats.NAMES)
def test_each_form_gives_the_targets_of_the_text(name: str, form: str) -> None:
    if form == "pdf":
        data = (FULL / f"{name}.pdf").read_bytes()
    else:
        blocks = make_formats.blocks_of(name)
        numbered = name in make_formats.NUMBERED
        data = make_formats.docx_of(blocks, numbered) if form == "docx" else make_formats.html_of(blocks).encode()
    expected, found = of_text(name), targets(data, f"{name}.{form}")
    same = (expected & found).total()
    missing, invented = expected - found, found - expected
    assert 2 * same / (expected.total() + found.total()) >= AGREEMENT, f"missing {missing}, invented {invented}"


@pytest.mark.parametrize("name", make_formats.NAMES)
def test_a_pdf_is_its_word_file_word_by_word(name: str) -> None:
    blocks = make_formats.blocks_of(name)
    word = read_bytes(make_formats.docx_of(blocks, name in make_formats.NUMBERED), "x")
    printed = read_path(FULL / f"{name}.pdf")
    # Word processors draw no spaces beside Chinese characters, and a PDF has none of them.
    assert printed.text.replace(" ", "") == word.text.replace(" ", "")
    shapes = [[[(cell.rows, cell.cols) for cell in row] for row in table.rows] for table in printed.tables]
    assert shapes == [[[(cell.rows, cell.cols) for cell in row] for row in table.rows] for table in word.tables]
