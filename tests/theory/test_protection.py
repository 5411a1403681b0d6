"""Protections against closed formulas, and the collapse that they prevent."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.compiler.blueprint import compile_scenario
from simulator.compiler.demand import stage_window
from simulator.engine import simulate
from simulator.metrics.columns import CountColumn, Metric, UsageColumn
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.theory.protection import (
    breaker_held_share,
    ejected_share,
    hedged_mean_s,
    tries_until_failures,
)
from simulator.theory.retries import budgeted_attempts_per_request, layered_attempts_per_request
from tests.theory.experiments import (
    assert_agrees,
    constant,
    count_shares,
    exponential,
    instant_model,
    means,
    replications,
    scenario_of,
    tokens,
)


def called(rate_rps: float, service: dict[str, Any], route: dict[str, Any], **workload: Any) -> Scenario:
    """A service `desk`, asked through a route."""
    ask = {"name": "ask", "arrival_rate": rate_rps, "steps": [{"call": "to-desk"}], **workload}
    return scenario_of(
        {
            "workloads": [ask],
            "services": {"desk": service},
            "routes": {"to-desk": {"choose": ["desk"], **route}},
        }
    )


def attempts_per(results: list[RunResult], whole: CountColumn) -> list[float]:
    """Attempts per action, in each replication."""
    return [
        r.measured_usage[:, :, UsageColumn.ATTEMPTS].sum() / r.measured_counts[:, whole].sum()
        for r in results
    ]


def test_a_budget_bounds_what_retries_add() -> None:
    """Everything fails: three retries would be four attempts, a budget of 20 % allows 1.2."""
    failing = {"service_time": constant(1e-6), "error_rate": 1.0}
    route = {"num_retries": 3, "retry_budget": {"share": 0.2, "burst": 1}}
    results = replications(called(20.0, failing, route), 2_000.0, 100.0)
    expected = budgeted_attempts_per_request(1.0, 3, 0.2)
    np.testing.assert_allclose(attempts_per(results, CountColumn.ARRIVED), expected, rtol=1e-4)


def test_users_who_ask_again_multiply_what_their_routes_retry() -> None:
    """Two layers of three retries each, one of them people, under independent failures of 60 %."""
    flaky = {"service_time": constant(1e-6), "error_rate": 0.6}
    again = {"share": 1.0, "after": 0.5, "max": 3}
    results = replications(called(4.0, flaky, {"num_retries": 3}, asks_again=again), 3_000.0, 100.0)
    firsts = [
        r.measured_counts[:, CountColumn.ARRIVED].sum() - r.measured_counts[:, CountColumn.ASKED_AGAIN].sum()
        for r in results
    ]
    attempts = [r.measured_usage[:, :, UsageColumn.ATTEMPTS].sum() for r in results]
    assert_agrees(np.array(attempts) / firsts, layered_attempts_per_request(0.6, 3, 2))


@pytest.mark.parametrize("after_s", [0.05, 0.7, 2.5])
def test_the_first_of_two_exponential_tries(after_s: float) -> None:
    model = instant_model("slow", ttft=exponential(1.0))
    ask = {"name": "ask", "arrival_rate": 5.0, "steps": [{"generate": "best"}], **tokens(10, 1)}
    scenario = scenario_of(
        {
            "workloads": [ask],
            "model_list": [model, model | {"model_name": "other"}],
            "routes": {
                "best": {"choose": ["slow", "other"], "hedge": {"after": after_s, "max": 1.0, "burst": 100}}
            },
        }
    )
    results = replications(scenario, 2_000.0, 50.0)
    assert_agrees(means(results, Metric.LATENCY), hedged_mean_s(1.0, after_s))
    hedges = count_shares(results, CountColumn.HEDGES, CountColumn.SUCCEEDED)
    assert_agrees(hedges, np.exp(-after_s))
    won = count_shares(results, CountColumn.HEDGES_WON, CountColumn.HEDGES)
    assert_agrees(won, 0.5)


@pytest.mark.parametrize(("error_rate", "n_in_a_row"), [(0.3, 1), (0.5, 2), (0.7, 3)])
def test_how_long_a_target_is_ejected(error_rate: float, n_in_a_row: int) -> None:
    flaky = {"service_time": constant(1e-6), "error_rate": error_rate}
    outlier = {"consecutive_errors": n_in_a_row, "base_ejection_time": 3.0}
    results = replications(called(2.0, flaky, {"outlier_detection": outlier}), 6_000.0, 100.0)
    held = count_shares(results, CountColumn.HELD_BACK, CountColumn.ARRIVED)
    assert_agrees(held, ejected_share(2.0, error_rate, n_in_a_row, 3.0))


@pytest.mark.parametrize("error_rate", [0.1, 0.4, 0.8])
def test_how_much_an_open_breaker_holds_back(error_rate: float) -> None:
    flaky = {"service_time": constant(1e-6), "error_rate": error_rate}
    breaker = {"error_rate": 1e-9, "min_calls": 1, "window": 1e6, "cooldown": 4.0, "probes": 1}
    results = replications(called(2.0, flaky, {"circuit_breaker": breaker}), 6_000.0, 100.0)
    held = count_shares(results, CountColumn.HELD_BACK, CountColumn.ARRIVED)
    assert_agrees(held, breaker_held_share(2.0, error_rate, 4.0))


def test_failures_in_a_row_as_published() -> None:
    """Feller's example: two heads in a row take 6 tosses on average, three 14."""
    assert tries_until_failures(0.5, 2) == pytest.approx(6.0)
    assert tries_until_failures(0.5, 3) == pytest.approx(14.0)
    assert tries_until_failures(1.0, 4) == 4.0


def test_a_workload_gets_its_own_share_and_no_more() -> None:
    scenario = called(5.0, {"service_time": constant(0.1)}, {}, limits={"rpm": 120})
    for result in replications(scenario, 1_200.0, 600.0, n=5):
        counts = result.measured_counts.sum(axis=0)
        assert abs(counts[CountColumn.SUCCEEDED] - 2.0 * 1_200.0) <= 2, (
            "2 a second, the bucket is empty by now"
        )
        assert counts[CountColumn.LIMITED] == counts[CountColumn.REJECTED]


# ------------------------------------------------------------------------------------------ collapse, and its cure

_SERVERS, _SERVICE_S = 8, 0.5


def _stressed(rate_rps: float, share: list[tuple[float, float]], **route: Any) -> NDArray[np.float64]:
    """Goodput per second by minute of a service that does not notice who has given up, with three retries."""
    desk = {
        "max_ongoing_requests": _SERVERS,
        "service_time": exponential(_SERVICE_S),
        "cancellation": route.pop("cancellation", False),
    }
    base = {"per_try_timeout": 2.5, "num_retries": 3, "backoff": {"base": 0.2, "jitter": "full"}, **route}
    scenario = called(rate_rps, desk, base)
    window = stage_window(scenario, None, 0.0, 1_800.0, 0.0)
    steps = tuple((time_s, np.array([factor])) for time_s, factor in share)
    blueprint = compile_scenario(scenario, replace(window, share=steps), Path())
    counts = np.mean([simulate(blueprint, seed).counts[:, 0] for seed in range(5)], axis=0)
    goodput: NDArray[np.float64] = counts[:, CountColumn.SUCCEEDED] / blueprint.bucket_s
    return goodput


_HEALTHY_RPS = 0.7 * _SERVERS / _SERVICE_S
_SURGE = [(0.0, 1.0), (600.0, 2.0), (720.0, 1.0)]


def test_beyond_capacity_work_for_nobody_leaves_none_for_anybody() -> None:
    """Load 1.3 and time-outs shorter than the wait: goodput collapses, unless deadlines or cancellations are passed on."""
    rate_rps = 1.3 * _SERVERS / _SERVICE_S
    always = [(0.0, 1.0)]
    capacity_rps = _SERVERS / _SERVICE_S
    assert _stressed(rate_rps, always, num_retries=0)[15:].mean() < 0.05 * capacity_rps
    assert (
        _stressed(rate_rps, always, num_retries=0, propagate_deadline=True)[15:].mean() > 0.6 * capacity_rps
    )
    assert _stressed(rate_rps, always, num_retries=0, cancellation=True)[15:].mean() > 0.6 * capacity_rps


def test_a_surge_leaves_a_collapse_behind_that_a_retry_budget_heals() -> None:
    """Metastable: healthy at this load before the surge, down at the same load after it; with a 10 % budget it recovers."""
    goodput = _stressed(_HEALTHY_RPS, _SURGE)
    assert goodput[2:10].mean() > 0.97 * _HEALTHY_RPS
    assert goodput[20:].mean() < 0.1 * _HEALTHY_RPS
    healed = _stressed(_HEALTHY_RPS, _SURGE, retry_budget=0.1)
    assert healed[2:10].mean() > 0.97 * _HEALTHY_RPS
    assert healed[20:].mean() > 0.97 * _HEALTHY_RPS
