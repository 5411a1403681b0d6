"""What does an engine spend beside the kernels? Two times, fitted so that simulated loads take as long as measured ones.

The time of an iteration follows from the time per token, that of a request from the time to first token of the lightest
load at which requests overlap: there hardly anybody waits, and nothing that idles between requests must wake up. Step times
of the kernels, times per sequence and of launches stay those that are shipped.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError
from scipy.optimize import minimize_scalar

from simulator.compiler.demand import stage_window
from simulator.engine import Runner
from simulator.mechanisms.replicas.catalog import load_profile
from simulator.mechanisms.replicas.config import Pool
from simulator.mechanisms.replicas.engines import engine_times
from simulator.mechanisms.replicas.fitting.benchmark_file import read_benchmark
from simulator.mechanisms.replicas.fitting.benchmark_run import BenchmarkRun
from simulator.mechanisms.replicas.profile import PoolProfileError
from simulator.results.estimates import estimate
from simulator.scenario.model import Scenario
from simulator.studies.inputs.host.report import HostLoad, HostReport

_MOST_S = 0.02  # of an iteration beside its kernels
_PRECISION_S = 2e-6
_TOO_SLOW = 0.10  # the kernels alone, against what was measured: then it was another model, precision or GPU
_BADLY_FITTED = 0.10
_REQUESTS, _SHORTEST_S, _LONGEST_S = 2_000.0, 60.0, 900.0
_SEEDS = (1, 2)
_PRECISIONS = re.compile(r"(?i)(fp8|fp4|nvfp4|mxfp4|awq|gptq|int8|int4|w8a8|w4a16|bnb|gguf|eagle)")
_NOISE = re.compile(r"(?i)\b(meta|instruct|chat|it|hf|base)\b|[^a-z0-9.]+")


@dataclass(frozen=True)
class Served:
    """How the model was served.

    Attributes
    ----------
    prefix : tokens in front of every prompt that the cache holds
    """

    model: str
    gpu: str
    tensor_parallel: int = 1
    engine_version: str | None = None
    max_num_seqs: int | None = None
    prefix: int = 0

    @property
    def pool(self) -> dict[str, Any]:
        """As a scenario says it."""
        found: dict[str, Any] = {
            "model": self.model,
            "gpu": self.gpu,
            "tensor_parallel": self.tensor_parallel,
        }
        optional = {"engine_version": self.engine_version, "max_num_seqs": self.max_num_seqs}
        return found | {key: value for key, value in optional.items() if value is not None}


def fit_host(paths: Sequence[Path], served: Served, runner: Runner) -> HostReport:
    """Fit to a light load and, of three or more, the heaviest; forecast the others.

    Raises
    ------
    PoolProfileError
        If a file is no benchmark result, or one of another model or precision than the profile.
    """
    try:
        profile = load_profile(Pool.model_validate(served.pool), Path())
    except ValidationError as error:
        raise PoolProfileError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
    runs = sorted((run for path in paths for run in read_benchmark(path)), key=lambda run: run.decoding)
    for run in runs:
        _check_model(run, served)
    light = next((run for run in runs[:-1] if run.decoding >= 1.0), runs[0])
    fitted = [light] if len(runs) < 3 else [light, runs[-1]]
    iteration_s = _iteration_s(fitted, served, runner)
    request_s = max(0.0, light.ttft_s - simulated(light, served, iteration_s, runner)[0])
    loads = tuple(
        _load(run, "fit" if run in fitted else "check", served, iteration_s, request_s, runner)
        for run in runs
    )
    unseen = [load for load in loads if load.used == "check"]
    times = engine_times(profile.engine, served.engine_version).times
    return HostReport(
        model=served.model,
        gpu=served.gpu,
        tensor_parallel=served.tensor_parallel,
        host=profile.host,
        iteration_s=iteration_s,
        request_s=request_s,
        shipped_iteration_s=times.iteration_s,
        shipped_request_s=times.request_s,
        loads=loads,
        ttft_error=float(np.mean([abs(load.ttft_error) for load in unseen])) if unseen else None,
        tpot_error=float(np.mean([abs(load.tpot_error) for load in unseen])) if unseen else None,
        warnings=(*(run.note for run in runs if run.note), *_warnings(loads, iteration_s, request_s)),
    )


def simulated(run: BenchmarkRun, served: Served, iteration_s: float, runner: Runner) -> tuple[float, float]:
    """Time to first token, without what a request takes outside of the engine, and time per token of a load, means."""
    overheads = {"iteration_overhead": iteration_s, "request_overhead": 0.0}
    rate_rps = run.requests_per_s
    length_s = min(max(_REQUESTS / rate_rps, _SHORTEST_S), _LONGEST_S)
    workload: dict[str, Any] = {
        "name": "benchmark",
        "prompt_tokens": _lengths(run, "prompt_tokens", run.prompt_tokens - served.prefix),
        "output_tokens": _lengths(run, "output_tokens", run.output_tokens),
        "steps": [{"generate": "replica"}],
        **({"clients": _clients(run)} if run.is_closed else {"arrival_rate": rate_rps}),
        **({"system_prompt_tokens": served.prefix} if served.prefix else {}),
    }
    document = {
        "metadata": {"name": "benchmark"},
        "workloads": [workload],
        "model_list": [{"model_name": "replica", "pool": {**served.pool, **overheads}}],
    }
    scenario = Scenario.model_validate(document)
    window = stage_window(scenario, None, 0.0, length_s, length_s / 4.0)
    results = runner.replicate(scenario, window, _SEEDS)
    found = [estimate(results, name) for name in ("ttft", "tpot")]
    if None in found:
        raise PoolProfileError(
            f"{run.label}: no request of this load ends in {length_s:.0f} s as it is simulated"
        )
    ttft, tpot = (one.value for one in found if one is not None)
    return ttft, tpot


def _iteration_s(fitted: Sequence[BenchmarkRun], served: Served, runner: Runner) -> float:
    """The time with which the loads have their times per token: least squares of logarithms."""
    for run in fitted:
        alone_s = simulated(run, served, 0.0, runner)[1]
        if alone_s > (1.0 + _TOO_SLOW) * run.tpot_s:
            raise PoolProfileError(
                f"{run.label}: {run.tpot_s * 1e3:.3g} ms a token were measured, and the kernels of {served.model} on "
                f"{served.tensor_parallel} x {served.gpu} alone take {alone_s * 1e3:.3g} ms: another precision, speculative "
                "decoding, another GPU or shorter prompts"
            )

    def misfit(iteration_s: float) -> float:
        pairs = [(simulated(run, served, iteration_s, runner)[1], run.tpot_s) for run in fitted]
        return sum(log(forecast_s / measured_s) ** 2 for forecast_s, measured_s in pairs)

    found = minimize_scalar(misfit, bounds=(0.0, _MOST_S), method="bounded", options={"xatol": _PRECISION_S})
    return float(found.x) if found.x > 2.0 * _PRECISION_S else 0.0


def _load(
    run: BenchmarkRun, used: Any, served: Served, iteration_s: float, request_s: float, runner: Runner
) -> HostLoad:
    ttft_s, tpot_s = simulated(run, served, iteration_s, runner)
    return HostLoad(
        label=run.label,
        used=used,
        requests_per_s=run.requests_per_s,
        mean_batch=run.decoding,
        ttft_s=run.ttft_s,
        ttft_forecast_s=ttft_s + request_s,
        tpot_s=run.tpot_s,
        tpot_forecast_s=tpot_s,
    )


def _clients(run: BenchmarkRun) -> int:
    """Clients of a closed loop: Little's law."""
    return max(1, round(run.requests_per_s * (run.ttft_s + (run.output_tokens - 1.0) * run.tpot_s)))


def _lengths(run: BenchmarkRun, name: str, mean: float) -> dict[str, Any]:
    """As spread as the requests were, where the file tells."""
    values = None if run.requests is None else getattr(run.requests, name)
    cv = 0.0 if values is None else float(values.std() / values.mean())
    mean = max(1.0, mean)
    if cv < 0.01:
        return {"distribution": "constant", "value": mean}
    return {"distribution": "lognormal", "mean": mean, "cv": cv}


def _check_model(run: BenchmarkRun, served: Served) -> None:
    """Complain about results that name another model or precision; some tools name none."""
    if not run.model:
        return
    precisions = [set(_PRECISIONS.findall(name.lower())) for name in (run.model, served.model)]
    if precisions[0] - precisions[1]:
        what = " and ".join(sorted(precisions[0] - precisions[1]))
        raise PoolProfileError(
            f"{run.label}: is of {run.model} in {what}, and the profile is of {served.model}"
        )
    found, wanted = (
        _NOISE.sub("", _PRECISIONS.sub("", name.rpartition("/")[2].lower()))
        for name in (run.model, served.model)
    )
    if found != wanted:
        raise PoolProfileError(f"{run.label}: is of {run.model}, and the profile is of {served.model}")


def _warnings(loads: Sequence[HostLoad], iteration_s: float, request_s: float) -> list[str]:
    found = [
        f"{load.label}: off by {abs(load.tpot_error):.0%} in time per token though it was fitted: other switches than those "
        "of the pool are a common reason"
        for load in loads
        if load.used == "fit" and abs(load.tpot_error) > _BADLY_FITTED
    ]
    if iteration_s > 0.9 * _MOST_S:
        found.append(f"an iteration seems to take more than {_MOST_S * 1e3:.0f} ms beside its kernels")
    if request_s == 0.0:
        found.append(
            "the first token came no later than the engine alone takes: prompts that the cache holds? give --prefix"
        )
    return found
