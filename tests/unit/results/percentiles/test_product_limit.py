"""Times of everyone who asked: against the textbook's estimator, person by person, and where nothing is known."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.numerics.sketch import N_BINS, NEVER, bin_edges, bin_of
from simulator.results.percentiles.product_limit import product_limit

Z = 4.0  # false alarms of the one statistical test here: 6e-5


@dataclass(frozen=True)
class Asker:
    """Seen from one time since the question to another, in bins; `answered`: it ended with an answer."""

    enters: int
    leaves: int
    answered: bool


askers = st.builds(
    lambda enters, more, answered: Asker(enters, enters + more, answered),
    st.integers(0, 40),
    st.integers(0, 40),
    st.booleans(),
)


def _histograms(found: list[Asker], n_never: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    ended, waiting, waited = np.zeros((3, 1, N_BINS), dtype=np.int64)
    for one in found:
        (ended if one.answered else waiting)[0, one.leaves] += 1
        waited[0, one.enters] += one.enters > 0
    ended[0, NEVER] = n_never
    return ended, waiting, waited


@given(st.lists(askers, min_size=1, max_size=30), st.integers(0, 5))
def test_it_is_the_product_limit_estimator(found: list[Asker], n_never: int) -> None:
    """Survival by the definition: at every time, one less the answers over those who are seen waiting then.

    Who is open at the end is seen at that age in the span that follows.
    """
    shares, _ = product_limit(*_histograms(found, n_never))
    survival = 1.0
    for time in range(90):
        at_risk = n_never + sum(
            (one.enters <= time or one.enters == 0) and one.leaves >= time + (not one.answered)
            for one in found
        )
        events = sum(one.answered and one.leaves == time for one in found)
        after = survival * (1.0 - events / at_risk) if at_risk else survival
        assert shares[0, time] == pytest.approx(survival - after, abs=1e-12)
        survival = after
    assert shares[0, NEVER] == pytest.approx(survival, abs=1e-12)


@given(st.lists(st.integers(0, NEVER - 1), min_size=1, max_size=50), st.integers(0, 50))
def test_where_nobody_waits_it_is_the_plain_distribution(bins: list[int], n_never: int) -> None:
    ended = np.zeros((1, N_BINS), dtype=np.int64)
    np.add.at(ended[0], bins, 1)
    ended[0, NEVER] = n_never
    nobody = np.zeros_like(ended)
    shares, unknown = product_limit(ended, nobody, nobody)
    np.testing.assert_allclose(shares, ended / ended.sum(), atol=1e-12)
    assert unknown[0] == pytest.approx(0.0, abs=1e-12)


def test_a_short_look_at_long_waits_tells_their_distribution() -> None:
    """Exponential times of mean 100 s, looked at for 60 s: those who end then are quicker than everyone."""
    rng = np.random.default_rng(7)
    arrival_s = rng.uniform(-2000.0, 60.0, 400_000)
    end_s = arrival_s + rng.exponential(100.0, arrival_s.size)
    ended, waiting, waited = np.zeros((3, 1, N_BINS), dtype=np.int64)
    for begin, end in zip(arrival_s.tolist(), end_s.tolist(), strict=True):
        if end < 0.0:
            continue
        (waiting if end > 60.0 else ended)[0, bin_of(min(end, 60.0) - begin)] += 1
        if begin < 0.0:
            waited[0, bin_of(-begin)] += 1
    shares, _ = product_limit(ended, waiting, waited)
    below = float(shares[0, : bin_of(100.0) + 1].sum())
    edge_s = bin_edges()[bin_of(100.0) + 1]
    expected = 1.0 - np.exp(-edge_s / 100.0)
    n_at_risk = 400_000 / 2060.0 * 60.0
    assert abs(below - expected) < Z * np.sqrt(expected * (1.0 - expected) / n_at_risk) + 1.0 / 64.0 * 0.4


def test_a_wait_that_stands_still_while_one_is_served_counts_once() -> None:
    """Of ten nine are served at once, for 100 s; a short look finds more of them being served than it sees end."""
    rng = np.random.default_rng(7)
    begin_s = rng.uniform(-2000.0, 60.0, 200_000)
    wait_s = rng.exponential(20.0, begin_s.size) * (rng.random(begin_s.size) < 0.1)
    end_s = begin_s + rng.exponential(100.0, begin_s.size)
    ended, waiting, waited = np.zeros((3, 1, N_BINS), dtype=np.int64)
    for wait, begin, end in zip(wait_s.tolist(), begin_s.tolist(), end_s.tolist(), strict=True):
        if end >= 0.0:
            (waiting if end > 60.0 else ended)[0, bin_of(wait)] += 1
            waited[0, bin_of(wait)] += begin < 0.0
    shares, _ = product_limit(ended, waiting, waited)
    n_at_risk = 200_000 / 2060.0 * 60.0
    assert abs(shares[0, 0] - 0.9) < Z * np.sqrt(0.9 * 0.1 / n_at_risk)


def test_of_those_who_still_wait_it_is_not_known() -> None:
    ended, waiting, waited = _histograms([Asker(0, 10, True)] * 60 + [Asker(0, 20, False)] * 40)
    shares, unknown = product_limit(ended, waiting, waited)
    assert shares[0, 10] == pytest.approx(0.6)
    assert unknown[0] == pytest.approx(0.4)
