"""What incidents may not touch: plans, the cost of a month, and the runs in which a warm-up is found."""

from collections.abc import Callable

import pytest

from simulator.economics.price_book import price_book
from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.studies.check.check import check
from simulator.studies.check.study import CheckStudy
from simulator.studies.common.replications import Replications
from simulator.studies.common.verdicts.criteria import Measure
from simulator.studies.plan.plan import PlanOptions, plan

Desk = Callable[..., Scenario]
_DOWN = [{"name": "down", "kind": "outage", "target": "desk", "start": 300.0, "duration": 900.0}]
_SLOS = [
    {"name": "availability", "indicator": "availability", "objective": ">= 99%"},
    {"name": "wait", "indicator": "queue_wait", "objective": "mean < 0.5s"},
]


def _calm_and_hit(desk: Desk, **changes: object) -> tuple[Scenario, Scenario]:
    return desk(slos=_SLOS, **changes), desk(slos=_SLOS, incidents=_DOWN, **changes)


def test_a_plan_is_that_of_a_calm_peak(desk: Desk) -> None:
    calm, hit = _calm_and_hit(desk)
    plans = [plan(scenario, PlanOptions(["all"], min_runs=2), Runner()) for scenario in (calm, hit)]
    assert repr(plans[0].stages) == repr(plans[1].stages)
    assert plans[1].stages[0].decision == "GO"


def test_a_check_plays_them(desk: Desk) -> None:
    calm, hit = _calm_and_hit(desk)
    options = CheckStudy(stages=["all"], replications=2, budget=2)
    verdicts = [
        {found.criterion.name: found.verdict for found in check(scenario, options, Runner()).verdicts}
        for scenario in (calm, hit)
    ]
    assert (verdicts[0]["availability"], verdicts[1]["availability"]) == ("PASS", "FAIL")


@pytest.mark.parametrize("warmup", ["auto", 300.0])
def test_warm_ups_and_months_are_calm(desk: Desk, warmup: str | float) -> None:
    window = {"duration": 1800.0, "warmup": warmup}
    calm, hit = (Replications(one, Runner(), "all", 1) for one in _calm_and_hit(desk, window=window))
    assert calm.window.warmup_s == hit.window.warmup_s
    assert price_book(calm.scenario) == price_book(hit.scenario)
    for trial in (calm, hit):
        trial.extend(2)
    month = Measure("monthly_cost")
    assert calm.estimate(month) == hit.estimate(month)
    availability = Measure("availability")
    assert calm.estimate(availability) != hit.estimate(availability)
