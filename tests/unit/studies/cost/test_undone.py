"""Work that people never get to is said in hours and money, exactly as much as the calendar brings."""

from pathlib import Path

import pytest

from simulator.economics.currency import US_DOLLAR, Currency
from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.scenario.read.load import load_text
from simulator.studies.bridge.bridge import bridge_report
from simulator.studies.bridge.view import sections as bridge_sections
from simulator.studies.cost.cost import cost_report
from simulator.studies.cost.costs import CostOptions, rollout_costs
from simulator.studies.cost.forecast.undone import OfferedWork, undone_work
from simulator.studies.cost.view import sections

HOURS = 2 * 7 * 24.0


def _desk(staff: int) -> Scenario:
    """Five hours of work come every hour."""
    people = {"staff": staff, "handle_time": {"distribution": "constant", "value": 600.0}, "cost": 30.0}
    ask = {
        "name": "ask",
        "arrival_rate": 30.0 / 3600.0,
        "steps": [{"call": "desk"}, {"review": {"team": "people", "when": ["exhausted"]}}],
    }
    broken = {"service_time": {"distribution": "constant", "value": 0.01}, "error_rate": 1.0}
    return Scenario.model_validate(
        {
            "metadata": {"name": "undone"},
            "start": "2027-01-04",
            "workloads": [ask],
            "services": {"desk": broken},
            "teams": {"people": people | {"shifts": "always"}},
            "window": {"duration": 900.0, "warmup": 900.0},
            "stages": [{"name": "all", "duration": 3600.0 * HOURS, "exposure": 1.0}],
        }
    )


def test_work_beyond_the_hours_on_shift_is_left_at_the_end() -> None:
    few, enough = (
        rollout_costs(_desk(staff), CostOptions(n_draws=0, plan_capacity=False), Runner()) for staff in (4, 6)
    )
    [left] = cost_report(few, ("stage",), "as written").undone
    assert left.undone_h == pytest.approx(HOURS)
    assert left.cost == pytest.approx(30.0 * HOURS)
    assert not cost_report(enough, ("stage",), "as written").undone
    shown = str(sections(cost_report(few, ("stage",), "as written")))
    assert "work left undone at the end: 336 h of people's work at people in home, $10,080" in shown
    bridge = bridge_report(("a", "b"), few, enough)
    assert [len(side.undone) for side in bridge.sides] == [1, 0]
    assert "A: work left undone" in str(bridge_sections(bridge))


def test_what_a_service_never_gets_to_is_left_at_the_end_and_idle_hours_do_it() -> None:
    """Of 1.25 tries a second one is served; idle hours of the next part work off what is left."""
    text = """
metadata: {name: busy}
start: 2027-01-04
seed: 3
workloads: [{name: ask, arrival_rate: 1.25 rps, steps: [{call: search}]}]
services:
  search: {max_ongoing_requests: 4, service_time: {distribution: constant, value: 4s}, price: $2/hour, cost: $0.01/call}
window: {duration: 900s, warmup: 900s}
stages:
  - {name: all, duration: 1w, exposure: 100%}
"""
    scenario = load_text(text, "busy.yaml", Path()).scenario
    few = rollout_costs(scenario, CostOptions(n_draws=0, plan_capacity=False), Runner())
    [left] = cost_report(few, ("stage",), "as written").undone
    hours = 168.0 * (1.25 * 4.0 - 4.0)
    assert (left.target, left.kind) == ("search", "service")
    assert left.undone_h == pytest.approx(hours, rel=0.1)
    assert left.cost == pytest.approx(left.undone_h * (2.0 / 4.0 + 900.0 * 0.01), rel=1e-9)
    assert "168 h of servers' work at search" in left.model_copy(update={"undone_h": 168.0}).message("USD")

    [before] = few.forecaster.offered()[0]
    calm = [before._replace(work_h=before.capacity_h - 100.0, hour_usd=None)]
    [rest] = undone_work([[before], calm], US_DOLLAR)
    assert rest.undone_h == pytest.approx(left.undone_h - 100.0)
    assert rest.cost / rest.undone_h == pytest.approx(left.cost / left.undone_h)


def _week(work_h: float, people_h: float) -> OfferedWork:
    return OfferedWork("people", "home", "team", work_h, people_h, 20.0)


@pytest.mark.parametrize(
    ("parts", "left_h"),
    [
        ([(100.0, 90.0), (100.0, 90.0)], 20.0),
        ([(100.0, 80.0), (100.0, 115.0)], 5.0),  # what is left is done next month, as far as there are hours
        ([(100.0, 150.0), (100.0, 90.0)], 10.0),  # nobody works ahead
        ([(100.0, 99.0)], None),  # chance
    ],
)
def test_what_is_left_of_a_month_waits_for_the_next(
    parts: list[tuple[float, float]], left_h: float | None
) -> None:
    found = undone_work([[_week(*part)] for part in parts], Currency("EUR", 2.0))
    assert [one.undone_h for one in found] == ([] if left_h is None else [left_h])
    assert [one.cost for one in found] == ([] if left_h is None else [10.0 * left_h])
    assert undone_work([], US_DOLLAR) == ()
