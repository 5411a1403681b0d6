"""What a scenario says about incidents: what goes wrong, where, and when."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.units import Count, Seconds, Share, SignedShare

_LONGEST_S = 366 * 86400.0


class IncidentBase(BaseModel):
    """A name, by which `rollout drill` finds it, and by which the luck of a drawn incident is keyed."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = Field(min_length=1, max_length=80)
    catalog: str | None = Field(
        default=None,
        description="Name in the catalog of incidents, e.g. `status-page-openai`: what is not given here is the catalog's. "
        "The name alone in place of an incident hits the model of that provider.",
    )


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


_REGION = "Only in this region; none: in all."


class Outage(Lasting):
    """A target, a cache, or all that runs in a region is down: attempts fail at once, those in flight are lost.

    Caches of a region come back empty. People are no machines: see `staff`.
    """

    kind: Literal["outage"]
    target: str | None = Field(
        default=None, description="Model, service or cache; none: all of them in `region`."
    )
    region: str | None = Field(default=None, description=_REGION)
    zone: Count | None = Field(
        default=None,
        ge=1,
        description="Only what stands in this zone of `region`, from 1 to its `zones`: every pool and service loses the "
        "replicas there.",
    )

    @model_validator(mode="after")
    def _some_place(self) -> "Outage":
        if self.target is None and self.region is None:
            raise ValueError("give `target`, `region`, or both")
        if self.zone is not None and (self.region is None or self.target is not None):
            raise ValueError("a `zone` is one of a `region`; remove `target`, or `zone`")
        return self


class Slowdown(Lasting):
    """A service or hosted model takes longer: a provider that is slow is often worse than a dead one."""

    kind: Literal["latency"]
    target: str = Field(description="Service or hosted model.")
    region: str | None = Field(default=None, description=_REGION)
    factor: float = Field(
        gt=1, le=10_000, description="On service times, times to first token and times per token."
    )


class ErrorBurst(Lasting):
    """A share of the attempts fails, besides those that fail anyway."""

    kind: Literal["error"]
    target: str = Field(description="Model or service.")
    region: str | None = Field(default=None, description=_REGION)
    share: Share = Field(gt=0)


class RateLimitStorm(Lasting):
    """A share of the attempts is answered 429, whatever the limits say."""

    kind: Literal["rate_limit"]
    target: str = Field(description="Model or service.")
    region: str | None = Field(default=None, description=_REGION)
    share: Share = Field(gt=0)


class QuotaCut(Lasting):
    """Limits of requests and tokens per minute are cut."""

    kind: Literal["quota"]
    target: str = Field(description="Hosted model with `rpm` or `tpm`, or service with `rate_limit`.")
    region: str | None = Field(default=None, description=_REGION)
    factor: float = Field(ge=0, lt=1, description="What is left of the limits, e.g. 0.25.")


class ReplicaLoss(Lasting):
    """Replicas crash; what is in service on them is lost. With `mtbf` each replica crashes by itself."""

    kind: Literal["replica_loss"]
    target: str = Field(description="Service or pool.")
    region: str | None = Field(default=None, description="Only in this region; none: in each.")
    replicas: Count = Field(default=1, ge=1, le=10_000, description="How many crash together.")

    @model_validator(mode="after")
    def _apart(self) -> "ReplicaLoss":
        if self.mtbf is not None and self.replicas != 1:
            raise ValueError("with `mtbf` each replica crashes by itself; remove `replicas`")
        return self


class NetworkTrouble(Lasting):
    """The network between two regions, or between one and all others, is slow or loses what is sent."""

    kind: Literal["network"]
    region: str
    to: str | None = Field(default=None, description="The other region; none: all others.")
    extra: Seconds = Field(default=0.0, ge=0, le=3600, description="On top of the round trip.")
    factor: float = Field(default=1.0, ge=1, le=10_000, description="On the round trip.")
    loss: Share = Field(
        default=0.0, description="Share of attempts, and again of answers, that never arrive."
    )

    @model_validator(mode="after")
    def _some_trouble(self) -> "NetworkTrouble":
        if self.extra == 0.0 and self.factor == 1.0 and self.loss == 0.0:
            raise ValueError("give `extra`, `factor` or `loss`")
        return self


class CacheFlush(Recurring):
    """A response cache loses all that it holds."""

    kind: Literal["flush"]
    target: str = Field(description="Cache.")
    region: str | None = Field(default=None, description=_REGION)


class Surge(Lasting):
    """More is asked than usual."""

    kind: Literal["surge"]
    factor: float = Field(ge=0, le=1000, description="On the demand; below 1 it is a lull.")
    region: str | None = Field(default=None, description="Only users of this region; none: all.")
    workload: str | None = Field(default=None, description="Only this workload; none: all.")
    tenant: str | None = Field(default=None, description="Only this tenant; none: all.")


class StaffShortage(Lasting):
    """People of a team are missing; they are paid all the same."""

    kind: Literal["staff"]
    target: str = Field(description="Team.")
    region: str | None = Field(default=None, description=_REGION)
    share: Share = Field(gt=0, description="Of those on shift.")


class BadRelease(Lasting):
    """A release that makes things worse, until it is rolled back."""

    kind: Literal["release"]
    target: str | None = Field(default=None, description="Model whose new version it is.")
    workload: str | None = Field(default=None, description="Workload whose new prompt or policy it is.")
    success_rate: SignedShare = Field(
        default=0.0, ge=-1, le=1, description="Added to the share of right answers, e.g. `-5%`."
    )
    error_rate: Share = Field(
        default=0.0, description="Share of attempts at the model that fails, besides those that fail anyway."
    )
    ttft: SignedShare = Field(
        default=0.0,
        gt=-1,
        le=1000,
        description="Change of the hosted model's time to first token, e.g. `+40%`.",
    )
    output_tokens: SignedShare = Field(
        default=0.0, gt=-1, le=100, description="Change of the workload's output tokens, e.g. `+15%`."
    )

    @model_validator(mode="after")
    def _some_change(self) -> "BadRelease":
        if (self.target is None) == (self.workload is None):
            raise ValueError("a release is of a `target` (a model) or of a `workload`; give one of both")
        foreign = ("output_tokens",) if self.workload is None else ("error_rate", "ttft")
        of = "workload" if self.workload is None else "model"
        for key in foreign:
            if getattr(self, key) != 0.0:
                raise ValueError(f"`{key}` is of a {of}: make it a release of one")
        if not any((self.success_rate, self.error_rate, self.ttft, self.output_tokens)):
            raise ValueError("changes nothing: give `success_rate`, `error_rate`, `ttft` or `output_tokens`")
        return self


class BrokenContract(Lasting):
    """Requests that do not meet the data contract: the `validate` steps of a workload reject a larger share."""

    kind: Literal["contract"]
    workload: str
    reject: Share = Field(gt=0, description="Share that is rejected, besides those that are rejected anyway.")


class Drift(IncidentBase):
    """Quality falls week by week from the scenario's `start` on, and does not come back."""

    kind: Literal["drift"]
    target: str | None = Field(default=None, description="Model.")
    workload: str | None = None
    success_per_week: SignedShare = Field(
        ge=-1, le=1, description="Added to the share of right answers each week, e.g. `-0.6%`."
    )

    @model_validator(mode="after")
    def _one_place(self) -> "Drift":
        if (self.target is None) == (self.workload is None):
            raise ValueError("a drift is of a `target` (a model) or of a `workload`; give one of both")
        return self


Incident = Annotated[
    Outage
    | Slowdown
    | ErrorBurst
    | RateLimitStorm
    | QuotaCut
    | ReplicaLoss
    | NetworkTrouble
    | CacheFlush
    | Surge
    | StaffShortage
    | BadRelease
    | BrokenContract
    | Drift,
    Field(discriminator="kind"),
]
