"""What a route does to protect itself and what it calls, around each of its tries.

Before a try: is anything sent there at all? When it is sent: until when must it end, when is a second one made? When it
has ended: what is learned from it. How breakers, budgets and limits work is in `mechanisms/routes`.
"""

import math

from simulator.kernel.codes import Event
from simulator.kernel.world import (
    allowance_at,
    events_at,
    guard_at,
    guards_of,
    latencies_of,
    one_way_s_of,
    policy_at,
    request_at,
    route_at,
    slices_of,
    target_at,
    workload_at,
)
from simulator.mechanisms.codes import Result
from simulator.mechanisms.routes.kernel.guards import is_held, learn, send
from simulator.mechanisms.routes.kernel.hedges import learn_latency_of_hedged, wait_before_hedge
from simulator.numerics.events import INSTANT_S, NONE, next_key, push
from simulator.numerics.jit import jit, shared


@jit
def allowance_of(world, policy_id, region):
    """What the callers of a region may still spend on retries and second tries."""
    return allowance_at(world, policy_at(world, policy_id).first_allowance + region)


@jit
def _guard_of(world, policy, region, station):
    """Number of what the callers of a region know of a station; NONE: the policy does not ask."""
    if policy.first_guard == NONE:
        return NONE
    return policy.first_guard + region * world.n_stations + station


@jit
def holds_back(world, policy, region, station):
    """Whether nothing is sent from a region to a station now."""
    guard_id = _guard_of(world, policy, region, station)
    return guard_id != NONE and is_held(policy, guard_at(world, guard_id), events_at(world, 0).now_s)


@jit
def note_sent(world, request, policy_id):
    """The callers' books open for a try: at its station, and until when it must have ended."""
    policy = policy_at(world, policy_id)
    request.policy = policy_id
    request.guard = _guard_of(world, policy, request.region, request.station)
    if request.guard != NONE:
        send(guard_at(world, request.guard))


@shared
def protect_attempt(world, slot, route):
    """Note that a try is sent, and when a second one is to be made."""
    request = request_at(world, slot)
    policy = policy_at(world, route.policy)
    note_sent(world, request, route.policy)
    now_s = events_at(world, 0).now_s
    if policy.propagates_deadline == 1:
        must_end_s = min(request.deadline_s, now_s + route.per_try_s)
        if request.turn_key != 0:
            user_s = request.turn_start_s + workload_at(world, request.workload).timeout_s
            must_end_s = min(must_end_s, user_s)
        request.must_end_s = must_end_s
    if policy.hedge_share > 0 and request.level == 0:
        request.earlier_wait_s = request.queue_wait_s
        wait_s = wait_before_hedge(policy, allowance_of(world, route.policy, request.region))
        if wait_s < math.inf:
            request.hedge_key = next_key(events_at(world, 0), slot, Event.HEDGE)
            push(events_at(world, 0), NONE, wait_s, request.hedge_key)


@jit
def is_hopeless(world, request):
    """Whether a try would probably be over too late if its service began now."""
    if request.must_end_s == math.inf:
        return False
    target = target_at(world, request.target)
    way_back_s = one_way_s_of(world)[request.region, request.station]
    service_s = target.mean_s + max(0, request.output_tokens - 1) * target.mean_tpot_s
    return events_at(world, 0).now_s + service_s + way_back_s > request.must_end_s + INSTANT_S


@shared
def note_ended(world, request):
    """Learn from a try that has ended, and close the callers' books for it."""
    policy = policy_at(world, request.policy)
    now_s = events_at(world, 0).now_s
    request.hedge_key = 0
    request.must_end_s = math.inf
    if request.guard != NONE:
        first_guard = policy.first_guard + request.region * world.n_stations
        learn(
            policy,
            guards_of(world),
            slices_of(world),
            request.guard,
            first_guard,
            world.n_stations,
            route_at(world, request.route).n_choices,
            request.result,
            request.attempt_start_s,
            now_s,
        )
    if policy.hedge_level > 0.0 and request.level == 0 and request.result == Result.OK:
        allowance_id = policy.first_allowance + request.region
        learn_latency_of_hedged(
            policy,
            allowance_at(world, allowance_id),
            latencies_of(world)[allowance_id],
            now_s - request.attempt_start_s,
        )
    request.policy = NONE
    request.guard = NONE
