"""MSER-5 against a plain twin, and what must hold of any cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.theory.warmup import mser5


def plain_mser5(series: list[float]) -> int:
    """White, Cobb and Spratt (2000) word by word: least sum of squares over the squared number kept."""
    means = [sum(series[start : start + 5]) / 5 for start in range(0, len(series) - 4, 5)]
    best, best_score = 0, float("inf")
    for cut in range(len(means) // 2 + 1 if len(means) > 1 else 0):
        kept = means[cut:]
        center = sum(kept) / len(kept)
        score = sum((mean - center) ** 2 for mean in kept) / len(kept) ** 2
        if score < best_score:
            best, best_score = cut, score
    return 5 * best


@given(st.lists(st.integers(-1000, 1000), max_size=120), st.integers(0, 2**32 - 1))
def test_the_cut_is_that_of_the_definition(values: list[int], seed: int) -> None:
    # Noise breaks ties, which the two may round differently.
    series = np.array(values, dtype=np.float64) + np.random.default_rng(seed).random(len(values))
    assert mser5(series) == plain_mser5(series.tolist())


@given(st.lists(st.floats(-1e6, 1e6), max_size=200))
def test_a_cut_is_whole_batches_and_at_most_half(values: list[float]) -> None:
    cut = mser5(np.array(values, dtype=np.float64))
    assert cut % 5 == 0
    assert 0 <= cut <= len(values) / 2


@pytest.mark.parametrize("n_transient", [0, 20, 60])
def test_a_step_is_cut_where_it_ends(n_transient: int) -> None:
    series = np.tile([1.0, 1.1, 0.9, 1.05, 0.95], 40)
    series[:n_transient] = 0.0
    assert mser5(series) == n_transient


def test_the_mean_over_replications_shows_what_one_run_hides() -> None:
    rise = 1.0 - np.exp(-np.arange(300) / 15.0)
    rng = np.random.default_rng(7)
    runs = rise + rng.normal(0.0, 0.5, (400, 300))
    # After five time constants less than 1 % of the transient is left.
    assert 15 <= mser5(runs.mean(axis=0)) <= 75
