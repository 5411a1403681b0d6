"""Names of responses, goals and constraints."""

from pathlib import Path

import pytest

from simulator.engine import Runner
from simulator.scenario.read.load import load_text
from simulator.studies.run.report import RunReport
from simulator.studies.run.study import RunStudy
from simulator.studies.sweep.parameters import SweepError
from simulator.studies.sweep.responses import (
    find_response,
    known_responses,
    outcome_of,
    parse_constraint,
    response_label,
    response_metric,
)

DESK = """metadata: {name: desk}
workloads: [{name: ticket, arrival_rate: 3 rps, steps: [{call: desk}]}]
services: {desk: {max_ongoing_requests: 4, price: 1, service_time: {distribution: exponential, mean: 1s}}}
window: {duration: 4m, warmup: 1m}
slos:
  - {name: slow, indicator: latency, objective: "mean < 1h"}
  - {name: fast, indicator: latency, objective: "mean < 1ms"}
"""
KNOWN = ["latency_s.mean", "latency_s.p95", "success_rate", "utilization{target:desk}", "cost.total"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("latency.p95", "latency_s.p95"),
        ("latency_s.p95", "latency_s.p95"),
        ("latency", "latency_s.mean"),
        ("success_rate", "success_rate"),
        ("utilization{target:desk}", "utilization{target:desk}"),
        ("cost.total", "cost.total"),
    ],
)
def test_people_may_leave_out_the_unit(name: str, found: str) -> None:
    assert find_response(name, KNOWN) == found


def test_an_unknown_response_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(SweepError, match=r"no response `sucess_rate` \(did you mean `success_rate`\?\)"):
        find_response("sucess_rate", KNOWN)


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        ("success_rate >= 90%", 0.9, 0.89),
        ("success_rate > 0.9", 0.91, 0.9),
        ("latency.p95 <= 800ms", 0.8, 0.81),
        ("cost_per_action < $0.35", 0.34, 0.35),
    ],
)
def test_constraints(text: str, good: float, bad: float) -> None:
    constraint = parse_constraint(text)
    assert constraint.holds(good)
    assert constraint.excess(good) <= 0.0
    assert not constraint.holds(bad)
    assert not constraint.holds(None)


@pytest.mark.parametrize("text", ["success_rate", ">= 90%", "success_rate = 3", "success_rate >= many"])
def test_what_is_no_constraint_is_refused(text: str) -> None:
    with pytest.raises(SweepError):
        parse_constraint(text)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> RunReport:
    loaded = load_text(DESK, "desk.yaml", tmp_path_factory.mktemp("desk"))
    return RunStudy(replications=5).run(loaded, Runner(loaded.base_dir))


def test_responses_of_a_run(report: RunReport) -> None:
    found = outcome_of(report)
    assert found.responses["latency_s.p99"] == report.metrics.latency.p99
    assert found.responses["cache_hit_rate"] is None
    assert found.responses["cost{target:desk}"] == report.by.target["desk"].cost
    assert found.responses["cost.total"] == report.cost.total
    assert list(found.responses) == known_responses(load_text(DESK, "desk.yaml", Path()).scenario)
    assert found.verdict == "FAIL"
    assert outcome_of(report.model_copy(update={"objectives": ()})).verdict is None


@pytest.mark.parametrize(
    ("name", "label", "metric"),
    [
        ("latency_s.p95", "p95 latency", "latency"),
        ("success_rate", "success rate", "success_rate"),
        ("utilization{target:desk}", "utilization of desk", "utilization"),
        ("cost.total", "total cost", "cost"),
    ],
)
def test_responses_are_labelled_by_their_metric(name: str, label: str, metric: str) -> None:
    assert (response_label(name), response_metric(name)) == (label, metric)
