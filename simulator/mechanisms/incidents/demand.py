"""What is asked is more than usual, or breaks the data contract."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from simulator.mechanisms.incidents.base import Lasting
from simulator.mechanisms.incidents.codes import Aspect, Effect
from simulator.mechanisms.incidents.places import Places, ScenarioFacts, Shortcoming
from simulator.units import Share


class Surge(Lasting):
    """More is asked than usual."""

    kind: Literal["surge"]
    factor: float = Field(ge=0, le=1000, description="On the demand; below 1 it is a lull.")
    region: str | None = Field(default=None, description="Only users of this region; none: all.")
    workload: str | None = Field(default=None, description="Only this workload; none: all.")
    tenant: str | None = Field(default=None, description="Only this tenant; none: all.")

    def effects(self, places: Places) -> Iterator[Effect]:
        """A factor on the demand."""
        for stream in places.streams(self.region, self.workload, self.tenant):
            yield Effect(Aspect.DEMAND, (stream,), self.factor)

    def lacking(self, facts: ScenarioFacts) -> Iterator[Shortcoming]:
        """A factor that changes nothing, or nobody who asks."""
        if self.factor == 1.0:
            yield Shortcoming("factor", "changes nothing", "give e.g. 3 for three times the demand")
        if self.region is not None and not facts.asks_from(self.region, self.workload):
            yield Shortcoming("region", f"nobody asks from `{self.region}`")


class BrokenContract(Lasting):
    """Requests that do not meet the data contract: the `validate` steps of a workload reject a larger share."""

    kind: Literal["contract"]
    workload: str
    reject: Share = Field(gt=0, description="Share that is rejected, besides those that are rejected anyway.")

    def effects(self, places: Places) -> Iterator[Effect]:
        """A share that is rejected."""
        yield Effect(Aspect.REJECT, (places.workload(self.workload),), self.reject)

    def lacking(self, facts: ScenarioFacts) -> Iterator[Shortcoming]:
        """A workload without a contract."""
        if not facts.has_contract(self.workload):
            yield Shortcoming(
                "workload", f"`{self.workload}` has no data contract", "give it a `validate` step"
            )
