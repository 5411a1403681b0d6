"""Zipf's law, and the guide that makes a search by cumulated share start where it nearly ends."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.mechanisms.popularity import popularity_table
from simulator.mechanisms.traffic import kernel
from simulator.numerics.draws import derive, uniform
from tests.unit.interpreted import interpreted

exponents = st.sampled_from([0.0, 0.5, 0.9, 1.0, 1.7, 5.0])
sizes = st.integers(1, 400)


@given(exponents, sizes)
def test_shares_fall_as_a_power_of_the_rank_and_make_up_everything(exponent: float, n_items: int) -> None:
    table = popularity_table(exponent, n_items)
    ranks = np.arange(1, n_items + 1)
    assert table.shares.sum() == pytest.approx(1.0, rel=1e-12)
    assert table.shares * ranks**exponent == pytest.approx(np.full(n_items, table.shares[0]), rel=1e-9)
    assert table.cumulative == pytest.approx(np.cumsum(table.shares), rel=1e-15)


@given(exponents, sizes, st.integers(0, 2**64 - 1), st.integers(0, 9))
def test_a_drawn_question_is_where_the_cumulated_shares_pass_the_draw(
    exponent: float, n_items: int, number: int, first: int
) -> None:
    """The guide holds numbers within a workload; rows of the workloads before it are passed over."""
    table = popularity_table(exponent, n_items)
    cumulative = np.concatenate([np.zeros(first), table.cumulative])
    guide = np.concatenate([np.zeros(first, dtype=np.int64), table.guide])
    key = np.uint64(derive(np.uint64(number), np.uint64(0)))
    found = interpreted(kernel.draw_item)(cumulative, guide, first, n_items, key)
    expected = np.searchsorted(table.cumulative, uniform(key), side="right")
    assert found == min(expected, n_items - 1)


@given(exponents, sizes, st.floats(0.0, 1.0, exclude_max=True))
def test_the_guide_never_starts_too_late(exponent: float, n_items: int, u: float) -> None:
    table = popularity_table(exponent, n_items)
    assert table.guide[int(u * n_items)] <= np.searchsorted(table.cumulative, u, side="right")


def test_tables_are_shared_and_cannot_be_changed() -> None:
    table = popularity_table(0.9, 50)
    assert popularity_table(0.9, 50) is table
    for array in table:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
