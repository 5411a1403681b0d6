"""A pool against closed forms: one seat is M/D/1, a full batch is the roofline, a request alone adds up by hand."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.compiler.demand import stage_window
from simulator.engine import Runner
from simulator.mechanisms.replicas.catalog import load_profile
from simulator.mechanisms.replicas.config import Pool
from simulator.mechanisms.replicas.profile import Profile
from simulator.mechanisms.replicas.throughput import saturation
from simulator.metrics.columns import AreaColumn, Metric, UsageColumn
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.theory.single_server import m_d_1_wait_s

N_REPLICATIONS = 24
Z_LIMIT = 4.0  # false alarm 6e-5 for each comparison
OWN = {"model": "meta-llama/Meta-Llama-3.1-8B", "gpu": "h100_sxm"}


def _profile() -> Profile:
    return load_profile(Pool.model_validate(OWN), Path())


def _run(rate: float, prompt: int, output: int, duration_s: float, seed: int = 1, **pool: Any) -> RunResult:
    scenario = Scenario.model_validate(
        {
            "metadata": {"name": "pool"},
            "workloads": [
                {
                    "name": "ask",
                    "arrival_rate": rate,
                    "prompt_tokens": {"distribution": "constant", "value": prompt},
                    "output_tokens": {"distribution": "constant", "value": output},
                    "steps": [{"generate": "own"}],
                }
            ],
            "model_list": [{"model_name": "own", "pool": {**OWN, "prefix_caching": False, **pool}}],
        }
    )
    window = stage_window(scenario, None, 0.0, duration_s, duration_s / 10.0)
    return Runner().run(scenario, window, seed)


def _alone_s(profile: Profile, prompt: int, output: int) -> tuple[float, float]:
    """Time to first token, and to the last, of a request that has a replica to itself."""
    first_s = profile.step_time_s(prompt, 0, 0) + profile.prefill_attention_s * prompt**2 / 2.0
    rest = [profile.step_time_s(0, 1, prompt + number) for number in range(1, output)]
    return first_s, first_s + math.fsum(rest)


def test_a_request_alone_takes_the_profiles_times() -> None:
    """At so low a rate that requests hardly meet: the least latency and the batch-1 pace, iteration by iteration."""
    profile = _profile()
    first_s, last_s = (engine_s + profile.request_s for engine_s in _alone_s(profile, 700, 150))
    result = _run(0.002, 700, 150, 200_000.0)
    latency_n, latency_s, _ = result.moments[0, Metric.LATENCY]
    ttft_n, ttft_s, _ = result.moments[0, Metric.TTFT]
    tpot_n, tpot_s, _ = result.moments[0, Metric.TPOT]
    assert latency_n > 300
    assert latency_s / latency_n == pytest.approx(last_s, rel=2e-3)  # a few meet
    assert ttft_s / ttft_n == pytest.approx(first_s, rel=2e-2)
    assert tpot_s / tpot_n == pytest.approx((last_s - first_s) / 149, rel=1e-3)


@pytest.mark.parametrize("load", [0.5, 0.8])
def test_one_seat_is_a_queue_with_constant_service(load: float) -> None:
    """M/D/1, Pollaczek and Khinchine: the mean wait over replications within four standard errors."""
    _, service_s = _alone_s(_profile(), 300, 60)
    expected_s = m_d_1_wait_s(load / service_s, service_s)
    waits_s = []
    for seed in range(N_REPLICATIONS):
        result = _run(load / service_s, 300, 60, 4_000.0 * service_s, seed, max_num_seqs=1)
        n, total_s, _ = result.moments[0, Metric.QUEUE_WAIT]
        waits_s.append(total_s / n)
    error_s = np.std(waits_s, ddof=1) / math.sqrt(N_REPLICATIONS)
    assert abs(np.mean(waits_s) - expected_s) < Z_LIMIT * error_s


@pytest.mark.parametrize(
    ("prompt", "output", "pool", "least"),
    [
        (1_000, 200, {}, 0.92),
        (200, 1_000, {"max_num_seqs": 96}, 0.95),
        (4_000, 50, {"max_num_batched_tokens": 2_048}, 0.9),
        (2_000, 300, {"kv_cache_tokens": 150_000, "max_model_len": 20_000}, 0.75),  # some are preempted
    ],
)
def test_a_pool_that_is_never_short_of_work_runs_at_the_roofline(
    prompt: int, output: int, pool: dict[str, Any], least: float
) -> None:
    """Within 8 %: the fluid limit ignores that batches are whole, and that requests all alike move in step."""
    settings = Pool.model_validate({**OWN, **pool})
    profile = load_profile(settings, Path())
    full = saturation(settings, profile, prompt, output).requests_per_s
    result = _run(1.5 * full, prompt, output, 400.0, **pool)
    throughput = result.measured_usage[0, 0, UsageColumn.SUCCEEDED] / result.duration_s
    assert least * full < throughput < 1.08 * full


def test_tokens_and_time_are_conserved() -> None:
    """Busy time is what attempts used and what was lost; Little's law holds for sequences and for their tokens."""
    profile = _profile()
    prompt, output = 500, 80
    result = _run(0.05, prompt, output, 40_000.0)
    areas = result.areas[0]
    used = result.measured_usage[0, 0]
    assert areas[AreaColumn.LOST_S] == 0.0
    assert used[UsageColumn.BUSY_S] == pytest.approx(
        areas[AreaColumn.BUSY_S], rel=1e-3
    )  # some cross the warm-up
    n = used[UsageColumn.SUCCEEDED]
    assert used[UsageColumn.INPUT_TOKENS] == n * prompt
    assert used[UsageColumn.OUTPUT_TOKENS] == n * output
    assert areas[AreaColumn.PROMPT_TOKENS] == pytest.approx(n * prompt, abs=2 * prompt)
    first_s, last_s = _alone_s(profile, prompt, output)
    steps_s = [first_s, *(profile.step_time_s(0, 1, prompt + number) for number in range(1, output))]
    token_s = math.fsum(span_s * (prompt + number) for number, span_s in enumerate(steps_s))
    assert areas[AreaColumn.SEQUENCE_S] / n == pytest.approx(last_s, rel=5e-3)
    assert areas[AreaColumn.KV_TOKEN_S] / n == pytest.approx(token_s, rel=5e-3)
