"""Reading rule packs: every wrong shape is one error with file, line and cause; hostile packs do no harm."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from packs_of import HEAD, NOTICE, pack, rule
from planparse import pipeline, rules
from planparse.document import Document
from planparse.errors import PlanparseError, RulesError
from planparse.packs import KINDS, parts_in, read_packs, snapshot_text

DOCUMENT = Document(NOTICE, "notice.txt", "text/plain", "0" * 64)


def error_of(folder: Path) -> RulesError:
    with pytest.raises(RulesError) as caught:
        rules.load(folder)
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_pack_of_ones_own_is_added_and_replaces_by_id(tmp_path: Path) -> None:
    loaded = rules.load(pack(tmp_path, rule().replace("own.stalls", "unit.age")))
    assert [r.words for r in loaded.rules if r.id == "unit.age"] == [["个摊位"]]
    assert len(loaded.rules) == len(rules.load().rules)
    assert loaded.fingerprint != rules.load().fingerprint


@pytest.mark.parametrize(
    ("text", "line", "cause"),
    [
        ("rules: [", None, "not valid YAML"),
        ("a list", 1, "a pack is a mapping"),
        (HEAD.replace("own", "other") + rule(), 1, "pack must be the file's name"),
        (HEAD.replace(">=0.1", ">=99"), 1, "needs planparse 99 or newer"),
        (HEAD.replace('">=0.1"', "1"), 1, "requires must read"),
        (HEAD + "colour: red\n", 1, "a pack has no key 'colour'"),
        (HEAD + "- a rule\n", 1, "a rule is a mapping"),
        (HEAD + rule(kind="units"), 4, "kind 'units' is not one of"),
        (HEAD + rule(kind="[unit]"), 4, "kind ['unit'] is not one of"),
        (HEAD + rule(why=""), 4, "has no reason"),
        (HEAD + rule(colour="red"), 4, "a rule has no key 'colour'"),
        (HEAD + rule(emit="{class: counts}"), 4, "emit.class: 'counts' is not one of"),
        (HEAD + rule(emit="{class: [count]}"), 4, "emit.class: ['count'] is not one of"),
        (HEAD + rule(emit="[count]"), 4, "emit is a mapping, not list"),
        (HEAD + rule(emit=""), 4, "emit must say class"),
        (HEAD + rule(emit="{class: count, size: 3}"), 4, "emit has no key 'size'"),
        (HEAD + rule(where="{top: true}"), 4, "where has no key 'top'"),
        (HEAD + rule(words="个摊位"), 4, "words must be a list"),
        (HEAD + rule(words="[1]"), 4, "words must be a list of non-empty strings"),
        (HEAD + rule(words=""), 4, "must have words and no pattern"),
        (HEAD + rule(pattern="个摊位"), 4, "must have words and no pattern"),
        (HEAD + rule(before="一"), 4, "before is for rules of kind guard"),
        (HEAD + rule(status="new"), 4, "status 'new' is not draft"),
        (HEAD + rule() + rule(), 10, "rule id 'own.stalls' is already used"),
        (HEAD + rule().replace("own.stalls", "Own Stalls"), 4, "id must be words of a-z"),
        (HEAD + rule(kind="guard", words="", emit="", pattern='"[0-9"'), 4, "pattern does not compile"),
        (HEAD + rule(kind="guard", words="", emit="", pattern='"\\\\d+"'), 4, "pattern uses \\d"),
        (HEAD + rule(kind="guard", words="", emit="", pattern='"(一)\\\\1"'), 4, "cannot be joined"),
        (HEAD + rule(kind="guard", words="", emit="", pattern='"(?i)abc"'), 4, "cannot be joined"),
        (HEAD + rule(kind="guard", words="", emit="", pattern='"(?P<x>一)"'), 4, "named groups: none"),
        (HEAD + rule(kind="guard", words="", emit="", pattern='"{nothing}"'), 4, "unknown part {nothing}"),
        (HEAD + rule(kind="guard", words="", emit="", pattern="一", units="[miles]"), 4, "units must be a list of"),
        (HEAD + rule(kind="fold", words="[ab]", emit="{to: a}"), 4, "must have the same length"),
        (HEAD + rule(kind="context", words="", emit="{part: deadline}", pattern="到{year}"), 4, "each of them"),
        (HEAD + "- &a {id: x}\n- *a\n", None, "holds a YAML alias"),
        ("pack: own\nwhen: 2021-99-99\n", None, "not valid YAML"),
        ("pack: " + "[" * 5000, None, "not valid YAML"),
    ],
)  # fmt: skip
def test_a_broken_pack_is_named_with_its_place(tmp_path: Path, text: str, line: int | None, cause: str) -> None:
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    error = error_of(tmp_path)
    assert re.fullmatch(re.escape(f"{tmp_path / 'own.yaml'}") + (f":{line}" if line else "(:[0-9]+)?"), error.name)
    assert cause in error.cause


def test_parts_of_parts_do_not_grow_without_end(tmp_path: Path) -> None:
    doubling = "".join(f'  p{i}: "{{p{i - 1}}}{{p{i - 1}}}"\n' for i in range(1, 40))
    (tmp_path / "parts.yaml").write_text(f'pack: parts\nrequires: ">=0.1"\nparts:\n  p0: "一"\n{doubling}', "utf-8")
    assert "characters with its parts filled in" in error_of(pack(tmp_path)).cause


def test_a_pack_does_not_lead_out_of_its_folder(tmp_path: Path) -> None:
    outside = pack(tmp_path / "outside") / "own.yaml"
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "own.yaml").symlink_to(outside)
    assert error_of(inside).cause == "leads out of the folder of its pack"
    (inside / "own.yaml").unlink()
    (inside / "own.yaml").symlink_to(inside / "own.yaml")
    assert "cannot be read" in error_of(inside).cause


def test_a_pack_that_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "own.yaml")
    assert error_of(tmp_path).cause == "is not a file"


def test_a_pack_is_data_only(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("pack: !!python/object/apply:os.system ['true']\n", encoding="utf-8")
    assert "not valid YAML" in error_of(tmp_path).cause


def test_a_folder_without_packs_is_refused(tmp_path: Path) -> None:
    assert error_of(tmp_path).cause == "holds no rule pack (*.yaml)"
    assert error_of(tmp_path / "none").cause == "is not a folder of rule packs"


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.text("一个[(+*{year}", max_size=6))
NAMES = st.text("ab", max_size=2)
VALUES = st.recursive(SCALARS, lambda v: st.lists(v, max_size=3) | st.dictionaries(NAMES, v), max_leaves=4)
KEYS = st.sampled_from(["words", "pattern", "before", "after", "when", "emit", "where", "units"])


def extracted(folder: Path) -> list[dict[str, Any]] | str:
    """The plans of the document under the packs of a folder, or the code of the error that they end in."""
    try:
        return pipeline.extract(DOCUMENT, rules.load(folder))
    except PlanparseError as error:
        return error.code


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(kind=st.sampled_from(sorted(KINDS)), own=st.dictionaries(KEYS, VALUES))
def test_any_rule_loads_and_runs_or_is_refused(tmp_path: Path, kind: str, own: dict[str, Any]) -> None:
    emit = own.get("emit") if isinstance(own.get("emit"), dict) else {}
    required = {k: v[0] if isinstance(v, tuple) else "一" for k, v in KINDS[kind].emit.items()}
    own["emit"] = required | (emit or {})
    content = {"pack": "own", "requires": ">=0.1", "rules": [{"id": "own.any", "kind": kind, "why": "x", **own}]}
    # JSON is YAML.
    (tmp_path / "own.yaml").write_text(json.dumps(content), encoding="utf-8")
    plans = extracted(tmp_path)
    if isinstance(plans, str):
        assert plans in ("rules", "no-plan")
    else:
        evidence = [i["evidence"] for plan in plans for i in plan["indicators"]]
        assert all(e["text"] == NOTICE[e["start"] : e["end"]] for e in evidence)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_rule_may_replace_each_shipped_one_without_breaking_the_engine(tmp_path: Path, kind: str) -> None:
    nothing = "\ue000"
    for shipped in rules.load().rules:
        if shipped.kind != kind:
            continue
        own = {"id": shipped.id, "kind": kind, "why": "x", "emit": shipped.emit, "where": shipped.where}
        if shipped.words:
            own["words"] = [nothing]
            own["emit"] = shipped.emit | ({"to": nothing} if kind == "fold" else {})
        if shipped.pattern:
            groups = "".join(f"(?P<{name}>{nothing})" for name in re.compile(shipped.pattern).groupindex)
            years = ("deadline", "clause-year", "due-after", "baseline-year")
            dated = "({year})" if shipped.emit.get("part") in years else ""
            own["pattern"] = nothing + groups + dated
        own |= {key: nothing for key in ("before", "after") if getattr(shipped, key)}
        content = {"pack": "own", "requires": ">=0.1", "rules": [own]}
        (tmp_path / "own.yaml").write_text(json.dumps(content), encoding="utf-8")
        assert extracted(tmp_path) == "no-plan" or isinstance(extracted(tmp_path), list), shipped.id


def test_the_shipped_snapshot_is_that_of_the_packs() -> None:
    snapshot = rules.folder() / rules.SNAPSHOT
    if snapshot.is_file():
        assert snapshot.read_text(encoding="utf-8") == snapshot_text(rules.folder()), "run `make rules`"


def test_a_snapshot_gives_the_rules_of_the_packs() -> None:
    stored = json.loads(snapshot_text(rules.folder()))
    from_snapshot = [rules.Rule(**each) for each in stored["rules"]]
    from_packs = list(read_packs(rules.folder(), parts_in(rules.folder())))
    for rule_ in from_packs:
        rule_.place = ""
    assert from_snapshot == from_packs
    assert stored["fingerprint"] == rules.fingerprint(rules.folder())
