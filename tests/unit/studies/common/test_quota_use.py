"""What the load takes of a limit, as each provider counts it, and which limit is offered too much."""

from typing import Any

import pytest

from simulator.compiler.demand import stage_window
from simulator.engine import Runner
from simulator.mechanisms.distributions import Constant
from simulator.mechanisms.providers.limits_build import limits_in
from simulator.mechanisms.providers.shared_quotas import SharedQuota
from simulator.mechanisms.traffic.config import GenerateStep
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.scenario.read.catalogs import catalog
from simulator.studies.common.quota_use import counted_per_minute, limit_uses
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


def test_what_is_reserved_counts_once_whoever_else_asks_elsewhere() -> None:
    """Two workloads at two models: each model is offered what its own workload reserves."""
    scenario, _ = _asked("azure-standard", tpm=100_000)
    ask, large = scenario.workloads[0], scenario.model_list[0]
    other = ask.model_copy(
        update={"name": "job", "priority": "batch", "steps": [GenerateStep(generate="small")]}
    )
    small = large.model_copy(update={"model_name": "small", "tpm": 10_000_000})
    both = scenario.model_copy(update={"workloads": [ask, other], "model_list": [large, small]})
    runs = Runner().replicate(both, stage_window(both, None, "peak", 600.0, 60.0), [1, 2, 3])
    (found,) = overloads(both, runs)
    assert found.offered == pytest.approx(PER_MINUTE * (PROMPT + MAX_TOKENS), rel=0.04)


def test_how_full_a_limit_is_and_what_would_relieve_it() -> None:
    per_minute = PER_MINUTE * (PROMPT + MAX_TOKENS)
    scenario, runs = _asked("azure-standard", tpm=2.0 * per_minute)
    (use,) = limit_uses(scenario, runs)
    assert (use.target, use.limit, use.without_batch) == ("large", "tpm", None)
    assert use.full.value == pytest.approx(0.5, rel=0.04)
    assert use.with_real_answers == pytest.approx(0.5 * (PROMPT + ANSWER) / (PROMPT + MAX_TOKENS), rel=0.04)
    assert use.refused_share == 0.0


def test_reservations_fill_a_limit_while_their_requests_run() -> None:
    """Five a second that last 0.3 s hold one and a half reservations at a time: nothing beside what is used up."""
    scenario, runs = _asked("bedrock", tpm=4.0 * PER_MINUTE * PROMPT)
    (use,) = limit_uses(scenario, runs)
    assert use.full.value == pytest.approx((FRESH * PROMPT + ANSWER) / (4.0 * PROMPT), rel=0.04)
    slow = scenario.model_copy(
        update={
            "model_list": [
                scenario.model_list[0].model_copy(update={"ttft": Constant.model_validate(_constant(60.0))})
            ]
        }
    )
    (use,) = limit_uses(
        slow, Runner().replicate(slow, stage_window(slow, None, "peak", 900.0, 300.0), [1, 2])
    )
    let_in = 1.0 - use.refused_share
    assert use.full.value == pytest.approx(let_in * (PROMPT + MAX_TOKENS) / (4.0 * PROMPT), rel=0.06)
