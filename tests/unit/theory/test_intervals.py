"""Intervals: published values, what must always hold, and how often they cover the truth."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from simulator.theory.estimate import Estimate
from simulator.theory.intervals import (
    batch_means_interval,
    mean_interval,
    paired_interval,
    ratio_interval,
    wilson_interval,
)

SAMPLES = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30)
Z_95 = 1.959963984540054  # 97.5 % point of the normal distribution


def test_an_exact_value_has_no_width() -> None:
    assert Estimate.exact(3.0) == Estimate(3.0, 3.0, 3.0)
    assert Estimate.exact(3.0).half_width == 0.0


def test_what_json_cannot_say_is_null() -> None:
    assert Estimate(math.nan, -math.inf, math.inf).to_dict() == {"value": None, "low": None, "high": None}
    assert Estimate(1.0, 0.5, 2.0).to_dict() == {"value": 1.0, "low": 0.5, "high": 2.0}


def test_the_mean_of_two_has_the_tabled_factor_of_student() -> None:
    # t(0.975) is 12.706 with 1 and 2.262 with 9 degrees of freedom (any table of Student's t).
    assert mean_interval([0.0, 2.0]).half_width == pytest.approx(12.706, abs=5e-4)
    ten = [float(number) for number in range(10)]
    standard_error = math.sqrt(55.0 / 6.0 / 10.0)  # variance of 0..9 is 55/6
    assert mean_interval(ten).half_width / standard_error == pytest.approx(2.262, abs=5e-4)


def test_a_single_replication_says_nothing_of_its_error() -> None:
    unbounded = Estimate(4.0, -math.inf, math.inf)
    assert mean_interval([4.0]) == unbounded
    assert ratio_interval([8.0], [2.0]) == unbounded
    assert paired_interval([1.0], [5.0]) == unbounded
    assert batch_means_interval([8.0] * 9, [2.0] * 9) == unbounded


@given(SAMPLES, st.floats(0.5, 0.99))
def test_more_confidence_is_a_wider_interval(values: list[float], confidence: float) -> None:
    assert mean_interval(values, confidence).half_width <= mean_interval(values, 0.995).half_width


@given(SAMPLES)
def test_over_equal_denominators_a_ratio_is_a_mean(values: list[float]) -> None:
    ratio, mean = ratio_interval(values, [2.0] * len(values)), mean_interval([value / 2 for value in values])
    scale = 1e-9 * max(1.0, max(map(abs, values)))
    assert ratio.value == pytest.approx(mean.value, abs=scale)
    assert ratio.half_width == pytest.approx(mean.half_width, abs=scale)


def test_a_ratio_is_that_of_the_sums_not_the_mean_of_ratios() -> None:
    assert ratio_interval([1.0, 9.0], [1.0, 3.0]).value == 2.5


def test_a_ratio_needs_denominators_in_more_than_one_replication() -> None:
    assert ratio_interval([1.0, 0.0, 0.0], [4.0, 0.0, 0.0]) == Estimate(0.25, -math.inf, math.inf)
    nothing = ratio_interval([0.0, 0.0], [0.0, 0.0])
    assert math.isnan(nothing.value)
    assert nothing.half_width == math.inf


def test_lists_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="2 numerators and 1 denominators"):
        ratio_interval([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="2 sums and 1 counts"):
        batch_means_interval([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="shorter"):
        paired_interval([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="at least two batches"):
        batch_means_interval([1.0] * 20, [1.0] * 20, n_batches=1)


def test_batches_join_neighbors() -> None:
    sums, counts = [float(number % 7) for number in range(40)], [1.0] * 40
    joined = [math.fsum(sums[start : start + 4]) for start in range(0, 40, 4)]
    assert batch_means_interval(sums, counts) == ratio_interval(joined, [4.0] * 10)


def test_a_common_shift_leaves_pairs_without_doubt() -> None:
    assert paired_interval([1.0, 5.0, 9.0], [3.0, 7.0, 11.0]) == Estimate.exact(2.0)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_agrees_with_newcombe(successes: int, n: int, low: float, high: float) -> None:
    # Newcombe, Statistics in Medicine 17, 1998, table I, method 3.
    found = wilson_interval(successes, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 10**6), st.floats(0.0, 1.0))
def test_wilson_bounds_are_where_the_score_test_turns(n: int, part: float) -> None:
    successes = int(part * n)
    found = wilson_interval(successes, n)
    assert 0.0 <= found.low <= found.value <= found.high <= 1.0
    for bound in (found.low, found.high):
        distance = abs(found.value - bound)
        assert distance == pytest.approx(Z_95 * math.sqrt(bound * (1.0 - bound) / n), abs=1e-9)


def test_no_trials_leave_a_share_open() -> None:
    nothing = wilson_interval(0, 0)
    assert math.isnan(nothing.value)
    assert (nothing.low, nothing.high) == (0.0, 1.0)
    with pytest.raises(ValueError, match="3 of 2 trials"):
        wilson_interval(3, 2)


def _means(rng: np.random.Generator) -> Estimate:
    return mean_interval(rng.normal(2.0, 1.0, 8).tolist())


def _pairs(rng: np.random.Generator) -> Estimate:
    luck = rng.normal(0.0, 10.0, 8)
    return paired_interval(luck.tolist(), (luck + rng.normal(2.0, 1.0, 8)).tolist())


def _ratios(rng: np.random.Generator) -> Estimate:
    counts = rng.poisson(100.0, 20).astype(np.float64)
    return ratio_interval(rng.gamma(2.0 * counts, 1.0).tolist(), counts.tolist())


def _batches(rng: np.random.Generator) -> Estimate:
    """Each bucket half its predecessor and half new, begun in equilibrium; mean 2."""
    return batch_means_interval(_autoregressive(rng).tolist(), [1.0] * 1_000)


def _autoregressive(rng: np.random.Generator) -> NDArray[np.float64]:
    series = rng.normal(0.0, 1.0, 1_000)
    series[0] /= math.sqrt(0.75)
    for bucket in range(1, series.size):
        series[bucket] += 0.5 * series[bucket - 1]
    return series + 2.0


def _shares(rng: np.random.Generator) -> Estimate:
    """The truth is 2 of 200; scaled, so that it is 2 as for the others."""
    found = wilson_interval(int(rng.binomial(200, 0.01)), 200)
    return Estimate(found.value * 200, found.low * 200, found.high * 200)


@pytest.mark.parametrize(
    ("interval", "coverage"),
    [
        (_means, 0.95),
        (_pairs, 0.95),
        (_ratios, 0.95),
        (_batches, 0.95),
        # 0 to 4 of 200 have an interval that holds 1 %, that of 5 begins at 1.07 %: sum of binomial chances.
        (_shares, sum(math.comb(200, k) * 0.01**k * 0.99 ** (200 - k) for k in range(5))),
    ],
)
def test_intervals_cover_the_truth_as_often_as_they_say(
    interval: Callable[[np.random.Generator], Estimate], coverage: float
) -> None:
    # 1,000 experiments with a fixed seed; |z| > 4 would be 6 false alarms in 100,000 other seeds.
    rng = np.random.default_rng(20_260_101)
    found = [interval(rng) for _ in range(1_000)]
    covered = sum(one.low <= 2.0 <= one.high for one in found)
    assert abs(covered - 1_000 * coverage) <= 4.0 * math.sqrt(1_000 * coverage * (1.0 - coverage))
