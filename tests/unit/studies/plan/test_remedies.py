"""What would make a NO-GO a GO, compared with Erlang's formula."""

from collections.abc import Callable

import pytest
from scipy.optimize import brentq

from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.studies.plan.plan import PlanOptions, plan
from simulator.studies.plan.report import StagePlan
from simulator.theory.erlang import mean_wait_s

Desk = Callable[..., Scenario]
PATH = "services.desk.replicas"


def _all(scenario: Scenario) -> StagePlan:
    return plan(scenario, PlanOptions(["all"]), Runner()).stages[0]


@pytest.mark.parametrize("knob", [{"min": 1, "max": 6}, {"steps": [2, 6]}])
def test_too_low_a_bound_is_helped_by_more_capacity_or_less_demand(
    desk: Desk, knob: dict[str, object]
) -> None:
    """Nine replicas do (twelve where they come in steps); six carry some 70 % of 7.2 a second with a mean wait of 0.5 s."""
    stage = _all(desk(capacity={"knobs": [{"path": PATH, **knob}]}))
    assert stage.decision == "NO-GO"
    assert stage.remedies is not None
    assert stage.remedies.capacity is not None
    needed = 9.0 if "max" in knob else 12.0
    assert stage.remedies.capacity.amounts == {PATH: {"home": needed}}
    assert stage.remedies.capacity.extra_month_usd == pytest.approx((needed - 6.0) * 0.5 * 730.0, abs=0.01)
    exact = brentq(lambda share: mean_wait_s(6, 7.2 * share, 1.0) - 0.5, 0.1, 0.8)
    assert stage.remedies.demand_share == pytest.approx(exact, abs=0.03)
    assert stage.remedies.limits == ()  # a queue that grows without end has no mean wait


def test_what_no_capacity_helps_is_left_to_its_limit(desk: Desk) -> None:
    """A second of service does not fit into half of one, however many serve and however few ask."""
    slo = {"name": "fast", "indicator": "latency", "objective": "mean < 0.5s"}
    stage = _all(desk(slos=[slo]))
    assert stage.remedies is not None
    assert stage.remedies.capacity is None
    assert stage.remedies.demand_share is None
    (limit,) = stage.remedies.limits
    assert limit.limit == pytest.approx(1.0, rel=0.05)
    eased = {**slo, "objective": f"mean < {limit.limit * 1.01}s"}
    assert _all(desk(slos=[eased])).decision == "GO"


def test_costs_that_are_missed_have_the_limit_that_would_pass(desk: Desk) -> None:
    slo = {"name": "cheap", "indicator": "cost_per_action", "objective": "< $0.0001"}
    stage = _all(desk(slos=[slo]))
    assert stage.decision == "NO-GO"
    assert stage.remedies is not None
    assert (stage.remedies.capacity, stage.remedies.demand_share) == (None, None)
    (limit,) = stage.remedies.limits
    eased = {**slo, "objective": f"< ${limit.limit * 1.001:.9f}"}
    assert _all(desk(slos=[eased])).decision == "GO"


def test_a_go_needs_no_remedy(desk: Desk) -> None:
    assert _all(desk()).remedies is None
