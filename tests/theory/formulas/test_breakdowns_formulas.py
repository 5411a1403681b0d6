"""Breakdowns: the closed form against the Markov chain, and both against cases that are known."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from simulator.theory.abandonment import answered_in_time
from simulator.theory.breakdowns import (
    k_of_n_availability,
    mean_in_system_of_many,
    mean_in_system_with_breakdowns,
)
from simulator.theory.erlang import mean_wait_s


@pytest.mark.parametrize(
    ("n", "k", "expected"),
    [(1, 1, 0.9), (2, 1, 0.99), (2, 2, 0.81), (3, 2, 0.972), (5, 0, 1.0), (5, 6, 0.0)],
)
def test_k_of_n_by_hand(n: int, k: int, expected: float) -> None:
    assert k_of_n_availability(n, k, 90.0, 10.0) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("rate", "service", "mtbf", "mttr"),
    [(0.5, 1.0, 50.0, 10.0), (0.3, 1.0, 20.0, 30.0), (4.0, 0.1, 5.0, 1.0)],
)
def test_the_closed_form_is_the_chain_of_one_server(
    rate: float, service: float, mtbf: float, mttr: float
) -> None:
    chain = mean_in_system_of_many(1, rate, service, mtbf, mttr)
    assert mean_in_system_with_breakdowns(rate, service, mtbf, mttr) == pytest.approx(chain, rel=1e-9)


def test_without_breakdowns_it_is_erlang_c() -> None:
    expected = 2.4 * (mean_wait_s(4, 2.4, 1.0) + 1.0)
    assert mean_in_system_of_many(4, 2.4, 1.0, 1e9, 1e-3) == pytest.approx(expected, rel=1e-9)


def test_a_server_that_cannot_keep_up_is_refused() -> None:
    with pytest.raises(ValueError, match="without bound"):
        mean_in_system_with_breakdowns(0.9, 1.0, 10.0, 5.0)


@pytest.mark.parametrize(
    ("rate", "timeout"), [(0.5, 2.0), (0.99999, 3.0), (1.0, 3.0), (2.0, 5.0), (30.0, 4.0)]
)
def test_answered_in_time_is_its_integral(rate: float, timeout: float) -> None:
    density = quad(lambda v: rate * math.exp(-(1.0 - rate) * (v - timeout)), 0.0, timeout)[0]
    atom = math.exp((1.0 - rate) * timeout)
    in_time = quad(
        lambda v: rate * math.exp(-(1.0 - rate) * (v - timeout)) * -math.expm1(v - timeout), 0.0, timeout
    )[0]
    expected = (atom * -math.expm1(-timeout) + in_time) / (atom + density)
    assert answered_in_time(rate, 1.0, timeout) == pytest.approx(expected, rel=1e-6)


def test_nobody_in_the_way_is_the_service_alone() -> None:
    assert answered_in_time(1e-9, 2.0, 3.0) == pytest.approx(-math.expm1(-1.5), rel=1e-6)
    assert np.diff([answered_in_time(rate, 1.0, 3.0) for rate in (0.5, 1.0, 2.0, 4.0)]).max() < 0.0
