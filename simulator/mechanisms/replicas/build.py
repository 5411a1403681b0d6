"""From pools and profiles to the arrays of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.codes import TargetKind
from simulator.mechanisms.replicas.codes import BLOCK_TOKENS, Balancing, ReplicaState
from simulator.mechanisms.replicas.config import Pool
from simulator.mechanisms.replicas.profile import Profile
from simulator.mechanisms.replicas.sizes import (
    kv_blocks,
    limit_tokens,
    ordinary_places,
    replicas_of,
    stand_ins,
)
from simulator.mechanisms.replicas.table import (
    POOL,
    POOLS,
    PREFIX,
    REPLICA,
    SEQUENCE,
    PoolArrays,
)
from simulator.mechanisms.station import UNLIMITED
from simulator.mechanisms.targets import TargetList
from simulator.numerics.events import NONE

INITIAL_SEQUENCES = 1024
_MAX_PREFIXES = 8_192  # conversations whose blocks one replica keeps at most, units of traces not counted


@dataclass
class PoolList:
    """Pools in the order they are added: one for each station of a self-hosted model.

    Profiles of several regions share one table. `n_units`: different parts that prompts of traces have in common.
    """

    n_units: int = 0
    pools: list[dict[str, float]] = field(default_factory=list)
    replicas: list[dict[str, float]] = field(default_factory=list)
    knots: list[NDArray[np.float64]] = field(default_factory=list)
    step_s: list[NDArray[np.float64]] = field(default_factory=list)
    _tables: dict[int, Mapping[str, float]] = field(default_factory=dict)
    _n_seats: int = 0
    _n_prefixes: int = 0
    _n_buckets: int = 0

    def add(
        self, pool: Pool, profile: Profile, station: int, n_serving: int, n_places: int, answer_lane: int
    ) -> int:
        """Number of a new pool with `n_serving` replicas at the start and room for those that may be added."""
        n_blocks = kv_blocks(pool, profile)
        row: dict[str, float] = {
            "station": station,
            "first_replica": len(self.replicas),
            "n_replicas": n_places,
            "balancing": int(Balancing[pool.load_balancing.upper().replace("-", "_")]),
            "n_serving": n_serving,
            **pool.batch_limits._asdict(),
            "n_blocks": n_blocks,
            "limit_tokens": limit_tokens(pool, profile),
            "keeps_prefixes": int(pool.prefix_caching),
            "answer_lane": answer_lane,
            "prefill_attention_s": profile.prefill_attention_s,
            "tokens_per_seq": profile.tokens_per_seq,
            "tokens_per_step": profile.tokens_per_step,
            "launch_s": profile.launch_s,
            "graph_tokens": profile.graph_tokens,
            "prompt_graph_tokens": profile.prompt_graph_tokens,
            "stalls_decodes": int(not pool.chunked_prefill),
        }
        self.pools.append(row | _empty_lists() | dict(self._table(profile)))
        for place in range(n_places):
            self._add_replica(pool, n_blocks, place < n_serving)
        return len(self.pools) - 1

    def _table(self, profile: Profile) -> Mapping[str, float]:
        """Where the profile's axes and times are, added at its first use."""
        if id(profile) not in self._tables:
            places: dict[str, float] = {}
            for name in ("prefill", "batch", "context"):
                axis = profile.batch if name == "batch" else getattr(profile, f"{name}_tokens")
                places[f"first_{name}"] = sum(knots.size for knots in self.knots)
                places[f"n_{name}"] = axis.size
                self.knots.append(axis)
            places["first_step"] = sum(table.size for table in self.step_s)
            self.step_s.append(profile.step_s.ravel())
            self._tables[id(profile)] = places
        return self._tables[id(profile)]

    def _add_replica(self, pool: Pool, n_blocks: int, is_serving: bool) -> None:
        capacity = min(n_blocks, _MAX_PREFIXES + self.n_units) if pool.prefix_caching else 0
        n_buckets = 1
        while n_buckets < capacity:
            n_buckets *= 2
        row: dict[str, float] = {
            "pool": len(self.pools) - 1,
            "state": int(ReplicaState.SERVING if is_serving else ReplicaState.OFF),
            "last_0": NONE,
            "last_1": NONE,
            "entering": NONE,
            "leaving": NONE,
            "partial": NONE,
            "wake_s": np.inf,
            "first_heap": self._n_seats,
            "first_prefix": self._n_prefixes,
            "prefix_capacity": capacity,
            "first_bucket": self._n_buckets,
            "bucket_mask": n_buckets - 1,
            "free_prefix": self._n_prefixes if capacity else NONE,
            "newest": NONE,
            "oldest": NONE,
        }
        self.replicas.append(row | _empty_lists())
        self._n_seats += pool.batch_limits.max_num_seqs
        self._n_prefixes += capacity
        self._n_buckets += n_buckets

    def fresh(self, unit_keys: NDArray[np.uint64]) -> PoolArrays:
        """Arrays of a run at time 0: replicas idle, caches empty; `unit_keys`: of the parts prompts have in common."""
        sequences = np.zeros(INITIAL_SEQUENCES if self.pools else 0, dtype=SEQUENCE).view(np.recarray)
        sequences["next"] = np.arange(1, sequences.size + 1)
        head = np.zeros(1, dtype=POOLS).view(np.recarray)
        head["n_free"] = sequences.size
        prefixes = np.zeros(self._n_prefixes, dtype=PREFIX).view(np.recarray)
        prefixes["next"] = np.arange(1, self._n_prefixes + 1)
        for row in self.replicas:
            if row["prefix_capacity"]:
                prefixes["next"][int(row["first_prefix"] + row["prefix_capacity"]) - 1] = NONE
        return PoolArrays(
            head,
            _records(self.pools, POOL),
            _records(self.replicas, REPLICA),
            sequences,
            np.zeros(self._n_seats, dtype=np.int64),
            np.zeros((len(self.replicas), BLOCK_TOKENS), dtype=np.int64),
            np.concatenate([*self.knots, np.zeros(0)]),
            np.concatenate([*self.step_s, np.zeros(0)]),
            prefixes,
            np.full(self._n_buckets, NONE, dtype=np.int32),
            unit_keys,
        )


def build_pool(
    pool: Pool,
    profile: Profile,
    regions: Sequence[str],
    allowed: Sequence[str] | None,
    error_rate: float,
    parallel_limits: Mapping[str, int],
    answer_lane: int,
    targets: TargetList,
    pools: PoolList,
) -> int:
    """Add a self-hosted model and its stations; returns its target number.

    Parameters
    ----------
    regions : of the scenario, in order
    allowed : regions where it may run; None: everywhere
    parallel_limits : requests in parallel by region, where there is a limit
    answer_lane : of a delay of 0 s
    """
    target = targets.add_target(TargetKind.MODEL, error_rate=error_rate)
    for region_id, region in enumerate(regions):
        replicas = replicas_of(pool, allowed, region)
        if replicas is None:
            continue
        serving = replicas if pool.autoscaling is None else 0  # the autoscaler starts the others
        station = targets.add_station(
            target,
            region_id,
            pool=len(pools.pools),
            outside_s=profile.request_s / 2.0,
            servers=serving * pool.batch_limits.max_num_seqs,
            queue_limit=_queue_limit(pool, serving),
            parallel_limit=parallel_limits.get(region, UNLIMITED),
        )
        places = ordinary_places(pool, replicas)
        pools.add(pool, profile, station, serving, places + stand_ins(pool, region, places), answer_lane)
    return target


def _queue_limit(pool: Pool, n_serving: int) -> int:
    """Requests that may wait; none where no replica is nor ever comes, so that the next target is asked at once."""
    if n_serving == 0 and pool.autoscaling is None:
        return 0
    return UNLIMITED if pool.max_queued_requests is None else pool.max_queued_requests


def _empty_lists() -> dict[str, float]:
    return {"head_0": NONE, "tail_0": NONE, "head_1": NONE, "tail_1": NONE}


def _records(rows: list[dict[str, float]], dtype: np.dtype[np.void]) -> NDArray[np.void]:
    records = np.zeros(len(rows), dtype=dtype).view(np.recarray)
    for place, row in enumerate(rows):
        for name, value in row.items():
            records[name][place] = value
    return records
