"""A drill report: the same in JSON and read back, and a row per drill."""

from pathlib import Path

import pytest

from simulator.api.rollout import load
from simulator.studies.drill.report import DrillReport
from tests.unit.studies.drill.made_up import drill_report, drill_result

DESK = """metadata: {name: desk}
workloads: [{name: ask, arrival_rate: 4 rps, steps: [{call: find}]}]
services: {search: {max_ongoing_requests: 8, service_time: {distribution: constant, value: 200ms}}}
routes: {find: {choose: [search], per_try_timeout: 1s}}
window: {warmup: 1m}
slos: [{name: availability, indicator: availability, objective: ">= 99%"}]
incidents: [{name: down, kind: outage, target: search, duration: 2m}]
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> DrillReport:
    file: Path = tmp_path_factory.mktemp("desk") / "desk.yaml"
    file.write_text(DESK, encoding="utf-8")
    return load(file).drill(["down"], runs=2, cures=False)


def test_json_is_read_back_as_it_was(report: DrillReport) -> None:
    assert DrillReport.model_validate_json(report.to_json()) == report


def test_incidents_are_written_without_their_start_and_what_is_not_given(report: DrillReport) -> None:
    [drill] = report.to_dict()["drills"]
    assert drill["incidents"] == [{"name": "down", "kind": "outage", "target": "search", "duration": 120.0}]


def test_a_frame_has_a_row_per_drill_with_differences_and_budgets(report: DrillReport) -> None:
    frame = report.to_frame()
    [drill] = report.drills
    assert frame["name"].tolist() == ["down"]
    assert frame["actions_hurt"].tolist() == [drill.actions_hurt.difference.value]
    assert frame["actions_hurt_low"].tolist() == [drill.actions_hurt.difference.low]
    assert frame["burnt_availability"].tolist() == [drill.error_budget[0].burnt.value]
    assert not {"incidents", "series", "cures"} & set(frame.columns)


def test_a_report_that_does_not_pass_is_false_and_says_what_failed() -> None:
    failed = drill_report(drill_result(verdict="FAIL", metastable="yes"), verdict="FAIL")
    assert not failed
    assert repr(failed) == "<DrillReport FAIL>\nFAIL slow: metastable yes"
    assert failed.outcomes == ("FAIL",)
    assert drill_report(drill_result())


def test_the_best_mitigations_are_by_drill() -> None:
    found = drill_report(drill_result(), drill_result(name="down", best_mitigation=None)).best_cures
    assert found == {"slow": "no retries", "down": None}
