"""Contingencies where a plan is made on the way: for the costs of months, and for a check with planned capacity."""

from collections.abc import Callable

from simulator.economics.categories import Category
from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.studies.check.check import check
from simulator.studies.check.study import CheckStudy
from simulator.studies.cost.costs import CostOptions, rollout_costs
from simulator.studies.plan.plan import PlanOptions, plan
from simulator.theory.erlang import mean_wait_s

Desk = Callable[..., Scenario]
PATH = "services.desk.replicas"
KNOBS = [{"path": PATH, "min": 1, "max": 40}]


def _fewest(rate_rps: float) -> int:
    servers = int(rate_rps) + 1
    while mean_wait_s(servers, rate_rps, 1.0) >= 0.5:
        servers += 1
    return servers


def test_costs_are_those_of_a_capacity_that_survives(desk: Desk) -> None:
    """Replica-hours of four weeks each: one more than Erlang's formula asks for, at half a dollar."""
    scenario = desk(capacity={"knobs": KNOBS, "survive": [{"replica_loss": 1}]})
    options = CostOptions(n_runs=2, n_draws=0)
    study = rollout_costs(scenario, options, Runner())
    expected = {"half": _fewest(3.6) + 1.0, "all": _fewest(7.2) + 1.0}
    assert {stage: amounts[PATH]["home"] for stage, amounts in study.capacity.items()} == expected
    categories = (Category.SERVICE_HOURS, Category.SERVICE_IDLE_HOURS)
    usd = sum(float(study.forecast.category_usd(one)[0]) for one in categories)
    assert abs(usd - sum(expected.values()) * 0.5 * 28 * 24) < 0.01


def test_a_check_of_the_planned_capacity_has_room_for_the_loss(desk: Desk) -> None:
    """While nothing goes wrong, ten replicas carry 7.2 erlangs: 72 % in use, not the 80 % of nine."""
    limits = {"utilization{target:desk,stage:all}": ["< 76%", "> 68%"]}
    scenario = desk(thresholds=limits, capacity={"knobs": KNOBS, "survive": [{"replica_loss": 1}]})
    found = check(scenario, CheckStudy(stages=["all"], planned=True), Runner())
    measured = [
        of.estimate.value for of in found.verdicts if "utilization" in of.criterion.name and of.estimate
    ]
    assert all(abs(value - 7.2 / 10.0) < 0.02 for value in measured)
    assert {of.verdict for of in found.verdicts} == {"PASS"}
    bare = desk(thresholds=limits, capacity={"knobs": KNOBS})
    verdicts = check(bare, CheckStudy(stages=["all"], planned=True), Runner()).verdicts
    assert [of.verdict for of in verdicts if "utilization" in of.criterion.name] == ["FAIL", "PASS"]


def test_all_three_plan_the_same(desk: Desk) -> None:
    scenario = desk(capacity={"knobs": KNOBS, "survive": [{"replica_loss": 1}]})
    study = rollout_costs(scenario, CostOptions(n_runs=2, n_draws=0), Runner())
    planned = {stage.name: stage.capacity for stage in plan(scenario, PlanOptions(), Runner()).stages}
    assert study.capacity == planned
