"""Workloads that are shared: tenants with quotas of their own, in bursts of their own, one of which runs wild.

Users speak two languages in one of the regions, and beside the shared workloads stands one with a budget.
"""

from simulator.scenario.model import Scenario
from tests.differential.scenarios import TOKENS, TWO_REGIONS, model, scenario_of


def shared() -> Scenario:
    """Two workloads with the same tenant in both, quotas of every kind, users who ask again, and a surge of one."""
    steps = [{"generate": "answer"}]
    return scenario_of(
        **(TWO_REGIONS | {"regions": {"east": {"languages": {"en": 0.6, "de": 0.4}}, "west": {}}}),
        languages={"de": {"token_factor": 1.4}},
        workloads=[
            {
                "name": "chat", "arrival_rate": 3.0, "limits": {"rpm": 70}, "steps": steps, "timeout": 9.0,
                "turns": {"mean": 1.8, "think_time": 2.0}, "asks_again": {"share": 0.5, "after": 4.0},
                "tenants": {
                    "acme": {"share": 0.5, "burstiness": 3.0, "limits": {"tpm": 60_000}},
                    "bits": {"share": 0.3, "limits": {"max_parallel_requests": 4}},
                    "rest": {"share": 0.2, "burstiness": 0.6},
                },
                **TOKENS,
            },
            {
                "name": "sort", "arrival_rate": 1.0, "steps": steps, "burstiness": 2.0,
                "tenants": {"acme": {"share": 0.9}, "other": {"share": 0.1, "limits": {"rpm": 5}}}, **TOKENS,
            },
            {
                "name": "capped", "arrival_rate": 1.5, "steps": steps, **TOKENS,
                "budget": {"max_budget": 2.0, "budget_duration": 210.0, "check_every": 7.3},
            },
        ],
        model_list=[model("large", 0.6, 0.012, 30.0, rpm=500)],
        routes={"answer": {"choose": ["large"], "num_retries": 1, "per_try_timeout": 3.1}},
        incidents=[
            {"name": "wild", "kind": "surge", "tenant": "acme", "workload": "chat", "factor": 4, "start": 60, "duration": 90}
        ],
    )  # fmt: skip
