"""What goes wrong in the reference: which incidents are under way, and what that means to whoever asks.

Nothing is written into tables: whoever needs a number asks for it at the moment of need, and it is worked out from the
incidents under way. Only what holds requests (stations, caches, buckets) is told when something begins or ends.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time

from simulator.compiler.demand import DemandWindow
from simulator.mechanisms.incidents.base import Lasting, Recurring
from simulator.mechanisms.incidents.caches import CacheFlush
from simulator.mechanisms.incidents.config import Incident
from simulator.mechanisms.incidents.demand import BrokenContract, Surge
from simulator.mechanisms.incidents.losses import Outage, ReplicaLoss, StaffShortage
from simulator.mechanisms.incidents.network import NetworkTrouble
from simulator.mechanisms.incidents.quality import BadRelease, Drift
from simulator.mechanisms.incidents.trouble import (
    ErrorBurst,
    FleetOverload,
    QuotaCut,
    RateLimitStorm,
    Slowdown,
)
from simulator.mechanisms.providers.config import Model
from simulator.mechanisms.queueing.config import Service
from simulator.mechanisms.review.config import Team
from tests.reference import draws
from tests.reference.action import Waiting
from tests.reference.clock import Environment, Kind
from tests.reference.deployment import Deployment, in_region
from tests.reference.pools import PoolStation
from tests.reference.stations import Station

_DAY_S = 86_400.0


@dataclass(eq=False)
class UnderWay:
    """An incident that is happening; `number`: of the one replica that it is about, if it is."""

    incident: Incident
    place: tuple[str, int] | None = None  # region and number of a replica that fails by itself
    taken: tuple[tuple[PoolStation, int], ...] = ()  # replicas of pools that crashed together


class Incidents:
    """Plays the incidents of a scenario, and knows which are under way."""

    def __init__(self, env: Environment, deployment: Deployment, window: DemandWindow, seed: int) -> None:
        self.env = env
        self.deployment = deployment
        self.scenario = deployment.scenario
        self.window = window
        self.seed = seed
        self.under_way: list[UnderWay] = []
        self._n_losses: dict[Station, int] = {}
        for station in deployment.stations.values():
            station.present = lambda planned, station=station: self._present(station, planned)

    # ------------------------------------------------------------------------------------------------ playing

    def start(self) -> None:
        """Let everything happen in its time."""
        for incident in self.scenario.incidents:
            if isinstance(incident, Drift):
                continue
            if isinstance(incident, ReplicaLoss) and incident.mtbf is not None:
                for station in self._stations(incident):
                    for number in range(self._most_replicas(station)):
                        place = station.region, number
                        self.env.process(self._play(incident, place))
            else:
                self.env.process(self._play(incident, None))

    def spans(self, incident: Recurring, *component: str | int) -> Iterator[tuple[float, float]]:
        """Begin and end of every occurrence that is not over before the run."""
        key = draws.name_key(self.seed, "incident", incident.name, *component)
        duration_s = getattr(incident, "duration", None) or 0.0
        if incident.start is not None:
            yield self.window.warmup_s + incident.start, self.window.warmup_s + incident.start + duration_s
        elif incident.every is not None:
            begin_s, number = -duration_s, 0
            while True:
                begin_s += incident.every * draws.exponential(draws.derive(key, number))
                number += 1
                if begin_s + duration_s >= 0.0:
                    yield begin_s, begin_s + duration_s
        elif isinstance(incident, Lasting) and incident.mtbf is not None and incident.mttr is not None:
            begin_s, number = 0.0, 1
            if draws.uniform(draws.derive(key, 0)) >= incident.mttr / (incident.mtbf + incident.mttr):
                begin_s = incident.mtbf * draws.exponential(draws.derive(key, 1))
            while True:
                end_s = begin_s + incident.mttr * draws.exponential(draws.derive(key, number + 1))
                yield begin_s, end_s
                number += 2
                begin_s = end_s + incident.mtbf * draws.exponential(draws.derive(key, number))

    def _play(self, incident: Recurring, place: tuple[str, int] | None) -> Waiting:
        for begin_s, end_s in self.spans(incident, *(place or ())):
            yield self.env.timeout(max(0.0, begin_s - self.env.now), Kind.CHANGE)
            self.env.process(self._happen(UnderWay(incident, place), end_s))

    def _happen(self, happening: UnderWay, end_s: float) -> Waiting:
        incident = happening.incident
        if isinstance(incident, CacheFlush):
            for name, region in self._caches(incident):
                self.deployment.caches[name, region].flush()
            return
        before = {station: station.units for station in self.deployment.stations.values()}
        was_down = {station: self.is_down(station) for station in before}
        self.under_way.append(happening)
        if isinstance(incident, ReplicaLoss) and happening.place is None:
            happening.taken = self._crash(incident)
        self._tell()
        for station, units in before.items():
            self._lose(station, units, was_down[station])
        yield self.env.timeout(max(0.0, end_s - self.env.now), Kind.CHANGE)
        self.under_way.remove(happening)
        self._tell()

    def _tell(self) -> None:
        """Let those that hold requests know what is the case now."""
        for station in self.deployment.stations.values():
            left = math.prod(i.factor for i in self._at(QuotaCut, station))
            for bucket in (station.requests, station.tokens):
                if bucket is not None:
                    bucket.cut(left, self.env.now)
            for limit in station.limits:
                limit.cut(left, self.env.now)
            if isinstance(station, PoolStation):
                for number, replica in enumerate(station.replicas):
                    if replica.state == "OFF" and not self._is_gone(station, number):
                        station.start(number)
            else:
                station.set_servers(station.planned)
        for name, region in self.deployment.caches:
            if self.is_cache_down(name, region):
                self.deployment.caches[name, region].flush()
        for (name, where), limits in self.deployment.quotas.items():
            cuts = [h.incident for h in self.under_way if isinstance(h.incident, QuotaCut)]
            left = math.prod(c.factor for c in cuts if c.target == name and c.region in (None, where))
            for limit in limits:
                limit.cut(left, self.env.now)

    def _crash(self, incident: ReplicaLoss) -> tuple[tuple[PoolStation, int], ...]:
        """Choose the replicas of pools that crash together."""
        return tuple(
            (station, number)
            for station in self._stations(incident)
            if isinstance(station, PoolStation)
            for number in [n for n, r in enumerate(station.replicas) if r.state == "SERVING"][
                : incident.replicas
            ]
        )

    def _lose(self, station: Station, units_before: float, was_down: bool) -> None:
        """Let what was in service on what is gone now end with an error."""
        if isinstance(station, PoolStation):
            for number, replica in enumerate(station.replicas):
                if replica.state == "SERVING" and self._is_gone(station, number):
                    station.lose(number)
        if self.is_down(station) and not was_down:
            if isinstance(station, PoolStation):
                station.lose_line()
            share = 1.0
        elif isinstance(self.deployment.targets[station.target], Service) and station.units < units_before:
            share = 1.0 - station.units / units_before
        else:
            return
        number = self._n_losses.get(station, 0)
        self._n_losses[station] = number + 1
        station.lose_places(share, number, waiting=share == 1.0 and self.is_down(station))

    # ------------------------------------------------------------------------------------------------- asking

    def _at(self, kind: type, station: Station) -> Iterator:  # type: ignore[type-arg]
        """Incidents of a kind that are under way at a station."""
        for happening in self.under_way:
            incident = happening.incident
            if (
                isinstance(incident, kind)
                and incident.target in (None, station.target)
                and getattr(incident, "region", None) in (None, station.region)
            ):
                yield incident

    def _is_person(self, station: Station) -> bool:
        return isinstance(self.deployment.targets[station.target], Team)

    def is_down(self, station: Station) -> bool:
        """Whether everything fails there at once."""
        outages = (outage for outage in self._at(Outage, station) if outage.zone is None)
        return not self._is_person(station) and any(True for _ in outages)

    def refused_share(self, station: Station) -> float:
        """Share that is answered 429 whatever the limits say."""
        return 1.0 - math.prod(1.0 - storm.share for storm in self._at(RateLimitStorm, station))

    def overloaded_share(self, station: Station) -> float:
        """Share of the others that is answered 529."""
        return 1.0 - math.prod(1.0 - one.share for one in self._at(FleetOverload, station))

    def error_rate(self, station: Station, base: float) -> float:
        """Share of what is served that fails."""
        bursts = [burst.share for burst in self._at(ErrorBurst, station)]
        bursts += [release.error_rate for release in self._at(BadRelease, station) if release.target]
        return 1.0 - (1.0 - base) * math.prod(1.0 - burst for burst in bursts) if bursts else base

    def slowness(self, station: Station) -> float:
        """Factor on times of service and per token."""
        return math.prod(slowdown.factor for slowdown in self._at(Slowdown, station))

    def ttft_slowness(self, station: Station) -> float:
        """Factor on times to first token."""
        releases = [1.0 + release.ttft for release in self._at(BadRelease, station) if release.target]
        return self.slowness(station) * math.prod(releases)

    def _troubles(self, region: str, station: Station) -> Iterator[NetworkTrouble]:
        for happening in self.under_way:
            incident = happening.incident
            if isinstance(incident, NetworkTrouble) and region != station.region:
                others = {region, station.region} - {incident.region}
                if len(others) == 1 and incident.to in (None, *others) and not self._is_person(station):
                    yield incident

    def one_way_s(self, region: str, station: Station) -> float:
        """How long the way is now."""
        troubles = list(self._troubles(region, station))
        factor = math.prod(trouble.factor for trouble in troubles)
        extra_s = sum(trouble.extra / 2.0 for trouble in troubles)
        network_s = self.deployment.one_way_s(region, station) * factor + extra_s
        return network_s + self.deployment.outside_s(station)

    def way_loss(self, region: str, station: Station) -> float:
        """Share that is lost on the way."""
        return 1.0 - math.prod(1.0 - trouble.loss for trouble in self._troubles(region, station))

    def is_cache_down(self, name: str, region: str | None) -> bool:
        """Whether an instance of a cache finds nothing; `region`: where it is, None: one for all."""
        for happening in self.under_way:
            incident = happening.incident
            if not isinstance(incident, Outage) or incident.zone is not None:
                continue
            if incident.target in (None, name) and (
                incident.region == region if incident.region is not None else incident.target == name
            ):
                return True
        return False

    def success_shift(self, target: str, workload: str) -> float:
        """What is added to the share of right answers."""
        shift = 0.0
        for happening in self.under_way:
            incident = happening.incident
            if isinstance(incident, BadRelease) and (
                incident.target == target or incident.workload == workload
            ):
                shift += incident.success_rate
        start = datetime.combine(self.scenario.start, time(), UTC)
        age_s = (self.window.start - start).total_seconds() - self.window.warmup_s + self.env.now
        for incident in self.scenario.incidents:
            if isinstance(incident, Drift) and (incident.target == target or incident.workload == workload):
                shift += incident.success_per_week * max(0.0, age_s // _DAY_S) / 7.0
        return shift

    def output_factor(self, workload: str) -> float:
        """Factor on the lengths of answers."""
        return math.prod(
            1.0 + happening.incident.output_tokens
            for happening in self.under_way
            if isinstance(happening.incident, BadRelease) and happening.incident.workload == workload
        )

    def rejected_share(self, workload: str, base: float) -> float:
        """Share that does not meet the data contract."""
        broken = [
            happening.incident.reject
            for happening in self.under_way
            if isinstance(happening.incident, BrokenContract) and happening.incident.workload == workload
        ]
        return 1.0 - (1.0 - base) * math.prod(1.0 - reject for reject in broken) if broken else base

    def surges(
        self, workload: str, region: str, tenant: str, end_s: float
    ) -> list[tuple[float, float, float]]:
        """Begin, end and factor of every surge of a stream."""
        found = []
        for incident in self.scenario.incidents:
            if not isinstance(incident, Surge):
                continue
            is_here = incident.workload in (None, workload) and incident.region in (None, region)
            if is_here and incident.tenant in (None, tenant):
                for begin_s, over_s in self.spans(incident):
                    if begin_s >= end_s:
                        break
                    found.append((max(0.0, begin_s), min(over_s, end_s), incident.factor))
        return found

    # ----------------------------------------------------------------------------------------------- capacity

    def _stations(self, incident: ReplicaLoss) -> list[Station]:
        return [
            station
            for station in self.deployment.stations.values()
            if incident.target == station.target and incident.region in (None, station.region)
        ]

    def _most_replicas(self, station: Station) -> int:
        target = self.deployment.targets[station.target]
        if isinstance(station, PoolStation):
            return station.n_ordinary
        assert isinstance(target, Service)
        return (
            (target.autoscaling.max_replicas if target.autoscaling else 0)
            or in_region(target.replicas, station.region)
            or 0
        )

    def _is_gone(self, station: Station, number: int) -> bool:
        """Whether a replica is gone by itself, with its zone, with others of its pool, or with all."""
        if self.is_down(station):
            return True
        for happening in self.under_way:
            incident = happening.incident
            if (
                isinstance(incident, Outage)
                and incident.zone is not None
                and incident.region == station.region
            ):
                if number % self.scenario.regions[station.region].zones == incident.zone - 1:
                    return True
            elif isinstance(incident, ReplicaLoss) and incident.target == station.target:  # noqa: SIM102
                if happening.place == (station.region, number) or (station, number) in happening.taken:
                    return True
        return False

    def _present(self, station: Station, planned: float) -> tuple[float, float]:
        """Servers that are there of those that are planned, and the units (replicas, people) that they are."""
        target = self.deployment.targets[station.target]
        if isinstance(target, Team):
            short = math.prod(1.0 - shortage.share for shortage in self._at(StaffShortage, station))
            left = planned * short
            people = max(int(left + 1e-9), int(left > 0.0)) if short < 1.0 else planned
            return people, people
        if isinstance(target, Model):
            return planned, math.inf
        per_replica = target.max_ongoing_requests or math.inf
        replicas = in_region(target.replicas, station.region) or 0
        if per_replica < math.inf:
            replicas = int(planned / per_replica)
        if self.is_down(station):
            return 0.0, 0.0
        lost = sum(loss.replicas for loss in self._at(ReplicaLoss, station) if loss.mtbf is None)
        lost += sum(self._is_gone(station, number) for number in range(replicas))
        left = max(0, replicas - lost)
        return (left * per_replica if left else 0.0), left

    def _caches(self, incident: CacheFlush) -> list[tuple[str, str | None]]:
        return [
            (name, region)
            for name, region in self.deployment.caches
            if name == incident.target and incident.region in (None, region)
        ]
