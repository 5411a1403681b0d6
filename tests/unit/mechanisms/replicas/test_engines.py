"""Whose times beside the kernels a pool gets, and what they add to a profile."""

from pathlib import Path

import numpy as np
import pytest

from simulator.mechanisms.replicas.catalog import PROFILES, file_name, load_profile
from simulator.mechanisms.replicas.config import Pool
from simulator.mechanisms.replicas.engines import ENGINES, engine_times, version_of
from simulator.mechanisms.replicas.profile_file import read_profile

MODEL, GPU = "meta-llama/Meta-Llama-3.1-8B", "h100_sxm"


@pytest.mark.parametrize("text", ["0.11", "v0.11", "0.11.0", "v0.11.2rc1", "0.11.0+cu128"])
def test_a_version_is_read_as_people_write_it(text: str) -> None:
    assert version_of(text) == (0, 11)


@pytest.mark.parametrize("text", ["latest", "11", "", "0.x"])
def test_what_is_no_version_says_how_one_looks(text: str) -> None:
    with pytest.raises(ValueError, match=r"e\.g\. '0\.11'"):
        version_of(text)


def test_a_version_that_was_not_measured_takes_the_nearest_and_says_so() -> None:
    chosen = engine_times("vllm", "0.14.1")
    assert chosen.times.name == "vllm 0.11"
    assert (
        chosen.text(MODEL, GPU) == "host times of vllm 0.11, the nearest measured to vllm 0.14: an assumption"
    )
    assert not chosen.is_measured(MODEL, GPU)


def test_measured_times_hold_for_their_model_and_gpu_alone() -> None:
    for version in (None, "0.11", "v0.11.0"):
        chosen = engine_times("vllm", version)
        assert chosen.text(MODEL, GPU) == "host times of vllm 0.11, measured"
        assert chosen.text("Qwen/Qwen3-8B", GPU).endswith("an assumption here")


def test_an_engine_without_chunks_has_times_of_its_own() -> None:
    chosen = engine_times("vllm", "0.9", chunks_prompts=False)
    assert chosen.text(MODEL, GPU) == "host times of vllm 0.9 without chunks, measured"
    assert chosen.times.sequence_s > ENGINES[0].sequence_s
    mixing = engine_times("vllm", "0.9")
    assert (
        mixing.text(MODEL, GPU) == "host times of vllm 0.11, the nearest measured to vllm 0.9: an assumption"
    )


def test_prompts_alone_are_never_replayed_as_graphs() -> None:
    pool = Pool(model=MODEL, gpu=GPU, chunked_prefill=False, engine_version="0.9")
    profile = load_profile(pool, Path())
    assert (profile.graph_tokens, profile.prompt_graph_tokens) == (512, 0)


def test_an_engine_that_was_not_measured_takes_anothers() -> None:
    assert "nearest measured to sglang: an assumption" in engine_times("sglang", None).text(MODEL, GPU)


def test_a_profile_gets_the_times_of_its_engine() -> None:
    times = ENGINES[0]
    kernels = read_profile(PROFILES / file_name(MODEL, GPU, "vllm", 1))
    profile = load_profile(Pool(model=MODEL, gpu=GPU, max_num_seqs=100), Path())
    more_s = profile.step_s - kernels.step_s
    expected_s = times.iteration_s + times.sequence_s * kernels.batch[np.newaxis, :, np.newaxis]
    np.testing.assert_allclose(more_s, np.broadcast_to(expected_s, more_s.shape), atol=1e-12)
    assert profile.graph_tokens == 200
    assert profile.launch_s == pytest.approx(32 * times.launch_layer_s)
    within, beyond = (profile.step_time_s(prompt, 100, 500) for prompt in (100, 101))
    assert beyond - within > profile.launch_s
    assert profile.request_s == times.request_s
    seen_by_server = load_profile(Pool(model=MODEL, gpu=GPU, request_overhead=0.0), Path())
    assert seen_by_server.request_s == 0.0


def test_the_largest_graph_is_bounded() -> None:
    assert [ENGINES[0].graph_limit(seats) for seats in (8, 256, 1024)] == [16, 512, 512]


def test_a_profile_of_ones_own_was_measured_as_a_whole() -> None:
    path = PROFILES / file_name(MODEL, GPU, "vllm", 1)
    own = load_profile(Pool(model=MODEL, gpu=GPU, profile=str(path)), Path())
    assert (own.launch_s, own.request_s, own.host) == (0.0, 0.0, "")
    np.testing.assert_array_equal(own.step_s, read_profile(path).step_s)
