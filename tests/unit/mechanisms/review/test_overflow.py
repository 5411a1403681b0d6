"""A hand-off goes home while home can take it, and else where it goes on soonest."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.mechanisms.codes import TargetKind
from simulator.mechanisms.review import kernel
from simulator.mechanisms.targets import TargetList
from simulator.numerics.events import NONE
from tests.unit.interpreted import interpreted

choose_team = interpreted(kernel.choose_team)


def choose(people: list[tuple[int, int, int]], overflow_above: int = 0) -> int:
    """Place of the chosen one of (on shift, busy, waiting)."""
    listed = TargetList()
    listed.add_target(TargetKind.TEAM)
    for servers, busy, queued in people:
        listed.add_station(0, 0, servers=servers, busy=busy, queued=queued)
    nearest = np.array([*range(len(people)), NONE])
    return int(choose_team(listed.arrays()[0], nearest, overflow_above))


@pytest.mark.parametrize(
    ("people", "overflow_above", "chosen"),
    [
        ([(2, 1, 0), (9, 0, 0)], 0, 0),  # somebody is free at home
        ([(2, 2, 0), (9, 0, 0)], 0, 1),
        ([(2, 2, 1), (9, 0, 0)], 2, 0),  # so few wait that it stays
        ([(2, 2, 2), (9, 0, 0)], 2, 1),
        ([(0, 0, 0), (0, 0, 0), (3, 3, 5)], 9, 2),  # nobody on shift at home
        ([(0, 0, 4), (0, 0, 0)], 0, 0),  # nobody anywhere
        ([(4, 4, 3), (2, 2, 0), (2, 2, 1)], 0, 1),  # (3+1)/4, 1/2, 2/2: who goes on soonest
        ([(4, 4, 1), (2, 2, 0), (2, 2, 1)], 0, 0),  # equally soon at home
        ([(0, 0, 0), (1, 1, 0), (5, 4, 0)], 0, 2),  # free before near
    ],
)
def test_where_a_hand_off_goes(people: list[tuple[int, int, int]], overflow_above: int, chosen: int) -> None:
    assert choose(people, overflow_above) == chosen


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=5),
    st.integers(0, 3),
)
def test_nobody_waits_elsewhere_longer_than_at_home(people: list[tuple[int, int, int]], above: int) -> None:
    rows = [
        (servers, min(busy, servers), queued if busy >= servers else 0) for servers, busy, queued in people
    ]
    chosen = choose(rows, above)
    servers, busy, queued = rows[chosen]
    if chosen != 0:
        assert servers > 0
        home_servers, _, home_queued = rows[0]
        wait = 0.0 if busy < servers else (queued + 1) / servers
        assert home_servers == 0 or wait < (home_queued + 1) / home_servers
