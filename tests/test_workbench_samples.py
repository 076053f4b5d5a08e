"""`planparse check`: gains, losses and floors of samples, and the reports of them."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from factories import indicator, plan
from packs_of import LESS, NOTICE, pack
from planparse import rules
from planparse.check import Difference
from planparse.errors import DamagedFileError, UnreadableFileError
from planparse.workbench.floors import Floors, losses, measure
from planparse.workbench.reports import SampleReport, junit, sample_github, sample_text, samples_json
from planparse.workbench.samples import Options, check

UPDATE = Options(update=True)


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """A folder with one sample, up to date, and its floors."""
    folder = tmp_path / "samples"
    folder.mkdir()
    (folder / "notice.txt").write_text(NOTICE, encoding="utf-8")
    assert [report.same for report in check(folder, rules.load(), UPDATE)] == [True]
    return folder


@pytest.fixture
def worse(tmp_path: Path) -> rules.Rules:
    return rules.load(pack(tmp_path / "worse", LESS))


def test_a_sample_that_is_as_expected(samples: Path) -> None:
    [report] = check(samples, rules.load(), Options())
    assert report.same
    assert not report.differences
    floors = json.loads((samples / "floors.json").read_text(encoding="utf-8"))
    assert floors["notice"]["floors"]["indicator"] == [1.0, 1.0]


def test_a_loss_names_line_source_rule_and_floor(samples: Path, worse: rules.Rules) -> None:
    [report] = check(samples, worse, Options())
    assert not report.same
    changed = [d for d in report.differences if d.field == "comparator"]
    assert [(d.line, d.expected, d.actual, d.rule) for d in changed] == [(10, ">=", "=", "level.reach")]
    assert changed[0].source == "2.失业保险参保率达到98%以上。"
    assert "notice: recall of comparator falls from 1.000 to 0.667" in map(str, report.falls)


def test_an_update_that_loses_is_refused_until_it_is_accepted(samples: Path, worse: rules.Rules) -> None:
    before = {path.name: path.read_text(encoding="utf-8") for path in samples.iterdir()}
    [refused] = check(samples, worse, UPDATE)
    assert not refused.same
    assert "--accept-losses" in refused.notes[0]
    assert before == {path.name: path.read_text(encoding="utf-8") for path in samples.iterdir()}
    [accepted] = check(samples, worse, Options(update=True, accept_losses=True))
    assert accepted.same
    assert [report.same for report in check(samples, worse, Options())] == [True]


def test_a_gain_needs_no_leave(samples: Path, worse: rules.Rules) -> None:
    list(check(samples, worse, Options(update=True, accept_losses=True)))
    expected = samples / "notice.expected.json"
    plans = json.loads(expected.read_text(encoding="utf-8"))
    del plans[0]["indicators"][0]
    expected.write_text(json.dumps(plans, ensure_ascii=False), encoding="utf-8")
    [report] = check(samples, worse, UPDATE)
    assert [(d.change, d.what) for d in report.differences] == [("new", "indicator")]
    assert report.same


def test_a_truth_written_by_hand_is_not_overwritten_unnoticed(samples: Path) -> None:
    expected = samples / "notice.expected.json"
    changed = expected.read_text(encoding="utf-8").replace('"value": 98', '"value": 99')
    expected.write_text(changed, encoding="utf-8")
    [report] = check(samples, rules.load(), Options())
    assert [(d.field, d.expected, d.actual) for d in report.differences] == [("value", 99, 98)]
    assert "the expected of notice changed since its floors were set" in report.notes[0]
    [update] = check(samples, rules.load(), UPDATE)
    assert not update.same
    assert expected.read_text(encoding="utf-8") == changed


def test_a_changed_document_is_not_bound_by_old_floors(samples: Path) -> None:
    (samples / "notice.txt").write_text(NOTICE.replace("2.失业保险参保率达到98%以上。\n", ""), encoding="utf-8")
    [report] = check(samples, rules.load(), Options())
    assert "the document of notice changed" in report.notes[0]
    assert [report.same for report in check(samples, rules.load(), UPDATE)] == [True]


def test_only_some_samples(samples: Path) -> None:
    (samples / "other.txt").write_text(NOTICE, encoding="utf-8")
    assert [r.name for r in check(samples, rules.load(), Options(only=("other",), update=True))] == ["other"]
    assert len(list(check(samples, rules.load(), Options()))) == 2
    with pytest.raises(UnreadableFileError, match="third: is no sample"):
        list(check(samples, rules.load(), Options(only=("third",))))


def test_a_sample_that_cannot_be_run_is_an_error_of_its_own(samples: Path) -> None:
    (samples / "gone.expected.json").write_text("[]", encoding="utf-8")
    gone, notice = check(samples, rules.load(), Options())
    assert gone.error == f"{samples / 'gone.txt'}: no such file"
    assert notice.same


@pytest.mark.parametrize("text", ["[]", "{", '{"notice": 1}', '{"notice": {"inputs": {}, "floors": {}}}'])
def test_broken_floors_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "floors.json").write_text(text, encoding="utf-8")
    with pytest.raises(DamagedFileError, match="is no file of floors"):
        Floors(tmp_path)


def test_precision_and_recall() -> None:
    truth = plan(indicators=[indicator(), indicator(id="i2", name="另一个", value=5)])
    given = plan(
        indicators=[indicator(unit=None), indicator(id="i3", name="第三个", value_text="8%", kind="qualitative")]
    )
    measures = measure([truth], [given])
    assert measures["indicator"] == (0.5, 0.5)
    assert measures["unit"] == (1.0, 0.0)
    assert measures["value"] == (1.0, 0.5)
    assert measures["per"] == (1.0, 1.0)
    assert measure([truth], [truth]) == dict.fromkeys(measures, (1.0, 1.0))


def test_floors_keep_what_they_are_told(tmp_path: Path) -> None:
    floors = Floors(tmp_path)
    floors.set("a", {"document": "1", "expected": "2"}, {"unit": (1.0, 0.5)})
    floors.path.write_text(floors.text(), encoding="utf-8")
    again = Floors(tmp_path)
    assert again.changed("a", {"document": "1", "expected": "3"}) == ["expected"]
    assert again.changed("new", {"document": "1", "expected": "3"}) == []
    assert again.falls("a", {"unit": (1.0, 0.5)}) == []
    falls = again.falls("a", {"unit": (0.25, 0.25)})
    assert [(fall.of, fall.floor, fall.now) for fall in falls] == [("precision", 1.0, 0.25), ("recall", 0.5, 0.25)]
    assert losses(falls) == falls[1:]


REPORTS = [
    SampleReport("good", "s/good.txt"),
    SampleReport(
        "bad", "s/bad.txt", [Difference("s/bad.txt", 3, "lost", "indicator", "a,b:c%\x01", source="甲\x01乙")]
    ),
    SampleReport("broken", "s/broken.txt", error="s/broken.txt: no such file"),
]


def test_the_text_report_shows_the_line_once() -> None:
    two = [Difference("s/bad.txt", 3, "lost", "indicator", name, source="甲乙") for name in "ab"]
    assert list(sample_text(SampleReport("bad", "s/bad.txt", two))) == [
        "s/bad.txt:3: lost indicator a\n",
        "s/bad.txt:3: lost indicator b\n",
        "    | 甲乙\n",
    ]


def test_the_github_report_is_escaped() -> None:
    [line] = sample_github(REPORTS[1])
    assert line == "::error file=s/bad.txt,line=3,title=lost indicator::lost indicator a,b:c%25\x01\n"
    assert list(sample_github(REPORTS[0])) == []
    assert "no such file" in "".join(sample_github(REPORTS[2]))


def test_the_junit_report_is_xml_with_a_case_for_each_sample() -> None:
    suite = ElementTree.fromstring(junit(REPORTS))
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")
    assert [(case.get("name"), [child.tag for child in case]) for case in suite] == [
        ("good", []),
        ("bad", ["failure"]),
        ("broken", ["error"]),
    ]


def test_the_json_report_is_for_programs() -> None:
    reports = json.loads(samples_json(REPORTS))
    assert [report["same"] for report in reports] == [True, False, False]
    assert reports[1]["differences"][0]["line"] == 3
