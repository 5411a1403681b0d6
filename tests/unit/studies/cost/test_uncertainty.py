"""Ranges: their quantiles, draws that cover them, and zero width that changes nothing at all."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from simulator.engine import Runner
from simulator.scenario.economics import LognormalRange, NormalRange, TriangularRange, UniformRange
from simulator.studies.cost.amounts import over_budget, total, whole
from simulator.studies.cost.costs import CostOptions, RolloutCosts, rollout_costs
from simulator.studies.cost.uncertainty import draw_factors, factor_at, power_of_two, quantiles_of
from tests.unit.studies.money import answers

RANGES = {
    "users": TriangularRange(distribution="triangular", low=-0.2, mode=0.0, high=0.35),
    "token_price": UniformRange(distribution="uniform", low=-0.3, high=0.1),
    "output_tokens": NormalRange(distribution="normal", cv=0.15),
    "handle_time": LognormalRange(distribution="lognormal", cv=0.4),
}


def study(uncertain: dict[str, Any], n_draws: int = 8, **changes: Any) -> RolloutCosts:
    scenario = answers(economics={"platform": 1_000.0, "uncertain": uncertain, **changes})
    return rollout_costs(scenario, CostOptions(n_runs=2, n_draws=n_draws), Runner())


@pytest.mark.parametrize("name", RANGES)
def test_draws_follow_the_range(name: str) -> None:
    """The closed forms of mean and quantiles, which 1,024 Sobol points meet to 0.2 %."""
    given = RANGES[name]
    drawn = np.array([getattr(factors, name) for factors in draw_factors({name: given}, 1024)])
    closed = {
        "users": stats.triang(0.2 / 0.55, 0.8, 0.55),
        "token_price": stats.uniform(0.7, 0.4),
        "output_tokens": stats.norm(1.0, 0.15),
        "handle_time": stats.lognorm(np.sqrt(np.log1p(0.16))),
    }[name]
    assert drawn.mean() == pytest.approx(closed.mean(), rel=2e-3)
    for level in (0.1, 0.5, 0.9):
        assert factor_at(given, level) == pytest.approx(closed.ppf(level))
        assert np.quantile(drawn, level) == pytest.approx(closed.ppf(level), rel=5e-3)


def test_inputs_are_drawn_apart() -> None:
    drawn = draw_factors(RANGES, 256)  # type: ignore[arg-type]
    values = np.array([[getattr(one, name) for name in RANGES] for one in drawn])
    correlation = np.corrcoef(values.T) - np.eye(len(RANGES))
    assert np.abs(correlation).max() < 0.1


def test_a_normal_range_never_goes_below_zero() -> None:
    assert factor_at(NormalRange(distribution="normal", cv=1.0), 0.01) == 0.0


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


def test_quantiles_are_draws() -> None:
    assert quantiles_of([4.0, 1.0, 3.0, 2.0]) == [1.0, 2.0, 4.0]
    assert [power_of_two(n) for n in (1, 2, 3, 32, 33)] == [1, 2, 4, 32, 64]
