"""What routes that protect themselves cost the engine, on the pipeline model of `benchmarks.models`.

The same demand with nothing on, with one mechanism on at a time, and with all of them. The thresholds are such that
every mechanism keeps its books for every try and now and then acts. Costs are processor time of one thread; sides take
turns, and ratios are taken within a round, so that a busy machine hits both. Per try too: hedges make more tries.
"""

from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from benchmarks.models import Pipeline
from benchmarks.ours import pipeline_parts
from benchmarks.report import markdown_table
from simulator.compiler.blueprint import Blueprint, compile_scenario
from simulator.compiler.demand import stage_window
from simulator.engine import simulate
from simulator.metrics.columns import UsageColumn
from simulator.scenario.model import Scenario

_NOTHING = "nothing"
_ALL = "all of them"
_OF_ROUTES: dict[str, dict[str, Any]] = {
    "retry_budget": {"retry_budget": {"share": 0.2, "burst": 100}},
    "circuit_breaker": {
        "circuit_breaker": {
            "error_rate": 0.5,
            "slow_rate": 0.5,
            "slow_call": 1.9,
            "window": 10.0,
            "cooldown": 5.0,
        }
    },
    "outlier_detection": {"outlier_detection": {"consecutive_errors": 5, "base_ejection_time": 5.0}},
    "hedge": {"hedge": {"after": "p95", "max": 0.05}},
    "max_parallel_requests": {"max_parallel_requests": 60},
    "adaptive_concurrency": {"adaptive_concurrency": {"initial": 60, "max": 100, "latency": 1.5}},
    "propagate_deadline": {"propagate_deadline": True},
}
_OF_WORKLOADS: dict[str, dict[str, Any]] = {
    "limits": {"limits": {"max_parallel_requests": 10_000}},
    "asks_again": {"asks_again": {"share": 0.5, "after": 5.0, "max": 2}},
}


def protection_table(quick: bool) -> str:
    """A row per mechanism: processor time per try, and in all, as multiples of what it is with nothing on."""
    horizon_s, n_rounds = (20.0, 3) if quick else (200.0, 7)
    sides = {_NOTHING: _blueprint({}, {}, horizon_s)}
    sides |= {name: _blueprint(keys, {}, horizon_s) for name, keys in _OF_ROUTES.items()}
    sides |= {name: _blueprint({}, keys, horizon_s) for name, keys in _OF_WORKLOADS.items()}
    sides[_ALL] = _blueprint(_merged(_OF_ROUTES), _merged(_OF_WORKLOADS), horizon_s)
    for blueprint in sides.values():
        simulate(blueprint, 0)  # compiles
    times_s: dict[str, list[float]] = {name: [] for name in sides}
    tries: dict[str, list[float]] = {name: [] for name in sides}
    for seed in range(1, n_rounds + 1):
        for name, blueprint in sides.items():
            begin_s = process_time()
            result = simulate(blueprint, seed)
            times_s[name].append(process_time() - begin_s)
            tries[name].append(float(result.usage[..., UsageColumn.ATTEMPTS].sum()))
    rows = []
    for name in sides:
        shares = [own / base for own, base in zip(times_s[name], times_s[_NOTHING], strict=True)]
        more = [own / base for own, base in zip(tries[name], tries[_NOTHING], strict=True)]
        per_try = [share / factor for share, factor in zip(shares, more, strict=True)]
        rows.append([name, _spread(shares), f"{median(more):.3f}", _spread(per_try)])
    return markdown_table(["what is on", "time, ×", "tries, ×", "time per try, ×"], rows)


def _blueprint(of_routes: dict[str, Any], of_workloads: dict[str, Any], horizon_s: float) -> Blueprint:
    parts = pipeline_parts(Pipeline())
    routes = {name: {**route, **of_routes} for name, route in parts["routes"].items()}
    workloads = [{**workload, **of_workloads} for workload in parts["workloads"]]
    scenario = Scenario.model_validate(
        {"metadata": {"name": "protection"}, **parts, "routes": routes, "workloads": workloads}
    )
    return compile_scenario(scenario, stage_window(scenario, None, 0.0, horizon_s, 0.0), Path())


def _merged(mechanisms: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {key: value for keys in mechanisms.values() for key, value in keys.items()}


def _spread(ratios: list[float]) -> str:
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
