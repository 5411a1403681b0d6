"""The hit ratio of an LRU cache whose answers expire: its limits, and a plain simulation of one item."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.theory.cache import (
    characteristic_time_s,
    lru_hit_ratio,
    lru_ttl_hit_ratio,
    ttl_hit_ratio,
    zipf_shares,
)

RATES = 3.0 * zipf_shares(200, 0.8)


@pytest.mark.parametrize("share_of_room", [0.1, 0.5, 1.0])
def test_an_age_below_the_characteristic_time_makes_room_no_matter(share_of_room: float) -> None:
    ttl_s = share_of_room * characteristic_time_s(RATES, 40)
    assert lru_ttl_hit_ratio(RATES, 40, ttl_s) == ttl_hit_ratio(RATES, ttl_s)
    assert lru_ttl_hit_ratio(RATES, 200, 1e4) == ttl_hit_ratio(RATES, 1e4)


def test_an_age_beyond_all_use_does_not_matter() -> None:
    equal = np.full(50, 0.1)
    for capacity in (1, 10, 40, 49):
        assert lru_ttl_hit_ratio(equal, capacity, 1e9) == pytest.approx(lru_hit_ratio(equal, capacity))


@given(st.integers(1, 199), st.floats(1.0, 50.0), st.floats(1.0, 3.0))
def test_a_longer_life_never_hurts_and_never_beats_lru(capacity: int, factor: float, longer: float) -> None:
    ttl_s = factor * characteristic_time_s(RATES, capacity)
    short = lru_ttl_hit_ratio(RATES, capacity, ttl_s)
    long = lru_ttl_hit_ratio(RATES, capacity, longer * ttl_s)
    assert short <= long + 1e-7
    assert long <= lru_hit_ratio(RATES, capacity) + 1e-7


@pytest.mark.parametrize("life", [1.01, 1.7, 3.0, 12.0, 40.0, 120.0])
@pytest.mark.parametrize("rate_per_s", [0.2, 1.0, 3.0])
def test_one_item_hits_as_a_plain_simulation_does(rate_per_s: float, life: float) -> None:
    """An item of ten alike, half of which fit: dropped after ln 2 mean gaps of one item without a request.

    40,000 misses; |z| > 4: 6 in 100,000.
    """
    rates = np.full(10, rate_per_s)
    room_s = math.log(2.0) / rate_per_s
    assert characteristic_time_s(rates, 5) == pytest.approx(room_s)
    n_hits = _hits_per_miss(rate_per_s, room_s, life * room_s)
    ratio = lru_ttl_hit_ratio(rates, 5, life * room_s)
    z = (n_hits.mean() - ratio / (1.0 - ratio)) / (n_hits.std() / math.sqrt(n_hits.size))
    assert abs(z) <= 4.0


@pytest.mark.parametrize("life", [1.2, 4.0, 15.0, 60.0, 400.0])
def test_a_popular_item_among_others_hits_as_a_plain_simulation_does(life: float) -> None:
    """The same where most requests are for items that stay long."""
    rates = np.concatenate([np.full(4, 2.0), np.full(16, 0.25)])
    room_s = characteristic_time_s(rates, 8)
    ratios = []
    for rate in (2.0, 0.25):
        n_hits = _hits_per_miss(rate, room_s, life * room_s)
        ratios.append((n_hits.mean(), n_hits.std() / math.sqrt(n_hits.size), rate))
    share = [4 * 2.0 / 12.0, 16 * 0.25 / 12.0]
    simulated = sum(part * mean / (1.0 + mean) for part, (mean, _, _) in zip(share, ratios, strict=True))
    spread = math.hypot(
        *(part * error / (1.0 + mean) ** 2 for part, (mean, error, _) in zip(share, ratios, strict=True))
    )
    assert abs(simulated - lru_ttl_hit_ratio(rates, 8, life * room_s)) <= 4.0 * spread


def _hits_per_miss(rate_per_s: float, room_s: float, ttl_s: float) -> np.ndarray:
    """Hits after each of 40,000 misses, one request after the other."""
    rng = np.random.default_rng(5)
    age_s = np.zeros(40_000)
    n_hits = np.zeros(40_000)
    is_kept = np.ones(40_000, dtype=bool)
    while is_kept.any():
        gap_s = rng.exponential(1.0 / rate_per_s, age_s.size)
        age_s += gap_s
        is_kept &= (gap_s < room_s) & (age_s < ttl_s)
        n_hits += is_kept
    return n_hits
