"""The story of a request: how it arrives, walks through its steps, is answered, retried, handed over, and ends.

Read this file first. A handler does one thing to one request and says what comes next (`Next`); `follow`, at the foot,
goes on until the request waits for an event. The life of a single try at a target is in `simulator.kernel.attempts`;
the rooms in `simulator.mechanisms` know how each mechanism works. This file knows when.
"""

import math

import numpy as np

from simulator.kernel.attempts import (
    cross_network,
    draw_key,
    draw_value,
    enter_station,
    interrupt,
    learn_latency,
    schedule,
    settle,
)
from simulator.kernel.codes import Event, Flag, Next, Opcode, Outcome, Phase, Purpose
from simulator.kernel.columns import CountColumn, UsageColumn
from simulator.kernel.observe import count, observe_answer, observe_end, use
from simulator.kernel.world import (
    backoff_lanes_of,
    by_rank_of,
    cache_at,
    cache_index_of,
    choices_of,
    classes_of,
    entries_of,
    events_at,
    fallbacks_of,
    gaps_of,
    instruction_at,
    item_cumulative_of,
    item_guide_of,
    lengths_of,
    one_way_s_of,
    rates_of,
    request_at,
    route_at,
    slab_at,
    stations_of,
    stream_at,
    success_rate_of,
    target_at,
    targets_of,
    workload_at,
)
from simulator.mechanisms.caching.kernel import find, store
from simulator.mechanisms.codes import Result, TargetKind
from simulator.mechanisms.resilience.kernel import backoff, may_retry
from simulator.mechanisms.routing.codes import FallbackKind, Strategy
from simulator.mechanisms.routing.kernel import choose, station_by_rank
from simulator.mechanisms.traffic.kernel import (
    arrival_time,
    draw_class,
    draw_item,
    length_row,
    next_gap,
    think_time,
)
from simulator.numerics.draws import derive, uniform
from simulator.numerics.events import NONE, next_key, push, set_leaf
from simulator.numerics.jit import jit

_TURN_FLAGS = Flag.WRONG | Flag.UNSURE | Flag.EXHAUSTED | Flag.ANSWERED


# ------------------------------------------------------------------------------------------------- arriving


@jit
def schedule_arrival(world, stream_id):
    """Put the stream's next arrival among the events."""
    stream = stream_at(world, stream_id)
    now_s = events_at(world, 0).now_s
    key = derive(derive(stream.draw_key, np.uint64(stream.n_arrived)), np.uint64(Purpose.GAP))
    stream.gap_left = next_gap(stream, gaps_of(world), key)
    stream.gap_from_s = now_s
    retime_arrival(world, stream_id)


@jit
def retime_arrival(world, stream_id):
    """Compute when the gap under way ends at the present share of exposure."""
    stream = stream_at(world, stream_id)
    time_s = arrival_time(
        stream.gap_from_s, stream.gap_left, stream.share, rates_of(world)[stream_id], world.piece_s
    )
    set_leaf(events_at(world, 0), stream_id, time_s, next_key(events_at(world, 0), stream_id, Event.ARRIVAL))


@jit
def take_slot(world, stream_id, request_key):
    """A free slot, blank but for whose it is."""
    slab = slab_at(world, 0)
    slot = slab.first_free
    request = request_at(world, slot)
    slab.first_free = request.next
    slab.n_free -= 1
    if slab.n_free < 4:
        events_at(world, 0).is_tight = 1
    stream = stream_at(world, stream_id)
    request.draw_key = request_key
    request.stream = stream_id
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
    request.flags = 0
    request.turn = 0
    request.n_turns = 1
    request.attempt = 0
    request.n_attempts = 0
    request.context_tokens = 0
    request.total_input_tokens = 0
    request.total_output_tokens = 0
    return slot


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
    request.next = slab.first_free
    slab.first_free = slot
    slab.n_free += 1


@jit
def begin_action(world, stream_id):
    """A user asks: draw what the action brings, and let its first turn begin."""
    stream = stream_at(world, stream_id)
    workload = workload_at(world, stream.workload)
    number = stream.n_arrived
    request_key = derive(stream.draw_key, np.uint64(number))
    stream.n_arrived += 1
    schedule_arrival(world, stream_id)
    slot = take_slot(world, stream_id, request_key)
    request = request_at(world, slot)
    request.number = number
    count(world, stream_id, CountColumn.ARRIVED)
    classes = classes_of(world)[stream.workload]
    request.class_id = draw_class(classes, workload.n_classes, derive(request_key, np.uint64(Purpose.CLASS)))
    if workload.turns_distribution != NONE:
        turns_key = derive(request_key, np.uint64(Purpose.TURNS))
        request.n_turns = int(draw_value(world, workload.turns_distribution, turns_key))
    return slot


@jit
def draw_question(world, request, workload, turn_key):
    """What is asked, and in which words; every turn of a conversation asks something of its own."""
    request.item = draw_item(
        item_cumulative_of(world),
        item_guide_of(world),
        workload.first_item,
        workload.n_items,
        derive(turn_key, np.uint64(Purpose.ITEM)),
    )
    phrasing_key = derive(turn_key, np.uint64(Purpose.PHRASING))
    request.phrasing = int(uniform(phrasing_key) * workload.n_phrasings)


@jit
def begin_turn(world, slot):
    """The user asks (again): draw question and lengths, start the user's own clock, go to the first step."""
    request = request_at(world, slot)
    workload = workload_at(world, request.workload)
    turn_key = derive(request.draw_key, np.uint64((request.turn << 8) | 128))
    if workload.first_item != NONE:
        draw_question(world, request, workload, turn_key)
    if workload.first_length != NONE:
        row = length_row(stream_at(world, request.stream), workload, turn_key)
        lengths = lengths_of(world)
        request.prompt_tokens = lengths[row, 0]
        request.output_tokens = lengths[row, 1]
    if workload.prompt_distribution != NONE:
        key = derive(turn_key, np.uint64(Purpose.PROMPT))
        request.prompt_tokens = max(1, int(draw_value(world, workload.prompt_distribution, key) + 0.5))
    if workload.output_distribution != NONE:
        key = derive(turn_key, np.uint64(Purpose.OUTPUT))
        request.output_tokens = max(1, int(draw_value(world, workload.output_distribution, key) + 0.5))
    request.turn_start_s = events_at(world, 0).now_s
    request.queue_wait_s = 0.0
    request.ttft_s = -1.0
    request.tpot_s = 0.0
    request.called_tokens = 0
    if (request.flags & Flag.WRONG) != 0:
        request.flags |= Flag.WRONG_BEFORE
    request.flags &= ~_TURN_FLAGS
    request.pc = workload.first_pc
    if workload.timeout_s < math.inf:
        key = next_key(events_at(world, 0), slot, Event.TURN_TIMEOUT)
        request.turn_key = key
        push(events_at(world, 0), workload.timeout_lane, workload.timeout_s, key)
    return Next.RUN


# ----------------------------------------------------------------------------------------- walking through steps


@jit
def run_instruction(world, slot):
    """Do the step the request stands at."""
    request = request_at(world, slot)
    instruction = instruction_at(world, request.pc)
    opcode = instruction.opcode
    if opcode == Opcode.ROUTE:
        request.route_start_s = events_at(world, 0).now_s
        request.level = 0
        request.tries = 0
        request.tier = 0
        request.attempt = 0
        return Next.TRY
    if opcode == Opcode.DELAY:
        request.phase = Phase.BETWEEN
        schedule(world, request, slot, Event.DELAYED, instruction.lane, instruction.delay_s)
        return Next.WAIT
    if opcode == Opcode.VALIDATE:
        return check_contract(world, slot)
    if opcode == Opcode.CACHE:
        return ask_cache(world, slot)
    if opcode == Opcode.REVIEW:
        return review(world, slot)
    return end_turn(world, slot)


@jit
def check_contract(world, slot):
    """Reject a request that does not meet the data contract."""
    request = request_at(world, slot)
    if uniform(draw_key(world, request, Purpose.REJECT)) < instruction_at(world, request.pc).probability:
        count(world, request.stream, CountColumn.INVALID)
        return end_action(world, slot, Outcome.REJECTED)
    request.pc += 1
    return Next.RUN


@jit
def cache_position(world, request, instruction):
    """Instance that serves the request's region, and where its question stands in the index."""
    cache_id = instruction.cache + request.region * instruction.cache_by_region
    question = np.int64(request.item)
    if instruction.cache_by_phrasing == 1:
        question = question * workload_at(world, request.workload).n_phrasings + request.phrasing
    return cache_id, cache_at(world, cache_id).first_index + instruction.cache_offset + question


@jit
def ask_cache(world, slot):
    """Answer from the cache if it can; a false hit is an answer to another question."""
    request = request_at(world, slot)
    instruction = instruction_at(world, request.pc)
    now_s = events_at(world, 0).now_s
    count(world, request.stream, CountColumn.CACHE_LOOKUPS)
    cache_id, position = cache_position(world, request, instruction)
    instance = cache_at(world, cache_id)
    is_correct = 1
    if instance.hit_rate >= 0.0:
        is_hit = uniform(draw_key(world, request, Purpose.HIT)) < instance.hit_rate
    else:
        entry_id = find(instance, entries_of(world), cache_index_of(world), position, now_s, False)
        is_hit = entry_id != NONE
        if is_hit:
            is_correct = entries_of(world)[entry_id].is_correct
    if not is_hit:
        request.pc += 1
        return Next.RUN
    count(world, request.stream, CountColumn.CACHE_HITS)
    if instance.false_hit > 0.0 and uniform(draw_key(world, request, Purpose.FALSE_HIT)) < instance.false_hit:
        count(world, request.stream, CountColumn.FALSE_HITS)
        is_correct = 0
    if is_correct == 0:
        request.flags |= Flag.WRONG
    request.ttft_s = now_s - request.turn_start_s
    request.pc = instruction.hit_pc
    return Next.RUN


@jit
def review(world, slot):
    """Let a person take over when the answer is unsure or missing; otherwise maybe sample it for later."""
    request = request_at(world, slot)
    instruction = instruction_at(world, request.pc)
    if (request.flags & instruction.takes_over) != 0:
        return hand_off(world, slot)
    is_sampled = instruction.probability > 0.0
    if is_sampled and uniform(draw_key(world, request, Purpose.SAMPLE)) < instruction.probability:
        job = take_slot(world, request.stream, derive(request.draw_key, np.uint64(Purpose.SAMPLE)))
        request_at(world, job).flags = Flag.REVIEW_JOB
        request_at(world, job).pc = request.pc
        request_at(world, job).turn = request.turn
        join_team(world, job)
    request.pc += 1
    return Next.RUN


@jit
def hand_off(world, slot):
    """Tell the user that a person takes over, stop the user's clock, and join the team's queue."""
    request = request_at(world, slot)
    request.turn_key = 0
    request.ttft_s = -1.0
    count(world, request.stream, CountColumn.HANDED_OFF)
    now_s = events_at(world, 0).now_s
    observe_answer(world, request, workload_at(world, request.workload), now_s)
    return join_team(world, slot)


@jit
def join_team(world, slot):
    """Send a request or a sampled answer to the nearest team."""
    request = request_at(world, slot)
    team = instruction_at(world, request.pc).operand
    request.target = team
    request.station = station_by_rank(by_rank_of(world), team, request.region, 0)
    begin_attempt(world, slot)
    return enter_station(world, slot)


@jit
def end_turn(world, slot):
    """The steps are done: the user has the answer. Ask again after a pause, or be done."""
    request = request_at(world, slot)
    workload = workload_at(world, request.workload)
    now_s = events_at(world, 0).now_s
    request.turn_key = 0
    if (request.flags & Flag.ANSWERED) == 0:
        observe_answer(world, request, workload, now_s)
    if request.turn + 1 < request.n_turns:
        request.context_tokens += request.prompt_tokens + request.output_tokens
        request.turn += 1
        request.phase = Phase.BETWEEN
        key = derive(request.draw_key, np.uint64((request.turn << 8) | Purpose.THINK))
        schedule(world, request, slot, Event.THOUGHT, NONE, think_time(workload, key))
        return Next.WAIT
    is_degraded = (request.flags & Flag.DEGRADED) != 0
    return end_action(world, slot, Outcome.DEGRADED if is_degraded else Outcome.SUCCEEDED)


@jit
def end_action(world, slot, outcome):
    """Count how the action ended and forget it."""
    observe_end(world, request_at(world, slot), outcome, events_at(world, 0).now_s)
    free_slot(world, slot)
    return Next.WAIT


# ------------------------------------------------------------------------------------------------ trying targets


@jit
def pick_target(world, request):
    """Target of the next attempt: by the route's strategy, or the fallback whose turn it is."""
    route_id = instruction_at(world, request.pc).operand
    route = route_at(world, route_id)
    if request.level > 0:
        return fallbacks_of(world)[route.first_fallback + request.level - 1], 0
    rank = 1 if route.failover_after > 0 and request.tries >= route.failover_after else 0
    target = choose(
        route,
        choices_of(world),
        stations_of(world),
        targets_of(world),
        by_rank_of(world),
        request.region,
        rank,
        request.class_id,
        request.tier,
        request.sent_tokens,
        request.output_tokens,
        events_at(world, 0).now_s,
        draw_key(world, request, Purpose.CHOICE),
    )
    return target, rank


@jit
def begin_attempt(world, slot):
    """Open the attempt's account."""
    request = request_at(world, slot)
    request.attempt_start_s = events_at(world, 0).now_s
    request.serve_s = math.inf
    request.first_token_s = math.inf
    request.result = Result.OK
    request.n_attempts += 1
    use(world, request.stream, request.station, UsageColumn.ATTEMPTS, 1.0)


@jit
def send_attempt(world, slot):
    """Pick a target, start the clock of this try, and send it."""
    request = request_at(world, slot)
    route = route_at(world, instruction_at(world, request.pc).operand)
    if route.is_generate == 1:
        prompt_tokens = request.prompt_tokens + request.context_tokens + request.called_tokens
        request.sent_tokens = min(route.max_context_tokens, prompt_tokens)
    request.attempt += 1
    target, rank = pick_target(world, request)
    request.tries += 1
    if request.tries > 1:
        count(world, request.stream, CountColumn.RETRIES)
    request.target = target
    request.station = station_by_rank(by_rank_of(world), target, request.region, rank)
    begin_attempt(world, slot)
    left_s = route.timeout_s - (events_at(world, 0).now_s - request.route_start_s)
    if min(left_s, route.per_try_s) < math.inf:
        key = next_key(events_at(world, 0), slot, Event.TRY_TIMEOUT)
        request.timer_key = key
        if route.per_try_s <= left_s:
            push(events_at(world, 0), route.per_try_lane, route.per_try_s, key)
        else:
            push(events_at(world, 0), NONE, max(left_s, 0.0), key)
    return cross_network(world, slot, Event.REACHED, Phase.OUTBOUND, Next.REACH)


@jit
def conclude(world, slot):
    """An attempt has ended: accept its answer, escalate, try again, or fall back."""
    request = request_at(world, slot)
    kind = target_at(world, request.target).kind
    if kind == TargetKind.TEAM:
        return conclude_team(world, slot)
    if request.result == Result.OK:
        learn_latency(world, request)
        if kind == TargetKind.MODEL:
            return judge_answer(world, slot)
        settle(world, slot, False)
        request.called_tokens += target_at(world, request.target).context_tokens
        request.pc += 1
        return Next.RUN
    if request.result == Result.TIMEOUT:
        learn_latency(world, request)
    settle(world, slot, True)
    return retry_or_fall_back(world, slot)


@jit
def conclude_team(world, slot):
    """A person is done: a sampled answer is gone, a hand-off is resolved or not."""
    request = request_at(world, slot)
    settle(world, slot, False)
    if (request.flags & Flag.REVIEW_JOB) != 0:
        count(world, request.stream, CountColumn.REVIEWED)
        free_slot(world, slot)
        return Next.WAIT
    request.flags &= ~(Flag.WRONG | Flag.UNSURE | Flag.EXHAUSTED)
    resolved_share = target_at(world, request.target).success_rate
    if uniform(draw_key(world, request, Purpose.RESOLVED)) >= resolved_share:
        request.flags |= Flag.WRONG
    request.pc += 1
    return Next.RUN


@jit
def judge_answer(world, slot):
    """Draw whether a model's answer is right and whether it seems so; a cascade escalates when it does not."""
    request = request_at(world, slot)
    route = route_at(world, instruction_at(world, request.pc).operand)
    success_rate = success_rate_of(world)[request.target, request.class_id]
    is_correct = uniform(draw_key(world, request, Purpose.CORRECT)) < success_rate
    flagged_share = route.flags_right if is_correct else route.flags_wrong
    is_unsure = uniform(draw_key(world, request, Purpose.CONFIDENCE)) < flagged_share
    is_cascade = route.strategy == Strategy.CASCADE and request.level == 0
    if is_unsure and is_cascade and request.tier + 1 < route.n_choices:
        settle(world, slot, True)
        request.tier += 1
        request.tries = 0
        return Next.TRY
    settle(world, slot, False)
    return accept_answer(world, slot, is_correct, is_unsure)


@jit
def accept_answer(world, slot, is_correct, is_unsure):
    """Take a model's answer: note its first token, keep it in the cache, go on."""
    request = request_at(world, slot)
    instruction = instruction_at(world, request.pc)
    if not is_correct:
        request.flags |= Flag.WRONG
    if is_unsure:
        request.flags |= Flag.UNSURE
    way_back_s = one_way_s_of(world)[request.region, request.station]
    request.ttft_s = request.first_token_s + way_back_s - request.turn_start_s
    if request.output_tokens < 2:
        request.tpot_s = 0.0
    if instruction.cache != NONE:
        cache_id, position = cache_position(world, request, instruction)
        instance = cache_at(world, cache_id)
        if instance.hit_rate < 0.0:
            now_s = events_at(world, 0).now_s
            store(instance, entries_of(world), cache_index_of(world), position, now_s, 1 if is_correct else 0)
    request.pc += 1
    return Next.RUN


@jit
def retry_or_fall_back(world, slot):
    """After a failed attempt: wait and try the same entry again while tries and time last, else the next entry."""
    request = request_at(world, slot)
    route = route_at(world, instruction_at(world, request.pc).operand)
    if may_retry(route, request.result, request.tries):
        wait_s = backoff(route, request.tries, draw_key(world, request, Purpose.BACKOFF))
        spent_s = events_at(world, 0).now_s - request.route_start_s
        if spent_s + wait_s < route.timeout_s:
            if wait_s <= 0.0:
                return Next.TRY
            lane = NONE
            if route.first_backoff_lane != NONE:
                lane = backoff_lanes_of(world)[route.first_backoff_lane + request.tries - 1]
            request.phase = Phase.BETWEEN
            schedule(world, request, slot, Event.RETRY, lane, wait_s)
            return Next.WAIT
    return Next.FALL_BACK


@jit
def fall_back(world, slot):
    """Go to the next entry of the route that can still help; when there is none the route is exhausted."""
    request = request_at(world, slot)
    route = route_at(world, instruction_at(world, request.pc).operand)
    is_late = events_at(world, 0).now_s - request.route_start_s >= route.timeout_s
    while request.level < route.n_fallbacks:
        entry = fallbacks_of(world)[route.first_fallback + request.level]
        request.level += 1
        request.tries = 0
        if entry == FallbackKind.HUMAN:
            count(world, request.stream, CountColumn.FALLBACKS)
            break
        if entry == FallbackKind.CACHED_ANSWER:
            if find_stale_answer(world, slot):
                count(world, request.stream, CountColumn.FALLBACKS)
                return Next.RUN
        elif not is_late:
            count(world, request.stream, CountColumn.FALLBACKS)
            return Next.TRY
    request.flags |= Flag.EXHAUSTED
    exhausted_pc = instruction_at(world, request.pc).exhausted_pc
    if exhausted_pc != NONE:
        request.pc = exhausted_pc
        return Next.RUN
    is_shed = request.result == Result.OVERLOAD
    return end_action(world, slot, Outcome.REJECTED if is_shed else Outcome.FAILED)


@jit
def find_stale_answer(world, slot):
    """Answer with what the cache still holds, however old: better than nothing, and counted as degraded."""
    request = request_at(world, slot)
    instruction = instruction_at(world, request.pc)
    cache_id, position = cache_position(world, request, instruction)
    instance = cache_at(world, cache_id)
    now_s = events_at(world, 0).now_s
    entry_id = find(instance, entries_of(world), cache_index_of(world), position, now_s, True)
    if entry_id == NONE:
        return False
    is_false = uniform(draw_key(world, request, Purpose.STALE)) < instance.false_hit
    if is_false or entries_of(world)[entry_id].is_correct == 0:
        request.flags |= Flag.WRONG
    request.flags |= Flag.DEGRADED
    request.ttft_s = now_s - request.turn_start_s
    request.tpot_s = 0.0
    request.pc += 1
    return True


# ------------------------------------------------------------------------------------------------ running out


@jit
def time_out_try(world, slot):
    """End a try that has taken too long."""
    request_at(world, slot).timer_key = 0
    interrupt(world, slot, Result.TIMEOUT)
    return Next.CONCLUDE


@jit
def time_out_turn(world, slot):
    """The user has waited long enough, whatever the request is doing."""
    request = request_at(world, slot)
    count(world, request.stream, CountColumn.TIMEOUTS)
    if request.phase != Phase.BETWEEN:
        interrupt(world, slot, Result.TIMEOUT)
        settle(world, slot, True)
    return end_action(world, slot, Outcome.FAILED)


@jit
def lose_patience(world, slot):
    """Who waits in a queue leaves."""
    interrupt(world, slot, Result.ABANDONED)
    settle(world, slot, True)
    return end_action(world, slot, Outcome.ABANDONED)


@jit
def follow(world, slot, step):
    """Go on with a request until it waits for an event or has ended."""
    while step != Next.WAIT:
        if step == Next.RUN:
            step = run_instruction(world, slot)
        elif step == Next.TRY:
            step = send_attempt(world, slot)
        elif step == Next.REACH:
            step = enter_station(world, slot)
        elif step == Next.CONCLUDE:
            step = conclude(world, slot)
        elif step == Next.TURN:
            step = begin_turn(world, slot)
        else:
            step = fall_back(world, slot)
