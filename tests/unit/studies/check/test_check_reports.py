"""The reports of a check: JUnit, Markdown, annotations and the table, from one document."""

import copy
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from rich.console import Console

from simulator.render.annotations import annotations
from simulator.render.junit import junit_xml
from simulator.render.numbers import TO
from simulator.studies.check.check_markdown import check_markdown
from simulator.studies.check.check_tables import check_report

Document = dict[str, Any]


def verdict(name: str, stage: str, decided: str, value: float | None, **other: Any) -> Document:
    bounds = {"low": None, "high": None} if value is None else {"low": 0.9 * value, "high": 1.1 * value}
    return {
        "criterion": name,
        "threshold": "p(95) < 8s",
        "path": f"slos.{name}.objective",
        "file": "scenarios/desk.yaml",
        "line": 12,
        "column": 5,
        "stage": stage,
        "metric": "latency",
        "statistic": "p(95)",
        "workload": None,
        "region": None,
        "target": None,
        "value": value,
        **bounds,
        "op": "<",
        "limit": 8.0,
        "slack": 0.1,
        "replications": 4,
        "verdict": decided,
    } | other


@pytest.fixture
def document() -> Document:
    """Return a check of one scenario in two stages."""
    verdicts = [
        verdict("latency", "pilot", "PASS", 2.0),
        verdict("latency", "all", "FAIL", 9.5),
        verdict("regional", "all", "UNDECIDED", 8.1, region="eu-west", line=None, column=None),
        verdict("odd <&\x00> 50%", "all", "UNDECIDED", None),
    ]
    scenario = {
        "file": "scenarios/desk.yaml",
        "scenario": "desk",
        "stages": ["pilot", "all"],
        "verdicts": verdicts,
        "aborted_by": None,
    }
    return {"scenarios": [scenario], "verdict": "FAIL", "interrupted": False, "wall_s": 1.25}


def test_junit_has_a_case_per_threshold_stage_and_region(document: Document) -> None:
    root = fromstring(junit_xml(document))
    assert [(suite.get("name"), suite.get("tests")) for suite in root] == [
        ("desk.pilot", "1"),
        ("desk.all", "3"),
    ]
    assert (root.get("tests"), root.get("failures"), root.get("errors"), root.get("time")) == (
        "4",
        "1",
        "2",
        "1.250",
    )
    cases = root.findall(".//testcase")
    assert [case.get("name") for case in cases][:3] == [
        "latency p(95) < 8s [all]",
        "latency p(95) < 8s [all]",
        "regional p(95) < 8s [eu-west]",
    ]
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == 4
    failure = cases[1].find("failure")
    assert failure.get("message").startswith(f"p95 latency at stage all is 9.5 s (8.6{TO}10.5), asked: < 8 s")
    assert failure.text == "scenarios/desk.yaml:12: slos.latency.objective"
    assert cases[2].find("error").get("type") == "UNDECIDED"
    assert "\ufffd" in cases[3].get("name")


def test_annotations_point_at_the_line(document: Document) -> None:
    failed, undecided, odd = annotations(document)
    assert failed.startswith(
        "::error file=scenarios/desk.yaml,line=12,col=5,title=FAIL%3A latency::p95 latency"
    )
    assert undecided.startswith("::warning file=scenarios/desk.yaml,title=UNDECIDED%3A regional::")
    assert "50%25" in odd
    assert "\n" not in odd


def test_markdown_shows_what_does_not_hold_first(document: Document) -> None:
    text = check_markdown(document)
    assert text.startswith("### Rollout check: 1 FAIL, 2 UNDECIDED, 1 PASS")
    assert (
        text.index("❌ FAIL")
        < text.index("<details><summary>1 threshold PASS</summary>")
        < text.index("✅ PASS")
    )


def test_markdown_is_one_line_when_nothing_changed(document: Document) -> None:
    assert (
        check_markdown(document, copy.deepcopy(document)) == "Nothing changed: 1 FAIL, 2 UNDECIDED, 1 PASS.\n"
    )


def test_markdown_tells_the_change(document: Document) -> None:
    before = copy.deepcopy(document)
    before["scenarios"][0]["verdicts"][1] |= {"value": 7.6, "verdict": "PASS"}
    del before["scenarios"][0]["verdicts"][0]
    text = check_markdown(document, before)
    assert "| +25.0%, was PASS |" in text
    assert "| new |" in text
    assert "2 thresholds PASS as before" not in text


def test_a_users_text_is_no_markup(document: Document) -> None:
    document["scenarios"][0]["scenario"] = "<b>*@team* | [x](y)"
    assert r"\<b\>\*\@team\* \| \[x\](y)" in check_markdown(document)


def test_the_table_names_the_line(document: Document) -> None:
    console = Console(width=160, record=True, file=None, force_terminal=False)
    with console.capture() as shown:
        console.print(check_report(document, 160))
    text = shown.get()
    assert "scenarios/desk.yaml:12: slos.latency.objective is FAIL" in text
    assert "1 FAIL, 2 UNDECIDED, 1 PASS; 1.2 s" in text
    assert "nothing observed" in text
