"""Capacity as it should be, less what is missing: replicas, people, and whole stations that are down.

Whoever plans capacity (an autoscaler, a shift) says what there should be; incidents say what of it is missing. What
there is follows from both anew at every change, so that nothing is left of an incident when it is over.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.control.data_plane import DataPlane
from simulator.control.meter import ReplicaMeter
from simulator.mechanisms.replicas.codes import ReplicaState


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
        return round(left * (1.0 - self.shortage)) if self.shortage > 0.0 else left


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


class PoolCapacity:
    """Replicas of a pool in one region, each of which should serve, drain, or be off."""

    def __init__(self, plane: DataPlane, station: int, gone: ReplicaMeter) -> None:
        self._plane = plane
        self._station = station
        self._meter = gone
        self._wanted = plane.replica_states(station)
        self._first = min(self._wanted, default=0)
        self._taken: dict[int, list[int]] = {}  # replicas, by crash of several together
        self._gone: set[int] = set()
        self.missing = Missing()

    def startable(self) -> list[int]:
        """Replicas that may be started: those that are off, then those that drain."""
        present = [replica for replica in self._wanted if replica not in self._gone]
        states = (ReplicaState.OFF, ReplicaState.DRAINING)
        return [replica for state in states for replica in present if self._wanted[replica] == state]

    def stoppable(self) -> list[int]:
        """Replicas that should serve: first of all those that are gone, then those with the least to do."""
        serving = [replica for replica, state in self._wanted.items() if state == ReplicaState.SERVING]
        return sorted(
            serving,
            key=lambda replica: (replica not in self._gone, self._plane.outstanding(replica), -replica),
        )

    def plan(self, replica: int, state: ReplicaState) -> None:
        """A replica should be in this state from now on."""
        is_gone = replica in self._gone
        self._wanted[replica] = ReplicaState.OFF if is_gone and state == ReplicaState.DRAINING else state
        if not is_gone:
            self._plane.set_replica_state(replica, state)
        self._note_gone()

    def crash(self, number: int, replicas: int) -> None:
        """So many of those that serve crash together: the first ones; `number` is that of the crash."""
        serving = [
            replica
            for replica, state in self._wanted.items()
            if state == ReplicaState.SERVING and replica not in self._gone
        ]
        self._taken[number] = serving[:replicas]

    def repair(self, number: int) -> None:
        """The crash of that number is over."""
        del self._taken[number]

    def update(self) -> float:
        """Let what is missing now be gone, with all that ran on it, and what is no longer missing serve again.

        Returns the share of what is in service elsewhere that is lost with it: nothing.
        """
        gone = {replica for taken in self._taken.values() for replica in taken}
        gone |= {self._first + number for number in self.missing.numbers}
        if self.missing.outages:
            gone = set(self._wanted)
        before, self._gone = self._gone, gone
        for replica in sorted(gone - before):
            if self._wanted[replica] == ReplicaState.DRAINING:
                self._wanted[replica] = ReplicaState.OFF
            self._plane.set_replica_state(replica, ReplicaState.OFF)
        for replica in sorted(before - gone):
            if self._wanted[replica] == ReplicaState.SERVING:
                self._plane.set_replica_state(replica, ReplicaState.SERVING)
        self._note_gone()
        return 0.0

    def _note_gone(self) -> None:
        """Book replicas that should serve and do not: they are paid like those that do."""
        n_gone = sum(self._wanted[replica] == ReplicaState.SERVING for replica in self._gone)
        self._meter.set(self._station, n_gone, self._plane.now_s)
