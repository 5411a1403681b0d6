"""Whom a workload may ask: its steps, their routes with fallbacks, its reviewers, and the models a budget sends it to."""

from typing import Any

from simulator.scenario.asked_targets import targets_asked
from simulator.scenario.model import Scenario

ONE = {"distribution": "constant", "value": 1.0}
DOWNGRADE = {"max_budget": 1.0, "on_exceed": "downgrade", "models": {"large": "tiny", "unasked": "other"}}


def _scenario(**workload: Any) -> Scenario:
    models = ("large", "small", "tiny", "unasked", "other")
    return Scenario.model_validate(
        {
            "metadata": {"name": "asked"},
            "workloads": [
                {"name": "ask", "arrival_rate": 1.0, "prompt_tokens": ONE, "output_tokens": ONE} | workload
            ],
            "services": {"search": {"service_time": ONE}, "idle": {"service_time": ONE}},
            "model_list": [
                {"model_name": name, "provider": "openai", "model": "gpt-4.1", "ttft": ONE, "tpot": ONE}
                for name in models
            ],
            "routes": {"way": {"choose": ["small"], "fallbacks": ["large", "cached-answer", "human"]}},
            "teams": {"people": {"staff": 1, "handle_time": ONE}, "others": {"staff": 1, "handle_time": ONE}},
        }
    )


def test_steps_routes_fallbacks_people_and_budgets() -> None:
    steps = [{"call": "search"}, {"generate": "way"}, {"review": {"team": "people", "sample": 0.1}}]
    scenario = _scenario(steps=steps, budget=DOWNGRADE)
    assert targets_asked(scenario, scenario.workloads[0]) == {"search", "small", "large", "people", "tiny"}


def test_a_model_may_be_named_without_a_route() -> None:
    scenario = _scenario(steps=[{"generate": "small"}])
    assert targets_asked(scenario, scenario.workloads[0]) == {"small"}
