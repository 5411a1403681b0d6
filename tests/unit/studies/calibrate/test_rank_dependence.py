"""How lengths go together: closed forms, intervals that hold the truth, and a table where one number says too little."""

from math import pi, sin

import numpy as np
import pytest
from scipy.stats import spearmanr

from simulator.studies.calibrate.estimators.rank_dependence import dependence, rank_correlation


def _pairs(n: int, stated: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Whole tokens of two lognormals with a normal copula of this rank correlation."""
    generator, rho = np.random.default_rng(seed), 2.0 * sin(pi * stated / 6.0)
    one = generator.standard_normal(n)
    other = rho * one + np.sqrt(1.0 - rho**2) * generator.standard_normal(n)
    return np.round(np.exp(6.0 + one)), np.maximum(1.0, np.round(np.exp(2.5 + 0.8 * other)))


def test_it_is_spearmans_correlation() -> None:
    one, other = _pairs(500, 0.4, 1)
    assert rank_correlation(one, other).value == pytest.approx(spearmanr(one, other).statistic, abs=1e-12)


@pytest.mark.parametrize(("n", "stated"), [(80, 0.3), (400, 0.0), (400, -0.7), (2000, 0.9)])
def test_intervals_hold_the_truth(n: int, stated: float) -> None:
    hits = sum(
        found.low <= stated <= found.high
        for found in (rank_correlation(*_pairs(n, stated, seed)) for seed in range(200))
    )
    assert hits >= 180  # of 95 %: fewer once in 700 such tests


def test_one_number_where_it_explains_the_pairs_and_none_where_they_are_apart() -> None:
    found = dependence(*_pairs(5000, 0.5, 2))
    assert found is not None
    assert found.value == {"correlation": round(found.correlation.value, 3)}
    apart = dependence(*_pairs(5000, 0.0, 3))
    assert apart is not None
    assert apart.value is None


def test_a_table_where_one_number_does_not() -> None:
    """Middling prompts have long answers, all others short ones: a correlation of nothing."""
    generator = np.random.default_rng(4)
    prompts = generator.uniform(100.0, 900.0, 6000)
    answers = np.where(np.abs(prompts - 500.0) < 200.0, 500.0, 100.0) + generator.uniform(0.0, 90.0, 6000)
    found = dependence(np.round(prompts), np.round(answers))
    assert found is not None
    assert abs(found.correlation.value) < 0.05
    assert found.value is not None
    ranks = np.array(found.value["ranks"])
    assert ranks.shape == (10, 10)
    assert ranks.sum(axis=1) == pytest.approx(np.ones(10), abs=1e-3)
    assert ranks[4, 5:].sum() > 0.95
    assert ranks[0, :5].sum() > 0.95


def test_few_pairs_and_lengths_that_do_not_vary_tell_nothing() -> None:
    assert dependence(*_pairs(20, 0.5, 5)) is None
    assert dependence(np.full(100, 7.0), np.arange(100.0)) is None
