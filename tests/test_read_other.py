"""DOC and its kin through LibreOffice, and OFD, with and without what reads them; no reader raises other errors."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from files import docx, package, paragraph, pdf, text
from planparse.errors import DamagedFileError, EmptyFileError, MissingReaderError, PlanparseError, TooLargeError
from planparse.read import doc, read_bytes, read_path
from planparse.read.sniff import Kind, sniff

FORMATS = Path(__file__).parent / "data" / "formats"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600
WORD = OLE + "WordDocument".encode("utf-16-le") + b"\x00" * 600
RTF = rb"{\rtf1\ansi {\b Hello} 2025 plan\par second\par}"

needs_libreoffice = pytest.mark.skipif(doc.find_program() is None, reason="needs LibreOffice's soffice")
needs_ofd = pytest.mark.skipif(importlib.util.find_spec("ofdkit") is None, reason="needs the extra planparse[ofd]")


@pytest.mark.parametrize(("data", "kind"), [(WORD, "DOC"), (RTF, "RTF")])
def test_without_libreoffice_one_line_says_how_to_get_it(
    data: bytes, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doc, "find_program", lambda: None)
    with pytest.raises(MissingReaderError, match=f"a {kind} file: reading it needs LibreOffice") as caught:
        read_bytes(data, "x.doc")
    assert "\n" not in str(caught.value)


@needs_libreoffice
def test_rtf_through_libreoffice() -> None:
    document = read_bytes(RTF, "x.rtf")
    assert document.text.splitlines() == ["Hello 2025 plan", "second"]
    assert (document.media_type, document.name) == ("application/rtf", "x.rtf")


@needs_libreoffice
def test_a_broken_doc_through_libreoffice() -> None:
    with pytest.raises((DamagedFileError, EmptyFileError)):
        read_bytes(WORD, "x.doc")


def test_a_converter_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\nsleep 60 & wait\n", encoding="ascii")
    program.chmod(0o755)
    monkeypatch.setattr(doc, "find_program", lambda: str(program))
    with pytest.raises(DamagedFileError, match=r"within 0\.2 seconds"):
        doc.read(RTF, "x.rtf", timeout=0.2)


def test_a_converter_that_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doc, "find_program", lambda: "/nonexistent/soffice")
    with pytest.raises(MissingReaderError, match="does not start"):
        read_bytes(RTF, "x.rtf")


def test_office_files_that_are_no_documents() -> None:
    with pytest.raises(DamagedFileError, match="encrypted"):
        read_bytes(OLE + "EncryptedPackage".encode("utf-16-le"), "x.docx")
    with pytest.raises(PlanparseError, match="spreadsheet"):
        read_bytes(OLE + "Workbook".encode("utf-16-le"), "x.xls")
    with pytest.raises(PlanparseError, match="without a Word document"):
        read_bytes(OLE, "x.msi")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xef\xbb\xbf\n<!DOCTYPE html><html>", Kind.HTML),
        ("\ufeff<html><body>".encode("utf-16-le"), Kind.HTML),
        (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>", Kind.HTML),
        (b"<?xml version='1.0'?><?mso-application progid=\"Word.Document\"?><w:wordDocument>", Kind.OFFICE),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n", Kind.MHTML),
        (b"\r\n%PDF-1.4\n", Kind.PDF),
        (package({"OFD.xml": "<a/>"}), Kind.OFD),
        (package({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>"}), Kind.OFFICE),
        (docx(paragraph("一")), Kind.DOCX),
        ("一、总体要求<注>".encode(), Kind.TEXT),
        (b"<", Kind.TEXT),
    ],
)
def test_kinds_are_told_from_content(data: bytes, kind: Kind) -> None:
    assert sniff(data, "x") is kind


def test_ofd_without_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ofdkit" else real(name))
    with pytest.raises(MissingReaderError, match=r"planparse\[ofd\]"):
        read_path(FORMATS / "jiaxing.ofd")


@needs_ofd
@pytest.mark.parametrize("name", ["jiaxing", "zhangjiagang"])
def test_an_ofd_file_is_its_word_file(name: str) -> None:
    word, fixed = read_path(FORMATS / f"{name}.docx"), read_path(FORMATS / f"{name}.ofd")
    assert fixed.text.replace(" ", "") == word.text.replace(" ", "")
    assert [len(table.rows) for table in fixed.tables] == [len(table.rows) for table in word.tables]
    printed = read_path(FORMATS / f"{name}.pdf")
    assert (fixed.media_type, len(fixed.page_starts or ())) == ("application/ofd", len(printed.page_starts or ()))


@needs_ofd
@pytest.mark.parametrize(
    "parts",
    [
        {"OFD.xml": "<a/>"},
        {"OFD.xml": "<OFD><DocBody><DocRoot>none.xml</DocRoot></DocBody></OFD>"},
        {"OFD.xml": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><OFD>&x;</OFD>'},
        {"OFD.xml": "<OFD"},
    ],
)
def test_broken_ofd_files(parts: dict[str, str | bytes]) -> None:
    with pytest.raises((DamagedFileError, TooLargeError)):  # ofdkit counts a document type as a limit
        read_bytes(package(parts), "x.ofd")


def test_every_form_of_a_chapter_gives_one_text() -> None:
    word, page = read_path(FORMATS / "jiaxing.docx"), read_path(FORMATS / "jiaxing.html")
    assert word.text == page.text
    assert word.tables == page.tables


SEEDS = [
    docx(paragraph("到2025年") + "<w:tbl><w:tr><w:tc><w:p/></w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>"),
    pdf([text("plan 2025", 90, 700)]),
    "<html><body><table><tr><td rowspan=2>一<td>二<tr><td>三</table><p>四</body></html>".encode(),
    "一、总体要求\n".encode("gb18030"),
    (FORMATS / "zhangjiagang.ofd").read_bytes(),
]
MAGIC = [
    b"%PDF-1.4\n",
    b"PK\x03\x04",
    b"<html>",
    b"MIME-Version: 1.0\nContent-Type: multipart/related\n\n",
    b"{\\rtf",
    OLE,
]


def _is_read_or_refused(data: bytes) -> None:
    try:
        document = read_bytes(data, "x")
    except PlanparseError:
        return
    for table in document.tables:
        assert 0 <= table.start <= table.end <= len(document.text)
        cells = [cell for row in table.rows for cell in row]
        assert all(cell.rows > 0 and cell.cols > 0 for cell in cells)
        assert not any(set("\t\n") & set(document.text[cell.start : cell.end]) for cell in cells)
    starts = document.page_starts or ()
    assert list(starts) == sorted(starts)


@pytest.fixture(autouse=True)
def no_libreoffice(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Random files do not go to LibreOffice, which takes a second each."""
    if "hypothesis" in request.node.name:
        monkeypatch.setattr(doc, "find_program", lambda: None)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(MAGIC), st.binary(max_size=400))
def test_hypothesis_random_bytes_are_read_or_refused(magic: bytes, data: bytes) -> None:
    _is_read_or_refused(magic + data)
    _is_read_or_refused(data)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_hypothesis_damaged_files_are_read_or_refused(seed: bytes, data: st.DataObject) -> None:
    changed = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 8))):
        changed[data.draw(st.integers(0, len(seed) - 1))] = data.draw(st.integers(0, 255))
    _is_read_or_refused(bytes(changed[: data.draw(st.integers(1, len(seed)))]))
