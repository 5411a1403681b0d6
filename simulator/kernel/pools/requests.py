"""A request at a self-hosted pool: it joins a replica, waits, is worked on iteration by iteration, and is answered.

How a batch behaves is in `mechanisms/replicas`; this file says what that means for requests and stations. Each replica
has one event, the next boundary at which its batch changes, in a place of its own in the event list.
"""

import math

from simulator.kernel.codes import Event, Phase, Purpose
from simulator.kernel.observe import measure_wait, use
from simulator.kernel.pools.sequences import make_sequence
from simulator.kernel.regions import way_back
from simulator.kernel.request import draws_error, lose_on_the_way, schedule
from simulator.kernel.world import (
    events_at,
    pools_at,
    request_at,
    requests_of,
    station_at,
)
from simulator.mechanisms.codes import Result
from simulator.mechanisms.queueing.kernel import account
from simulator.mechanisms.replicas.codes import ReplicaState
from simulator.mechanisms.replicas.kernel.balance import choose_replica
from simulator.mechanisms.replicas.kernel.batch import (
    admit,
    complete_iterations,
    finished,
    go_on,
    leave_batch,
    preempt,
    start_afresh,
)
from simulator.mechanisms.replicas.kernel.leap import cut_leap, plan_iterations, progress_by
from simulator.mechanisms.replicas.kernel.sequences import (
    append_waiting,
    first_waiting,
    free_sequence,
    remove_waiting,
)
from simulator.mechanisms.replicas.table import pool_at, replica_at, sequence_at
from simulator.metrics.columns import UsageColumn
from simulator.numerics.events import NO_KEY, NONE, next_key, set_leaf
from simulator.numerics.jit import jit, shared

_ENDS_AT_ONCE = 16  # sequences answered in one event, so that no buffer overflows in its midst


@jit
def set_wake(world, replica_id):
    """Put the replica's next boundary among the events; it replaces the one planned before."""
    events = events_at(world, 0)
    wake_s = replica_at(pools_at(world, 0), replica_id).wake_s
    key = next_key(events, replica_id, Event.STEPPED) if wake_s < math.inf else NO_KEY
    set_leaf(events, events.heap_leaf + 1 + replica_id, wake_s, key)


@jit
def _note_admission(world, sequence_id):
    """The request is served from now on; for a preempted one the wait is not its first."""
    now_s = events_at(world, 0).now_s
    slot = sequence_at(pools_at(world, 0), sequence_id).slot
    request = request_at(world, slot)
    station = station_at(world, request.station)
    account(station, now_s)
    station.queued -= 1
    station.busy += 1
    if request.phase == Phase.QUEUED:
        wait_s = now_s - request.reach_s
        measure_wait(world, request.station, wait_s, now_s)
        request.queue_wait_s += wait_s
        request.serve_s = now_s
        request.phase = Phase.SERVING


@jit
def set_state(replica, state, now_s):
    """Let a replica serve, drain, or be off from now on."""
    if replica.state != ReplicaState.OFF:
        replica.serving_s += now_s - replica.state_s
    replica.state_s = now_s
    replica.state = state


@jit
def _admit_all(world, replica_id):
    """Let those who wait join the iteration to come, as far as there is room."""
    while True:
        sequence_id = admit(pools_at(world, 0), replica_id)
        if sequence_id == NONE:
            return
        _note_admission(world, sequence_id)


@shared
def begin_iteration(world, replica_id):
    """Let a replica go on from this boundary: preempt, decode, admit, and plan until the next change."""
    pools = pools_at(world, 0)
    pool = pool_at(pools, replica_at(pools, replica_id).pool)
    station = station_at(world, pool.station)
    start_afresh(pools, replica_id)
    n_preempted = 0
    if pool.stalls_decodes == 1:
        _admit_all(world, replica_id)
    if replica_at(pools, replica_id).prefill_tokens == 0:
        while preempt(pools, replica_id) != NONE:
            account(station, events_at(world, 0).now_s)
            station.busy -= 1
            station.queued += 1
            n_preempted += 1
        go_on(pools, replica_id)
        if n_preempted == 0 and pool.stalls_decodes == 0:
            _admit_all(world, replica_id)
    plan_iterations(pools, replica_id, n_preempted > 0)
    set_wake(world, replica_id)


@shared
def dispatch(world, pool_id, sequence_id):
    """Send a sequence to a replica, or let it wait until one serves."""
    pools = pools_at(world, 0)
    pool = pool_at(pools, pool_id)
    sequence = sequence_at(pools, sequence_id)
    replica_id = choose_replica(pools, pool, sequence)
    sequence.replica = replica_id
    if replica_id == NONE:
        append_waiting(pools, pool, sequence_id)
        return
    replica = replica_at(pools, replica_id)
    append_waiting(pools, replica, sequence_id)
    if replica.n_planned == 0:
        if replica.is_ending == 0:
            replica.boundary_s = events_at(world, 0).now_s
            begin_iteration(world, replica_id)
        return
    has_room = replica.n_running < pool.max_num_seqs and replica.used_blocks < pool.n_blocks
    is_first = first_waiting(replica) == sequence_id
    if has_room and is_first and cut_leap(pools, replica_id, events_at(world, 0).now_s):
        set_wake(world, replica_id)


@jit
def _must_wait(pools, pool):
    """Whether no serving replica could take a sequence into its next iteration, as far as its seats go."""
    for replica_id in range(pool.first_replica, pool.first_replica + pool.n_replicas):
        replica = replica_at(pools, replica_id)
        is_free = replica.n_waiting == 0 and replica.n_running < pool.max_num_seqs
        if replica.state == ReplicaState.SERVING and is_free:
            return False
    return True


@shared
def join_pool(world, slot):
    """Take a request in, or refuse it with a result and return False."""
    request = request_at(world, slot)
    station = station_at(world, request.station)
    pools = pools_at(world, 0)
    pool = pool_at(pools, station.pool)
    if (
        draws_error(world, request, station.error_rate, True)
        or request.sent_tokens + request.output_tokens > pool.limit_tokens
    ):
        request.result = Result.ERROR
        return False
    if station.queued >= station.queue_limit and _must_wait(pools, pool):
        request.result = Result.OVERLOAD
        return False
    account(station, events_at(world, 0).now_s)
    station.queued += 1
    station.max_in_system = max(station.max_in_system, station.busy + station.queued)
    request.phase = Phase.QUEUED
    request.progress_key = 0
    request.streamed_tokens = 0
    dispatch(world, station.pool, make_sequence(world, slot))
    return True


@jit
def leave_station(world, slot, busy_s):
    """Close the request's account at the pool; its sequence is in no list any more, or nobody's."""
    request = request_at(world, slot)
    now_s = events_at(world, 0).now_s
    station_at(world, request.station).sojourn_s += now_s - request.reach_s
    use(world, request.stream, request.station, UsageColumn.BUSY_S, busy_s)


@jit
def answer_from_pool(world, slot, result):
    """Send the result of an attempt back; on a way without length it arrives in an event of its own at once."""
    request = request_at(world, slot)
    request.result = result
    request.phase = Phase.RETURNING
    if lose_on_the_way(world, request, Purpose.LOST_BACK):
        return
    delay_s, lane = way_back(world, request)
    if delay_s <= 0.0:
        lane = pool_at(pools_at(world, 0), station_at(world, request.station).pool).answer_lane
    request.way_back_s = delay_s
    schedule(world, request, slot, Event.ANSWERED, lane, delay_s)


@shared
def _finish(world, replica_id, sequence_id):
    """The last token is there: answer the request."""
    pools = pools_at(world, 0)
    leave_batch(pools, replica_id, sequence_id)
    sequence = sequence_at(pools, sequence_id)
    slot = sequence.slot
    request = request_at(world, slot)
    now_s = events_at(world, 0).now_s
    station = station_at(world, request.station)
    account(station, now_s)
    station.busy -= 1
    leave_station(world, slot, sequence.busy_s)
    request.streamed_tokens = request.output_tokens
    if request.output_tokens > 1:
        request.tpot_s = (now_s - request.first_token_s) / (request.output_tokens - 1)
    free_sequence(pools, sequence_id)
    answer_from_pool(world, slot, Result.OK)


@jit
def _drop_aborted(pools, replica_id):
    """Those whose requests have gone leave the batch."""
    replica = replica_at(pools, replica_id)
    while replica.leaving != NONE:
        sequence_id = replica.leaving
        sequence = sequence_at(pools, sequence_id)
        replica.leaving = sequence.next_leaving
        leave_batch(pools, replica_id, sequence_id)
        replica.lost_s += sequence.busy_s
        free_sequence(pools, sequence_id)


@shared
def step_replica(world, replica_id):
    """A boundary at which a batch changes: tokens are there, some are answered, others join."""
    pools = pools_at(world, 0)
    replica = replica_at(pools, replica_id)
    if replica.is_ending == 0:
        complete_iterations(pools, replica_id, requests_of(world))
        _drop_aborted(pools, replica_id)
    replica.is_ending = 0
    for _ in range(_ENDS_AT_ONCE):
        sequence_id = finished(pools, replica_id)
        if sequence_id == NONE:
            break
        _finish(world, replica_id, sequence_id)
    if finished(pools, replica_id) != NONE:
        replica.is_ending = 1
        set_wake(world, replica_id)
        return
    if replica.state == ReplicaState.DRAINING and replica.n_running == 0:
        set_state(replica, ReplicaState.OFF, events_at(world, 0).now_s)
    begin_iteration(world, replica_id)


@jit
def _leave_line(world, sequence_id, now_s):
    """Leave a replica's queue; who stood behind the first, which had found no room, may find some."""
    pools = pools_at(world, 0)
    replica_id = sequence_at(pools, sequence_id).replica
    replica = replica_at(pools, replica_id)
    was_first = first_waiting(replica) == sequence_id
    remove_waiting(pools, replica, sequence_id)
    if was_first and replica.n_planned > 0 and cut_leap(pools, replica_id, now_s):
        set_wake(world, replica_id)


@shared
def leave_pool(world, slot):
    """Break an attempt off: who waits leaves the queue, who runs leaves the batch at its next boundary."""
    request = request_at(world, slot)
    pools = pools_at(world, 0)
    station = station_at(world, request.station)
    sequence_id = request.sequence
    sequence = sequence_at(pools, sequence_id)
    now_s = events_at(world, 0).now_s
    account(station, now_s)
    if request.phase == Phase.QUEUED:
        request.queue_wait_s += now_s - request.reach_s
    if sequence.order == 0:
        station.queued -= 1
        request.streamed_tokens = sequence.generated
        if sequence.replica == NONE:
            remove_waiting(pools, pool_at(pools, station.pool), sequence_id)
        else:
            _leave_line(world, sequence_id, now_s)
        leave_station(world, slot, sequence.busy_s)
        free_sequence(pools, sequence_id)
        return
    station.busy -= 1
    replica_id = sequence.replica
    replica = replica_at(pools, replica_id)
    n_tokens, decode_share_s = progress_by(pools, replica_id, sequence_id, now_s)
    request.streamed_tokens = n_tokens
    busy_s = sequence.busy_s + decode_share_s
    leave_station(world, slot, busy_s)
    sequence.busy_s -= busy_s
    sequence.slot = NONE
    sequence.next_leaving = replica.leaving
    replica.leaving = sequence_id
    if cut_leap(pools, replica_id, now_s):
        set_wake(world, replica_id)
