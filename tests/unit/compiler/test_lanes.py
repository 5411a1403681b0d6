"""One lane for each constant delay, in the order they are met; beyond the limit the heap serves as well."""

from simulator.compiler.lanes import LaneList
from simulator.numerics.events import NONE


def test_a_delay_keeps_its_lane() -> None:
    lanes = LaneList(use_lanes=True)
    assert [lanes.lane_of(delay_s) for delay_s in (3.0, 0.5, 3.0, 0.25, 0.5)] == [0, 1, 0, 2, 1]
    assert lanes.delays_s().tolist() == [3.0, 0.5, 0.25]


def test_delays_beyond_the_limit_go_through_the_heap() -> None:
    lanes = LaneList(use_lanes=True)
    found = [lanes.lane_of(float(delay_s)) for delay_s in range(300)]
    assert found == [*range(256), *[NONE] * 44]
    assert lanes.lane_of(7.0) == 7
    assert lanes.delays_s().size == 256


def test_without_lanes_everything_does() -> None:
    lanes = LaneList(use_lanes=False)
    assert lanes.lane_of(1.0) == NONE
    assert lanes.delays_s().size == 0
