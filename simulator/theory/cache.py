"""How often does a cache know the answer? Hit ratios for independent requests at constant rates.

Sources: Che, Tung and Wang, Hierarchical Web Caching Systems, IEEE Journal on Selected Areas in
Communications 20, 2002; Fricker, Robert and Roberts, A Versatile and Accurate Approximation for LRU Cache
Performance, 2012; King, Analysis of Demand Paging Algorithms, Information Processing, 1971.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_MAX_EXACT_ITEMS = 16  # the exact ratio looks at every subset


def zipf_shares(n_items: int, exponent: float) -> Floats:
    """Shares of requests by rank, float64[item]: proportional to 1 / rank^exponent, summing to 1."""
    weights = np.arange(1, n_items + 1, dtype=np.float64) ** -exponent
    shares: Floats = weights / weights.sum()
    return shares


def characteristic_time_s(rates_per_s: Floats, capacity: int) -> float:
    """Che's characteristic time T of an LRU cache, seconds: the sum of 1 - exp(-rate·T) is the capacity.

    An item is taken to leave the cache once nobody has asked for it for T. The sum is concave in T and below
    the capacity at the start, so Newton's steps only ever come nearer from below.

    Parameters
    ----------
    rates_per_s : float64[item], requests
    capacity : items kept

    Returns
    -------
    Infinite if everything that is asked for fits.
    """
    rates = rates_per_s[rates_per_s > 0.0]
    if capacity >= rates.size:
        return math.inf
    time_s = capacity / float(rates.sum())
    while True:
        missing = capacity + float(np.expm1(-rates * time_s).sum())
        step_s = missing / float((rates * np.exp(-rates * time_s)).sum())
        time_s += max(step_s, 0.0)
        if step_s <= 1e-12 * time_s:
            return time_s


def lru_hit_ratio(rates_per_s: Floats, capacity: int) -> float:
    """Share of requests that an LRU cache answers, Che's approximation.

    It is the mean of 1 - exp(-rate·T) over requests, T being the characteristic time.

    Parameters
    ----------
    rates_per_s : float64[item], requests (shares give the same ratio)
    capacity : items kept
    """
    time_s = characteristic_time_s(rates_per_s, capacity)
    rates = rates_per_s[rates_per_s > 0.0]
    return float((rates * -np.expm1(-rates * time_s)).sum() / rates.sum())


def ttl_hit_ratio(rates_per_s: Floats, ttl_s: float) -> float:
    """Share of requests that a cache without limit answers if an item expires T after it was stored.

    Poisson requests for an item at a rate r find it in r·T / (1 + r·T) of the cases: one miss, then r·T hits
    until it expires. A hit does not prolong the life of an item. The mean is over requests.

    Parameters
    ----------
    rates_per_s : float64[item], requests
    ttl_s : T, not infinite
    """
    expected_hits = rates_per_s * ttl_s
    return float((rates_per_s * expected_hits / (1.0 + expected_hits)).sum() / rates_per_s.sum())


def lru_hit_ratio_exact(shares: Floats, capacity: int) -> float:
    """Share of requests that an LRU cache answers, by King's formula; for at most 16 items.

    The cache holds i1, i2, ... in order of last use with probability p(i1) · p(i2) / (1 - p(i1)) · p(i3) /
    (1 - p(i1) - p(i2)) ...; summed over orders by growing the set one item at a time, then over sets times
    the share that they answer.

    Parameters
    ----------
    shares : float64[item], each above 0, sum 1
    capacity : items kept
    """
    n_items = shares.size
    if n_items > _MAX_EXACT_ITEMS:
        raise ValueError(f"{n_items} items have too many subsets; at most {_MAX_EXACT_ITEMS}")
    if capacity >= n_items:
        return 1.0
    held = {0: 1.0}  # probability of each set of the most recently used, by bit mask
    for _ in range(capacity):
        grown: dict[int, float] = {}
        for items, probability in held.items():
            rest = probability / (1.0 - _share_of(items, shares))
            for item in range(n_items):
                if not items >> item & 1:
                    larger = items | 1 << item
                    grown[larger] = grown.get(larger, 0.0) + rest * float(shares[item])
        held = grown
    return sum(probability * _share_of(items, shares) for items, probability in held.items())


def _share_of(items: int, shares: Floats) -> float:
    return float(sum(share for item, share in enumerate(shares) if items >> item & 1))
