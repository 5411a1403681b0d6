"""Time in the reference: what happens in one instant has an order, and each story is told to its next pause.

Times that differ by less than ten nanoseconds are one instant: sums of the same delays in another order.
"""

from enum import IntEnum
from typing import Any

import simpy

SAME_S = 1e-8
_STEP_S = 1e-9
_LAST = 2  # behind whatever follows at once, which has simpy's priorities 0 and 1


class Kind(IntEnum):
    """Kinds of events, in the order in which those of one instant come."""

    STEP = 0  # of a replica
    SERVED = 2
    ANSWERED = 3
    DELAYED = 4
    THOUGHT = 5
    ASKED_AGAIN = 6
    RETRY = 7
    ARRIVAL = 8
    REACHED = 9
    PATIENCE = 10
    HEDGE = 11
    TRY_TIMEOUT = 12
    TURN_TIMEOUT = 13
    CHANGE = 14  # of capacity, or by an incident
    LOOK = 15  # at what has changed
    END = 16  # of the warm-up, or of the window


class Environment(simpy.Environment):
    """Where several things happen in one instant, each one's story is told to its next pause before the next begins.

    SimPy alone goes round: a story that passes through more processes falls behind. Then who of two stands in line first
    would depend on how the program is written. An event is scheduled behind its time by its kind, and happens at its time.
    """

    def __init__(self) -> None:
        super().__init__()
        self._behind_s: dict[simpy.Event, float] = {}

    def timeout(  # type: ignore[override]
        self, delay: float, kind: Kind, value: Any = None
    ) -> simpy.Event:
        """Event of a kind that happens after a delay."""
        return self.later(self.event(), kind, value, delay)

    def later(self, event: simpy.Event, kind: Kind, value: Any = None, delay: float = 0.0) -> simpy.Event:
        """Let an event happen, though not before what has begun is over."""
        event._ok = True
        event._value = value
        self._behind_s[event] = _STEP_S * kind
        self.schedule(event, priority=_LAST, delay=delay + _STEP_S * kind)  # type: ignore[arg-type]
        return event

    def step(self) -> None:
        """Let the next event happen, at its time or now if that is past."""
        if self._queue:
            time_s, priority, number, event = self._queue[0]
            due_s = max(self.now, time_s - self._behind_s.pop(event, 0.0))
            self._queue[0] = (due_s, priority, number, event)
        super().step()

    def run_to(self, time_s: float) -> None:
        """Let everything happen up to the end of an instant."""
        self.run(until=self.timeout(time_s - self.now, Kind.END))
