"""Draws of a forecast: zero width changes nothing at all, prices are not simulated again, users are."""

from typing import Any

import numpy as np
import pytest

from simulator.engine import Runner
from simulator.studies.cost.amounts import over_budget, total, whole
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
