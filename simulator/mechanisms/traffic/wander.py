"""What a scenario says about a rate that is itself random: it wanders around the course of the week, and comes back.

The logarithm of the rate is an Ornstein-Uhlenbeck process with a stationary start; the rate has the mean that the scenario
states.
"""

from pydantic import BaseModel, ConfigDict, Field

from simulator.units import Seconds, Share


class Wander(BaseModel):
    """How far and how long the rate strays from its course: what hourly means and bursts of single arrivals do not show."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    cv: float = Field(
        gt=0,
        le=3,
        description="Coefficient of variation of the rate: its standard deviation over what `profile` says.",
    )
    time_constant: Seconds = Field(
        ge=60,
        le=604_800,
        description="How long it stays away: after so much time the correlation of the log rate has fallen to 37 %.",
    )
    common: Share = Field(
        default=0.0,
        description="Part of its variance that every stream which wanders has in common; the rest is its own, by region and "
        "tenant.",
    )
