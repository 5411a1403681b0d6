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
def _shuffle(route, choices, key):
    u = uniform(key)
    for index in range(route.n_choices - 1):
        if u < choices[route.first_choice + index].weight_cumulative:
            return index
    return route.n_choices - 1


@jit
def _load(stations, station_id):
    station = stations[station_id]
    return station.busy + station.queued


@jit
def _least_busy(route, choices, stations, by_rank, region, rank):
    best = 0
    best_load = np.int64(1 << 62)
    for index in range(route.n_choices):
        target = choices[route.first_choice + index].target
        load = _load(stations, station_by_rank(by_rank, target, region, rank))
        if load < best_load:
            best = index
            best_load = load
    return best


@jit
def _power_of_two(route, choices, stations, by_rank, region, rank, key):
    first = int(uniform(derive(key, np.uint64(1))) * route.n_choices)
    second = int(uniform(derive(key, np.uint64(2))) * route.n_choices)
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
def _least_used(route, choices, stations, by_rank, region, rank, now_s):
    best = 0
    best_share = math.inf
    for index in range(route.n_choices):
        target = choices[route.first_choice + index].target
        share = used_share(stations[station_by_rank(by_rank, target, region, rank)], now_s)
        if share < best_share:
            best = index
            best_share = share
    return best


@jit
def _fastest(route, choices, stations, by_rank, region, rank):
    best = 0
    best_s = math.inf
    for index in range(route.n_choices):
        target = choices[route.first_choice + index].target
        latency_s = stations[station_by_rank(by_rank, target, region, rank)].latency_ewma_s
        if latency_s < best_s:  # a station without an observation is at −1 and is tried first
            best = index
            best_s = latency_s
    return best


@jit
def _cheapest(route, choices, stations, targets, by_rank, region, rank, input_tokens, output_tokens, now_s):
    """The cheapest choice that would not answer 429 now; the cheapest of all when every one would."""
    best = NONE
    best_usd = math.inf
    fallback = 0
    fallback_usd = math.inf
    for index in range(route.n_choices):
        target_id = choices[route.first_choice + index].target
        target = targets[target_id]
        usd = input_tokens * target.input_usd + output_tokens * target.output_usd
        station = stations[station_by_rank(by_rank, target_id, region, rank)]
        refill(station, now_s)
        if usd < best_usd and has_quota(station, input_tokens + output_tokens):
            best = index
            best_usd = usd
        if usd < fallback_usd:
            fallback = index
            fallback_usd = usd
    return fallback if best == NONE else best


@jit
def choose(
    route,
    choices,
    stations,
    targets,
    by_rank,
    region,
    rank,
    class_id,
    tier,
    input_tokens,
    output_tokens,
    now_s,
    key,
):
    """Target of the next attempt at the first level of a route; `rank`: how many nearer regions are passed over."""
    strategy = route.strategy
    if strategy == Strategy.COMPLEXITY:
        index = class_id
    elif strategy == Strategy.CASCADE:
        index = tier
    elif route.n_choices == 1:
        index = 0
    elif strategy == Strategy.SIMPLE_SHUFFLE:
        index = _shuffle(route, choices, key)
    elif strategy == Strategy.LEAST_BUSY:
        index = _least_busy(route, choices, stations, by_rank, region, rank)
    elif strategy == Strategy.POWER_OF_TWO:
        index = _power_of_two(route, choices, stations, by_rank, region, rank, key)
    elif strategy == Strategy.USAGE_BASED:
        index = _least_used(route, choices, stations, by_rank, region, rank, now_s)
    elif strategy == Strategy.LATENCY_BASED:
        index = _fastest(route, choices, stations, by_rank, region, rank)
    else:
        index = _cheapest(
            route, choices, stations, targets, by_rank, region, rank, input_tokens, output_tokens, now_s
        )
    return choices[route.first_choice + index].target
