"""Distributions as people know them: by mean, percentiles or spread.

Every random quantity of a scenario (service times, token lengths, handling times) is one of these. The unit is
that of the key that holds it; `simulator.units` reads quantities such as `600ms` or `3m` into seconds.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.units import Quantity


class Constant(BaseModel):
    """Always the same value."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    distribution: Literal["constant"]
    value: Quantity = Field(ge=0)


class Exponential(BaseModel):
    """Memoryless, by its mean."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    distribution: Literal["exponential"]
    mean: Quantity = Field(gt=0)


class Uniform(BaseModel):
    """Equally likely between two bounds."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    distribution: Literal["uniform"]
    low: Quantity = Field(ge=0)
    high: Quantity = Field(gt=0)

    @model_validator(mode="after")
    def _ordered(self) -> "Uniform":
        if self.high < self.low:
            raise ValueError(f"`high` ({self.high:g}) is below `low` ({self.low:g}); swap them")
        return self


class Lognormal(BaseModel):
    """Right-skewed, by its median and 95th percentile, or by its mean and coefficient of variation."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    distribution: Literal["lognormal"]
    p50: Quantity | None = Field(default=None, gt=0)
    p95: Quantity | None = Field(default=None, gt=0)
    mean: Quantity | None = Field(default=None, gt=0)
    cv: float | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _one_way(self) -> "Lognormal":
        by_percentiles = self.p50 is not None and self.p95 is not None
        by_moments = self.mean is not None and self.cv is not None
        n_given = sum(value is not None for value in (self.p50, self.p95, self.mean, self.cv))
        if n_given != 2 or not (by_percentiles or by_moments):
            raise ValueError("give either `p50` and `p95`, or `mean` and `cv`")
        if self.p50 is not None and self.p95 is not None and self.p95 < self.p50:
            raise ValueError(f"`p95` ({self.p95:g}) is below `p50` ({self.p50:g}); swap them")
        return self


class Gamma(BaseModel):
    """By its mean and coefficient of variation (cv 1 is the exponential)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    distribution: Literal["gamma"]
    mean: Quantity = Field(gt=0)
    cv: float = Field(gt=0, le=20)


class Empirical(BaseModel):
    """By quantiles: `{0: 10, 0.5: 120, 0.95: 900, 1: 4000}`, linear in between."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    distribution: Literal["empirical"]
    quantiles: dict[float, Quantity] = Field(min_length=2, max_length=1000)

    @model_validator(mode="after")
    def _complete(self) -> "Empirical":
        levels = sorted(self.quantiles)
        if levels[0] != 0 or levels[-1] != 1:
            raise ValueError("`quantiles` must start at 0 and end at 1")
        values = [self.quantiles[level] for level in levels]
        if values != sorted(values) or values[0] < 0:
            raise ValueError("`quantiles` must not fall as the level rises, nor be negative")
        return self


Distribution = Annotated[
    Constant | Exponential | Uniform | Lognormal | Gamma | Empirical, Field(discriminator="distribution")
]
