"""Which target serves an attempt: one function per strategy, and the dispatch at the foot.

A strategy chooses among `candidates`: for each choice of the route the station that would serve the attempt, NONE where
the user's data may not go.
"""

import math

import numpy as np

from simulator.mechanisms.limits import has_quota, refill, used_share
from simulator.mechanisms.routing.codes import Strategy
from simulator.numerics.draws import derive, uniform
from simulator.numerics.events import NONE
from simulator.numerics.jit import jit


@jit
def _by_weight(route, choices, key):
    u = uniform(key)
    for index in range(route.n_choices - 1):
        if u < choices[route.first_choice + index].weight_cumulative:
            return index
    return route.n_choices - 1


@jit
def _shuffle(route, choices, candidates, key):
    """By weight; a choice that is closed is drawn anew among the open ones, which keeps their weights' ratios."""
    index = _by_weight(route, choices, key)
    if candidates[index] != NONE:
        return index
    total = 0.0
    for place in range(route.n_choices):
        if candidates[place] != NONE:
            total += _weight(route, choices, place)
    left = uniform(derive(key, np.uint64(1))) * total
    for place in range(route.n_choices):
        if candidates[place] != NONE:
            index = place
            left -= _weight(route, choices, place)
            if left < 0.0:
                break
    return index


@jit
def _weight(route, choices, index):
    before = choices[route.first_choice + index - 1].weight_cumulative if index > 0 else 0.0
    return choices[route.first_choice + index].weight_cumulative - before


@jit
def _load(stations, station_id):
    station = stations[station_id]
    return station.busy + station.queued


@jit
def _least_busy(route, candidates, stations):
    best = 0
    best_load = np.int64(1 << 62)
    for index in range(route.n_choices):
        if candidates[index] != NONE:
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
        if candidates[index] != NONE:
            if number == 0:
                return index
            number -= 1
    return 0


@jit
def _power_of_two(route, candidates, stations, key):
    n_open = 0
    for index in range(route.n_choices):
        n_open += candidates[index] != NONE
    if n_open == 0:
        return 0
    u = uniform(derive(key, np.uint64(1)))
    first = _open_choice(candidates, route.n_choices, n_open, int(u * n_open))
    u = uniform(derive(key, np.uint64(2)))
    second = _open_choice(candidates, route.n_choices, n_open, int(u * n_open))
    if _load(stations, candidates[second]) < _load(stations, candidates[first]):
        return second
    return first


@jit
def _least_used(route, candidates, stations, now_s):
    best = 0
    best_share = math.inf
    for index in range(route.n_choices):
        if candidates[index] != NONE:
            share = used_share(stations[candidates[index]], now_s)
            if share < best_share:
                best = index
                best_share = share
    return best


@jit
def _fastest(route, candidates, stations):
    best = 0
    best_s = math.inf
    for index in range(route.n_choices):
        if candidates[index] != NONE:
            latency_s = stations[candidates[index]].latency_ewma_s
            if latency_s < best_s:  # a station without an observation is at −1 and is tried first
                best = index
                best_s = latency_s
    return best


@jit
def _cheapest(route, choices, candidates, stations, targets, input_tokens, output_tokens, now_s):
    """The cheapest choice that would not answer 429 now; the cheapest of all when every one would."""
    best = NONE
    best_usd = math.inf
    fallback = 0
    fallback_usd = math.inf
    for index in range(route.n_choices):
        if candidates[index] == NONE:
            continue
        target = targets[choices[route.first_choice + index].target]
        usd = input_tokens * target.input_usd + output_tokens * target.output_usd
        station = stations[candidates[index]]
        refill(station, now_s)
        if usd < best_usd and has_quota(station, input_tokens + output_tokens):
            best = index
            best_usd = usd
        if usd < fallback_usd:
            fallback = index
            fallback_usd = usd
    return fallback if best == NONE else best


@jit
def fixed_choice(route, class_id, tier):
    """Choice of a route that does not look around: by class, by tier, or its only one; NONE: it does."""
    if route.strategy == Strategy.COMPLEXITY:
        return class_id
    if route.strategy == Strategy.CASCADE:
        return tier
    return 0 if route.n_choices == 1 else NONE


@jit
def choose(route, choices, candidates, stations, targets, input_tokens, output_tokens, now_s, key):
    """Choice at the first level of a route that looks around; a closed one only if all are.

    Parameters
    ----------
    candidates : station of each choice, NONE: closed
    """
    strategy = route.strategy
    if strategy == Strategy.SIMPLE_SHUFFLE:
        return _shuffle(route, choices, candidates, key)
    if strategy == Strategy.LEAST_BUSY:
        return _least_busy(route, candidates, stations)
    if strategy == Strategy.POWER_OF_TWO:
        return _power_of_two(route, candidates, stations, key)
    if strategy == Strategy.USAGE_BASED:
        return _least_used(route, candidates, stations, now_s)
    if strategy == Strategy.LATENCY_BASED:
        return _fastest(route, candidates, stations)
    return _cheapest(route, choices, candidates, stations, targets, input_tokens, output_tokens, now_s)
