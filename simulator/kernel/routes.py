"""How a step gets an answer from its route: a target is picked, tried, judged; another try, another tier, a fallback.

The life of a single try is in `simulator.kernel.attempts`; which target a strategy prefers in `mechanisms/routing`.
"""

import math

from simulator.kernel.attempts import begin_attempt, cross_network, settle
from simulator.kernel.caches import find_stale_answer, keep_answer
from simulator.kernel.codes import Event, Mark, Next, Outcome, Phase, Purpose
from simulator.kernel.columns import CountColumn
from simulator.kernel.observe import count
from simulator.kernel.regions import choose_station, open_tier, station_of
from simulator.kernel.request import draw_key, schedule
from simulator.kernel.slots import end_action
from simulator.kernel.world import (
    by_rank_of,
    events_at,
    fallbacks_of,
    instruction_at,
    request_at,
    route_at,
    success_rate_of,
    wait_at,
    workload_at,
)
from simulator.mechanisms.codes import Result
from simulator.mechanisms.resilience.kernel import jittered, may_retry
from simulator.mechanisms.routing.codes import FallbackKind, Strategy
from simulator.numerics.draws import uniform
from simulator.numerics.events import NONE, next_key, push, push_heap
from simulator.numerics.jit import jit


@jit
def pick_target(world, request):
    """Target and station of the next attempt: by the route's strategy, or the fallback whose turn it is."""
    route = route_at(world, instruction_at(world, request.pc).operand)
    if request.level > 0:
        target = fallbacks_of(world)[route.first_fallback + request.level - 1]
        return target, station_of(world, request, target, 0)
    fails_over = route.failover_after > 0 and request.tries >= route.failover_after
    return choose_station(world, request, 1 if fails_over else 0)


@jit
def send_attempt(world, slot):
    """Pick a target, start the clock of this try, and send it."""
    request = request_at(world, slot)
    route = route_at(world, instruction_at(world, request.pc).operand)
    if route.is_generate == 1:
        prompt_tokens = request.prompt_tokens + request.context_tokens + request.called_tokens
        request.sent_tokens = min(route.max_context_tokens, prompt_tokens)
    request.attempt += 1
    target, station_id = pick_target(world, request)
    if station_id == NONE:
        request.result = Result.ERROR
        count(world, request.stream, CountColumn.RESIDENCY_BLOCKED)
        return Next.FALL_BACK
    request.tries += 1
    if request.tries > 1:
        count(world, request.stream, CountColumn.RETRIES)
    request.target = target
    request.station = station_id
    begin_attempt(world, slot)
    now_s = events_at(world, 0).now_s
    if min(request.deadline_s, route.per_try_s) < math.inf:
        key = next_key(events_at(world, 0), slot, Event.TRY_TIMEOUT)
        request.timer_key = key
        if now_s + route.per_try_s <= request.deadline_s:
            push(events_at(world, 0), route.per_try_lane, route.per_try_s, key)
        else:
            push_heap(events_at(world, 0), request.deadline_s, key)
    return cross_network(world, slot, Event.REACHED, Phase.OUTBOUND, Next.REACH)


@jit
def judge_answer(world, slot):
    """Draw whether a model's answer is right and whether it seems so; a cascade escalates when it does not."""
    request = request_at(world, slot)
    route = route_at(world, instruction_at(world, request.pc).operand)
    shift = workload_at(world, request.workload).success_shift
    success_rate = success_rate_of(world)[request.target, request.class_id] + shift
    is_correct = uniform(draw_key(world, request, Purpose.CORRECT)) < success_rate
    flagged_share = route.flags_right if is_correct else route.flags_wrong
    is_unsure = uniform(draw_key(world, request, Purpose.CONFIDENCE)) < flagged_share
    is_cascade = route.strategy == Strategy.CASCADE and request.level == 0
    if is_unsure and is_cascade and open_tier(world, request, request.tier + 1) < route.n_choices:
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
        request.marks |= Mark.WRONG
    if is_unsure:
        request.marks |= Mark.UNSURE
    request.ttft_s = request.first_token_s + request.way_back_s - request.turn_start_s
    if request.output_tokens < 2:
        request.tpot_s = 0.0
    if instruction.cache != NONE:
        keep_answer(world, request, instruction, is_correct)
    request.pc += 1
    return Next.RUN


@jit
def retry_or_fall_back(world, slot):
    """After a failed attempt: wait and try the same entry again while tries and time last, else the next entry."""
    request = request_at(world, slot)
    route = route_at(world, instruction_at(world, request.pc).operand)
    if may_retry(route, request.result, request.tries):
        wait = wait_at(world, route.first_wait + request.tries - 1)
        wait_s = jittered(wait.wait_s, route.jitter, draw_key(world, request, Purpose.BACKOFF))
        if events_at(world, 0).now_s + wait_s < request.deadline_s:
            if wait_s <= 0.0:
                return Next.TRY
            request.phase = Phase.BETWEEN
            schedule(world, request, slot, Event.RETRY, wait.lane, wait_s)
            return Next.WAIT
    return Next.FALL_BACK


@jit
def fall_back(world, slot):
    """Go to the next entry of the route that can still help; when there is none the route is exhausted."""
    request = request_at(world, slot)
    route = route_at(world, instruction_at(world, request.pc).operand)
    is_late = events_at(world, 0).now_s >= request.deadline_s
    while request.level < route.n_fallbacks:
        entry = fallbacks_of(world)[route.first_fallback + request.level]
        request.level += 1
        request.tries = 0
        if entry == FallbackKind.HUMAN:
            count(world, request.stream, CountColumn.FALLBACKS)
            break
        if entry == FallbackKind.CACHED_ANSWER:
            step = find_stale_answer(world, slot)
            if step != NONE:
                count(world, request.stream, CountColumn.FALLBACKS)
                return step
        elif is_late:
            continue
        elif by_rank_of(world)[entry, request.region, 0] == NONE:
            request.result = Result.ERROR
            count(world, request.stream, CountColumn.RESIDENCY_BLOCKED)
        else:
            count(world, request.stream, CountColumn.FALLBACKS)
            return Next.TRY
    request.marks |= Mark.EXHAUSTED
    exhausted_pc = instruction_at(world, request.pc).exhausted_pc
    if exhausted_pc != NONE:
        request.pc = exhausted_pc
        return Next.RUN
    is_shed = request.result == Result.OVERLOAD
    return end_action(world, slot, Outcome.REJECTED if is_shed else Outcome.FAILED)
