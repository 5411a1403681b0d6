"""The trade-off of a plan: a front of simulated points whose latencies are those of Erlang's formula."""

from collections.abc import Callable
from typing import Any

import pytest

from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.studies.plan.plan import PlanOptions, plan
from simulator.theory.erlang import mean_wait_s

Desk = Callable[..., Scenario]
PATH = "services.desk.replicas"


def test_cost_rises_and_latency_falls_along_the_front(desk: Desk) -> None:
    (stage,) = plan(desk(), PlanOptions(["all"]), Runner()).stages
    front = [point for point in stage.trade_off if point.on_latency_front]
    assert len(front) >= 3
    costs = [point.cost.month for point in front]
    latencies = [point.latency_p95.value for point in front if point.latency_p95 is not None]
    assert costs == sorted(set(costs))
    assert latencies == sorted(set(latencies), reverse=True)
    for point in stage.trade_off:
        assert point.cost.month == pytest.approx(point.capacity[PATH]["home"] * 0.5 * 730.0, abs=0.01)


def test_cost_and_availability_rise_along_the_front(desk: Desk) -> None:
    """A desk that turns away who would have to wait for more than two others."""
    service = {**desk().model_dump(exclude_unset=True)["services"]["desk"], "max_queued_requests": 2}
    (stage,) = plan(desk(services={"desk": service}), PlanOptions(["all"]), Runner()).stages
    front = [point for point in stage.trade_off if point.on_availability_front]
    assert len(front) >= 3
    costs = [point.cost.month for point in front]
    shares = [point.availability.value for point in front if point.availability is not None]
    assert costs == sorted(set(costs))
    assert shares == sorted(set(shares))


def test_what_is_planned_is_among_the_points_and_cheaper_ones_do_not_hold(desk: Desk) -> None:
    (stage,) = plan(desk(), PlanOptions(["all"]), Runner()).stages
    (planned,) = [point for point in stage.trade_off if point.is_planned]
    assert planned.capacity == stage.capacity
    assert planned.holds is True
    assert planned.cost.month == stage.cost.month.value
    for point in stage.trade_off:
        servers = int(point.capacity[PATH]["home"])
        holds = servers > 7.2 and mean_wait_s(servers, 7.2, 1.0) < 0.5
        assert point.holds is holds


def test_knobs_move_together_and_points_that_are_beaten_are_left_out(desk: Desk) -> None:
    """A second desk that nobody asks for: only dearer points move it, and it buys nothing."""
    idle: dict[str, Any] = {"replicas": 3, "max_ongoing_requests": 1, "price": 0.5}
    idle["service_time"] = {"distribution": "constant", "value": 1.0}
    services = desk().model_dump(exclude_unset=True)["services"] | {"idle": idle}
    knobs = [
        {"path": PATH, "min": 1, "max": 40},
        {"path": "services.idle.replicas", "min": 0, "max": 5},
    ]
    (stage,) = plan(desk(services=services, capacity={"knobs": knobs}), PlanOptions(["all"]), Runner()).stages
    assert stage.capacity["services.idle.replicas"] == {"home": 0.0}
    top = [point for point in stage.trade_off if point.capacity["services.idle.replicas"]["home"] > 0.0]
    assert len(top) <= 1  # the top of every knob, if its latency is better at all


def test_without_knobs_there_is_nothing_to_trade(desk: Desk) -> None:
    (stage,) = plan(desk(capacity={}), PlanOptions(["all"]), Runner()).stages
    assert stage.trade_off == ()
