"""Attempts go wrong or take longer: slow, failing, refused, or short of quota."""

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from simulator.mechanisms.incidents.base import ONLY_IN_REGION, Lasting, at_stations
from simulator.mechanisms.incidents.codes import Aspect, Effect
from simulator.mechanisms.incidents.places import Places, ScenarioFacts, Shortcoming, TargetKind
from simulator.units import Share


class Slowdown(Lasting):
    """A service or hosted model takes longer: a provider that is slow is often worse than a dead one."""

    targets = ("service", "hosted model")
    instead: ClassVar[Mapping[TargetKind, str]] = {
        "pool": "take replicas away (`replica_loss`), or ask more of it (`surge`)"
    }

    kind: Literal["latency"]
    target: str = Field(description="Service or hosted model.")
    region: str | None = Field(default=None, description=ONLY_IN_REGION)
    factor: float = Field(
        gt=1, le=10_000, description="On service times, times to first token and times per token."
    )

    def effects(self, places: Places) -> Iterable[Effect]:
        """A factor on the times of the target."""
        return at_stations(places, self.target, self.region, Aspect.SLOWNESS, self.factor)


class ErrorBurst(Lasting):
    """A share of the attempts fails, besides those that fail anyway."""

    targets = ("service", "hosted model", "pool")

    kind: Literal["error"]
    target: str = Field(description="Model or service.")
    region: str | None = Field(default=None, description=ONLY_IN_REGION)
    share: Share = Field(gt=0)

    def effects(self, places: Places) -> Iterable[Effect]:
        """A share of the attempts that fails."""
        return at_stations(places, self.target, self.region, Aspect.ERROR, self.share)


class RateLimitStorm(Lasting):
    """A share of the attempts is answered 429, whatever the limits say."""

    targets = ("service", "hosted model", "pool")

    kind: Literal["rate_limit"]
    target: str = Field(description="Model or service.")
    region: str | None = Field(default=None, description=ONLY_IN_REGION)
    share: Share = Field(gt=0)

    def effects(self, places: Places) -> Iterable[Effect]:
        """A share of the attempts that is refused."""
        return at_stations(places, self.target, self.region, Aspect.REFUSED, self.share)


class FleetOverload(Lasting):
    """The fleet behind a target is overloaded for everybody: a share of the attempts is answered 529, or 503.

    It has nothing to do with one's own limits: nothing is charged to them, and no answer says when to come back.
    """

    targets = ("service", "hosted model")
    instead: ClassVar[Mapping[TargetKind, str]] = {
        "pool": "a pool is overloaded by its own load: take replicas away (`replica_loss`), or ask more of it (`surge`)"
    }

    kind: Literal["overload"]
    target: str = Field(description="Hosted model or service.")
    region: str | None = Field(default=None, description=ONLY_IN_REGION)
    share: Share = Field(gt=0, description="Of the attempts that no `rate_limit` incident has refused.")

    def effects(self, places: Places) -> Iterable[Effect]:
        """A share of the attempts that is turned away as overload."""
        return at_stations(places, self.target, self.region, Aspect.OVERLOADED, self.share)


class QuotaCut(Lasting):
    """Limits of requests and tokens per minute are cut."""

    targets = ("service", "hosted model", "shared quota")
    instead: ClassVar[Mapping[TargetKind, str]] = {"pool": "a pool has no quota; use `rate_limit`"}

    kind: Literal["quota"]
    target: str = Field(
        description="Hosted model with limits per minute, one of the shared `quotas`, or service with `rate_limit`."
    )
    region: str | None = Field(default=None, description=ONLY_IN_REGION)
    factor: float = Field(ge=0, lt=1, description="What is left of the limits, e.g. 0.25.")

    def effects(self, places: Places) -> Iterable[Effect]:
        """A factor on the limits of a target, or on those that several share."""
        yield from at_stations(places, self.target, self.region, Aspect.QUOTA, self.factor)
        for block in places.shared_limits(self.target, self.region):
            yield Effect(Aspect.SHARED_QUOTA, block, self.factor)

    def misplaced(self, facts: ScenarioFacts) -> Iterator[Shortcoming]:
        """A target without limits."""
        if not facts.has_quota(self.target):
            hint = "give it `rpm`, `tpm` or `rate_limit`, or use `rate_limit` as the kind"
            yield Shortcoming("target", f"`{self.target}` has no quota that could be cut", hint)
