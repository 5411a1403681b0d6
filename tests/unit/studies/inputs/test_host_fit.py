"""Times of an engine fitted to benchmark results: those that made them are found, and what does not fit is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.engine import Runner
from simulator.mechanisms.replicas.fitting.benchmark_run import BenchmarkRun
from simulator.mechanisms.replicas.profile import PoolProfileError
from simulator.studies.inputs.host import host_fit
from simulator.studies.inputs.host.host_fit import Served, fit_host, simulated
from tests.unit.invoking import invoke

SERVED = Served("meta-llama/Meta-Llama-3.1-8B", "h100_sxm", engine_version="0.11")
ITERATION_S, REQUEST_S = 1.3e-3, 24e-3
RUNNER = Runner(n_threads=1)


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_fit, "_REQUESTS", 300.0)
    monkeypatch.setattr(host_fit, "_SHORTEST_S", 10.0)
    monkeypatch.setattr(host_fit, "_LONGEST_S", 60.0)


def _stage(folder: Path, rate_rps: float, **wrong: float) -> Path:
    """A stage as inference-perf would write it of an engine with these times."""
    run = BenchmarkRun("", "", 1, False, rate_rps, 204.0, 64.0, 1.0, 1.0, None)
    ttft_s, tpot_s = simulated(run, SERVED, ITERATION_S, RUNNER)
    ttft_s, tpot_s = ttft_s + REQUEST_S, wrong.get("tpot_s", tpot_s)
    latency = {"request_latency": {"mean": ttft_s + 63.0 * tpot_s}, "time_to_first_token": {"mean": ttft_s}}
    content = {
        "load_summary": {"count": 300, "schedule_delay": {"p99": 0.001}},
        "successes": {
            "count": 300,
            "latency": latency,
            "throughput": {"requests_per_sec": rate_rps},
            "prompt_len": {"mean": 204.0},
            "output_len": {"mean": 64.0},
        },
    }
    path = folder / f"stage_{rate_rps:g}_lifecycle_metrics.json"
    path.write_text(json.dumps(content))
    return path


def test_times_that_made_the_results_are_found_and_checked_on_a_load_of_their_own(tmp_path: Path) -> None:
    report = fit_host([_stage(tmp_path, rate) for rate in (40.0, 2.0, 20.0)], SERVED, RUNNER)
    assert report.iteration_s == pytest.approx(ITERATION_S, rel=0.02)
    assert report.request_s == pytest.approx(REQUEST_S, rel=0.02)
    assert [load.used for load in report.loads] == ["check", "fit", "fit"]  # at the lightest none overlap
    assert report.tpot_error is not None
    assert report.tpot_error < 0.01
    assert report.ttft_error is not None
    assert report.ttft_error < 0.02
    assert report.warnings == ()


def test_one_load_leaves_nothing_to_check(tmp_path: Path) -> None:
    report = fit_host([_stage(tmp_path, 2.0)], SERVED, RUNNER)
    assert (report.tpot_error, report.ttft_error) == (None, None)
    assert "nothing says how far forecasts are off" in report.to_markdown()
    assert f"overhead: {report.iteration_s * 1e6:.0f}us" in report.to_markdown()


def test_faster_than_the_kernels_is_another_precision(tmp_path: Path) -> None:
    with pytest.raises(
        PoolProfileError, match=r"3 ms a token were measured, and the kernels of .* another precision"
    ):
        fit_host([_stage(tmp_path, 2.0, tpot_s=0.003)], SERVED, RUNNER)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct", None),
        ("meta-llama/Meta-Llama-3.1-8B", None),
        (
            "RedHatAI/Meta-Llama-3.1-8B-Instruct-FP8",
            "in fp8, and the profile is of meta-llama/Meta-Llama-3.1-8B",
        ),
        ("Qwen/Qwen3-8B", "is of Qwen/Qwen3-8B, and the profile"),
        ("meta-llama/Llama-3.1-70B-Instruct", "is of meta-llama/Llama-3.1-70B-Instruct"),
    ],
)
def test_another_model_or_precision_is_refused_with_what_it_is(
    tmp_path: Path, name: str, message: str | None
) -> None:
    result: dict[str, Any] = {
        "model_id": name,
        "completed": 50,
        "request_rate": 2.0,
        "request_throughput": 2.0,
        "total_input_tokens": 50 * 204,
        "total_output_tokens": 50 * 64,
        "mean_ttft_ms": 40.0,
        "mean_tpot_ms": 7.5,
    }
    path = tmp_path / "bench.json"
    path.write_text(json.dumps(result))
    if message is None:
        assert fit_host([path], SERVED, RUNNER).iteration_s > 0.0
        return
    with pytest.raises(PoolProfileError) as caught:
        fit_host([path], SERVED, RUNNER)
    assert message in str(caught.value)


def test_the_verb_prints_what_to_write_and_says_what_it_needs(tmp_path: Path) -> None:
    path = _stage(tmp_path, 2.0)
    of = ("--host", "--model", SERVED.model, "--gpu", SERVED.gpu)
    found = json.loads(invoke("profile", path, *of, "--json").stdout)
    assert found["iteration_s"] == pytest.approx(ITERATION_S, rel=0.05)
    assert found["loads"][0]["used"] == "fit"
    assert "needs --model and --gpu" in invoke("profile", path, "--host").output
    assert invoke("profile", path, *of, "--engine-version", "new").exit_code == 2
    assert "is needed, or --host" in invoke("profile", path).output
