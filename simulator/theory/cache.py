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
# Expected gaps above the characteristic time within a time to live: from here on an item's age decides nothing
# (the sum over them would also cancel too much), with an error below exp(-20).
_MANY_LONG_GAPS = 20.0


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


def lru_ttl_hit_ratio(rates_per_s: Floats, capacity: int, ttl_s: float) -> float:
    """Share of requests that an LRU cache answers if an answer also expires T after it was stored.

    Che's approximation of the room: an item is dropped once nobody has asked for it for C. After a miss the
    hits of an item with Poisson requests at a rate r go on until a gap exceeds C or T is over. The mean number
    of hits per miss is H, the integral of r·Q(t) over t from 0 to T, where Q(t) is the probability that
    requests at 0 and t have no gap above C between them, by inclusion and exclusion of the gaps that are:
    Q(t) = sum over k of (-1)^k · exp(-k·r·C) · [(r·(t - k·C))^k / k! + (r·(t - k·C))^(k-1) / (k-1)!].
    The hit ratio of the item is H / (1 + H). An expired answer keeps its place until it is dropped or stored
    again, so C is that of LRU alone. The formula is our own; without a limit of room it is `ttl_hit_ratio`,
    without an age `lru_hit_ratio`, and a test holds it to a plain simulation.

    Parameters
    ----------
    rates_per_s : float64[item], requests
    capacity : items kept, expired ones included
    ttl_s : T, not infinite
    """
    room_s = characteristic_time_s(rates_per_s, capacity)
    if ttl_s <= room_s:
        return ttl_hit_ratio(rates_per_s, ttl_s)
    rates = rates_per_s[rates_per_s > 0.0]
    hits = np.array([_hits_per_miss(float(rate), room_s, ttl_s) for rate in rates])
    return float((rates * hits / (1.0 + hits)).sum() / rates.sum())


def _hits_per_miss(rate_per_s: float, room_s: float, ttl_s: float) -> float:
    """Mean hits until a gap exceeds `room_s` or `ttl_s` is over, to 1e-7; `room_s` < `ttl_s`."""
    long_gaps = rate_per_s * ttl_s * math.exp(-rate_per_s * room_s)
    if long_gaps > _MANY_LONG_GAPS:  # it ends by a gap long before its age
        return math.expm1(rate_per_s * room_s)
    hits = rate_per_s * ttl_s
    for k in range(1, math.floor(ttl_s / room_s) + 1):
        left = rate_per_s * (ttl_s - k * room_s)
        if left <= 0.0:
            break
        size = math.exp(k * (math.log(left) - rate_per_s * room_s) - math.lgamma(k + 1))
        term = size * (1.0 + left / (k + 1))
        hits += term if k % 2 == 0 else -term
        if k > _MANY_LONG_GAPS and term < 1e-12 * hits:
            break
    return hits


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
