"""Levers: each changes what it names, by the step that it names, and effects are paired."""

from pathlib import Path
from typing import Any

import pytest

from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.scenario.read.load import load_scenario
from simulator.studies.cost.lever_kinds import CostLever, levers, questions
from simulator.studies.cost.levers import LeverOptions, lever_effects
from tests.unit.studies.money import DAY_S, answers_document

COPILOT = Path(__file__).parents[4] / "scenarios" / "support-copilot.yaml"


@pytest.fixture(scope="module")
def copilot() -> Scenario:
    return load_scenario(COPILOT).scenario


def found(scenario: Scenario, words: str) -> CostLever:
    [lever] = [one for one in levers(scenario, lambda _: None) if words in one.name]
    return lever


def after(scenario: Scenario, words: str) -> Scenario:
    return found(scenario, words).change.apply(scenario, COPILOT.parent)


def small(**changes: Any) -> Scenario:
    """Questions from a few, a cache that expires, a cheap model and a dear one, and people who take over."""
    document = answers_document()
    [ask], [large] = document["workloads"], document["model_list"]
    ask |= {"popularity": {"items": 400}, "complexity": {"easy": 0.6, "hard": 0.4}}
    ask["steps"] = [
        {"cache": "known"},
        {"generate": "route"},
        {"review": {"team": "agents", "sample": 0.1, "when": ["low_confidence"]}},
    ]
    cheap = large | {"model_name": "cheap", "prices": {"input": 0.3, "output": 1.5}}
    document |= {
        "caches": {"known": {"type": "exact", "size": 100, "ttl": 600.0}},
        "model_list": [
            large | {"success_rate": {"easy": 0.95, "hard": 0.9}},
            cheap | {"success_rate": {"easy": 0.94, "hard": 0.6}},
        ],
        "routes": {
            "route": {
                "routing_strategy": "complexity",
                "choose": {"easy": "cheap", "hard": "large"},
                "num_retries": 1,
            }
            | {"confidence": {"flags_wrong": 0.7, "flags_right": 0.05}}
        },
        "stages": [{"name": "all", "duration": 20 * DAY_S, "exposure": 1.0}],
        "window": {"duration": 1200.0, "warmup": 300.0},
    }
    return Scenario.model_validate(document | changes)


def test_every_lever_is_a_scenario_that_can_be_simulated(copilot: Scenario) -> None:
    names = [lever.name for lever in levers(copilot, lambda _: ())]
    assert len(names) == 9
    for lever in levers(copilot, lambda _: None):
        changed = lever.change.apply(copilot, COPILOT.parent)
        assert Scenario.model_validate(changed.model_dump(by_alias=True, exclude_unset=True)) == changed
        assert changed != copilot


def test_the_step_is_the_one_that_is_named(copilot: Scenario) -> None:
    context = after(copilot, "context")
    assert context.services["vector-search"].context_tokens == 1_200
    assert context.workloads[0].prompt_tokens.scale == pytest.approx(0.8)  # type: ignore[union-attr]
    retries = after(copilot, "`bulk`")
    assert retries.routes["bulk"].num_retries == 4
    threshold = after(copilot, "threshold").routes["support"].confidence
    assert (threshold.flags_wrong, threshold.flags_right) == (pytest.approx(0.54), pytest.approx(0.018))
    review = found(copilot, "review")
    assert review.points == pytest.approx(1.0)
    batch = after(copilot, "batch").model_list[0].prices
    assert batch is not None
    assert batch.batch_discount == 0.5


def test_a_part_of_the_hard_questions_goes_to_the_cheap_model_and_stays_as_hard() -> None:
    moved = after(small(), "share of `cheap`")
    [workload] = moved.workloads
    assert workload.complexity == pytest.approx({"easy": 0.6, "hard": 0.3, "hard, to cheap": 0.1})
    assert moved.routes["route"].choose["hard, to cheap"] == "cheap"  # type: ignore[index]
    assert moved.model_list[1].success_rate["hard, to cheap"] == 0.6  # type: ignore[index]


def test_one_more_reserved_replica() -> None:
    scenario = load_scenario(COPILOT.parent / "own-gpus.yaml").scenario
    names = [lever.name for lever in levers(scenario, lambda _: None)]
    has_reserved = any(
        model.pool is not None and model.pool.reserved is not None for model in scenario.model_list
    )
    assert any("reserved" in name for name in names) == has_reserved


def test_fewer_questions_are_a_factor_on_their_number(copilot: Scenario) -> None:
    [workload] = [one for one in copilot.workloads if one.name == "answer-ticket"]
    assert questions([workload], 0.25) == ("workloads.answer-ticket.popularity.items=50000",)


def test_effects_are_paired_ranked_and_go_the_way_they_must() -> None:
    scenario = small()
    told: list[str] = []
    runner = Runner(progress=lambda done, total, label: told.append(f"{label} ({done}/{total})"))
    effects = lever_effects(scenario, LeverOptions("all", n_runs=3), runner)
    by_name = {effect.lever.name: effect for effect in effects}
    names = [lever.name for lever in levers(scenario, lambda _: ())]
    assert told == [f"levers, {name} ({n}/{len(names)})" for n, name in enumerate(names, start=1)]
    assert set(names) == set(by_name)
    savings = [effect.saving_usd_per_point for effect in effects]
    assert savings == sorted(savings, reverse=True)
    hits = by_name["cache `known`: hits +10 points"]
    assert hits.cost_usd.difference.high < 0.0  # fewer tokens
    context = by_name["context −20%"]
    assert context.cost_usd.difference.high < 0.0
    moved = by_name["route `route`: share of `cheap` +10 points"]
    assert moved.cost_usd.difference.high < 0.0
    assert moved.success_rate is not None
    assert moved.success_rate.difference.value < 0.0
    assert all(effect.cost_usd.n_pairs == 3 for effect in effects)
