"""Overload and strain: which limit is offered too much, and what holds most work up."""

from collections.abc import Callable
from typing import Any

import pytest

from simulator.compiler.demand import stage_window
from simulator.engine import Runner
from simulator.metrics.dimensions import Selection
from simulator.results.estimates import estimate
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.studies.common.saturation import Overload, overloads, strain_by_station

Desk = Callable[..., Scenario]
TIMES = {"distribution": "exponential", "mean": 1.0}


def _runs(scenario: Scenario, duration_s: float = 1200.0) -> list[RunResult]:
    window = stage_window(scenario, None, "peak", duration_s, 120.0)
    return Runner().replicate(scenario, window, [1, 2, 3])


def _service(**more: Any) -> dict[str, Any]:
    return {"desk": {"max_ongoing_requests": 1, "service_time": TIMES} | more}


def test_enough_of_everything_is_no_overload(desk: Desk) -> None:
    scenario = desk()
    assert overloads(scenario, _runs(scenario)) == ()


def test_too_few_servers(desk: Desk) -> None:
    scenario = desk(services=_service(replicas=6, max_queued_requests=50))
    (found,) = overloads(scenario, _runs(scenario))
    assert (found.target, found.region) == ("desk", "home")
    assert found.capacity == pytest.approx(6.0)
    assert found.offered == pytest.approx(7.2, rel=0.05)
    assert found.message.startswith("desk in home is offered 7.")
    assert "% more than its 6" in found.message


def test_what_may_be_luck_is_no_overload(desk: Desk) -> None:
    """Three runs of five minutes cannot tell 7.2 servers' worth of work from 7."""
    scenario = desk(services=_service(replicas=7, max_queued_requests=50))
    runs = _runs(scenario, 300.0)
    load = estimate(runs, "offered_load_erlangs", None, Selection(target="desk"))
    assert load is not None
    assert load.low < 7.0 < load.value
    assert overloads(scenario, runs) == ()


def test_rate_limit_of_a_service(desk: Desk) -> None:
    scenario = desk(services=_service(replicas=20, rate_limit="300 rpm"))
    (found,) = overloads(scenario, _runs(scenario))
    assert found.unit == "requests per minute"
    assert found.capacity == pytest.approx(300.0)
    assert found.offered == pytest.approx(432.0, rel=0.05)


def test_quota_counts_what_was_turned_away(desk: Desk) -> None:
    times = {"distribution": "constant", "value": 0.1}
    scenario = desk(
        workloads=[
            {"name": "ask", "arrival_rate": 2.0, "steps": [{"generate": "model"}]}
            | {"prompt_tokens": {"distribution": "constant", "value": 90}}
            | {"output_tokens": {"distribution": "constant", "value": 10}}
        ],
        model_list=[
            {"model_name": "model", "provider": "p", "model": "m", "ttft": times, "tpot": times}
            | {"prices": {"input": 1.0, "output": 1.0}, "tpm": 6_000, "rpm": 100}
        ],
        capacity={},
    )
    rpm, tpm = overloads(scenario, _runs(scenario))
    assert (rpm.unit, tpm.unit) == ("requests per minute", "tokens per minute")
    assert rpm.offered == pytest.approx(120.0, rel=0.08)
    assert tpm.offered == pytest.approx(12_000.0, rel=0.08)
    assert tpm.capacity == 6_000.0


def test_nobody_there_says_so() -> None:
    assert Overload("people", "eu", 2.0, 0.0, "people's worth of work").message == (
        "people in eu is offered 2 people's worth of work and has nothing to serve it with"
    )


def test_strain_is_where_most_work_waits(desk: Desk) -> None:
    steps = [{"call": "desk"}, {"call": "spare"}]
    spare = {"replicas": 30, "max_ongoing_requests": 1, "service_time": TIMES}
    scenario = desk(
        workloads=[{"name": "ask", "arrival_rate": 7.2, "steps": steps}],
        services=_service(replicas=8) | {"spare": spare},
    )
    strains = {station.target: strain for station, strain in strain_by_station(_runs(scenario)).items()}
    assert strains["desk"] > 0.1
    assert strains["spare"] < 1e-3
