"""`planparse init`: a folder of one's own rules and samples, with one of each to begin with."""

from __future__ import annotations

from pathlib import Path

from planparse.errors import UnreadableFileError
from planparse.output import write_file

_PACK = """\
# Rules of your own, added to those that ship with planparse (planparse rules list shows them).
# A rule with the id of a shipped one replaces it. Every key: https://pypi.org/project/planparse, docs/rules.md.
pack: own
requires: ">=0.1"
rules:
- id: own.unit-stalls
  kind: unit
  why: Markets are counted in stalls (摊位), which the shipped packs do not list.
  words: [个摊位]
  emit: {class: count}
  examples:
  - text: 每个集贸市场设置女性创业摊位不少于20个摊位
    in: measures
    expect: {value: 20, unit: 个摊位, comparator: ">="}
"""
_SAMPLE = """\
安平县妇女发展规划(2021-2025年)

一、总体要求

(一)总体目标

妇女平等享有各项权利,全面发展。

二、发展领域、主要目标和策略措施

(一)妇女与经济

主要目标:

1.城镇登记失业妇女再就业率达到60%以上。

策略措施:

1.支持妇女创业。每个集贸市场设置女性创业摊位不少于20个摊位。
"""


def init(folder: Path) -> list[Path]:
    """Lay out `rules/` and `samples/` in a folder and return the files written, the last one still without its result.

    Raises UnreadableFileError when one of them is there already or cannot be written.
    """
    files = {folder / "rules" / "own.yaml": _PACK, folder / "samples" / "example.txt": _SAMPLE}
    for path in files:
        if path.exists():
            raise UnreadableFileError(str(path), "is there already")
    for path, content in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_file(path, content)
        except OSError as error:
            raise UnreadableFileError(str(path), f"cannot be written ({error.strerror})") from error
    return list(files)
