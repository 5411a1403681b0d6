"""Requests and tokens per minute are token buckets: full at first, refilled without a break, charged only when admitted."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.mechanisms import limits
from simulator.mechanisms.codes import TargetKind
from simulator.mechanisms.targets import TargetList, bucket
from tests.unit.interpreted import interpreted

has_quota, is_limited, refill = map(interpreted, (limits.has_quota, limits.is_limited, limits.refill))
_take_quota = interpreted(limits.take_quota)


def take_quota(station: np.recarray, n_tokens: int, now_s: float) -> bool:
    """Ask a station that has `busy` and `queued` requests."""
    return bool(_take_quota(station, station.busy + station.queued, n_tokens, now_s))


def _station(**values: float) -> np.recarray:
    targets = TargetList()
    targets.add_station(targets.add_target(TargetKind.MODEL), 0, **values)
    return targets.arrays()[0][0]


class Bucket:
    """The bucket as the books tell it."""

    def __init__(self, rate_per_s: float, depth: float) -> None:
        self.rate_per_s, self.depth, self.level, self.at_s = rate_per_s, depth, depth, 0.0

    def has(self, amount: float, now_s: float) -> bool:
        self.level = min(self.depth, self.level + (now_s - self.at_s) * self.rate_per_s)
        self.at_s = now_s
        return self.level >= amount


attempts = st.lists(st.tuples(st.sampled_from([0.0, 0.25, 1.0, 7.5, 60.0]), st.integers(1, 900)), max_size=40)


@given(st.integers(1, 20), st.integers(200, 2000), attempts)
def test_admission_is_that_of_two_buckets(rpm: int, tpm: int, asked: list[tuple[float, int]]) -> None:
    station = _station(**bucket(rpm / 60.0, rpm, "request"), **bucket(tpm / 60.0, tpm, "token"))
    requests, tokens = Bucket(rpm / 60.0, rpm), Bucket(tpm / 60.0, tpm)
    now_s = 0.0
    for wait_s, n_tokens in asked:
        now_s += wait_s
        is_allowed = requests.has(1.0, now_s) & tokens.has(n_tokens, now_s)
        if is_allowed:
            requests.level -= 1.0
            tokens.level -= n_tokens
        assert take_quota(station, n_tokens, now_s) == is_allowed
        assert (station.request_level, station.token_level) == (requests.level, tokens.level)


@given(st.floats(0.1, 50.0), st.integers(1, 30), st.lists(st.floats(0.0, 3.0), max_size=80))
def test_no_span_sees_more_than_the_burst_and_the_refill(
    rate_rps: float, burst: int, gaps_s: list[float]
) -> None:
    station = _station(**bucket(rate_rps, float(burst), "request"))
    times_s = np.cumsum(gaps_s)
    admitted_s = [t for t in times_s if take_quota(station, 1, t)]
    for first, from_s in enumerate(admitted_s):
        for count, to_s in enumerate(admitted_s[first:], start=1):
            assert count <= burst + rate_rps * (to_s - from_s) + 1e-9


def test_a_burst_is_admitted_at_once_and_then_one_at_a_time() -> None:
    station = _station(**bucket(2.0, 5.0, "request"))
    assert [take_quota(station, 1, 10.0) for _ in range(7)] == [True] * 5 + [False] * 2
    assert [take_quota(station, 1, t) for t in (10.25, 10.5, 10.75, 11.0)] == [False, True, False, True]


def test_a_refused_request_takes_nothing() -> None:
    station = _station(**bucket(1.0, 3.0, "request"), **bucket(10.0, 100.0, "token"))
    assert not take_quota(station, 101, 0.0)
    assert (station.request_level, station.token_level) == (3.0, 100.0)
    assert take_quota(station, 100, 0.0)
    assert (station.request_level, station.token_level) == (2.0, 0.0)


def test_no_more_run_in_parallel_than_allowed() -> None:
    station = _station(parallel_limit=2)
    for busy, is_allowed in enumerate([True, True, False, False]):
        station.busy = busy
        assert take_quota(station, 10**6, 1.0) == is_allowed


def test_who_waits_at_a_pool_is_in_flight_too() -> None:
    station = _station(parallel_limit=3)
    station.busy, station.queued = 1, 1
    assert take_quota(station, 1, 0.0)
    station.queued = 2
    assert not take_quota(station, 1, 0.0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, False),
        (bucket(1.0, 1.0, "request"), True),
        (bucket(1.0, 1.0, "token"), True),
        ({"parallel_limit": 1}, True),
    ],
)
def test_a_station_without_limits_admits_everything(values: dict[str, float], expected: bool) -> None:
    station = _station(**values)
    assert bool(is_limited(station)) is expected
    if not expected:
        assert all(take_quota(station, 10**9, 0.0) for _ in range(100))


@given(st.floats(0.0, 200.0))
def test_an_empty_bucket_fills_to_its_depth_and_no_further(span_s: float) -> None:
    station = _station(**bucket(0.5, 30.0, "request"))
    station.request_level = 0.0
    refill(station, span_s)
    assert station.request_level == min(30.0, 0.5 * span_s)
    assert station.token_level == 0.0
    assert station.token_rate_per_s == math.inf
    assert has_quota(station, 0, 10**6) == (station.request_level >= 1.0)
