"""Erlang's formulas against published tables, closed forms and one another."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.theory.erlang import (
    blocking_and_mean_wait_s,
    erlang_b,
    erlang_c,
    fewest_servers,
    mean_wait_s,
    wait_quantile_s,
)

SERVERS = st.integers(1, 200)
LOADS = st.floats(0.01, 300.0)


@pytest.mark.parametrize(
    ("servers", "load_erlangs", "last_digit"),
    [(1, 0.0101, 1e-4), (5, 1.361, 1e-3), (10, 4.461, 1e-3), (50, 37.90, 1e-2), (100, 84.06, 1e-2)],
)
def test_one_percent_is_blocked_at_the_tabled_load(
    servers: int, load_erlangs: float, last_digit: float
) -> None:
    # Erlang B table, column 1 % (ITU-D Study Group 2, Teletraffic Engineering Handbook; any such table).
    assert (
        erlang_b(servers, load_erlangs - last_digit / 2)
        < 0.01
        < erlang_b(servers, load_erlangs + last_digit / 2)
    )


def test_a_call_center_waits_as_published() -> None:
    # Garnett, Mandelbaum and Reiman (2002), table 1: 50 agents, 48 calls a minute of one minute each.
    assert mean_wait_s(50, 0.8, 60.0) == pytest.approx(20.8, abs=0.05)
    assert wait_quantile_s(50, 0.8, 60.0, 0.9) == pytest.approx(58.1, abs=0.05)
    assert fewest_servers(0.8, 60.0, 20.9) == 50
    assert fewest_servers(0.8, 60.0, 20.8) == 51


def test_cars_at_the_inspection_station_are_turned_away_as_published() -> None:
    # Gross and Harris, chapter 2, M/M/c/K: 3 stalls, 4 places to wait, a car a minute, 6 minutes each. The
    # station is empty for a share 0.00088 of the time, full for 6^7 / (3^4·3!) times that; 3.09 cars wait.
    # (The 30.4 cars an hour that find no place there come from the rounded 0.00088; exactly, 30.3.)
    blocked, wait_min = blocking_and_mean_wait_s(3, 4, 1.0, 6.0)
    assert blocked / (6**7 / (3**4 * 6)) == pytest.approx(0.00088, abs=5e-6)
    assert wait_min * (1.0 - blocked) == pytest.approx(3.09, abs=0.005)


@given(st.floats(0.01, 0.99))
def test_two_servers_have_a_closed_form(utilization: float) -> None:
    # C(2) = 2u² / (1 + u), from the definition.
    assert erlang_c(2, 2.0 * utilization) == pytest.approx(2.0 * utilization**2 / (1.0 + utilization))
    assert erlang_c(1, utilization) == pytest.approx(utilization)


@given(SERVERS, LOADS)
def test_more_servers_block_less_and_more_wait_than_are_blocked(servers: int, load: float) -> None:
    assert erlang_b(servers + 1, load) <= erlang_b(servers, load)  # both 0 where a float ends
    assert erlang_b(servers, load) <= erlang_c(servers, load) <= 1.0


@given(SERVERS, st.floats(0.01, 0.99), st.floats(0.0, 0.999))
def test_a_quantile_leaves_its_share_above(servers: int, utilization: float, probability: float) -> None:
    load = utilization * servers
    wait = wait_quantile_s(servers, load, 1.0, probability)
    above = erlang_c(servers, load) * math.exp(-(servers - load) * wait)
    if wait == 0.0:
        assert above <= (1.0 - probability) * (1.0 + 1e-12)
    else:
        assert above == pytest.approx(1.0 - probability)


@given(LOADS, st.floats(0.001, 10.0), st.sampled_from([None, 0.5, 0.95]))
def test_one_server_fewer_is_too_few(load: float, limit_s: float, probability: float | None) -> None:
    def wait_s(servers: int) -> float:
        if probability is None:
            return mean_wait_s(servers, load, 1.0)
        return wait_quantile_s(servers, load, 1.0, probability)

    servers = fewest_servers(load, 1.0, limit_s, probability)
    assert wait_s(servers) <= limit_s
    assert servers <= load + 1 or wait_s(servers - 1) > limit_s


@given(st.integers(1, 40), st.integers(0, 40), st.floats(0.01, 80.0))
def test_a_full_queue_agrees_with_its_states(servers: int, max_queued: int, load: float) -> None:
    logs = [
        n * math.log(load) - math.lgamma(min(n, servers) + 1) - max(n - servers, 0) * math.log(servers)
        for n in range(servers + max_queued + 1)
    ]
    weights = [math.exp(log - max(logs)) for log in logs]
    shares = [weight / sum(weights) for weight in weights]
    waiting = sum((n - servers) * share for n, share in enumerate(shares) if n > servers)
    blocked, wait_s = blocking_and_mean_wait_s(servers, max_queued, load, 1.0)
    assert blocked == pytest.approx(shares[-1], rel=1e-9)
    assert wait_s == pytest.approx(waiting / load / (1.0 - shares[-1]), rel=1e-9)


def test_a_queue_without_end_loses_no_one_and_no_places_are_erlang_b() -> None:
    assert blocking_and_mean_wait_s(8, 5_000, 7.2, 1.0) == pytest.approx((0.0, mean_wait_s(8, 7.2, 1.0)))
    assert blocking_and_mean_wait_s(10, 0, 9.0, 1.0) == (erlang_b(10, 9.0), 0.0)


def test_overload_waits_for_ever_and_nobody_asks_for_nothing() -> None:
    assert mean_wait_s(4, 4.0, 1.0) == wait_quantile_s(4, 4.0, 1.0, 0.0) == math.inf
    assert erlang_c(4, 5.0) == 1.0
    assert mean_wait_s(4, 0.0, 1.0) == 0.0
    assert blocking_and_mean_wait_s(4, 3, 0.0, 1.0) == (0.0, 0.0)
    assert fewest_servers(0.0, 1.0, 0.1) == 1


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match=r"within 0\.0 s"):
        fewest_servers(1.0, 1.0, 0.0)
    with pytest.raises(ValueError, match=r"not 1\.0"):
        wait_quantile_s(2, 1.0, 1.0, 1.0)
