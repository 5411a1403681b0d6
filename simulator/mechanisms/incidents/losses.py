"""What serves is gone: a target or a region is down, replicas crash, people are missing."""

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from simulator.mechanisms.incidents.base import ONLY_IN_REGION, Lasting, at_stations
from simulator.mechanisms.incidents.codes import Aspect, Effect
from simulator.mechanisms.incidents.places import Component, Places, ScenarioFacts, Shortcoming, TargetKind
from simulator.units import Count, Share


class Outage(Lasting):
    """A target, a cache, or all that runs in a region is down: attempts fail at once, those in flight are lost.

    Caches of a region come back empty. People are no machines: see `staff`.
    """

    targets = ("service", "hosted model", "pool", "cache")
    instead: ClassVar[Mapping[TargetKind, str]] = {"team": "use `staff`"}

    kind: Literal["outage"]
    target: str | None = Field(
        default=None, description="Model, service or cache; none: all of them in `region`."
    )
    region: str | None = Field(default=None, description=ONLY_IN_REGION)
    zone: Count | None = Field(
        default=None,
        ge=1,
        description="Only what stands in this zone of `region`, from 1 to its `zones`: every pool and service loses the "
        "replicas there.",
    )

    @model_validator(mode="after")
    def _some_place(self) -> "Outage":
        if self.target is None and self.region is None:
            raise ValueError("give `target`, `region`, or both")
        if self.zone is not None and (self.region is None or self.target is not None):
            raise ValueError("a `zone` is one of a `region`; remove `target`, or `zone`")
        return self

    def effects(self, places: Places) -> Iterator[Effect]:
        """Stations and caches that are down, or the replicas of a zone that are gone."""
        if self.zone is not None and self.region is not None:
            yield from self._of_zone(self.region, self.zone, places)
            return
        is_cache = self.target is not None and not places.is_target(self.target)
        if not is_cache:
            for station in places.stations(self.target, self.region):
                yield Effect(Aspect.DOWN, (station,), 1.0)
        if is_cache or self.target is None:
            for instance in places.cache_instances(self.target, self.region):
                yield Effect(Aspect.CACHE_DOWN, (instance,), 1.0)

    def _of_zone(self, region: str, zone: int, places: Places) -> Iterator[Effect]:
        """Replicas are spread over the zones in turn: the first in zone 1, the second in zone 2, …."""
        for station in places.stations(None, region):
            for number in range(zone - 1, places.n_replicas(station), places.n_zones(region)):
                yield Effect(Aspect.LOST_REPLICA, (station, number), 1.0)

    def misplaced(self, facts: ScenarioFacts) -> Iterator[Shortcoming]:
        """A region where nothing runs, or a zone that it does not have."""
        if self.target is not None or self.region is None:
            return
        here = facts.running_in(self.region)
        if not here:
            yield Shortcoming("region", f"nothing runs in `{self.region}`")
        if self.zone is None:
            return
        n_zones = facts.n_zones(self.region)
        if n_zones < 2 or self.zone > n_zones:
            hint = f"give `regions.{self.region}.zones`" if n_zones < 2 else f"from 1 to {n_zones}"
            yield Shortcoming("zone", f"`{self.region}` has no zone {self.zone}", hint)
        elif not any(kind in ("service", "pool") for kind in here):
            yield Shortcoming("zone", f"no replicas of yours stand in `{self.region}`")


class ReplicaLoss(Lasting):
    """Replicas crash; what is in service on them is lost. With `mtbf` each replica crashes by itself."""

    targets = ("service", "pool")
    instead: ClassVar[Mapping[TargetKind, str]] = {
        "hosted model": "a provider's replicas are not yours: use `outage`, `error` or `latency`"
    }

    kind: Literal["replica_loss"]
    target: str = Field(description="Service or pool.")
    region: str | None = Field(default=None, description="Only in this region; none: in each.")
    replicas: Count = Field(default=1, ge=1, le=10_000, description="How many crash together.")

    @model_validator(mode="after")
    def _apart(self) -> "ReplicaLoss":
        if self.mtbf is not None and self.replicas != 1:
            raise ValueError("with `mtbf` each replica crashes by itself; remove `replicas`")
        return self

    def effects(self, places: Places) -> Iterator[Effect]:
        """Replicas that crash together."""
        for station in places.stations(self.target, self.region):
            yield Effect(Aspect.LOST, (station,), float(self.replicas))

    def components(self, places: Places) -> Iterator[Component]:
        """With `mtbf` every replica, by its region and number."""
        if self.mtbf is None:
            yield from super().components(places)
            return
        for station in places.stations(self.target, self.region):
            for number in range(places.n_replicas(station)):
                effect = Effect(Aspect.LOST_REPLICA, (station, number), 1.0)
                yield Component((places.region_of(station), number), [effect])

    def n_components(self, facts: ScenarioFacts) -> int:
        """With `mtbf` all replicas."""
        return 1 if self.mtbf is None else sum(facts.n_replicas(self.target, self.region))

    def lacking(self, facts: ScenarioFacts) -> Iterator[Shortcoming]:
        """More replicas crash than there are."""
        most = max(facts.n_replicas(self.target, self.region), default=0)
        if self.mtbf is None and self.replicas > most:
            yield Shortcoming("replicas", f"`{self.target}` has {most} replicas at most")


class StaffShortage(Lasting):
    """People of a team are missing; they are paid all the same."""

    targets = ("team",)

    kind: Literal["staff"]
    target: str = Field(description="Team.")
    region: str | None = Field(default=None, description=ONLY_IN_REGION)
    share: Share = Field(gt=0, description="Of those on shift.")

    def effects(self, places: Places) -> Iterable[Effect]:
        """A share of the people who is missing."""
        return at_stations(places, self.target, self.region, Aspect.SHORTAGE, self.share)
