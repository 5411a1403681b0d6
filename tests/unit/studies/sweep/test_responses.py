"""Names of responses, goals and constraints."""

from typing import Any

import pytest

from simulator.studies.sweep.parameters import SweepError
from simulator.studies.sweep.responses import (
    find_response,
    outcome_of,
    parse_constraint,
    response_label,
    response_metric,
)
from simulator.theory.estimate import Estimate

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


def test_responses_of_a_run(run_example: dict[str, Any]) -> None:
    found = outcome_of(run_example)
    p99, cost = run_example["metrics"]["latency_s"]["p99"], run_example["by"]["target"]["large"]["cost"]
    assert found.responses["latency_s.p99"] == Estimate(p99["value"], p99["low"], p99["high"])
    assert found.responses["cache_hit_rate"] is None
    assert found.value("cost{target:large}") == cost["value"]
    assert found.verdict == "FAIL"
    assert outcome_of(run_example | {"verdicts": []}).verdict is None


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
