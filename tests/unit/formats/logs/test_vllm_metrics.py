"""Metrics of vLLM: one scrape or a range; quantiles within their bins, counts exact, resets and several servers added up."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import simulator
from simulator.formats.logs.errors import LogError
from simulator.formats.logs.read import read_log

_LENGTHS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000]
_TIMES = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0]
_PER_TOKEN = [0.001, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1]
_BEGIN = 1_789_000_000
_STEP_S, _STEPS = 60, 24 * 60
Floats = NDArray[np.float64]


def _requests(n: int, seed: int = 1) -> pd.DataFrame:
    draws = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "time": _BEGIN + np.sort(draws.uniform(0.0, _STEP_S * _STEPS, n)),
            "request_prompt_tokens": np.round(np.exp(6.5 + 0.8 * draws.standard_normal(n))),
            "request_generation_tokens": np.round(np.exp(5.0 + 0.5 * draws.standard_normal(n))),
            "time_to_first_token_seconds": np.exp(-1.0 + 0.5 * draws.standard_normal(n)),
            "request_time_per_output_token_seconds": np.exp(-4.2 + 0.3 * draws.standard_normal(n)),
        }
    )


def _bounds(name: str) -> list[float]:
    if "tokens" in name:
        return [float(bound) for bound in _LENGTHS]
    return _PER_TOKEN if "per_output" in name else _TIMES


def _counters(
    requests: pd.DataFrame, aborted: int = 0
) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every counter after some requests."""
    found = {
        ("vllm:request_success_total", (("finished_reason", "stop"),)): float(len(requests) - aborted),
        ("vllm:request_success_total", (("finished_reason", "abort"),)): float(aborted),
        ("vllm:prefix_cache_queries_total", ()): 4.0 * len(requests),
        ("vllm:prefix_cache_hits_total", ()): 1.0 * len(requests),
    }
    for name in requests.columns.drop("time"):
        for bound in [*_bounds(name), np.inf]:
            le = "+Inf" if np.isinf(bound) else str(bound)
            found[f"vllm:{name}_bucket", (("le", le),)] = float((requests[name] <= bound).sum())
        found[f"vllm:{name}_sum", ()] = float(requests[name].sum())
    return found


def _scrape(folder: Path, requests: pd.DataFrame, **more: int) -> Path:
    lines = ["# HELP vllm:num_requests_running Number of requests.", "# TYPE vllm:num_requests_running gauge"]
    lines += ['vllm:num_requests_running{engine="0",model_name="llama"} 3.0', "python_gc_objects 7.0"]
    for (name, labels), value in _counters(requests, **more).items():
        told = ",".join(f'{key}="{word}"' for key, word in (("model_name", "llama"), *labels))
        lines.append(f"{name}{{{told}}} {value}")
    path = folder / "metrics.txt"
    path.write_text("\n".join(lines) + "\n")
    return path


def _range(folder: Path, requests: pd.DataFrame, reset_at: int | None = None) -> Path:
    """What `query_range` answers; at a step the server is started again."""
    edges = _BEGIN + _STEP_S * np.arange(_STEPS + 1)
    samples: dict[tuple[str, tuple[tuple[str, str], ...]], list[list[object]]] = {}
    since = 0.0
    for step in range(0, _STEPS + 1, 30):
        if reset_at is not None and step == reset_at:
            since = float(edges[step - 30])
        seen = requests[(requests["time"] <= edges[step]) & (requests["time"] > since)]
        for key, value in _counters(seen).items():
            samples.setdefault(key, []).append([float(edges[step]), str(value)])
    result = [
        {"metric": {"__name__": name, "model_name": "llama", **dict(labels)}, "values": values}
        for (name, labels), values in samples.items()
    ]
    path = folder / "range.json"
    path.write_text(json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}}))
    return path


def _within_a_bin(found: Floats, true: Floats, name: str) -> None:
    bounds = np.array([0.0, *_bounds(name), np.inf])
    for level in (0.1, 0.5, 0.9):
        one, other = np.quantile(found, level), np.quantile(true, level)
        assert abs(int(np.searchsorted(bounds, one)) - int(np.searchsorted(bounds, other))) <= 1, (
            name,
            level,
        )


def test_a_scrape_has_the_counts_and_the_quantiles(tmp_path: Path) -> None:
    requests = _requests(4000)
    log = read_log(_scrape(tmp_path, requests, aborted=40))
    assert log.dialect.name == "vLLM metrics"
    assert len(log.frame) == 4000
    assert int((log.frame["fate"] == "cancelled").sum()) == 40
    assert log.frame["time"].isna().all()
    assert any("query_range" in note for note in log.notes)
    for column, name in (("input", "request_prompt_tokens"), ("ttft", "time_to_first_token_seconds")):
        _within_a_bin(log.frame[column].to_numpy(), requests[name].to_numpy(), name)
    assert log.frame["cached"].sum() / log.frame["input"].sum() == pytest.approx(0.25)
    tpot = (log.frame["latency"] - log.frame["ttft"]) / (log.frame["output"] - 1.0)
    name = "request_time_per_output_token_seconds"
    _within_a_bin(tpot[log.frame["output"] > 1].to_numpy(), requests[name].to_numpy(), name)


@pytest.mark.parametrize("reset_at", [None, 720])
def test_a_range_has_the_times(tmp_path: Path, reset_at: int | None) -> None:
    requests = _requests(3000)
    log = read_log(_range(tmp_path, requests, reset_at))
    assert len(log.frame) == 3000
    edges = _BEGIN + _STEP_S * 30 * np.arange(_STEPS // 30 + 1)
    assert (np.histogram(log.frame["time"], edges)[0] == np.histogram(requests["time"], edges)[0]).all()


def test_metrics_calibrate_a_scenario(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        """\
metadata: {name: s}
workloads:
  - name: ask
    arrival_rate: 1 rps
    burstiness: 1.7
    prompt_tokens: {distribution: lognormal, p50: 100, p95: 300}
    output_tokens: {distribution: lognormal, p50: 100, p95: 300}
    steps: [{generate: llama}]
model_list:
  - model_name: llama
    provider: openai
    model: gpt-4.1
    ttft: {distribution: lognormal, p50: 1s, p95: 2s}
    tpot: {distribution: lognormal, p50: 10ms, p95: 20ms}
"""
    )
    log = _range(tmp_path, _requests(3000))
    report = simulator.load(path).calibrate(logs=(log,), dry_run=True)
    found = {one.name: one.value for one in report.measured}
    assert found["workloads.ask.arrival_rate"] == pytest.approx(3000 / 86_400, rel=0.03)
    assert found["model_list.llama.prices.cached_share"] == pytest.approx(0.25, abs=0.01)
    assert not any("correlation" in name or "burstiness" in name for name in found)
    assert {"workloads.ask.burstiness"} <= {one.path for one in report.kept}
    assert any(change.path == "workloads.ask.prompt_tokens" for change in report.changes)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running{model_name="a"} 1\n',
            "no request was counted",
        ),
        ('vllm:request_success_total{finished_reason="stop"} 9e9\n', "more than 5,000,000"),
        (
            '{"status": "success", "data": {"resultType": "matrix", "result": [{"metric": {"__name__": "vllm:x"',
            "is cut off",
        ),
        (
            '{"data": {"resultType": "matrix", "result": [{"metric": {"__name__": "vllm:x"}, "values": [[1, "NaN"]]}]}}',
            "no request",
        ),
        ("vllm:request_success_total{ nonsense\nvllm:request_success_total NaN\n", "no request was counted"),
    ],
)
def test_metrics_that_tell_nothing(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "m.txt"
    path.write_text(text)
    with pytest.raises(LogError, match=words):
        read_log(path)
