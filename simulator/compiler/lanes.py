"""Which constant delays a scenario has: each gets a lane of the event list."""

import numpy as np
from numpy.typing import NDArray

from simulator.numerics.events import NONE

_MAX_LANES = 256  # beyond it the heap serves as well


class LaneList:
    """Numbers delays in the order they are met; without lanes every event goes through the heap."""

    def __init__(self, use_lanes: bool) -> None:
        self._use_lanes = use_lanes
        self._lane_of: dict[float, int] = {}

    def lane_of(self, delay_s: float) -> int:
        """Lane of a constant delay in seconds, or NONE."""
        if delay_s not in self._lane_of:
            if not self._use_lanes or len(self._lane_of) == _MAX_LANES:
                return NONE
            self._lane_of[delay_s] = len(self._lane_of)
        return self._lane_of[delay_s]

    def delays_s(self) -> NDArray[np.float64]:
        """Delay of every lane, float64[lane]."""
        return np.array(list(self._lane_of), dtype=np.float64)
