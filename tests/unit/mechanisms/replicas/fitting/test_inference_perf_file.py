"""Stages of inference-perf: read with their time per token put right, or refused with what they are."""

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.mechanisms.replicas.fitting.benchmark_file import read_benchmark
from simulator.mechanisms.replicas.fitting.benchmark_run import BenchmarkRun
from simulator.mechanisms.replicas.profile import PoolProfileError


def _stage(tpot_s: float = 0.005, late_s: float = 0.002) -> dict[str, Any]:
    """100 requests of 200 and 51 tokens at 30 a second: 10 ms a token."""
    return {
        "load_summary": {
            "count": 100,
            "schedule_delay": {"mean": 0.0, "p99": late_s},
            "requested_rate": 30.0,
        },
        "successes": {
            "count": 100,
            "latency": {
                "request_latency": {"mean": 0.53, "median": 0.5},
                "time_to_first_token": {"mean": 0.03, "median": 0.03},
                "time_per_output_token": {"mean": tpot_s},
            },
            "throughput": {"requests_per_sec": 29.5},
            "prompt_len": {"mean": 200.0},
            "output_len": {"mean": 51.0},
        },
        "failures": {"count": 0, "request_latency": None},
    }


def _read(folder: Path, content: object) -> BenchmarkRun:
    path = folder / "stage_1_lifecycle_metrics.json"
    path.write_text(json.dumps(content))
    (run,) = read_benchmark(path)
    return run


def test_a_stage_is_read_in_seconds(tmp_path: Path) -> None:
    run = _read(tmp_path, _stage(tpot_s=0.0101))
    assert (run.n_requests, run.is_closed, run.prompt_tokens, run.output_tokens) == (100, False, 200.0, 51.0)
    assert (run.ttft_s, run.requests_per_s, run.requests) == (0.03, 29.5, None)
    assert run.tpot_s == pytest.approx(0.01)
    assert run.note == ""


def test_a_halved_time_per_token_is_put_right_with_a_word(tmp_path: Path) -> None:
    run = _read(tmp_path, _stage(tpot_s=0.0049))
    assert run.tpot_s == pytest.approx(0.01)
    assert "10 ms a token, from latency and first token, in place of the 4.9 ms reported" in run.note


def test_a_saturated_stage_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PoolProfileError, match=r"sent 8\.88 s late, so the stage was saturated"):
        _read(tmp_path, _stage(late_s=8.879))


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("latency", "request_latency"), None, "no object `request_latency`"),
        (("latency", "request_latency"), {"mean": "0.5"}, "request_latency: `mean` is not a number"),
        (("latency", "request_latency"), {"mean": 0.02}, "no answer has a second token"),
        (("output_len",), {"mean": 1.0}, "no answer has a second token"),
        (("prompt_len",), {"median": 200.0}, "prompt_len: no field `mean`"),
        (("count",), 0, "`count` is 0; it must be 1 or more"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(
    tmp_path: Path, path: tuple[str, ...], value: object, message: str
) -> None:
    content = _stage()
    of = content["successes"]
    for name in path[:-1]:
        of = of[name]
    of[path[-1]] = value
    with pytest.raises(PoolProfileError, match=message):
        _read(tmp_path, content)
