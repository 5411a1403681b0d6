"""Hit ratios against closed forms, a chain of all orders, and the approximation against the exact ratio."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from simulator.theory.cache import (
    characteristic_time_s,
    lru_hit_ratio,
    lru_hit_ratio_exact,
    ttl_hit_ratio,
    zipf_shares,
)

RATES = st.lists(st.floats(0.01, 10.0), min_size=2, max_size=12).map(np.array)


def test_zipf_shares_are_over_harmonic_numbers() -> None:
    # H(10) = 7381/2520 (Graham, Knuth and Patashnik, Concrete Mathematics, section 6.3).
    assert zipf_shares(10, 1.0)[0] == pytest.approx(2520 / 7381)
    assert zipf_shares(4, 0.0) == pytest.approx(np.full(4, 0.25))
    assert zipf_shares(1_000, 0.8).sum() == pytest.approx(1.0)


@given(st.integers(2, 500), st.data())
def test_equal_items_hit_in_proportion_to_room(n_items: int, data: st.DataObject) -> None:
    capacity = data.draw(st.integers(1, n_items - 1))
    rates = np.full(n_items, 0.5)
    # All equal: 1 - exp(-rate·T) = capacity / items.
    expected_s = -2.0 * math.log1p(-capacity / n_items)
    assert characteristic_time_s(rates, capacity) == pytest.approx(expected_s, rel=1e-9)
    assert lru_hit_ratio(rates, capacity) == pytest.approx(capacity / n_items, rel=1e-9)


@given(RATES, st.integers(1, 12))
def test_the_characteristic_time_fills_the_cache(rates: NDArray[np.float64], capacity: int) -> None:
    time_s = characteristic_time_s(rates, capacity)
    filled = float(-np.expm1(-rates * time_s).sum())
    assert filled == pytest.approx(min(capacity, rates.size), rel=1e-9)


def test_a_large_catalog_is_solved() -> None:
    shares = zipf_shares(200_000, 1.2)
    for capacity in (1, 1_000, 199_990):
        time_s = characteristic_time_s(shares, capacity)
        assert -np.expm1(-shares * time_s).sum() == pytest.approx(capacity, rel=1e-9)


def test_everything_fits_or_nothing_does() -> None:
    rates = np.array([1.0, 2.0, 0.0])
    assert characteristic_time_s(rates, 2) == math.inf
    assert lru_hit_ratio(rates, 2) == lru_hit_ratio_exact(rates[:2] / 3.0, 2) == 1.0
    assert lru_hit_ratio(rates, 0) == lru_hit_ratio_exact(rates[:2] / 3.0, 0) == 0.0


@pytest.mark.parametrize("capacity", [1, 2, 3])
@pytest.mark.parametrize("exponent", [0.0, 0.8, 2.0])
def test_kings_formula_is_the_chain_of_all_orders(capacity: int, exponent: float) -> None:
    shares = zipf_shares(4, exponent)
    orders = list(permutations(range(4)))
    chain = np.zeros((len(orders), len(orders)))
    for before, order in enumerate(orders):
        for item, share in enumerate(shares):
            after = (item, *(other for other in order if other != item))
            chain[before, orders.index(after)] += share
    equations = np.vstack([chain.T - np.eye(len(orders)), np.ones(len(orders))])
    stationary = np.linalg.lstsq(equations, np.append(np.zeros(len(orders)), 1.0), rcond=None)[0]
    hits = [shares[list(order[:capacity])].sum() for order in orders]
    assert lru_hit_ratio_exact(shares, capacity) == pytest.approx(float(stationary @ hits), abs=1e-12)


@given(st.lists(st.floats(0.05, 1.0), min_size=2, max_size=8))
def test_room_for_one_hits_on_repetition(weights: list[float]) -> None:
    shares = np.array(weights) / sum(weights)
    assert lru_hit_ratio_exact(shares, 1) == pytest.approx(float((shares**2).sum()))


def test_che_is_near_the_exact_ratio_and_nearer_with_more_items() -> None:
    errors = []
    for n_items in (4, 8, 16):
        shares = zipf_shares(n_items, 0.8)
        errors.append(abs(lru_hit_ratio(shares, n_items // 4) - lru_hit_ratio_exact(shares, n_items // 4)))
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 0.004


def test_an_item_kept_for_its_mean_gap_hits_half_of_the_time() -> None:
    assert ttl_hit_ratio(np.array([0.2]), 5.0) == pytest.approx(0.5)
    assert ttl_hit_ratio(np.array([1.0, 3.0]), 1.0) == pytest.approx((1 * 1 / 2 + 3 * 3 / 4) / 4)
    assert ttl_hit_ratio(np.array([1.0]), 0.0) == 0.0


def test_a_cache_that_forgets_by_age_hits_that_often() -> None:
    # 20 independent runs of 20,000 requests, fixed seed; |t| > 4 with 19 degrees of freedom: 8 in 10,000.
    rng = np.random.default_rng(11)
    shares = [_hit_share_by_age(np.cumsum(rng.exponential(0.5, 20_000)).tolist(), 1.2) for _ in range(20)]
    standard_error = np.std(shares, ddof=1) / math.sqrt(20)
    assert abs(np.mean(shares) - ttl_hit_ratio(np.array([2.0]), 1.2)) <= 4.0 * standard_error


def _hit_share_by_age(times_s: list[float], ttl_s: float) -> float:
    expires_s, n_hits = -math.inf, 0
    for time_s in times_s:
        if time_s < expires_s:
            n_hits += 1
        else:
            expires_s = time_s + ttl_s
    return n_hits / len(times_s)


def test_too_many_items_for_the_exact_ratio_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 16"):
        lru_hit_ratio_exact(zipf_shares(17, 1.0), 2)
