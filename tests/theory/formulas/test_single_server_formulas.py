"""One server: closed forms, a published formula for the loss, and a bucket of tokens played out."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.theory.erlang import mean_wait_s
from simulator.theory.single_server import m_d_1_k_loss, m_d_1_wait_s, pollaczek_khinchine_wait_s


@given(st.floats(0.01, 0.99), st.floats(0.1, 10.0))
def test_exponential_service_is_m_m_1_and_constant_service_waits_half(load: float, service_s: float) -> None:
    wait_s = mean_wait_s(1, load / service_s, service_s)
    assert pollaczek_khinchine_wait_s(load / service_s, service_s, 1.0) == pytest.approx(wait_s)
    assert m_d_1_wait_s(load / service_s, service_s) == pytest.approx(wait_s / 2.0)


def test_overload_waits_for_ever() -> None:
    assert pollaczek_khinchine_wait_s(1.0, 1.0, 0.5) == math.inf


def brun_garcia_loss(load: float, capacity: int) -> float:
    """Brun and Garcia, Analytical Solution of Finite Capacity M/D/1 Queues, J. Appl. Probability 37, 2000."""
    b = sum(
        (-1) ** k
        / math.factorial(k)
        * (capacity - 1 - k) ** k
        * math.exp((capacity - 1 - k) * load)
        * load**k
        for k in range(capacity)
    )
    return 1.0 - b / (1.0 + load * b)


@given(st.floats(0.05, 2.0), st.integers(1, 8))
def test_the_loss_is_that_of_brun_and_garcia(load: float, capacity: int) -> None:
    # Their sum alternates and loses digits; at these loads it keeps ten.
    assert m_d_1_k_loss(load, capacity) == pytest.approx(brun_garcia_loss(load, capacity), abs=1e-10)


@given(st.floats(0.01, 1000.0), st.integers(1, 60))
def test_the_loss_is_at_least_the_excess_and_falls_with_room(load: float, capacity: int) -> None:
    loss = m_d_1_k_loss(load, capacity)
    assert max(0.0, 1.0 - 1.0 / load) - 1e-12 <= loss <= load / (1.0 + load) + 1e-12
    assert m_d_1_k_loss(load, capacity + 1) <= loss + 1e-12


def test_one_place_is_erlang_b_and_extremes_are_safe() -> None:
    assert m_d_1_k_loss(0.9, 1) == pytest.approx(0.9 / 1.9)
    assert m_d_1_k_loss(0.0, 3) == 0.0
    assert m_d_1_k_loss(99.0, 500) == pytest.approx(1.0 - 1.0 / 99.0)
    assert m_d_1_k_loss(0.5, 500) == pytest.approx(0.0, abs=1e-15)
    with pytest.raises(ValueError, match="serves none"):
        m_d_1_k_loss(0.5, 0)


@pytest.mark.parametrize(("load", "depth"), [(0.9, 4), (1.3, 2), (0.6, 1)])
def test_a_bucket_of_tokens_refuses_that_share(load: float, depth: int) -> None:
    # 20 independent runs of 20,000 arrivals, fixed seed; |t| > 4 with 19 degrees of freedom: 8 in 10,000.
    rng = np.random.default_rng(5)
    shares = [_refused_share(rng.exponential(1.0 / load, 20_000).tolist(), depth) for _ in range(20)]
    standard_error = np.std(shares, ddof=1) / math.sqrt(20)
    assert abs(np.mean(shares) - m_d_1_k_loss(load, depth)) <= 4.0 * standard_error


def _refused_share(gaps: list[float], depth: int) -> float:
    tokens, n_refused = float(depth), 0
    for gap in gaps:
        tokens = min(float(depth), tokens + gap)
        if tokens >= 1.0:
            tokens -= 1.0
        else:
            n_refused += 1
    return n_refused / len(gaps)
