"""One lane for each constant delay, in the order they are met; beyond the limit the heap serves as well."""

from simulator.compiler.lanes import LaneList
from simulator.kernel.codes import Event
from simulator.numerics.events import NONE, TYPE_STEP_S


def test_a_delay_keeps_its_lane() -> None:
    lanes = LaneList(use_lanes=True)
    assert [lanes.lane_of(delay_s, Event.SERVED) for delay_s in (3.0, 0.5, 3.0, 0.25, 0.5)] == [0, 1, 0, 2, 1]
    assert lanes.delays_s().tolist() == [delay_s + TYPE_STEP_S * Event.SERVED for delay_s in (3.0, 0.5, 0.25)]


def test_delays_beyond_the_limit_go_through_the_heap() -> None:
    lanes = LaneList(use_lanes=True)
    found = [lanes.lane_of(float(delay_s), Event.SERVED) for delay_s in range(300)]
    assert found == [*range(256), *[NONE] * 44]
    assert lanes.lane_of(7.0, Event.SERVED) == 7
    assert lanes.delays_s().size == 256


def test_without_lanes_everything_does() -> None:
    lanes = LaneList(use_lanes=False)
    assert lanes.lane_of(1.0, Event.SERVED) == NONE
    assert lanes.delays_s().size == 0


def test_events_of_one_delay_have_lanes_apart_and_the_way_back_comes_after_the_way_out() -> None:
    lanes = LaneList(use_lanes=True)
    assert [lanes.lane_of(0.5, event) for event in (Event.SERVED, Event.TRY_TIMEOUT)] == [0, 1]
    assert lanes.way_out(0.5) == 2
    assert lanes.lane_of(0.5, Event.ANSWERED) == 3
    kinds = [Event.SERVED, Event.TRY_TIMEOUT, Event.REACHED, Event.ANSWERED]
    assert lanes.delays_s().tolist() == [0.5 + TYPE_STEP_S * kind for kind in kinds]
