"""Which station of a target serves an attempt: by rank of nearness, and by each policy; health as a user sees it."""

import math

from simulator.mechanisms.limits import used_share
from simulator.mechanisms.regions.codes import N_CHANGES, Policy
from simulator.numerics.draws import uniform
from simulator.numerics.events import NONE
from simulator.numerics.jit import jit, shared

_EQUAL = 1e-9  # difference of used shares that is none: the share of what is unlimited, or rounding


@jit
def station_by_rank(by_rank, target, region, rank):
    """Station of `target` that is `rank`-th nearest to `region`; the farthest one if there are not so many.

    NONE where the target has no station that users of the region may be sent to.
    """
    station_id = by_rank[target, region, 0]
    for position in range(1, rank + 1):
        if position >= by_rank.shape[2] or by_rank[target, region, position] == NONE:
            break
        station_id = by_rank[target, region, position]
    return station_id


@jit
def is_seen_up(seen_up, change_s, row, now_s, ttl_s, user_key):
    """Whether a user sees a station or region as up: as the name service had it a share of `ttl` ago."""
    is_up = seen_up[row]
    if change_s[row, 0] <= now_s - ttl_s:
        return is_up == 1
    known_s = now_s - ttl_s * uniform(user_key)
    for place in range(N_CHANGES):
        if change_s[row, place] <= known_s:
            break
        is_up = 1 - is_up
    return is_up == 1


@jit
def _up_ranks(nearest, network, seen_up, change_s, now_s, user_key):
    """Bits of the ranks in `nearest` that the user sees as up; of all when none is, or nobody checks."""
    everyone = 0
    up = 0
    for rank in range(nearest.size):
        if nearest[rank] == NONE:
            break
        everyone |= 1 << rank
        if network.checks_health == 1 and is_seen_up(
            seen_up, change_s, nearest[rank], now_s, network.ttl_s, user_key
        ):
            up |= 1 << rank
    return everyone if up == 0 else up


@jit
def _first(ranks):
    rank = 0
    while (ranks >> rank) & 1 == 0:
        rank += 1
    return rank


@jit
def _passing_over(ranks, n_passed_over):
    """Ranks without the nearest ones; the farthest stays."""
    for _ in range(n_passed_over):
        rest = ranks & (ranks - 1)
        if rest == 0:
            break
        ranks = rest
    return ranks


@jit
def _by_weight(nearest, ranks, stations, weights, key):
    """Drawn by the weights of the regions; the nearest if none of them has any."""
    total = 0.0
    for rank in range(nearest.size):
        if (ranks >> rank) & 1 == 1:
            total += weights[stations[nearest[rank]].region]
    left = uniform(key) * total
    chosen = NONE
    for rank in range(nearest.size):
        if (ranks >> rank) & 1 == 1:
            weight = weights[stations[nearest[rank]].region]
            if chosen == NONE or weight > 0.0:
                chosen = rank
            if left < weight:
                break
            left -= weight
    return nearest[chosen]


@jit
def _by_use(nearest, ranks, stations, limits, limit, now_s):
    """The nearest whose used share is below `limit`; the least used if none is, of equals the nearest."""
    chosen = NONE
    least = math.inf
    for rank in range(nearest.size):
        if (ranks >> rank) & 1 == 1:
            share = used_share(stations[nearest[rank]], limits, now_s)
            if share < limit:
                return nearest[rank]
            if chosen == NONE or share < least - _EQUAL:
                chosen = rank
                least = share
    return nearest[chosen]


@shared
def station_by_policy(
    rule,
    weights,
    network,
    stations,
    limits,
    seen_up,
    change_s,
    nearest,
    n_passed_over,
    now_s,
    key,
    user_key,
):
    """Station that a policy picks among `nearest`, int64[rank], NONE beyond the last; NONE if there is none.

    Parameters
    ----------
    rule : REGION_RULE of the route
    weights : float64[region], of the route
    n_passed_over : how many nearer ones an attempt passes over after failed tries
    key : of the draw by weight
    user_key : of the user's place in the time to live of the name service's answers
    """
    if nearest[0] == NONE:
        return NONE
    ranks = _up_ranks(nearest, network, seen_up, change_s, now_s, user_key)
    ranks = _passing_over(ranks, n_passed_over)
    if rule.policy == Policy.WEIGHTED:
        return _by_weight(nearest, ranks, stations, weights, key)
    if rule.policy == Policy.LEAST_LOADED:
        return _by_use(nearest, ranks, stations, limits, -math.inf, now_s)
    if rule.policy == Policy.SPILL_OVER:
        return _by_use(nearest, ranks, stations, limits, rule.spill_over_at, now_s)
    return nearest[_first(ranks)]
