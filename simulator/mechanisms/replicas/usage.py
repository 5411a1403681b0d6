"""What the replicas of a run have done up to a moment, by pool."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.replicas.codes import BLOCK_TOKENS, ReplicaState
from simulator.mechanisms.replicas.table import PoolArrays


class PoolUsage(NamedTuple):
    """Sums over all replicas of a pool since the start."""

    station: int
    busy_s: float  # working
    serving_s: float  # serving or draining
    sequence_s: float
    kv_token_s: float
    kv_capacity_token_s: float
    iterations: float
    preemptions: float
    prompt_tokens: float
    hit_tokens: float
    lost_s: float


def serving_s(replicas: NDArray[np.void], now_s: float) -> NDArray[np.float64]:
    """Seconds that each of some replicas has served or drained up to `now_s`."""
    is_there = replicas["state"] != ReplicaState.OFF
    found: NDArray[np.float64] = replicas["serving_s"] + is_there * (now_s - replicas["state_s"])
    return found


def pool_usage(pools: PoolArrays, now_s: float) -> Iterator[PoolUsage]:
    """Usage of each pool up to `now_s`; of iterations under way what is held counts as it was when they began."""
    for pool in pools.pools:
        replicas = pools.replicas[pool.first_replica : pool.first_replica + pool.n_replicas]
        working_s = (replicas["n_planned"] > 0) * (now_s - replicas["boundary_s"])
        served_s = float(serving_s(replicas, now_s).sum())
        held_tokens = replicas["cached_tokens"] + replicas["n_decoding"] + replicas["prefill_tokens"]

        def total(name: str, of: np.ndarray = replicas) -> float:
            return float(of[name].sum())

        yield PoolUsage(
            int(pool.station),
            float((replicas["busy_s"] + working_s).sum()),
            served_s,
            float((replicas["sequence_s"] + working_s * replicas["n_running"]).sum()),
            float((replicas["kv_token_s"] + working_s * held_tokens).sum()),
            served_s * float(pool.n_blocks) * BLOCK_TOKENS,
            total("iteration") + total("n_stalls"),
            total("n_preemptions"),
            total("prompt_tokens"),
            total("hit_tokens"),
            total("lost_s"),
        )
