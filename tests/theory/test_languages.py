"""Languages against probability: who speaks what, how long texts are, how often answers are right, what caches know."""

from typing import Any

import numpy as np

from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.metrics.dimensions import Selection
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.theory.cache import lru_hit_ratio_exact, ttl_hit_ratio, zipf_shares
from tests.theory.experiments import assert_agrees, constant, instant_model, replications, scenario_of

SHARES = {"en": 0.6, "de": 0.3, "ja": 0.1}
RATE_RPS = 20.0


def spoken(workload: dict[str, Any], **parts: Any) -> Scenario:
    """Users of three languages who ask one model."""
    ask = {
        "name": "ask",
        "arrival_rate": RATE_RPS,
        "prompt_tokens": {"distribution": "lognormal", "mean": 1_000, "cv": 1.0},
        "output_tokens": constant(100),
        "steps": [{"generate": "small"}],
    }
    return scenario_of(
        {
            "regions": {"home": {"languages": SHARES}},
            "workloads": [ask | workload],
            "model_list": [instant_model("small", success_rate=0.9)],
            **parts,
        }
    )


def counted(results: list[RunResult], language: str, part: CountColumn, whole: CountColumn) -> list[float]:
    """Ratio of two counters of the users of a language, in each replication."""
    rows = [result.measured_counts[result.stream_ids(Selection(language=language))] for result in results]
    return [float(row[:, part].sum() / row[:, whole].sum()) for row in rows]


def test_users_speak_texts_are_longer_and_answers_worse_as_is_said() -> None:
    languages = {"de": {"token_factor": 1.5}, "ja": {"token_factor": 0.8, "success_factor": 0.7}}
    results = replications(spoken({}, languages=languages), 900.0, 0.0)
    for language, share in SHARES.items():
        ids = results[0].stream_ids(Selection(language=language))
        said = languages.get(language, {})
        arrived = [
            r.measured_counts[ids, CountColumn.ARRIVED].sum()
            / r.measured_counts[:, CountColumn.ARRIVED].sum()
            for r in results
        ]
        assert_agrees(arrived, share)
        usage = [r.measured_usage[ids].sum(axis=(0, 1)) for r in results]
        factor = said.get("token_factor", 1.0)
        prompts = [u[UsageColumn.INPUT_TOKENS] / u[UsageColumn.ATTEMPTS] for u in usage]
        assert_agrees(prompts, 1_000.0 * factor)
        for u in usage:
            assert u[UsageColumn.OUTPUT_TOKENS] == u[UsageColumn.SUCCEEDED] * 100.0 * factor
        right = counted(results, language, CountColumn.CORRECT, CountColumn.SUCCEEDED)
        assert_agrees(right, 0.9 * said.get("success_factor", 1.0))


def test_a_cache_answers_nobody_in_another_language() -> None:
    """Each language hits as if it had a cache of its own, from the first second of a warm one."""
    ask = {"popularity": {"exponent": 0.9, "items": 200}, "steps": [{"cache": "kept"}, {"generate": "small"}]}
    kept = {"type": "semantic", "size": 600, "ttl": 30.0}
    results = replications(spoken(ask, caches={"kept": kept}), 900.0, 0.0)
    for language, share in SHARES.items():
        hits = counted(results, language, CountColumn.CACHE_HITS, CountColumn.CACHE_LOOKUPS)
        assert_agrees(hits, ttl_hit_ratio(share * RATE_RPS * zipf_shares(200, 0.9), 30.0))


def test_a_warm_cache_holds_as_many_right_answers_as_its_model_gives_in_each_language() -> None:
    """From the first second on everything is in the cache, and so is every wrong answer."""
    ask = {"popularity": {"exponent": 0.0, "items": 400}, "steps": [{"cache": "kept"}, {"generate": "small"}]}
    model = instant_model("small", success_rate=0.9, success_by_language={"de": 0.6})
    scenario = spoken(
        ask,
        model_list=[model],
        languages={"de": {"success_factor": 0.95}, "ja": {"success_factor": 0.7}},
        caches={"kept": {"type": "exact", "size": 1_200}},
    )
    results = replications(scenario, 60.0, 0.0)
    for language, factor in {"en": 1.0, "de": 0.6, "ja": 0.7}.items():
        hits = counted(results, language, CountColumn.CACHE_HITS, CountColumn.CACHE_LOOKUPS)
        assert hits == [1.0] * len(results)
        right = counted(results, language, CountColumn.CORRECT, CountColumn.SUCCEEDED)
        assert_agrees(right, 0.9 * factor)


def test_the_languages_share_the_room_of_a_cache() -> None:
    """King's formula for two questions in three languages: six, in a cache of three."""
    ask = {"popularity": {"exponent": 0.8, "items": 2}, "steps": [{"cache": "kept"}, {"generate": "small"}]}
    results = replications(spoken(ask, caches={"kept": {"type": "exact", "size": 3}}), 900.0, 0.0)
    hits = [
        r.measured_counts[:, CountColumn.CACHE_HITS].sum()
        / r.measured_counts[:, CountColumn.CACHE_LOOKUPS].sum()
        for r in results
    ]
    shares = np.multiply.outer(zipf_shares(2, 0.8), list(SHARES.values())).ravel()
    assert_agrees(hits, lru_hit_ratio_exact(shares, 3))


def test_a_region_that_names_no_language_draws_none() -> None:
    """Naming one language that differs in nothing changes no number."""
    plain, named = (
        replications(spoken({}, regions={"home": home}), 60.0, 0.0, n=1)[0]
        for home in ({}, {"languages": {"en": 1.0}})
    )
    assert (plain.counts == named.counts).all()
    assert (plain.usage == named.usage).all()
