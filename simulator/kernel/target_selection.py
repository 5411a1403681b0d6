"""Which choice of a route serves the next attempt: those that are open, and the one that the route's strategy prefers."""

import numpy as np

from simulator.kernel.codes import Purpose
from simulator.kernel.protection import holds_back
from simulator.kernel.regions import station_of
from simulator.kernel.request import draw_key
from simulator.kernel.world import (
    by_rank_of,
    candidates_of,
    choices_of,
    events_at,
    instruction_at,
    limits_of,
    policy_at,
    region_rule_at,
    stations_of,
    stream_at,
    targets_of,
    workload_at,
)
from simulator.mechanisms.regions.codes import Policy
from simulator.mechanisms.regions.kernel import station_by_rank
from simulator.mechanisms.routes.codes import Strategy
from simulator.mechanisms.routes.kernel.choosing import HELD, choose, count_open
from simulator.numerics.events import NONE
from simulator.numerics.jit import jit


@jit
def _is_guarded(world, route):
    """Whether a route may hold attempts back."""
    return route.policy != NONE and policy_at(world, route.policy).first_guard != NONE


@jit
def unless_held(world, route, region, station):
    """The station, or HELD if nothing is sent there from a region now."""
    is_asked = station != NONE and _is_guarded(world, route)
    if is_asked and holds_back(world, policy_at(world, route.policy), region, station):
        return np.int64(HELD)
    return np.int64(station)


@jit
def find_candidates(world, request, route, n_passed_over):
    """Write down the station of each choice of a route, NONE or HELD where it is closed; returns how many are open."""
    choices = choices_of(world)
    candidates = candidates_of(world)
    first_choice = route.first_choice
    n_choices = route.n_choices
    region = request.region
    is_nearest = region_rule_at(world, instruction_at(world, request.pc).operand).policy == Policy.NEAREST
    if is_nearest and not _is_guarded(world, route):
        by_rank = by_rank_of(world)
        for index in range(n_choices):
            target = choices[first_choice + index].target
            candidates[index] = station_by_rank(by_rank, target, region, n_passed_over)
    else:
        for index in range(n_choices):
            target = choices[first_choice + index].target
            station = station_of(world, request, target, n_passed_over)
            candidates[index] = unless_held(world, route, region, station)
    return count_open(candidates, n_choices)


@jit
def choose_among(world, request, route):
    """Index of the candidate that serves the next attempt by the route's strategy; closed if all that could are."""
    return choose(
        route,
        choices_of(world),
        candidates_of(world),
        stations_of(world),
        targets_of(world),
        limits_of(world),
        stream_at(world, request.source).drawer,
        request.class_id,
        request.tier,
        request.sent_tokens,
        request.output_tokens,
        workload_at(world, request.workload).max_tokens,
        events_at(world, 0).now_s,
        draw_key(world, request, Purpose.CHOICE),
    )


@jit
def choose_first(world, request, route):
    """Target and station of an attempt at the first level of a route.

    Instead of a station: NONE if no region where the data may go has what could answer, HELD if nothing is sent there now.
    """
    fails_over = route.failover_after > 0 and request.tries >= route.failover_after
    n_open = find_candidates(world, request, route, 1 if fails_over else 0)
    if n_open == 0 and route.failover_after > 0 and not fails_over and _is_guarded(world, route):
        n_open = find_candidates(world, request, route, 1)
    candidates = candidates_of(world)
    index = choose_among(world, request, route)
    target = choices_of(world)[route.first_choice + index].target
    if candidates[index] >= 0:
        if route.strategy == Strategy.CASCADE:
            request.tier = index
        return target, candidates[index]
    station = candidates[index]
    if route.strategy != Strategy.COMPLEXITY:
        first = request.tier if route.strategy == Strategy.CASCADE else 0
        for place in range(first, route.n_choices):
            station = min(station, candidates[place])
    return target, station
