"""From the caches of a scenario to instances, and their content after a long time at the window's rates."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.caching.config import Cache
from simulator.mechanisms.caching.table import ENTRY, INSTANCE, Caching
from simulator.mechanisms.keys import name_key
from simulator.numerics.events import NONE


@dataclass(frozen=True, eq=False)
class Asker:
    """A workload that asks a cache: how often from each region, and for what."""

    workload: str
    cache: str
    shares: NDArray[np.float64]  # [question] probability, wordings apart in an exact cache
    rate_rps: NDArray[np.float64]  # [region] look-ups
    success_share: float  # of the answers it stores


@dataclass(eq=False)
class CachePlan:
    """Where each cache's instances and each workload's questions are; everything but the seed."""

    caches: Mapping[str, Cache]
    n_regions: int
    askers: Sequence[Asker]
    first_instance: dict[str, int] = field(default_factory=dict)
    question_offset: dict[tuple[str, str], int] = field(default_factory=dict)  # (cache, workload)
    n_questions: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n_instances = 0
        for name, cache in self.caches.items():
            self.first_instance[name] = n_instances
            n_instances += self.n_regions if cache.scope == "region" else 1
            n_questions = 0
            for asker in self.askers:
                if asker.cache == name and (name, asker.workload) not in self.question_offset:
                    self.question_offset[name, asker.workload] = n_questions
                    n_questions += asker.shares.size
            self.n_questions[name] = n_questions


def build_caching(plan: CachePlan, seed: int) -> Caching:
    """Instances for one run, filled as `start` says."""
    sizes = [(name, cache, instance) for name, cache in plan.caches.items() for instance in range(_n_instances(plan, cache))]
    instances = np.zeros(max(1, len(sizes)), dtype=INSTANCE).view(np.recarray)
    n_entries = n_index = 0
    for row, (name, cache, _) in zip(instances, sizes, strict=False):
        row.capacity = 0 if cache.size is None else min(cache.size, plan.n_questions[name])
        row.first_entry = n_entries
        row.first_index = n_index
        row.ttl_s = math.inf if cache.ttl is None else cache.ttl
        row.newest = row.oldest = NONE
        row.false_hit = cache.false_hit
        row.hit_rate = -1.0 if cache.hit_rate is None else cache.hit_rate
        n_entries += row.capacity
        n_index += plan.n_questions[name] if cache.type != "measured" else 0
    entries = np.zeros(max(1, n_entries), dtype=ENTRY).view(np.recarray)
    index = np.full(max(1, n_index), NONE, dtype=np.int32)
    for row, (name, cache, instance) in zip(instances, sizes, strict=False):
        if cache.start == "warm" and cache.type != "measured":
            _warm(row, entries, index, plan, name, cache, instance, seed)
    return Caching(instances, entries, index)


def _n_instances(plan: CachePlan, cache: Cache) -> int:
    return plan.n_regions if cache.scope == "region" else 1


def _warm(
    row: np.record,
    entries: NDArray[np.void],
    index: NDArray[np.int32],
    plan: CachePlan,
    name: str,
    cache: Cache,
    instance: int,
    seed: int,
) -> None:
    """Fill an instance as LRU leaves it after independent Poisson look-ups for ever.

    The stack of a least-recently-used cache is ordered by the age of each question's last look-up, which is
    exponential with the question's own rate. A stored answer's age within its time to live T follows the cycle
    "stored, T seconds fresh, then waiting for the next look-up": uniform over a cycle of T + 1/rate.
    """
    generator = np.random.Generator(np.random.Philox(key=[seed, int(name_key("cache", name, instance))]))
    rates: list[NDArray[np.float64]] = []
    success: list[NDArray[np.float64]] = []
    for asker in plan.askers:
        if asker.cache == name:
            rate_rps = asker.rate_rps[instance] if cache.scope == "region" else asker.rate_rps.sum()
            rates.append(asker.shares * rate_rps)
            success.append(np.full(asker.shares.size, asker.success_share))
    rate_rps = np.concatenate(rates) if rates else np.zeros(0)
    if rate_rps.sum() <= 0.0:
        return
    with np.errstate(divide="ignore"):
        age_s = generator.standard_exponential(rate_rps.size) / rate_rps
    n_known = int(np.isfinite(age_s).sum())
    n = min(int(row.capacity), n_known)
    kept = np.argpartition(age_s, n - 1)[:n] if n < age_s.size else np.arange(age_s.size)
    kept = kept[np.argsort(age_s[kept])][:n]  # newest first
    stored_age_s = age_s[kept]
    if cache.ttl is not None:
        cycle_s = cache.ttl + 1.0 / rate_rps[kept]
        stored_age_s = np.maximum(stored_age_s, generator.random(n) * cycle_s)
    ids = int(row.first_entry) + np.arange(n)
    view = entries[ids[0] : ids[0] + n] if n else entries[:0]
    view["position"] = int(row.first_index) + kept
    view["stored_s"] = -stored_age_s
    view["newer"] = ids - 1
    view["older"] = ids + 1
    view["is_correct"] = generator.random(n) < np.concatenate(success)[kept]
    if n:
        view["newer"][0] = NONE
        view["older"][-1] = NONE
        index[view["position"]] = ids
        row.newest, row.oldest, row.n_entries = ids[0], ids[-1], n
