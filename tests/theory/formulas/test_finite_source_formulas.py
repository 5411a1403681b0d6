"""The machine repairman against Erlang's loss formula, against one client, and against many of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.theory.erlang import erlang_b, mean_wait_s
from simulator.theory.finite_source import machine_repairman


@given(st.integers(1, 40), st.floats(0.1, 60.0), st.floats(0.01, 5.0))
def test_one_server_idles_as_often_as_a_group_of_as_many_lines_is_full(
    clients: int, think_s: float, service_s: float
) -> None:
    found = machine_repairman(clients, 1, think_s, service_s)
    assert found.utilization == pytest.approx(1.0 - erlang_b(clients, think_s / service_s), rel=1e-9)


@given(st.integers(1, 20), st.floats(0.0, 60.0), st.floats(0.01, 5.0))
def test_nobody_waits_where_each_client_has_a_server(clients: int, think_s: float, service_s: float) -> None:
    found = machine_repairman(clients, clients, think_s, service_s)
    assert found.response_s == pytest.approx(service_s)
    assert found.throughput_per_s == pytest.approx(clients / (think_s + service_s))


@given(st.integers(1, 60), st.integers(1, 8), st.floats(0.0, 30.0), st.floats(0.01, 5.0))
def test_every_client_thinks_or_waits_or_is_served(
    clients: int, servers: int, think_s: float, service_s: float
) -> None:
    found = machine_repairman(clients, servers, think_s, service_s)
    assert found.throughput_per_s * (think_s + found.response_s) == pytest.approx(clients)
    assert found.throughput_per_s <= servers / service_s * (1.0 + 1e-9)
    assert found.in_system == pytest.approx(found.throughput_per_s * found.response_s)


def test_many_who_hardly_ask_wait_as_poisson_arrivals_do() -> None:
    found = machine_repairman(100_000, 8, 100_000.0 / 6.4 - 1.0, 1.0)
    assert found.wait_s == pytest.approx(mean_wait_s(8, 6.4, 1.0), rel=2e-3)
