"""What a scenario says about people who review answers or take over."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.mechanisms.distributions import Distribution
from simulator.units import Count, Share, UsdPerHour


class Shift(BaseModel):
    """Working hours in the region's local time, e.g. days 0-4 (Monday = 0), 8 to 18 o'clock, with a share of the staff."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    days: list[int] = Field(default_factory=lambda: [0, 1, 2, 3, 4, 5, 6], min_length=1, max_length=7)
    start_hour: float = Field(ge=0, le=24)
    end_hour: float = Field(ge=0, le=24, description="Before `start_hour`: the shift runs over midnight.")
    share: Share = Field(
        default=1.0,
        description="Of the staff. Shifts that overlap add up, to the whole staff at most. Paid is the staff times its "
        "share; of a fraction, the full posts serve, or one person where there is no full post.",
    )


class Overrides(BaseModel):
    """How well people who review an answer see what it is worth."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    wrong: Share = Field(default=1.0, description="Share of the wrong answers reviewed that they change.")
    right: Share = Field(default=0.0, description="Share of the right answers reviewed that they change.")

    @model_validator(mode="after")
    def _sees(self) -> "Overrides":
        if self.wrong <= self.right:
            raise ValueError(
                "a review tells nothing where people change right answers as often as wrong ones; "
                "`wrong` must be above `right`"
            )
        return self


class Drafts(BaseModel):
    """What people take for drafts that they see before they go out, by what they do with them."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    approve: Distribution | None = Field(
        default=None, description="Time for a draft that goes out as it is. None: as `handle_time`."
    )
    change: Distribution | None = Field(
        default=None, description="Time for a draft that they change first. None: as `handle_time`."
    )
    reject: Distribution | None = Field(
        default=None,
        description="Time for a draft that they throw away, with the answer of their own. None: as `handle_time`.",
    )
    rejected: Share = Field(
        default=0.0,
        description="Share of the drafts not let through (`overrides`) that are thrown away, not changed.",
    )


class Team(BaseModel):
    """People with shifts, a handling time, the patience of those who wait, and a cost."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    staff: dict[str, Count] | Count = Field(description="People per region when everyone is on shift.")
    shifts: Literal["always", "office-hours"] | list[Shift] = "always"
    handle_time: Distribution
    patience: Distribution | None = Field(
        default=None, description="A user leaves the queue after this wait."
    )
    overflow: bool | list[str] = Field(
        default=False,
        description="Whether hand-offs go to another region when the nearest has nobody on shift, or too many wait: "
        "`true`: the next nearest, or regions in this order.",
    )
    overflow_above: Count = Field(
        default=0, ge=0, description="So many may wait in the nearest region before others are asked."
    )
    success_rate: Share = Field(default=1.0, description="Share of hand-offs that people resolve.")
    overrides: Overrides = Field(
        default=Overrides(), description="Which of the answers that they review people change."
    )
    drafts: Drafts = Field(
        default=Drafts(), description="How they work where a `review` step has `draft: true`."
    )
    cost: dict[str, UsdPerHour] | UsdPerHour = Field(
        default=0.0,
        description="Per person and hour on shift, per region or the same in each, e.g. `$28/hour`.",
    )

    def cost_in(self, region: str) -> float:
        """US dollars per person and hour on shift in a region."""
        return self.cost.get(region, 0.0) if isinstance(self.cost, dict) else self.cost

    def draft_time(self, outcome: Literal["approve", "change", "reject"]) -> Distribution:
        """How long a draft takes of which this becomes."""
        times = {"approve": self.drafts.approve, "change": self.drafts.change, "reject": self.drafts.reject}
        return times[outcome] or self.handle_time
