"""How a step gets an answer from its route: a target is picked, tried, judged; another try, another tier, a fallback.

The life of a single try is in `simulator.kernel.attempts`; which target a strategy prefers in `mechanisms/routes`;
what a route would rather not send in `simulator.kernel.protection`.
"""

import math

from simulator.kernel.attempts import begin_attempt, cross_network, settle
from simulator.kernel.caches import find_stale_answer, keep_answer
from simulator.kernel.codes import Event, Kept, Mark, Next, Outcome, Phase, Purpose
from simulator.kernel.observe import count, use
from simulator.kernel.protection import allowance_of, protect_attempt
from simulator.kernel.regions import open_tier, station_of
from simulator.kernel.request import ATTEMPTS_PER_ASK, draw_key, schedule
from simulator.kernel.slots import end_action, throw_kept_away
from simulator.kernel.target_selection import choose_first, unless_held
from simulator.kernel.world import (
    by_rank_of,
    events_at,
    fallbacks_of,
    instruction_at,
    language_factor_of,
    policy_at,
    release_at,
    request_at,
    route_at,
    success_rate_of,
    target_at,
    wait_at,
    workload_at,
)
from simulator.mechanisms.codes import Result, TargetKind
from simulator.mechanisms.routes.codes import FallbackKind, Strategy
from simulator.mechanisms.routes.kernel.choosing import HELD
from simulator.mechanisms.routes.kernel.retries import jittered, may_retry, save_up, take_retry
from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.numerics.draws import uniform
from simulator.numerics.events import INSTANT_S, NONE, next_key, push, push_at
from simulator.numerics.jit import jit


@jit
def pick_target(world, request, route):
    """Target and station of the next attempt: by the route's strategy, or the fallback whose turn it is.

    Instead of a station: NONE if the data may not go where it is, HELD if nothing is sent there now.
    """
    if request.level == 0:
        return choose_first(world, request, route)
    target = fallbacks_of(world)[route.first_fallback + request.level - 1]
    station = station_of(world, request, target, 0)
    return target, unless_held(world, route, request.region, station)


@jit
def send_attempt(world, slot):
    """Pick a target, start the clock of this try, and send it."""
    request = request_at(world, slot)
    route_id = instruction_at(world, request.pc).operand
    route = route_at(world, route_id)
    if route.is_generate == 1:
        prompt_tokens = request.prompt_tokens + request.context_tokens + request.called_tokens
        request.sent_tokens = min(route.max_context_tokens, prompt_tokens)
    request.attempt += 1
    target, station = pick_target(world, request, route)
    if route.policy != NONE and request.attempt & (ATTEMPTS_PER_ASK - 1) == 1:
        save_up(policy_at(world, route.policy), allowance_of(world, route.policy, request.region))
    if station == NONE:
        count(world, request.stream, CountColumn.RESIDENCY_BLOCKED)
        request.result = Result.ERROR
        return Next.FALL_BACK
    request.tries += 1
    if station == HELD:
        count(world, request.stream, CountColumn.HELD_BACK)
        request.result = Result.OVERLOAD
        return retry_or_fall_back(world, slot)
    if request.tries > 1:
        count(world, request.stream, CountColumn.RETRIES)
    request.target = target
    request.station = station
    begin_attempt(world, slot)
    _start_clock(world, slot, route)
    if route.policy != NONE:
        request.route = route_id
        protect_attempt(world, slot, route)
    return cross_network(world, slot, Event.REACHED, Phase.OUTBOUND, Next.REACH)


@jit
def _start_clock(world, slot, route):
    """Let the try time out, or the whole step, whichever is first."""
    request = request_at(world, slot)
    if min(request.deadline_s, route.per_try_s) == math.inf:
        return
    key = next_key(events_at(world, 0), slot, Event.TRY_TIMEOUT)
    request.timer_key = key
    if events_at(world, 0).now_s + route.per_try_s <= request.deadline_s + INSTANT_S:
        push(events_at(world, 0), route.per_try_lane, route.per_try_s, key)
    else:
        push_at(events_at(world, 0), request.deadline_s, key)


@jit
def answers_by_rules(world, request):
    """Whether a service has answered in place of a model."""
    if target_at(world, request.target).has_rules == 0:
        return False
    return route_at(world, instruction_at(world, request.pc).operand).is_generate == 1


@jit
def draw_grounded(world, request, is_correct):
    """Draw whether an answer rests on its sources, and note at its target what it is worth."""
    target = target_at(world, request.target)
    grounded_share = target.grounded_right if is_correct else target.grounded_wrong
    is_grounded = uniform(draw_key(world, request, Purpose.GROUNDED)) < grounded_share
    use(world, request.stream, request.station, UsageColumn.JUDGED, 1.0)
    if is_correct:
        use(world, request.stream, request.station, UsageColumn.RIGHT, 1.0)
    if is_grounded:
        use(world, request.stream, request.station, UsageColumn.GROUNDED, 1.0)
    return is_grounded


@jit
def judge_answer(world, slot):
    """Draw whether a model's answer is right and whether it seems so; a cascade escalates when it does not."""
    request = request_at(world, slot)
    route = route_at(world, instruction_at(world, request.pc).operand)
    shift = workload_at(world, request.workload).success_shift
    shift += target_at(world, request.target).success_shift
    of_language = language_factor_of(world)[request.target, request.language]
    success_rate = of_language * success_rate_of(world)[request.target, request.class_id] + shift
    if request.release != 0:
        success_rate += release_at(world, request.release).success_shift
    is_correct = uniform(draw_key(world, request, Purpose.CORRECT)) < success_rate
    flagged_share = route.flags_right if is_correct else route.flags_wrong
    is_unsure = uniform(draw_key(world, request, Purpose.CONFIDENCE)) < flagged_share
    is_grounded = draw_grounded(world, request, is_correct)
    if not is_grounded and uniform(draw_key(world, request, Purpose.CHECKED)) < route.flags_ungrounded:
        is_unsure = True
    is_cascade = route.strategy == Strategy.CASCADE and request.level == 0
    if is_unsure and is_cascade and open_tier(world, request, request.tier + 1) < route.n_choices:
        settle(world, slot, False)
        throw_kept_away(world, request)
        _keep(request, is_correct, is_grounded)
        request.tier += 1
        request.tries = 0
        return Next.TRY
    settle(world, slot, False)
    throw_kept_away(world, request)
    return accept_answer(world, slot, is_correct, is_unsure, is_grounded)


@jit
def _keep(request, is_correct, is_grounded):
    """Keep an answer that a cascade is unsure of: it stands if no later tier answers."""
    request.kept_target = request.target
    request.kept_station = request.station
    request.kept_marks = (Kept.RIGHT if is_correct else 0) | (Kept.GROUNDED if is_grounded else 0)


@jit
def _accept_kept(world, slot):
    """Take the unsure answer after all: the user gets it now."""
    request = request_at(world, slot)
    request.target = request.kept_target
    request.station = request.kept_station
    request.first_token_s = events_at(world, 0).now_s
    request.way_back_s = 0.0
    request.tpot_s = 0.0
    request.kept_target = NONE
    is_right = (request.kept_marks & Kept.RIGHT) != 0
    return accept_answer(world, slot, is_right, True, (request.kept_marks & Kept.GROUNDED) != 0)


@jit
def accept_answer(world, slot, is_correct, is_unsure, is_grounded):
    """Take a model's answer: note its first token, keep it in the cache, go on."""
    request = request_at(world, slot)
    instruction = instruction_at(world, request.pc)
    if not is_correct:
        request.marks |= Mark.WRONG
    if is_unsure:
        request.marks |= Mark.UNSURE
    if target_at(world, request.target).kind == TargetKind.SERVICE:  # rules answer in place of a model
        request.marks |= Mark.DEGRADED
        request.ttft_s = events_at(world, 0).now_s - request.turn_start_s
        request.tpot_s = 0.0
    else:
        count(world, request.stream, CountColumn.GENERATED)
        if not is_grounded:
            count(world, request.stream, CountColumn.UNGROUNDED)
        request.ttft_s = request.first_token_s + request.way_back_s - request.turn_start_s
        if request.output_tokens < 2:
            request.tpot_s = 0.0
        if instruction.cache != NONE:
            keep_answer(world, request, instruction, is_correct)
    request.pc += 1
    return Next.RUN


@jit
def _may_spend(world, request, route):
    """Whether the budget has a retry left; it is taken."""
    if route.policy == NONE:
        return True
    return take_retry(policy_at(world, route.policy), allowance_of(world, route.policy, request.region))


@jit
def retry_or_fall_back(world, slot):
    """After a failed attempt: wait and try the same entry again while tries and time last, else the next entry."""
    request = request_at(world, slot)
    route = route_at(world, instruction_at(world, request.pc).operand)
    if may_retry(route, request.result, request.tries):
        wait = wait_at(world, route.first_wait + request.tries - 1)
        lane = wait.lane
        wait_s = jittered(wait.wait_s, route.jitter, draw_key(world, request, Purpose.BACKOFF))
        if (
            request.result == Result.RATE_LIMITED
            and 0.0 < request.retry_after_s <= route.longest_retry_after_s
        ):
            wait_s = request.retry_after_s
            lane = NONE
        if events_at(world, 0).now_s + wait_s < request.deadline_s - INSTANT_S:
            if not _may_spend(world, request, route):
                count(world, request.stream, CountColumn.RETRIES_DENIED)
                return Next.FALL_BACK
            if wait_s <= 0.0:
                return Next.TRY
            request.phase = Phase.BETWEEN
            schedule(world, request, slot, Event.RETRY, lane, wait_s)
            return Next.WAIT
    return Next.FALL_BACK


@jit
def fall_back(world, slot):
    """Go on where help may still come from: a cascade's next tier, its unsure answer, the next entry of the route.

    When there is nothing left the route is exhausted.
    """
    request = request_at(world, slot)
    route = route_at(world, instruction_at(world, request.pc).operand)
    is_late = events_at(world, 0).now_s >= request.deadline_s - INSTANT_S
    if request.level == 0 and route.strategy == Strategy.CASCADE:
        tier = open_tier(world, request, request.tier + 1)
        if tier < route.n_choices and not is_late:
            request.tier = tier
            request.tries = 0
            return Next.TRY
        if request.kept_target != NONE:
            return _accept_kept(world, slot)
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
