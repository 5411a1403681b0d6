"""Many quantiles at once are the same as one by one, and are those of the values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.numerics.sketch import N_BINS, bin_edges, quantile
from simulator.results.percentiles.quantiles import histogram_sum, quantiles

EDGES = bin_edges()


def histogram_of(values: list[float]) -> np.ndarray:
    return np.bincount(np.searchsorted(EDGES, values, side="right") - 1, minlength=N_BINS)


@settings(max_examples=100, deadline=None)
@given(
    values=st.lists(st.floats(0.0, 1e6), min_size=1, max_size=60),
    levels=st.lists(st.floats(0.0, 1.0), min_size=1, max_size=5),
)
def test_equal_to_one_at_a_time(values: list[float], levels: list[float]) -> None:
    histogram = histogram_of(values)
    both = quantiles(np.array([histogram, 3 * histogram]), levels)
    assert both[0] == pytest.approx([quantile(histogram, level) for level in levels], rel=1e-12, abs=0)
    assert both[1] == pytest.approx([quantile(3 * histogram, level) for level in levels], rel=1e-12, abs=0)


def test_within_a_hundredth_of_the_sample() -> None:
    values = np.random.default_rng(7).lognormal(0.0, 1.5, 200_000)
    found = quantiles(histogram_of(values)[np.newaxis], [0.5, 0.95, 0.99, 0.999])[0]
    assert found == pytest.approx(np.quantile(values, [0.5, 0.95, 0.99, 0.999]), rel=0.008)


def test_an_empty_histogram_has_no_quantile() -> None:
    assert np.isnan(quantiles(np.zeros((1, N_BINS), np.int64), [0.5])).all()


@pytest.mark.parametrize("level", [-0.1, 1.5, float("nan")])
def test_levels_outside_the_unit_interval_are_refused(level: float) -> None:
    with pytest.raises(ValueError, match="levels"):
        quantiles(np.zeros((1, N_BINS), np.int64), [level])


def test_the_sum_is_within_half_a_bin_and_zeros_are_zero() -> None:
    values = np.random.default_rng(8).exponential(0.3, 100_000)
    values[:40_000] = 0.0
    assert histogram_sum(histogram_of(values)) == pytest.approx(values.sum(), rel=1e-4)
    assert histogram_sum(histogram_of([0.2] * 10)) == pytest.approx(2.0, rel=0.008)
