"""Clients who ask when they have their answer, against the machine repairman's closed form."""

import pytest

from simulator.metrics.columns import CountColumn, Metric
from simulator.theory.finite_source import machine_repairman
from tests.theory.experiments import (
    assert_agrees,
    exponential,
    means,
    replications,
    scenario_of,
    utilization,
)


@pytest.mark.parametrize(
    ("clients", "servers", "think_s"), [(6, 1, 9.0), (20, 4, 3.0), (60, 8, 0.5), (12, 5, None)]
)
def test_a_finite_source_is_served_as_the_machine_repairman_says(
    clients: int, servers: int, think_s: float | None
) -> None:
    workload = {"name": "ask", "clients": clients, "steps": [{"call": "desk"}]}
    if think_s is not None:
        workload["think_time"] = exponential(think_s)
    desk = {"max_ongoing_requests": servers, "service_time": exponential(1.0)}
    scenario = scenario_of({"workloads": [workload], "services": {"desk": desk}})
    results = replications(scenario, 4_000.0, 400.0)
    expected = machine_repairman(clients, servers, think_s or 0.0, 1.0)
    asked = [run.measured_counts[:, CountColumn.ARRIVED].sum() / run.duration_s for run in results]
    assert_agrees(asked, expected.throughput_per_s)
    assert_agrees(means(results, Metric.QUEUE_WAIT), expected.wait_s)
    assert_agrees(means(results, Metric.LATENCY), expected.response_s)
    if expected.utilization < 1.0:
        assert_agrees(utilization(results), expected.utilization)


def test_who_is_turned_away_at_once_asks_a_thousand_times_a_second() -> None:
    """A loop of no length would never let the clock go on."""
    workload = {"name": "ask", "clients": 2, "steps": [{"validate": {"reject": 1.0}}, {"call": "desk"}]}
    scenario = scenario_of(
        {"workloads": [workload], "services": {"desk": {"service_time": exponential(1.0)}}}
    )
    [run] = replications(scenario, 3.0, 0.0, n=1)
    assert run.measured_counts[0, CountColumn.REJECTED] == pytest.approx(6_000, abs=2)
