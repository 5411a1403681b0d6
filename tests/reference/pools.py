"""Pools in the reference: a station of replicas, each a process that goes from boundary to boundary."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import simpy

from simulator.mechanisms.replicas.config import Pool
from simulator.mechanisms.replicas.profile import Profile
from tests.reference.action import Waiting
from tests.reference.clock import Environment, Kind
from tests.reference.replica import Replica, Sequence
from tests.reference.stations import Station


@dataclass(eq=False)
class Visit:
    """A request at a pool."""

    sequence: Sequence
    replica: "RunningReplica | None"
    arrived_s: float
    ended: simpy.Event  # succeeds with the last token, or when the replica is lost
    granted_s: float = math.inf


class RunningReplica(Replica):
    """A replica on the clock."""

    def __init__(self, env: Environment, profile: Profile, pool: Pool, n_blocks: int) -> None:
        super().__init__(
            profile,
            pool.batch_limits.max_num_seqs,
            pool.batch_limits.max_num_batched_tokens,
            n_blocks,
            pool.prefix_caching,
            not pool.chunked_prefill,
        )
        self.env = env
        self.state = "SERVING"
        self.is_stepping = False
        self.busy_area_s = 0.0
        self.boundary_s = 0.0
        self.visits: dict[Sequence, Visit] = {}

    def enter(self, visit: Visit, station: "PoolStation") -> None:
        """Stand in line; an idle replica begins at once."""
        self.visits[visit.sequence] = visit
        self.join(visit.sequence)
        if not self.is_stepping:
            self.is_stepping = True
            self.process = self.env.process(self._step(station, self._begin(station)))

    def _begin(self, station: "PoolStation") -> float | None:
        span_s = self.begin_iteration(self.env.now)
        for sequence in self.running:
            visit = self.visits[sequence]
            if visit.granted_s == math.inf:
                visit.granted_s = self.env.now
                station.granted(visit)
        self.boundary_s = self.env.now
        return span_s

    def _step(self, station: "PoolStation", span_s: float | None) -> Waiting:
        while span_s is not None:
            try:
                yield self.env.timeout(span_s, Kind.STEP)
            except simpy.Interrupt:
                self.busy_area_s += self.env.now - self.boundary_s
                self.is_stepping = False
                return
            self.busy_area_s += span_s
            station.account()
            for sequence in self.end_iteration(self.env.now):
                visit = self.visits.pop(sequence)
                station.visits.remove(visit)
                visit.ended.succeed("SUCCEEDED")
            if self.state == "DRAINING" and not self.running:
                self.state = "OFF"
            span_s = self._begin(station)
        self.is_stepping = False

    def lose(self, station: "PoolStation") -> None:
        """Everything on it ends with an error."""
        self.state = "OFF"
        if self.is_stepping:
            self.process.interrupt()
        station.account()
        running = sorted(self.running, key=lambda sequence: sequence.priority)[::-1]
        for sequence in [*running, *self.waiting[0], *self.waiting[1]]:
            if not sequence.is_aborted:
                visit = self.visits.pop(sequence)
                station.visits.remove(visit)
                station.env.later(visit.ended, Kind.ANSWERED, "ERRORS")
        self.running, self.waiting = [], [[], []]
        self.forget_all()

    def busy_s(self) -> float:
        """Time spent in iterations up to now."""
        return self.busy_area_s + (self.env.now - self.boundary_s if self.is_stepping else 0.0)


class PoolStation(Station):
    """A pool in one region, in the place of a station with servers."""

    def __init__(
        self,
        env: Environment,
        target: str,
        region: str,
        pool: Pool,
        profile: Profile,
        replicas: int,
        **limits: Any,
    ) -> None:
        super().__init__(env, target, region, **limits)
        self.pool = pool
        self._profile = profile
        self.outside_s = profile.request_s / 2.0
        kv_tokens = profile.kv_tokens if pool.kv_cache_tokens == "auto" else pool.kv_cache_tokens
        self.n_blocks = kv_tokens // 16
        self.limit_tokens = min(pool.max_model_len or profile.max_model_len, self.n_blocks * 16)
        self.replicas = [RunningReplica(env, profile, pool, self.n_blocks) for _ in range(replicas)]
        self.n_ordinary = replicas
        self.visits: list[Visit] = []
        self.line: list[list[Visit]] = [[], []]  # who waits for a replica to serve
        self.on_grant: Callable[[tuple[str, str], float], None] | None = None
        self._turn = 0

    def keep_aside(self, replicas: int) -> None:
        """Replicas that may stand in for others, off until then."""
        for _ in range(replicas):
            self.replicas.append(RunningReplica(self.env, self._profile, self.pool, self.n_blocks))
            self.replicas[-1].state = "OFF"

    @property
    def servers(self) -> float:  # type: ignore[override]
        """Seats of those that serve."""
        return len(self._serving()) * self.pool.batch_limits.max_num_seqs

    @servers.setter
    def servers(self, value: float) -> None:
        assert value == math.inf

    @property
    def busy(self) -> int:  # type: ignore[override]
        """Who runs, preempted ones not counted."""
        running = {sequence for replica in self.replicas for sequence in replica.running}
        return sum(visit.sequence in running for visit in self.visits)

    @busy.setter
    def busy(self, value: int) -> None:
        assert value == 0

    @property
    def queued(self) -> int:
        """Who waits."""
        return len(self.visits) - self.busy

    def account(self) -> None:
        """Bring the integrals up to now."""
        self.in_system_area_s += len(self.visits) * (self.env.now - self._account_s)
        self.busy_area_s = sum(replica.busy_s() for replica in self.replicas)
        self._account_s = self.env.now

    def granted(self, visit: Visit) -> None:
        """A visit runs for the first time."""
        assert self.on_grant is not None
        self.on_grant((self.target, self.region), self.env.now - visit.arrived_s)

    def visit(self, sequence: Sequence) -> Visit | None:
        """Send a sequence to a replica, or to nobody when the queue is full."""
        free = [
            replica
            for replica in self._serving()
            if not any(replica.waiting) and len(replica.running) < self.pool.batch_limits.max_num_seqs
        ]
        if self.queued >= self.longest_queue and not free:
            return None
        self.account()
        visit = Visit(sequence, None, self.env.now, self.env.event())
        self.visits.append(visit)
        self.max_in_system = max(self.max_in_system, len(self.visits))
        self._dispatch(visit)
        return visit

    def _dispatch(self, visit: Visit) -> None:
        if not self._serving():
            visit.replica = None
            self.line[visit.sequence.priority].append(visit)
            return
        visit.replica = self._choose(visit.sequence)
        visit.replica.enter(visit, self)

    def _serving(self) -> list[RunningReplica]:
        return [replica for replica in self.replicas if replica.state == "SERVING"]

    def start(self, number: int) -> None:
        """Let a replica serve, beginning with what waits for one."""
        self.replicas[number].state = "SERVING"
        line, self.line = self.line[0] + self.line[1], [[], []]
        for visit in line:
            self._dispatch(visit)

    def drain(self, number: int) -> None:
        """Send what waits elsewhere; what runs is run to its end."""
        replica = self.replicas[number]
        replica.state = "DRAINING" if replica.running else "OFF"
        line, replica.waiting = replica.waiting[0] + replica.waiting[1], [[], []]
        for sequence in line:
            self._dispatch(replica.visits.pop(sequence))

    def lose(self, number: int) -> None:
        """Everything on a replica ends with an error."""
        self.replicas[number].lose(self)

    def lose_line(self) -> None:
        """Those who wait for a replica to serve end with an error."""
        self.account()
        for visit in sorted(self.line[0] + self.line[1], key=lambda visit: visit.arrived_s):
            self.visits.remove(visit)
            self.env.later(visit.ended, Kind.ANSWERED, "ERRORS")
        self.line = [[], []]

    def lose_places(self, share: float, number: int, *, waiting: bool) -> None:
        """Whoever was there has gone with the replicas."""

    def _choose(self, sequence: Sequence) -> RunningReplica:
        serving = self._serving()
        fewest = min(serving, key=lambda replica: replica.outstanding)
        if self.pool.load_balancing == "round-robin":
            chosen = serving[self._turn % len(serving)]
            self._turn += 1
            return chosen
        if self.pool.load_balancing == "prefix-affinity":
            best = max(serving, key=lambda replica: replica.cached_tokens(sequence))
            mean = sum(replica.outstanding for replica in serving) / len(serving)
            if best.cached_tokens(sequence) > 0 and best.outstanding <= 1.25 * mean + 2.0:
                return best
        return fewest

    def abandon(self, visit: Visit) -> None:
        """The request is gone: out of the queue at once, out of the batch at its next boundary."""
        self.account()
        self.visits.remove(visit)
        if visit.replica is None:
            self.line[visit.sequence.priority].remove(visit)
            return
        line = visit.replica.waiting[visit.sequence.priority]
        if visit.sequence in line:
            line.remove(visit.sequence)
        else:
            visit.sequence.is_aborted = True
