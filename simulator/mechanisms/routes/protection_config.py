"""What a scenario says about time-outs, retries, and how callers protect themselves and what they call."""

import re
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from simulator.units import PERCENTILE, Count, Seconds, Share, percentile_label

_FROZEN = ConfigDict(frozen=True, extra="forbid")

RetryReason = Literal["timeout", "rate_limit", "error", "overload"]


class Backoff(BaseModel):
    """Wait before a retry: `min(max, base · factor^(retry − 1))`, jittered."""

    model_config = _FROZEN
    base: Seconds = Field(default=0.0, ge=0)
    factor: float = Field(default=2.0, ge=1, le=100)
    max: Seconds = Field(default=60.0, ge=0)
    jitter: Literal["none", "full", "equal"] = Field(
        default="none", description="`full`: uniform in [0, wait]; `equal`: uniform in [wait/2, wait]."
    )


class RetryBudget(BaseModel):
    """A token bucket for retries (as in Finagle and Envoy): first tries fill it, every retry takes one token."""

    model_config = _FROZEN
    share: Share = Field(description="Tokens that a first try brings: retries per first try in the long run.")
    burst: Count = Field(
        default=10, ge=1, description="Most tokens kept, and what a run begins with, in each region."
    )


class CircuitBreaker(BaseModel):
    """Stops asking a target that fails or is slow; after the cooldown a few probes decide whether to go on."""

    model_config = _FROZEN
    error_rate: Share | None = Field(
        default=None, gt=0, description="Opens at this share of tries that failed, in whatever way."
    )
    slow_rate: Share | None = Field(default=None, gt=0, description="Opens at this share of slow answers.")
    slow_call: Seconds | None = Field(default=None, gt=0, description="An answer is slow from this on.")
    min_calls: Count = Field(default=20, ge=1, description="Tries in the window before it may open.")
    window: Seconds = Field(
        default=30.0, gt=0, description="Tries are counted over this span, in tenths of it."
    )
    cooldown: Seconds = Field(
        default=60.0, gt=0, description="How long it stays open before it lets probes pass."
    )
    probes: Count = Field(
        default=3,
        ge=1,
        description="Tries let through then; all answered in time: closed; one not: open again.",
    )

    @model_validator(mode="after")
    def _opens(self) -> "CircuitBreaker":
        if (self.slow_rate is None) != (self.slow_call is None):
            raise ValueError("`slow_rate` and `slow_call` belong together")
        if self.error_rate is None and self.slow_rate is None:
            raise ValueError("it never opens: give `error_rate`, or `slow_rate` and `slow_call`")
        return self


class OutlierDetection(BaseModel):
    """Ejects a target after failures in a row (Envoy; LiteLLM's `allowed_fails` and `cooldown_time`)."""

    model_config = _FROZEN
    consecutive_errors: Count = Field(default=5, ge=1, description="Failed tries in a row that eject.")
    base_ejection_time: Seconds = Field(
        default=30.0, gt=0, description="Times the ejections in a row: the second lasts twice as long."
    )
    max_ejection_percent: Share = Field(
        default=0.5, gt=0, description="Most of the targets that may be ejected at a time; one always may."
    )


def _plain(value: Any) -> Any:
    """`p(95)` is `p95`."""
    is_percentile = isinstance(value, str) and re.fullmatch(PERCENTILE, value.strip()) is not None
    return percentile_label(value.strip()) if is_percentile else value


class Hedge(BaseModel):
    """A second try beside a slow first one; the first answer is taken, the other try is cut off."""

    model_config = _FROZEN
    after: Annotated[Literal["p50", "p90", "p95", "p99"] | Seconds, BeforeValidator(_plain)] = Field(
        description="Wait before it, or a percentile of the route's own tries so far."
    )
    max: Share = Field(default=0.05, gt=0, description="Second tries per first try in the long run, at most.")
    burst: Count = Field(default=10, ge=1, description="Most that may be saved up, in each region.")


class AdaptiveConcurrency(BaseModel):
    """A limit on tries in flight at a target that feels its way (AIMD): up when answers are quick, down when not."""

    model_config = _FROZEN
    initial: float = Field(default=20.0, ge=1, le=1e6)
    min: float = Field(default=1.0, ge=1, le=1e6)
    max: float = Field(default=1000.0, ge=1, le=1e6)
    latency: Seconds = Field(gt=0, description="Answers up to this raise the limit by 1 / limit.")
    backoff_ratio: float = Field(
        default=0.9, gt=0, lt=1, description="A slower answer or a failure multiplies the limit by this."
    )

    @model_validator(mode="after")
    def _ordered(self) -> "AdaptiveConcurrency":
        if not self.min <= self.initial <= self.max:
            raise ValueError(f"`initial` ({self.initial:g}) is not between `min` and `max`")
        return self


def _budget(value: Any) -> Any:
    """A bare share is a budget too."""
    return value if isinstance(value, dict | RetryBudget) or value is None else {"share": value}


class Resilience(BaseModel):
    """Limits on tries: the part of a route that says how long and how often, and when it would rather not."""

    model_config = _FROZEN
    timeout: Seconds | None = Field(
        default=None, gt=0, description="For the whole step, tries and fallbacks together."
    )
    per_try_timeout: Seconds | None = Field(default=None, gt=0)
    num_retries: int = Field(
        default=0, ge=0, le=20, description="Tries beyond the first, for each entry of the route."
    )
    retry_on: list[RetryReason] = Field(default_factory=lambda: list(get_args(RetryReason)))
    backoff: Backoff = Backoff()
    max_retry_after: Seconds | None = Field(
        default=None,
        gt=0,
        description="A 429 of a limit says after how many seconds there is room again (`retry-after`). Up to this time the "
        "next try waits as long as it says, in place of `backoff`; OpenAI's and Anthropic's clients: 60s. None: never.",
    )
    failover_after: int | None = Field(
        default=None,
        ge=1,
        le=20,
        description="After this many failed tries the next nearest region is asked.",
    )
    retry_budget: Annotated[RetryBudget | None, BeforeValidator(_budget)] = Field(
        default=None, description="Retries per first try at most, e.g. `10%`."
    )
    circuit_breaker: CircuitBreaker | None = Field(
        default=None,
        description="For each target and region that the route asks; clients of a region share it.",
    )
    outlier_detection: OutlierDetection | None = None
    hedge: Hedge | None = None
    adaptive_concurrency: AdaptiveConcurrency | None = None
    max_parallel_requests: Count | None = Field(
        default=None,
        ge=1,
        description="Tries of this route in flight at a target, from one region (a bulkhead).",
    )
    propagate_deadline: bool = Field(
        default=False,
        description="A try whose time would run out before its mean service is over is not begun.",
    )

    @property
    def is_guarded(self) -> bool:
        """Whether its callers keep in mind how each target fares."""
        guards = (
            self.circuit_breaker,
            self.outlier_detection,
            self.adaptive_concurrency,
            self.max_parallel_requests,
        )
        return any(guard is not None for guard in guards)

    @property
    def is_protected(self) -> bool:
        """Whether it protects itself, and what it calls, beyond time-outs and retries."""
        is_saving = self.retry_budget is not None or self.hedge is not None
        return self.is_guarded or is_saving or self.propagate_deadline
