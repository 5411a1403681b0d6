"""Closed loops of others, as shipped: so many clients whose next request follows the answer. Nothing was fitted to them."""

import csv
from pathlib import Path
from typing import Any

from benchmarks.report import markdown_table
from simulator.compiler.demand import stage_window
from simulator.engine import Runner
from simulator.metrics.columns import UsageColumn
from simulator.results.estimates import estimate
from simulator.scenario.model import Scenario

DATA = Path(__file__).parent / "data" / "inferencex.csv"
_SHORTEST = 0.8  # of the nominal lengths, from which they are drawn evenly
_WARMUP_S, _LENGTH_S = 120.0, 600.0
_SEEDS = (1, 2)
_HEADER = ("model", "tokens", "clients", "output tokens/s per GPU", "TPOT, median, ms")


def closed_table() -> str:
    """Forecast, measured and error of every point."""
    with DATA.open(encoding="utf-8", newline="") as stream:
        points = list(csv.DictReader(stream))
    return markdown_table(_HEADER, [_row(point) for point in points])


def _row(point: dict[str, str]) -> list[str]:
    tokens_per_s, tpot_ms = _forecast(point)
    return [
        f"{point['model']} on {point['tensor_parallel']} × {point['gpu']}, vLLM {point['engine_version'] or 'of 2025-10'}",
        f"{point['prompt_tokens']} + {point['output_tokens']}",
        point["clients"],
        _compared(tokens_per_s, point["out_tok_s_gpu"]) if point["out_tok_s_gpu"] else "",
        _compared(tpot_ms, point["tpot_median_ms"]) if point["tpot_median_ms"] else "",
    ]


def _compared(forecast: float, measured: str) -> str:
    return f"{forecast:.4g} / {float(measured):.4g} ({forecast / float(measured) - 1.0:+.0%})"


def _forecast(point: dict[str, str]) -> tuple[float, float]:
    """Output tokens per second and GPU, and the median time per token in milliseconds."""
    n_gpus = int(point["tensor_parallel"])
    served = {key: point[key] for key in ("model", "gpu", "engine_version") if point[key]}
    pool = served | {"tensor_parallel": n_gpus}
    workload = {
        "name": "bench",
        "clients": int(point["clients"]),
        "prompt_tokens": _lengths(point["prompt_tokens"]),
        "output_tokens": _lengths(point["output_tokens"]),
        "steps": [{"generate": "own"}],
    }
    document: dict[str, Any] = {
        "metadata": {"name": "closed loop"},
        "workloads": [workload],
        "model_list": [{"model_name": "own", "pool": pool}],
    }
    scenario = Scenario.model_validate(document)
    window = stage_window(scenario, None, 0.0, _LENGTH_S, _WARMUP_S)
    runs = Runner().replicate(scenario, window, _SEEDS)
    tokens = sum(float(run.measured_usage[:, :, UsageColumn.OUTPUT_TOKENS].sum()) for run in runs)
    tpot = estimate(runs, "tpot", 0.5)
    assert tpot is not None
    return tokens / (len(_SEEDS) * _LENGTH_S * n_gpus), tpot.value * 1e3


def _lengths(nominal: str) -> dict[str, Any]:
    return {"distribution": "uniform", "low": _SHORTEST * float(nominal), "high": float(nominal)}
