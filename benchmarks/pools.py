"""Pools: leaping over iterations inside the coupled engine against stepping each of them, on the same requests.

Our engine replays a trace of arrivals and lengths on one replica; the loops step the same requests. Before a ratio is
printed, every request must finish at the same time to 1e-9. Then models that only a coupled engine can run.
"""

import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import markdown_table
from benchmarks.stepping import finish_times
from simulator.compiler.blueprint import Blueprint, compile_scenario
from simulator.compiler.demand import stage_window
from simulator.engine import Runner, simulate
from simulator.mechanisms.replicas.catalog import load_profile
from simulator.mechanisms.replicas.config import Pool
from simulator.metrics.columns import CountColumn
from simulator.scenario.model import Scenario

TOLERANCE = 1e-9
POOL = {
    "model": "meta-llama/Meta-Llama-3.1-8B",
    "gpu": "h100_sxm",
    "prefix_caching": False,
    "max_num_batched_tokens": 2048,
    "max_num_seqs": 256,
    "kv_cache_tokens": 100_000_000,
    "max_model_len": 100_000,
    "request_overhead": 0.0,
}
CHAT = (800.0, 170.0)  # mean prompt and output tokens
LONG = (200.0, 2_000.0)


@dataclass(frozen=True)
class Case:
    """Requests for one replica."""

    name: str
    rate_per_s: float
    tokens: tuple[float, float]


CASES = (
    Case("0.5 /s", 0.5, CHAT),
    Case("5 /s", 5.0, CHAT),
    Case("15 /s", 15.0, CHAT),
    Case("200 in, 2,000 out", 2.0, LONG),
    Case("saturated", 60.0, CHAT),
)


def pools_table(is_quick: bool) -> str:
    """Both tables."""
    n_requests, n_rounds = (20_000, 3) if is_quick else (100_000, 5)
    rows = [_row(case, n_requests, n_rounds) for case in CASES]
    header = [
        "one replica",
        "batch",
        "iterations",
        "ours, requests/s",
        "stepped, numba",
        "ours ÷ it",
        "ours ÷ plain Python",
    ]
    return f"{markdown_table(header, rows)}\n\n{_coupled(is_quick)}"


def _row(case: Case, n_requests: int, n_rounds: int) -> list[str]:
    arrival_s, lengths = _requests(case, n_requests)
    profile = load_profile(Pool.model_validate(POOL), Path())
    with tempfile.TemporaryDirectory() as folder:
        blueprint = _replay(Path(folder), arrival_s, lengths)
    limits = (POOL["max_num_seqs"], POOL["max_num_batched_tokens"])

    def ours() -> Any:
        return simulate(blueprint, 1)

    def stepped() -> Any:
        return finish_times(profile, arrival_s, lengths, *limits, compiled=True)

    few = max(100, n_requests // 100)
    plain_s = _seconds(lambda: finish_times(profile, arrival_s[:few], lengths[:few], *limits, compiled=False))
    _check_same(blueprint, stepped()[0])
    n_iterations = stepped()[1]
    rounds = [(_seconds(ours), _seconds(stepped)) for _ in range(n_rounds)]
    ours_s = median(pair[0] for pair in rounds)
    ratios = [their_s / our_s for our_s, their_s in rounds]
    tokens = lengths[:, 1].sum() / n_iterations
    return [
        case.name,
        f"{tokens:.3g}",
        f"{n_iterations / n_requests:.3g} a request",
        _speed(n_requests / ours_s),
        _speed(n_requests / median(pair[1] for pair in rounds)),
        f"{median(ratios):.3g} ({min(ratios):.3g} to {max(ratios):.3g})",
        f"{plain_s / few / (ours_s / n_requests):,.0f}",
    ]


def _requests(case: Case, n: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    rng = np.random.default_rng(2027)
    gaps_s = rng.exponential(1.0 / case.rate_per_s, n)
    lengths = np.stack([rng.lognormal(math.log(mean) - 0.32, 0.8, n) for mean in case.tokens], axis=1)
    gaps_s[0] = gaps_s[1:].mean()  # as a replayed trace begins
    return np.cumsum(gaps_s), np.maximum(2, lengths).astype(np.int64)


def _replay(folder: Path, arrival_s: NDArray[np.float64], lengths: NDArray[np.int64]) -> Blueprint:
    """Our engine's model: the trace from its first row, on one replica."""
    rows = [
        f"{time!r},{prompt},{output}"
        for time, (prompt, output) in zip(arrival_s.tolist(), lengths, strict=True)
    ]
    (folder / "trace.csv").write_text("\n".join(["time,prompt,output", *rows]))
    scenario = Scenario.model_validate(
        {
            "metadata": {"name": "replica"},
            "workloads": [
                {
                    "name": "chat",
                    "trace": {
                        "file": "trace.csv",
                        "time": "time",
                        "prompt_tokens": "prompt",
                        "output_tokens": "output",
                        "replay": "arrivals",
                        "rotate": False,
                    },
                    "prompt_tokens": {"trace": True},
                    "output_tokens": {"trace": True},
                    "steps": [{"generate": "own"}],
                }
            ],
            "model_list": [{"model_name": "own", "pool": POOL}],
        }
    )
    window = stage_window(scenario, None, 0.0, float(arrival_s[-1] * 1.0000001 + 1e-6), 0.0, folder)
    return compile_scenario(scenario, window, folder)


def _check_same(blueprint: Blueprint, finish_s: NDArray[np.float64]) -> None:
    """Every request that has ended in our run must have ended when the stepped one did."""
    rows = simulate(blueprint, 1, Runner(record_rows=True)).rows
    assert rows is not None
    rows = rows.sort_values("number")
    theirs_s = finish_s[rows["number"].to_numpy()]
    worst = float(np.max(np.abs(rows["end_s"].to_numpy() / theirs_s - 1.0)))
    if worst > TOLERANCE or len(rows) < 0.3 * len(finish_s):
        raise RuntimeError(
            f"the two do not agree: {worst:.3g} relative, {len(rows)} of {len(finish_s)} requests"
        )


def _coupled(is_quick: bool) -> str:
    rows = []
    for name, scenario, duration_s in (
        ("8 replicas at 5 requests/s each, routing, time-outs, fall-back", _routed(8, 40.0), 25_000.0),
        ("8 replicas at 15 requests/s each, the same", _routed(8, 120.0), 8_000.0),
        ("a day at 50 requests/s on 20 replicas, the same", _routed(20, 50.0), 86_400.0),
    ):
        span_s = duration_s / 20.0 if is_quick else duration_s
        window = stage_window(scenario, None, 0.0, span_s, 0.0)
        blueprint = compile_scenario(scenario, window, Path())
        n_rounds = 1 if span_s > 80_000.0 else 3
        runs = [_timed(lambda seed=seed, of=blueprint: simulate(of, seed)) for seed in range(1, n_rounds + 1)]
        n = int(runs[0][1].counts[:, :, CountColumn.ARRIVED].sum())
        wall_s = median(seconds for seconds, _ in runs)
        rows.append([name, f"{n:,}", f"{wall_s:.3g}", _speed(n / wall_s)])
    return markdown_table(["coupled", "requests", "simulated in, s", "requests/s"], rows)


def _routed(replicas: int, rate_per_s: float) -> Scenario:
    """Replicas in two regions, a time-out for each try, a provider to fall back to."""
    lognormal = {"distribution": "lognormal", "cv": 0.95}
    own = {**POOL, "kv_cache_tokens": "auto", "replicas": replicas // 2, "prefix_caching": True}
    return Scenario.model_validate(
        {
            "metadata": {"name": "routed"},
            "regions": {"east": {}, "west": {}},
            "network": {"default": 0.07, "local": 0.002},
            "workloads": [
                {
                    "name": "chat",
                    "arrival_rate": {"east": rate_per_s / 2, "west": rate_per_s / 2},
                    "prompt_tokens": {**lognormal, "mean": CHAT[0]},
                    "output_tokens": {**lognormal, "mean": CHAT[1]},
                    "steps": [{"generate": "route"}],
                }
            ],
            "routes": {
                "route": {
                    "choose": ["own"],
                    "fallbacks": ["hosted"],
                    "per_try_timeout": 30.0,
                    "num_retries": 1,
                }
            },
            "model_list": [
                {
                    "model_name": "own",
                    "pool": own,
                },
                {
                    "model_name": "hosted",
                    "provider": "own",
                    "model": "hosted",
                    "prices": {"input": 1.0, "output": 4.0},
                    "ttft": {"distribution": "exponential", "mean": 0.5},
                    "tpot": {"distribution": "constant", "value": 0.01},
                },
            ],
        }
    )


def _timed(job: Callable[[], Any]) -> tuple[float, Any]:
    begin = perf_counter()
    result = job()
    return perf_counter() - begin, result


def _seconds(job: Callable[[], Any]) -> float:
    return _timed(job)[0]


def _speed(value: float) -> str:
    return f"{value / 1e6:.3g} M" if value >= 1e6 else f"{value / 1e3:.3g} k"
