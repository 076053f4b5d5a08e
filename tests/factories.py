"""Valid pieces of the output contract for tests, with changes."""

from __future__ import annotations

from typing import Any

TEXT = "一、主要目标\n1.小学生近视率降至38%以下，每个镇建设1-2所幼儿园。"


def indicator(**changes: Any) -> dict[str, Any]:
    """A valid indicator of TEXT, with changes."""
    start = TEXT.index("小学生")
    valid = {
        "id": "i1",
        "name": "小学生近视率",
        "domain": None,
        "role": "objectives",
        "section_id": "s1",
        "item": 1,
        "origin": "prose",
        "kind": "quantitative",
        "comparator": "<=",
        "value": 38,
        "value_max": None,
        "unit": "%",
        "per": None,
        "direction": "decrease",
        "change": False,
        "baseline": {"value": None, "unit": None, "year": 2020},
        "deadline": 2025,
        "obligation": "binding",
        "responsible_units": ["市教育局"],
        "value_text": "38%以下",
        "evidence": {"text": "小学生近视率降至38%以下", "start": start, "end": start + 13, "page": None},
        "implied": {"deadline": {"value": 2025, "reason": "the period ends then"}},
        "rule": "level.reach",
    }
    return valid | changes


def plan(**changes: Any) -> dict[str, Any]:
    """A valid plan over TEXT, with changes."""
    span = {"start": 0, "end": len(TEXT)}
    item = {"number": 1, "text": "小学生近视率降至38%以下", "span": span, "responsible_units": []}
    section = {"id": "s1", "role": "objectives", "number": "一、", "heading": "主要目标", "level": 1, "span": span}
    valid = {
        "schema_version": "1.0",
        "source": {"path": None, "media_type": "text/plain", "sha256": "0" * 64, "encoding": None, "pages": None},
        "notice": {
            "title": "关于印发规划的通知",
            "document_number": None,
            "index_number": None,
            "issuer": None,
            "issued_on": "2021-12-31",
            "published_on": None,
            "recipients": ["各镇人民政府"],
        },
        "title": "某市儿童发展规划",
        "region": "某市",
        "subject": "儿童发展",
        "period": {"start": 2021, "end": 2025},
        "span": span,
        "sections": [section | {"items": [item], "sections": []}],
        "indicators": [indicator()],
        "observations": [
            {"name": "近视率", "value": 45.1, "unit": "%", "year": 2020, "evidence": indicator()["evidence"]}
        ],
        "diagnostics": [{"code": "bound-lost", "severity": "warning", "message": "a bare cell", "span": span}],
    }
    return valid | changes
