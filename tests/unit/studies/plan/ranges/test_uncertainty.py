"""Ranges of inputs in a plan: zero width is the plan itself; chances and capacities are those of Erlang's formula."""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.studies.plan.basis import Plan
from simulator.studies.plan.plan import PlanOptions, plan
from simulator.studies.plan.ranges.uncertainty import N_SEARCHED, PlanUncertainty, plan_uncertainty
from simulator.theory.erlang import mean_wait_s
from tests.unit.studies.conftest import desk_document
from tests.unit.studies.money import answers

Desk = Callable[..., Scenario]
PATH = "services.desk.replicas"
ZERO: dict[str, Any] = {
    "users": {"distribution": "triangular", "low": 0.0, "mode": 0.0, "high": 0.0},
    "output_tokens": {"distribution": "normal", "cv": 0.0},
    "people_cost": {"distribution": "lognormal", "cv": 0.0},
    "token_price": {"distribution": "uniform", "low": 0.0, "high": 0.0},
}
USERS = {"users": {"distribution": "uniform", "low": -0.3, "high": 0.3}}


def _drawn(scenario: Scenario, n_draws: int, runner: Runner | None = None) -> tuple[Plan, PlanUncertainty]:
    planned = plan(scenario, PlanOptions(), Runner())
    found = plan_uncertainty(scenario, planned, n_draws, runner or Runner())
    assert found is not None
    return planned, found


@pytest.fixture(scope="module")
def by_users() -> PlanUncertainty:
    """Draws of the number of users of a desk that is an M/M/c queue."""
    return _drawn(Scenario.model_validate(desk_document(economics={"uncertain": USERS})), 32)[1]


def test_zero_width_is_the_plan_exactly() -> None:
    slos = [
        {"name": "latency", "indicator": "latency", "objective": "p(95) < 3s"},
        {"name": "right", "indicator": "success_rate", "objective": ">= 80%"},
        {"name": "cost", "indicator": "cost_per_successful_action", "objective": "< $9"},
    ]
    economics = {"platform": 1_000.0, "uncertain": ZERO, "budget": {"monthly": 90_000.0}}
    knobs = [{"path": "teams.agents.staff", "min": 1, "max": 9}]
    scenario = answers(slos=slos, economics=economics, capacity={"knobs": knobs})
    planned, found = _drawn(scenario, 4)
    for stage, drawn in zip(planned.stages, found.stages, strict=True):
        cost, metrics = stage.cost, stage.metrics
        assert cost.per_successful_action is not None
        assert metrics.latency.p95 is not None
        assert metrics.success_rate is not None
        assert drawn.figures["month_usd"].tolist() == [cost.month.value] * 4
        assert drawn.figures["per_successful_action_usd"].tolist() == [cost.per_successful_action.value] * 4
        assert drawn.figures["latency_p95"].tolist() == [metrics.latency.p95.value] * 4
        assert drawn.figures["success_rate"].tolist() == [metrics.success_rate.value] * 4
        assert drawn.figures["peak_rps"].tolist() == [stage.demand.peak_rps] * 4
        for verdict in stage.verdicts:
            assert verdict.estimate is not None
            assert drawn.objectives[verdict.slo].values.tolist() == [verdict.estimate.value] * 4
        assert drawn.holds.all()
        assert {
            path: {region: set(amounts.tolist()) for region, amounts in by.items()}
            for path, by in drawn.capacity.items()
        } == {
            path: {region: {amount} for region, amount in by.items()} for path, by in stage.capacity.items()
        }


def test_the_chance_that_objectives_hold_is_that_of_erlang_c(by_users: PlanUncertainty) -> None:
    """Every draw is an M/M/c queue at its own load; only those near the limit may be told wrong."""
    stage = by_users.stages[1]
    planned = 9
    exact = np.array(
        [
            mean_wait_s(planned, 7.2 * one.users, 1.0) if 7.2 * one.users < planned else np.inf
            for one in by_users.factors
        ]
    )
    # the plan stands at 7.2 of 9 (0.32 s); a window of half an hour is short for a load near 1
    is_clear = np.abs(exact / 0.5 - 1.0) > 0.25
    assert is_clear.sum() > 24
    assert (stage.holds[is_clear] == (exact < 0.5)[is_clear]).all()
    assert 0.4 < stage.holds.mean() < 0.8


def test_capacity_of_a_draw_is_what_erlang_c_asks_for(by_users: PlanUncertainty) -> None:
    amounts = by_users.stages[1].capacity[PATH]["home"]
    assert len(amounts) == N_SEARCHED
    for factors, amount in zip(by_users.factors, amounts, strict=False):
        fewest = int(7.2 * factors.users) + 1
        while mean_wait_s(fewest, 7.2 * factors.users, 1.0) >= 0.5:
            fewest += 1
        assert (
            abs(amount - fewest) <= 1
        )  # two replications of half an hour: next to the limit either may hold
    assert by_users.stages[1].is_feasible.all()


def test_a_contingency_is_held_in_every_draw(desk: Desk) -> None:
    """With the same replicas, fewer draws hold when one of them must be spared."""
    knobs = [{"path": PATH, "steps": [10]}]
    capacity: dict[str, Any] = {"knobs": knobs}
    lost: dict[str, Any] = capacity | {"survive": [{"replica_loss": 1}]}
    _, calm = _drawn(desk(economics={"uncertain": USERS}, capacity=capacity), 16)
    _, hit = _drawn(desk(economics={"uncertain": USERS}, capacity=lost), 16)
    assert (hit.stages[1].holds <= calm.stages[1].holds).all()
    assert hit.stages[1].holds.sum() < calm.stages[1].holds.sum()


def test_prices_are_not_simulated_again_and_the_budget_is_held() -> None:
    price = {"people_cost": {"distribution": "uniform", "low": -0.5, "high": 0.5}}
    told: list[int] = []
    scenario = answers(economics={"uncertain": price, "budget": {"monthly": 40_880.0}})
    telling = Runner(progress=lambda done, total, label: told.append(total))  # noqa: ARG005
    planned, found = _drawn(scenario, 8, telling)
    assert set(told) == {4}  # two stages as they are, and their capacity
    people = 2 * 28.0 * 730.0  # two agents for a month
    plain = planned.stages[1].cost.month.value
    for factors, month in zip(found.factors, found.stages[1].figures["month_usd"], strict=True):
        # tokens differ by what fewer replications leave open
        assert month == pytest.approx(plain + (factors.people_cost - 1.0) * people, rel=0.01)
    within = found.stages[1].within_budget
    assert within is not None
    assert within.tolist() == [bool(month <= 40_880.0) for month in found.stages[1].figures["month_usd"]]
    assert 0 < within.sum() < 8


def test_inputs_alone_and_their_share_of_the_variance(desk: Desk) -> None:
    economics = {"uncertain": USERS | {"handle_time": {"distribution": "normal", "cv": 0.1}}}
    _, found = _drawn(desk(economics=economics), 64)
    stage = found.stages[1]
    users, other = stage.swings
    assert (users.name, users.low_factor, users.high_factor) == (
        "users",
        pytest.approx(0.76),
        pytest.approx(1.24),
    )
    assert users.low["latency_p95"] < users.high["latency_p95"]
    assert other.low["latency_p95"] == other.high["latency_p95"]  # nobody handles anything here
    share = found.variance_shares(stage, "month_usd")
    assert share["users"].share > 0.9
    assert abs(share["handle_time"].share) < 0.1


def test_interrupted_draws_keep_those_that_were_finished(desk: Desk) -> None:
    scenario = desk(economics={"uncertain": USERS})
    planned = plan(scenario, PlanOptions(), Runner())
    cancel = threading.Event()

    def stop(done: float, total: int, label: str) -> None:  # noqa: ARG001
        if done == 2 * 7:  # as stated, two swings and four draws
            cancel.set()

    stopped = Runner(n_threads=1, progress=stop, cancel=cancel)
    found = plan_uncertainty(scenario, planned, 16, stopped)
    assert found is not None
    assert found.interrupted
    assert 4 <= len(found.factors) <= 5
    whole = plan_uncertainty(scenario, planned, 16, Runner())
    assert whole is not None
    assert not whole.interrupted
    n_done = len(found.factors)
    assert whole.factors[:n_done] == found.factors
    assert (
        whole.stages[1].figures["latency_p95"][:n_done].tolist()
        == found.stages[1].figures["latency_p95"].tolist()
    )
    assert found.stages[1].capacity[PATH]["home"].size == 0
    cancel.set()
    assert plan_uncertainty(scenario, planned, 16, stopped) is None


def test_nothing_to_draw(desk: Desk) -> None:
    planned = plan(desk(), PlanOptions(["half"]), Runner())
    assert plan_uncertainty(desk(), planned, 8, Runner()) is None
    ranged = desk(economics={"uncertain": USERS})
    assert plan_uncertainty(ranged, planned, 0, Runner()) is None
