"""Our engine on the three models: each is a scenario of the general engine, nothing is special-cased."""

import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.models import MM8, Model, Pipeline, Tiers
from benchmarks.peer import Outcome, Peer, Replication
from benchmarks.registry import OURS
from simulator import __version__
from simulator.compiler.blueprint import Blueprint, compile_scenario
from simulator.compiler.demand import stage_window
from simulator.engine import simulate
from simulator.metrics.columns import CountColumn, Metric
from simulator.scenario.model import Scenario


def _exponential(mean_s: float) -> dict[str, Any]:
    return {"distribution": "exponential", "mean": mean_s}


def _mm8(model: MM8) -> dict[str, Any]:
    desk = {"max_ongoing_requests": model.n_servers, "service_time": _exponential(model.service_mean_s)}
    return {
        "workloads": [{"name": "ask", "arrival_rate": model.arrival_rps, "steps": [{"call": "desk"}]}],
        "services": {"desk": desk},
    }


def _tiers(model: Tiers) -> dict[str, Any]:
    names = ("web", "db")
    wait, factor = model.backoff_s[0], model.backoff_s[1] / model.backoff_s[0]
    return {
        "workloads": [
            {"name": "ask", "arrival_rate": model.arrival_rps, "steps": [{"call": f"to-{n}"} for n in names]}
        ],
        "services": {
            name: {"max_ongoing_requests": servers, "service_time": _exponential(mean_s)}
            for name, (servers, mean_s) in zip(names, model.tiers, strict=True)
        },
        "routes": {
            f"to-{name}": {
                "choose": [name],
                "per_try_timeout": model.timeout_s,
                "num_retries": 2,
                "backoff": {"base": wait, "factor": factor},
            }
            for name in names
        },
    }


def pipeline_parts(model: Pipeline) -> dict[str, Any]:
    regions = [f"region-{i}" for i in range(model.n_regions)]
    pools = [f"pool-{i}" for i in range(model.n_pools)]
    workloads = ("interactive", "batch")
    wait, factor = model.backoff_s[0], model.backoff_s[1] / model.backoff_s[0]
    far = dict.fromkeys(regions, 2 * model.far_s)
    return {
        "regions": {region: {} for region in regions},
        "network": {"local": 2 * model.near_s, "rtt": dict.fromkeys(regions, far)},
        "workloads": [
            {"name": name, "arrival_rate": rate, "steps": [{"cache": "answers"}, {"call": f"{name}-route"}]}
            for name, rate in zip(workloads, model.arrival_rps, strict=True)
        ],
        "caches": {
            "answers": {"type": "measured", "hit_rate": model.hit_probability, "latency": model.cache_s}
        },
        "services": {
            pool: {
                "max_ongoing_requests": model.pool_servers,
                "service_time": _exponential(model.service_mean_s),
            }
            for pool in pools
        },
        "routes": {
            f"{name}-route": {
                "routing_strategy": "power-of-two",
                "choose": pools,
                "per_try_timeout": timeout_s,
                "num_retries": 2,
                "failover_after": 2,
                "backoff": {"base": wait, "factor": factor},
            }
            for name, timeout_s in zip(workloads, model.timeout_s, strict=True)
        },
    }


@lru_cache(maxsize=8)
def _blueprint(model: Model, horizon_s: float) -> Blueprint:
    build: dict[type, Any] = {MM8: _mm8, Tiers: _tiers, Pipeline: pipeline_parts}
    scenario = Scenario.model_validate({"metadata": {"name": model.name}} | build[type(model)](model))
    window = stage_window(scenario, None, 0.0, horizon_s, 0.0)
    return compile_scenario(scenario, window, Path())


def _replication(blueprint: Blueprint, seed: int) -> Replication:
    result = simulate(blueprint, seed)
    counts = result.counts.sum(axis=(0, 1))
    n, latency_s, _ = result.moments[:, Metric.RESOLUTION].sum(axis=0)
    mean_s = float(latency_s / n) if n else float(np.nan)
    return Replication(int(counts[CountColumn.SUCCEEDED]), int(counts[CountColumn.FAILED]), mean_s)


def run(model: Model, horizon_s: float, n_replications: int, seed: int) -> Outcome:
    """Run replications one after the other; the clock includes everything but imports and compilation."""
    begin = time.perf_counter()
    blueprint = _blueprint(model, horizon_s)
    replications = tuple(_replication(blueprint, seed + number) for number in range(n_replications))
    return Outcome(replications, time.perf_counter() - begin)


def _prepare(model: Model) -> None:
    simulate(_blueprint(model, 1.0), 1)


def peers() -> tuple[Peer, ...]:
    """Our engine."""
    return (Peer(OURS, __version__, frozenset({"mm8", "tiers", "pipeline"}), 3e6, run, _prepare),)
