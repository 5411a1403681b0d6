"""The roofline of a replica, by hand and against a brute-force search."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simulator.mechanisms.replicas.catalog import load_profile
from simulator.mechanisms.replicas.config import Pool
from simulator.mechanisms.replicas.profile import Profile
from simulator.mechanisms.replicas.throughput import saturation


def _linear(alpha_s: float, per_prompt_s: float, per_sequence_s: float, kv_tokens: int = 10**9) -> Profile:
    """A replica whose iterations take alpha + … whatever is read."""
    shipped = load_profile(Pool(model="meta-llama/Meta-Llama-3.1-8B", gpu="h100_sxm"), Path())
    prefill, batch, context = np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.array([0.0, 1.0])
    step_s = alpha_s + per_prompt_s * prefill[:, None, None] + per_sequence_s * batch[:, None] + 0.0 * context
    return replace(
        shipped,
        prefill_tokens=prefill,
        batch=batch,
        context_tokens=context,
        step_s=step_s,
        prefill_attention_s=0.0,
        kv_tokens=kv_tokens,
    )


def _pool(**values: object) -> Pool:
    return Pool.model_validate({"model": "meta-llama/Meta-Llama-3.1-8B", "gpu": "h100_sxm", **values})


def test_a_full_batch_by_hand() -> None:
    """64 seats, prompts as long as answers: each iteration decodes 64 tokens and works on 64 of prompts."""
    full = saturation(_pool(max_num_seqs=64), _linear(10e-3, 20e-6, 50e-6), 100.0, 100.0)
    assert full.batch == pytest.approx(64.0)
    assert full.step_s == pytest.approx(10e-3 + 64 * 70e-6)
    assert full.requests_per_s == pytest.approx(64 / (100 * (10e-3 + 64 * 70e-6)))


def test_a_full_batch_that_waits_for_prompts_by_hand() -> None:
    """64 seats: for every iteration of decodes, 0.64 of one with a whole prompt alone."""
    pool = _pool(max_num_seqs=64, chunked_prefill=False)
    full = saturation(pool, _linear(10e-3, 20e-6, 50e-6), 100.0, 100.0)
    assert full.step_s == pytest.approx(10e-3 + 64 * 50e-6 + 0.64 * (10e-3 + 100 * 20e-6))
    assert full.requests_per_s == pytest.approx(0.64 / full.step_s)


def test_the_cache_bounds_the_batch() -> None:
    full = saturation(_pool(), _linear(10e-3, 20e-6, 50e-6, kv_tokens=3_000), 100.0, 100.0)
    assert full.batch == pytest.approx(20.0)


def test_prompts_in_the_cache_are_not_worked_on() -> None:
    profile = _linear(10e-3, 200e-6, 50e-6)
    cold = saturation(_pool(), profile, 1000.0, 100.0)
    warm = saturation(_pool(), profile, 1000.0, 100.0, hit_tokens=900.0)
    assert warm.requests_per_s > 2.0 * cold.requests_per_s


def test_no_batch_does_better() -> None:
    pool = _pool()
    profile = load_profile(pool, Path())
    best = saturation(pool, profile, 700.0, 150.0)
    rates = []
    for batch in range(1, pool.batch_limits.max_num_seqs + 1):
        share = min(1.0, batch / 150.0)
        prefill = 700.0 * batch / 150.0 / share
        step_s = share * profile.step_time_s(prefill, batch, 775.0) + (1 - share) * profile.step_time_s(
            0, batch, 775
        )
        step_s += share * profile.prefill_attention_s * prefill * 350.0
        rates.append(batch / (150.0 * step_s))
    assert best.requests_per_s == pytest.approx(max(rates), rel=0.01)
    assert math.isfinite(best.step_s)
