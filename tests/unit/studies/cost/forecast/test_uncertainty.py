"""Draws of a forecast: zero width changes nothing at all, prices are not simulated again, users are."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.economics.accounts import Basis
from simulator.economics.categories import Category
from simulator.economics.forecast import Forecast
from simulator.engine import Runner
from simulator.scenario.check.checks import check_scenario
from simulator.studies.cost.amounts import over_budget, total, whole
from simulator.studies.cost.baseline import baseline_comparison
from simulator.studies.cost.costs import CostOptions, RolloutCosts, rollout_costs
from tests.unit.studies.money import answers


def study(uncertain: dict[str, Any], n_draws: int = 8, **changes: Any) -> RolloutCosts:
    scenario = answers(economics={"platform": 1_000.0, "uncertain": uncertain, **changes})
    return rollout_costs(scenario, CostOptions(n_runs=2, n_draws=n_draws), Runner())


def test_zero_width_is_the_deterministic_result_exactly() -> None:
    widths: dict[str, Any] = {
        "users": {"distribution": "triangular", "low": 0.0, "mode": 0.0, "high": 0.0},
        "output_tokens": {"distribution": "normal", "cv": 0.0},
        "token_price": {"distribution": "uniform", "low": 0.0, "high": 0.0},
        "handle_time": {"distribution": "lognormal", "cv": 0.0},
    }
    found = study(widths)
    amount = total(found)
    assert amount.value == found.forecast.total_usd
    assert amount.percentiles == (amount.value,) * 3
    assert found.uncertainty is not None
    assert np.mean([draw.total_usd for draw in found.uncertainty.draws]) == found.uncertainty.plain.total_usd


def test_prices_alone_are_not_simulated_again_and_scale_the_tokens() -> None:
    found = study({"token_price": {"distribution": "uniform", "low": 1.0, "high": 1.0}})
    assert found.uncertainty is not None
    assert len(found.forecaster._known) == 1
    draw, plain = found.uncertainty.draws[0], found.uncertainty.plain
    tokens = sum(plain.category_usd(one)[0] for one in list(type(plain.spans[0].lines[0].category))[:3])
    assert draw.total_usd == pytest.approx(plain.total_usd + tokens)


def test_more_users_cost_more_tokens_with_the_same_people() -> None:
    found = study({"users": {"distribution": "uniform", "low": 0.5, "high": 0.5}}, n_draws=1)
    assert found.uncertainty is not None
    draw, plain = found.uncertainty.draws[0], found.uncertainty.plain
    by_category = {line.category: 0.0 for line in plain.spans[0].lines}
    for category in by_category:
        ratio = float(draw.category_usd(category)[0] / plain.category_usd(category)[0])
        by_category[category] = ratio
    assert by_category.pop("output_tokens") == pytest.approx(1.5, rel=0.1)  # type: ignore[call-overload]
    assert by_category["platform"] == 1.0  # type: ignore[index]


def test_the_chance_to_exceed_a_budget() -> None:
    price = {"token_price": {"distribution": "uniform", "low": 0.0, "high": 1.0}}
    found = study(price, n_draws=16)
    plain = found.forecast.total_usd
    totals = sorted(draw.total_usd for draw in found.uncertainty.draws)  # type: ignore[union-attr]
    scale = plain / found.uncertainty.plain.total_usd  # type: ignore[union-attr]
    between = scale * (totals[11] + totals[12]) / 2.0
    chance = over_budget(found, whole, between)
    assert chance is not None
    assert chance.value == pytest.approx(4 / 16)
    assert chance.low < 0.25 < chance.high


def _staffed(uncertain: dict[str, Any], n_draws: int = 8, **money: Any) -> RolloutCosts:
    """Two people for the demand as stated, of at most forty."""
    knobs = [{"path": "teams.agents.staff", "min": 1, "max": 40}]
    scenario = answers(
        economics={"platform": 1_000.0, "uncertain": uncertain, **money}, capacity={"knobs": knobs}
    )
    held = {stage.name: {"teams.agents.staff": {"home": 20.0}} for stage in scenario.stages}
    return rollout_costs(scenario, CostOptions(n_runs=2, n_draws=n_draws, capacity=held), Runner())


@pytest.mark.parametrize(
    ("uncertain", "people"),
    [
        ({"users": {"distribution": "uniform", "low": 0.5, "high": 0.5}}, 1.5),
        ({"handle_time": {"distribution": "uniform", "low": -0.5, "high": -0.5}}, 0.5),
        ({"users": {"distribution": "uniform", "low": 3.0, "high": 3.0}}, 2.0),  # the upper bound of the knob
        ({"users": {"distribution": "uniform", "low": 0.01, "high": 0.01}}, 1.05),  # 20.2 people are 21
        ({"token_price": {"distribution": "uniform", "low": 1.0, "high": 1.0}}, 1.0),
    ],
)
def test_people_follow_demand(uncertain: dict[str, Any], people: float) -> None:
    found = _staffed(uncertain, n_draws=1)
    assert found.uncertainty is not None
    (draw,), plain = found.uncertainty.draws, found.uncertainty.plain

    def paid(forecast: Forecast) -> float:
        categories = (Category.HUMAN_HOURS, Category.HUMAN_IDLE_HOURS)
        return sum(float(forecast.category_usd(one)[0]) for one in categories)

    assert paid(draw) == pytest.approx(people * paid(plain), rel=1e-9)


def test_what_is_billed_in_dollars_is_dearer_where_the_dollar_rises() -> None:
    fx = {"date": "2026-11-01", "rates": {"EUR": 1.25}}
    scenario = answers(
        currency="EUR",
        fx=fx,
        economics={"uncertain": {"exchange_rate": {"distribution": "uniform", "low": -0.2, "high": -0.2}}},
    )
    found = rollout_costs(scenario, CostOptions(n_runs=2, n_draws=1), Runner())
    assert found.uncertainty is not None
    (draw,), plain = found.uncertainty.draws, found.uncertainty.plain
    assert draw.category_usd(Category.OUTPUT_TOKENS)[0] == pytest.approx(
        plain.category_usd(Category.OUTPUT_TOKENS)[0] / 0.8, rel=1e-12
    )
    assert draw.category_usd(Category.HUMAN_HOURS)[0] == plain.category_usd(Category.HUMAN_HOURS)[0]


def test_success_moves_right_answers_and_nothing_else() -> None:
    found = study({"success_rate": {"distribution": "uniform", "low": -0.1, "high": -0.1}}, n_draws=1)
    assert found.uncertainty is not None
    (draw,), plain = found.uncertainty.draws, found.uncertainty.plain
    ratio = draw.numbers(Basis.SUCCESSFUL_ACTION).mean() / plain.numbers(Basis.SUCCESSFUL_ACTION).mean()
    assert ratio == pytest.approx(0.9, abs=0.02)
    assert draw.numbers(Basis.ACTION).mean() == pytest.approx(plain.numbers(Basis.ACTION).mean(), rel=1e-9)


_CASE: dict[str, Any] = {"baseline": {"cost_per_action": 2.0, "success_rate": 0.8}, "investment": 20_000.0}


def test_the_case_has_ranges_of_the_inputs() -> None:
    found = _staffed({"users": {"distribution": "uniform", "low": -0.5, "high": 0.5}}, 16, **_CASE)
    case = baseline_comparison(found)
    assert case is not None
    assert case.ranges is not None
    for amount in (case.ranges.npv, case.ranges.saving, case.ranges.later_saving_per_month):
        assert amount.p10 is not None
        assert amount.p50 is not None
        assert amount.p90 is not None
        assert amount.p10 < amount.p50 < amount.p90
    saving = case.ranges.saving
    assert saving.mean == pytest.approx(case.saving, rel=0.05)
    assert saving.p90 == pytest.approx(1.4 * case.saving, rel=0.1)  # savings go with the actions
    early, middle, late = case.ranges.payback_month
    assert early is not None
    assert middle is not None
    assert late is None or early <= middle <= late


def test_without_ranges_the_percentiles_are_noise_and_zero_width_is_the_case() -> None:
    noise = baseline_comparison(_staffed({}, 8, **_CASE))
    exact = baseline_comparison(
        _staffed({"users": {"distribution": "uniform", "low": 0.0, "high": 0.0}}, 4, **_CASE)
    )
    for case in (noise, exact):
        assert case is not None
        assert case.ranges is not None
        assert case.ranges.npv.p50 == pytest.approx(case.npv, rel=1e-12)
    assert noise is not None
    assert exact is not None
    assert noise.ranges is not None
    assert exact.ranges is not None
    assert noise.ranges.npv.p10 < noise.npv < noise.ranges.npv.p90  # type: ignore[operator]
    assert exact.ranges.npv.p10 == exact.ranges.npv.p90


def test_a_late_adoption_brings_fewer_actions() -> None:
    """Linear from nothing to all: if it takes twice as long, half are there at the end, and half as many asked."""
    stages = [
        {"name": "half", "duration": 20 * 86_400.0, "exposure": 1.0, "adoption": {"curve": "linear"}},
    ]
    delay = {"adoption_delay": {"distribution": "uniform", "low": 1.0, "high": 1.0}}
    scenario = answers(economics={"uncertain": delay}, stages=stages)
    found = rollout_costs(scenario, CostOptions(n_runs=2, n_draws=1), Runner())
    assert found.uncertainty is not None
    (draw,), plain = found.uncertainty.draws, found.uncertainty.plain
    ratio = draw.numbers(Basis.ACTION).mean() / plain.numbers(Basis.ACTION).mean()
    assert ratio == pytest.approx(0.5, rel=1e-9)


@pytest.mark.parametrize("key", ["exchange_rate", "hand_off_rate", "adoption_delay"])
def test_a_range_of_what_is_not_there_is_an_error(key: str) -> None:
    scenario = answers(economics={"uncertain": {key: {"distribution": "uniform", "low": 0.0, "high": 0.1}}})
    (finding,) = check_scenario(scenario, Path())
    assert finding.path == ("economics", "uncertain", key)
    assert "changes nothing" in finding.message
