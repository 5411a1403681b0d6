"""What a scenario says about timeouts, retries and backoff."""

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from simulator.units import Seconds

RetryReason = Literal["timeout", "rate_limit", "error", "overload"]


class Backoff(BaseModel):
    """Wait before a retry: `min(max, base · factor^(retry − 1))`, jittered."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    base: Seconds = Field(default=0.0, ge=0)
    factor: float = Field(default=2.0, ge=1, le=100)
    max: Seconds = Field(default=60.0, ge=0)
    jitter: Literal["none", "full", "equal"] = Field(
        default="none", description="`full`: uniform in [0, wait]; `equal`: uniform in [wait/2, wait]."
    )


class Resilience(BaseModel):
    """Limits on tries: the part of a route that says how long and how often."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    timeout: Seconds | None = Field(
        default=None, gt=0, description="For the whole step, tries and fallbacks together."
    )
    per_try_timeout: Seconds | None = Field(default=None, gt=0)
    num_retries: int = Field(
        default=0, ge=0, le=20, description="Tries beyond the first, for each entry of the route."
    )
    retry_on: list[RetryReason] = Field(default_factory=lambda: list(get_args(RetryReason)))
    backoff: Backoff = Backoff()
    failover_after: int | None = Field(
        default=None,
        ge=1,
        le=20,
        description="After this many failed tries the next nearest region is asked.",
    )
