"""Capacity: what Erlang's formula says, found by simulation; floors, regions, and what no knob can fix."""

from collections.abc import Callable
from typing import Any

import pytest

from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.studies.capacity.capacity import StageCapacity, plan_capacity
from simulator.studies.common.replicator import Replicator
from simulator.studies.common.windows import peaks
from simulator.theory.erlang import mean_wait_s

Desk = Callable[..., Scenario]


def _plan(scenario: Scenario, stage: int = -1) -> StageCapacity:
    return plan_capacity(
        Replicator(Runner()), scenario, peaks(scenario, scenario.stages[stage], Runner(), 300.0)
    )


def _fewest_servers(load_erlangs: float, limit_s: float) -> int:
    """Fewest servers whose exact mean wait (Erlang C, service of one second) is below the limit."""
    servers = int(load_erlangs) + 1
    while mean_wait_s(servers, load_erlangs, 1.0) >= limit_s:
        servers += 1
    return servers


@pytest.mark.parametrize("limit_s", [0.5, 0.1, 0.01])
@pytest.mark.parametrize("stage", [0, 1])
def test_fewest_servers_are_those_of_erlang_c(desk: Desk, limit_s: float, stage: int) -> None:
    slo = {"name": "wait", "indicator": "queue_wait", "objective": f"mean < {limit_s}s"}
    found = _plan(desk(slos=[slo]), stage)
    load = 7.2 * (0.5, 1.0)[stage]
    assert found.is_feasible
    assert found.is_cheapest
    assert found.amounts == {"services.desk.replicas": {"home": float(_fewest_servers(load, limit_s))}}
    assert found.scenario.services["desk"].replicas == {"home": _fewest_servers(load, limit_s)}
    assert {of.verdict for evidence in found.evidence for of in evidence.verdicts} == {"PASS"}


def test_headroom_is_planned_for(desk: Desk) -> None:
    knobs = desk().capacity.model_dump()["knobs"]
    found = _plan(desk(capacity={"knobs": knobs, "headroom": 0.5}))
    assert found.amounts["services.desk.replicas"]["home"] == _fewest_servers(7.2 * 1.5, 0.5)


def test_knob_is_never_below_its_minimum(desk: Desk) -> None:
    found = _plan(desk(capacity={"knobs": [{"path": "services.desk.replicas", "min": 14, "max": 20}]}))
    assert found.amounts["services.desk.replicas"]["home"] == 14.0


def test_offered_load_is_carried_even_if_averages_would_pass(desk: Desk) -> None:
    slo = {"name": "wait", "indicator": "queue_wait", "objective": "mean < 1h"}
    assert _plan(desk(slos=[slo])).amounts["services.desk.replicas"]["home"] == 8.0
    assert _plan(desk(slos=[])).amounts["services.desk.replicas"]["home"] == 8.0


def test_what_no_knob_can_fix_is_named_and_the_rest_is_planned_for(desk: Desk) -> None:
    """One second of service cannot take half of one; the other objective still decides how many are needed."""
    fast = {"name": "fast", "indicator": "latency", "objective": "mean < 0.5s"}
    wait = {"name": "wait", "indicator": "queue_wait", "objective": "mean < 0.01s"}
    found = _plan(desk(slos=[fast, wait]))
    assert found.out_of_reach == ("fast",)
    assert not found.is_feasible
    assert found.is_cheapest
    assert found.amounts["services.desk.replicas"]["home"] == _fewest_servers(7.2, 0.01)
    fast_verdict, wait_verdict = found.evidence[0].verdicts
    assert (fast_verdict.verdict, wait_verdict.verdict) == ("FAIL", "PASS")
    assert fast_verdict.slack == pytest.approx(-1.0, abs=0.1)


def test_what_is_out_of_reach_is_approached_as_far_as_the_top_can(desk: Desk) -> None:
    """No setting is more than a tenth of the limit from the top: 50 ms of waiting, by Erlang's formula."""
    slo = {"name": "fast", "indicator": "latency", "objective": "mean < 0.5s"}
    found = _plan(desk(slos=[slo]))
    assert found.amounts["services.desk.replicas"]["home"] == _fewest_servers(7.2, 0.05)


def test_without_knobs_the_scenario_is_simulated_as_it_is(desk: Desk) -> None:
    found = _plan(desk(capacity={}))
    assert found.amounts == {}
    assert found.is_feasible
    assert found.scenario.services["desk"].replicas == 9


def test_regions_are_sized_at_their_own_peaks(desk: Desk) -> None:
    day: list[list[float]] = [[1.0] * 12 + [0.1] * 12] * 7  # busy from midnight to noon, local time
    document: dict[str, Any] = {
        "regions": {"west": {"timezone": "Etc/GMT+12"}, "east": {}},
        "network": {"default": 10.0},
        "workloads": [
            {"name": "ask", "arrival_rate": 4.0, "profile": day, "steps": [{"call": "desk"}]},
        ],
        "services": {
            "desk": {"replicas": {"west": 9, "east": 9}, "max_ongoing_requests": 1}
            | {"service_time": {"distribution": "exponential", "mean": 1.0}}
        },
    }
    found = _plan(desk(**document))
    busy_rps = 4.0 / 0.55
    assert len(found.evidence) == 2
    assert found.amounts["services.desk.replicas"] == {
        "west": float(_fewest_servers(busy_rps, 0.5)),
        "east": float(_fewest_servers(busy_rps, 0.5)),
    }
    assert found.is_cheapest
