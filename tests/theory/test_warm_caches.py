"""A cache that begins warm is, from its first second, where it would be after a long time."""

import numpy as np

from simulator.metrics.columns import CountColumn
from simulator.scenario.model import Scenario
from simulator.theory.cache import ttl_hit_ratio, zipf_shares
from tests.theory.experiments import assert_agrees, count_shares, replications, scenario_of

RATE_RPS = 20.0
N_ITEMS = 2_000
EXPONENT = 0.8
TTL_S = 100.0


def _scenario(**cache: object) -> Scenario:
    ask = {
        "name": "ask",
        "arrival_rate": RATE_RPS,
        "popularity": {"exponent": EXPONENT, "items": N_ITEMS},
        "steps": [{"cache": "answers"}, {"generate": "small"}],
        "prompt_tokens": {"distribution": "constant", "value": 10},
        "output_tokens": {"distribution": "constant", "value": 1},
    }
    small = {
        "model_name": "small",
        "provider": "openai",
        "model": "gpt-4.1-mini",
        "ttft": {"distribution": "constant", "value": 1e-6},
        "tpot": {"distribution": "constant", "value": 1e-6},
    }
    answers = {"type": "exact", "size": N_ITEMS, **cache}
    return scenario_of({"workloads": [ask], "caches": {"answers": answers}, "model_list": [small]})


def test_answers_that_expire_are_as_fresh_at_the_start_as_later() -> None:
    """Within the first tenth of a life time the share of hits is that of renewal theory."""
    results = replications(_scenario(ttl=TTL_S), TTL_S / 10.0, 0.0, n=200)
    expected = ttl_hit_ratio(RATE_RPS * np.asarray(zipf_shares(N_ITEMS, EXPONENT)), TTL_S)
    assert_agrees(count_shares(results, CountColumn.CACHE_HITS, CountColumn.CACHE_LOOKUPS), expected)


def test_a_cold_cache_has_no_hits_to_begin_with() -> None:
    results = replications(_scenario(ttl=TTL_S, start="cold"), TTL_S / 10.0, 0.0, n=20)
    expected = ttl_hit_ratio(RATE_RPS * np.asarray(zipf_shares(N_ITEMS, EXPONENT)), TTL_S)
    assert count_shares(results, CountColumn.CACHE_HITS, CountColumn.CACHE_LOOKUPS).mean() < expected / 2.0
