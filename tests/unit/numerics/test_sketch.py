"""Histograms of durations: every value in its bin, quantiles as exact as a bin is wide, merging is adding."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.numerics.sketch import N_BINS, NEVER, bin_edges, bin_of, bins_of, quantile

LOWEST_S = 2.0**-20
HIGHEST_S = 2.0**21
BIN_WIDTH = 1.0 / 64.0  # relative, of the widest bins

durations = st.floats(LOWEST_S, HIGHEST_S, exclude_max=True)


def _histogram(values: list[float]) -> np.ndarray:
    return np.bincount([bin_of(value) for value in values], minlength=N_BINS)


def test_bins_join_and_cover_a_microsecond_to_a_day() -> None:
    edges = bin_edges()
    assert edges.size == N_BINS + 1
    assert edges[0] == 0.0
    assert edges[1] <= 1e-6
    assert edges[NEVER] >= 1e5
    assert edges[-1] == math.inf
    assert (np.diff(edges) > 0.0).all()
    assert (np.diff(edges[1:-1]) / edges[1:-2]).max() <= BIN_WIDTH


@given(durations)
def test_a_value_lies_in_its_bin(value: float) -> None:
    index = bin_of(value)
    edges = bin_edges()
    assert edges[index] <= value < edges[index + 1]


@pytest.mark.parametrize("index", [1, 2, 63, 64, 65, 128, 1000, NEVER - 2, NEVER - 1])
def test_an_edge_belongs_to_the_bin_it_opens(index: int) -> None:
    edge = bin_edges()[index]
    assert bin_of(edge) == index
    assert bin_of(np.nextafter(edge, 0.0)) == index - 1


@pytest.mark.parametrize(
    ("value", "index"),
    [(0.0, 0), (5e-324, 0), (9e-7, 0), (HIGHEST_S, NEVER - 1), (1e300, NEVER - 1), (math.inf, NEVER - 1)],
)
def test_extremes_have_a_bin(value: float, index: int) -> None:
    assert bin_of(value) == index


@given(st.lists(durations, min_size=1, max_size=60), st.floats(0.001, 1.0))
def test_a_quantile_is_within_a_bin_of_the_samples(values: list[float], p: float) -> None:
    exact = np.quantile(values, p, method="inverted_cdf")
    assert quantile(_histogram(values), p) == pytest.approx(exact, rel=BIN_WIDTH * (1.0 + 1e-9))


@given(st.lists(durations, min_size=1, max_size=30), st.lists(durations, max_size=30), st.floats(0.0, 1.0))
def test_merging_is_adding(some: list[float], others: list[float], p: float) -> None:
    merged = _histogram(some) + _histogram(others)
    assert (merged == _histogram(some + others)).all()
    assert quantile(merged, p) == quantile(_histogram(others + some), p)


@given(st.lists(durations, min_size=1, max_size=30), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_quantiles_do_not_fall(values: list[float], one: float, other: float) -> None:
    histogram = _histogram(values)
    assert quantile(histogram, min(one, other)) <= quantile(histogram, max(one, other))


@given(st.lists(st.floats(0.0, 1e300), min_size=1, max_size=60))
def test_many_bins_are_those_of_each(values: list[float]) -> None:
    assert bins_of(np.array(values)).tolist() == [bin_of(value) for value in values]


def test_what_never_happens_is_above_every_value() -> None:
    histogram = _histogram([1.0] * 6)
    histogram[NEVER] = 4
    assert quantile(histogram, 0.5) == pytest.approx(1.0, rel=BIN_WIDTH)
    assert quantile(histogram, 0.95) == math.inf


def test_many_values_in_one_bin_are_spread_over_it() -> None:
    histogram = np.zeros(N_BINS, dtype=np.int64)
    index = bin_of(1.0)
    histogram[index] = 1000
    low, high = bin_edges()[index : index + 2]
    assert quantile(histogram, 0.25) == pytest.approx(low + 0.25 * (high - low), rel=1e-12)


def test_waits_of_zero_are_zero_and_nothing_has_no_quantile() -> None:
    assert quantile(_histogram([0.0, 0.0, 0.0, 2.0]), 0.75) == 0.0
    assert quantile(_histogram([0.0, 0.0, 0.0, 2.0]), 0.76) == pytest.approx(2.0, rel=BIN_WIDTH)
    assert math.isnan(quantile(np.zeros(N_BINS, dtype=np.int64), 0.5))
