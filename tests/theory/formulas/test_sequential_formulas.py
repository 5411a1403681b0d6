"""Repeated looks against published tables."""

import numpy as np
import pytest
from scipy.stats import norm

from simulator.theory.sequential import bounds_of, false_alarm_rate, per_arm, stop_probabilities


@pytest.mark.parametrize(
    ("n_looks", "published"), [(1, 0.05), (2, 0.083), (3, 0.107), (4, 0.126), (5, 0.142), (10, 0.193)]
)
def test_repeated_looks_inflate_false_alarms(n_looks: int, published: float) -> None:
    """Armitage, McPherson and Rowe 1969: two-sided looks at 5 % each; a one-sided test has half of it."""
    rate = 2.0 * false_alarm_rate([1.96] * n_looks)
    assert rate == pytest.approx(published, abs=0.0015 + 0.004 * (n_looks == 10))


@pytest.mark.parametrize(("n_looks", "published"), [(2, 2.178), (3, 2.289), (4, 2.361), (5, 2.413)])
def test_pocock_bounds(n_looks: int, published: float) -> None:
    """Pocock 1977, table 1, two-sided 5 %, which is 2.5 % on each side."""
    assert bounds_of("pocock", n_looks, 0.025) == pytest.approx((published,) * n_looks, abs=0.006)


@pytest.mark.parametrize(("n_looks", "published"), [(2, 1.977), (3, 2.004), (4, 2.024), (5, 2.040)])
def test_obrien_fleming_bounds(n_looks: int, published: float) -> None:
    """Jennison and Turnbull, Group Sequential Methods, 2000, table 2.3: the constant at the last look."""
    assert bounds_of("obrien-fleming", n_looks, 0.025)[-1] == pytest.approx(published, abs=0.006)


def test_stopping_against_simulation() -> None:
    bounds = bounds_of("pocock", 4, 0.05)
    steps = np.random.default_rng(7).normal(0.8, 1.0, (200_000, 4)).cumsum(axis=1) / np.sqrt([1, 2, 3, 4])
    first = np.where((steps > bounds).any(axis=1), (steps > bounds).argmax(axis=1), 4)
    expected = stop_probabilities(bounds, drift=0.8)
    for look in range(4):
        share = (first == look).mean()
        error = np.sqrt(expected[look] * (1 - expected[look]) / 200_000)
        assert abs(share - expected[look]) <= 4 * error + 2e-4


def test_observations_for_a_point_of_success() -> None:
    """One point of 90 %, 5 % one-sided, 80 % power: (1.645 + 0.842)² · 2 · 0.09 / 0.01² = 11,130 of each."""
    n = per_arm(0.01, 0.9 * 0.1, 0.05, 0.8)
    assert n == pytest.approx((norm.isf(0.05) + norm.ppf(0.8)) ** 2 * 1800.0)
    assert n == pytest.approx(11_128, rel=1e-3)
