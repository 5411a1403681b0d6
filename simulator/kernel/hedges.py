"""A pair of tries: a second one beside a slow first one (a hedge). The first answer counts, the other try is cut off.

The second try has a slot of its own, a copy of the action's, whose `pair` leads back; it is no action and is gone with
its try. The action's own slot stays where it is: what the second try brings is moved into it.
"""

import numpy as np

from simulator.kernel.attempts import begin_attempt, interrupt, learn_latency, settle
from simulator.kernel.codes import Event, Mark, Next, Phase, Purpose
from simulator.kernel.observe import count
from simulator.kernel.protection import allowance_of, note_sent
from simulator.kernel.regions import station_of, way_out
from simulator.kernel.request import lose_on_the_way, schedule
from simulator.kernel.slots import copy_slot, free_slot
from simulator.kernel.target_selection import choose_among, find_candidates, unless_held
from simulator.kernel.world import (
    candidates_of,
    choices_of,
    instruction_at,
    request_at,
    route_at,
)
from simulator.mechanisms.codes import Result
from simulator.mechanisms.routes.codes import Strategy
from simulator.mechanisms.routes.kernel.choosing import HELD, count_open
from simulator.mechanisms.routes.kernel.hedges import take_hedge
from simulator.metrics.columns import CountColumn
from simulator.numerics.events import NONE
from simulator.numerics.jit import jit, shared

SECOND_ATTEMPT = 2048  # added to the number of a try, so that the second has luck of its own


@jit
def _other_choice(world, request, route):
    """Another choice of the route for the second try, or NONE; its station is among the candidates."""
    if route.strategy == Strategy.CASCADE or route.strategy == Strategy.COMPLEXITY:
        return NONE
    find_candidates(world, request, route, 0)
    candidates = candidates_of(world)
    for index in range(route.n_choices):
        if choices_of(world)[route.first_choice + index].target == request.target:
            candidates[index] = HELD
    if count_open(candidates, route.n_choices) == 0:
        return NONE
    return choose_among(world, request, route)


@jit
def _second_station(world, request, route):
    """Where the second try goes, (target, station): another choice, else the same target in the next nearest region."""
    index = _other_choice(world, request, route)
    if index != NONE:
        return choices_of(world)[route.first_choice + index].target, candidates_of(world)[index]
    for n_passed_over in range(2):
        station = station_of(world, request, request.target, n_passed_over)
        station = unless_held(world, route, request.region, station)
        if station >= 0 and station != request.station:
            return np.int64(request.target), station
    return np.int64(NONE), np.int64(NONE)


@shared
def make_second_try(world, slot):
    """The first try takes long: make a second one elsewhere, if there is a place and the budget allows it."""
    request = request_at(world, slot)
    request.hedge_key = 0
    route = route_at(world, instruction_at(world, request.pc).operand)
    target, station = _second_station(world, request, route)
    if target == NONE or not take_hedge(allowance_of(world, route.policy, request.region)):
        return Next.WAIT
    count(world, request.stream, CountColumn.HEDGES)
    second_slot = copy_slot(world, slot, Mark.SECOND)
    request.pair = second_slot
    request.n_attempts += 1
    second = request_at(world, second_slot)
    second.pair = slot
    second.attempt += SECOND_ATTEMPT
    second.queue_wait_s = request.earlier_wait_s
    second.target = target
    second.station = station
    begin_attempt(world, second_slot)
    note_sent(world, second, route.policy)
    second.must_end_s = request.must_end_s
    second.phase = Phase.OUTBOUND
    if not lose_on_the_way(world, second, Purpose.LOST):
        delay_s, lane = way_out(world, second)
        if delay_s <= 0.0:
            lane = NONE
        schedule(world, second, second_slot, Event.REACHED, lane, delay_s)
    return Next.WAIT


@jit
def _dismiss(world, slot, first_slot):
    """The second try is settled: its tokens are the action's, and its slot is free."""
    second = request_at(world, slot)
    first = request_at(world, first_slot)
    first.total_input_tokens += second.total_input_tokens
    first.total_output_tokens += second.total_output_tokens
    first.pair = NONE
    free_slot(world, slot)


@shared
def cut_second(world, first_slot, result):
    """Break the second try off, wherever it is."""
    slot = request_at(world, first_slot).pair
    interrupt(world, slot, result)
    settle(world, slot, True)
    _dismiss(world, slot, first_slot)


@jit
def _take_over(world, slot, first_slot):
    """Move the second try's answer into the action."""
    second = request_at(world, slot)
    first = request_at(world, first_slot)
    first.marks &= ~Mark.HALVED
    first.attempt_start_s = second.attempt_start_s
    first.reach_s = second.reach_s
    first.serve_s = second.serve_s
    first.first_token_s = second.first_token_s
    first.tpot_s = second.tpot_s
    first.way_back_s = second.way_back_s
    first.queue_wait_s = (
        second.queue_wait_s
    )  # of the two, which waited side by side, that of the one that counts
    first.target = second.target
    first.station = second.station
    first.result = second.result
    first.streamed_tokens = second.streamed_tokens
    first.policy = second.policy
    first.guard = second.guard
    first.phase = Phase.RETURNING
    _dismiss(world, slot, first_slot)


@shared
def conclude_second(world, slot):
    """The second try has ended: its answer is the action's, or nothing is left but what the first one brings.

    Returns what comes next for the action, which is in the slot of the first try.
    """
    second = request_at(world, slot)
    first_slot = np.int64(second.pair)
    first = request_at(world, first_slot)
    is_halved = (first.marks & Mark.HALVED) != 0
    if second.result == Result.OK:
        count(world, second.stream, CountColumn.HEDGES_WON)
        if not is_halved:
            interrupt(world, first_slot, Result.CANCELLED)
            settle(world, first_slot, True)
        _take_over(world, slot, first_slot)
        return Next.CONCLUDE
    if second.result == Result.TIMEOUT:
        learn_latency(world, second)
    settle(world, slot, True)
    _dismiss(world, slot, first_slot)
    if not is_halved:
        return Next.WAIT
    first.marks &= ~Mark.HALVED
    first.timer_key = 0  # the clock that both had must not ring at what comes next
    return Next.RETRY


@shared
def conclude_first(world, slot):
    """The first of two tries has ended; returns True if its action goes on with it."""
    request = request_at(world, slot)
    if request.result == Result.OK:
        cut_second(world, slot, Result.CANCELLED)
        return True
    if request.result == Result.TIMEOUT:
        learn_latency(world, request)
    timer_key = request.timer_key
    settle(world, slot, True)
    request.timer_key = timer_key  # both tries have the same clock
    request.marks |= Mark.HALVED
    request.progress_key = 0
    return False
