"""From the caches of a scenario to instances, and their content after a long time at the window's rates."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.caching.config import Cache
from simulator.mechanisms.caching.table import ENTRY, INSTANCE, Caching
from simulator.mechanisms.caching.warm import Asker, Content, stationary_content
from simulator.mechanisms.keys import name_key
from simulator.numerics.events import NONE


@dataclass(eq=False)
class CachePlan:
    """Where each cache's instances and each workload's questions are; everything but the seed."""

    caches: Mapping[str, Cache]
    n_regions: int
    askers: Sequence[Asker]
    n_languages: int = 1
    first_instance: dict[str, int] = field(default_factory=dict)
    question_offset: dict[tuple[str, str], int] = field(default_factory=dict)  # (cache, workload)
    n_questions: dict[str, int] = field(default_factory=dict)
    n_instances: int = 0

    def __post_init__(self) -> None:
        # Asked again within a turn, a cache is asked the same: it learns nothing from it.
        self.askers = list({(asker.cache, asker.workload): asker for asker in self.askers}.values())
        for name, cache in self.caches.items():
            self.first_instance[name] = self.n_instances
            self.n_instances += self.n_regions if cache.scope == "region" else 1
            n_questions = 0
            for asker in self.askers:
                if asker.cache == name:
                    self.question_offset[name, asker.workload] = n_questions
                    n_questions += asker.n_questions
            self.n_questions[name] = n_questions


def build_caching(plan: CachePlan, seed: int) -> Caching:
    """Instances for one run, filled as `start` says."""
    sizes = [
        (name, cache, instance)
        for name, cache in plan.caches.items()
        for instance in range(_n_instances(plan, cache))
    ]
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
            content = _content(plan, name, cache, instance, int(row.capacity), seed)
            _fill(row, entries, index, content)
    return Caching(instances, entries, index)


def flush(caching: Caching, instance: int) -> None:
    """Let an instance forget all its answers; in place."""
    row = caching.instances[instance]
    held = caching.entries["position"][row.first_entry : row.first_entry + row.n_entries]
    caching.places[held] = NONE
    row.n_entries = 0
    row.newest = row.oldest = NONE


def _n_instances(plan: CachePlan, cache: Cache) -> int:
    return plan.n_regions if cache.scope == "region" else 1


def _content(plan: CachePlan, name: str, cache: Cache, instance: int, capacity: int, seed: int) -> Content:
    """What an instance holds after a long time at the window's rates."""
    askers = tuple(asker for asker in plan.askers if asker.cache == name)
    region = instance if cache.scope == "region" else None
    return stationary_content(
        askers, region, capacity, cache.ttl, int(name_key(seed, "cache", name, instance))
    )


def _fill(row: np.record, entries: NDArray[np.void], index: NDArray[np.int32], content: Content) -> None:
    """Let an instance hold some content; in place."""
    n = content.question.size
    if n == 0:
        return
    ids = int(row.first_entry) + np.arange(n)
    view = entries[ids[0] : ids[0] + n]
    view["position"] = int(row.first_index) + content.question
    view["stored_s"] = -content.age_s
    view["newer"] = ids - 1
    view["older"] = ids + 1
    view["is_correct"] = content.is_correct
    view["newer"][0] = NONE
    view["older"][-1] = NONE
    index[view["position"]] = ids
    row.newest, row.oldest, row.n_entries = ids[0], ids[-1], n
