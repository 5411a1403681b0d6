"""What a cache holds after a long time at the window's rates: which questions, how old their answers, and if they are right.

All its chance is drawn in units of the mean time between two look-ups. At other rates everything happens faster or more
slowly, in the same order: what was drawn is remembered, and only put on the clock again.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from cachetools import LRUCache, cached
from numpy.typing import NDArray

from simulator.mechanisms.popularity import popularity_table

_SAMPLE = 8_192  # of the questions, to tell which may be kept
_REMEMBERED_BYTES = 256 * 2**20

_Floats = NDArray[np.float64]


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


class Content(NamedTuple):
    """What a cache holds, most recently used first."""

    question: NDArray[np.int64]
    age_s: _Floats  # since the answer was stored
    is_correct: NDArray[np.bool_]


class _Mix(NamedTuple):
    """What part of a cache's look-ups a workload makes."""

    exponent: float
    n_items: int
    n_wordings: int
    share: tuple[float, ...]  # [language] of all look-ups


class _Stack(NamedTuple):
    """Questions by their last look-up, most recent first, with the luck of their answers; read-only.

    Times are in mean times between two look-ups of the cache.
    """

    question: NDArray[np.int64]
    share: _Floats  # of all look-ups
    last_used: _Floats  # this long ago
    entered: _Floats  # this long ago the question came in; inf: nothing is ever evicted
    fresh_luck: _Floats  # uniform, as all luck
    found_luck: _Floats
    right_luck: _Floats


def stationary_content(
    askers: Sequence[Asker], region: int | None, capacity: int, ttl_s: float | None, key: int
) -> Content:
    """Draw what LRU keeps after independent Poisson look-ups for ever, from a region or from all.

    The stack of a least-recently-used cache is ordered by the age of each question's last look-up.

    Parameters
    ----------
    askers : of this cache; their questions are numbered one after the other
    capacity : most answers
    ttl_s : how long an answer may be used; None: for ever
    key : of the luck
    """
    rates_rps = [_rates_rps(asker, region) for asker in askers]
    total_rps = float(sum(rates.sum() for rates in rates_rps))
    if total_rps <= 0.0 or capacity == 0:
        return Content(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=np.bool_))
    stack = _stack(_mixes(askers, [rates / total_rps for rates in rates_rps]), capacity, key)
    age_s = stack.last_used / total_rps if ttl_s is None else _ages(stack, ttl_s * total_rps) / total_rps
    first = np.cumsum([0, *(asker.n_questions for asker in askers)])
    is_correct = np.zeros(stack.question.size, dtype=np.bool_)
    for asker, begin, end in zip(askers, first[:-1], first[1:], strict=True):
        own = (stack.question >= begin) & (stack.question < end)
        language = (stack.question[own] - begin) % len(asker.success_shares)
        is_correct[own] = stack.right_luck[own] < np.array(asker.success_shares)[language]
    return Content(stack.question, age_s, is_correct)


def _mixes(askers: Sequence[Asker], shares: Sequence[_Floats]) -> tuple[_Mix, ...]:
    """Of whom the look-ups are, to 12 digits: so the same at any demand."""
    return tuple(
        _Mix(
            asker.exponent,
            asker.n_items,
            asker.n_wordings,
            tuple(float(f"{share:.12g}") for share in of_asker),
        )
        for asker, of_asker in zip(askers, shares, strict=True)
    )


_remembered: LRUCache[tuple[tuple[_Mix, ...], int, int], _Stack] = LRUCache(
    _REMEMBERED_BYTES, getsizeof=lambda stack: sum(array.nbytes for array in stack)
)


@cached(_remembered, lock=threading.Lock())
def _stack(mixes: tuple[_Mix, ...], capacity: int, key: int) -> _Stack:
    """Draw the questions that a cache keeps, and the luck of each; remembered, as a search asks again and again."""
    generator = np.random.Generator(np.random.Philox(key=key))
    shares = np.concatenate([_shares(mix) for mix in mixes])
    asked = np.flatnonzero(shares > 0.0)
    all_last_used = generator.standard_exponential(asked.size) / shares[asked]
    kept = _smallest(all_last_used, min(capacity, asked.size))
    question, last_used = asked[kept], all_last_used[kept]
    share, fresh_luck, found_luck = shares[question], generator.random(kept.size), generator.random(kept.size)
    entered = np.full(kept.size, np.inf)
    if kept.size < asked.size:
        entered = _entered(generator, share, float(last_used[-1]), last_used)
    stack = _Stack(question, share, last_used, entered, fresh_luck, found_luck, generator.random(kept.size))
    for array in stack:
        array.flags.writeable = False
    return stack


def _smallest(values: _Floats, n: int) -> NDArray[np.int64]:
    """Places of the n smallest, in rising order; most of the others are left out by a sample before anything is sorted."""
    places = np.arange(values.size)
    sample = values[:: max(1, values.size // _SAMPLE)]
    rank = int(sample.size * (n / values.size * 1.05 + 0.01)) if values.size else 0
    if rank < sample.size:
        few = np.flatnonzero(values <= np.partition(sample, rank)[rank])
        places = few if few.size >= n else places
    return places[np.argsort(values[places])[:n]]


def _entered(generator: np.random.Generator, share: _Floats, stay: float, last_used: _Floats) -> _Floats:
    """How long ago questions came into a cache that forgets what is not asked for `stay` (Che's assumption).

    A question has been in the cache since the last of its pauses longer than `stay`.
    """
    pauses = share * stay
    n_uses = generator.geometric(np.maximum(np.exp(-pauses), 1e-12)) - 1.0  # before the last one, since entry
    part = pauses / np.expm1(np.minimum(pauses, 700.0))
    mean = (1.0 - part) / share  # of a pause, given that it is shorter than `stay`
    variance = np.maximum(1.0 - part * (pauses + part), 0.0) / share**2
    shape = np.where(n_uses > 0.0, n_uses * mean**2 / np.maximum(variance, 1e-300), 1.0)
    entered: _Floats = last_used + np.where(
        n_uses > 0.0, generator.standard_gamma(shape) * (n_uses * mean / shape), 0.0
    )
    return entered


def _ages(stack: _Stack, ttl: float) -> _Floats:
    """How long ago each answer was stored, which may be used for `ttl`.

    The cycle of an answer that is never evicted is "stored, fresh for so long, then waiting for the next look-up, which
    stores it again". A look-up sees it as anybody would at any time (Poisson arrivals): fresh with the odds `ttl` : 1/share
    and then of any age, or not, and then it is stored. If a question came in less than `ttl` ago, its answer is as
    old; otherwise it has been stored again since, and is as old as where nothing is evicted.
    """
    is_fresh = stack.fresh_luck * (ttl + 1.0 / stack.share) < ttl
    age = stack.last_used + np.where(is_fresh, stack.found_luck * ttl, 0.0)
    ages: _Floats = np.where(stack.entered <= ttl, stack.entered, np.minimum(age, stack.entered))
    return ages


def _rates_rps(asker: Asker, region: int | None) -> _Floats:
    """Look-ups per second that a workload makes, from one region or from all; float64[language]."""
    by_region = np.array(asker.rate_rps)[:, np.newaxis]
    if asker.language_shares:
        by_region = by_region * np.array(asker.language_shares)
    rates_rps: _Floats = by_region.sum(axis=0) if region is None else by_region[region]
    return rates_rps


def _shares(mix: _Mix) -> _Floats:
    """What part of all look-ups is for each question of a workload."""
    popularity = popularity_table(mix.exponent, mix.n_items).shares
    of_question: _Floats = np.multiply.outer(
        np.repeat(popularity, mix.n_wordings), np.array(mix.share) / mix.n_wordings
    )
    return of_question.ravel()
