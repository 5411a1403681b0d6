"""Lengths that go together: each as long as without, and the two in the dependence that the scenario says."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp, spearmanr

from simulator.compiler.demand import stage_window
from simulator.engine import Runner
from simulator.scenario.model import Scenario

N = 20_000
FORMS: dict[str, dict[str, Any]] = {
    "lognormal": {"distribution": "lognormal", "p50": 700, "p95": 3000},
    "exponential": {"distribution": "exponential", "mean": 400},
    "uniform": {"distribution": "uniform", "low": 100, "high": 900},
    "gamma": {"distribution": "gamma", "mean": 500, "cv": 1.7},
    "empirical": {"distribution": "empirical", "quantiles": {0: 10, 0.4: 200, 0.9: 900, 1: 4000}},
}
PAIRS = [
    ("lognormal", "gamma"),
    ("gamma", "empirical"),
    ("empirical", "exponential"),
    ("uniform", "lognormal"),
]


@cache
def _lengths(prompt: str, output: str, joint: str) -> pd.DataFrame:
    """Prompts and answers of some 20,000 actions, in the order in which they came."""
    by_name = {
        "": {},
        "positive": {"joint_lengths": {"correlation": 0.55}},
        "negative": {"joint_lengths": {"correlation": -0.8}},
        "bent": {"joint_lengths": {"ranks": [[8, 1, 1], [1, 1, 8], [1, 8, 1]]}},
    }
    scenario = Scenario.model_validate(
        {
            "metadata": {"name": "lengths"},
            "start": "2026-11-02",
            "regions": {"home": {}},
            "workloads": [
                {
                    "name": "ask",
                    "arrival_rate": N / 1000.0,
                    "prompt_tokens": FORMS[prompt],
                    "output_tokens": FORMS[output],
                    "steps": [{"generate": "answer"}],
                    **by_name[joint],
                }
            ],
            "model_list": [
                {
                    "model_name": "large",
                    "provider": "openai",
                    "model": "gpt-4.1",
                    "ttft": {"distribution": "constant", "value": "1ms"},
                    "tpot": {"distribution": "constant", "value": "1us"},
                }
            ],
            "routes": {"answer": {"choose": ["large"]}},
        }
    )
    window = stage_window(scenario, None, 0.0, 1000.0, 0.0)
    rows = Runner(record_rows=True).run(scenario, window, 3).rows
    assert rows is not None
    return rows.sort_values("number")[["input_tokens", "output_tokens"]].reset_index(drop=True)


@pytest.mark.parametrize(("prompt", "output"), PAIRS)
@pytest.mark.parametrize("joint", ["positive", "negative", "bent"])
def test_each_length_is_distributed_as_without(prompt: str, output: str, joint: str) -> None:
    apart, together = _lengths(prompt, output, ""), _lengths(prompt, output, joint)
    n = min(len(apart), len(together)) - 50  # some at the end are still under way
    assert together["input_tokens"][:n].equals(apart["input_tokens"][:n])  # to the last token
    assert ks_2samp(together["output_tokens"], apart["output_tokens"]).pvalue > 1e-3


@pytest.mark.parametrize(("prompt", "output"), PAIRS)
@pytest.mark.parametrize(("joint", "stated"), [("", 0.0), ("positive", 0.55), ("negative", -0.8)])
def test_the_rank_correlation_is_as_stated(prompt: str, output: str, joint: str, stated: float) -> None:
    found = spearmanr(_lengths(prompt, output, joint)).statistic
    assert abs(found - stated) < 4.0 * (1.0 - stated**2) * 1.1 / np.sqrt(N)


@pytest.mark.parametrize(("prompt", "output"), PAIRS)
def test_the_ranks_are_as_the_table_says(prompt: str, output: str) -> None:
    lengths = _lengths(prompt, output, "bent")
    ranks = ((lengths.rank(method="first") - 1) * 3 // len(lengths)).astype(int)
    found = pd.crosstab(ranks["input_tokens"], ranks["output_tokens"]).to_numpy() / len(lengths)
    stated = np.array([[8, 1, 1], [1, 1, 8], [1, 8, 1]]) / 30.0
    assert np.abs(found - stated).max() < 4.0 * np.sqrt(0.27 / N)
