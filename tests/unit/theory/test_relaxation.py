"""Relaxation times against the spectrum of the chain of births and deaths, which is what they stand for."""

import math

import numpy as np
import pytest

from simulator.theory.relaxation import relaxation_s


def _by_spectrum_s(servers: int, load: float, patience_s: float = math.inf, n_states: int = 900) -> float:
    """1 / the spectral gap of M/M/c (+M) with services of a second, cut at many customers."""
    n = np.arange(n_states)
    deaths = np.minimum(n, servers) + np.maximum(n - servers, 0) / patience_s
    off = np.sqrt(load * deaths[1:])
    births = np.where(n < n_states - 1, load, 0.0)
    gaps = np.sort(np.linalg.eigvalsh(np.diag(births + deaths) - np.diag(off, 1) - np.diag(off, -1)))
    return float(1.0 / gaps[1])


@pytest.mark.parametrize(
    ("servers", "utilization"), [(1, 0.7), (1, 0.9), (4, 0.9), (10, 0.8), (10, 0.9), (40, 0.95)]
)
def test_it_is_that_of_the_chain(servers: int, utilization: float) -> None:
    expected = _by_spectrum_s(servers, servers * utilization)
    assert relaxation_s(servers, servers * utilization, 1.0) == pytest.approx(expected, rel=0.15)


def test_who_leaves_bounds_it() -> None:
    assert relaxation_s(10, 12.0, 1.0) == math.inf
    assert relaxation_s(10, 12.0, 1.0, patience_s=3.0) == 3.0
    assert _by_spectrum_s(10, 12.0, patience_s=3.0) <= 3.0


def test_it_is_no_less_than_a_service_and_that_where_nobody_waits() -> None:
    assert relaxation_s(10, 0.1, 7.0) == 7.0
    assert relaxation_s(math.inf, 100.0, 7.0) == 7.0


def test_a_load_by_chance_above_its_servers_is_no_overload() -> None:
    assert relaxation_s(10, 10.2, 1.0) == relaxation_s(10, 9.8, 1.0) < math.inf
