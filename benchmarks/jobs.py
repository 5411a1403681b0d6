"""``python -m benchmarks.jobs NAME …``: one simulation whose process is watched from outside; prints figures as JSON."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.models import Pipeline, arrivals_per_s
from benchmarks.ours import pipeline_parts
from simulator.compiler.blueprint import compile_scenario
from simulator.compiler.demand import stage_window
from simulator.engine import simulate
from simulator.metrics.columns import CountColumn
from simulator.scenario.model import Scenario

_AUTOSCALING = {
    "min_replicas": 4,
    "max_replicas": 16,
    "target_ongoing_requests": 6,
    "metrics_interval": 1.0,
    "upscale_delay": 10.0,
    "downscale_delay": 60.0,
    "startup_delay": 20.0,
}


def _figures(parts: dict[str, Any], horizon_s: float) -> dict[str, float]:
    scenario = Scenario.model_validate({"metadata": {"name": "job"}} | parts)
    blueprint = compile_scenario(scenario, stage_window(scenario, None, 0.0, horizon_s, 0.0), Path())
    simulate(_a_second_of(scenario), 1)  # loads the machine code
    begin_s = perf_counter()
    result = simulate(blueprint, 1)
    return {
        "simulate_s": perf_counter() - begin_s,
        "n_arrived": int(result.counts[..., CountColumn.ARRIVED].sum()),
        "n_in_flight": int(result.in_flight.sum()),
        "n_control": sum(
            horizon_s * len(scenario.regions)
            for service in scenario.services.values()
            if service.autoscaling is not None
        ),
    }


def _a_second_of(scenario: Scenario) -> Any:
    """A second of the scenario, compiled."""
    return compile_scenario(scenario, stage_window(scenario, None, 0.0, 1.0, 0.0), Path())


def day(hours: float, n_pools: float) -> dict[str, float]:
    """The pipeline at 1,000 requests/s; `n_pools` of its six pools, in each region, are scaled every second."""
    parts = pipeline_parts(replace(Pipeline(), arrival_rps=(350.0, 150.0)))
    for name in list(parts["services"])[: int(n_pools)]:
        parts["services"][name] |= {"replicas": 8, "max_ongoing_requests": 8, "autoscaling": _AUTOSCALING}
    return _figures(parts, 3600.0 * hours)


def arrivals(n_arrivals: float) -> dict[str, float]:
    """The pipeline as it is measured, for about `n_arrivals` arrivals."""
    return _figures(pipeline_parts(Pipeline()), n_arrivals / arrivals_per_s(Pipeline()))


JOBS = {"day": day, "arrivals": arrivals}

if __name__ == "__main__":
    name, *numbers = sys.argv[1:]
    print(json.dumps(JOBS[name](*map(float, numbers))))
