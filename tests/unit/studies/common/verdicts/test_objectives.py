"""Verdicts: limits against intervals, slack, what decides, and which objectives apply to which users."""

from collections.abc import Callable
from math import isnan, nan
from typing import Any

import pytest

from simulator.compiler.demand import stage_window
from simulator.economics.accounts import accounts
from simulator.economics.price_book import price_book
from simulator.engine import Runner
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario, Slo
from simulator.studies.common.verdicts.objectives import (
    SloVerdict,
    decide,
    evaluate_costs,
    evaluate_slos,
    judge,
    metric_name,
    slack_of,
    slos_at,
    tightest,
    with_unobserved,
    worst,
)
from simulator.studies.plan.plan import PlanOptions, plan
from simulator.theory.estimate import Estimate

Desk = Callable[..., Scenario]


def _slo(indicator: str, objective: str, **more: Any) -> Slo:
    return Slo.model_validate({"name": indicator, "indicator": indicator, "objective": objective} | more)


def _judged(value: float, half_width: float, region: str | None = None) -> SloVerdict:
    found = Estimate(value, value - half_width, value + half_width)
    return judge(_slo("latency", "p(95) < 8s"), found, region)


def test_metric_is_named_as_written() -> None:
    assert metric_name(_slo("latency", "p(99.9) < 8s")) == "p(99.9) latency"
    assert metric_name(_slo("latency", "mean < 8s")) == "latency"
    assert metric_name(_slo("availability", ">= 99.5%")) == "availability"


@pytest.mark.parametrize(
    ("indicator", "op", "limit", "value", "slack"),
    [
        ("latency", "<", 8.0, 6.0, 0.25),
        ("latency", "<", 8.0, 10.0, -0.25),
        ("availability", ">=", 0.99, 0.995, 0.5),  # half of the error budget is left
        ("availability", ">=", 0.99, 0.97, -2.0),
        ("availability", ">=", 1.0, 1.0, 0.0),
        ("cost_per_action", "<", 0.0, 0.1, -0.1),
    ],
)
def test_slack_is_relative_to_the_limit_or_to_the_error_budget(
    indicator: str, op: str, limit: float, value: float, slack: float
) -> None:
    assert slack_of(indicator, op, limit, value) == pytest.approx(slack)


def test_interval_on_one_side_decides() -> None:
    assert _judged(6.0, 1.0).verdict == "PASS"
    assert _judged(7.5, 1.0).verdict == "UNDECIDED"
    assert _judged(10.0, 1.0).verdict == "FAIL"


def test_nothing_observed_is_undecided() -> None:
    found = judge(_slo("latency", "p(95) < 8s"), None)
    assert found.verdict == "UNDECIDED"
    assert isnan(found.slack)


def test_decision_is_the_worst_verdict() -> None:
    good, open_, bad = _judged(6.0, 1.0), _judged(7.5, 1.0), _judged(10.0, 1.0)
    assert decide([good]) == "GO"
    assert decide([good, open_]) == "UNDECIDED"
    assert decide([good, open_, bad]) == "NO-GO"


def test_tightest_has_the_least_slack_and_data() -> None:
    near, far = _judged(7.9, 0.01), _judged(1.0, 0.01)
    unknown = judge(_slo("ttft", "p(95) < 1s"), None)
    assert tightest([far, unknown, near]) is near
    assert tightest([unknown]) is unknown
    assert tightest([]) is None


def test_worst_of_several_regions_decides_each_objective() -> None:
    other = judge(_slo("ttft", "p(95) < 1s"), Estimate(0.5, 0.4, 0.6))
    passes, nearer, fails = _judged(5.0, 1.0, "eu"), _judged(6.0, 1.0, "us"), _judged(9.0, 0.1, "ap")
    assert worst([passes, other, nearer]) == (nearer, other)
    assert worst([passes, fails, nearer, other]) == (fails, other)


def test_without_an_objective_nothing_says_go() -> None:
    assert decide([]) == "UNDECIDED"


def test_what_was_not_observed_is_undecided_and_shown() -> None:
    slos = [_slo("availability", ">= 99%"), _slo("latency", "p(95) < 8s")]
    found = with_unobserved(slos, [_judged(4.0, 1.0)])
    assert [(one.slo, one.verdict, one.estimate is None) for one in found] == [
        ("availability", "UNDECIDED", True),
        ("latency", "PASS", False),
    ]
    assert decide(found) == "UNDECIDED"


def test_objectives_of_a_stage_are_those_on_what_it_includes(desk: Desk) -> None:
    slo = {"indicator": "latency", "objective": "mean < 9s"}
    steps = [{"call": "desk"}]
    scenario = desk(
        workloads=[{"name": name, "arrival_rate": 1.0, "steps": steps} for name in ("ask", "later")],
        stages=[{"name": "first", "duration": 604_800.0, "exposure": 1.0, "workloads": ["ask"]}],
        slos=[
            {**slo, "name": "all"},
            *({**slo, "name": name, "workload": name} for name in ("ask", "later")),
        ],
    )
    assert [one.name for one in slos_at(scenario, scenario.stages[0])] == ["all", "ask"]
    assert [one.name for one in slos_at(scenario, None)] == ["all", "ask", "later"]


def _runs(scenario: Scenario, stage: str | None = None) -> list[RunResult]:
    window = stage_window(scenario, stage, "peak", 600.0, 60.0)
    return Runner().replicate(scenario, window, [1, 2, 3])


def test_objectives_hold_for_the_users_of_a_region_or_for_all(desk: Desk) -> None:
    regions: dict[str, dict[str, str]] = {"eu": {}, "us": {}}
    scenario = desk(
        regions=regions,
        workloads=[{"name": "ask", "arrival_rate": {"eu": 0.5, "us": 2.0}, "steps": [{"call": "desk"}]}],
        services={
            "desk": {"replicas": 2, "max_ongoing_requests": 1}
            | {"service_time": {"distribution": "exponential", "mean": 1.0}}
        },
        stages=[],
    )
    results = _runs(scenario)
    (pooled,) = evaluate_slos(scenario, results)
    (eu,) = evaluate_slos(scenario, results, region="eu")
    (us,) = evaluate_slos(scenario, results, region="us")
    assert (pooled.region, eu.region, us.region) == (None, "eu", "us")
    assert eu.verdict == "PASS"  # M/M/2 at a quarter of its capacity
    assert us.verdict == "FAIL"  # M/M/2 at its capacity
    assert pooled.estimate is not None
    assert us.estimate is not None
    assert us.estimate.low > pooled.estimate.low  # both queues grow: their means have no end


def _two_regions(desk: Desk, **slo: str) -> Scenario:
    """A small region that is well, and one that is at its capacity."""
    return desk(
        regions={"eu": {}, "us": {}},
        workloads=[{"name": "ask", "arrival_rate": {"eu": 8.0, "us": 2.0}, "steps": [{"call": "desk"}]}],
        services={
            "desk": {
                "replicas": {"eu": 20, "us": 2},
                "max_ongoing_requests": 1,
                "service_time": {"distribution": "exponential", "mean": 1.0},
            }
        },
        stages=[{"name": "all", "duration": 604_800.0, "exposure": 1.0}],
        capacity={},
        slos=[{"name": "wait", "indicator": "queue_wait", "objective": "p75 < 1s", **slo}],
    )


def test_an_objective_per_region_is_held_for_each(desk: Desk) -> None:
    """The large region hides the small one: of ten who ask eight are served at once."""
    together, apart = _two_regions(desk), _two_regions(desk, per="region")
    runs = Runner().replicate(together, stage_window(together, "all", "peak", 3600.0, 600.0), [1, 2, 3])
    assert [(found.region, found.verdict) for found in evaluate_slos(together, runs)] == [(None, "PASS")]
    assert [(found.region, found.verdict) for found in evaluate_slos(apart, runs)] == [
        ("eu", "PASS"),
        ("us", "FAIL"),
    ]


@pytest.mark.usefixtures("brief_remedies")
@pytest.mark.parametrize("per", [pytest.param(None, marks=pytest.mark.slow), "region"])
def test_a_plan_shows_an_objective_per_region_for_each(desk: Desk, per: str | None) -> None:
    scenario = _two_regions(desk, **({} if per is None else {"per": per}))
    [stage] = plan(scenario, PlanOptions(), Runner()).stages
    shown = [(found.region, found.verdict) for found in stage.verdicts]
    assert shown == ([("us", "FAIL")] if per is None else [("eu", "PASS"), ("us", "FAIL")])
    assert stage.decision == "NO-GO"


def test_left_out_are_workloads_nobody_asked_for_and_costs_without_accounts(desk: Desk) -> None:
    steps = [{"call": "desk"}]
    scenario = desk(
        workloads=[
            {"name": "ask", "arrival_rate": 1.0, "steps": steps},
            {"name": "later", "arrival_rate": 1.0, "steps": steps},
        ],
        stages=[{"name": "first", "duration": 604_800.0, "exposure": 1.0, "workloads": ["ask"]}],
        slos=[
            {"name": "a", "indicator": "latency", "objective": "mean < 9s", "workload": "ask"},
            {"name": "b", "indicator": "latency", "objective": "mean < 9s", "workload": "later"},
            {"name": "c", "indicator": "cost_per_action", "objective": "< $1"},
            {"name": "d", "indicator": "cost_per_action", "objective": "< $1", "workload": "later"},
        ],
    )
    results = _runs(scenario, "first")
    assert [found.slo for found in evaluate_slos(scenario, results)] == ["a"]
    priced = accounts(results, price_book(scenario))
    assert [found.slo for found in evaluate_slos(scenario, results, priced)] == ["a", "c"]
    (cost,) = evaluate_costs(scenario, priced)
    assert cost.slo == "c"
    assert cost.is_cost
    assert cost.estimate is not None
    assert cost.estimate.value == pytest.approx(
        9 * 0.5 / 3600.0, rel=0.15
    )  # nine replicas, one action a second


def test_an_objective_without_data_has_null_estimates() -> None:
    found = SloVerdict(
        slo="fast",
        metric="p(95) ttft",
        workload="ask",
        region="eu",
        op="<",
        limit=2.0,
        estimate=None,
        verdict="UNDECIDED",
        slack=nan,
    )
    assert found.to_dict() == {
        "slo": "fast",
        "metric": "p(95) ttft",
        "workload": "ask",
        "region": "eu",
        "value": None,
        "low": None,
        "high": None,
        "op": "<",
        "limit": 2.0,
        "slack": None,
        "verdict": "UNDECIDED",
    }
