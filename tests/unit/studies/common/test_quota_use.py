"""What the load takes of a limit, as each provider counts it, and which limit is offered too much."""

from typing import Any

import pytest

from simulator.compiler.demand import stage_window
from simulator.engine import Runner
from simulator.mechanisms.providers.limits_build import limits_in
from simulator.mechanisms.providers.shared_quotas import SharedQuota
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.scenario.read.catalogs import catalog
from simulator.studies.common.quota_use import counted_per_minute
from simulator.studies.common.saturation import overloads

PER_MINUTE, PROMPT, ANSWER, MAX_TOKENS, FRESH = 300.0, 500, 100, 800, 0.75


def _constant(value: float) -> dict[str, Any]:
    return {"distribution": "constant", "value": value}


def _asked(rules: str | None, **limits: float) -> tuple[Scenario, list[RunResult]]:
    named = (
        {} if rules is None else {"limits_as": rules, **catalog("limit_rules").entries[rules].content.plain()}
    )
    prices = {"input": 1, "output": 4, "cached_input": 0.1, "cached_share": 1.0 - FRESH}
    workload = {
        "name": "ask",
        "arrival_rate": PER_MINUTE / 60.0,
        "prompt_tokens": _constant(PROMPT),
        "output_tokens": _constant(ANSWER),
        "max_tokens": MAX_TOKENS,
        "steps": [{"generate": "large"}],
    }
    model = {
        "model_name": "large",
        "provider": "own",
        "model": "own",
        "prices": prices,
        "ttft": _constant(0.2),
        "tpot": _constant(0.001),
        **named,
        **limits,
    }
    scenario = Scenario.model_validate(
        {"metadata": {"name": "quota"}, "workloads": [workload], "model_list": [model]}
    )
    window = stage_window(scenario, None, "peak", 1200.0, 120.0)
    return scenario, Runner().replicate(scenario, window, [1, 2, 3])


@pytest.mark.parametrize(
    ("rules", "key", "tokens"),
    [
        (None, "tpm", PROMPT + ANSWER),
        (None, "output_tpm", ANSWER),
        ("openai", "tpm", MAX_TOKENS),
        ("azure-standard", "tpm", PROMPT + MAX_TOKENS),
        ("anthropic", "input_tpm", FRESH * PROMPT),
        ("anthropic", "output_tpm", ANSWER),
        ("bedrock-claude-4.8", "tpm", FRESH * PROMPT + 15 * ANSWER),
        ("mistral", "tpm", PROMPT + ANSWER),
    ],
)
def test_a_limit_is_used_as_it_is_counted(rules: str | None, key: str, tokens: float) -> None:
    scenario, runs = _asked(rules, **{key: 10_000_000})
    model = scenario.model_list[0]
    ((_, _, rule),) = limits_in(model, "home")
    found = counted_per_minute(scenario, model, rule, runs, "home", turned_away=True)
    assert found is not None
    assert found.value == pytest.approx(PER_MINUTE * tokens, rel=0.04)


def test_the_limit_that_binds_is_named_with_its_way_of_counting() -> None:
    scenario, runs = _asked("azure-standard", rpm=6_000, tpm=300_000)
    (found,) = overloads(scenario, runs)
    assert found.unit == "tokens per minute as azure-standard counts"
    assert found.offered == pytest.approx(PER_MINUTE * (PROMPT + MAX_TOKENS), rel=0.04)
    scenario, runs = _asked("anthropic", rpm=6_000, input_tpm=300_000, output_tpm=20_000)
    (found,) = overloads(scenario, runs)
    assert found.unit == "output tokens per minute as anthropic counts"


def test_a_shared_quota_is_offered_what_all_its_models_take() -> None:
    scenario, runs = _asked("openai", tpm=10_000_000)
    rules = catalog("limit_rules").entries["openai"].content.plain()
    quota = SharedQuota.model_validate(
        {"models": ["large"], "limits_as": "openai", "tpm": 200_000, "rpm": 1_000, **rules}
    )
    (found,) = overloads(scenario.model_copy(update={"quotas": {"account": quota}}), runs)
    assert (found.target, found.region) == ("account", "all regions")
    assert found.offered == pytest.approx(PER_MINUTE * MAX_TOKENS, rel=0.04)
