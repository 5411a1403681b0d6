"""A desk with a queue, as a world of its own: what tests of the kernel and of control advance by hand."""

from pathlib import Path
from typing import Any

from simulator.compiler.blueprint import Blueprint, compile_scenario
from simulator.compiler.demand import stage_window
from simulator.scenario.model import Scenario


def exponential(mean_s: float) -> dict[str, Any]:
    """An exponential distribution, as a scenario says it."""
    return {"distribution": "exponential", "mean": mean_s}


def constant(value_s: float) -> dict[str, Any]:
    """A constant, as a scenario says it."""
    return {"distribution": "constant", "value": value_s}


def desk_scenario(rate_rps: float = 5.0, workload: dict[str, Any] | None = None, **desk: Any) -> Scenario:
    """Askers at a single service."""
    return Scenario.model_validate(
        {
            "metadata": {"name": "desk"},
            "workloads": [
                {"name": "ask", "arrival_rate": rate_rps, "steps": [{"call": "desk"}], **(workload or {})}
            ],
            "services": {"desk": {"service_time": exponential(1.0), "max_ongoing_requests": 8, **desk}},
        }
    )


def blueprint_of(scenario: Scenario, duration_s: float, warmup_s: float = 0.0) -> Blueprint:
    """Compiled for a span that begins on Monday at midnight."""
    return compile_scenario(scenario, stage_window(scenario, None, 0.0, duration_s, warmup_s), Path())
