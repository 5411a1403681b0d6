"""What control may tell the data plane between two calls of `advance`: servers, and shares of demand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.control.data_plane import DataPlane
from simulator.metrics.columns import AreaColumn, CountColumn, UsageColumn
from tests.unit.kernel.desk import blueprint_of, constant, desk_scenario

JAMMED = blueprint_of(
    desk_scenario(20.0, replicas=0, max_ongoing_requests=1, service_time=constant(1000.0)), 600.0
)
DEMAND = blueprint_of(desk_scenario(20.0, service_time=constant(0.001), max_ongoing_requests=None), 600.0)


def _plane(blueprint=JAMMED, seed: int = 1) -> DataPlane:
    return DataPlane(blueprint.world(seed, keeps_rows=True))


def _busy_queued(plane: DataPlane) -> tuple[int, int]:
    row = plane.world.stations.stations[0]
    return int(row.busy), int(row.queued)


def _arrived(plane: DataPlane) -> int:
    return int(plane.world.recording.counts[..., CountColumn.ARRIVED].sum())


def test_new_servers_admit_those_who_wait_first() -> None:
    plane = _plane()
    plane.advance(10.0)
    busy, queued = _busy_queued(plane)
    assert busy == 0
    assert queued > 100
    plane.set_servers(0, 7)
    assert _busy_queued(plane) == (7, queued - 7)
    requests = plane.world.requests
    is_served = requests["serve_s"] == 10.0
    assert sorted(requests["number"][is_served]) == list(range(7))


def test_servers_taken_away_finish_what_they_do() -> None:
    blueprint = blueprint_of(desk_scenario(20.0, service_time=constant(5.0), max_ongoing_requests=8), 600.0)
    plane = _plane(blueprint)
    plane.advance(4.0)
    assert _busy_queued(plane)[0] == 8
    plane.set_servers(0, 2)
    assert _busy_queued(plane)[0] == 8
    plane.advance(5.5)
    assert 2 <= _busy_queued(plane)[0] < 8
    plane.advance(6.0)
    assert _busy_queued(plane)[0] == 2
    plane.set_servers(0, 0)
    plane.advance(30.0)
    assert _busy_queued(plane)[0] == 0


def test_more_servers_than_buffers_have_room_for() -> None:
    """Each of 3,000 admissions schedules an event: buffers grow between two calls of the command."""
    plane = _plane(blueprint_of(desk_scenario(300.0, replicas=0, max_ongoing_requests=1), 600.0))
    plane.advance(10.0)
    _, queued = _busy_queued(plane)
    assert queued > 2500
    plane.set_servers(0, 10**6)
    assert _busy_queued(plane) == (queued, 0)
    plane.advance(60.0)
    assert plane.world.recording.usage[..., UsageColumn.SUCCEEDED].sum() > queued


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(0.01, 5.0), st.integers(0, 12)), min_size=1, max_size=8))
def test_integrals_follow_the_servers(steps: list[tuple[float, int]]) -> None:
    """Nobody is done in time and many wait: as many are served as there ever were servers."""
    plane = _plane()
    plane.advance(10.0)
    now_s, busy, servers_s, busy_s = 10.0, 0, 0.0, 0.0
    for span_s, servers in steps:
        plane.set_servers(0, servers)
        busy = max(busy, servers)
        now_s += span_s
        plane.advance(now_s)
        servers_s += busy * span_s  # those that are taken away while busy count on
        busy_s += busy * span_s
    plane.set_servers(0, 100)
    plane.advance(now_s + 1.0)
    found = plane.integrals_s()[0]
    assert found[AreaColumn.BUSY_S] == pytest.approx(busy_s + 100.0, rel=1e-9)
    assert found[AreaColumn.SERVERS_S] == pytest.approx(servers_s + 100.0, rel=1e-9)


def test_a_share_of_zero_stops_demand_and_one_brings_it_back() -> None:
    plane = _plane(DEMAND)
    plane.advance(100.0)
    before = _arrived(plane)
    plane.set_share(0, 0.0)
    plane.advance(200.0)
    assert _arrived(plane) == before
    plane.set_share(0, 1.0)
    plane.advance(300.0)
    assert abs(_arrived(plane) - before - 2000) < 5 * 2000**0.5


def test_the_same_share_changes_nothing() -> None:
    plain, told = _plane(DEMAND), _plane(DEMAND)
    for second in range(1, 60):
        told.advance(second * 0.7)
        told.set_share(0, 1.0)
    plain.advance(50.0)
    told.advance(50.0)
    one, other = plain.rows()["arrival_s"], told.rows()["arrival_s"]
    assert np.abs(one - other).max() < 1e-9  # each command re-times the gap under way, to within a rounding


@settings(max_examples=20)
@given(st.lists(st.tuples(st.floats(0.1, 20.0), st.floats(0.0, 1.0)), min_size=1, max_size=8))
def test_a_change_of_share_keeps_every_user_and_stretches_time(steps: list[tuple[float, float]]) -> None:
    """The n-th to arrive is the same at any share: his arrival is where share × time has grown as far."""
    plain, told = _plane(DEMAND), _plane(DEMAND)
    plain.advance(150.0)
    now_s, ends_s, grown_s = 0.0, [0.0], [0.0]
    for span_s, share in steps:
        told.set_share(0, share)
        now_s += span_s
        told.advance(now_s)
        ends_s.append(now_s)
        grown_s.append(grown_s[-1] + share * span_s)
    arrivals_s = told.rows().sort_values("number")["arrival_s"].to_numpy()
    expected_s = plain.rows().sort_values("number")["arrival_s"].to_numpy()[: arrivals_s.size]
    assert np.interp(arrivals_s, ends_s, grown_s) == pytest.approx(expected_s, rel=1e-6, abs=1e-6)
    n_expected = int(np.searchsorted(plain.rows()["arrival_s"], grown_s[-1]))
    assert abs(_arrived(told) - n_expected) <= 1
