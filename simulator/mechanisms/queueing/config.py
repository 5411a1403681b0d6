"""What a scenario says about services: dependencies with finite concurrency, a queue and a rate limit."""

from pydantic import BaseModel, ConfigDict, Field

from simulator.mechanisms.autoscaling import AutoscalingPolicy
from simulator.mechanisms.distributions import Distribution
from simulator.units import Count, RatePerSecond, Seconds, Share, UsdPerCall, UsdPerHour

_FROZEN = ConfigDict(frozen=True, extra="forbid")


class Autoscaling(AutoscalingPolicy):
    """Replicas follow the ongoing requests (Ray Serve's rule and defaults)."""

    target_ongoing_requests: float = Field(
        default=2.0, gt=0, description="Ongoing requests per replica aimed at."
    )


class Service(BaseModel):
    """A non-model dependency (vector search, CRM, policy engine) in each of its regions."""

    model_config = _FROZEN
    regions: list[str] | None = Field(
        default=None, min_length=1, description="Where it runs; none: in every region."
    )
    replicas: dict[str, Count] | Count = Field(default=1, description="Replicas per region.")
    max_ongoing_requests: Count | None = Field(
        default=None, ge=1, description="Concurrency of one replica; none: unlimited."
    )
    max_queued_requests: Count | None = Field(
        default=None, ge=0, description="Longest queue per region; beyond it requests are shed."
    )
    batch_queue_share: Share = Field(
        default=1.0, description="Part of `max_queued_requests` that batch work may fill: it is shed first."
    )
    max_queue_wait: Seconds | None = Field(
        default=None, ge=0, description="Who waited longer is turned away when its turn comes."
    )
    cancellation: bool = Field(
        default=True,
        description="Whether work stops when its caller gives up; false: it is done to the end, for nobody.",
    )
    patience: Distribution | None = Field(
        default=None, description="A request leaves the queue after this wait."
    )
    service_time: Distribution
    rate_limit: RatePerSecond | None = Field(
        default=None, gt=0, description="e.g. `600 rpm`: a token bucket one minute deep; beyond it 429."
    )
    burst: Count | None = Field(
        default=None, ge=1, description="Depth of that bucket in requests; default one minute's worth."
    )
    error_rate: Share = 0.0
    success_rate: dict[str, Share] | Share | None = Field(
        default=None,
        description="As a fallback of a `generate` route, answering by rules: share of right answers, by complexity.",
    )
    context_tokens: Count = Field(
        default=0, ge=0, description="Tokens a call adds to the prompt of the steps that follow."
    )
    cost: UsdPerCall = Field(default=0.0, ge=0, description="Per call, e.g. `$0.0004/call`.")
    price: UsdPerHour = Field(default=0.0, ge=0, description="Per replica and hour, e.g. `$0.80/hour`.")
    autoscaling: Autoscaling | None = None
