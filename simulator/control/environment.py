"""Where SimPy meets the kernel: before SimPy handles a control event, the data plane is brought up to its time.

At equal times data-plane events come before control actions.
"""

import math
from collections.abc import Generator
from typing import Any

import simpy

from simulator.control.active_effects import ActiveEffects
from simulator.control.data_plane import DataPlane

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

    def step(self) -> None:
        """Advance the data plane to the next control event, then let SimPy handle it."""
        next_s = float(self.peek())
        if next_s < math.inf:  # there is one
            self.plane.advance(next_s)
        super().step()
