"""The slot of a request: taken when it arrives, given back when it ends."""

import math

import numpy as np

from simulator.kernel.codes import Event, Mark, Next, Outcome, Phase, Purpose
from simulator.kernel.observe import count, observe_end, use
from simulator.kernel.request import draw_value, schedule
from simulator.kernel.world import (
    events_at,
    request_at,
    requests_of,
    slab_at,
    stream_at,
    target_at,
    workload_at,
)
from simulator.mechanisms.codes import TargetKind
from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.numerics.draws import derive, exponential, uniform
from simulator.numerics.events import NONE
from simulator.numerics.jit import jit, shared

_FREE_FOR_AN_EVENT = 8  # slots that one event may take
_LEAST_CYCLE_S = 1e-3  # of a client; what is turned away at once is not asked for again in the same instant


@jit
def take_slot(world, stream_id, request_key):
    """A free slot, blank but for whose it is."""
    slab = slab_at(world, 0)
    slot = slab.first_free
    request = request_at(world, slot)
    slab.first_free = request.next
    slab.n_free -= 1
    if slab.n_free < _FREE_FOR_AN_EVENT:
        events_at(world, 0).is_tight = 1
    stream = stream_at(world, stream_id)
    request.draw_key = request_key
    request.stream = stream_id
    request.source = stream_id
    request.release = 0
    request.language = stream.first_language
    request.workload = stream.workload
    request.region = stream.region
    request.arrival_s = events_at(world, 0).now_s
    request.latency_s = -1.0
    request.ttft_s = -1.0
    request.progress_key = 0
    request.timer_key = 0
    request.turn_key = 0
    request.patience_key = 0
    request.phase = Phase.BETWEEN
    request.marks = 0
    request.turn = 0
    request.n_turns = 1
    request.attempt = 0
    request.n_attempts = 0
    request.context_tokens = 0
    request.reusable_tokens = 0
    request.total_input_tokens = 0
    request.total_output_tokens = 0
    request.hedge_key = 0
    request.kept_target = NONE
    request.pair = NONE
    request.policy = NONE
    request.guard = NONE
    request.asked = 0
    request.must_end_s = math.inf
    return slot


@shared
def copy_slot(world, slot, mark):
    """A slot with all that a request is and has now, but for its clocks and what it was billed; marked as no action."""
    copy = take_slot(world, request_at(world, slot).source, request_at(world, slot).draw_key)
    requests = requests_of(world)
    requests[copy] = requests[slot]
    request = request_at(world, copy)
    request.marks = mark
    request.progress_key = 0
    request.timer_key = 0
    request.turn_key = 0
    request.patience_key = 0
    request.hedge_key = 0
    request.total_input_tokens = 0
    request.total_output_tokens = 0
    request.policy = NONE
    request.guard = NONE
    request.pair = NONE
    return copy


@jit
def free_slot(world, slot):
    """Give a slot back; no event finds its request any more."""
    request = request_at(world, slot)
    slab = slab_at(world, 0)
    request.phase = Phase.FREE
    request.progress_key = 0
    request.timer_key = 0
    request.turn_key = 0
    request.patience_key = 0
    request.hedge_key = 0
    request.next = slab.first_free
    slab.first_free = slot
    slab.n_free += 1


@jit
def throw_kept_away(world, request):
    """An unsure answer that a cascade kept, if there is one, is not needed: its tokens were for nothing."""
    if request.kept_target == NONE:
        return
    if target_at(world, request.kept_target).kind == TargetKind.MODEL:
        station, n_input, n_output = request.kept_station, request.sent_tokens, request.output_tokens
        use(world, request.stream, station, UsageColumn.WASTED_INPUT_TOKENS, float(n_input))
        use(world, request.stream, station, UsageColumn.WASTED_OUTPUT_TOKENS, float(n_output))
    request.kept_target = NONE


@jit
def let_think(world, slot, least_s):
    """Let a client think before its next action, whose key it has, and for `least_s` at least."""
    request = request_at(world, slot)
    request.phase = Phase.AWAY
    request.timer_key = 0
    request.turn_key = 0
    request.patience_key = 0
    request.hedge_key = 0
    pause = workload_at(world, request.workload).pause_distribution
    pause_s = draw_value(world, pause, derive(request.draw_key, np.uint64(Purpose.PAUSE)))
    schedule(world, request, slot, Event.THOUGHT, NONE, max(pause_s, least_s))


@jit
def _share_that_asks_again(request, workload, outcome):
    """Share of users who ask once more after an action that ended like this one."""
    if outcome >= Outcome.FAILED:
        return workload.again_share if (request.marks & Mark.INVALID) == 0 else 0.0
    is_wrong = (request.marks & (Mark.WRONG | Mark.WRONG_BEFORE)) != 0
    return workload.wrong_again_share if is_wrong else 0.0


@shared
def end_action(world, slot, outcome):
    """Count how the action ended and forget it, unless its user will ask again."""
    request = request_at(world, slot)
    throw_kept_away(world, request)
    observe_end(world, request, outcome, events_at(world, 0).now_s)
    if (request.marks & Mark.MIRRORED) != 0:
        free_slot(world, slot)
        return Next.WAIT
    workload = workload_at(world, request.workload)
    if workload.is_limited == 1:
        stream_at(world, request.source).in_flight -= 1
    again_share = _share_that_asks_again(request, workload, outcome)
    if again_share > 0.0 and request.asked < workload.again_limit:
        key = derive(request.draw_key, np.uint64((request.asked << 8) | Purpose.ASK_AGAIN))
        if uniform(key) < again_share:
            if outcome < Outcome.FAILED and (request.marks & Mark.HANDED_OFF) == 0:
                count(world, request.stream, CountColumn.CAME_BACK)
            request.phase = Phase.AWAY
            request.timer_key = 0
            request.turn_key = 0
            request.patience_key = 0
            key = derive(request.draw_key, np.uint64((request.asked << 8) | Purpose.AWAY))
            schedule(world, request, slot, Event.ASKED_AGAIN, NONE, workload.again_s * exponential(key))
            return Next.WAIT
    if workload.pause_distribution != NONE:
        asked_s = request.arrival_s
        request.draw_key = derive(request.draw_key, np.uint64(Purpose.NEXT_ACTION))
        let_think(world, slot, asked_s + _LEAST_CYCLE_S - events_at(world, 0).now_s)
        return Next.WAIT
    free_slot(world, slot)
    return Next.WAIT
