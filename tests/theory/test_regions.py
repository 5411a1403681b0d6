"""Regions against probability: shares by weight, overflow between regions, jitter of the network, people who help out."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from simulator.metrics.columns import AreaColumn, CountColumn, Metric, UsageColumn
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.theory.erlang import erlang_b
from tests.theory.experiments import (
    assert_agrees,
    constant,
    exponential,
    instant_model,
    replications,
    scenario_of,
    tokens,
)

RTT = {"home": {"away": "10ms", "far": "30ms"}, "away": {"far": "15ms"}}
REGIONS: dict[str, Any] = {"home": {}, "away": {}, "far": {}}


def desks(servers: Mapping[str, int], rate_rps: float, **network: Any) -> Scenario:
    """Poisson arrivals at home, and a service without a queue in several regions: who finds no server is lost."""
    return scenario_of(
        {
            "regions": REGIONS,
            "network": {"rtt": RTT, **network},
            "workloads": [{"name": "ask", "arrival_rate": {"home": rate_rps}, "steps": [{"call": "desk"}]}],
            "services": {
                "desk": {
                    "max_ongoing_requests": 1,
                    "replicas": dict(servers),
                    "max_queued_requests": 0,
                    "service_time": exponential(1.0),
                }
            },
        }
    )


def of_station(results: Sequence[RunResult], region: str, column: UsageColumn) -> np.ndarray:
    """Use of the station in a region, per replication."""
    place = [station.region for station in results[0].stations].index(region)
    return np.array([run.measured_usage[:, place, column].sum() for run in results])


def lost_share(results: Sequence[RunResult]) -> np.ndarray:
    """Share of the actions that were turned away, per replication."""
    counts = np.array([run.measured_counts.sum(axis=0) for run in results])
    return counts[:, CountColumn.REJECTED] / counts[:, CountColumn.ARRIVED]


def test_spill_over_is_an_ordered_hunt() -> None:
    """The near group carries a (1 - B(c1, a)), the overflow goes on, and together they lose B(c1 + c2, a).

    Erlang (1917); the overflow of a group is what the next one is offered (Wilkinson 1956).
    """
    offered, near, far = 6.0, 4, 3
    scenario = desks({"home": near, "away": far}, offered, region_policy="spill-over", spill_over_at="100%")
    no_way = scenario.model_copy(
        update={"network": scenario.network.model_copy(update={"rtt": {}, "default": 0.0})}
    )
    results = replications(no_way, 3000.0, 100.0)
    blocked_near, blocked = erlang_b(near, offered), erlang_b(near + far, offered)
    assert_agrees(lost_share(results), blocked)
    busy_s = np.array([run.areas[:, AreaColumn.BUSY_S] / run.duration_s for run in results])
    assert_agrees(busy_s[:, 0], offered * (1.0 - blocked_near))
    assert_agrees(busy_s[:, 1], offered * (blocked_near - blocked))


def test_without_spill_over_the_near_group_loses_alone() -> None:
    results = replications(desks({"home": 4, "away": 3}, 6.0), 3000.0, 100.0)
    assert_agrees(lost_share(results), erlang_b(4, 6.0))
    assert not of_station(results, "away", UsageColumn.ATTEMPTS).any()


@pytest.mark.parametrize("weights", [{"home": 3.0, "away": 1.0}, {"away": 2.0, "far": 2.0, "home": 1.0}])
def test_attempts_are_shared_out_by_weight(weights: dict[str, float]) -> None:
    """A binomial share of every region, and a Poisson process at each: Erlang-B holds for its part of the load."""
    servers = {"home": 3, "away": 2, "far": 2}
    results = replications(
        desks(servers, 5.0, region_policy="weighted", region_weights=weights), 2000.0, 100.0
    )
    attempts = {region: of_station(results, region, UsageColumn.ATTEMPTS) for region in servers}
    total = sum(attempts.values())
    for region, n_servers in servers.items():
        share = weights.get(region, 0.0) / sum(weights.values())
        assert_agrees(attempts[region] / total, share) if share else None
        assert share > 0.0 or not attempts[region].any()
        if share > 0.0:
            shed = of_station(results, region, UsageColumn.SHED)
            assert_agrees(shed / attempts[region], erlang_b(n_servers, 5.0 * share))


def test_least_loaded_regions_of_one_server_are_one_group() -> None:
    """Whoever is free serves: with one server in each region, B(3, a) are lost."""
    scenario = desks({"home": 1, "away": 1, "far": 1}, 2.0, region_policy="least-loaded")
    here = scenario.model_copy(
        update={"network": scenario.network.model_copy(update={"rtt": {}, "default": 0.0})}
    )
    assert_agrees(lost_share(replications(here, 3000.0, 100.0)), erlang_b(3, 2.0))


def test_jitter_is_added_to_each_way_by_itself() -> None:
    """Two exponential ways and a round trip of 30 ms: mean 30 + 2 x 20 ms, variance 2 x 20² ms²."""
    model = instant_model("far-model", regions=["far"])
    ask = {
        "name": "ask",
        "arrival_rate": {"home": 5.0},
        "steps": [{"generate": "far-model"}],
        **tokens(10, 1),
    }
    scenario = scenario_of(
        {
            "regions": REGIONS,
            "network": {"rtt": RTT, "jitter": exponential(0.02)},
            "workloads": [ask],
            "model_list": [model],
        }
    )
    results = replications(scenario, 400.0, 10.0)
    moments = np.array([run.moments[0, Metric.LATENCY] for run in results])
    mean_s = moments[:, 1] / moments[:, 0]
    assert_agrees(mean_s, 0.07 + 1e-6)
    assert_agrees(moments[:, 2] / moments[:, 0] - mean_s**2, 2.0 * 0.02**2)
    first = np.array([run.moments[0, Metric.TTFT] for run in results])
    np.testing.assert_allclose(first[:, 1], moments[:, 1])  # the only token comes with the answer


def test_people_who_help_out_are_one_group() -> None:
    """Hand-offs that wait for nobody: home first, then the others, lose B(c1 + c2, a1 + a2) together."""
    review = {"review": {"team": "agents", "when": ["low_confidence"]}}
    model = instant_model("unsure", success_rate=0.0)
    scenario = scenario_of(
        {
            "regions": {"home": {}, "away": {}},
            "workloads": [
                {
                    "name": "ask",
                    "arrival_rate": {"home": 0.4, "away": 0.1},
                    **tokens(10, 1),
                    "steps": [{"generate": "answer"}, review],
                }
            ],
            "model_list": [model],
            "routes": {"answer": {"choose": ["unsure"], "confidence": {"flags_wrong": 1.0}}},
            "teams": {
                "agents": {
                    "staff": {"home": 3, "away": 2},
                    "handle_time": exponential(10.0),
                    "patience": constant(1e-9),
                    "overflow": True,
                }
            },
        }
    )
    results = replications(scenario, 20_000.0, 500.0)
    counts = np.array([run.measured_counts.sum(axis=0) for run in results])
    lost = counts[:, CountColumn.ABANDONED] / counts[:, CountColumn.ARRIVED]
    assert_agrees(lost, erlang_b(5, 5.0))
