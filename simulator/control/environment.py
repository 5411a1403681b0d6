"""Where SimPy meets the kernel: before SimPy handles a control event, the data plane is brought up to its time.

In one instant data-plane events come first, then what changes, then who looks at it: a check that falls into the instant
in which a region goes down finds it down. Times closer than `INSTANT_S` are one instant, whatever rounding makes of them.
"""

import math
from collections.abc import Generator
from typing import Any

import simpy

from simulator.control.active_effects import ActiveEffects
from simulator.control.data_plane import DataPlane
from simulator.numerics.events import INSTANT_S

Process = Generator[simpy.Event, Any, None]


class Environment(simpy.Environment):
    """A SimPy environment whose clock pulls the data plane along.

    Any SimPy process sees the data plane as it is at its own `env.now`.

    Attributes
    ----------
    plane : the data plane, in seconds since the start of the warm-up
    effects : base values of the data plane, and the effects of incidents on top of them
    """

    def __init__(self, plane: DataPlane) -> None:
        super().__init__()
        self.plane = plane
        self.effects = ActiveEffects(plane)
        self._looks: set[simpy.Event] = set()

    def look(self, delay_s: float) -> simpy.Event:
        """Event that happens after a delay, behind all changes of its instant: for who watches and decides."""
        event = self.timeout(delay_s + INSTANT_S)
        self._looks.add(event)
        return event

    def step(self) -> None:
        """Advance the data plane to the next control event, then let SimPy handle it."""
        next_s = float(self.peek())
        if next_s < math.inf:  # there is one
            _, priority, number, event = self._queue[0]
            if event in self._looks:
                self._looks.remove(event)
                next_s = max(self.now, next_s - INSTANT_S)
                self._queue[0] = (next_s, priority, number, event)  # stays the first
            if next_s > 0.0:  # what holds from the start on holds for those who come with it
                self.plane.advance(next_s)
        super().step()
