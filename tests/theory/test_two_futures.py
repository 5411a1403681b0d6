"""Runs that collapse are told from runs that do not, and a queue that is merely long is no collapse."""

from typing import Any

import pytest

from simulator.results.collapse import collapse_of
from simulator.scenario.model import Scenario
from simulator.studies.common.two_futures import CollapsedRuns
from simulator.studies.common.verdicts.objectives import evaluate_slos
from tests.theory.experiments import exponential, replications, scenario_of

FALSE_ALARMS = (
    0.001  # at most so large a share of experiments with a stable system: none of 1,000 is expected
)


def retrying(rate_rps: float) -> Scenario:
    """Eight servers that answer 16/s at most and do not notice who has given up; callers try four times."""
    return _asked(
        rate_rps,
        8,
        0.5,
        {"cancellation": False},
        {"per_try_timeout": 2.5, "num_retries": 3, "backoff": {"base": 0.2, "jitter": "full"}},
        limit_s=5.0,
    )


def _asked(
    rate_rps: float,
    servers: int,
    mean_s: float,
    service: dict[str, Any],
    route: dict[str, Any],
    limit_s: float,
) -> Scenario:
    desk = {"max_ongoing_requests": servers, "service_time": exponential(mean_s), **service}
    return scenario_of(
        {
            "workloads": [{"name": "ask", "arrival_rate": rate_rps, "steps": [{"call": "to-desk"}]}],
            "services": {"desk": desk},
            "routes": {"to-desk": {"choose": ["desk"], **route}},
            "slos": [
                {"name": "fast", "indicator": "latency", "objective": f"p50 <= {limit_s}s"},
                {"name": "answered", "indicator": "availability", "objective": ">= 50%"},
            ],
        }
    )


def test_of_runs_that_collapse_both_figures_are_given() -> None:
    """At three quarters of what the servers can do, some twenty minutes end in a storm of retries."""
    scenario = retrying(12.4)
    runs = replications(scenario, 1200.0, 600.0, n=40, seed=0)
    found = CollapsedRuns.of(runs)
    assert found is not None
    assert 6 <= found.n_collapsed <= 18
    assert found.good_share < 0.25
    assert found.good_share_of_others > 0.9
    assert found.message.startswith(f"{found.n_collapsed} of 40 runs collapsed")
    fast, answered = evaluate_slos(scenario, runs)
    assert answered.verdict == "FAIL", "on average it is met"
    assert answered.estimate is not None
    assert answered.estimate.value > 0.5
    assert fast.verdict == "FAIL"
    futures = answered.futures
    assert futures is not None
    assert futures.collapsed is not None
    assert futures.others is not None
    assert futures.collapsed.value < 0.5 < futures.others.value


def test_where_all_runs_collapse_or_none_there_is_one_future() -> None:
    for rate_rps in (6.0, 15.5):
        assert collapse_of(replications(retrying(rate_rps), 1200.0, 600.0, n=10)) is None


@pytest.mark.parametrize(("servers", "utilization"), [(1, 0.8), (1, 0.9), (10, 0.8), (10, 0.9)])
@pytest.mark.parametrize(
    "n_experiments", [pytest.param(1000, marks=pytest.mark.slow), 30], ids=["many", "few"]
)
def test_a_stable_queue_does_not_collapse(servers: int, utilization: float, n_experiments: int) -> None:
    """Five runs of ten minutes, in which the share of good answers of M/M/1 at 90 % is anything from 10 to 100 %."""
    mean_s = 0.5
    limit_s = mean_s * (1.0 + 1.0 / (servers * (1.0 - utilization)))
    scenario = _asked(servers * utilization / mean_s, servers, mean_s, {}, {}, limit_s)
    assert _false_alarms(scenario, n_experiments) <= FALSE_ALARMS * n_experiments


@pytest.mark.parametrize(
    "n_experiments", [pytest.param(1000, marks=pytest.mark.slow), 30], ids=["many", "few"]
)
def test_a_queue_that_people_leave_and_try_again_does_not_collapse(n_experiments: int) -> None:
    patience = {"patience": exponential(5.0)}
    route = {"num_retries": 1, "backoff": {"base": 1.0, "jitter": "full"}}
    scenario = _asked(18.0, 10, 0.5, patience, route, 1.0)
    assert _false_alarms(scenario, n_experiments) <= FALSE_ALARMS * n_experiments


def _false_alarms(scenario: Scenario, n_experiments: int) -> int:
    runs = replications(scenario, 600.0, 600.0, n=5 * n_experiments, seed=0)
    return sum(collapse_of(runs[5 * k : 5 * k + 5]) is not None for k in range(n_experiments))
