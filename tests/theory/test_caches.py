"""Caches whose hit rate emerges, against exact results and Che's approximation."""

from simulator.kernel.columns import CountColumn
from tests.theory.experiments import assert_agrees, count_shares, replications, scenario_of


def test_every_turn_of_a_conversation_asks_a_question_of_its_own() -> None:
    """All questions equally popular: whatever `size` of them a cache holds, it hits size / number of questions."""
    ask = {
        "name": "ask",
        "arrival_rate": 20.0,
        "popularity": {"exponent": 0.0, "items": 2_000},
        "turns": {"distribution": "constant", "mean": 5, "think_time": 1.0},
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
        "success_rate": 0.9,
    }
    scenario = scenario_of(
        {
            "workloads": [ask],
            "caches": {"answers": {"type": "exact", "size": 100}},
            "model_list": [small],
        }
    )
    results = replications(scenario, 500.0, 100.0, n=10)
    assert_agrees(count_shares(results, CountColumn.CACHE_HITS, CountColumn.CACHE_LOOKUPS), 100 / 2_000)
