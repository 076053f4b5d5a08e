"""Plans as rows of tables that join by keys: what `.duckdb` and `.parquet` hold, and the sheets of `.xlsx`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

Plan = dict[str, Any]
Row = dict[str, Any]

_TEXT, _WHOLE, _NUMBER, _FLAG, _DATE = "VARCHAR", "INTEGER", "DOUBLE", "BOOLEAN", "DATE"

TABLES: Mapping[str, Mapping[str, str]] = {
    "plans": {
        "plan_id": _TEXT,
        "file": _TEXT,
        "source": _TEXT,
        "sha256": _TEXT,
        "media_type": _TEXT,
        "encoding": _TEXT,
        "pages": _WHOLE,
        "title": _TEXT,
        "region": _TEXT,
        "subject": _TEXT,
        "period_start": _WHOLE,
        "period_end": _WHOLE,
        "notice_title": _TEXT,
        "document_number": _TEXT,
        "index_number": _TEXT,
        "issuer": _TEXT,
        "issued_on": _DATE,
        "published_on": _DATE,
        "recipients": _TEXT,
    },
    "sections": {
        "plan_id": _TEXT,
        "section_id": _TEXT,
        "parent_id": _TEXT,
        "position": _WHOLE,
        "role": _TEXT,
        "number": _TEXT,
        "heading": _TEXT,
        "level": _WHOLE,
        "items": _WHOLE,
        "span_start": _WHOLE,
        "span_end": _WHOLE,
    },
    "indicators": {
        "plan_id": _TEXT,
        "indicator_id": _TEXT,
        "position": _WHOLE,
        "name": _TEXT,
        "domain": _TEXT,
        "role": _TEXT,
        "section_id": _TEXT,
        "item": _WHOLE,
        "origin": _TEXT,
        "kind": _TEXT,
        "comparator": _TEXT,
        "value": _NUMBER,
        "value_max": _NUMBER,
        "unit": _TEXT,
        "per": _TEXT,
        "direction": _TEXT,
        "change": _FLAG,
        "baseline_value": _NUMBER,
        "baseline_unit": _TEXT,
        "baseline_year": _WHOLE,
        "deadline": _WHOLE,
        "obligation": _TEXT,
        "value_text": _TEXT,
        "evidence": _TEXT,
        "evidence_start": _WHOLE,
        "evidence_end": _WHOLE,
        "page": _WHOLE,
        "implied": _TEXT,
        "rule": _TEXT,
    },
    "responsible_units": {"plan_id": _TEXT, "indicator_id": _TEXT, "position": _WHOLE, "unit": _TEXT},
    "observations": {
        "plan_id": _TEXT,
        "position": _WHOLE,
        "name": _TEXT,
        "value": _NUMBER,
        "unit": _TEXT,
        "year": _WHOLE,
        "evidence": _TEXT,
        "evidence_start": _WHOLE,
        "evidence_end": _WHOLE,
        "page": _WHOLE,
    },
    "diagnostics": {
        "plan_id": _TEXT,
        "position": _WHOLE,
        "code": _TEXT,
        "severity": _TEXT,
        "message": _TEXT,
        "span_start": _WHOLE,
        "span_end": _WHOLE,
    },
}
"""Table -> column -> SQL type. Positions count from 1 in the order of the plan; docs/batch.md explains the rest."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "plans": ("plan_id",),
    "sections": ("plan_id", "section_id"),
    "indicators": ("plan_id", "indicator_id"),
    "responsible_units": ("plan_id", "indicator_id", "position"),
    "observations": ("plan_id", "position"),
    "diagnostics": ("plan_id", "position"),
}
"""Primary keys. `plan_id`, with `section_id` or `indicator_id`, refers to the table of that name."""


def rows_of(plan: Plan, plan_id: str, file: str) -> Iterator[tuple[str, Row]]:
    """(table, row) of everything in a plan; `file` is the name of its file among the plans of the run."""
    yield "plans", _plan(plan, plan_id, file)
    for position, (parent, section) in enumerate(_sections(plan["sections"], None), 1):
        yield "sections", _section(section, parent, plan_id, position)
    for position, indicator in enumerate(plan["indicators"], 1):
        yield "indicators", _indicator(indicator, plan_id, position)
        for place, unit in enumerate(indicator["responsible_units"], 1):
            ids = {"plan_id": plan_id, "indicator_id": indicator["id"]}
            yield "responsible_units", {**ids, "position": place, "unit": unit}
    for position, each in enumerate(plan["observations"], 1):
        kept = {field: each[field] for field in ("name", "value", "unit", "year")}
        yield "observations", {"plan_id": plan_id, "position": position, **kept, **_evidence(each["evidence"])}
    for position, each in enumerate(plan["diagnostics"], 1):
        kept = {field: each[field] for field in ("code", "severity", "message")}
        yield "diagnostics", {"plan_id": plan_id, "position": position, **kept, **_span(each["span"])}


def _plan(plan: Plan, plan_id: str, file: str) -> Row:
    notice, period = plan["notice"] or {}, plan["period"] or {}
    return {
        "plan_id": plan_id,
        "file": file,
        "source": plan["source"]["path"],
        **{field: plan["source"][field] for field in ("sha256", "media_type", "encoding", "pages")},
        **{field: plan[field] for field in ("title", "region", "subject")},
        "period_start": period.get("start"),
        "period_end": period.get("end"),
        "notice_title": notice.get("title"),
        **{
            field: notice.get(field)
            for field in ("document_number", "index_number", "issuer", "issued_on", "published_on")
        },
        "recipients": "、".join(notice.get("recipients", ())) or None,
    }


def _sections(sections: list[Row], parent: str | None) -> Iterator[tuple[str | None, Row]]:
    for section in sections:
        yield parent, section
        yield from _sections(section["sections"], section["id"])


def _section(section: Row, parent: str | None, plan_id: str, position: int) -> Row:
    return {
        "plan_id": plan_id,
        "section_id": section["id"],
        "parent_id": parent,
        "position": position,
        **{field: section[field] for field in ("role", "number", "heading", "level")},
        "items": len(section["items"]),
        **_span(section["span"]),
    }


def _indicator(indicator: Row, plan_id: str, position: int) -> Row:
    baseline, implied = indicator["baseline"] or {}, indicator["implied"]
    same = TABLES["indicators"].keys() & indicator.keys() - {"evidence", "implied"}
    return {
        "plan_id": plan_id,
        "indicator_id": indicator["id"],
        "position": position,
        **{field: indicator[field] for field in TABLES["indicators"] if field in same},
        "baseline_value": baseline.get("value"),
        "baseline_unit": baseline.get("unit"),
        "baseline_year": baseline.get("year"),
        **_evidence(indicator["evidence"]),
        "implied": json.dumps(implied, ensure_ascii=False) if implied else None,
    }


def _span(span: Row) -> Row:
    return {"span_start": span["start"], "span_end": span["end"]}


def _evidence(evidence: Row) -> Row:
    return {
        "evidence": evidence["text"],
        "evidence_start": evidence["start"],
        "evidence_end": evidence["end"],
        "page": evidence["page"],
    }
