"""Which constant delays a scenario has, and of which events: each gets a lane of the event list."""

import numpy as np
from numpy.typing import NDArray

from simulator.kernel.codes import Event
from simulator.numerics.events import NONE, TYPE_STEP_S

_MAX_LANES = 256  # beyond it the heap serves as well


class LaneList:
    """Numbers events with a delay in the order they are met; without lanes every event goes through the heap."""

    def __init__(self, use_lanes: bool) -> None:
        self._use_lanes = use_lanes
        self._lane_of: dict[tuple[float, Event], int] = {}

    def lane_of(self, delay_s: float, event: Event) -> int:
        """Lane of an event that comes after a constant delay in seconds, or NONE."""
        place = delay_s, event
        if place not in self._lane_of:
            if not self._use_lanes or len(self._lane_of) >= _MAX_LANES:
                return NONE
            self._lane_of[place] = len(self._lane_of)
        return self._lane_of[place]

    def way_out(self, one_way_s: float) -> int:
        """Lane of the way to a station, or NONE; that of the way back is the next one."""
        lane = self.lane_of(one_way_s, Event.REACHED)
        if lane != NONE and self.lane_of(one_way_s, Event.ANSWERED) != lane + 1:
            return NONE
        return lane

    def delays_s(self) -> NDArray[np.float64]:
        """Delay of every lane with the offset of its event, float64[lane]."""
        return np.array([delay_s + TYPE_STEP_S * event for delay_s, event in self._lane_of], dtype=np.float64)
