"""The shipped profiles are whole and monotone, and a pair that is not there is told what is."""

from pathlib import Path

import numpy as np
import pytest

from simulator.mechanisms.replicas.catalog import (
    PROFILES,
    Shipped,
    file_name,
    load_profile,
    shipped_profiles,
)
from simulator.mechanisms.replicas.config import Pool
from simulator.mechanisms.replicas.profile import PoolProfileError
from simulator.mechanisms.replicas.profile_file import read_profile

EACH = shipped_profiles()


def _pool(**values: object) -> Pool:
    return Pool.model_validate({"model": "meta-llama/Meta-Llama-3.1-8B", "gpu": "h100_sxm", **values})


def test_a_dozen_pairs_are_shipped() -> None:
    assert len({(one.model, one.gpu, one.tensor_parallel) for one in EACH}) >= 12


@pytest.mark.parametrize("one", EACH, ids=lambda one: "-".join(map(str, one)))
def test_a_shipped_profile_is_whole(one: Shipped) -> None:
    profile = load_profile(_pool(**one._asdict()), Path())
    assert (profile.model, profile.gpu, profile.engine, profile.tensor_parallel) == one
    for axis in range(3):
        assert np.diff(profile.step_s, axis=axis).min() >= 0.0
    assert 1e-3 < profile.step_time_s(0.0, 1.0, 512.0) < 0.1
    assert profile.kv_tokens > 100_000
    assert 0.0 <= profile.fit_error_mean < 0.05
    assert profile.fit_error_mean <= profile.fit_error_worst < 0.25
    assert "aiconfigurator-core" in profile.source
    assert "Apache-2.0" in profile.source


def test_the_decode_step_of_an_8b_model_on_an_h100_is_the_published_one() -> None:
    """6.36 + 0.01144 batch + 0.0000408 batch × context ms fits the source to 7.7 % at worst, this table better."""
    profile = read_profile(PROFILES / file_name("meta-llama/Meta-Llama-3.1-8B", "h100_sxm", "vllm", 1))
    for batch in (1, 16, 64, 256):
        for context in (128, 1024, 4096):
            fitted_ms = 6.36 + 0.01144 * batch + 0.0000408 * batch * context
            assert profile.step_time_s(0.0, batch, context) * 1e3 == pytest.approx(fitted_ms, rel=0.12)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"gpu": "h100"}, r"did you mean `h100_sxm`\?"),
        ({"model": "meta-llama/Meta-Llama-3.1-9B"}, r"did you mean `meta-llama/Meta-Llama-3.1-8B`\?"),
        ({"gpu": "h100"}, "for this model there are .*1 × h100_sxm with vllm"),
        ({"model": "meta-llama/Llama-9"}, "there are profiles of .*meta-llama/Meta-Llama-3.1-8B"),
        ({"engine": "tgi"}, "no profile of .* with tgi"),
        (
            {"model": "meta-llama/Meta-Llama-3.1-70B", "tensor_parallel": 1},
            "its weights take 141 GB, and there are 86 GB; for this model there are .*4 × h100_sxm",
        ),
    ],
)
def test_a_pair_that_is_not_there_is_told_what_is(values: dict[str, object], message: str) -> None:
    with pytest.raises(PoolProfileError, match=message):
        load_profile(_pool(**values), Path())
