"""McNemar's exact test: every outcome of small sets, simulation of large ones, and Connor's sample sizes."""

import itertools
import math

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from simulator.theory.mcnemar import power, questions_needed


def _by_hand(n: int, against: float, in_favour: float, alpha: float) -> float:
    """Sum over all numbers against, in favour and the same, each judged by the binomial test."""
    found = 0.0
    for b, c in itertools.product(range(n + 1), repeat=2):
        if b + c > n or b + c == 0:
            continue
        if binomtest(b, b + c, 0.5, alternative="greater").pvalue <= alpha:
            ways = math.factorial(n) / (math.factorial(b) * math.factorial(c) * math.factorial(n - b - c))
            found += ways * against**b * in_favour**c * (1.0 - against - in_favour) ** (n - b - c)
    return found


@pytest.mark.parametrize("n", [6, 11, 20])
@pytest.mark.parametrize(("against", "in_favour"), [(0.3, 0.1), (0.2, 0.2), (0.6, 0.0)])
@pytest.mark.parametrize("alpha", [0.05, 0.2])
def test_power_is_the_sum_over_all_outcomes(n: int, against: float, in_favour: float, alpha: float) -> None:
    assert power(n, against, in_favour, alpha) == pytest.approx(
        _by_hand(n, against, in_favour, alpha), abs=1e-9
    )


@pytest.mark.parametrize("n", [50, 400, 5_000])
@pytest.mark.parametrize("flips", [0.02, 0.1, 0.5])
def test_one_that_is_just_as_good_is_found_worse_no_more_often_than_stated(n: int, flips: float) -> None:
    assert power(n, flips / 2, flips / 2, 0.05) <= 0.05


def test_simulated_sets_are_judged_as_often() -> None:
    generator = np.random.default_rng(4)
    n_sets, n, against, in_favour = 4_000, 400, 0.07, 0.03
    counts = generator.multinomial(n, [against, in_favour, 1.0 - against - in_favour], n_sets)
    found = np.mean(
        [binomtest(int(b), int(b + c), 0.5, alternative="greater").pvalue <= 0.05 for b, c, _ in counts]
    )
    expected = power(n, against, in_favour, 0.05)
    assert abs(found - expected) < 4.0 * math.sqrt(expected * (1.0 - expected) / n_sets)


@pytest.mark.parametrize(("against", "in_favour"), [(0.06, 0.05), (0.1, 0.05), (0.035, 0.025)])
def test_sizes_are_near_those_of_connor(against: float, in_favour: float) -> None:
    d, differing = against - in_favour, against + in_favour
    root = norm.isf(0.05) * math.sqrt(differing) + norm.ppf(0.8) * math.sqrt(differing - d**2)
    found = questions_needed(against, in_favour, 0.05, 0.8)
    assert found == pytest.approx((root / d) ** 2, rel=0.12)
    assert power(found, against, in_favour, 0.05) >= 0.8
    assert power(found - 1, against, in_favour, 0.05) < 0.8


def test_what_differs_in_nothing_is_never_found() -> None:
    assert power(1_000, 0.0, 0.0, 0.05) == 0.0
    with pytest.raises(ValueError, match="not worse"):
        questions_needed(0.05, 0.05, 0.05, 0.8)
