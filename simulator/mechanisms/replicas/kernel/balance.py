"""Which replica of a pool takes the next request."""

from simulator.mechanisms.replicas.codes import Balancing, ReplicaState
from simulator.mechanisms.replicas.kernel.units import count_cached_units, hit_tokens
from simulator.mechanisms.replicas.table import replica_at
from simulator.numerics.events import NONE
from simulator.numerics.jit import jit, shared

# How much busier than the average a replica may be and still be preferred for what it has cached; assumption,
# after the bounded loads of consistent hashing (Mirrokni, Thorup, Zadimoghaddam 2018).
_BALANCE_FACTOR = 1.25
_BALANCE_MARGIN = 2.0


@jit
def _outstanding(replica):
    return replica.n_running + replica.n_waiting


@jit
def _by_turn(pools, pool):
    """Each serving replica in turn."""
    turn = pool.turn % pool.n_serving
    pool.turn += 1
    for replica_id in range(pool.first_replica, pool.first_replica + pool.n_replicas):
        if replica_at(pools, replica_id).state == ReplicaState.SERVING:
            if turn == 0:
                return replica_id
            turn -= 1
    return NONE


@jit
def _least_outstanding(pools, pool):
    best = NONE
    fewest = 1 << 62
    for replica_id in range(pool.first_replica, pool.first_replica + pool.n_replicas):
        replica = replica_at(pools, replica_id)
        if replica.state == ReplicaState.SERVING and _outstanding(replica) < fewest:
            best = replica_id
            fewest = _outstanding(replica)
    return best


@jit
def _by_prefix(pools, pool, sequence):
    """The replica that has most of the prompt cached, unless it has much more to do than the others."""
    best = NONE
    most = 0
    total = 0
    for replica_id in range(pool.first_replica, pool.first_replica + pool.n_replicas):
        replica = replica_at(pools, replica_id)
        if replica.state == ReplicaState.SERVING:
            total += _outstanding(replica)
            n_units = 0
            if sequence.n_units > 0:
                n_units = count_cached_units(pools, replica, sequence)[0]
            hit = hit_tokens(pools, replica, sequence, n_units)
            if hit > most:
                best = replica_id
                most = hit
    if best == NONE:
        return _least_outstanding(pools, pool)
    limit = _BALANCE_FACTOR * total / pool.n_serving + _BALANCE_MARGIN
    if _outstanding(replica_at(pools, best)) > limit:
        return _least_outstanding(pools, pool)
    return best


@shared
def choose_replica(pools, pool, sequence):
    """Replica for a sequence, or NONE when none serves; moves the pool's turn on in place."""
    if pool.n_serving == 0:
        return NONE
    if pool.balancing == Balancing.ROUND_ROBIN:
        return _by_turn(pools, pool)
    if pool.balancing == Balancing.PREFIX_AFFINITY:
        return _by_prefix(pools, pool, sequence)
    return _least_outstanding(pools, pool)
