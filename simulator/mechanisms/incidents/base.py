"""What every incident says: its name, and when it happens; what its kind declares: where it may be, and what it changes."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.mechanisms.incidents.codes import Aspect, Effect
from simulator.mechanisms.incidents.places import Component, Places, ScenarioFacts, Shortcoming, TargetKind
from simulator.units import Seconds

_LONGEST_S = 366 * 86400.0

ONLY_IN_REGION = "Only in this region; none: in all."  # description of a key that several kinds have


class IncidentBase(BaseModel):
    """A name, by which `rollout drill` finds it, and by which the luck of a drawn incident is keyed.

    Attributes
    ----------
    targets : kinds of targets that it may name
    instead : what to use for targets of other kinds
    """

    targets: ClassVar[tuple[TargetKind, ...]] = ()
    instead: ClassVar[Mapping[TargetKind, str]] = {}

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = Field(min_length=1, max_length=80)
    catalog: str | None = Field(
        default=None,
        description="Name in the catalog of incidents, e.g. `status-page-openai`: what is not given here is the catalog's. "
        "The name alone in place of an incident hits the model of that provider.",
    )

    @abstractmethod
    def effects(self, places: Places) -> Iterable[Effect]:
        """Everything that it changes while it lasts."""

    def misplaced(self, facts: ScenarioFacts) -> Iterable[Shortcoming]:  # noqa: ARG002
        """What is wrong with its place, all of whose names exist, and where its target runs."""
        return ()

    def lacking(self, facts: ScenarioFacts) -> Iterable[Shortcoming]:  # noqa: ARG002
        """What it needs besides its place, and does not have."""
        return ()


class Recurring(IncidentBase):
    """Something that begins at a given time, or is drawn again and again; without either it is for drills only."""

    start: Seconds | None = Field(
        default=None,
        ge=0,
        description="Time after the measured window begins. Without `start`, `every` and `mtbf` the incident is played "
        "by `rollout drill` only.",
    )
    every: Seconds | None = Field(
        default=None, ge=1, description="Mean time between two starts, which are drawn (Poisson)."
    )

    @model_validator(mode="after")
    def _one_time(self) -> "Recurring":
        if self.start is not None and self.every is not None:
            raise ValueError("give `start` (scheduled) or `every` (drawn), not both")
        return self

    @property
    def is_for_drills_only(self) -> bool:
        """Whether nothing says when it happens."""
        return self.start is None and self.every is None

    @property
    def lasts_s(self) -> float | None:
        """How long it lasts; None: that is drawn."""
        return 0.0

    def components(self, places: Places) -> Iterator[Component]:
        """Those that fail by themselves; most incidents are one thing that happens everywhere at once."""
        yield Component((), tuple(self.effects(places)))

    def n_components(self, facts: ScenarioFacts) -> int:  # noqa: ARG002
        """How many fail by themselves."""
        return 1


class Lasting(Recurring):
    """Something that has an end: after a given duration, or after a drawn time to repair."""

    duration: Seconds | None = Field(default=None, gt=0, le=_LONGEST_S, description="How long it lasts.")
    mtbf: Seconds | None = Field(
        default=None,
        ge=1,
        description="Mean time from a repair to the next failure, exponential; with `mttr`.",
    )
    mttr: Seconds | None = Field(
        default=None, ge=1, le=_LONGEST_S, description="Mean time to repair, exponential; with `mtbf`."
    )

    @model_validator(mode="after")
    def _one_end(self) -> "Lasting":
        if (self.mtbf is None) != (self.mttr is None):
            raise ValueError("`mtbf` and `mttr` belong together")
        if self.mtbf is not None:
            other = next(
                (key for key in ("start", "every", "duration") if getattr(self, key) is not None), None
            )
            if other is not None:
                raise ValueError(
                    f"`mtbf` and `mttr` say when it happens, and so does `{other}`; remove one of both"
                )
        elif self.duration is None:
            raise ValueError("give a `duration`, or `mtbf` and `mttr`")
        if self.every is not None and self.duration is not None and self.duration > self.every:
            raise ValueError(
                f"lasts {self.duration:g} s, longer than the {self.every:g} s between two starts"
            )
        return self

    @property
    def is_for_drills_only(self) -> bool:
        """Whether nothing says when it happens."""
        return self.mtbf is None and super().is_for_drills_only

    @property
    def lasts_s(self) -> float | None:
        """How long it lasts; None: that is drawn."""
        return self.duration


def at_stations(
    places: Places, target: str, region: str | None, aspect: Aspect, value: float
) -> Iterator[Effect]:
    """One number that is changed at every station of a target."""
    for station in places.stations(target, region):
        yield Effect(aspect, (station,), value)
