"""What inputs stand for: each file once, under a name that does not depend on the order of a folder."""

from __future__ import annotations

import io
import os
import struct
import sys
import zipfile
from pathlib import Path

import pytest

from planparse.batch import zips
from planparse.batch.sources import Inputs, LocalFile, shown
from planparse.errors import DamagedFileError, PlanparseError
from planparse.read.archive import Archive
from planparse.read.limits import MAX_FILE_BYTES


def found(*inputs: str | Path, left_out: list[str] | None = None) -> list[str]:
    """The names of everything that inputs stand for, sorted; errors with their code."""
    everything = list(Inputs([str(each) for each in inputs], left_out or []))
    return sorted(f"{e.name} [{e.code}]" if isinstance(e, PlanparseError) else e.name for e in everything)


def make(folder: Path, *paths: str) -> None:
    """Files in a folder, each holding its own path."""
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(path, encoding="utf-8")


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_folder_is_searched_through_and_through_without_what_is_no_document(tmp_path: Path) -> None:
    make(tmp_path, "d/a.txt", "d/e/f/b.html", "d/.git/c.txt", "d/.DS_Store", "d/~$n.docx", "d/Thumbs.db", "d/e/x")
    assert found("d") == ["d/a.txt", "d/e/f/b.html", "d/e/x"]
    assert found("d/") == ["d/a.txt", "d/e/f/b.html", "d/e/x"]
    assert found("d/e") == ["d/e/f/b.html", "d/e/x"]


def test_the_output_is_no_input(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "out/plans/p.json", "out/indicators.csv", "run.log")
    assert found(".", left_out=["out/plans", "out/indicators.csv", "run.log", "out/none"]) == ["./a.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_links_lead_to_each_file_once_and_loops_end(tmp_path: Path) -> None:
    make(tmp_path, "d/a.txt", "d/e/b.txt", "far/f.txt", "far/g/h.txt")
    for link, target in (
        ("d/up", ".."),
        ("d/e/self", "."),
        ("d/e/sibling", "../e"),
        ("d/far", "../far"),
        ("d/e/nearer", "../../far/g"),
        ("far/back", "../d"),
        ("far/g/round", "../../far"),
        ("d/c.txt", "a.txt"),
    ):
        (tmp_path / link).symlink_to(target)
    inside = ["d/a.txt", "d/c.txt", "d/e/b.txt"]
    # d/e/nearer leads into far, but comes in a name that sorts first; what is behind d/far then leaves it out.
    assert found("d") == [*inside, "d/e/nearer/h.txt", "d/far/f.txt"]
    assert found("far/g/round") == [
        "far/g/round/back/a.txt",
        "far/g/round/back/c.txt",
        "far/g/round/back/e/b.txt",
        "far/g/round/f.txt",
        "far/g/round/g/h.txt",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_folders_that_all_link_to_each_other_end(tmp_path: Path) -> None:
    names = [f"city{n:02}" for n in range(20)]
    make(tmp_path, *(f"{name}/{name}.txt" for name in names))
    for name in names:
        for other in names:
            (tmp_path / name / f"to-{other}").symlink_to(f"../{other}")
    assert found(".") == [f"./{name}/{name}.txt" for name in names]
    assert len(found("city00")) == 20


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_a_link_to_nothing_is_found_and_fails_when_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "lost.txt").symlink_to("nowhere")
    (tmp_path / "d" / "round.txt").symlink_to("round.txt")
    assert found("d/*") == found("d") == ["d/lost.txt", "d/round.txt"]
    assert read("d") == {"d/lost.txt": "unreadable", "d/round.txt": "unreadable"}
    assert found("d/*/x") == ["d/*/x [unreadable]"]


def test_a_folder_that_cannot_be_listed_is_an_error_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "d/a.txt", "d/closed/b.txt")
    scandir = os.scandir

    def refusing(path: str) -> object:  # tests may run as root, whom no permission stops
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert found("d") == ["d/a.txt", "d/closed [unreadable]"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFOs in folders")
def test_what_is_no_regular_file_is_never_opened(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    os.mkfifo(tmp_path / "d" / "pipe")
    assert found("d") == []
    assert found("d/pipe", "/dev/null") == ["/dev/null [unreadable]", "d/pipe [unreadable]"]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("d/*.txt", ["d/a.txt", "d/b.txt"]),
        ("d/**/*.txt", ["d/a.txt", "d/b.txt", "d/e/c.txt", "d/e/f/d.txt"]),
        ("d/**", ["d/a.txt", "d/b.txt", "d/e/c.txt", "d/e/f/d.txt", "d/e/x.html"]),
        ("**/[ab].txt", ["d/a.txt", "d/b.txt"]),
        ("d/e*", ["d/e/c.txt", "d/e/f/d.txt", "d/e/x.html"]),
        ("d/?/f/*", ["d/e/f/d.txt"]),
        ("d/*.doc", ["d/*.doc [unreadable]"]),
        ("d/a.txt", ["d/a.txt"]),
        ("none.txt", ["none.txt"]),
    ],
)
def test_a_glob(pattern: str, names: list[str], tmp_path: Path) -> None:
    make(tmp_path, "d/a.txt", "d/b.txt", "d/e/c.txt", "d/e/f/d.txt", "d/e/x.html", "d/.h/e.txt")
    assert found(pattern) == names
    absolute = found(tmp_path / pattern)
    assert absolute == [f"{tmp_path}/{name}" for name in names]


def test_a_name_with_the_signs_of_a_glob_is_a_name_if_there_is_such_a_file(tmp_path: Path) -> None:
    make(tmp_path, "a[1].txt", "a1.txt")
    assert found("a[1].txt") == ["a[1].txt"]


def test_a_list_holds_inputs_of_every_kind(tmp_path: Path) -> None:
    make(tmp_path, "d/a.txt", "d/e/b.txt", "规划 一.txt")
    (tmp_path / "list").write_bytes("\ufeffd/e\r\n\n规划 一.txt\r\nd/*.txt\nnone.txt".encode())
    assert found("@list") == ["d/a.txt", "d/e/b.txt", "none.txt", "规划 一.txt"]
    (tmp_path / "gbk").write_bytes("规划.txt\n".encode("gbk"))
    assert found("@gbk", "@none") == ["gbk:1 [encoding]", "none [unreadable]"]
    assert not Inputs(["@-"]).countable


def test_files_are_found_while_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("".join(f"{n}.txt\n" for n in range(10_000)))
    stream = iter(Inputs(["@list"]))
    assert next(stream).name == "0.txt"
    with (tmp_path / "list").open("a") as file:
        file.write("last.txt\n")
    assert [each.name for each in stream][-1] == "last.txt"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere file systems refuse names that are not UTF-8")
def test_names_that_are_not_utf8_stay_two(tmp_path: Path) -> None:
    for name in (b"\xb9\xe6.txt", b"\xba\xe6.txt"):
        (tmp_path / "d").mkdir(exist_ok=True)
        Path(os.fsdecode(os.fsencode(tmp_path / "d") + b"/" + name)).write_text("x")
    assert found("d") == ["d/\\xb9\\xe6.txt", "d/\\xba\\xe6.txt"]
    assert {each.read() for each in Inputs(["d"]) if isinstance(each, LocalFile)} == {b"x"}
    assert shown("规划.txt") == "规划.txt"


# ---- archives --------------------------------------------------------------------------------------------------------


def archive(path: Path, members: dict[str, bytes]) -> None:
    """A ZIP archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)


def read(*inputs: str | Path) -> dict[str, bytes | str]:
    """Name -> content, or the code of the error, of everything that inputs stand for."""
    contents: dict[str, bytes | str] = {}
    for each in Inputs([str(i) for i in inputs]):
        try:
            contents[each.name] = each.code if isinstance(each, PlanparseError) else each.read()
        except PlanparseError as error:
            contents[error.name] = error.code
    return contents


def test_an_archive_is_a_folder(tmp_path: Path) -> None:
    members = {"a.txt": b"A", "市/b.txt": b"B", "empty/": b"", "__MACOSX/._a.txt": b"x", ".hidden": b"x"}
    archive(tmp_path / "n.ZIP", members)
    assert read("n.ZIP") == {"n.ZIP!/a.txt": b"A", "n.ZIP!/市/b.txt": b"B"}
    (tmp_path / "d").mkdir()
    (tmp_path / "n.ZIP").rename(tmp_path / "d" / "n.zip")
    assert found("d") == ["d/n.zip!/a.txt", "d/n.zip!/市/b.txt"]


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_names_in_archives_of_other_systems_are_read_as_they_were_meant(encoding: str, tmp_path: Path) -> None:
    meant = "张家港市规划.txt"
    plain = "x" * len(meant.encode(encoding))
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr(plain, b"A")
    (tmp_path / "n.zip").write_bytes(data.getvalue().replace(plain.encode(), meant.encode(encoding)))
    assert read("n.zip") == {f"n.zip!/{meant}": b"A"}


def test_an_archive_that_is_none_is_an_error_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("no archive")
    archive(tmp_path / "whole.zip", {"a.txt": b"A" * 1000})
    (tmp_path / "cut.zip").write_bytes((tmp_path / "whole.zip").read_bytes()[:-30])
    assert read("text.zip", "cut.zip", "none.zip") == {
        "text.zip": "damaged",
        "cut.zip": "damaged",
        "none.zip": "unreadable",
    }


def test_a_damaged_and_an_encrypted_member_fail_and_the_others_come_out(tmp_path: Path) -> None:
    archive(tmp_path / "n.zip", {"a.txt": bytes(range(256)) * 9, "b.txt": b"B", "c.txt": b"C"})
    data = bytearray((tmp_path / "n.zip").read_bytes())
    data[45] ^= 0xFF  # in the packed bytes of a.txt
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)  # the directory's record of b.txt
    data[second + 8] |= 1  # says that it is encrypted
    local = data.index(b"PK\x03\x04", 4)
    data[local + 6] |= 1
    (tmp_path / "n.zip").write_bytes(data)
    assert read("n.zip") == {"n.zip!/a.txt": "damaged", "n.zip!/b.txt": "damaged", "n.zip!/c.txt": b"C"}


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damaged_bytes_are_damage_in_every_method_of_compression(method: int, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "n.zip", "w", method) as file:
        file.writestr("a.txt", os.urandom(300) + bytes(5000))
    data = bytearray((tmp_path / "n.zip").read_bytes())
    for at in range(60, 160):
        data[at] ^= 0x5A
    (tmp_path / "n.zip").write_bytes(data)
    assert read("n.zip") == {"n.zip!/a.txt": "damaged"}
    with pytest.raises(DamagedFileError, match=r"^x\.docx: the part a\.txt of the package is damaged$"):
        Archive(bytes(data), "x.docx").read("a.txt")


def test_a_method_of_compression_that_is_not_known_is_no_encryption(tmp_path: Path) -> None:
    archive(tmp_path / "n.zip", {"a.txt": b"A" * 1000, "b.txt": b"B"})
    data = bytearray((tmp_path / "n.zip").read_bytes())
    for at in (8, data.index(b"PK\x01\x02") + 10):
        struct.pack_into("<H", data, at, 9)  # Deflate64
    (tmp_path / "n.zip").write_bytes(data)
    assert read("n.zip") == {"n.zip!/a.txt": "damaged", "n.zip!/b.txt": b"B"}
    [member, _] = zips.members(str(tmp_path / "n.zip"), "n.zip")
    assert isinstance(member, zips.ZipMember)
    with pytest.raises(DamagedFileError, match=r"^n\.zip!/a\.txt: cannot be unpacked \(.*compression.*\)$"):
        member.read()
    with pytest.raises(DamagedFileError, match=r"cannot be unpacked \(.*compression.*\)$"):
        Archive(bytes(data), "x.docx").read("a.txt")


def test_a_member_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path) -> None:
    archive(tmp_path / "n.zip", {"bomb.txt": bytes(3_000_000), "b.txt": b"B"})
    assert read("n.zip") == {"n.zip!/bomb.txt": "too-large", "n.zip!/b.txt": b"B"}
    data = bytearray((tmp_path / "n.zip").read_bytes())
    record = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, record + 24, MAX_FILE_BYTES + 1)  # the size it claims
    (tmp_path / "n.zip").write_bytes(data)
    zips._opened.cache_clear()  # the file may keep its time and its size
    assert read("n.zip") == {"n.zip!/bomb.txt": "too-large", "n.zip!/b.txt": b"B"}


def test_members_that_share_their_bytes_are_a_bomb(tmp_path: Path) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("a.txt", os.urandom(5000))
        for n in range(50):  # further records of the same packed bytes
            twin = zipfile.ZipInfo(f"{n}.txt")
            original = file.infolist()[0]
            for field in ("file_size", "compress_size", "CRC", "header_offset", "compress_type"):
                setattr(twin, field, getattr(original, field))
            file.filelist.append(twin)
            file.NameToInfo[twin.filename] = twin
    (tmp_path / "n.zip").write_bytes(data.getvalue())
    assert read("n.zip") == {"n.zip": "damaged"}


def test_an_archive_of_too_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "MAX_MEMBERS", 2)
    archive(tmp_path / "n.zip", {"a": b"", "b": b"", "c": b""})
    assert read("n.zip") == {"n.zip": "too-large"}


# ---- URLs ------------------------------------------------------------------------------------------------------------


def test_files_behind_urls(tmp_path: Path) -> None:
    pytest.importorskip("fsspec", reason="the extra planparse[remote] is not installed")
    make(tmp_path, "d/a.txt", "d/e/b.txt", "d/.hidden/c.txt")
    archive(tmp_path / "n.zip", {"x.txt": b"X", "y/z.txt": b"Z"})
    base = (tmp_path / "d").as_uri()
    assert read(base) == {f"{base}/a.txt": b"d/a.txt", f"{base}/e/b.txt": b"d/e/b.txt"}
    assert read(f"{base}/*.txt") == {f"{base}/a.txt": b"d/a.txt"}
    assert read(f"{base}/a.txt", f"{base}/none.txt") == {f"{base}/a.txt": b"d/a.txt", f"{base}/none.txt": "unreadable"}
    chained = f"::{(tmp_path / 'n.zip').as_uri()}"
    assert read(f"zip://y/*{chained}") == {f"zip://y/z.txt{chained}": b"Z"}
    assert read(f"{base}/*.doc", "nosuch://x/y") == {f"{base}/*.doc": "unreadable", "nosuch://x/y": "unreadable"}


def test_urls_without_fsspec_say_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    [error] = Inputs(["s3://bucket/notices"])
    assert isinstance(error, PlanparseError)
    assert (error.code, error.cause) == ("missing-reader", "URLs need fsspec: pip install 'planparse[remote]'")
