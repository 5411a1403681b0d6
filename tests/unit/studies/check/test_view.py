"""A check for people and for CI: JUnit, annotations, the comment of a pull request and the terminal, from one report."""

import json
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from rich.console import Console

from simulator.render.annotations import annotations
from simulator.render.junit import junit_xml
from simulator.render.numbers import TO
from simulator.render.terminal import terminal
from simulator.studies.check.report import CheckReport, PlacedCriterion, ScenarioCheck
from simulator.studies.check.view import findings, suites
from simulator.theory.estimate import Estimate


def verdict(name: str, stage: str, decided: str, value: float | None, **other: Any) -> PlacedCriterion:
    known = {
        "criterion": name,
        "threshold": "p95 < 8s",
        "path": f"slos.{name}.objective",
        "file": "scenarios/desk.yaml",
        "line": 12,
        "column": 5,
        "stage": stage,
        "metric": "latency",
        "statistic": "p(95)",
        "value": value,
        "low": None if value is None else 0.9 * value,
        "high": None if value is None else 1.1 * value,
        "op": "<",
        "limit": 8.0,
        "slack": None if value is None else 0.1,
        "replications": 4,
        "verdict": decided,
    }
    return PlacedCriterion.model_validate(known | other)


def report_of(*verdicts: PlacedCriterion, name: str = "desk") -> CheckReport:
    scenario = ScenarioCheck(
        file="scenarios/desk.yaml",
        scenario=name,
        scenario_hash="ab" * 32,
        seed=1,
        profiles={},
        stages=("pilot", "all"),
        verdicts=verdicts,
        aborted_by=None,
        interrupted=False,
    )
    return CheckReport(
        engine_version="1", interval_level=0.95, wall_s=1.25, scenarios=(scenario,), verdict="FAIL"
    )


PASSED = verdict("latency", "pilot", "PASS", 2.0)
FAILED = verdict("latency", "all", "FAIL", 9.5)
REGIONAL = verdict("regional", "all", "UNDECIDED", 8.1, region="eu-west", line=None, column=None)
ODD = verdict("odd <&\x00> 50%", "all", "UNDECIDED", None)


@pytest.fixture
def report() -> CheckReport:
    """Return a check of one scenario in two stages."""
    return report_of(PASSED, FAILED, REGIONAL, ODD)


def test_junit_has_a_case_per_threshold_stage_and_region(report: CheckReport) -> None:
    root = fromstring(junit_xml("rollout check", suites(report), report.wall_s))
    assert [(suite.get("name"), suite.get("tests")) for suite in root] == [
        ("desk.pilot", "1"),
        ("desk.all", "3"),
    ]
    counts = tuple(root.get(key) for key in ("tests", "failures", "errors", "time"))
    assert counts == ("4", "1", "2", "1.250")
    cases = root.findall(".//testcase")
    assert [case.get("name") for case in cases][:3] == [
        "latency p95 < 8s [all]",
        "latency p95 < 8s [all]",
        "regional p95 < 8s [eu-west]",
    ]
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == 4
    failure = cases[1].find("failure")
    assert failure.get("message").startswith(f"p95 latency at stage all is 9.5 s (8.6{TO}10.5), limit < 8 s")
    assert failure.text == "scenarios/desk.yaml:12: slos.latency.objective"
    assert cases[2].find("error").get("type") == "UNDECIDED"
    assert "\ufffd" in cases[3].get("name")


def test_annotations_point_at_the_line(report: CheckReport) -> None:
    failed, undecided, odd = annotations(findings(report))
    place = "file=scenarios/desk.yaml,line=12,col=5"
    assert failed.startswith(f"::error {place},title=FAIL%3A latency p95 < 8s [all]::p95 latency")
    assert undecided.startswith("::warning file=scenarios/desk.yaml,title=UNDECIDED%3A regional")
    assert "50%25" in odd
    assert "\n" not in odd


def test_the_comment_shows_what_does_not_hold_first(report: CheckReport) -> None:
    text = report.to_markdown()
    assert text.startswith("## Rollout check: 1 FAIL, 2 UNDECIDED, 1 PASS")
    folded = text.index("<details><summary>1 threshold PASS</summary>")
    assert text.index("❌ FAIL") < folded < text.index("✅ PASS")


def test_the_comment_is_one_line_when_nothing_changed(report: CheckReport) -> None:
    baseline = CheckReport.model_validate_json(report.to_json())
    assert report.to_markdown(baseline) == "Nothing changed: 1 FAIL, 2 UNDECIDED, 1 PASS.\n"


def test_the_comment_tells_the_change(report: CheckReport) -> None:
    passed_before = FAILED.model_copy(update={"estimate": Estimate.exact(7.6), "verdict": "PASS"})
    text = report.to_markdown(report_of(passed_before, REGIONAL, ODD))
    assert "| +25.0 % (was PASS) | ❌ FAIL |" in text
    assert "| new | ✅ PASS |" in text
    assert "PASS as before" not in text
    assert "desk (scenarios/desk.yaml): 1 threshold PASS as before" in report_of(PASSED).to_markdown(
        report_of(PASSED, FAILED)
    )


def test_a_users_text_is_no_markup() -> None:
    text = report_of(FAILED, name="<b>*@team* | [x](y)").to_markdown()
    assert r"\<b\>\*\@team\* \| \[x\](y)" in text
    assert "&lt;b&gt;*" in report_of(PASSED, name="<b>*").to_markdown()


def test_the_terminal_names_the_line(report: CheckReport) -> None:
    console = Console(width=160)
    with console.capture() as shown:
        console.print(terminal(report.sections(), 160))
    text = shown.get()
    assert "scenarios/desk.yaml:12: slos.latency.objective is FAIL" in text
    assert "1 FAIL, 2 UNDECIDED, 1 PASS; checked in 1.25 s" in text
    assert "nothing observed" in text


def test_the_report_is_false_and_says_why(report: CheckReport) -> None:
    assert not report
    assert "FAIL scenarios/desk.yaml:12: slos.latency.objective: p95 latency at stage all is" in repr(report)
    assert CheckReport.model_validate_json(report.to_json()) == report
    assert json.loads(report.to_json())["scenarios"][0]["verdicts"][0]["replications"] == 4


def test_frame_and_figure_have_every_threshold(report: CheckReport) -> None:
    frame = report.to_frame()
    assert list(frame["verdict"]) == ["PASS", "FAIL", "UNDECIDED", "UNDECIDED"]
    assert frame.loc[1, ["value", "limit"]].tolist() == [9.5, 8.0]
    assert [len(trace.x) for trace in report.figure().data] == [1, 1, 1]  # nothing was observed of the last
