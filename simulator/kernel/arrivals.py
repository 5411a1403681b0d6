"""Who asks, and what: the next arrival of a stream, an action with its turns, the question of a turn."""

import math

import numpy as np

from simulator.kernel.codes import Event, Mark, Next, Outcome, Purpose
from simulator.kernel.observe import count
from simulator.kernel.request import draw_value, schedule
from simulator.kernel.slots import end_action, free_slot, let_think, take_slot
from simulator.kernel.world import (
    calls_of,
    class_place_of,
    classes_of,
    distribution_at,
    events_at,
    gaps_of,
    item_cumulative_of,
    item_guide_of,
    language_at,
    languages_of,
    lengths_of,
    levels_of,
    rates_of,
    release_at,
    request_at,
    sessions_of,
    stream_at,
    values_of,
    workload_at,
)
from simulator.mechanisms.limits import take_quota
from simulator.mechanisms.traffic.codes import LengthOrder
from simulator.mechanisms.traffic.kernel import (
    arrival_time,
    clients_wanted,
    draw_class,
    draw_item,
    draw_language,
    joining_time,
    length_row,
    next_gap,
    next_row,
)
from simulator.metrics.columns import CountColumn
from simulator.numerics.draws import derive, uniform
from simulator.numerics.events import INSTANT_S, NONE, next_key, offset_s, push, set_leaf
from simulator.numerics.jit import jit, shared
from simulator.numerics.joint_draws import APART, sample_with

_COPIED_WITHIN_S = 1e-3
_TURN_MARKS = Mark.WRONG | Mark.UNSURE | Mark.EXHAUSTED | Mark.ANSWERED


@jit
def schedule_arrival(world, stream_id):
    """Put the stream's next arrival among the events, or its first client."""
    stream = stream_at(world, stream_id)
    key = derive(derive(stream.draw_key, np.uint64(stream.n_arrived)), np.uint64(Purpose.GAP))
    stream.gap_left = next_gap(stream, gaps_of(world), key)
    stream.gap_from_s = stream.arrival_s
    retime_arrival(world, stream_id)


@jit
def retime_arrival(world, stream_id):
    """Compute when the gap under way ends, or the next client comes, at the present share of exposure."""
    stream = stream_at(world, stream_id)
    rates_rps = rates_of(world)[stream_id]
    if stream.cycle_s > 0.0:
        time_s = joining_time(
            stream.gap_from_s,
            stream.n_clients,
            stream.share,
            stream.cycle_s,
            rates_rps,
            world.piece_s,
            world.lead_s,
        )
    else:
        time_s = arrival_time(
            stream.gap_from_s, stream.gap_left, stream.share, rates_rps, world.piece_s, world.lead_s
        )
    stream.arrival_s = time_s
    key = next_key(events_at(world, 0), stream_id, Event.ARRIVAL)
    set_leaf(events_at(world, 0), stream_id, time_s + offset_s(Event.ARRIVAL), key)


@jit
def _write_down(world, request, version):
    """Say where an action is written down: by its language and class, and by the version that it has."""
    stream = stream_at(world, request.source)
    n_classes = workload_at(world, stream.workload).n_recorded_classes
    place = (request.language - stream.first_language) * n_classes
    place += class_place_of(world)[stream.workload, request.class_id]
    n_each = world.n_recorded // 3 if version > 0 else 0
    request.stream = stream.first_recorded + place + version * n_each


@jit
def mirror(world, slot, luck):
    """Copy an action for the new release: its user waits for none of it, and people never see it.

    The copy leaves within a millisecond, so that it never shares an instant with the action.
    """
    request = request_at(world, slot)
    copy = take_slot(world, request.source, request.draw_key)
    mirrored = request_at(world, copy)
    mirrored.number = request.number
    mirrored.marks = Mark.MIRRORED
    mirrored.release = 1
    mirrored.language = request.language
    mirrored.class_id = request.class_id
    mirrored.first_row = request.first_row
    _write_down(world, mirrored, 2)
    mirrored.n_turns = request.n_turns
    count(world, mirrored.stream, CountColumn.ARRIVED)
    schedule(world, mirrored, copy, Event.THOUGHT, NONE, _COPIED_WITHIN_S * luck)


@jit
def begin_action(world, stream_id):
    """A user asks: draw what the action brings."""
    stream = stream_at(world, stream_id)
    request_key = derive(stream.draw_key, np.uint64(stream.n_arrived))
    stream.n_arrived += 1
    schedule_arrival(world, stream_id)
    slot = take_slot(world, stream_id, request_key)
    draw_action(world, slot)
    return slot


@jit
def draw_action(world, slot):
    """What the newest action of a stream brings: its language, version, class and turns."""
    request = request_at(world, slot)
    stream = stream_at(world, request.source)
    workload = workload_at(world, stream.workload)
    request_key = request.draw_key
    stream.in_flight += workload.is_limited
    request.number = stream.n_arrived - 1
    if stream.n_languages > 1:
        language_key = derive(request_key, np.uint64(Purpose.LANGUAGE))
        request.language = draw_language(languages_of(world), stream, language_key)
    if stream.new_share > 0.0 and uniform(derive(request_key, np.uint64(Purpose.RELEASE))) < stream.new_share:
        request.release = 1
    classes = classes_of(world)[stream.workload]
    request.class_id = draw_class(classes, workload.n_classes, derive(request_key, np.uint64(Purpose.CLASS)))
    _write_down(world, request, request.release)
    count(world, request.stream, CountColumn.ARRIVED)
    if workload.turns_distribution != NONE:
        turns_key = derive(request_key, np.uint64(Purpose.TURNS))
        request.n_turns = int(draw_value(world, workload.turns_distribution, turns_key))
    if workload.lengths_in_order != LengthOrder.DRAWN:
        request.first_row = next_row(stream, workload, sessions_of(world))
        if workload.lengths_in_order == LengthOrder.SESSIONS:
            request.n_turns = int(calls_of(world)[request.first_row, 1])
    if stream.mirror_share > 0.0:
        luck = uniform(derive(request_key, np.uint64(Purpose.MIRROR))) / stream.mirror_share
        if luck < 1.0:
            mirror(world, slot, luck)


@jit
def begin_loop(world, stream_id):
    """One more client of a closed loop comes, and thinks before it asks."""
    stream = stream_at(world, stream_id)
    client_key = derive(stream.draw_key, np.uint64(stream.n_joined))
    stream.n_joined += 1
    stream.n_clients += 1
    stream.gap_from_s = events_at(world, 0).now_s
    retime_arrival(world, stream_id)
    slot = take_slot(world, stream_id, client_key)
    let_think(world, slot, 0.0)
    return slot


@shared
def go_on(world, slot):
    """A client has thought: it asks for its next action; where there are more than wanted, it leaves."""
    request = request_at(world, slot)
    stream_id = np.int64(request.source)
    action_key = request.draw_key
    stream = stream_at(world, stream_id)
    now_s = events_at(world, 0).now_s
    rates_rps = rates_of(world)[stream_id]
    piece = min(int((now_s + INSTANT_S + world.lead_s) / world.piece_s), rates_rps.size - 1)
    free_slot(world, slot)
    if stream.n_clients > clients_wanted(stream.share, rates_rps[piece], stream.cycle_s):
        stream.n_clients -= 1
        stream.gap_from_s = now_s
        retime_arrival(world, stream_id)
        return Next.WAIT
    stream.n_arrived += 1
    draw_action(world, take_slot(world, stream_id, action_key))  # the same slot, which was freed last
    return Next.TURN


@jit
def draw_question(world, request, workload, turn_key):
    """What is asked, and in which words; every turn of a conversation asks something of its own."""
    request.question = draw_item(
        item_cumulative_of(world),
        item_guide_of(world),
        workload.first_item,
        workload.n_items,
        derive(turn_key, np.uint64(Purpose.ITEM)),
    )
    phrasing_key = derive(turn_key, np.uint64(Purpose.PHRASING))
    request.phrasing = int(uniform(phrasing_key) * workload.n_phrasings)


@jit
def _is_within_limits(world, request):
    """Whether the workload's own limits let a turn in; it is charged to them."""
    stream = stream_at(world, request.source)
    n_others = stream.in_flight - 1 if request.turn == 0 else np.int64(0)
    n_tokens = request.prompt_tokens + request.output_tokens
    return take_quota(stream, n_others, n_tokens, events_at(world, 0).now_s)


@jit
def begin_turn(world, slot):
    """The user asks (again): draw question and lengths, start the user's own clock, go to the first step."""
    request = request_at(world, slot)
    workload = workload_at(world, request.workload)
    turn_key = derive(request.draw_key, np.uint64((request.turn << 8) | 128))
    if workload.first_item != NONE:
        draw_question(world, request, workload, turn_key)
    token_factor = language_at(world, request.language).token_factor
    output_factor = token_factor * workload.output_factor
    if workload.first_length != NONE:
        row = length_row(request.first_row, workload, request.turn, turn_key)
        lengths = lengths_of(world)
        request.length_row = row
        if workload.lengths_in_order == LengthOrder.SESSIONS and calls_of(world)[row, 2] > 0.0:
            request.context_tokens = 0
            request.reusable_tokens = 0
        request.prompt_tokens = int(lengths[row, 0] * token_factor + 0.5)
        request.output_tokens = max(1, int(lengths[row, 1] * output_factor + 0.5))
    prompt_key = derive(turn_key, np.uint64(Purpose.PROMPT))
    n_prompt = 0.0
    if workload.prompt_distribution != NONE:
        n_prompt = draw_value(world, workload.prompt_distribution, prompt_key)
        request.prompt_tokens = max(1, int(n_prompt * token_factor + 0.5))
    if workload.output_distribution != NONE:
        key = derive(turn_key, np.uint64(Purpose.OUTPUT))
        if workload.length_link == APART:
            n_output = draw_value(world, workload.output_distribution, key)
        else:
            n_output = sample_with(
                workload,
                distribution_at(world, workload.prompt_distribution),
                distribution_at(world, workload.output_distribution),
                levels_of(world),
                values_of(world),
                n_prompt,
                prompt_key,
                key,
            )
        request.output_tokens = max(1, int(n_output * output_factor + 0.5))
    if request.release != 0:
        release = release_at(world, request.release)
        request.prompt_tokens = max(1, int(request.prompt_tokens * release.prompt_factor + 0.5))
        request.output_tokens = max(1, int(request.output_tokens * release.output_factor + 0.5))
    request.output_tokens = min(request.output_tokens, workload.max_tokens)
    if request.turn == 0:
        request.prompt_tokens += workload.system_tokens
    request.turn_start_s = events_at(world, 0).now_s
    request.queue_wait_s = 0.0
    request.ttft_s = -1.0
    request.tpot_s = 0.0
    request.called_tokens = 0
    if (request.marks & Mark.WRONG) != 0:
        request.marks |= Mark.WRONG_BEFORE
    request.marks &= ~_TURN_MARKS
    request.pc = workload.first_pc
    if workload.timeout_s < math.inf:
        key = next_key(events_at(world, 0), slot, Event.TURN_TIMEOUT)
        request.turn_key = key
        push(events_at(world, 0), workload.timeout_lane, workload.timeout_s, key)
    is_limited = workload.is_limited == 1 and (request.marks & Mark.MIRRORED) == 0
    if is_limited and not _is_within_limits(world, request):
        count(world, request.stream, CountColumn.LIMITED)
        return end_action(world, slot, Outcome.REJECTED)
    return Next.RUN
