"""The data plane as control sees it: however it is advanced it is the same, and what is read is up to date."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.control import data_plane
from simulator.control.data_plane import Cancelled, DataPlane
from simulator.kernel.memory import INITIAL_ROWS
from simulator.metrics.columns import AreaColumn
from tests.unit.kernel.desk import blueprint_of, desk_scenario

END_S = 60.0
BLUEPRINT = blueprint_of(desk_scenario(5.0, max_ongoing_requests=4), END_S)


def _advanced(*times_s: float) -> DataPlane:
    plane = DataPlane(BLUEPRINT.world(1, keeps_rows=True))
    for time_s in times_s:
        plane.advance(time_s)
    return plane


@settings(max_examples=40)
@given(st.lists(st.floats(0.0, END_S), max_size=20))
def test_it_is_the_same_however_it_is_advanced(times_s: list[float]) -> None:
    one, other = _advanced(END_S), _advanced(*sorted(times_s), END_S)
    assert one.rows().equals(other.rows())
    assert one.in_system(0) == other.in_system(0)
    assert one.integrals_s() == pytest.approx(other.integrals_s(), rel=1e-12)


def test_to_advance_to_the_same_time_again_changes_nothing() -> None:
    plane = _advanced(30.0)
    before = plane.integrals_s().tolist()
    plane.advance(30.0)
    assert plane.integrals_s().tolist() == before


def test_integrals_are_those_of_the_requests() -> None:
    """Time in the system is the area under the number there, and the sum of what each has spent (Little's law)."""
    plane = _advanced(END_S)
    areas_s = plane.integrals_s()[0]
    rows = plane.rows()
    spent_s = (rows["end_s"] - rows["arrival_s"]).sum()
    n_there = plane.in_system(0)
    assert n_there > 0
    assert areas_s[AreaColumn.IN_SYSTEM_S] == pytest.approx(areas_s[AreaColumn.SOJOURN_S], rel=1e-9)
    assert spent_s < areas_s[AreaColumn.SOJOURN_S] < spent_s + n_there * END_S
    assert areas_s[AreaColumn.SERVERS_S] == pytest.approx(4 * END_S, rel=1e-12)
    assert plane.servers(0) == 4


def test_more_rows_than_fit_at_once_are_all_kept() -> None:
    blueprint = blueprint_of(desk_scenario(1000.0, max_ongoing_requests=None), 70.0)
    plane = DataPlane(blueprint.world(1, keeps_rows=True))
    plane.advance(70.0)
    rows = plane.rows()
    assert len(rows) > INITIAL_ROWS
    numbers = sorted(rows["number"])
    assert len(set(numbers)) == len(numbers)
    assert rows["end_s"].is_monotonic_increasing
    assert len(plane.rows()) == len(rows)


def test_a_cancelled_run_stops_after_a_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slice that took too long is halved, so that the next look comes sooner."""
    monkeypatch.setattr(data_plane, "_SLICE_WALL_S", 0.0)
    seen_s: list[float] = []

    def watch(now_s: float) -> None:
        seen_s.append(now_s)
        if now_s > 11.0:
            raise Cancelled

    plane = DataPlane(BLUEPRINT.world(1), watch)
    plane.advance(10.0)
    with pytest.raises(Cancelled):
        plane.advance(END_S)
    assert float(plane.world.events.head["now_s"][0]) < END_S
    assert seen_s == sorted(seen_s)
