"""Tests on paired differences: against scipy, and what Holm's adjustment is known to give."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from simulator.theory.comparison import holm, p_above, p_below, p_equivalent

VALUES = [0.3, -0.1, 0.8, 0.4, 0.2]


@pytest.mark.parametrize("limit", [-0.5, 0.0, 0.3, 2.0])
def test_one_sided_chances_agree_with_scipy(limit: float) -> None:
    assert p_above(VALUES, limit) == pytest.approx(ttest_1samp(VALUES, limit, alternative="greater").pvalue)
    assert p_below(VALUES, limit) == pytest.approx(ttest_1samp(VALUES, limit, alternative="less").pvalue)


def test_values_without_spread_leave_no_doubt() -> None:
    assert (p_above([1.0, 1.0]), p_above([0.0, 0.0]), p_above([-1.0, -1.0])) == (0.0, 1.0, 1.0)
    assert (p_below([-1.0, -1.0]), p_below([0.0, 0.0])) == (0.0, 1.0)


def test_one_value_says_nothing() -> None:
    assert p_above([5.0]) == p_below([-5.0]) == p_above([]) == 1.0


def test_equivalence_is_the_larger_of_two_tests() -> None:
    differences = np.array([0.01, -0.02, 0.015, 0.0, -0.01])
    near = p_equivalent((differences + 0.05).tolist(), (differences - 0.05).tolist())
    assert near == max(p_above((differences + 0.05).tolist()), p_below((differences - 0.05).tolist())) < 0.01
    assert p_equivalent((differences + 0.01).tolist(), (differences - 0.01).tolist()) > 0.05


def test_holm_as_worked_out_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=12))
def test_holm_never_lowers_a_chance_and_keeps_their_order(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(low <= high <= 1.0 for low, high in zip(p_values, adjusted, strict=True))
    order = np.argsort(p_values, kind="stable")
    assert all(np.diff(np.array(adjusted)[order]) >= 0.0)
    assert min(adjusted) == pytest.approx(min(1.0, len(p_values) * min(p_values)))  # as Bonferroni's
