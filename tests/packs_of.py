"""Folders of rule packs for tests."""

from __future__ import annotations

from pathlib import Path

HEAD = 'pack: own\nrequires: ">=0.1"\nrules:\n'
STALLS = """\
- id: own.unit-stalls
  kind: unit
  why: Markets are counted in stalls.
  words: [个摊位]
  emit: {class: count}
  examples:
  - {text: 每个集贸市场设置女性创业摊位不少于20个摊位, in: measures, expect: {value: 20, unit: 个摊位}}
"""
NOTICE = """\
安平县妇女发展规划(2021-2025年)

一、发展领域、主要目标和策略措施

(一)妇女与健康

主要目标:

1.孕产妇死亡率控制在7/10万以下。
2.失业保险参保率达到98%以上。

策略措施:

1.加强65岁以上老年妇女健康服务。每年至少组织2次健康讲座。

二、组织实施

(一)加强领导。各部门密切配合。
"""


def pack(folder: Path, rules: str = STALLS, head: str = HEAD) -> Path:
    """Write `own.yaml` with the rules into the folder; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "own.yaml").write_text(head + rules, encoding="utf-8")
    return folder


def rule(**lines: str) -> str:
    """The YAML of one sound rule with some of its lines replaced, or left out where the value is empty."""
    own = {
        "kind": "unit",
        "why": "Markets are counted in stalls.",
        "words": "[个摊位]",
        "emit": "{class: count}",
        "examples": "[{text: 每个集贸市场设置摊位不少于20个摊位, in: measures, expect: {value: 20, unit: 个摊位}}]",
    } | lines
    return "- id: own.stalls\n" + "".join(f"  {key}: {value}\n" for key, value in own.items() if value)


# A pack under which 以上 is no bound any more.
LESS = rule(kind="bound", words="[及以上]", emit='{comparator: ">=", place: after}', examples="").replace(
    "own.stalls", "bound.and-above"
)
