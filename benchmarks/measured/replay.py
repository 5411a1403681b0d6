"""What does the engine forecast for a measured point? The load is sent as its generator sends it."""

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.measured.points import CLIENTS, METRICS, MODEL, SETS, STAGE_S, Point
from simulator.compiler.blueprint import compile_scenario
from simulator.compiler.demand import stage_window
from simulator.engine import Runner, simulate
from simulator.scenario.model import Scenario

N_DRAWS = 8  # of the arrivals of a stage; beyond saturation one is enough
OUTPUT_TOKENS = 64
_BLOCK = 16
_N_SYSTEM, _N_QUESTIONS, _SYSTEM_TOKENS = 10, 10, 128
_WARM_S = 20.0  # before the stage, in which every prompt is asked once
_PAUSE_S = 600.0  # behind it: a trace begins again when it ends
_MAX_ROUNDS = 60

Floats = NDArray[np.float64]


def forecast(point: Point, pool: dict[str, Any] | None = None, n_draws: int = N_DRAWS) -> dict[str, float]:
    """Metrics of a point, the mean over some draws of its arrivals; `pool`: keys in place of those it was served with."""
    draws = range(1 if point.is_late else n_draws)
    found = [_metrics(*_played(point, number, pool or {})) for number in draws]
    return {metric: float(np.mean([one[metric] for one in found])) for metric in METRICS}


def _metrics(rows: pd.DataFrame, sent_s: Floats) -> dict[str, float]:
    ttft_ms = rows["ttft_s"].to_numpy() * 1e3
    latency_ms = rows["latency_s"].to_numpy() * 1e3
    return {
        "ttft_p50_ms": float(np.median(ttft_ms)),
        "ttft_p99_ms": float(np.percentile(ttft_ms, 99)),
        "tpot_ms": float((latency_ms - ttft_ms).mean()) / (OUTPUT_TOKENS - 1),
        "latency_p50_ms": float(np.median(latency_ms)),
        "latency_p99_ms": float(np.percentile(latency_ms, 99)),
        "requests_per_s": sent_s.size / float(rows["end_s"].max() - rows["arrival_s"].min()),
    }


def _played(point: Point, draw: int, pool: dict[str, Any]) -> tuple[pd.DataFrame, Floats]:
    """Requests of a stage and when they were sent: at their time, or when one of the clients is free."""
    gaps = np.random.default_rng(draw).exponential(1.0, point.n_sent)
    planned_s = np.cumsum(gaps) * STAGE_S / gaps.sum()
    sent_s = planned_s
    for _ in range(_MAX_ROUNDS):
        rows, begin_s = _run(point, sent_s, pool)
        ends_s = np.sort(rows["end_s"].to_numpy()) - begin_s
        free_s = np.full(point.n_sent, -np.inf)
        free_s[CLIENTS:] = ends_s[:-CLIENTS] if point.n_sent > CLIENTS else []
        next_s = np.maximum.accumulate(np.maximum(planned_s, free_s))
        if not point.is_late or np.abs(next_s - sent_s).max() < 1e-6:
            return rows, sent_s
        sent_s = next_s
    raise RuntimeError(f"{point.set_name}, stage {point.stage}: the clients do not settle")


def _run(point: Point, sent_s: Floats, pool: dict[str, Any]) -> tuple[pd.DataFrame, float]:
    """Requests of the stage, and the time at which it begins."""
    n_prompts = _N_SYSTEM * _N_QUESTIONS
    n_tokens = SETS[point.set_name].prompt_tokens
    times_s = np.concatenate(
        [np.linspace(0.0, 0.9 * _WARM_S, n_prompts), _WARM_S + sent_s, [_WARM_S + sent_s[-1] + _PAUSE_S]]
    )
    with tempfile.TemporaryDirectory() as folder:
        lines = [
            json.dumps(
                {"time": time, "prompt": n_tokens, "output": OUTPUT_TOKENS, "ids": _ids(number, n_tokens)}
            )
            for number, time in enumerate(times_s.tolist())
        ]
        (Path(folder) / "trace.jsonl").write_text("\n".join(lines))
        scenario = Scenario.model_validate(_scenario(point, pool))
        gap_s = times_s[-1] / times_s.size  # before the first row: a replayed trace begins after its mean gap
        window = stage_window(scenario, None, 0.0, gap_s + times_s[-1] - 1.0, 0.0, Path(folder))
        blueprint = compile_scenario(scenario, window, Path(folder))
    rows = simulate(blueprint, 1, Runner(record_rows=True)).rows
    assert rows is not None
    rows = rows.sort_values("number").iloc[n_prompts:]
    if len(rows) != sent_s.size:
        raise RuntimeError(f"{len(rows)} of {sent_s.size} requests ended")
    return rows, float(rows["arrival_s"].iloc[0] - sent_s[0])


def _ids(number: int, n_tokens: int) -> list[int]:
    """Blocks of a prompt: those of its system prompt, and its own."""
    system, question = number % _N_SYSTEM, number // _N_SYSTEM % _N_QUESTIONS
    n_system = _SYSTEM_TOKENS // _BLOCK
    n_own = -(-n_tokens // _BLOCK) - n_system
    first_own = 10_000 + (system * _N_QUESTIONS + question) * n_own
    return [*range(system * n_system, (system + 1) * n_system), *range(first_own, first_own + n_own)]


def _scenario(point: Point, pool: dict[str, Any]) -> dict[str, Any]:
    served = SETS[point.set_name]
    return {
        "metadata": {"name": "measured"},
        "workloads": [
            {
                "name": "ask",
                "trace": {
                    "file": "trace.jsonl",
                    "time": "time",
                    "prompt_tokens": "prompt",
                    "output_tokens": "output",
                    "hash_ids": "ids",
                    "block_tokens": _BLOCK,
                    "replay": "arrivals",
                    "rotate": False,
                },
                "prompt_tokens": {"trace": True},
                "output_tokens": {"trace": True},
                "steps": [{"generate": "own"}],
            }
        ],
        "model_list": [
            {
                "model_name": "own",
                "pool": {
                    "model": MODEL[0],
                    "gpu": MODEL[1],
                    "max_num_seqs": 128,
                    "max_num_batched_tokens": 8192,
                    "max_model_len": 512,
                    **served.pool,
                    **pool,
                },
            }
        ],
    }
