"""Which target serves an attempt: one function per strategy, and the dispatch at the foot.

A strategy chooses among `candidates`: for each choice of the route the station that would serve the attempt. A negative
one is closed: NONE where the user's data may not go, HELD where nothing is sent now.
"""

import math

import numpy as np

from simulator.mechanisms.counted_limits import lets_in
from simulator.mechanisms.limits import has_quota, refill, used_share
from simulator.mechanisms.routes.codes import Strategy
from simulator.numerics.draws import derive, uniform
from simulator.numerics.events import NONE
from simulator.numerics.jit import jit

HELD = -2  # in place of a candidate: nothing is sent there now


@jit
def is_open(candidates, index):
    """Whether a choice has a station to which something may be sent now."""
    return candidates[index] >= 0


@jit
def count_open(candidates, n_choices):
    """How many choices are open."""
    n_open = 0
    for index in range(n_choices):
        n_open += is_open(candidates, index)
    return n_open


@jit
def _shuffle(route, choices, candidates, n_open, key):
    u = uniform(key)
    if n_open < route.n_choices:
        u = _u_among_open(route, choices, candidates, u)
    for index in range(route.n_choices - 1):
        if u < choices[route.first_choice + index].weight_cumulative:
            return index
    return route.n_choices - 1


@jit
def _u_among_open(route, choices, candidates, u):
    """Where a uniform number lands when the choices that are closed have no weight."""
    open_weight = 0.0
    below = 0.0
    for index in range(route.n_choices):
        weight_cumulative = choices[route.first_choice + index].weight_cumulative
        if is_open(candidates, index):
            open_weight += weight_cumulative - below
        below = weight_cumulative
    left = u * open_weight
    below = 0.0
    last = 0.0
    for index in range(route.n_choices):
        weight_cumulative = choices[route.first_choice + index].weight_cumulative
        if is_open(candidates, index):
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
def _least_busy(route, candidates, stations):
    best = 0
    best_load = np.int64(1 << 62)
    for index in range(route.n_choices):
        if is_open(candidates, index):
            load = _load(stations, candidates[index])
            if load < best_load:
                best = index
                best_load = load
    return best


@jit
def _open_choice(candidates, n_choices, n_open, number):
    """Index of an open choice by its number among them."""
    if n_open == n_choices:
        return number
    for index in range(n_choices):
        if is_open(candidates, index):
            if number == 0:
                return index
            number -= 1
    return 0


@jit
def _power_of_two(route, candidates, stations, n_open, key):
    u = uniform(derive(key, np.uint64(1)))
    first = _open_choice(candidates, route.n_choices, n_open, int(u * n_open))
    u = uniform(derive(key, np.uint64(2)))
    second = _open_choice(candidates, route.n_choices, n_open, int(u * n_open))
    if _load(stations, candidates[second]) < _load(stations, candidates[first]):
        return second
    return first


@jit
def _least_used(route, candidates, stations, limits, now_s):
    best = 0
    best_share = math.inf
    for index in range(route.n_choices):
        if is_open(candidates, index):
            share = used_share(stations[candidates[index]], limits, now_s)
            if share < best_share:
                best = index
                best_share = share
    return best


@jit
def _fastest(route, candidates, stations):
    best = 0
    best_s = math.inf
    for index in range(route.n_choices):
        if is_open(candidates, index):
            latency_s = stations[candidates[index]].latency_ewma_s
            if latency_s < best_s:  # a station without an observation is at −1 and is tried first
                best = index
                best_s = latency_s
    return best


@jit
def _cheapest(
    route, choices, candidates, stations, targets, limits, drawer, input_tokens, output_tokens, max_tokens, now_s
):  # fmt: skip
    """The cheapest choice that would not answer 429 now; the cheapest of all when every one would."""
    best = NONE
    best_usd = math.inf
    fallback = 0
    fallback_usd = math.inf
    for index in range(route.n_choices):
        if not is_open(candidates, index):
            continue
        target = targets[choices[route.first_choice + index].target]
        usd = input_tokens * target.input_usd + output_tokens * target.output_usd
        station = stations[candidates[index]]
        refill(station, now_s)
        in_flight = station.busy + station.queued
        if (
            usd < best_usd
            and has_quota(station, in_flight, input_tokens + output_tokens)
            and lets_in(station, limits, drawer, input_tokens, output_tokens, max_tokens, now_s)
        ):
            best = index
            best_usd = usd
        if usd < fallback_usd:
            fallback = index
            fallback_usd = usd
    return fallback if best == NONE else best


@jit
def _tier_from(route, candidates, tier):
    """First model of a cascade, from `tier` on, that is open; the last one if none is."""
    while tier < route.n_choices - 1 and not is_open(candidates, tier):
        tier += 1
    return tier


@jit
def choose(
    route,
    choices,
    candidates,
    stations,
    targets,
    limits,
    drawer,
    class_id,
    tier,
    input_tokens,
    output_tokens,
    max_tokens,
    now_s,
    key,
):
    """Which choice of a route's first level serves the next attempt; a closed one if all that could are closed.

    Parameters
    ----------
    candidates : station of each choice, negative: closed
    drawer : number of who asks, among those who draw on shared limits
    """
    strategy = route.strategy
    if strategy == Strategy.COMPLEXITY:
        return class_id
    if strategy == Strategy.CASCADE:
        return _tier_from(route, candidates, tier)
    n_open = count_open(candidates, route.n_choices)
    if route.n_choices == 1 or n_open == 0:
        return 0
    if strategy == Strategy.SIMPLE_SHUFFLE:
        return _shuffle(route, choices, candidates, n_open, key)
    if strategy == Strategy.LEAST_BUSY:
        return _least_busy(route, candidates, stations)
    if strategy == Strategy.POWER_OF_TWO:
        return _power_of_two(route, candidates, stations, n_open, key)
    if strategy == Strategy.USAGE_BASED:
        return _least_used(route, candidates, stations, limits, now_s)
    if strategy == Strategy.LATENCY_BASED:
        return _fastest(route, candidates, stations)
    return _cheapest(
        route, choices, candidates, stations, targets, limits, drawer, input_tokens, output_tokens, max_tokens, now_s
    )  # fmt: skip
