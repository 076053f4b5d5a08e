"""What only an office suite opens (DOC, WPS, RTF, ODT): turned into DOCX by LibreOffice, when it is installed.

LibreOffice keeps all paragraphs and table rows of Word 97 files; the small readers (antiword, catdoc, wvText) lose
tables. Each run has a profile of its own, so that it neither waits for an open LibreOffice nor touches its settings.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from planparse.document import Document
from planparse.errors import DamagedFileError, MissingReaderError
from planparse.read import docx
from planparse.records import replace

TIMEOUT_SECONDS = 120.0
"""A file of 100 pages takes about two seconds, the first start of a profile about five."""

_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    r"C:\Program Files\LibreOffice\program\soffice.exe",
    "/usr/lib/libreoffice/program/soffice",
    "/opt/libreoffice/program/soffice",
)
_KINDS = (
    (b"\xd0\xcf\x11\xe0", "doc", "application/msword"),
    (b"{\\rtf", "rtf", "application/rtf"),
    (b"PK", "odt", "application/vnd.oasis.opendocument.text"),
)


def read(data: bytes, name: str, timeout: float = TIMEOUT_SECONDS) -> Document:
    """The document in `data`, by way of LibreOffice.

    Raises MissingReaderError without LibreOffice, DamagedFileError when it cannot convert the file within `timeout`
    seconds, otherwise as the DOCX reader.
    """
    program = find_program()
    kind, media_type = next(
        ((kind, media_type) for magic, kind, media_type in _KINDS if data.lstrip().startswith(magic)),
        ("xml", "application/xml"),
    )
    if program is None:
        raise MissingReaderError(
            name,
            f"a {kind.upper()} file: reading it needs LibreOffice (https://www.libreoffice.org, or apt-get install "
            "libreoffice-writer-nogui); or save the file as DOCX",
        )
    converted = _convert(data, kind, program, name, timeout)
    document = docx.read(converted, name)
    return replace(document, media_type=media_type, sha256=hashlib.sha256(data).hexdigest())


def find_program() -> str | None:
    """The path of LibreOffice's `soffice`, if it is installed."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return found or next((place for place in _PLACES if os.access(place, os.X_OK)), None)


def _convert(data: bytes, kind: str, program: str, name: str, timeout: float) -> bytes:
    with tempfile.TemporaryDirectory(prefix="planparse-", ignore_cleanup_errors=True) as folder:
        source = Path(folder) / f"in.{kind}"
        source.write_bytes(data)
        command = [
            program,
            f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}",
            *("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nologo"),
            *("--convert-to", "docx:MS Word 2007 XML", "--outdir", folder, str(source)),
        ]
        try:
            # A session of its own: soffice is a script, and the program it starts must end with it.
            process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
            )
        except OSError as error:
            raise MissingReaderError(name, f"LibreOffice does not start ({error.strerror or error})") from error
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise DamagedFileError(name, f"LibreOffice could not convert it within {timeout:g} seconds") from error
        finally:
            _end(process)
        result = source.with_suffix(".docx")
        if not result.exists():
            raise DamagedFileError(name, "LibreOffice cannot read it: the file is damaged or encrypted")
        return result.read_bytes()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and what it started, if any of it still runs."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except ProcessLookupError:
        return
    process.wait()
