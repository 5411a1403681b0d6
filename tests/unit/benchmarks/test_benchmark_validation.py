"""The cases of the validation page, where they can be added up by hand."""

import numpy as np
import pytest

from benchmarks.validation import PAIRS, Load, simulated
from simulator.mechanisms.replicas.catalog import PROFILES, file_name
from simulator.mechanisms.replicas.profile_file import read_profile


def test_one_client_has_the_times_of_the_profile() -> None:
    profile = read_profile(PROFILES / file_name(*PAIRS[0][:2], "vllm", 1))
    found = simulated(PAIRS[0], Load(1, 1024, 17), 1, 8192)
    first_s = profile.step_time_s(1024, 0, 0) + profile.prefill_attention_s * 1024**2 / 2.0
    pace_s = float(np.mean([profile.step_time_s(0, 1, 1024 + number) for number in range(1, 17)]))
    assert found.ttft_ms == pytest.approx(first_s * 1e3, rel=1e-6)
    assert found.tpot_ms == pytest.approx(pace_s * 1e3, rel=1e-6)
    assert found.tokens_per_s == pytest.approx(17.0 / (first_s + 16.0 * pace_s), rel=1e-6)


def test_more_clients_are_slower_and_do_more() -> None:
    few, many = (simulated(PAIRS[0], Load(n, 512, 32), 10, 1024) for n in (2, 16))
    assert many.tpot_ms > few.tpot_ms
    assert many.tokens_per_s > 2.0 * few.tokens_per_s
