"""The Pareto front against its definition, by brute force."""

import numpy as np
import pytest

from simulator.theory.pareto import pareto_front


def _beats(one: np.ndarray, other: np.ndarray) -> bool:
    return bool((one <= other).all() and (one < other).any())


@pytest.mark.parametrize("n_goals", [1, 2, 3])
def test_the_front_is_what_nobody_beats(n_goals: int) -> None:
    costs = np.random.default_rng(n_goals).integers(0, 6, size=(80, n_goals)).astype(float)
    expected = [not any(_beats(other, own) for other in costs) for own in costs]
    assert pareto_front(costs).tolist() == expected


def test_a_point_without_a_value_is_not_on_the_front() -> None:
    costs = [[1.0, np.nan], [2.0, 2.0], [3.0, 3.0]]
    assert pareto_front(costs).tolist() == [False, True, False]
