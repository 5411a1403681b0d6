"""Erlang A against a published table, its two neighbors and its balance."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.theory.abandonment import erlang_a
from simulator.theory.erlang import erlang_b, erlang_c, mean_wait_s


def test_a_call_center_loses_as_published() -> None:
    # Garnett, Mandelbaum and Reiman (2002), table 1: 50 agents, 48 calls a minute of one minute each,
    # patience of two minutes: 3.1 % abandon, 3.7 s of waiting, agents busy for 93 %.
    found = erlang_a(50, 0.8, 60.0, 120.0)
    assert found.abandoned_share == pytest.approx(0.031, abs=5e-4)
    assert found.mean_wait_s == pytest.approx(3.7, abs=0.05)
    assert found.utilization == pytest.approx(0.93, abs=0.005)


@given(st.integers(1, 100), st.floats(0.01, 0.98))
def test_endless_patience_is_m_m_c(servers: int, utilization: float) -> None:
    found = erlang_a(servers, utilization * servers, 1.0, math.inf)
    assert found.abandoned_share == 0.0
    assert found.waiting_share == pytest.approx(erlang_c(servers, utilization * servers), rel=1e-9)
    assert found.mean_wait_s == pytest.approx(mean_wait_s(servers, utilization * servers, 1.0), rel=1e-9)


def test_no_patience_is_erlang_b() -> None:
    found = erlang_a(10, 9.0, 1.0, 1e-12)
    assert found.abandoned_share == pytest.approx(erlang_b(10, 9.0), rel=1e-9)


@given(st.integers(1, 50))
def test_patience_as_long_as_service_is_a_server_for_everyone(servers: int) -> None:
    # Every customer then leaves at the same rate: Poisson with the load as its mean (M/M/∞).
    load = 0.9 * servers
    below = sum(math.exp(n * math.log(load) - load - math.lgamma(n + 1)) for n in range(servers))
    assert erlang_a(servers, load, 1.0, 1.0).waiting_share == pytest.approx(1.0 - below, abs=1e-12)


@given(st.integers(1, 300), st.floats(0.01, 10.0), st.floats(0.01, 100.0))
def test_who_does_not_abandon_is_served(servers: int, utilization: float, patience_s: float) -> None:
    found = erlang_a(servers, utilization * servers, 1.0, patience_s)
    assert found.utilization == pytest.approx(utilization * (1.0 - found.abandoned_share), rel=1e-9)
    assert found.waiting_share >= found.abandoned_share - 1e-12


def test_nobody_comes_and_nobody_waits() -> None:
    assert erlang_a(3, 0.0, 1.0, 1.0) == (0.0, 0.0, 0.0, 0.0)


def test_a_queue_that_grows_for_ever_is_refused() -> None:
    with pytest.raises(ValueError, match="grows for ever"):
        erlang_a(3, 3.0, 1.0, math.inf)
    with pytest.raises(ValueError, match="above zero"):
        erlang_a(3, 1.0, 1.0, 0.0)
