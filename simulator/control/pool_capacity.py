"""Replicas of a pool as they should be, less what is missing: crashed, or taken back by whoever lends spot capacity."""

from collections.abc import Sequence

from simulator.control.capacity import Missing
from simulator.control.capacity_meter import CapacityMeter
from simulator.control.data_plane import DataPlane
from simulator.mechanisms.replicas.codes import ReplicaState


class PoolCapacity:
    """Replicas of a pool in one region, each of which should serve, drain, or be off.

    Parameters
    ----------
    gone : books replicas that are paid and do not serve
    gone_spot : books those of them that run on spot
    """

    def __init__(self, plane: DataPlane, station: int, gone: CapacityMeter, gone_spot: CapacityMeter) -> None:
        self._plane = plane
        self._station = station
        self._meter = gone
        self._spot_meter = gone_spot
        self._wanted = plane.replica_states(station)
        self._first = min(self._wanted, default=0)
        self._taken: dict[int, list[int]] = {}  # replicas, by crash of several together
        self._crashed: set[int] = set()
        self._noticed: set[int] = set()  # on spot, and about to be taken back
        self._reclaimed: set[int] = set()  # taken back, and not there again
        self._starting: set[int] = set()  # paid, and not serving yet
        self._stand_in_of: dict[int, int] = {}  # replica on demand by the one on spot whose place it takes
        self._set_aside: set[int] = set()
        self.spot: tuple[int, ...] = ()
        self.missing = Missing()

    def lend(self, spot: Sequence[int], stand_ins: Sequence[int]) -> None:
        """Let replicas of these numbers be on spot, and others be kept for when they are taken back."""
        self.spot = tuple(map(self.replica, spot))
        self._set_aside = set(map(self.replica, stand_ins))

    def replica(self, number: int) -> int:
        """The replica of this number, of those in the region."""
        return self._first + number

    def startable(self) -> list[int]:
        """Replicas that may be started: those that are off, then those that drain."""
        away = self._gone | self._noticed | self._set_aside
        present = [replica for replica in self._wanted if replica not in away]
        states = (ReplicaState.OFF, ReplicaState.DRAINING)
        return [replica for state in states for replica in present if self._wanted[replica] == state]

    def stoppable(self) -> list[int]:
        """Replicas that should serve: first of all those that are gone, then those with the least to do."""
        serving = [replica for replica in self._wanted if self._should_serve(replica)]
        return sorted(
            (replica for replica in serving if replica not in self._set_aside),
            key=lambda replica: (replica not in self._gone, self._plane.outstanding(replica), -replica),
        )

    def plan(self, replica: int, state: ReplicaState) -> None:
        """A replica should be in this state from now on."""
        is_gone = replica in self._gone
        self._wanted[replica] = ReplicaState.OFF if is_gone and state == ReplicaState.DRAINING else state
        if not is_gone:
            is_leaving = replica in self._noticed and state == ReplicaState.SERVING
            self._plane.set_replica_state(replica, ReplicaState.DRAINING if is_leaving else state)
        if state != ReplicaState.SERVING:
            self._starting.discard(replica)
            self._dismiss(replica)
        self._note_gone()

    # ------------------------------------------------------------------------------------------------- crashes

    def crash(self, number: int, replicas: int) -> None:
        """So many of those that serve crash together: the first ones; `number` is that of the crash."""
        serving = [
            replica for replica in self._wanted if self._should_serve(replica) and replica not in self._gone
        ]
        self._taken[number] = serving[:replicas]

    def repair(self, number: int) -> None:
        """The crash of that number is over."""
        del self._taken[number]

    def update(self) -> float:
        """Let what is missing now be gone, with all that ran on it, and what is no longer missing serve again.

        Returns the share of what is in service elsewhere that is lost with it: nothing.
        """
        crashed = {replica for taken in self._taken.values() for replica in taken}
        crashed |= {self._first + number for number in self.missing.numbers}
        if self.missing.outages:
            crashed = set(self._wanted)
        before, self._crashed = self._gone, crashed
        self._follow(before)
        return 0.0

    # ---------------------------------------------------------------------------------------------------- spot

    def is_held(self, replica: int) -> bool:
        """Whether a replica on spot is there to be taken back."""
        return self._should_serve(replica) and replica not in self._reclaimed

    def notice(self, replica: int) -> None:
        """A replica on spot will be taken back: it takes nothing new, and what waits for it goes to others."""
        self._noticed.add(replica)
        if replica not in self._gone:
            self._plane.set_replica_state(replica, ReplicaState.DRAINING)

    def reclaim(self, replica: int) -> None:
        """It is taken back, with all that still runs on it."""
        before = self._gone
        self._noticed.discard(replica)
        self._reclaimed.add(replica)
        self._follow(before)

    def pay_start(self, replica: int) -> None:
        """Another one starts in the place of what was taken back; it is paid from now on."""
        if self._should_serve(replica):
            self._starting.add(replica)
            self._note_gone()

    def give_back(self, replica: int) -> None:
        """It serves, and whoever stood in for it ends what it runs."""
        before = self._gone
        self._reclaimed.discard(replica)
        self._starting.discard(replica)
        self._follow(before)
        self._dismiss(replica)

    def order(self, replica: int, stand_in: int) -> None:
        """A replica on demand starts, to stand in for one on spot."""
        self._stand_in_of[replica] = stand_in
        self._starting.add(stand_in)
        self._note_gone()

    def employ(self, replica: int) -> None:
        """Let the one that was ordered for a replica serve, if it is still needed."""
        stand_in = self._stand_in_of.get(replica)
        if stand_in in self._starting:
            self._starting.discard(stand_in)
            self.plan(stand_in, ReplicaState.SERVING)

    def _dismiss(self, replica: int) -> None:
        stand_in = self._stand_in_of.pop(replica, None)
        if stand_in is None:
            return
        if stand_in in self._starting:
            self._starting.discard(stand_in)
            self._note_gone()
        else:
            self.plan(stand_in, ReplicaState.DRAINING)

    # ------------------------------------------------------------------------------------------------- in place

    @property
    def _gone(self) -> set[int]:
        return self._crashed | self._reclaimed

    def _should_serve(self, replica: int) -> bool:
        return self._wanted[replica] == ReplicaState.SERVING

    def _follow(self, before: set[int]) -> None:
        """Lose what is gone and was not before; let what is there again serve."""
        gone = self._gone
        for replica in sorted(gone - before):
            if self._wanted[replica] == ReplicaState.DRAINING:
                self._wanted[replica] = ReplicaState.OFF
            self._plane.set_replica_state(replica, ReplicaState.OFF)
        for replica in sorted(before - gone):
            if self._should_serve(replica):
                is_leaving = replica in self._noticed
                state = ReplicaState.DRAINING if is_leaving else ReplicaState.SERVING
                self._plane.set_replica_state(replica, state)
        self._note_gone()

    def _note_gone(self) -> None:
        """Book what is paid and does not serve: crashed replicas that should, and those that start."""
        crashed = {replica for replica in self._crashed - self._reclaimed if self._should_serve(replica)}
        paid = crashed | self._starting
        now_s = self._plane.now_s
        self._meter.set(self._station, len(paid), now_s)
        self._spot_meter.set(self._station, len(paid.intersection(self.spot)), now_s)
