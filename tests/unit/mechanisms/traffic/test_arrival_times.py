"""Arrivals in operational time: where the integral of the rate reaches the gap, however the rate changes on the way."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from simulator.mechanisms.traffic import kernel
from simulator.mechanisms.traffic.codes import LengthOrder
from simulator.numerics.draws import derive, exponential, uniform
from simulator.numerics.events import NONE
from tests.unit.interpreted import interpreted

_arrival_time = interpreted(kernel.arrival_time)
_operational_time = interpreted(kernel.operational_time)
PIECE_S = 10.0

rates = st.lists(st.sampled_from([0.0, 0.5, 2.0]) | st.floats(0.01, 20.0), min_size=1, max_size=12).map(
    np.array
)
shares = st.sampled_from([0.0, 0.25, 1.0])
parts = st.floats(0.0, 1.0)


def arrival_time(from_s: float, gap: float, share: float, rates_rps: np.ndarray, piece_s: float) -> float:
    return float(_arrival_time(from_s, gap, share, rates_rps, piece_s, 0.0))


def operational_time(
    from_s: float, to_s: float, share: float, rates_rps: np.ndarray, piece_s: float
) -> float:
    return float(_operational_time(from_s, to_s, share, rates_rps, piece_s, 0.0))


def _integral(from_s: float, to_s: float, rates_rps: np.ndarray) -> float:
    """Of the rate over a span, by the cumulated rate at the ends of pieces."""
    edges_s = PIECE_S * np.arange(rates_rps.size + 1)
    cumulated = np.concatenate([[0.0], np.cumsum(rates_rps * PIECE_S)])
    return float(np.diff(np.interp([from_s, to_s], edges_s, cumulated))[0])


@given(rates, shares, parts, parts)
def test_operational_time_is_the_integral_of_the_rate(
    rates_rps: np.ndarray, share: float, one: float, other: float
) -> None:
    from_s, to_s = sorted(part * PIECE_S * rates_rps.size for part in (one, other))
    found = operational_time(from_s, to_s, share, rates_rps, PIECE_S)
    assert found == pytest.approx(share * _integral(from_s, to_s, rates_rps), rel=1e-9, abs=1e-9)


@given(rates, shares, parts, st.floats(1e-3, 500.0))
def test_an_arrival_is_where_the_gap_is_used_up(
    rates_rps: np.ndarray, share: float, start: float, gap: float
) -> None:
    end_s = PIECE_S * rates_rps.size
    from_s = start * end_s
    left = share * _integral(from_s, end_s, rates_rps)
    assume(abs(left - gap) > 1e-9 * gap)
    time_s = arrival_time(from_s, gap, share, rates_rps, PIECE_S)
    if gap > left:
        assert time_s == math.inf
    else:
        assert from_s <= time_s <= end_s * (1.0 + 1e-12)
        assert share * _integral(from_s, time_s, rates_rps) == pytest.approx(gap, rel=1e-6)


def test_nobody_arrives_while_the_rate_is_zero() -> None:
    assert arrival_time(0.0, 1.0, 1.0, np.array([0.0, 0.0, 0.5]), PIECE_S) == 22.0
    assert arrival_time(0.0, 1.0, 0.0, np.array([9.0]), PIECE_S) == math.inf
    assert arrival_time(25.0, 1.0, 1.0, np.array([9.0, 9.0]), PIECE_S) == math.inf


@given(rates, shares, parts, st.floats(1e-3, 500.0), st.floats(0.0, 0.999))
def test_the_first_piece_may_have_begun_before(
    rates_rps: np.ndarray, share: float, start: float, gap: float, lead: float
) -> None:
    """The same moments on a clock that begins later."""
    lead_s = lead * PIECE_S
    from_s = lead_s + start * (PIECE_S * rates_rps.size - lead_s)
    plain_s = arrival_time(from_s, gap, share, rates_rps, PIECE_S)
    left = share * _integral(from_s, PIECE_S * rates_rps.size, rates_rps)
    assume(abs(left - gap) > 1e-9 * gap)
    found_s = _arrival_time(from_s - lead_s, gap, share, rates_rps, PIECE_S, lead_s)
    if plain_s == math.inf:
        assert found_s == math.inf
        return
    used = _operational_time(from_s - lead_s, found_s, share, rates_rps, PIECE_S, lead_s)
    assert used == pytest.approx(gap, rel=1e-6)


def test_a_gap_that_ends_with_a_piece_ends_there() -> None:
    assert arrival_time(0.0, 5.0, 1.0, np.array([0.5, 0.0, 0.5]), PIECE_S) == 10.0


@given(rates, parts, parts, st.floats(0.01, 50.0))
def test_a_change_of_share_re_times_what_is_left_of_a_gap(
    rates_rps: np.ndarray, start: float, change: float, gap: float
) -> None:
    """As `set_share` does; to the same share it must change nothing."""
    from_s = start * PIECE_S * rates_rps.size
    time_s = arrival_time(from_s, gap, 1.0, rates_rps, PIECE_S)
    assume(time_s < math.inf)
    change_s = from_s + change * (time_s - from_s)
    left = max(0.0, gap - operational_time(from_s, change_s, 1.0, rates_rps, PIECE_S))
    again_s = arrival_time(change_s, left, 1.0, rates_rps, PIECE_S)
    used = _integral(from_s, min(again_s, PIECE_S * rates_rps.size), rates_rps)
    assert used == pytest.approx(gap, rel=1e-6, abs=1e-6)


def _stream(**values: int | float) -> SimpleNamespace:
    defaults = {"first_gap": NONE, "n_gaps": 0, "gap_index": 0, "length_index": 0, "gap_shape": 1.0}
    return SimpleNamespace(**{**defaults, **values})


def test_gaps_of_a_trace_go_round() -> None:
    stream = _stream(first_gap=2, n_gaps=3, gap_index=1)
    gaps = np.array([9.0, 9.0, 0.1, 0.2, 0.3, 9.0])
    next_gap = interpreted(kernel.next_gap)
    assert [next_gap(stream, gaps, np.uint64(0)) for _ in range(5)] == [0.2, 0.3, 0.1, 0.2, 0.3]


@pytest.mark.parametrize("cv", [0.25, 0.5, 1.0, 2.0])
def test_drawn_gaps_have_mean_one_and_the_stated_spread(cv: float) -> None:
    next_gap = interpreted(kernel.next_gap)
    stream = _stream(gap_shape=1.0 / cv**2)
    n = 20_000
    gaps = np.array(
        [next_gap(stream, np.ones(1), np.uint64(derive(np.uint64(8), np.uint64(i)))) for i in range(n)]
    )
    kurtosis = 3.0 + 6.0 * cv**2  # of a gamma distribution
    assert abs(gaps.mean() - 1.0) <= 4.0 * cv / n**0.5
    assert abs(gaps.var() / cv**2 - 1.0) <= 4.0 * ((kurtosis - 1.0) / n) ** 0.5


@pytest.mark.parametrize("key", [3, 2**40, 2**63])
def test_poisson_gaps_are_exactly_exponential(key: int) -> None:
    next_gap = interpreted(kernel.next_gap)
    assert next_gap(_stream(), np.ones(1), np.uint64(key)) == exponential(np.uint64(key))


def test_rows_in_order_keep_step_with_the_gaps() -> None:
    next_row = interpreted(kernel.next_row)
    workload = SimpleNamespace(lengths_in_order=LengthOrder.ROWS, first_length=10, n_lengths=3)
    stream = _stream(length_index=2)
    assert [next_row(stream, workload, np.zeros(1)) for _ in range(4)] == [12, 10, 11, 12]


def test_sessions_in_order_begin_with_their_first_calls() -> None:
    next_row, length_row = interpreted(kernel.next_row), interpreted(kernel.length_row)
    workload = SimpleNamespace(lengths_in_order=LengthOrder.SESSIONS, first_session=1, n_sessions=2)
    stream = _stream(length_index=0)
    first = [next_row(stream, workload, np.array([0, 20, 25])) for _ in range(3)]
    assert first == [20, 25, 20]
    assert [length_row(25, workload, turn, np.uint64(3)) for turn in range(3)] == [25, 26, 27]


@given(st.integers(1, 50), st.integers(0, 2**64 - 1), st.integers(0, 3))
def test_drawn_lengths_and_those_of_further_turns_are_any_row_of_the_workload(
    n_lengths: int, key: int, turn: int
) -> None:
    length_row = interpreted(kernel.length_row)
    order = LengthOrder.ROWS if turn > 0 else LengthOrder.DRAWN
    workload = SimpleNamespace(lengths_in_order=order, first_length=10, n_lengths=n_lengths)
    assert 10 <= length_row(99, workload, turn, np.uint64(key)) < 10 + n_lengths


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=8), st.integers(0, 2**64 - 1))
def test_a_class_is_where_the_cumulated_shares_pass_the_draw(weights: list[float], key: int) -> None:
    assume(sum(weights) > 0.0)
    cumulative = np.cumsum(weights) / sum(weights)
    found = interpreted(kernel.draw_class)(cumulative, len(weights), np.uint64(key))
    expected = np.searchsorted(cumulative, uniform(np.uint64(key)), side="right")
    assert found == min(expected, len(weights) - 1)


def test_a_pause_is_exponential_with_the_stated_mean() -> None:
    key = np.uint64(77)
    pause_s = interpreted(kernel.think_time)(SimpleNamespace(think_s=30.0), key)
    assert pause_s == 30.0 * exponential(np.uint64(derive(key, np.uint64(0))))
