"""What a scenario says about response caches."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.units import Count, Seconds, Share


class Cache(BaseModel):
    """Answers kept for questions asked again: LRU with an optional time to live; the hit rate emerges from both."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    type: Literal["exact", "semantic", "measured"] = Field(
        description="`exact`: same wording; `semantic`: same question in any wording; `measured`: a given hit rate."
    )
    size: Count | None = Field(default=None, ge=1, description="Answers kept (exact, semantic).")
    ttl: Seconds | None = Field(
        default=None, gt=0, description="Age at which an answer expires; none: never."
    )
    scope: Literal["region", "global"] = "region"
    latency: Seconds = Field(default=0.0, ge=0, description="Time of a look-up.")
    false_hit: Share = Field(
        default=0.0, description="Share of hits that answer another question (wrong answers)."
    )
    hit_rate: Share | None = Field(default=None, description="Share of look-ups that hit (measured).")
    start: Literal["warm", "cold"] = Field(
        default="warm", description="`warm`: as after a long time at the window's rates; `cold`: empty."
    )

    @model_validator(mode="after")
    def _by_type(self) -> "Cache":
        if self.type == "measured":
            if self.hit_rate is None or self.size is not None or self.ttl is not None:
                raise ValueError("a `measured` cache takes `hit_rate`, and neither `size` nor `ttl`")
        elif self.size is None or self.hit_rate is not None:
            raise ValueError(
                f"a cache of type `{self.type}` takes `size` (its hit rate emerges), not `hit_rate`"
            )
        return self
