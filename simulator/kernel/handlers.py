"""The story of a request: it walks through its steps, tries targets, is answered, handed over, and ends.

Read this file first. A handler does one thing to one request and says what comes next (`Next`); `follow`, at the foot,
goes on until the request waits for an event. How it arrives is in `simulator.kernel.arrivals`, how a step gets its
answer in `simulator.kernel.routes`, the life of a single try in `simulator.kernel.attempts`; the rooms in
`simulator.mechanisms` know how each mechanism works. This file knows when.
"""

import numpy as np

from simulator.kernel.arrivals import begin_turn
from simulator.kernel.attempts import (
    begin_attempt,
    enter_station,
    interrupt,
    learn_latency,
    settle,
)
from simulator.kernel.caches import ask_cache
from simulator.kernel.codes import Event, Mark, Next, Opcode, Outcome, Phase, Purpose
from simulator.kernel.hedges import conclude_first, conclude_second, cut_second
from simulator.kernel.observe import count, observe_answer
from simulator.kernel.request import ATTEMPTS_PER_ASK, draw_key, schedule
from simulator.kernel.routes import (
    answers_by_rules,
    fall_back,
    judge_answer,
    retry_or_fall_back,
    send_attempt,
)
from simulator.kernel.slots import end_action, free_slot, take_slot
from simulator.kernel.world import (
    by_rank_of,
    calls_of,
    events_at,
    instruction_at,
    request_at,
    route_at,
    stations_of,
    stream_at,
    target_at,
    workload_at,
)
from simulator.mechanisms.codes import Result, TargetKind
from simulator.mechanisms.review.kernel import choose_team
from simulator.mechanisms.traffic.codes import LengthOrder
from simulator.mechanisms.traffic.kernel import think_time
from simulator.metrics.columns import CountColumn
from simulator.numerics.draws import derive, uniform
from simulator.numerics.events import NONE
from simulator.numerics.jit import jit


@jit
def run_instruction(world, slot):
    """Do the step the request stands at."""
    request = request_at(world, slot)
    request.attempt = (
        request.asked * ATTEMPTS_PER_ASK
    )  # not those of a route before, whose luck is no other step's
    instruction = instruction_at(world, request.pc)
    opcode = instruction.opcode
    if opcode == Opcode.ROUTE:
        timeout_s = route_at(world, instruction.operand).timeout_s
        request.deadline_s = events_at(world, 0).now_s + timeout_s
        request.level = 0
        request.tries = 0
        request.tier = 0
        request.kept_target = NONE
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
        request.marks |= Mark.INVALID
        return end_action(world, slot, Outcome.REJECTED)
    request.pc += 1
    return Next.RUN


@jit
def review(world, slot):
    """Let a person see the answer before it goes out, or take over; otherwise maybe sample it for later. Not of a copy."""
    request = request_at(world, slot)
    instruction = instruction_at(world, request.pc)
    if (request.marks & Mark.MIRRORED) != 0:
        if (request.marks & Mark.EXHAUSTED) != 0:
            return end_action(world, slot, Outcome.FAILED)
        request.pc += 1
        return Next.RUN
    if by_rank_of(world)[instruction.operand, request.region, 0] == NONE:
        return do_without_people(world, slot)
    if (request.marks & instruction.takes_over) != 0 or is_seen_before(world, request):
        if instruction.is_draft == 1 and (request.marks & Mark.EXHAUSTED) == 0:
            decide_on_draft(world, request)
        return hand_off(world, slot)
    is_sampled = instruction.probability > 0.0
    if is_sampled and uniform(draw_key(world, request, Purpose.SAMPLE)) < instruction.probability:
        job = take_slot(world, request.source, derive(request.draw_key, np.uint64(Purpose.SAMPLE)))
        request_at(world, job).marks = Mark.REVIEW_JOB | (request.marks & Mark.WRONG)
        request_at(world, job).stream = request.stream
        request_at(world, job).release = request.release
        request_at(world, job).pc = request.pc
        request_at(world, job).turn = request.turn
        join_team(world, job)
    request.pc += 1
    return Next.RUN


@jit
def is_seen_before(world, request):
    """Whether a person sees this answer before it goes out."""
    instruction = instruction_at(world, request.pc)
    if instruction.before <= 0.0 or ((instruction.before_classes >> request.class_id) & 1) == 0:
        return False
    return uniform(draw_key(world, request, Purpose.BEFORE)) < instruction.before


@jit
def decide_on_draft(world, request):
    """What a person will do with a draft: it tells how long they take, and what the answer is worth."""
    target = target_at(world, instruction_at(world, request.pc).operand)
    changed_share = target.overrides_right
    if (request.marks & Mark.WRONG) != 0:
        changed_share = target.overrides_wrong
    request.marks |= Mark.DRAFT
    if uniform(draw_key(world, request, Purpose.OVERRIDE)) >= changed_share:
        return
    is_rejected = uniform(draw_key(world, request, Purpose.REJECTED)) < target.rejected
    request.marks |= Mark.REJECTED if is_rejected else Mark.CHANGED


@jit
def do_without_people(world, slot):
    """Nobody may see the data of this user: an answer stands as it is, and where there is none the action fails."""
    request = request_at(world, slot)
    takes_over = (request.marks & instruction_at(world, request.pc).takes_over) != 0
    if takes_over or is_seen_before(world, request):
        count(world, request.stream, CountColumn.RESIDENCY_BLOCKED)
        if takes_over and (request.marks & Mark.EXHAUSTED) != 0:
            return end_action(world, slot, Outcome.FAILED)
    request.pc += 1
    return Next.RUN


@jit
def hand_off(world, slot):
    """Tell the user that a person takes over, stop the user's clock, and join the team's queue."""
    request = request_at(world, slot)
    request.turn_key = 0
    request.ttft_s = -1.0
    request.marks |= Mark.HANDED_OFF
    count(world, request.stream, CountColumn.HANDED_OFF)
    now_s = events_at(world, 0).now_s
    observe_answer(world, request, workload_at(world, request.workload), now_s)
    return join_team(world, slot)


@jit
def join_team(world, slot):
    """Send a request or a sampled answer to the nearest team; a request, where it overflows, to another one."""
    request = request_at(world, slot)
    team = instruction_at(world, request.pc).operand
    nearest = by_rank_of(world)[team, request.region]
    overflow_above = target_at(world, team).overflow_above
    request.target = team
    request.station = nearest[0]
    if overflow_above != NONE and (request.marks & Mark.REVIEW_JOB) == 0:
        request.station = choose_team(stations_of(world), nearest, overflow_above)
    begin_attempt(world, slot)
    return enter_station(world, slot)


@jit
def conclude(world, slot):
    """An attempt has ended: accept its answer, escalate, try again, or fall back."""
    request = request_at(world, slot)
    if (request.marks & Mark.SECOND) != 0:
        return conclude_second(world, slot)
    if request.pair != NONE and not conclude_first(world, slot):
        return Next.WAIT
    kind = target_at(world, request.target).kind
    if kind == TargetKind.TEAM:
        return conclude_team(world, slot)
    if request.result == Result.OK:
        learn_latency(world, request)
        if kind == TargetKind.MODEL or answers_by_rules(world, request):
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
    if (request.marks & Mark.REVIEW_JOB) != 0:
        count(world, request.stream, CountColumn.REVIEWED)
        target = target_at(world, request.target)
        is_wrong = (request.marks & Mark.WRONG) != 0
        changed_share = target.overrides_wrong if is_wrong else target.overrides_right
        if uniform(draw_key(world, request, Purpose.OVERRIDE)) >= changed_share:
            count(world, request.stream, CountColumn.REVIEWED_RIGHT)
        free_slot(world, slot)
        return Next.WAIT
    if (request.marks & Mark.DRAFT) != 0 and goes_out_as_it_is(world, request):
        request.marks &= ~Mark.UNSURE
        request.pc += 1
        return Next.RUN
    request.marks &= ~(Mark.WRONG | Mark.UNSURE | Mark.EXHAUSTED)
    resolved_share = target_at(world, request.target).success_rate
    if uniform(draw_key(world, request, Purpose.RESOLVED)) >= resolved_share:
        request.marks |= Mark.WRONG
    request.pc += 1
    return Next.RUN


@jit
def goes_out_as_it_is(world, request):
    """Count what a person did with a draft; whether it is the answer."""
    marks = request.marks
    request.marks &= ~(Mark.DRAFT | Mark.CHANGED | Mark.REJECTED)
    if (marks & Mark.CHANGED) != 0:
        count(world, request.stream, CountColumn.DRAFTS_CHANGED)
        return False
    if (marks & Mark.REJECTED) != 0:
        count(world, request.stream, CountColumn.DRAFTS_REJECTED)
        return False
    count(world, request.stream, CountColumn.DRAFTS_APPROVED)
    return True


@jit
def end_turn(world, slot):
    """The steps are done: the user has the answer. Ask again after a pause, or be done."""
    request = request_at(world, slot)
    workload = workload_at(world, request.workload)
    now_s = events_at(world, 0).now_s
    request.turn_key = 0
    observe_answer(world, request, workload, now_s)
    if request.turn + 1 < request.n_turns:
        request.reusable_tokens = request.context_tokens + request.prompt_tokens
        request.context_tokens = request.reusable_tokens + request.output_tokens
        if request.called_tokens == 0:
            request.reusable_tokens = request.context_tokens
        request.turn += 1
        request.phase = Phase.BETWEEN
        key = derive(request.draw_key, np.uint64((request.turn << 8) | Purpose.THINK))
        pause_s = think_time(workload, key)
        if workload.lengths_in_order == LengthOrder.SESSIONS:
            pause_s = calls_of(world)[request.first_row + request.turn, 0]
        schedule(world, request, slot, Event.THOUGHT, NONE, pause_s)
        return Next.WAIT
    is_degraded = (request.marks & Mark.DEGRADED) != 0
    return end_action(world, slot, Outcome.DEGRADED if is_degraded else Outcome.SUCCEEDED)


@jit
def time_out_try(world, slot):
    """End a try that has taken too long; of a pair both, the first one first."""
    request = request_at(world, slot)
    request.timer_key = 0
    if request.pair == NONE:
        interrupt(world, slot, Result.TIMEOUT)
        return Next.CONCLUDE
    if (request.marks & Mark.HALVED) == 0:
        interrupt(world, slot, Result.TIMEOUT)
        learn_latency(world, request)
        settle(world, slot, True)
    cut_second(world, slot, Result.TIMEOUT)
    request.marks &= ~Mark.HALVED
    request.result = Result.TIMEOUT
    return retry_or_fall_back(world, slot)


@jit
def time_out_turn(world, slot):
    """The user has waited long enough, whatever the request is doing."""
    request = request_at(world, slot)
    count(world, request.stream, CountColumn.TIMEOUTS)
    if request.phase != Phase.BETWEEN:
        interrupt(world, slot, Result.TIMEOUT)
        settle(world, slot, True)
    if request.pair != NONE:
        cut_second(world, slot, Result.TIMEOUT)
    return end_action(world, slot, Outcome.FAILED)


@jit
def lose_patience(world, slot):
    """Who waits in a queue leaves; of a pair of tries only this one ends."""
    interrupt(world, slot, Result.ABANDONED)
    if request_at(world, slot).pair != NONE:
        return Next.CONCLUDE
    settle(world, slot, True)
    return end_action(world, slot, Outcome.ABANDONED)


@jit
def ask_again(world, slot):
    """A user who got nothing, or a wrong answer, asks once more: a new action, with luck of its own at every step."""
    request = request_at(world, slot)
    stream_at(world, request.source).in_flight += workload_at(world, request.workload).is_limited
    count(world, request.stream, CountColumn.ARRIVED)
    count(world, request.stream, CountColumn.ASKED_AGAIN)
    request.phase = Phase.BETWEEN
    request.asked += 1
    request.arrival_s = events_at(world, 0).now_s
    request.latency_s = -1.0
    request.marks = 0
    request.turn = 0
    request.n_attempts = 0
    request.context_tokens = 0
    request.reusable_tokens = 0
    request.total_input_tokens = 0
    request.total_output_tokens = 0
    return Next.TURN


@jit
def _owner_of(world, slot):
    """Slot of the action that a try is made for."""
    request = request_at(world, slot)
    return np.int64(request.pair) if (request.marks & Mark.SECOND) != 0 else slot


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
            owner = _owner_of(world, slot)
            step = conclude(world, slot)
            slot = owner
        elif step == Next.RETRY:
            step = retry_or_fall_back(world, slot)
        elif step == Next.TURN:
            step = begin_turn(world, slot)
        else:
            step = fall_back(world, slot)
