"""Which target and region serve an attempt: one function per strategy, and the dispatch at the foot."""

import math

import numpy as np

from simulator.mechanisms.limits import has_quota, is_limited, refill
from simulator.mechanisms.routing.codes import Strategy
from simulator.numerics.draws import derive, uniform
from simulator.numerics.events import NONE
from simulator.numerics.jit import jit


@jit
def station_by_rank(by_rank, target, region, rank):
    """Station of `target` that is `rank`-th nearest to `region`; the farthest one if there are not so many."""
    station_id = by_rank[target, region, 0]
    for position in range(1, rank + 1):
        if position >= by_rank.shape[2] or by_rank[target, region, position] == NONE:
            break
        station_id = by_rank[target, region, position]
    return station_id


@jit
def is_held(held, index):
    """Whether a choice is out of question: its bit is set."""
    return (held >> index) & 1 == 1


@jit
def _shuffle(route, choices, held, key):
    u = uniform(key)
    if held != 0:
        u = _u_among_open(route, choices, held, u)
    for index in range(route.n_choices - 1):
        if u < choices[route.first_choice + index].weight_cumulative:
            return index
    return route.n_choices - 1


@jit
def _u_among_open(route, choices, held, u):
    """Where a uniform number lands when the choices that are held have no weight."""
    open_weight = 0.0
    below = 0.0
    for index in range(route.n_choices):
        weight_cumulative = choices[route.first_choice + index].weight_cumulative
        if not is_held(held, index):
            open_weight += weight_cumulative - below
        below = weight_cumulative
    left = u * open_weight
    below = 0.0
    last = 0.0
    for index in range(route.n_choices):
        weight_cumulative = choices[route.first_choice + index].weight_cumulative
        if not is_held(held, index):
            last = below
            if left < weight_cumulative - below:
                return below + left
            left -= weight_cumulative - below
        below = weight_cumulative
    return last


@jit
def _load(stations, station_id):
    station = stations[station_id]
    return station.busy + station.queued


@jit
def _least_busy(route, choices, stations, by_rank, region, rank, held):
    best = 0
    best_load = np.int64(1 << 62)
    for index in range(route.n_choices):
        target = choices[route.first_choice + index].target
        load = _load(stations, station_by_rank(by_rank, target, region, rank))
        if load < best_load and not is_held(held, index):
            best = index
            best_load = load
    return best


@jit
def _open_choice(route, held, place):
    """The `place`-th choice that is not held."""
    for index in range(route.n_choices):
        if not is_held(held, index):
            if place == 0:
                return index
            place -= 1
    return route.n_choices - 1


@jit
def _power_of_two(route, choices, stations, by_rank, region, rank, held, key):
    n_open = 0
    for index in range(route.n_choices):
        n_open += not is_held(held, index)
    first = _open_choice(route, held, int(uniform(derive(key, np.uint64(1))) * n_open))
    second = _open_choice(route, held, int(uniform(derive(key, np.uint64(2))) * n_open))
    first_station = station_by_rank(by_rank, choices[route.first_choice + first].target, region, rank)
    second_station = station_by_rank(by_rank, choices[route.first_choice + second].target, region, rank)
    if _load(stations, second_station) < _load(stations, first_station):
        return second
    return first


@jit
def used_share(station, now_s):
    """Share of the tightest allowance in use: of the buckets, the parallel limit, or the servers."""
    used = 0.0
    if is_limited(station):
        refill(station, now_s)
        if station.request_rate_per_s < math.inf:
            used = max(used, 1.0 - station.request_level / station.request_depth)
        if station.token_rate_per_s < math.inf:
            used = max(used, 1.0 - station.token_level / station.token_depth)
        used = max(used, (station.busy + station.queued) / station.parallel_limit)
    if station.servers > 0:
        used = max(used, (station.busy + station.queued) / station.servers)
    return used


@jit
def _least_used(route, choices, stations, by_rank, region, rank, held, now_s):
    best = 0
    best_share = math.inf
    for index in range(route.n_choices):
        target = choices[route.first_choice + index].target
        share = used_share(stations[station_by_rank(by_rank, target, region, rank)], now_s)
        if share < best_share and not is_held(held, index):
            best = index
            best_share = share
    return best


@jit
def _fastest(route, choices, stations, by_rank, region, rank, held):
    best = 0
    best_s = math.inf
    for index in range(route.n_choices):
        target = choices[route.first_choice + index].target
        latency_s = stations[station_by_rank(by_rank, target, region, rank)].latency_ewma_s
        if latency_s < best_s and not is_held(
            held, index
        ):  # a station without an observation is at −1 and is tried first
            best = index
            best_s = latency_s
    return best


@jit
def _cheapest(
    route, choices, stations, targets, by_rank, region, rank, held, input_tokens, output_tokens, now_s
):
    """The cheapest choice that would not answer 429 now; the cheapest of all when every one would."""
    best = NONE
    best_usd = math.inf
    fallback = 0
    fallback_usd = math.inf
    for index in range(route.n_choices):
        if is_held(held, index):
            continue
        target_id = choices[route.first_choice + index].target
        target = targets[target_id]
        usd = input_tokens * target.input_usd + output_tokens * target.output_usd
        station = stations[station_by_rank(by_rank, target_id, region, rank)]
        refill(station, now_s)
        in_flight = station.busy + station.queued
        if usd < best_usd and has_quota(station, in_flight, input_tokens + output_tokens):
            best = index
            best_usd = usd
        if usd < fallback_usd:
            fallback = index
            fallback_usd = usd
    return fallback if best == NONE else best


@jit
def _tier_from(route, held, tier):
    """First model of a cascade, from `tier` on, that is not held."""
    while tier < route.n_choices - 1 and is_held(held, tier):
        tier += 1
    return tier


@jit
def choose(
    route,
    choices,
    stations,
    targets,
    by_rank,
    region,
    rank,
    held,
    class_id,
    tier,
    input_tokens,
    output_tokens,
    now_s,
    key,
):
    """Which choice of a route's first level serves the next attempt, or NONE if all that could are held.

    Parameters
    ----------
    rank : how many nearer regions are passed over
    held : choices that are out of question, a bit each
    """
    strategy = route.strategy
    if strategy == Strategy.COMPLEXITY:
        index = class_id
    elif strategy == Strategy.CASCADE:
        index = _tier_from(route, held, tier)
    elif route.n_choices == 1:
        index = 0
    elif strategy == Strategy.SIMPLE_SHUFFLE:
        index = _shuffle(route, choices, held, key)
    elif strategy == Strategy.LEAST_BUSY:
        index = _least_busy(route, choices, stations, by_rank, region, rank, held)
    elif strategy == Strategy.POWER_OF_TWO:
        index = _power_of_two(route, choices, stations, by_rank, region, rank, held, key)
    elif strategy == Strategy.USAGE_BASED:
        index = _least_used(route, choices, stations, by_rank, region, rank, held, now_s)
    elif strategy == Strategy.LATENCY_BASED:
        index = _fastest(route, choices, stations, by_rank, region, rank, held)
    else:
        index = _cheapest(
            route, choices, stations, targets, by_rank, region, rank, held, input_tokens, output_tokens, now_s
        )
    return NONE if is_held(held, index) else index
