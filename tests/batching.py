"""Small notices, and ways to run `planparse batch` on them, for the tests of batch runs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from planparse.cli import cli

NOTICE = """{region}妇女发展规划(2021-2025年)

一、发展领域、主要目标和策略措施

(一)妇女与健康

主要目标:

1.孕产妇死亡率控制在{rate}/10万以下。(责任单位:市卫生健康委、市妇联)
2.妇女常见病筛查率达到80%以上。(责任单位:市卫生健康委)

{region}儿童发展规划(2021-2025年)

一、发展领域、主要目标和策略措施

(一)儿童与健康

主要目标:

1.小学生近视率降至38%以下。(责任单位:市教育局)
"""
REGIONS = ("安吉县", "北流市", "昌平区", "东阳市", "福清市", "广水市", "海宁市", "吉安县", "康定市", "隆昌市")

PACK = """pack: mine
requires: ">=0.1"
rules:
  - {id: mine.measure, kind: measure, why: a test, words: [某某测度], examples: []}
"""

# Loaded by every Python started with it on its path: makes the engine fail on marked texts, as a defect or a C library
# would.
SABOTAGE = """
import os, signal, time
from planparse import pipeline

extract = pipeline.extract

def sabotaged(document, rules=None):
    if "KILLED" in document.text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "ABORTED" in document.text:
        os.abort()
    if "ENDLESS" in document.text:
        while True:
            pass
    if "DEFECT" in document.text:
        raise KeyError("a defect")
    if "SLOW" in document.text:
        time.sleep(0.5)
    return extract(document, rules)

pipeline.extract = sabotaged
"""


def notice(n: int = 0) -> str:
    """A notice with two plans and three indicators, another one for each number."""
    return NOTICE.format(region=REGIONS[n % len(REGIONS)], rate=3 + n)


def fill(folder: Path, number: int) -> Path:
    """A folder of notices, some of them in folders inside it."""
    for n in range(number):
        path = folder / REGIONS[n % 3] / f"{n:03}.txt" if n % 2 else folder / f"{n:03}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(notice(n), encoding="utf-8")
    return folder


def command(*arguments: str | Path) -> list[str]:
    """`planparse batch` as a command."""
    return [sys.executable, "-m", "planparse", "batch", *map(str, arguments)]


def batch(*arguments: str | Path) -> Result:
    """Run `planparse batch` in this process, with workers of its own."""
    result = CliRunner().invoke(cli, ["batch", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def sabotaged(folder: Path) -> dict[str, str]:
    """Variables for processes whose engine fails on texts that say KILLED, ABORTED, ENDLESS, DEFECT or SLOW."""
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(SABOTAGE, encoding="utf-8")
    return {"PYTHONPATH": str(folder)}


def manifest(out: Path) -> dict[str, dict[str, Any]]:
    """The entries of a manifest by the last part of their source."""
    entries = [json.loads(line) for line in (out / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [entry["source"] for entry in entries] == sorted(entry["source"] for entry in entries)
    return {entry["source"].rpartition("/")[2]: entry for entry in entries}


def snapshot(out: Path) -> dict[str, bytes]:
    """All files of an output folder by path; the manifest without the times, which no two runs share."""
    files = {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    lines = [json.loads(line) for line in files["manifest.jsonl"].splitlines()]
    files["manifest.jsonl"] = "\n".join(json.dumps(line | {"seconds": None}) for line in lines).encode()
    return files
