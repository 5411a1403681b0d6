"""From the caches of a scenario to instances, and their content after a long time at the window's rates."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.caching.config import Cache
from simulator.mechanisms.caching.table import ENTRY, INSTANCE, Caching
from simulator.mechanisms.keys import name_key
from simulator.mechanisms.popularity import popularity_table
from simulator.numerics.events import NONE

_SAMPLE = 8_192  # of the questions, to tell which may be kept


@dataclass(frozen=True)
class Asker:
    """A workload that asks a cache: how often from each region, and for what."""

    workload: str
    cache: str
    exponent: float  # of Zipf's law
    n_items: int
    n_wordings: int  # that the cache tells apart
    rate_rps: tuple[float, ...]  # [region] look-ups
    success_shares: tuple[float, ...]  # [language] of the answers it stores, that are right
    language_shares: tuple[tuple[float, ...], ...] = ()  # [region][language] of look-ups; none: one language

    @property
    def n_questions(self) -> int:
        """Questions the cache tells apart."""
        return self.n_items * self.n_wordings * len(self.success_shares)


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
            _warm(row, entries, index, plan, name, cache, instance, seed)
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
    """Fill an instance as it is after a long time at the window's rates."""
    askers = tuple(asker for asker in plan.askers if asker.cache == name)
    region = instance if cache.scope == "region" else None
    content = _stationary_content(
        askers, region, int(row.capacity), cache.ttl, int(name_key(seed, "cache", name, instance))
    )
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


class _Content(NamedTuple):
    """What a cache holds, most recently used first; read-only."""

    question: NDArray[np.int64]
    age_s: NDArray[np.float64]  # since the answer was stored
    is_correct: NDArray[np.bool_]


@lru_cache(maxsize=96)
def _stationary_content(
    askers: tuple[Asker, ...], region: int | None, capacity: int, ttl_s: float | None, key: int
) -> _Content:
    """Draw what LRU keeps after independent Poisson look-ups for ever; remembered, as a search asks again and again.

    The stack of a least-recently-used cache is ordered by the age of each question's last look-up.
    """
    generator = np.random.Generator(np.random.Philox(key=key))
    rates = [_rates_rps(asker, region) for asker in askers]
    rate_rps = np.concatenate(rates) if rates else np.zeros(0)
    asked = np.flatnonzero(rate_rps > 0.0)
    last_used_s = generator.standard_exponential(asked.size) / rate_rps[asked]
    kept = _smallest(last_used_s, min(capacity, asked.size))
    question, age_s = asked[kept], last_used_s[kept]
    if ttl_s is not None:
        age_s = _ages(generator, rate_rps[question], ttl_s, last_used_s[kept])
        if kept.size < asked.size:
            stay_s = float(last_used_s[kept[-1]]) if kept.size else 0.0
            age_s = _ages_since_entry(generator, rate_rps[question], ttl_s, stay_s, age_s, last_used_s[kept])
    first = np.cumsum([0, *(asker.n_questions for asker in askers)])
    is_correct = np.zeros(kept.size, dtype=np.bool_)
    luck = generator.random(kept.size)
    for asker, begin, end in zip(askers, first[:-1], first[1:], strict=True):
        own = (question >= begin) & (question < end)
        language = (question[own] - begin) % len(asker.success_shares)
        is_correct[own] = luck[own] < np.array(asker.success_shares)[language]
    content = _Content(question, age_s, is_correct)
    for array in content:
        array.flags.writeable = False
    return content


def _smallest(values: NDArray[np.float64], n: int) -> NDArray[np.int64]:
    """Places of the n smallest, in rising order; most of the others are left out by a sample before anything is sorted."""
    places = np.arange(values.size)
    sample = values[:: max(1, values.size // _SAMPLE)]
    rank = int(sample.size * (n / values.size * 1.05 + 0.01)) if values.size else 0
    if rank < sample.size:
        few = np.flatnonzero(values <= np.partition(sample, rank)[rank])
        places = few if few.size >= n else places
    return places[np.argsort(values[places])[:n]]


def _ages(
    generator: np.random.Generator,
    rate_rps: NDArray[np.float64],
    ttl_s: float,
    last_used_s: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Ages of stored answers, float64[question], that were last used so long ago, where nothing is ever evicted.

    The cycle of an answer is "stored, fresh for T seconds, then waiting for the next look-up, which stores it anew". A
    look-up sees it as anybody would at any time (Poisson arrivals): fresh with the odds T : 1/rate and then of any age,
    or not, and then it is stored.
    """
    is_fresh = generator.random(rate_rps.size) * (ttl_s + 1.0 / rate_rps) < ttl_s
    found_s = generator.random(rate_rps.size) * ttl_s
    ages_s: NDArray[np.float64] = last_used_s + np.where(is_fresh, found_s, 0.0)
    return ages_s


def _ages_since_entry(
    generator: np.random.Generator,
    rate_rps: NDArray[np.float64],
    ttl_s: float,
    stay_s: float,
    age_s: NDArray[np.float64],
    last_used_s: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Ages, float64[question], of answers in a cache that forgets what is not asked for `stay_s` (Che's assumption).

    A question has been in the cache since the last of its pauses longer than `stay_s`. If that is less than the time
    to live, the answer is as old; otherwise it has been stored anew since, and is as old as where nothing is evicted.
    """
    pauses = rate_rps * stay_s
    n_uses = generator.geometric(np.maximum(np.exp(-pauses), 1e-12)) - 1.0  # before the last one, since entry
    share = pauses / np.expm1(np.minimum(pauses, 700.0))
    mean_s = (1.0 - share) / rate_rps  # of a pause, given that it is shorter than `stay_s`
    variance_s2 = np.maximum(1.0 - share * (pauses + share), 0.0) / rate_rps**2
    shape = np.where(n_uses > 0.0, n_uses * mean_s**2 / np.maximum(variance_s2, 1e-300), 1.0)
    entry_s = last_used_s + np.where(
        n_uses > 0.0, generator.standard_gamma(shape) * (n_uses * mean_s / shape), 0.0
    )
    entered: NDArray[np.float64] = np.where(entry_s <= ttl_s, entry_s, np.minimum(age_s, entry_s))
    return entered


def _rates_rps(asker: Asker, region: int | None) -> NDArray[np.float64]:
    """Look-ups per second of each question that a workload asks, from one region or from all."""
    shares = popularity_table(asker.exponent, asker.n_items).shares
    by_region = np.array(asker.rate_rps)[:, np.newaxis]
    if asker.language_shares:
        by_region = by_region * np.array(asker.language_shares)
    rate_rps = by_region.sum(axis=0) if region is None else by_region[region]  # [language]
    of_question: NDArray[np.float64] = np.multiply.outer(
        np.repeat(shares, asker.n_wordings), rate_rps / asker.n_wordings
    )
    return of_question.ravel()
