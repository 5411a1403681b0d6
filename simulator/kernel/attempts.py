"""The life of one attempt: sent, admitted or refused, served, answered, billed; or interrupted on its way.

Called by the story in `simulator.kernel.handlers`. Servers and queues are kept by `mechanisms/queueing`, limits by
`mechanisms/limits` and `mechanisms/counted_limits`.
"""

import math

from simulator.kernel.codes import Event, Mark, Next, Phase, Purpose
from simulator.kernel.observe import count, measure_wait, observe_attempt, use
from simulator.kernel.orphaned_work import leave_behind
from simulator.kernel.protection import is_hopeless, note_ended
from simulator.kernel.regions import way_back, way_out
from simulator.kernel.request import draw_key, draw_value, draws_error, lose_on_the_way, schedule
from simulator.kernel.slots import free_slot
from simulator.kernel.world import (
    events_at,
    instruction_at,
    limits_of,
    release_at,
    request_at,
    requests_of,
    route_at,
    station_at,
    stream_at,
    target_at,
    workload_at,
)
from simulator.mechanisms.codes import Result, TargetKind
from simulator.mechanisms.counted_limits import (
    charge_limits,
    charge_refused,
    lets_in,
    settle_limits,
    wait_for_limits,
)
from simulator.mechanisms.limits import take_quota, wait_for_quota
from simulator.mechanisms.providers.kernel import tokens_streamed
from simulator.mechanisms.queueing.kernel import (
    enter_service,
    first_waiting,
    join_queue,
    leave_queue,
    leave_service,
)
from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.numerics.deferred_calls import call_late
from simulator.numerics.draws import uniform
from simulator.numerics.events import INSTANT_S, NONE, next_key, push
from simulator.numerics.jit import jit, shared

_EWMA_WEIGHT = 0.1  # of the newest latency, for latency-based routing


@jit
def begin_attempt(world, slot):
    """Open the attempt's account."""
    request = request_at(world, slot)
    request.attempt_start_s = events_at(world, 0).now_s
    request.serve_s = math.inf
    request.charged_s = math.inf
    request.first_token_s = math.inf
    request.result = Result.OK
    request.n_attempts += 1
    use(world, request.stream, request.station, UsageColumn.ATTEMPTS, 1.0)


@jit
def cross_network(world, slot, event, phase, at_once):
    """Send the request one way between its region and its station; `at_once` comes next if that takes no time."""
    request = request_at(world, slot)
    is_outbound = phase == Phase.OUTBOUND
    if lose_on_the_way(world, request, Purpose.LOST if is_outbound else Purpose.LOST_BACK):
        request.phase = phase
        return Next.WAIT
    delay_s, lane = way_out(world, request) if is_outbound else way_back(world, request)
    request.way_back_s = delay_s
    if delay_s <= 0.0:
        return at_once
    request.phase = phase
    schedule(world, request, slot, event, lane, delay_s)
    return Next.WAIT


@jit
def answer(world, slot):
    """The station is done with the attempt, or refuses it: its result goes back."""
    return cross_network(world, slot, Event.ANSWERED, Phase.RETURNING, Next.CONCLUDE)


@jit
def answer_later(world, slot):
    """The same outside of the request's own story: on a way without length the result arrives in an event of its own."""
    if answer(world, slot) == Next.CONCLUDE:
        request = request_at(world, slot)
        request.phase = Phase.RETURNING
        schedule(world, request, slot, Event.ANSWERED, NONE, 0.0)


@jit
def _draft_distribution(request, target):
    """How long people take for a draft, by what they do with it."""
    if (request.marks & Mark.REJECTED) != 0:
        return target.reject_distribution
    return target.change_distribution if (request.marks & Mark.CHANGED) != 0 else target.approve_distribution


@jit
def serve(world, slot):
    """Begin service now: draw its length and its fate."""
    request = request_at(world, slot)
    now_s = events_at(world, 0).now_s
    station = station_at(world, request.station)
    target = target_at(world, request.target)
    enter_service(station, now_s)
    wait_s = now_s - request.reach_s
    measure_wait(world, request.station, wait_s, now_s)
    request.serve_s = now_s
    request.phase = Phase.SERVING
    request.patience_key = 0
    request.first_token_s = math.inf
    is_error = draws_error(world, request, station.error_rate, target.kind == TargetKind.MODEL)
    request.result = Result.ERROR if is_error else Result.OK
    lane = NONE
    if target.kind == TargetKind.MODEL:
        slowness = 1.0 if request.release == 0 else release_at(world, request.release).slowness
        ttft_s = draw_value(world, target.ttft_distribution, draw_key(world, request, Purpose.TTFT))
        duration_s = slowness * station.ttft_slowness * ttft_s
        if not is_error:  # an error comes in place of the first token
            request.first_token_s = now_s + duration_s
            tpot_s = draw_value(world, target.tpot_distribution, draw_key(world, request, Purpose.TPOT))
            request.tpot_s = slowness * station.slowness * tpot_s
            duration_s += (request.output_tokens - 1) * request.tpot_s
    else:
        is_draft = (request.marks & Mark.DRAFT) != 0
        lane = target.service_lane if station.slowness == 1.0 and not is_draft else NONE
        duration_s = 0.0
        if lane == NONE:
            key = draw_key(world, request, Purpose.SERVICE)
            distribution = _draft_distribution(request, target) if is_draft else target.service_distribution
            duration_s = station.slowness * draw_value(world, distribution, key)
    if target.kind != TargetKind.TEAM:
        request.queue_wait_s += wait_s
    if target.ignores_cancel == 1:
        request.served_s = now_s + duration_s if lane == NONE else now_s + target.mean_s
    schedule(world, request, slot, Event.SERVED, lane, duration_s)


@jit
def turn_away(world, slot, result):
    """Let one who has left the queue go back unserved; of a ghost nothing is left."""
    request = request_at(world, slot)
    waited_s = events_at(world, 0).now_s - request.reach_s
    station_at(world, request.station).sojourn_s += waited_s
    if (request.marks & Mark.GHOST) != 0:
        free_slot(world, slot)
        return
    request.queue_wait_s += waited_s
    request.patience_key = 0
    request.result = result
    answer_later(world, slot)


@shared
def admit_waiting(world, station_id):
    """Give free servers to those who wait, at most 16 at a time; True when some may be left."""
    station = station_at(world, station_id)
    for _ in range(16):
        slot = first_waiting(station)
        if slot == NONE or station.busy >= station.servers:
            return False
        request = request_at(world, slot)
        priority = _queue_priority(world, request)
        now_s = events_at(world, 0).now_s
        leave_queue(station, requests_of(world), slot, priority, now_s)
        if now_s - request.reach_s > target_at(world, request.target).queue_wait_limit_s + INSTANT_S:
            turn_away(world, slot, Result.OVERLOAD)
        elif is_hopeless(world, request):
            count(world, request.stream, CountColumn.EXPIRED)
            turn_away(world, slot, Result.TIMEOUT)
        else:
            serve(world, slot)
    return True


@jit
def _is_within_limits(world, request, station, target):
    """Whether the station's limits let the attempt in; it is charged to them."""
    now_s = events_at(world, 0).now_s
    n_input, n_output = request.sent_tokens, request.output_tokens
    n_tokens = n_input + n_output if target.kind == TargetKind.MODEL else 0
    in_flight = station.busy + station.queued  # a pool has some waiting
    if station.n_limits == 0:
        return take_quota(station, in_flight, n_tokens, now_s)
    max_tokens = workload_at(world, request.workload).max_tokens
    limits = limits_of(world)
    drawer = stream_at(world, request.source).drawer
    is_let_in = lets_in(station, limits, drawer, n_input, n_output, max_tokens, now_s)
    if not is_let_in or not take_quota(station, in_flight, n_tokens, now_s):
        charge_refused(station, limits, drawer, n_input, n_output, max_tokens, now_s)
        return False
    charge_limits(station, limits, drawer, n_input, n_output, max_tokens, now_s)
    request.charged_s = now_s
    return True


@jit
def _note_retry_after(world, request, station, target):
    """Let a 429 of the limits say after how many whole seconds there is room again, where the client will listen."""
    request.retry_after_s = 0.0
    if route_at(world, instruction_at(world, request.pc).operand).longest_retry_after_s <= 0.0:
        return
    n_input, n_output = request.sent_tokens, request.output_tokens
    wait_s = wait_for_quota(station, n_input + n_output if target.kind == TargetKind.MODEL else 0)
    wait_s = max(
        wait_s,
        wait_for_limits(
            station,
            limits_of(world),
            stream_at(world, request.source).drawer,
            n_input,
            n_output,
            workload_at(world, request.workload).max_tokens,
            events_at(world, 0).now_s,
        ),
    )
    if 0.0 < wait_s < math.inf:
        request.retry_after_s = max(1.0, math.ceil(wait_s - INSTANT_S))


@jit
def settle_quota(world, request, is_over):
    """The station is done with the attempt: what it took is charged in place of what it had reserved.

    Parameters
    ----------
    is_over : it has been answered, or broken off by its caller: what was read and made counts; an error took nothing
    """
    if request.charged_s == math.inf:
        return
    now_s = events_at(world, 0).now_s
    end_input = end_output = 0
    if is_over:
        end_input = request.sent_tokens
        end_output = tokens_streamed(now_s, request.first_token_s, request.tpot_s, request.output_tokens)
    settle_limits(
        station_at(world, request.station),
        limits_of(world),
        stream_at(world, request.source).drawer,
        request.sent_tokens,
        request.output_tokens,
        workload_at(world, request.workload).max_tokens,
        request.charged_s,
        end_input,
        end_output,
        now_s,
    )
    request.charged_s = math.inf


@jit
def _queue_priority(world, request):
    """Sampled reviews stand behind hand-offs; otherwise the workload's priority."""
    if (request.marks & Mark.REVIEW_JOB) != 0:
        return 1
    return workload_at(world, request.workload).priority


@jit
def _is_refused(world, request, station):
    """Whether an incident turns the attempt away, whatever the limits say: with a 429 or a 529."""
    luck = uniform(draw_key(world, request, Purpose.REFUSED))
    if luck < station.refused_share:
        request.result = Result.RATE_LIMITED
        request.retry_after_s = 0.0
        return True
    if luck < station.refused_share + (1.0 - station.refused_share) * station.overloaded_share:
        request.result = Result.OVERLOAD
        return True
    return False


@shared
def enter_station(world, slot):
    """Admit the attempt to its station: served, queued, or refused with a result that goes back at once."""
    request = request_at(world, slot)
    now_s = events_at(world, 0).now_s
    station = station_at(world, request.station)
    target = target_at(world, request.target)
    request.reach_s = now_s
    if station.is_down == 1:
        request.result = Result.ERROR
        return answer(world, slot)
    if station.refused_share + station.overloaded_share > 0.0 and _is_refused(world, request, station):
        return answer(world, slot)
    if not _is_within_limits(world, request, station, target):
        _note_retry_after(world, request, station, target)
        request.result = Result.RATE_LIMITED
        return answer(world, slot)
    if station.pool != NONE:
        return Next.WAIT if call_late(world.join_pool, world, slot) == 1 else answer(world, slot)
    if station.busy < station.servers and station.queued == 0:
        if is_hopeless(world, request):
            count(world, request.stream, CountColumn.EXPIRED)
            settle_quota(world, request, False)
            request.result = Result.TIMEOUT
            return answer(world, slot)
        serve(world, slot)
        return Next.WAIT
    priority = _queue_priority(world, request)
    if station.queued >= (station.queue_limit if priority == 0 else station.batch_queue_limit):
        request.result = Result.OVERLOAD
        return answer(world, slot)
    join_queue(station, requests_of(world), slot, priority, now_s)
    request.phase = Phase.QUEUED
    request.progress_key = 0
    if target.patience_distribution != NONE and (request.marks & Mark.REVIEW_JOB) == 0:
        key = next_key(events_at(world, 0), slot, Event.PATIENCE)
        request.patience_key = key
        patience_s = draw_value(
            world, target.patience_distribution, draw_key(world, request, Purpose.PATIENCE)
        )
        push(events_at(world, 0), NONE, patience_s, key)
    return Next.WAIT


@jit
def leave_server(world, slot):
    """Service is over or broken off: free the server for the next in line."""
    request = request_at(world, slot)
    now_s = events_at(world, 0).now_s
    leave_service(station_at(world, request.station), now_s, request.reach_s)
    use(world, request.stream, request.station, UsageColumn.BUSY_S, now_s - request.serve_s)
    admit(world, request.station)


@jit
def admit(world, station_id):
    """Let those who wait have the free servers; when many are turned away, go on in an event of its own."""
    if admit_waiting(world, station_id):
        events = events_at(world, 0)
        push(events, NONE, 0.0, next_key(events, station_id, Event.ADMIT))


@shared
def interrupt(world, slot, result):
    """Break the attempt off wherever it is; its place at the station goes to another."""
    request = request_at(world, slot)
    is_at_station = request.phase == Phase.QUEUED or request.phase == Phase.SERVING
    target = target_at(world, request.target)
    if is_at_station and station_at(world, request.station).pool != NONE:
        call_late(world.leave_pool, world, slot)
    elif request.phase == Phase.QUEUED:
        now_s = events_at(world, 0).now_s
        if target.kind != TargetKind.TEAM:
            request.queue_wait_s += now_s - request.reach_s
        if target.ignores_cancel == 1 and (result == Result.TIMEOUT or result == Result.CANCELLED):
            leave_behind(world, slot, _queue_priority(world, request))
        else:
            station = station_at(world, request.station)
            leave_queue(station, requests_of(world), slot, _queue_priority(world, request), now_s)
            station.sojourn_s += now_s - request.reach_s
    elif request.phase == Phase.SERVING:
        if target.ignores_cancel == 1 and result != Result.ERROR:
            leave_behind(world, slot, 0)
        else:
            settle_quota(world, request, request.result != Result.ERROR and result != Result.ERROR)
            leave_server(world, slot)
    if request.result == Result.ERROR and station_at(world, request.station).pool == NONE:
        request.serve_s = math.inf  # it was going to fail: nothing is billed
    request.progress_key = 0
    request.patience_key = 0
    request.phase = Phase.BETWEEN
    request.result = result


@jit
def _usage_column(result):
    if result == Result.OK:
        return UsageColumn.SUCCEEDED
    if result == Result.ERROR:
        return UsageColumn.ERRORS
    if result == Result.RATE_LIMITED:
        return UsageColumn.RATE_LIMITED
    if result == Result.TIMEOUT:
        return UsageColumn.TIMED_OUT
    if result == Result.OVERLOAD:
        return UsageColumn.SHED
    if result == Result.CANCELLED:
        return UsageColumn.CANCELLED
    return UsageColumn.ABANDONED


@shared
def settle(world, slot, is_wasted):
    """Close the attempt's account: its result, and the tokens of a model that began to work on it."""
    request = request_at(world, slot)
    request.phase = Phase.BETWEEN
    request.timer_key = 0
    input_tokens = 0
    output_tokens = 0
    is_pool = station_at(world, request.station).pool != NONE
    if (
        target_at(world, request.target).kind == TargetKind.MODEL
        and request.serve_s < math.inf
        and (is_pool or request.result != Result.ERROR)
    ):
        input_tokens = request.sent_tokens
        if request.result == Result.OK:
            output_tokens = request.output_tokens
        elif is_pool:
            output_tokens = request.streamed_tokens
        else:
            now_s = events_at(world, 0).now_s
            output_tokens = tokens_streamed(
                now_s, request.first_token_s, request.tpot_s, request.output_tokens
            )
    observe_attempt(world, request, _usage_column(request.result), input_tokens, output_tokens, is_wasted)
    if request.policy != NONE:
        note_ended(world, request)


@jit
def learn_latency(world, request):
    """Let a station's average latency follow the newest attempt, for latency-based routing."""
    station = station_at(world, request.station)
    latency_s = events_at(world, 0).now_s - request.attempt_start_s
    if station.latency_ewma_s < 0.0:
        station.latency_ewma_s = latency_s
    else:
        station.latency_ewma_s += _EWMA_WEIGHT * (latency_s - station.latency_ewma_s)
