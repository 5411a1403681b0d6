"""Caches whose hit rate emerges, against exact results and Che's approximation.

Answers take a microsecond here, so that two look-ups of one question hardly ever overlap; the formulas know no such
overlap. King's formula, the time to live and the filling of an empty cache are exact; Che's approximation is not, and
the test that uses it says how far off it may be.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.metrics.columns import CountColumn
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.theory.cache import (
    lru_hit_ratio,
    lru_hit_ratio_exact,
    lru_ttl_hit_ratio,
    ttl_hit_ratio,
    zipf_shares,
)
from tests.theory.experiments import (
    MAX_Z,
    assert_agrees,
    count_shares,
    instant_model,
    replications,
    scenario_of,
    tokens,
)


def cached(
    cache: dict[str, Any],
    popularity: dict[str, Any],
    rate_rps: float | dict[str, float] = 20.0,
    success_rate: float = 1.0,
    **workload: Any,
) -> Scenario:
    """Questions that a cache is asked before a model."""
    ask = {
        "name": "ask",
        "arrival_rate": rate_rps,
        "popularity": popularity,
        "steps": [{"cache": "answers"}, {"generate": "small"}],
        **tokens(10, 1),
        **workload,
    }
    regions = {name: {} for name in rate_rps} if isinstance(rate_rps, dict) else {"home": {}}
    return scenario_of(
        {
            "regions": regions,
            "network": {"default": 0},
            "workloads": [ask],
            "caches": {"answers": cache},
            "model_list": [instant_model("small", success_rate=success_rate)],
        }
    )


def hit_ratios(results: Sequence[RunResult], stream: int = 0) -> NDArray[np.float64]:
    """Hit ratio of each replication."""
    return count_shares(results, CountColumn.CACHE_HITS, CountColumn.CACHE_LOOKUPS, stream)


@pytest.mark.parametrize("size", [1, 3, 5])
def test_lru_hits_as_kings_formula_says(size: int) -> None:
    scenario = cached({"type": "exact", "size": size}, {"exponent": 0.9, "items": 6})
    results = replications(scenario, 1_000.0, 0.0)
    assert_agrees(hit_ratios(results), lru_hit_ratio_exact(zipf_shares(6, 0.9), size))


def che_error(n_items: int) -> float:
    """Error of Che's approximation where a quarter of the items fit, from the exact ratio."""
    shares = zipf_shares(n_items, 0.9)
    return abs(lru_hit_ratio(shares, n_items // 4) - lru_hit_ratio_exact(shares, n_items // 4))


def assert_agrees_with_che(ratios: NDArray[np.float64], expected: float) -> None:
    """Fail unless the mean is within four standard errors and what Che's approximation may be off.

    Its error falls as the room grows: here from room for 2 to room for 4 to a good half. Hundreds of places are
    allowed a tenth of the error of four.
    """
    assert che_error(16) < 0.6 * che_error(8)
    standard_error = ratios.std(ddof=1) / np.sqrt(ratios.size)
    assert abs(ratios.mean() - expected) <= MAX_Z * standard_error + che_error(16) / 10


def test_lru_with_many_items_hits_as_che_says() -> None:
    scenario = cached({"type": "exact", "size": 1_000}, {"exponent": 0.9, "items": 10_000}, rate_rps=100.0)
    ratios = hit_ratios(replications(scenario, 2_000.0, 0.0))
    assert_agrees_with_che(ratios, lru_hit_ratio(zipf_shares(10_000, 0.9), 1_000))


@pytest.mark.parametrize("ttl_s", [1.0, 30.0, 600.0])
def test_answers_that_expire_hit_as_renewal_theory_says(ttl_s: float) -> None:
    """With room for all; a hit does not prolong an answer's life."""
    scenario = cached({"type": "exact", "size": 500, "ttl": ttl_s}, {"exponent": 0.9, "items": 500})
    results = replications(scenario, 1_000.0, 4 * ttl_s, n=12)
    assert_agrees(hit_ratios(results), ttl_hit_ratio(20.0 * zipf_shares(500, 0.9), ttl_s))


@pytest.mark.parametrize("ttl_s", [40.0, 80.0])
def test_answers_that_expire_or_are_displaced_hit_as_both_together_say(ttl_s: float) -> None:
    """200 of 2,000 questions fit: a question is dropped that nobody asks for some 16 s."""
    rates_rps = 20.0 * zipf_shares(2_000, 0.9)
    scenario = cached({"type": "exact", "size": 200, "ttl": ttl_s}, {"exponent": 0.9, "items": 2_000})
    ratios = hit_ratios(replications(scenario, 2_000.0, 600.0, n=12))
    expected = lru_ttl_hit_ratio(rates_rps, 200, ttl_s)
    assert expected < min(lru_hit_ratio(rates_rps, 200), ttl_hit_ratio(rates_rps, ttl_s)) - 0.005
    assert_agrees_with_che(ratios, expected)


def test_only_a_semantic_cache_sees_through_wordings() -> None:
    """Four questions in three wordings each: an exact cache knows twelve questions, each a third as popular."""
    popularity = {"exponent": 0.8, "items": 4, "phrasings": 3}
    shares = zipf_shares(4, 0.8)
    semantic = replications(cached({"type": "semantic", "size": 2}, popularity), 1_000.0, 0.0)
    assert_agrees(hit_ratios(semantic), lru_hit_ratio_exact(shares, 2))
    exact = replications(cached({"type": "exact", "size": 2}, popularity), 1_000.0, 0.0)
    assert_agrees(hit_ratios(exact), lru_hit_ratio_exact(np.repeat(shares / 3.0, 3), 2))


def test_a_region_learns_from_its_own_users_only() -> None:
    popularity = {"exponent": 0.9, "items": 200}
    rate_rps = {"north": 15.0, "south": 5.0}
    shares = zipf_shares(200, 0.9)
    apart = replications(
        cached({"type": "exact", "size": 200, "ttl": 30.0}, popularity, rate_rps), 2_000.0, 150.0, n=12
    )
    for stream, rate in enumerate(rate_rps.values()):
        assert_agrees(hit_ratios(apart, stream), ttl_hit_ratio(rate * shares, 30.0))
    shared = {"type": "exact", "size": 200, "ttl": 30.0, "scope": "global"}
    together = replications(cached(shared, popularity, rate_rps), 2_000.0, 150.0, n=12)
    for stream in range(2):
        assert_agrees(hit_ratios(together, stream), ttl_hit_ratio(20.0 * shares, 30.0))


def test_an_empty_cache_misses_every_question_once() -> None:
    """With room for all, Poisson questions miss 1 - exp(-rate·t) times in t seconds, each."""
    scenario = cached(
        {"type": "exact", "size": 1_000, "start": "cold"}, {"exponent": 0.9, "items": 1_000}, rate_rps=5.0
    )
    results = replications(scenario, 600.0, 0.0)
    rates_rps = 5.0 * zipf_shares(1_000, 0.9)
    for n_buckets in (1, 3, 10):
        begin = [r.counts[:n_buckets, 0].sum(axis=0) for r in results]
        misses = [n[CountColumn.CACHE_LOOKUPS] - n[CountColumn.CACHE_HITS] for n in begin]
        span_s = n_buckets * results[0].bucket_s
        assert_agrees(np.array(misses), float(-np.expm1(-rates_rps * span_s).sum()))


@pytest.mark.parametrize(
    "cache",
    [
        {"type": "exact", "size": 300},
        {"type": "exact", "size": 3_000, "ttl": 60.0},
        {"type": "semantic", "size": 300, "ttl": 8.0},
    ],
    ids=["room", "age", "both"],
)
def test_a_warm_cache_starts_as_it_goes_on(cache: dict[str, Any]) -> None:
    """The hit ratio of the first 20 seconds is that of the last 100, within a run."""
    scenario = cached(cache, {"exponent": 0.9, "items": 3_000}, rate_rps=100.0)
    results = replications(scenario, 200.0, 0.0, n=60)
    assert results[0].bucket_s == 20.0
    hits, lookups = (
        np.array([r.counts[:, 0, column] for r in results])
        for column in (CountColumn.CACHE_HITS, CountColumn.CACHE_LOOKUPS)
    )
    later = hits[:, 5:].sum(axis=1) / lookups[:, 5:].sum(axis=1)
    assert_agrees(hits[:, 0] / lookups[:, 0] - later, 0.0)


def test_a_false_hit_is_a_wrong_answer() -> None:
    cache = {"type": "semantic", "size": 40, "false_hit": 0.08}
    results = replications(cached(cache, {"exponent": 0.9, "items": 100}), 600.0, 0.0)
    assert_agrees(count_shares(results, CountColumn.FALSE_HITS, CountColumn.CACHE_HITS), 0.08)
    for n in (r.measured_counts[0] for r in results):
        assert n[CountColumn.SUCCEEDED] - n[CountColumn.CORRECT] == n[CountColumn.FALSE_HITS]


def test_a_cache_repeats_wrong_answers_as_often_as_right_ones() -> None:
    cache = {"type": "exact", "size": 100, "ttl": 60.0}
    scenario = cached(cache, {"exponent": 0.9, "items": 300}, success_rate=0.8)
    results = replications(scenario, 2_000.0, 0.0)
    assert_agrees(count_shares(results, CountColumn.CORRECT, CountColumn.SUCCEEDED), 0.8)
    assert hit_ratios(results).mean() > 0.4


def test_a_measured_cache_hits_as_measured() -> None:
    scenario = cached({"type": "measured", "hit_rate": 0.37}, {"exponent": 0.9, "items": 10})
    results = replications(scenario, 600.0, 0.0)
    assert_agrees(hit_ratios(results), 0.37)


def test_every_turn_of_a_conversation_asks_a_question_of_its_own() -> None:
    """All questions equally popular: whatever `size` of them a cache holds, it hits size / number of questions."""
    turns = {"distribution": "constant", "mean": 5, "think_time": 1.0}
    cache = {"type": "exact", "size": 100}
    scenario = cached(cache, {"exponent": 0.0, "items": 2_000}, success_rate=0.9, turns=turns)
    results = replications(scenario, 500.0, 100.0, n=10)
    assert_agrees(hit_ratios(results), 100 / 2_000)
