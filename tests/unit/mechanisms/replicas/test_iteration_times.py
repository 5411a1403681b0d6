"""What asynchronous scheduling, speculation and the share of memory make of a profile."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.mechanisms.replicas.catalog import PROFILES, file_name, load_profile
from simulator.mechanisms.replicas.config import Pool, Speculation
from simulator.mechanisms.replicas.iteration_times import with_speculation
from simulator.mechanisms.replicas.profile import PoolProfileError, Profile
from simulator.mechanisms.replicas.profile_file import read_profile
from simulator.mechanisms.replicas.throughput import saturation

MODEL, GPU = "meta-llama/Meta-Llama-3.1-8B", "h100_sxm"
KERNELS = read_profile(PROFILES / file_name(MODEL, GPU, "vllm", 1))


def _loaded(**keys: Any) -> Profile:
    return load_profile(Pool.model_validate({"model": MODEL, "gpu": GPU, **keys}), Path())


@pytest.mark.parametrize(
    ("tokens", "acceptance", "expected"), [(3, 0.8, 2.952), (1, 0.5, 1.5), (4, 0.0, 1.0)]
)
def test_tokens_per_step_follow_the_closed_form(tokens: int, acceptance: float, expected: float) -> None:
    assert Speculation(tokens=tokens, acceptance=acceptance).tokens_per_step == pytest.approx(expected)
    if acceptance < 1.0:
        assert expected == pytest.approx((1 - acceptance ** (tokens + 1)) / (1 - acceptance))


def test_everything_accepted_makes_every_proposed_token_and_the_models_own() -> None:
    assert Speculation(tokens=5, acceptance=1.0).tokens_per_step == 6.0


@given(
    st.integers(1, 8),
    st.floats(0.0, 1.0),
    st.floats(0.0, 0.5),
    st.integers(1, 400),
    st.floats(100.0, 8_000.0),
)
def test_where_checks_are_free_the_speed_up_is_that_of_leviathan(
    tokens: int, acceptance: float, draft_cost: float, batch: int, context: float
) -> None:
    """Theorem 3.8 of Leviathan, Kalman and Matias, Fast Inference from Transformers via Speculative Decoding (2023)."""
    free = replace(
        KERNELS, step_s=np.broadcast_to(KERNELS.step_s[0], KERNELS.step_s.shape), prefill_attention_s=0.0
    )
    speculation = Speculation(tokens=tokens, acceptance=acceptance, draft_cost=draft_cost)
    drafted = with_speculation(free, speculation, np.zeros(free.batch.size), schedules_ahead=False)
    speed_up = free.step_time_s(0, batch, context) / drafted.step_time_s(0, batch, context)
    assert speed_up == pytest.approx(speculation.tokens_per_step / (1.0 + draft_cost * tokens), rel=1e-9)


def test_a_draft_that_is_never_right_costs_its_checks() -> None:
    plain, wrong = _loaded(), _loaded(speculation={"tokens": 3, "acceptance": 0, "draft_cost": 0})
    for batch in (1, 16, 128):
        assert wrong.step_time_s(0, batch, 500) > plain.step_time_s(0, batch, 500)


def test_prompts_alone_take_as_long_as_without_drafts() -> None:
    plain, drafted = _loaded(), _loaded(speculation={"tokens": 3, "acceptance": 0.7})
    np.testing.assert_array_equal(drafted.step_s[1:, 0], plain.step_s[1:, 0])


def test_speculation_pays_on_an_idle_gpu_and_less_on_a_full_one() -> None:
    plain, drafted = _loaded(), _loaded(speculation={"tokens": 3, "acceptance": 0.7})
    gains = [plain.step_time_s(0, b, 500) / drafted.step_time_s(0, b, 500) for b in (1, 16, 64, 256)]
    assert gains == sorted(gains, reverse=True)
    assert gains[0] > 2.0


def test_the_proposed_tokens_take_room_in_an_iteration() -> None:
    drafted = Pool.model_validate(
        {
            "model": MODEL,
            "gpu": GPU,
            "max_num_seqs": 64,
            "max_num_batched_tokens": 64,
            "speculation": {"tokens": 3, "acceptance": 0.5},
        }
    )
    assert saturation(drafted, load_profile(drafted, Path()), 100, 100).batch <= 16.0


def test_what_is_scheduled_ahead_costs_only_what_exceeds_the_gpus_time() -> None:
    kernels_s = KERNELS.step_s
    np.testing.assert_array_equal(_loaded(async_scheduling=True).step_s, kernels_s)
    slow = _loaded(async_scheduling=True, iteration_overhead="50ms")
    assert slow.step_time_s(0, 1, 500) == pytest.approx(0.05, rel=1e-3)


@pytest.mark.parametrize(
    ("version", "ahead"), [(None, False), ("0.11", False), ("0.13.1", False), ("0.14", True), ("1.0", True)]
)
def test_vllm_schedules_ahead_from_0_14_on(version: str | None, ahead: bool) -> None:
    pool = Pool(model=MODEL, gpu=GPU, engine_version=version)
    assert pool.schedules_ahead == ahead
    assert ("asynchronous" in load_profile(pool, Path()).host) == ahead


def test_what_is_hidden_or_proposed_is_an_assumption() -> None:
    assert _loaded(engine_version="0.11").host_is_measured
    for keys in ({"async_scheduling": True}, {"speculation": {"tokens": 2, "acceptance": 0.6}}):
        assert not _loaded(engine_version="0.11", **keys).host_is_measured


def test_more_memory_holds_more_tokens() -> None:
    """128 KiB per token of Llama-3.1-8B in bf16: 32 layers of 8 heads of 128, keys and values."""
    more = _loaded(gpu_memory_utilization=0.95).kv_tokens - _loaded().kv_tokens
    assert more * 2 * 32 * 8 * 128 * 2 == pytest.approx(0.05 * KERNELS.gpu_memory_gb * 1e9, rel=2e-3)
    assert _loaded(gpu_memory_utilization=0.9).kv_tokens == _loaded().kv_tokens


def test_a_share_that_does_not_hold_the_weights_says_so() -> None:
    with pytest.raises(PoolProfileError, match="does not hold the weights"):
        _loaded(gpu_memory_utilization=0.15)


def test_a_profile_of_ones_own_must_say_what_a_token_takes(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text(
        "# kv_tokens: 1000\n# max_model_len: 500\nprefill_tokens,batch,context_tokens,step_ms\n"
        "0,1,16,1\n0,1,32,1\n0,2,16,2\n0,2,32,2\n8,0,16,1\n8,0,32,1\n8,1,16,2\n8,1,32,2\n8,2,16,3\n8,2,32,3\n"
    )
    pool = Pool(model=MODEL, gpu=GPU, profile="own.csv", gpu_memory_utilization=0.8)
    with pytest.raises(PoolProfileError, match="kv_tokens_per_gb"):
        load_profile(pool, tmp_path)


def test_every_shipped_profile_says_what_a_token_takes() -> None:
    for path in PROFILES.glob("*.csv.gz"):
        assert read_profile(path).kv_tokens_per_gb > 0.0, path.name


@pytest.mark.parametrize(
    ("keys", "limits"),
    [
        ({}, (1024, 8192)),
        ({"gpu": "a100_sxm"}, (256, 2048)),
        ({"engine_version": "0.8"}, (256, 2048)),
        ({"engine_version": "0.9", "chunked_prefill": False, "max_model_len": 4096}, (256, 4096)),
        ({"engine": "sglang"}, (256, 8192)),
        ({"max_num_seqs": 64}, (64, 8192)),
    ],
)
def test_a_batch_takes_what_the_engines_server_takes(keys: dict[str, Any], limits: tuple[int, int]) -> None:
    assert Pool.model_validate({"model": MODEL, "gpu": GPU, **keys}).batch_limits == limits
