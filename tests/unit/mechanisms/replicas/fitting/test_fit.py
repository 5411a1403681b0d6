"""Step times fitted to benchmark results of a replica whose step times are known."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.mechanisms.replicas.fitting.benchmark_file import read_benchmark
from simulator.mechanisms.replicas.fitting.benchmark_run import BenchmarkRun
from simulator.mechanisms.replicas.fitting.fit import ProfileFit, StepTimes, fit_step_times
from simulator.mechanisms.replicas.profile import PoolProfileError
from simulator.mechanisms.replicas.profile_file import read_profile
from simulator.mechanisms.replicas.profile_text import fitted_text
from tests.reference.benchmark import guidellm_result, known_profile, vllm_result

KNOWN = StepTimes(6e-3, 60e-6, 40e-6, 80e-9)
CLIENTS = (1, 4, 16, 48)
Result = dict[str, Any]


def _results(jitter: float = 0.0, overhead_s: float = 0.0, seed: int = 0) -> list[Result]:
    profile = known_profile(KNOWN)
    return [
        vllm_result(
            profile, n, 60 if n < 4 else 120, (200, 1800), (30, 120), seed + n, jitter, overhead_s
        )
        for n in CLIENTS
    ]  # fmt: skip


@pytest.fixture(scope="module")
def exact() -> list[Result]:
    return _results()


def _without(result: Result, *names: str) -> Result:
    return {name: value for name, value in result.items() if name not in names}


def _runs(folder: Path, *contents: Result) -> list[BenchmarkRun]:
    paths = [folder / f"load-{number}.json" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_text(json.dumps(content))
    return [run for path in paths for run in read_benchmark(path)]


def _fit(folder: Path, *contents: Result) -> ProfileFit:
    return fit_step_times(_runs(folder, *contents))


def test_times_of_every_token_give_the_coefficients_back(tmp_path: Path, exact: list[Result]) -> None:
    fit = _fit(tmp_path, *exact)
    np.testing.assert_allclose(fit.times, KNOWN, rtol=1e-9)
    assert fit.unknown == ()
    assert fit.error_worst < 1e-9
    assert (fit.n_loads, fit.n_requests) == (4, 420)
    assert fit.batch == (1.0, 48.0)


def test_jitter_moves_them_by_no_more_than_it_can(tmp_path: Path) -> None:
    """Iterations that vary by 3 %, eight times: the means are within four standard errors of the truth, but for 0.2 %.

    Least squares of relative errors weigh the short iterations more: a bias of the variance, 0.1 %.
    """
    fitted = np.array([_fit(tmp_path, *_results(0.03, seed=100 * number)).times for number in range(8)])
    relative = fitted / np.array(KNOWN) - 1.0
    error = relative.std(axis=0, ddof=1) / np.sqrt(len(relative))
    assert (np.abs(relative.mean(axis=0)) <= 4.0 * error + 0.002).all(), (relative.mean(axis=0), error)
    at_once = fitted @ np.array([1.0, 0.0, 16.0, 16.0 * 1000.0])
    truth_s = np.array(KNOWN) @ np.array([1.0, 0.0, 16.0, 16.0 * 1000.0])
    assert (np.abs(at_once / truth_s - 1.0) < 0.01).all()  # what is summed is known better than its parts


def test_a_client_that_pauses_moves_nothing(tmp_path: Path) -> None:
    fit = _fit(tmp_path, *_results(overhead_s=2e-4))
    np.testing.assert_allclose(fit.times, KNOWN, rtol=0.01)


def test_one_client_does_not_tell_what_a_sequence_costs(tmp_path: Path, exact: list[Result]) -> None:
    fit = _fit(tmp_path, exact[0])
    assert fit.unknown == ("a sequence",)
    assert fit.times.per_sequence_s == 0.0
    assert fit.times.iteration_s == pytest.approx(KNOWN.iteration_s + KNOWN.per_sequence_s, rel=0.001)
    assert fit.times.per_kv_token_s == pytest.approx(KNOWN.per_kv_token_s, rel=0.01)
    assert fit.batch == (1.0, 1.0)


def test_means_per_request_tell_prompts_and_batch(tmp_path: Path, exact: list[Result]) -> None:
    fit = _fit(tmp_path, guidellm_result(exact))
    assert fit.times.iteration_s == pytest.approx(KNOWN.iteration_s, rel=0.02)
    assert fit.times.per_prefill_token_s == pytest.approx(KNOWN.per_prefill_token_s, rel=0.02)
    for batch in (4.0, 16.0, 40.0):
        work = np.array([1.0, 0.0, batch, batch * 1037.5])
        assert np.dot(fit.times, work) == pytest.approx(np.dot(KNOWN, work), rel=0.03)
    assert fit.error_mean < 0.01


def test_means_per_load_tell_the_same_roughly(tmp_path: Path, exact: list[Result]) -> None:
    loads = [_without(result, "itls", "ttfts", "start_times") for result in exact]
    fit = _fit(tmp_path, *loads)
    assert fit.unknown == ("a token in the KV cache",)
    assert fit.times.iteration_s == pytest.approx(KNOWN.iteration_s, rel=0.05)
    assert fit.times.per_prefill_token_s == pytest.approx(KNOWN.per_prefill_token_s, rel=0.05)
    assert fit.error_worst < 0.05


def test_the_file_holds_the_fit(tmp_path: Path, exact: list[Result]) -> None:
    fit = _fit(tmp_path, *exact)
    path = tmp_path / "mine.csv"
    path.write_text(
        fitted_text(fit, {"model": "mine", "kv_tokens": 9000, "max_model_len": 4000}, "bench")
    )  # fmt: skip
    profile = read_profile(path)
    for prefill, batch, context in ((0, 1, 50), (300, 7, 900), (5000, 200, 8000), (9000, 0, 1)):
        expected_s = float(np.dot(KNOWN, [1.0, prefill, batch, batch * context]))
        assert profile.step_time_s(prefill, batch, context) == pytest.approx(expected_s, rel=1e-5)
    assert (profile.model, profile.source, profile.kv_tokens) == ("mine", "bench", 9000)
    assert profile.fit_error_mean == 0.0


def test_a_faster_large_batch_is_refused(tmp_path: Path, exact: list[Result]) -> None:
    faster = vllm_result(
        known_profile(StepTimes(*(value / 4 for value in KNOWN))), 48, 120, (200, 1800), (30, 120), 16
    )
    with pytest.raises(PoolProfileError, match=r"falls from 1\d\.\d ms in load-0.*one set-up"):
        _fit(tmp_path, exact[2], faster)


def test_one_load_of_means_is_refused(tmp_path: Path, exact: list[Result]) -> None:
    load = _without(exact[2], "itls", "ttfts", "start_times")
    with pytest.raises(PoolProfileError, match=r"points: 1, with prompts: 1.*several concurrencies"):
        _fit(tmp_path, load)


def test_a_handful_of_requests_is_refused(tmp_path: Path) -> None:
    few = vllm_result(known_profile(KNOWN), 1, 4, (200, 300), (10, 20), 1)
    with pytest.raises(PoolProfileError, match="4 requests in all; at least 10"):
        _fit(tmp_path, few)


@pytest.mark.parametrize("clients", [1, 8])
def test_prompts_all_alike_are_told_apart_by_first_tokens(tmp_path: Path, clients: int) -> None:
    """The usual synthetic load: one length for all."""
    alike = vllm_result(known_profile(KNOWN), clients, 40, (512, 512), (128, 128), 3)
    fit = _fit(tmp_path, alike)
    assert fit.times.per_prefill_token_s == pytest.approx(KNOWN.per_prefill_token_s, rel=0.02)
