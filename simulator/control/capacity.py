"""Capacity as it should be, less what is missing: replicas of services, people, and whole stations that are down.

Whoever plans capacity (an autoscaler, a shift) says what there should be; incidents say what of it is missing. What
there is follows from both at every change, so that nothing is left of an incident when it is over.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.control.data_plane import DataPlane
from simulator.mechanisms.review.shifts import whole_people


@dataclass
class Missing:
    """What of a station is missing now."""

    outages: int = 0
    replicas: int = 0  # anonymous ones, that crashed together
    numbers: set[int] = field(default_factory=set)  # replicas that crashed by themselves, or with their zone
    shortage: float = 0.0  # share of people

    def left_of(self, units: int) -> int:
        """Replicas, or people, that are there of those that should be."""
        if self.outages:
            return 0
        lost = self.replicas + sum(number < units for number in self.numbers)
        left = max(0, units - lost)
        return whole_people(left * (1.0 - self.shortage)) if self.shortage > 0.0 else left


class UnitCapacity:
    """Replicas of a service, or people of a team, in one region: so many servers each."""

    def __init__(
        self, plane: DataPlane, station: int, servers_of: Callable[[int], int], units: int = 0
    ) -> None:
        self._plane = plane
        self._station = station
        self._servers_of = servers_of
        self._units = self._present = units
        self.missing = Missing()

    @property
    def units(self) -> int:
        """How many there should be."""
        return self._units

    def plan(self, units: int) -> None:
        """There should be so many from now on; who is served by one that goes is served to the end."""
        self._units = units
        self._present = self.missing.left_of(units)
        self._plane.set_servers(self._station, self._servers_of(self._present))

    def update(self) -> float:
        """Let what is missing now be gone; returns the share of what is in service that is lost with it.

        People who leave end what they do.
        """
        before, self._present = self._present, self.missing.left_of(self._units)
        self._plane.set_servers(self._station, self._servers_of(self._present))
        is_loss = self._present < before and self.missing.shortage == 0.0
        return 1.0 - self._present / before if is_loss else 0.0
