"""Benchmark results are read as the tools write them, or refused with the place of what is wrong."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.mechanisms.replicas.fitting import benchmark_file
from simulator.mechanisms.replicas.fitting.benchmark_file import read_benchmark
from simulator.mechanisms.replicas.fitting.benchmark_run import BenchmarkRun
from simulator.mechanisms.replicas.profile import PoolProfileError

Result = dict[str, Any]


def _vllm() -> Result:
    """Two requests one after the other, and one that failed."""
    return {
        "model_id": "mine",
        "request_rate": "inf",
        "max_concurrency": 1,
        "completed": 2,
        "total_input_tokens": 30,
        "total_output_tokens": 5,
        "request_throughput": 10.0,
        "mean_ttft_ms": 20.0,
        "mean_tpot_ms": 6.0,
        "start_times": [5.0, 5.1, 5.2],
        "ttfts": [0.02, 0.02, 0.0],
        "itls": [[0.005], [0.007, 0.009], []],
        "input_lens": [10, 20, 7],
        "output_lens": [2, 3, 0],
        "errors": ["", "", "refused"],
    }


def _row(start_s: float = 0.0) -> Result:
    return {
        "request_start_time": start_s,
        "time_to_first_token_ms": 20.0,
        "inter_token_latency_ms": 5.0,
        "prompt_tokens": 10,
        "output_tokens": 3,
    }


def _guidellm() -> Result:
    loads = [{"config": {"strategy": {"type_": kind}}, "requests": {"successful": [_row(), _row(1.0)]}}
             for kind in ("synchronous", "poisson")]  # fmt: skip
    return {"args": {"model": "mine"}, "benchmarks": loads}


def _read(folder: Path, content: object) -> list[BenchmarkRun]:
    path = folder / "bench.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_benchmark(path)


def test_a_detailed_result_of_vllm(tmp_path: Path) -> None:
    [run] = _read(tmp_path, _vllm())
    assert (run.label, run.model, run.n_requests, run.is_closed) == ("bench.json", "mine", 2, True)
    assert (run.prompt_tokens, run.output_tokens, run.ttft_s, run.tpot_s) == (15.0, 2.5, 0.02, 0.006)
    assert run.decoding == pytest.approx(10.0 * 1.5 * 0.006)
    assert run.requests is not None
    assert run.requests.gaps_s is not None
    assert [list(gaps) for gaps in run.requests.gaps_s] == [[0.005], [0.007, 0.009]]
    assert list(run.requests.tpot_s) == [0.005, pytest.approx(0.008)]


def test_a_short_result_of_vllm_at_a_rate(tmp_path: Path) -> None:
    short = {name: value for name, value in _vllm().items() if name not in ("itls", "ttfts", "start_times")}
    [run] = _read(tmp_path, short | {"request_rate": 4.0})
    assert run.requests is None
    assert not run.is_closed


def test_a_report_of_guidellm_without_rows_has_means_and_the_model_of_its_specification(
    tmp_path: Path,
) -> None:
    """As version 0.8 writes it where requests are not kept."""

    def stats(mean: float) -> Result:
        return {"successful": {"mean": mean, "count": 30}, "errored": None}

    values = {
        "requests_per_second": 4.0,
        "prompt_token_count": 71.5,
        "output_token_count": 8.0,
        "request_latency": 0.02,
    }
    times = {"time_to_first_token_ms": 11.5, "inter_token_latency_ms": 1.15}
    load = {
        "requests": {"successful": [], "errored": []},
        "config": {"strategy": {"type_": "concurrent", "streams": 4}},
        "metrics": {name: stats(mean) for name, mean in {**values, **times}.items()},
    }
    report = {"config": {"spec": {"backend": {"model": "some-model"}}}, "benchmarks": [load]}
    (run,) = _read(tmp_path, report)
    assert (run.model, run.n_requests, run.is_closed, run.requests) == ("some-model", 30, True, None)
    assert (run.requests_per_s, run.prompt_tokens, run.output_tokens) == (4.0, 71.5, 8.0)
    assert (run.ttft_s, run.tpot_s) == pytest.approx((0.0115, 0.00115))
    load["metrics"]["output_token_count"] = stats(1.0)
    with pytest.raises(PoolProfileError, match="no answer has a second token"):
        _read(tmp_path, report)


def test_a_report_of_guidellm(tmp_path: Path) -> None:
    closed, opened = _read(tmp_path, _guidellm())
    assert (closed.label, closed.is_closed, opened.is_closed) == ("bench.json benchmarks[0]", True, False)
    assert closed.requests_per_s == pytest.approx(2 / 1.03)
    assert (closed.ttft_s, closed.tpot_s, closed.output_tokens) == (0.02, 0.005, 3.0)


def _changed(**values: object) -> Callable[[], Result]:
    return lambda: _vllm() | values


def _changed_row(**values: object) -> Callable[[], Result]:
    def changed() -> Result:
        report = _guidellm()
        report["benchmarks"][1]["requests"]["successful"][1] |= values
        return report

    return changed


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (lambda: "{", "cannot be read as JSON"),
        (lambda: "{}\n{}\n", "more than one JSON document, as `--append-result` writes"),
        (lambda: "[" * 100_000, "cannot be read as JSON"),
        (lambda: {"hello": 1}, r"neither a result of `vllm bench serve --save-result`"),
        (lambda: [1], "neither a result"),
        (lambda: {"benchmarks": []}, "`benchmarks` is empty"),
        (lambda: {"benchmarks": [3]}, r"benchmarks\[0\]: not an object"),
        (lambda: {"benchmarks": [{}]}, "no object `requests`"),
        (lambda: {"benchmarks": [{"requests": {"successful": []}}]}, "has no requests"),
        (_changed(completed=None), "no field `completed`"),
        (_changed(completed=0), "`completed` is 0; it must be 1 or more"),
        (_changed(mean_tpot_ms=-3.0), "`mean_tpot_ms` is -3"),
        (_changed(mean_tpot_ms="6"), "`mean_tpot_ms` is not a number: '6'"),
        (_changed(mean_ttft_ms=0.0), "`mean_ttft_ms` is 0; a time in ms above 0"),
        (_changed(ttfts=[0.02, -0.02, 0.0]), r"`ttfts` entry 1 is -0.02 s"),
        (_changed(itls=[[0.005], [0.007, -1.0], []]), r"`itls\[1\]` entry 1 is -1 s"),
        (_changed(itls=[[0.005], [0.007, "x"], []]), r"`itls\[1\]` is no list of numbers"),
        (_changed(itls=[[0.005], 7, []]), r"`itls\[1\]` is no list of numbers"),
        (_changed(itls=3), "`itls` is no list"),
        (_changed(itls=[[0.005]]), "`start_times` 3, `ttfts` 3, `itls` 1"),
        (_changed(itls=[[], [], []]), "of 2 answers only 0 came token by token"),
        (_changed(ttfts=[0.02, float("nan"), 0.0]), "not finite"),
        (_changed_row(output_tokens=None), r"benchmarks\[1\] requests.successful\[1\]: no field `output_tokens`"),
        (_changed_row(inter_token_latency_ms=-1), "`inter_token_latency_ms` is -1"),
        (_changed_row(time_to_first_token_ms=1e12), "times run from 0 to a day"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(tmp_path: Path, content: Callable[[], object], message: str) -> None:
    with pytest.raises(PoolProfileError, match=message):
        _read(tmp_path, content())


def test_answers_of_one_token_tell_nothing(tmp_path: Path) -> None:
    report = _guidellm()
    for load in report["benchmarks"]:
        for row in load["requests"]["successful"]:
            row["output_tokens"] = 1
    with pytest.raises(PoolProfileError, match="no answer has a second token"):
        _read(tmp_path, report)


def test_a_file_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark_file, "_MAX_BYTES", 1 << 20)
    with pytest.raises(PoolProfileError, match="more than 1 MiB"):
        _read(tmp_path, "x" * (1 << 20) + "y")


def test_too_many_tokens_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark_file, "_MAX_TOKENS", 2)
    with pytest.raises(PoolProfileError, match="times of 3 tokens; at most 2"):
        _read(tmp_path, _vllm())
