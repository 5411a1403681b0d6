"""Workloads with budgets: one is stopped, one throttled, one asks a cheaper model, one is only told."""

from typing import Any

from simulator.scenario.model import Scenario
from tests.differential.scenarios import TOKENS, TWO_REGIONS, exponential, model, scenario_of


def _asking(name: str, route: str, budget: dict[str, Any], **more: Any) -> dict[str, Any]:
    steps = [{"generate": route}, {"call": "records"}]
    given = {"budget_duration": 210.0, "check_every": 7.3}
    more |= {"complexity": {"easy": 0.5, "hard": 0.5}}
    return {"name": name, "arrival_rate": 1.1, "steps": steps, "budget": given | budget, **TOKENS, **more}


def budgets() -> Scenario:
    """Budgets that are exceeded within a period and renewed with the next, over four workloads in two regions."""
    turns = {"turns": {"mean": 1.8, "think_time": 2.0}}
    return scenario_of(
        **TWO_REGIONS,
        workloads=[
            _asking("stopped", "one", {"max_budget": 0.9}, **turns),
            _asking(
                "slowed", "two", {"max_budget": 0.5, "on_exceed": "throttle", "rpm": 9}, limits={"rpm": 80}
            ),
            _asking(
                "cheaper",
                "three",
                {"max_budget": 0.4, "on_exceed": "downgrade", "models": {"dear": "cheap"}},
            ),
            _asking("told", "four", {"max_budget": 0.3, "on_exceed": "alert", "spent": 0.25}),
        ],
        services={"records": {"max_ongoing_requests": 9, "service_time": exponential(0.2), "cost": 0.001}},
        model_list=[
            model("dear", 0.6, 0.012, 30.0, success_rate={"easy": 0.9, "hard": 0.8}),
            model("cheap", 0.3, 0.008, 3.0, success_rate={"easy": 0.9, "hard": 0.5}),
        ],
        routes={
            "one": {"choose": ["dear"], "num_retries": 1, "per_try_timeout": 3.1},
            "two": {"choose": ["dear"]},
            "three": {"routing_strategy": "complexity", "choose": {"easy": "cheap", "hard": "dear"}},
            "four": {"choose": ["dear"]},
        },
    )
