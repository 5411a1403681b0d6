"""What the replicas of a run have done up to a moment: time, tokens, room in the cache."""

from collections.abc import Iterator

from simulator.mechanisms.replicas.codes import ReplicaState
from simulator.mechanisms.replicas.table import PoolArrays


def replica_times_s(pools: PoolArrays, now_s: float) -> Iterator[tuple[int, float, float]]:
    """For each pool: its station, seconds that replicas worked, seconds that they served; over all its replicas."""
    for pool in pools.pools:
        replicas = pools.replicas[pool.first_replica : pool.first_replica + pool.n_replicas]
        working = replicas["n_planned"] > 0
        serving = replicas["state"] != ReplicaState.OFF
        busy_s = replicas["busy_s"] + working * (now_s - replicas["boundary_s"])
        serving_s = replicas["serving_s"] + serving * (now_s - replicas["state_s"])
        yield int(pool.station), float(busy_s.sum()), float(serving_s.sum())
