"""`planparse rules build`: the compiled snapshot, and the ids of rules that are gone."""

from __future__ import annotations

import json
from pathlib import Path

from planparse.errors import UnreadableFileError
from planparse.output import write_file
from planparse.packs import snapshot_text
from planparse.rules import SNAPSHOT, folder
from planparse.workbench.lint import RETIRED, retired_ids


def build(where: Path | None = None) -> list[Path]:
    """Write `packs.json` of a folder (default: the shipped packs), and add the ids it no longer holds to
    `retired-ids.txt`; return the files written.

    Raises RulesError when a pack is broken, UnreadableFileError when a file cannot be written.
    """
    where = where or folder()
    path = where / SNAPSHOT
    content = snapshot_text(where)
    gone = _ids(path.read_text(encoding="utf-8")) - _ids(content) if path.is_file() else set()
    files = {path: content}
    if gone:
        files[where / RETIRED] = "".join(f"{identity}\n" for identity in sorted(retired_ids(where) | gone))
    for file, text in files.items():
        try:
            write_file(file, text)
        except OSError as error:
            raise UnreadableFileError(str(file), f"cannot be written ({error.strerror})") from error
    return list(files)


def _ids(snapshot: str) -> set[str]:
    return {rule["id"] for rule in json.loads(snapshot)["rules"]}
