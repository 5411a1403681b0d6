"""Replicas that come and go: started, drained before they are removed, or lost with all that ran on them."""

import math

from simulator.kernel.codes import Phase
from simulator.kernel.pools.requests import answer_from_pool, dispatch, leave_station, set_state, set_wake
from simulator.kernel.world import events_at, pools_at, request_at, requests_of, station_at
from simulator.mechanisms.codes import Result
from simulator.mechanisms.queueing.kernel import account
from simulator.mechanisms.replicas.codes import ReplicaState
from simulator.mechanisms.replicas.kernel.batch import complete_iterations, leave_batch
from simulator.mechanisms.replicas.kernel.leap import roll_back
from simulator.mechanisms.replicas.kernel.prefixes import remove_prefix
from simulator.mechanisms.replicas.kernel.sequences import (
    first_waiting,
    free_sequence,
    last_admitted,
    remove_waiting,
)
from simulator.mechanisms.replicas.table import pool_at, replica_at, residues_of, sequence_at
from simulator.numerics.events import NONE
from simulator.numerics.jit import entry, jit, shared

_AT_ONCE = 16  # sequences moved or ended in one call, so that no buffer overflows in its midst


@jit
def _count_serving(world, pool, change):
    """One replica more or less takes requests."""
    station = station_at(world, pool.station)
    account(station, events_at(world, 0).now_s)
    station.servers += change * pool.max_num_seqs
    pool.n_serving += change


@shared
def _send_again(world, pool_id, owner):
    """Dispatch what waits in a list that nobody serves; True if some may be left."""
    pools = pools_at(world, 0)
    for _ in range(_AT_ONCE):
        sequence_id = first_waiting(owner)
        if sequence_id == NONE:
            return False
        remove_waiting(pools, owner, sequence_id)
        dispatch(world, pool_id, sequence_id)
    return first_waiting(owner) != NONE


@jit
def _start(world, replica_id):
    """Let a replica serve from now on, beginning with what waited for one."""
    pools = pools_at(world, 0)
    replica = replica_at(pools, replica_id)
    pool = pool_at(pools, replica.pool)
    if replica.state != ReplicaState.SERVING:
        set_state(replica, ReplicaState.SERVING, events_at(world, 0).now_s)
        _count_serving(world, pool, 1)
    return _send_again(world, replica.pool, pool)


@jit
def _drain(world, replica_id):
    """Take nothing new; what waits goes to others, what runs is run to its end."""
    pools = pools_at(world, 0)
    replica = replica_at(pools, replica_id)
    now_s = events_at(world, 0).now_s
    if replica.state == ReplicaState.SERVING:
        _count_serving(world, pool_at(pools, replica.pool), -1)
        set_state(replica, ReplicaState.DRAINING, now_s)
    if _send_again(world, replica.pool, replica):
        return True
    if replica.n_running == 0:
        set_state(replica, ReplicaState.OFF, now_s)
    return False


@jit
def _end_with_error(world, sequence_id):
    """The request learns that its replica is gone."""
    pools = pools_at(world, 0)
    sequence = sequence_at(pools, sequence_id)
    slot = sequence.slot
    if slot != NONE:
        request = request_at(world, slot)
        request.streamed_tokens = sequence.generated
        if request.phase == Phase.QUEUED:
            request.queue_wait_s += events_at(world, 0).now_s - request.reach_s
        leave_station(world, slot, sequence.busy_s)
        answer_from_pool(world, slot, Result.ERROR)
    free_sequence(pools, sequence_id)


@jit
def _forget_all(pools, replica_id):
    """Nothing is left in a lost replica's memory."""
    replica = replica_at(pools, replica_id)
    replica.used_blocks = 0
    replica.shared_tokens = 0
    replica.cached_tokens = 0
    replica.leaving = NONE
    residues_of(pools)[replica_id, :] = 0
    while replica.oldest != NONE:
        remove_prefix(pools, replica, replica.oldest)


@jit
def _lose(world, replica_id):
    """All that a replica works on ends with an error now."""
    pools = pools_at(world, 0)
    replica = replica_at(pools, replica_id)
    station = station_at(world, pool_at(pools, replica.pool).station)
    now_s = events_at(world, 0).now_s
    if replica.state != ReplicaState.OFF:
        if replica.state == ReplicaState.SERVING:
            _count_serving(world, pool_at(pools, replica.pool), -1)
        set_state(replica, ReplicaState.OFF, now_s)
        if replica.n_planned > 0:
            roll_back(pools, replica_id, now_s)
            complete_iterations(pools, replica_id, requests_of(world))
            replica.busy_s += now_s - replica.boundary_s
            replica.lost_s += now_s - replica.boundary_s
        replica.is_ending = 0
        replica.entering = NONE
        replica.wake_s = math.inf
        set_wake(world, replica_id)
    account(station, now_s)
    for _ in range(_AT_ONCE):
        sequence_id = last_admitted(replica)
        if sequence_id != NONE:
            leave_batch(pools, replica_id, sequence_id)
            if sequence_at(pools, sequence_id).slot != NONE:
                station.busy -= 1
        else:
            sequence_id = first_waiting(replica)
            if sequence_id == NONE:
                _forget_all(pools, replica_id)
                return False
            remove_waiting(pools, replica, sequence_id)
            station.queued -= 1
        _end_with_error(world, sequence_id)
    return True


@entry
def set_replica_state(worlds, replica_id, state):
    """Start (SERVING), drain (DRAINING) or lose (OFF) a replica. Returns True when it is not done yet: grow the buffers
    if they are tight, and call again.
    """
    world = worlds[0]
    if state == ReplicaState.SERVING:
        return _start(world, replica_id)
    if state == ReplicaState.DRAINING:
        return _drain(world, replica_id)
    return _lose(world, replica_id)
