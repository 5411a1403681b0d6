"""A cache loses what it holds."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from simulator.mechanisms.incidents.base import ONLY_IN_REGION, Recurring
from simulator.mechanisms.incidents.codes import Aspect, Effect
from simulator.mechanisms.incidents.places import Places, ScenarioFacts, Shortcoming


class CacheFlush(Recurring):
    """A response cache loses all that it holds."""

    targets = ("cache",)

    kind: Literal["flush"]
    target: str = Field(description="Cache.")
    region: str | None = Field(default=None, description=ONLY_IN_REGION)

    def effects(self, places: Places) -> Iterator[Effect]:
        """Instances that are emptied."""
        for instance in places.cache_instances(self.target, self.region):
            yield Effect(Aspect.FLUSH, (instance,), 1.0)

    def misplaced(self, facts: ScenarioFacts) -> Iterator[Shortcoming]:
        """A cache that holds nothing."""
        if facts.is_measured(self.target):
            yield Shortcoming("target", f"changes nothing: the hit rate of `{self.target}` is given")
