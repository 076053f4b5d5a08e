"""`planparse diff`: what a change of the rules moves on documents that have no expected files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from planparse.check import Difference, compare
from planparse.document import Document
from planparse.errors import NoPlanError, UnreadableFileError
from planparse.pipeline import extract
from planparse.rules import Rules


def documents_in(paths: Iterable[str]) -> Iterator[str]:
    """The files meant: each path, and for a folder the files right in it, without hidden ones and expected results."""
    for path in paths:
        folder = Path(path)
        if not folder.is_dir():
            yield path
            continue
        files = [p for p in sorted(folder.iterdir()) if p.is_file() and not p.name.startswith(".")]
        found = [p for p in files if p.suffix.lower() not in (".json", ".md", ".yaml", ".csv", ".jsonl")]
        if not found:
            raise UnreadableFileError(path, "holds no document")
        yield from map(str, found)


def differences(document: Document, old: Rules, new: Rules) -> list[Difference]:
    """What the new rules give otherwise than the old ones; a document without a plan under one of them gives none."""
    return compare(str(document.name), document.text, _plans(document, old), _plans(document, new))


def _plans(document: Document, rules: Rules) -> list[dict[str, Any]]:
    try:
        return extract(document, rules)
    except NoPlanError:
        return []


def summary(found: Iterable[Difference]) -> Iterator[str]:
    """How many parts were gained, lost and changed, then the indicators by rule."""
    words = {"new": "gained", "lost": "lost", "changed": "changed"}
    by_part: Counter[tuple[str, str]] = Counter()
    by_rule: Counter[tuple[str, str]] = Counter()
    for difference in found:
        by_part[difference.what, words[difference.change]] += 1
        if difference.rule:
            by_rule[difference.rule, words[difference.change]] += 1
    yield from (f"{n} {what} {change}" for (what, change), n in sorted(by_part.items()))
    yield from (f"{n} by rule {rule} {change}" for (rule, change), n in sorted(by_rule.items()))
