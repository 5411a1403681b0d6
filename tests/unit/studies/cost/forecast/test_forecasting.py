"""The forecast of months: deterministic, additive over threads, and equal to what its demand and prices say."""

import numpy as np
import pytest

from simulator.economics.accounts import Basis
from simulator.economics.categories import Category
from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.studies.cost.costs import CostOptions, rollout_costs
from simulator.studies.cost.forecast.forecasting import Forecaster
from simulator.studies.cost.forecast.month_parts import part_windows
from simulator.studies.plan.plan import PlanError
from tests.unit.studies.money import answers, answers_document


@pytest.fixture(scope="module")
def forecaster() -> Forecaster:
    made = Forecaster(answers(), Runner(n_threads=2), n_runs=4)
    made.forecast()
    return made


def test_the_same_bits_whatever_the_threads(forecaster: Forecaster) -> None:
    alone = Forecaster(answers(), Runner(n_threads=1), n_runs=4).forecast()
    for one, other in zip(alone.spans, forecaster.forecast().spans, strict=True):
        np.testing.assert_array_equal(one.accounts.cost_usd, other.accounts.cost_usd)
        np.testing.assert_array_equal(one.usage, other.usage)


def test_costs_follow_from_demand_and_prices(forecaster: Forecaster) -> None:
    """Actions of 20 days exactly; 100 tokens at $15 per million each; staff and platform exactly."""
    forecast = forecaster.forecast()
    hours = 20 * 24.0
    actions = forecast.numbers(Basis.ACTION)
    expected = sum(
        window.weight_h * 3600.0 * float(window.rate_rps.sum())
        for part in forecaster.parts
        for window in part_windows(forecaster.scenario, part, Runner(), 60.0).windows
    )
    np.testing.assert_allclose(actions, expected, rtol=1e-9)
    output = forecast.category_usd(Category.OUTPUT_TOKENS)
    np.testing.assert_allclose(output, actions * 100 * 15e-6, rtol=0.02)
    people = forecast.category_usd(Category.HUMAN_HOURS) + forecast.category_usd(Category.HUMAN_IDLE_HOURS)
    np.testing.assert_allclose(people, 2 * hours * 28.0)
    platform = 1_000.0 * sum(part.month_share for part in forecaster.parts)
    np.testing.assert_allclose(forecast.category_usd(Category.PLATFORM), platform)


def test_incidents_are_not_in_the_months(forecaster: Forecaster) -> None:
    """A window stands for many hours: what goes wrong at one time of it would be paid for in all of them."""
    outage = {"name": "down", "kind": "outage", "target": "large", "start": 0, "duration": 600}
    given = forecaster.scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
    struck = type(forecaster.scenario).model_validate(given | {"incidents": [outage]})
    found = Forecaster(struck, Runner(n_threads=2), n_runs=4).forecast()
    np.testing.assert_array_equal(found.cost_usd, forecaster.forecast().cost_usd)


def test_capacity_of_a_stage_counts_in_that_stage() -> None:
    more = Forecaster(answers(), Runner(n_threads=2), {"all": {"teams.agents.staff": {"home": 5.0}}}, 2)
    people = [
        float(
            (span.accounts.cost_usd[0][:, [line.category.startswith("human") for line in span.lines]]).sum()
        )
        for span in more.forecast().spans
    ]
    hours = [span.time.hours for span in more.forecast().spans]
    assert people == pytest.approx([2 * hours[0] * 28.0, 5 * hours[1] * 28.0, 5 * hours[2] * 28.0])


def test_a_scenario_without_stages_has_no_months() -> None:
    with pytest.raises(PlanError, match="no `stages`"):
        rollout_costs(answers(stages=[]), CostOptions(), Runner())


def test_the_pace_is_a_month_of_ordinary_weeks_at_the_end_of_the_last_stage() -> None:
    """Whatever day the stage ends on: demand of 730 h, people and platform of a month."""
    for days in (10, 11, 13):
        stages = [{"name": "all", "duration": days * 86_400.0, "exposure": 1.0, "growth": 0.5}]
        shifts = [{"days": [0, 1, 2, 3, 4], "start_hour": 8, "end_hour": 18}]
        document = answers_document(stages=stages)
        document["teams"]["agents"]["shifts"] = shifts
        made = Forecaster(Scenario.model_validate(document), Runner(n_threads=1), n_runs=1)
        pace = made.pace()
        people = sum(pace.category_usd(c).mean() for c in (Category.HUMAN_HOURS, Category.HUMAN_IDLE_HOURS))
        assert people == pytest.approx(2 * 28.0 * 50 * 730 / 168, rel=1e-9)
        assert pace.category_usd(Category.PLATFORM).mean() == pytest.approx(1_000.0)
        expected = 0.2 * 730 * 3600 * 1.5 ** (days * 24 / 730)
        assert pace.numbers(Basis.ACTION).mean() == pytest.approx(expected, rel=0.05)
