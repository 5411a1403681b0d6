"""Where an attempt goes and how long its way is: the stations that may serve a request, jitter, health as a user sees it."""

import numpy as np

from simulator.kernel.codes import Purpose
from simulator.kernel.request import draw_key, draw_value
from simulator.kernel.world import (
    by_rank_of,
    change_s_of,
    choices_of,
    events_at,
    instruction_at,
    limits_of,
    network_at,
    one_way_lane_of,
    one_way_s_of,
    region_rule_at,
    region_weights_of,
    route_at,
    seen_up_of,
    stations_of,
)
from simulator.mechanisms.regions.codes import Policy
from simulator.mechanisms.regions.kernel import station_by_policy, station_by_rank
from simulator.mechanisms.regions.table import JITTERED
from simulator.numerics.draws import derive
from simulator.numerics.events import NONE
from simulator.numerics.jit import jit


@jit
def way_out(world, request):
    """Time that a request takes to its station, and its lane there."""
    return _way(world, request, Purpose.WAY_OUT)


@jit
def way_back(world, request):
    """Time that an answer takes from a station, and its lane, which is the one after that of the way out."""
    delay_s, lane = _way(world, request, Purpose.WAY_BACK)
    return delay_s, lane if lane == NONE else lane + 1


@jit
def _way(world, request, purpose):
    delay_s = one_way_s_of(world)[request.region, request.station]
    lane = one_way_lane_of(world)[request.region, request.station]
    if lane == JITTERED:
        delay_s += draw_value(world, network_at(world, 0).jitter, draw_key(world, request, purpose))
        lane = NONE
    return delay_s, lane


@jit
def station_of(world, request, target, n_passed_over):
    """Station of a target that serves the next attempt by the route's policy; NONE: none where the data may go."""
    route_id = instruction_at(world, request.pc).operand
    rule = region_rule_at(world, route_id)
    if rule.policy == Policy.NEAREST:
        return station_by_rank(by_rank_of(world), target, request.region, n_passed_over)
    return station_by_policy(
        rule,
        region_weights_of(world)[route_id],
        network_at(world, 0),
        stations_of(world),
        limits_of(world),
        seen_up_of(world),
        change_s_of(world),
        by_rank_of(world)[target, request.region],
        n_passed_over,
        events_at(world, 0).now_s,
        draw_key(world, request, Purpose.REGION),
        derive(request.draw_key, np.uint64(Purpose.NAME_SERVICE)),
    )


@jit
def open_tier(world, request, tier):
    """First tier of a cascade from `tier` on whose model may be asked; the number of tiers if there is none."""
    route = route_at(world, instruction_at(world, request.pc).operand)
    while tier < route.n_choices:
        target = choices_of(world)[route.first_choice + tier].target
        if by_rank_of(world)[target, request.region, 0] != NONE:
            break
        tier += 1
    return tier
