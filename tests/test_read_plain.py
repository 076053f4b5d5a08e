"""Plain text: encodings, line ends, and what is turned away."""

from __future__ import annotations

import codecs
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planparse.errors import (
    EmptyFileError,
    EncodingError,
    PlanparseError,
    TooLargeError,
    UnreadableFileError,
    UnsupportedFormatError,
)
from planparse.read import read_bytes, read_path
from planparse.read.limits import MAX_FILE_BYTES

SAMPLES = Path(__file__).parent.parent / "samples"
SIMPLIFIED = "到2025年，妇女人均预期寿命达到82.5岁以上，孕产妇死亡率控制在7/10万以下。\n（责任单位：市卫生健康委）\n"
TRADITIONAL = "到2025年，婦女人均預期壽命達到82.5歲以上，孕產婦死亡率控制在7/10萬以下。\n（責任單位：市衛生健康委）\n"


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        (SIMPLIFIED, "utf-8", "utf-8"),
        (SIMPLIFIED, "utf-8-sig", "utf-8-sig"),
        (SIMPLIFIED, "gb18030", "gb18030"),
        (SIMPLIFIED, "gbk", "gb18030"),
        (SIMPLIFIED, "utf-16-le", "utf-16-le"),
        (SIMPLIFIED, "utf-16-be", "utf-16-be"),
        (TRADITIONAL, "big5", "big5"),
        (TRADITIONAL + "深水埗、旺角、鰂魚涌\n", "big5hkscs", "big5"),
        ("plan 2025: 95%\n", "ascii", "utf-8"),
    ],
)
def test_encodings_are_told_from_the_bytes(text: str, codec: str, name: str) -> None:
    document = read_bytes(text.encode(codec), "x")
    assert (document.text, document.encoding) == (text, name)


@pytest.mark.parametrize(("mark", "codec"), [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")])
def test_a_byte_order_mark_names_the_encoding_and_is_dropped(mark: bytes, codec: str) -> None:
    document = read_bytes(mark + SIMPLIFIED.encode(codec), "x")
    assert (document.text, document.encoding) == (SIMPLIFIED, codec)


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.txt")), ids=lambda path: path.stem)
@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16-le", "utf-16-be"])
def test_samples_read_the_same_in_every_encoding(sample: Path, codec: str) -> None:
    text = sample.read_text(encoding="utf-8-sig")
    assert read_bytes(text.encode(codec), "x").text == text.replace("\r\n", "\n").replace("\r", "\n")


def test_line_ends_become_lf_and_nothing_else_changes() -> None:
    assert (
        read_bytes("一\r\n二\r三\u3000\u00a0\t\u200b １\n\n".encode(), "x").text
        == "一\n二\n三\u3000\u00a0\t\u200b １\n\n"
    )


def test_the_document_says_what_it_is() -> None:
    document = read_bytes(SIMPLIFIED.encode(), "notice.txt")
    assert (document.name, document.media_type, document.whole_lines) == ("notice.txt", "text/plain", False)
    assert (document.page_starts, document.tables) == (None, ())
    assert len(document.sha256) == 64


@pytest.mark.parametrize(
    ("data", "error", "cause"),
    [
        (b"", EmptyFileError, "empty"),
        (b" \n\t\xe3\x80\x80\n", EmptyFileError, "no text"),
        (b"\x00" * 5000, UnsupportedFormatError, "binary"),
        (bytes(range(256)) * 40, UnsupportedFormatError, "binary"),
        (SIMPLIFIED.encode()[:-2] + b"\xff\xff" + b"\x80" * 40, EncodingError, "not valid as UTF-8"),
        (codecs.BOM_UTF8 + b"\xff\xfe", EncodingError, "UTF-8"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8\x41", EncodingError, "UTF-16"),
        (b"a" * (MAX_FILE_BYTES + 1), TooLargeError, "limit of 50 MB"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, UnsupportedFormatError, "PNG"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 50, UnsupportedFormatError, "JPEG"),
        (b"Rar!\x1a\x07\x00", UnsupportedFormatError, "RAR"),
        (b"\x7fELF" + b"\x00" * 50, UnsupportedFormatError, "program"),
    ],
)
def test_what_is_no_text_is_a_typed_error_of_one_line(data: bytes, error: type[PlanparseError], cause: str) -> None:
    with pytest.raises(error, match=cause) as caught:
        read_bytes(data, "some file")
    assert str(caught.value).startswith("some file: ")
    assert "\n" not in str(caught.value)


def test_paths_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="no such file"):
        read_path(tmp_path / "missing.txt")
    with pytest.raises(UnreadableFileError, match="directory"):
        read_path(tmp_path)
    with pytest.raises(UnreadableFileError):
        read_path("nul\x00character")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        read_path(tmp_path / "loop")


def test_a_path_is_named_as_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("规划.txt").write_text(SIMPLIFIED, encoding="utf-8")
    assert read_path("规划.txt").name == "规划.txt"
    strange = os.fsencode("规划") + b"\xff.txt"  # a name that no encoding explains still makes a printable document
    Path(os.fsdecode(strange)).write_text(SIMPLIFIED, encoding="utf-8")
    assert read_path(os.fsdecode(strange)).name == "规划\ufffd.txt"


def test_content_decides_not_the_name() -> None:
    assert read_bytes(SIMPLIFIED.encode(), "x.pdf").media_type == "text/plain"
    page = f"<html><body><p>{SIMPLIFIED}</p></body></html>"
    assert read_bytes(page.encode(), "x.txt").media_type == "text/html"
    about = "本文件说明%PDF-1.7与<html>标签。\n" * 3
    assert read_bytes(about.encode(), "x").media_type == "text/plain"


def test_reading_utf8_text_imports_no_reader() -> None:
    code = (
        "import sys; from planparse.read import read_bytes; read_bytes('到2025年'.encode(), 'x');"
        "heavy = {'lxml', 'docx', 'pypdfium2', 'pdfplumber', 'charset_normalizer', 'pydantic', 'zipfile', 'yaml'};"
        "sys.exit(' '.join(heavy & {name.partition('.')[0] for name in sys.modules}) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1))
def test_any_utf8_text_comes_back_as_it_is(text: str) -> None:
    data = text.encode()
    try:
        document = read_bytes(data, "x")
    except EmptyFileError:
        assert not text.strip("\ufeff").strip()
        return
    if document.media_type == "text/plain":
        assert document.text == text.removeprefix("\ufeff")
