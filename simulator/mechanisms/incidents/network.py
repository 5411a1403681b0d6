"""The network between regions is slow, or loses what is sent."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, model_validator

from simulator.mechanisms.incidents.base import Lasting
from simulator.mechanisms.incidents.codes import Aspect, Effect
from simulator.mechanisms.incidents.places import Places, ScenarioFacts, Shortcoming
from simulator.units import Seconds, Share


class NetworkTrouble(Lasting):
    """The network between two regions, or between one and all others, is slow or loses what is sent."""

    kind: Literal["network"]
    region: str
    to: str | None = Field(default=None, description="The other region; none: all others.")
    extra: Seconds = Field(default=0.0, ge=0, le=3600, description="On top of the round trip.")
    factor: float = Field(default=1.0, ge=1, le=10_000, description="On the round trip.")
    loss: Share = Field(
        default=0.0, description="Share of attempts, and again of answers, that never arrive."
    )

    @model_validator(mode="after")
    def _some_trouble(self) -> "NetworkTrouble":
        if self.extra == 0.0 and self.factor == 1.0 and self.loss == 0.0:
            raise ValueError("give `extra`, `factor` or `loss`")
        return self

    def effects(self, places: Places) -> Iterator[Effect]:
        """What changes on every way between the regions."""
        for way in places.ways(self.region, self.to):
            if self.factor != 1.0:
                yield Effect(Aspect.WAY_FACTOR, way, self.factor)
            if self.extra > 0.0:
                yield Effect(Aspect.WAY_EXTRA, way, self.extra / 2.0)
            if self.loss > 0.0:
                yield Effect(Aspect.WAY_LOSS, way, self.loss)

    def misplaced(self, facts: ScenarioFacts) -> Iterator[Shortcoming]:
        """A way that leaves no region."""
        if facts.n_regions < 2 or self.region == self.to:
            yield Shortcoming("region", "a way inside a region is none of the network's")

    def lacking(self, facts: ScenarioFacts) -> Iterator[Shortcoming]:
        """What is lost is only missed by a time-out; without one a request would wait for ever."""
        waiting = facts.waits_for_ever() if self.loss > 0.0 else None
        if waiting is not None:
            workload, name = waiting
            message = f"what is lost on the way to `{name}` is waited for for ever by `{workload}`"
            yield Shortcoming("loss", message, "give the route, or the workload, a `timeout`")
