"""How often do intervals of 95 % hold the true value? Means and percentiles of latency and wait, on queues and a pool.

`python -m tests.theory.coverage 1000` makes that many experiments for each of 48 cases, each as long as `rollout run` makes
it by itself. The true value is that of all experiments together.
"""

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from simulator.compiler.blueprint import compile_scenario
from simulator.compiler.demand import stage_window
from simulator.engine import simulate
from simulator.results.run_result import RunResult
from simulator.results.summarize import summarize
from simulator.results.summary import Summary
from simulator.scenario.model import Scenario
from simulator.studies.common.run_length import enough_replications, window_warmup_s
from simulator.theory.estimate import Estimate
from tests.theory.experiments import constant, exponential, one_service, scenario_of

STATISTICS = ("mean", "p50", "p95", "p99")
_WINDOW_S = 3600.0


def cases() -> dict[str, Scenario]:
    """What is simulated: queues of one and ten servers, one that people leave, a pool of replicas, a team."""
    return {
        "M/M/10 at 80 %": _queue(10, 0.8),
        "M/M/10 at 90 %": _queue(10, 0.9),
        "M/M/1 at 90 %": _queue(1, 0.9),
        "Erlang A": _queue(10, 1.0, patience=exponential(2.0)),
        "a pool": _pool(),
        "a team": _team(),
    }


@dataclass(frozen=True)
class Coverage:
    """Of one statistic of one measure in one case."""

    case: str
    measure: str
    statistic: str
    share: float  # of the experiments whose interval holds the value of all of them together
    value: float


def coverage(name: str, scenario: Scenario, n_experiments: int) -> list[Coverage]:
    """Make experiments and count intervals that hold the common value."""
    experiments = [summarize(runs) for runs in _experiments(scenario, n_experiments)]
    found = []
    for measure in ("latency", "queue_wait"):
        for statistic in STATISTICS:
            estimates = [_estimate(_spread(of, measure), statistic) for of in experiments]
            value = float(np.mean([of.value for of in estimates]))
            holding = [of.low - 1e-12 <= value <= of.high + 1e-12 for of in estimates]
            found.append(Coverage(name, measure, statistic, float(np.mean(holding)), value))
    return found


def _experiments(scenario: Scenario, n_experiments: int) -> list[list[RunResult]]:
    def runs(warmup_s: float, n_runs: int, first: int = 0) -> list[RunResult]:
        window = stage_window(scenario, None, 0.0, _WINDOW_S, warmup_s)
        blueprint = compile_scenario(scenario, window, Path())
        return [simulate(blueprint, seed) for seed in range(first, first + n_runs)]

    warmup_s = window_warmup_s(scenario.window, runs)
    n_each = enough_replications(runs(warmup_s, 1))
    return [runs(warmup_s, n_each, number * n_each) for number in range(n_experiments)]


def _spread(of: Summary, measure: str) -> Any:
    """Latency and wait of actions; where people are asked, the time until they are done, and the wait for them."""
    if "people" not in of.by_target:
        return getattr(of.metrics, measure)
    return of.metrics.resolution if measure == "latency" else of.by_target["people"].queue_wait


def _estimate(spread: Any, statistic: str) -> Estimate:
    found = getattr(spread, statistic)
    assert isinstance(found, Estimate)
    return found


def _queue(servers: int, utilization: float, **service: Any) -> Scenario:
    parts = {"max_ongoing_requests": servers, "service_time": exponential(1.0), **service}
    return one_service(servers * utilization, parts)


def _pool() -> Scenario:
    pool = {
        "model": "meta-llama/Meta-Llama-3.1-70B",
        "gpu": "a100_sxm",
        "tensor_parallel": 4,
        "replicas": 2,
        "max_num_seqs": 16,
        "price": 2.0,
    }
    chat = {
        "name": "chat",
        "arrival_rate": 1.0,
        "prompt_tokens": exponential(600.0),
        "output_tokens": exponential(150.0),
        "steps": [{"generate": "own"}],
    }
    return scenario_of({"workloads": [chat], "model_list": [{"model_name": "own", "pool": pool}]})


def _team() -> Scenario:
    people: Mapping[str, Any] = {"staff": 12, "handle_time": exponential(120.0), "shifts": "always"}
    ask = {
        "name": "ask",
        "arrival_rate": 0.08,
        "steps": [{"call": "desk"}, {"review": {"team": "people", "sample": 0.0, "when": ["exhausted"]}}],
    }
    return scenario_of(
        {
            "workloads": [ask],
            "services": {"desk": {"service_time": constant(0.1), "error_rate": 1.0}},
            "teams": {"people": people},
        }
    )


def main(n_experiments: int) -> None:
    """Print the coverage of every case."""
    for name, scenario in cases().items():
        begin = time.perf_counter()
        for found in coverage(name, scenario, n_experiments):
            print(
                f"{name:16} {found.measure:11} {found.statistic:5} {found.share:.3f} of {found.value:.4g} s",
                flush=True,
            )
        print(f"{(time.perf_counter() - begin) / n_experiments:.2f} s an experiment", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
