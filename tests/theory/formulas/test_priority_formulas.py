"""Cobham's waits against a published formula and Kleinrock's conservation law."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.theory.erlang import mean_wait_s
from simulator.theory.priority import cobham_waits_s


@given(st.floats(0.01, 0.5), st.floats(0.01, 0.45))
def test_one_server_has_the_published_lengths(first: float, second: float) -> None:
    # Adan and Resing, Queueing Systems, section 9.1 (exponential service of mean 1, no preemption):
    # L1 = (1 + r2)·r1 / (1 - r1), L2 = (1 - r1·(1 - r1 - r2))·r2 / ((1 - r1)·(1 - r1 - r2)).
    free = 1.0 - first - second
    lengths = (
        (1.0 + second) * first / (1.0 - first),
        (1.0 - first * free) * second / ((1.0 - first) * free),
    )
    waits_s = cobham_waits_s(1, [first, second], 1.0)
    assert (waits_s[0] + 1.0) * first == pytest.approx(lengths[0])
    assert (waits_s[1] + 1.0) * second == pytest.approx(lengths[1])


@given(st.integers(1, 50), st.lists(st.floats(0.01, 1.0), min_size=1, max_size=6), st.floats(0.05, 0.95))
def test_priority_moves_waiting_and_does_not_remove_it(
    servers: int, weights: list[float], utilization: float
) -> None:
    rates = np.array(weights) / sum(weights) * utilization * servers
    waits_s = cobham_waits_s(servers, rates.tolist(), 1.0)
    assert np.all(np.diff(waits_s) >= 0.0)
    # Kleinrock, Naval Research Logistics Quarterly 12, 1965: the load's mean wait does not depend on order.
    assert waits_s @ rates / rates.sum() == pytest.approx(mean_wait_s(servers, rates.sum(), 1.0))


def test_an_overload_of_the_last_spares_the_first() -> None:
    assert cobham_waits_s(4, [1.5, 3.0], 1.0).tolist() == [0.25 / (1.0 - 0.375), np.inf]
