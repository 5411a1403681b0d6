"""Experiments for the theory tests: many short replications of a small scenario, and how far they are from theory."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.compiler.blueprint import compile_scenario
from simulator.compiler.demand import stage_window
from simulator.engine import Runner, simulate
from simulator.metrics.columns import AreaColumn, CountColumn, Metric, UsageColumn
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario

N_REPLICATIONS = 20
MAX_Z = 4.0  # |t| > 4 with 19 degrees of freedom: 8 false alarms in 10,000


def exponential(mean_s: float) -> dict[str, Any]:
    """An exponential distribution, as a scenario says it."""
    return {"distribution": "exponential", "mean": mean_s}


def constant(value: float) -> dict[str, Any]:
    """A constant, as a scenario says it."""
    return {"distribution": "constant", "value": value}


def tokens(prompt: int, output: int) -> dict[str, Any]:
    """Token lengths of a workload that are always the same."""
    return {"prompt_tokens": constant(prompt), "output_tokens": constant(output)}


def instant_model(name: str, **model: Any) -> dict[str, Any]:
    """A model that answers within a microsecond and costs nothing (unless said otherwise)."""
    return {
        "model_name": name,
        "provider": "own",
        "model": "own",
        "prices": {"input": 0, "output": 0},
        "ttft": constant(1e-6),
        "tpot": constant(0.0),
        **model,
    }


def scenario_of(parts: Mapping[str, Any]) -> Scenario:
    """A scenario with a name."""
    return Scenario.model_validate({"metadata": {"name": "theory"}, **parts})


def one_service(rate_rps: float, service: Mapping[str, Any], **workload: Any) -> Scenario:
    """A single queue: Poisson arrivals (unless said otherwise) at the service `desk`."""
    ask = {"name": "ask", "arrival_rate": rate_rps, "steps": [{"call": "desk"}], **workload}
    return scenario_of({"workloads": [ask], "services": {"desk": service}})


def replications(
    scenario: Scenario,
    duration_s: float,
    warmup_s: float,
    n: int = N_REPLICATIONS,
    seed: int = 100,
    rows: bool = False,
) -> list[RunResult]:
    """`n` runs with the seeds `seed`, `seed` + 1, …"""
    window = stage_window(scenario, None, 0.0, duration_s, warmup_s)
    blueprint = compile_scenario(scenario, window, Path())
    return [simulate(blueprint, seed + number, Runner(record_rows=rows)) for number in range(n)]


def z_of(values: Sequence[float] | NDArray[np.float64], expected: float) -> float:
    """Distance of the replications' mean from theory, in its standard errors."""
    sample = np.asarray(values, dtype=np.float64)
    return float((sample.mean() - expected) / (sample.std(ddof=1) / np.sqrt(sample.size)))


def assert_agrees(values: Sequence[float] | NDArray[np.float64], expected: float) -> None:
    """Fail unless the mean over replications is within `MAX_Z` standard errors of theory."""
    z = z_of(values, expected)
    assert abs(z) <= MAX_Z, f"simulated {np.mean(values):.6g}, theory {expected:.6g}, z = {z:.2f}"


def means(results: Sequence[RunResult], metric: Metric, stream: int = 0) -> NDArray[np.float64]:
    """Mean of a measure in each replication."""
    return np.array([r.moments[stream, metric, 1] / r.moments[stream, metric, 0] for r in results])


def count_shares(
    results: Sequence[RunResult], part: CountColumn, whole: CountColumn, stream: int = 0
) -> NDArray[np.float64]:
    """Ratio of two counters over the measured span of each replication."""
    return np.array([r.measured_counts[stream, part] / r.measured_counts[stream, whole] for r in results])


def usage_shares(results: Sequence[RunResult], part: UsageColumn, station: int = 0) -> NDArray[np.float64]:
    """Share of the attempts at a station that ended so, in each replication."""
    totals = [r.measured_usage[:, station].sum(axis=0) for r in results]
    return np.array([total[part] / total[UsageColumn.ATTEMPTS] for total in totals])


def utilization(results: Sequence[RunResult], station: int = 0) -> NDArray[np.float64]:
    """Busy share of a station's servers in each replication."""
    return np.array(
        [r.areas[station, AreaColumn.BUSY_S] / r.areas[station, AreaColumn.SERVERS_S] for r in results]
    )
