"""Ranges: their quantiles, and draws that cover them."""

import numpy as np
import pytest
from scipy import stats

from simulator.scenario.economics import LognormalRange, NormalRange, TriangularRange, UniformRange
from simulator.studies.common.uncertain_inputs import draw_factors, factor_at, power_of_two, quantiles_of

RANGES = {
    "users": TriangularRange(distribution="triangular", low=-0.2, mode=0.0, high=0.35),
    "token_price": UniformRange(distribution="uniform", low=-0.3, high=0.1),
    "output_tokens": NormalRange(distribution="normal", cv=0.15),
    "handle_time": LognormalRange(distribution="lognormal", cv=0.4),
}


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


def test_quantiles_are_draws() -> None:
    assert quantiles_of([4.0, 1.0, 3.0, 2.0]) == [1.0, 2.0, 4.0]
    assert [power_of_two(n) for n in (1, 2, 3, 32, 33)] == [1, 2, 4, 32, 64]
