"""Time in the reference: what an event brings about is over before the next event of the same instant begins."""

from typing import Any

import simpy

_LAST = 2  # behind whatever follows at once, which has simpy's priorities 0 and 1


class Environment(simpy.Environment):
    """Where several things happen in one instant, each one's story is told to its next pause before the next begins.

    SimPy alone goes round: a story that passes through more processes falls behind. Then who of two stands in line first
    would depend on how the program is written.
    """

    def timeout(self, delay: float = 0.0, value: Any = None) -> simpy.Event:  # type: ignore[override]
        """Event that happens after a delay."""
        return self.later(self.event(), value, delay)

    def later(self, event: simpy.Event, value: Any = None, delay: float = 0.0) -> simpy.Event:
        """Let an event happen, though not before what has begun is over."""
        event._ok = True
        event._value = value
        self.schedule(event, priority=_LAST, delay=delay)  # type: ignore[arg-type]
        return event
