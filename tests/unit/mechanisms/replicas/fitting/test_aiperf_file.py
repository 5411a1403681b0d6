"""LoadRequests of AIPerf: read with their units, or refused with what they are."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.mechanisms.replicas.fitting.benchmark_file import read_benchmark
from simulator.mechanisms.replicas.fitting.benchmark_run import BenchmarkRun
from simulator.mechanisms.replicas.profile import PoolProfileError

FAILED = {
    "metadata": {"request_start_ns": 1_759_879_161_119_147_826, "benchmark_phase": "profiling", "was_cancelled": True},
    "metrics": {"error_isl": {"value": 550, "unit": "tokens"}},
    "error": {"code": 499, "type": "RequestCancellationError", "message": "cancelled"},
}  # fmt: skip


def _line(number: int = 0, start_s: float = 0.0, ttft_ms: float = 255.9, **more: Any) -> dict[str, Any]:
    """A request of 550 and 9 tokens, 5 ms each, as AIPerf writes it."""
    return {
        "metadata": {
            "session_num": number,
            "request_start_ns": 1_759_813_207_532_900_363 + round(start_s * 1e9),
            "benchmark_phase": "profiling",
            "was_cancelled": False,
        },
        "metrics": {
            "input_sequence_length": {"value": 550, "unit": "tokens"},
            "time_to_first_token": {"value": ttft_ms, "unit": "ms"},
            "inter_chunk_latency": {"value": [5.0] * 8, "unit": "ms"},
            "output_sequence_length": {"value": 9, "unit": "tokens"},
            "inter_token_latency": {"value": 5.0, "unit": "ms"},
            **more,
        },
        "error": None,
    }


def _read(folder: Path, *lines: dict[str, Any]) -> BenchmarkRun:
    path = folder / "profile_export.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)) + "\n")
    (run,) = read_benchmark(path)
    return run


def test_requests_are_read_with_the_times_of_their_tokens(tmp_path: Path) -> None:
    run = _read(tmp_path, _line(), FAILED, _line(1, 0.5, 100.0))
    assert (run.n_requests, run.prompt_tokens, run.output_tokens) == (2, 550.0, 9.0)
    assert (run.ttft_s, run.tpot_s) == pytest.approx((0.17795, 0.005))
    assert run.requests_per_s == pytest.approx(2 / (0.5 + 0.1 + 0.04))
    assert run.requests is not None
    assert run.requests.gaps_s is not None
    assert np.concatenate(run.requests.gaps_s).tolist() == pytest.approx([0.005] * 16)
    assert "1 of 3 requests failed or had one token" in run.note


def test_one_line_is_a_file_too_and_units_are_minded(tmp_path: Path) -> None:
    run = _read(tmp_path, _line(time_to_first_token={"value": 0.25, "unit": "sec"}))
    assert run.ttft_s == 0.25


def test_chunks_of_several_tokens_tell_means_only(tmp_path: Path) -> None:
    run = _read(tmp_path, _line(inter_chunk_latency={"value": [20.0, 20.0], "unit": "ms"}))
    assert run.requests is not None
    assert run.requests.gaps_s is None


@pytest.mark.parametrize("clients", [1, 4])
def test_a_closed_loop_is_seen_by_its_sendings(tmp_path: Path, clients: int) -> None:
    rng, lines = np.random.default_rng(1), []
    for client in range(clients):
        at_s = 0.01 * client
        for number in range(20):
            ttft_ms = float(rng.uniform(100.0, 400.0))
            lines.append(_line(number, at_s, ttft_ms))
            at_s += ttft_ms / 1e3 + 8 * 0.005 + 0.0005
    assert _read(tmp_path, *lines).is_closed
    at_random = np.cumsum(np.random.default_rng(1).exponential(0.1, 40)).tolist()
    assert not _read(tmp_path, *(_line(number, at_s) for number, at_s in enumerate(at_random))).is_closed


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (_line(time_to_first_token={"value": 3, "unit": "minutes"}), "`time_to_first_token` is in 'minutes'"),
        (
            _line(input_sequence_length={"value": 3, "unit": "characters"}),
            "is in 'characters'; one of tokens",
        ),
        (_line(time_to_first_token={"value": -1, "unit": "ms"}), "must be"),
        (_line(time_to_first_token=None), "no object `time_to_first_token`"),
        (FAILED, "none of 1 requests was answered"),
        (_line(inter_chunk_latency={"value": "fast", "unit": "ms"}), "no list of numbers"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(tmp_path: Path, line: dict[str, Any], message: str) -> None:
    with pytest.raises(PoolProfileError) as caught:
        _read(tmp_path, line)
    assert message in str(caught.value)
    assert "profile_export.jsonl" in str(caught.value)


def test_another_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "profile_export.jsonl"
    path.write_text(json.dumps(_line()) + '\n{"name": "somebody else"}\n')
    with pytest.raises(PoolProfileError, match=r"profile_export\.jsonl:2: no request of AIPerf"):
        read_benchmark(path)
