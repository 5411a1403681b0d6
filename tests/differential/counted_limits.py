"""Limits as providers count them, that the engine and the reference both run."""

from typing import Any

from simulator.scenario.model import Scenario
from tests.differential.scenarios import TOKENS, TWO_REGIONS, model, scenario_of


def counted_limits() -> Scenario:
    """Limits as providers count them, over capacity: reservations, settlement, windows, time-outs, errors, every choice."""
    own = {"input": 1.0, "output": 4.0, "cached_input": 0.1, "cached_share": 0.35}
    reserved = {
        "at_start": {"input": 1, "cached_input": 1, "max_tokens": 1},
        "at_end": {"input": 1, "output": 5},
    }
    rules: dict[str, dict[str, Any]] = {
        "paid-after": {
            "rpm": {"window": "bucket", "span": 1},
            "input_tpm": {"at_start": {"input": 1}},
            "output_tpm": {"at_end": {"output": 1}},
        },
        "reserved": {"tpm": {"span": 20, **reserved}},
        "minutes": {
            "rpm": {"window": "fixed", "span": 10},
            "input_tpm": {"window": "fixed", "span": 15, "at_start": {"input": 1, "cached_input": 1},
                          "at_end": {"input": 1}},
            "output_tpm": {"window": "fixed", "span": 15, "at_start": {"max_tokens": 1}, "at_end": {"output": 1}},
        },
        "larger": {"tpm": {"larger": True, "at_start": {"input": 1, "cached_input": 0.5, "max_tokens": 1}}},
    }  # fmt: skip
    amounts: dict[str, dict[str, Any]] = {
        "paid-after": {"rpm": 70, "input_tpm": 24_000, "output_tpm": 5_000},
        "reserved": {"tpm": {"east": 60_000, "west": 45_000}},
        "minutes": {"rpm": 60, "input_tpm": 50_000, "output_tpm": 26_000},
        "larger": {"tpm": 40_000},
        "plain": {"input_tpm": 30_000, "output_tpm": 4_000, "rpm": 55},
    }
    models = [
        model(name, 0.3, 0.02, error_rate=0.03, **amounts[name])
        | {"prices": own}
        | ({"limit_rules": rules[name]} if name in rules else {})
        for name in amounts
    ]
    common = {
        "num_retries": 1,
        "backoff": {"base": 0.15, "jitter": "equal"},
        "per_try_timeout": 2.4,
        "retry_on": ["timeout", "rate_limit", "error"],
    }
    strategies = ("simple-shuffle", "usage-based-routing", "cost-based-routing")
    workloads = [
        {"name": name, "arrival_rate": 1.3, **TOKENS, "max_tokens": 300, "steps": [{"generate": name}]}
        for name in strategies
    ]
    return scenario_of(
        **TWO_REGIONS,
        workloads=workloads,
        model_list=models,
        incidents=[
            {
                "name": "cut",
                "kind": "quota",
                "target": "reserved",
                "start": 150.6,
                "duration": 60.0,
                "factor": 0.4,
            },
            {
                "name": "none",
                "kind": "quota",
                "target": "minutes",
                "start": 230.6,
                "duration": 60.0,
                "factor": 0.0,
            },
            {"name": "gone", "kind": "outage", "target": "paid-after", "start": 190.3, "duration": 20.0},
        ],
        routes={name: {"routing_strategy": name, "choose": list(amounts), **common} for name in strategies},
    )
