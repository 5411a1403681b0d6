"""Incidents against closed forms: breakdowns, time lost, what comes through, who is answered in time."""

from pathlib import Path

import numpy as np
import pytest

from simulator.compiler.blueprint import compile_scenario
from simulator.compiler.demand import stage_window
from simulator.control.data_plane import DataPlane
from simulator.control.environment import Environment, Process
from simulator.control.incidents import play_incidents
from simulator.metrics.columns import AreaColumn, CountColumn, Metric, UsageColumn
from simulator.scenario.model import Scenario
from simulator.theory.abandonment import answered_in_time
from simulator.theory.breakdowns import (
    k_of_n_availability,
    mean_in_system_of_many,
    mean_in_system_with_breakdowns,
)
from tests.theory.experiments import (
    assert_agrees,
    constant,
    count_shares,
    exponential,
    means,
    one_service,
    replications,
    scenario_of,
    usage_shares,
)

_BREAKDOWN = {"name": "crash", "kind": "replica_loss", "target": "desk"}


def _with(scenario: Scenario, *incidents: dict[str, object]) -> Scenario:
    parts = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return Scenario.model_validate(parts | {"incidents": list(incidents)})


def _retried(rate_rps: float, service: dict[str, object]) -> Scenario:
    """A queue whose lost requests stand in line again at once."""
    ask = {"name": "ask", "arrival_rate": rate_rps, "steps": [{"call": "desks"}]}
    route = {"choose": ["desk"], "num_retries": 20, "retry_on": ["error"]}
    return scenario_of({"workloads": [ask], "services": {"desk": service}, "routes": {"desks": route}})


@pytest.mark.parametrize(
    ("n", "k"), [pytest.param(3, 2, marks=pytest.mark.slow), pytest.param(5, 5, marks=pytest.mark.slow)]
)
def test_replicas_are_up_as_k_of_n_says(n: int, k: int) -> None:
    """Looked at every ten minutes; repairs take two, so that 5,000 looks are as good as independent."""
    scenario = _with(
        one_service(1e-6, {"max_ongoing_requests": 1, "replicas": n, "service_time": constant(1.0)}),
        _BREAKDOWN | {"mtbf": 300.0, "mttr": 100.0},
    )
    blueprint = compile_scenario(scenario, stage_window(scenario, None, 0.0, 300_000.0, 0.0), Path())
    shares = []
    for seed in range(10):
        env = Environment(DataPlane(blueprint.world(seed)))
        env.effects.employ(0, int, n)
        play_incidents(env, blueprint, seed)
        seen: list[bool] = []
        env.process(_look(env, seen, k))
        env.run(until=300_000.0)
        shares.append(np.mean(seen))
    assert_agrees(shares, k_of_n_availability(n, k, 300.0, 100.0))


def _look(env: Environment, seen: list[bool], k: int) -> Process:
    while True:
        seen.append(env.plane.servers(0) >= k)
        yield env.timeout(600.0)


@pytest.mark.slow
def test_one_server_that_breaks_down() -> None:
    desk = {"max_ongoing_requests": 1, "service_time": exponential(1.0)}
    scenario = _with(_retried(0.5, desk), _BREAKDOWN | {"mtbf": 50.0, "mttr": 10.0})
    results = replications(scenario, 40_000.0, 2_000.0)
    in_system = [run.areas[0, AreaColumn.IN_SYSTEM_S] / run.duration_s for run in results]
    assert_agrees(in_system, mean_in_system_with_breakdowns(0.5, 1.0, 50.0, 10.0))
    up = [run.areas[0, AreaColumn.SERVERS_S] / run.duration_s for run in results]
    assert_agrees(up, 50.0 / 60.0)
    crashes = [
        run.measured_usage[:, 0, UsageColumn.ERRORS].sum() / run.measured_counts[:, CountColumn.ARRIVED].sum()
        for run in results
    ]
    assert_agrees(crashes, 1.0 / 50.0)  # failures per second times the time in service


@pytest.mark.slow
def test_many_servers_that_break_down_each_for_itself() -> None:
    desk = {"max_ongoing_requests": 1, "replicas": 4, "service_time": exponential(1.0)}
    scenario = _with(_retried(2.4, desk), _BREAKDOWN | {"mtbf": 60.0, "mttr": 20.0})
    results = replications(scenario, 40_000.0, 2_000.0)
    in_system = [run.areas[0, AreaColumn.IN_SYSTEM_S] / run.duration_s for run in results]
    assert_agrees(in_system, mean_in_system_of_many(4, 2.4, 1.0, 60.0, 20.0))


def test_outages_that_begin_at_random_cover_their_share_of_the_time() -> None:
    """The number under way is that of M/G/∞: none with probability exp(−duration / every)."""
    scenario = _with(
        one_service(20.0, {"service_time": constant(0.001)}),
        {"name": "out", "kind": "outage", "target": "desk", "every": 40.0, "duration": 10.0},
    )
    results = replications(scenario, 4_000.0, 0.0)
    assert_agrees(usage_shares(results, UsageColumn.ERRORS), 1.0 - np.exp(-10.0 / 40.0))


def test_independent_mishaps_combine() -> None:
    scenario = _with(
        one_service(50.0, {"service_time": constant(0.001), "error_rate": 0.1}),
        {"name": "burst", "kind": "error", "target": "desk", "share": 0.2, "start": 0, "duration": 4_000},
        {"name": "more", "kind": "error", "target": "desk", "share": 0.3, "start": 0, "duration": 4_000},
        {
            "name": "storm",
            "kind": "rate_limit",
            "target": "desk",
            "share": 0.25,
            "start": 0,
            "duration": 4_000,
        },
    )
    results = replications(scenario, 2_000.0, 0.0)
    assert_agrees(usage_shares(results, UsageColumn.RATE_LIMITED), 0.25)
    assert_agrees(usage_shares(results, UsageColumn.ERRORS), 0.75 * (1.0 - 0.9 * 0.8 * 0.7))


def test_what_the_network_loses_is_lost_both_ways_and_tried_again() -> None:
    ask = {"name": "ask", "arrival_rate": {"here": 20.0}, "steps": [{"call": "desks"}]}
    scenario = scenario_of(
        {
            "regions": {"here": {}, "there": {}},
            "workloads": [ask],
            "services": {"desk": {"regions": ["there"], "service_time": constant(0.01)}},
            "routes": {"desks": {"choose": ["desk"], "num_retries": 2, "per_try_timeout": 1.0}},
            "incidents": [
                {
                    "name": "cable",
                    "kind": "network",
                    "region": "here",
                    "loss": 0.3,
                    "start": 0,
                    "duration": 4_000,
                }
            ],
        }
    )
    results = replications(scenario, 2_000.0, 10.0)
    lost = 1.0 - 0.7**2
    assert_agrees(usage_shares(results, UsageColumn.TIMED_OUT), lost)
    failed = [
        run.measured_counts[0, CountColumn.FAILED]
        / run.measured_counts[0, [CountColumn.FAILED, CountColumn.SUCCEEDED]].sum()
        for run in results
    ]
    assert_agrees(failed, lost**3)


def test_a_slow_target_is_as_slow_as_said_while_it_is() -> None:
    scenario = _with(
        one_service(5.0, {"service_time": exponential(0.2)}),
        {"name": "slow", "kind": "latency", "target": "desk", "factor": 6.0, "mtbf": 300.0, "mttr": 100.0},
    )
    results = replications(scenario, 20_000.0, 0.0)
    assert_agrees(means(results, Metric.LATENCY), 0.2 * (0.75 + 6.0 * 0.25))


def test_a_surge_brings_as_many_more_as_said() -> None:
    scenario = _with(
        one_service(5.0, {"service_time": constant(0.01)}),
        {"name": "surge", "kind": "surge", "factor": 3.0, "start": 100.0, "duration": 200.0},
    )
    results = replications(scenario, 1_000.0, 0.0)
    arrived = [float(run.measured_counts[0, CountColumn.ARRIVED]) for run in results]
    assert_agrees(arrived, 5.0 * (800.0 + 3.0 * 200.0))


@pytest.mark.parametrize("rate_rps", [0.8, 2.0])
def test_who_is_answered_in_time_below_and_beyond_capacity(rate_rps: float) -> None:
    """Time-outs that cut service off, too: a queue whose work is bounded like that in a dam."""
    desk = {"max_ongoing_requests": 1, "service_time": exponential(1.0)}
    results = replications(one_service(rate_rps, desk, timeout=5.0), 20_000.0, 200.0)
    succeeded = count_shares(results, CountColumn.SUCCEEDED, CountColumn.ARRIVED)
    assert_agrees(succeeded, answered_in_time(rate_rps, 1.0, 5.0))
