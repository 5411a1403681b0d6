"""Closed loops against the reference: the next action of a client begins when its last one has ended, in both alike."""

import numpy as np
import pytest

from simulator.metrics.columns import CountColumn
from tests.differential import closed_loops
from tests.differential.twins import (
    Twins,
    assert_same_measures,
    assert_same_rows,
    assert_same_stations,
    assert_same_totals,
    run_both,
)


@pytest.fixture(
    scope="module",
    params=[
        "office",
        "fewer",
        "more",
        "benchmark",
        "conversations",
        "two_streams_at_once",
    ],
)
def twins(request: pytest.FixtureRequest) -> Twins:
    starts_s = {"fewer": closed_loops.CHANGE_S - 40.0, "more": closed_loops.CHANGE_S + 3540.0}
    scenario = closed_loops.office if request.param in starts_s else getattr(closed_loops, request.param)
    return run_both(scenario(), 90.0, 5, 20.0, starts_s.get(request.param, 3600.0))


def test_every_action_has_the_same_story(twins: Twins) -> None:
    assert_same_rows(twins)


def test_every_counter_measure_and_station_agrees(twins: Twins) -> None:
    assert_same_totals(twins)
    assert_same_measures(twins)
    assert_same_stations(twins)


def test_no_more_are_in_flight_than_there_are_clients() -> None:
    """And without a pause never fewer: 24 ask one replica, 16 of which run and 8 wait."""
    found = run_both(closed_loops.benchmark(), 60.0, 5, 20.0).engine
    assert found.in_flight.tolist() == [24]
    assert found.max_in_system.tolist() == [24]
    ended = found.measured_counts[:, CountColumn.SUCCEEDED].sum()
    assert np.isclose(ended * found.moments[0, 0, 1] / found.moments[0, 0, 0], 24 * 60.0, rtol=0.05)


def test_fewer_clients_come_where_something_keeps_them_away_from_the_start() -> None:
    """A surge of one half began before the first instant: four of eight clients come with it, the others when it is over."""
    twins = run_both(closed_loops.kept_away(), 60.0, 5, start_s=3600.0)
    assert_same_rows(twins)
    assert_same_totals(twins)
