"""What a scenario says about demand: who asks, how often, when, and with how many tokens."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.mechanisms.distributions import Distribution
from simulator.mechanisms.traffic.joint_lengths import JointLengths
from simulator.mechanisms.traffic.wander import Wander
from simulator.units import Count, RatePerSecond, Seconds, Share, TokensPerMinute, Usd, UserRate

_FROZEN = ConfigDict(frozen=True, extra="forbid")


class TokenTrace(BaseModel):
    """Token lengths drawn row by row from the workload's trace, prompt and output together."""

    model_config = _FROZEN
    trace: Literal[True]
    scale: float = Field(default=1.0, gt=0, le=100, description="Factor on the recorded lengths.")


class Trace(BaseModel):
    """A recorded request log (CSV, JSONL or Parquet, optionally gzipped) replayed as demand or as lengths."""

    model_config = _FROZEN
    file: str = Field(min_length=1, max_length=500, description="Path, relative to the scenario file.")
    time: str | None = Field(default=None, description="Column of arrival times (ISO 8601 or numbers).")
    time_unit: Literal["s", "ms", "us", "ns"] = Field(default="s", description="Unit of numeric times.")
    prompt_tokens: str | None = Field(default=None, description="Column of prompt lengths, in tokens.")
    output_tokens: str | None = Field(default=None, description="Column of output lengths, in tokens.")
    session: str | None = Field(
        default=None, description="Column that says whose session a call belongs to (replay: sessions)."
    )
    latency: str | None = Field(
        default=None,
        description="Column of how long each answer took, in `time_unit`, which is no part of the pause after it (replay: "
        "sessions).",
    )
    replay: Literal["arrivals", "sessions", "lengths"] = Field(
        default="lengths",
        description="`arrivals`: the trace's gaps and lengths in order; `sessions`: sessions begin in order, and "
        "their next call waits for the answer of the last and the recorded pause; `lengths`: only its token lengths, drawn "
        "at random.",
    )
    scale: float = Field(
        default=1.0,
        gt=0,
        le=1e6,
        description="Factor on the trace's own rate of arrivals or sessions (replay: arrivals, sessions).",
    )
    hash_ids: str | None = Field(
        default=None,
        description="Column of lists: an id for each block of a prompt; prompts that begin with the same ids begin alike.",
    )
    block_tokens: Count = Field(default=512, ge=16, description="Tokens of a block of `hash_ids`.")
    spread: bool = Field(
        default=False,
        description="Spread arrivals at the same time over the gap to the next one: for logs of a coarse clock.",
    )
    rotate: bool = Field(
        default=True, description="Start each region and replication at another row of the trace."
    )

    @property
    def says_when(self) -> bool:
        """Whether it is replayed in time, and not drawn from."""
        return self.replay != "lengths"


class Turns(BaseModel):
    """A conversation: the number of turns of one action, and the pause before each further turn."""

    model_config = _FROZEN
    distribution: Literal["geometric", "constant"] = "geometric"
    mean: float = Field(ge=1, le=1000)
    think_time: Seconds = Field(default=0.0, ge=0, description="Mean pause between turns (exponential).")


class Popularity(BaseModel):
    """How often users ask the same question, which is what caches live on."""

    model_config = _FROZEN
    distribution: Literal["zipf"] = "zipf"
    exponent: float = Field(default=0.9, ge=0, le=5)
    items: Count = Field(ge=1, le=5_000_000, description="Number of distinct questions.")
    phrasings: int = Field(
        default=1,
        ge=1,
        le=100,
        description="Equally likely wordings of a question; only a semantic cache sees through them.",
    )


class CsvProfile(BaseModel):
    """A weekly profile in a CSV file with the columns `hour_of_week` (0 = Monday 00:00) and `factor`."""

    model_config = _FROZEN
    file: str = Field(min_length=1, max_length=500)


class WorkloadLimits(BaseModel):
    """What a workload may ask for in each region; what is beyond is turned away at once (rejected)."""

    model_config = _FROZEN
    rpm: Count | None = Field(default=None, ge=1, description="Turns per minute: a bucket one minute deep.")
    tpm: TokensPerMinute | None = Field(
        default=None,
        gt=0,
        description="Tokens per minute, prompt and output; context of earlier turns is not counted.",
    )
    max_parallel_requests: Count | None = Field(default=None, ge=1, description="Actions in flight.")

    @model_validator(mode="after")
    def _some(self) -> "WorkloadLimits":
        if self.rpm is None and self.tpm is None and self.max_parallel_requests is None:
            raise ValueError("limits nothing: give `rpm`, `tpm` or `max_parallel_requests`")
        return self


class WorkloadBudget(BaseModel):
    """What a workload may spend on tokens and calls in a period, and what happens when it has."""

    model_config = _FROZEN
    max_budget: Usd = Field(
        gt=0,
        description="In all regions together: tokens, calls and data that leaves its user's region, as billed; what "
        "provisioned units carry costs nothing, unless `provisioned` says so.",
    )
    budget_duration: Seconds = Field(
        default=86_400.0,
        gt=0,
        description="Periods follow one another from the scenario's first midnight; each begins with nothing spent.",
    )
    timezone: str = Field(
        default="UTC",
        max_length=64,
        description="Whose midnight periods of whole days begin at, e.g. `Europe/Berlin`; those on which the clock changes "
        "have 23 or 25 hours.",
    )
    provisioned: bool = Field(
        default=False,
        description="Also its part of the hours of provisioned units, as the ledger splits them: busy ones by tokens "
        "carried, idle ones by tokens so far.",
    )
    on_exceed: Literal["alert", "throttle", "downgrade", "stop"] = Field(
        default="stop",
        description="Until the period ends: only say so, let in `rpm` turns a minute, ask other `models`, or let nobody in.",
    )
    rpm: Count | None = Field(
        default=None, ge=1, description="Turns per minute let in by each region (throttle)."
    )
    models: dict[str, str] = Field(
        default_factory=dict, description="Which model is asked in place of which (downgrade)."
    )
    spent: Usd = Field(default=0.0, ge=0, description="Already spent of the period in which the run begins.")
    check_every: Seconds = Field(default=60.0, ge=1, description="Time between two looks at the spend.")

    @model_validator(mode="after")
    def _fits(self) -> "WorkloadBudget":
        if (self.on_exceed == "throttle") != (self.rpm is not None):
            raise ValueError("`on_exceed: throttle` and `rpm` belong together")
        if (self.on_exceed == "downgrade") != bool(self.models):
            raise ValueError("`on_exceed: downgrade` and `models` belong together")
        return self


class Tenant(BaseModel):
    """One of those who share a workload: its part of the demand, and what it may ask for and spend."""

    model_config = _FROZEN
    share: Share = Field(gt=0, description="Of the workload's demand in every region.")
    burstiness: float | None = Field(
        default=None, gt=0, le=20, description="Of its own arrivals; none: the workload's."
    )
    limits: WorkloadLimits | None = Field(
        default=None, description="Its quota in each region; none: the workload's `limits`, for it alone."
    )
    budget: WorkloadBudget | None = Field(
        default=None, description="What it may spend; `downgrade` is for whole workloads."
    )


class AsksAgain(BaseModel):
    """What users do who got nothing, or a wrong answer: some ask the same once more. Each time is an action of its own."""

    model_config = _FROZEN
    share: Share = Field(default=0.0, description="Of those whose action failed, was rejected or abandoned.")
    wrong: Share = Field(
        default=0.0, description="Of those whose answer was wrong, whether a model or people gave it."
    )
    after: Seconds = Field(
        gt=0,
        description="Mean time until they do (exponential). Whoever comes back after more than a run can follow comes "
        "sooner in it: as many as there would be of the time before.",
    )
    max: int = Field(default=2, ge=1, le=7, description="How often at most.")

    @model_validator(mode="after")
    def _brings_somebody(self) -> "AsksAgain":
        if self.share == 0.0 and self.wrong == 0.0:
            raise ValueError(
                "nobody asks again; give `share` (of those who got nothing) or `wrong` (of those with a wrong answer)"
            )
        return self


CatalogProfile = Literal["office-hours", "consumer", "coding-2024", "conversation-2024", "api-2025"]
Profile = Literal["flat"] | CatalogProfile | CsvProfile | list[list[float]]


class StepBase(BaseModel):
    model_config = _FROZEN


class ValidateRule(BaseModel):
    """The data contract: the share of requests that do not meet it, and the time the check takes."""

    model_config = _FROZEN
    reject: Share = 0.0
    latency: Seconds = Field(default=0.0, ge=0)


class ValidateStep(StepBase):
    """Check the request; a share is rejected."""

    validate_: ValidateRule = Field(alias="validate")


class CacheStep(StepBase):
    """Look the question up; a hit skips the steps through the next `generate`, or without one the calls that follow."""

    cache: str


class CallStep(StepBase):
    """Call a service, or a route over services."""

    call: str


class GenerateStep(StepBase):
    """Ask a model, by its name or through a route."""

    generate: str


class ReviewRule(BaseModel):
    """Which answers people see: some before they go out, a sample after the fact."""

    model_config = _FROZEN
    team: str
    before: Share = Field(
        default=0.0,
        description="Share of answers that people see before they go out. They answer themselves, or decide on the `draft`.",
    )
    of: list[str] | str | None = Field(
        default=None, description="Classes of complexity that `before` speaks of; none: all."
    )
    draft: bool = Field(
        default=False,
        description="People get the answer (of `before`, and of `when: [low_confidence]`) as a draft, which they approve, "
        "change or reject by the team's `overrides`, in the times of its `drafts`.",
    )
    sample: Share = Field(
        default=0.0, description="Share of answers reviewed afterwards; the user does not wait."
    )
    when: list[Literal["low_confidence", "exhausted"]] = Field(
        default_factory=list,
        description="When a person takes over: the model is unsure, or every model failed.",
    )

    @property
    def classes(self) -> list[str] | None:
        """Classes of complexity that `before` speaks of; None: all."""
        return [self.of] if isinstance(self.of, str) else self.of

    @model_validator(mode="after")
    def _of_what(self) -> "ReviewRule":
        if self.of is not None and self.before == 0.0:
            raise ValueError(
                "`of` says whose answers people see before they go out, but nobody sees one; give `before`"
            )
        if self.draft and self.before == 0.0 and "low_confidence" not in self.when:
            raise ValueError(
                "no answer becomes a `draft`: give `before`, or `when: [low_confidence]` (an exhausted route leaves none)"
            )
        return self


class ReviewStep(StepBase):
    """Hand an answer to people."""

    review: ReviewRule


Step = ValidateStep | CacheStep | CallStep | GenerateStep | ReviewStep


class Workload(BaseModel):
    """A class of actions: its demand, its lengths, its steps."""

    model_config = _FROZEN
    name: str
    unit: str = Field(
        default="action", description="What one action is called; cost per action is counted in it."
    )
    users: dict[str, Count] | None = Field(default=None, description="Users per region.")
    actions_per_user: UserRate | None = Field(
        default=None,
        description="`14 per day`: on average over the seven days of a week, so that workdays have more and weekends fewer; "
        "`20 per workday`: on average over Monday to Friday. `profile` says how the week's days differ.",
    )
    arrival_rate: dict[str, RatePerSecond] | RatePerSecond | None = Field(
        default=None,
        description="Actions per second, per region or the same in each; averaged over the week.",
    )
    clients: dict[str, Count] | Count | None = Field(
        default=None,
        description="A closed loop: so many, per region or in each, who ask, wait for the answer, think, and ask again. "
        "As many as there are in the busiest hour of `profile`.",
    )
    think_time: Distribution | None = Field(
        default=None,
        description="Of `clients`, from the end of an action to the next one, and before the first; none: they ask at once.",
    )
    trace: Trace | None = None
    profile: Profile = Field(
        default="flat",
        description="Course of the week in local time: a name of the catalog, 7 rows of 24 hours (Monday first), or a file.",
    )
    burstiness: float = Field(
        default=1.0, gt=0, le=20, description="Coefficient of variation of inter-arrival times."
    )
    wander: Wander | None = Field(
        default=None,
        description="How the rate strays from `profile` for minutes and hours, another way in each run; none: not at all.",
    )
    prompt_tokens: Distribution | TokenTrace | None = None
    output_tokens: Distribution | TokenTrace | None = None
    joint_lengths: JointLengths | None = Field(
        default=None, description="How long prompts and long answers go together; none: drawn apart."
    )
    system_prompt_tokens: Count | None = Field(
        default=None,
        ge=1,
        description="In front of each conversation's first prompt, beside `prompt_tokens`; the same for all users.",
    )
    max_tokens: Count | None = Field(
        default=None,
        ge=1,
        description="The `max_tokens` of its requests: answers end there, and providers that reserve it do so.",
    )
    turns: Turns | None = None
    complexity: dict[str, Share] = Field(default_factory=lambda: {"simple": 1.0}, min_length=1, max_length=8)
    popularity: Popularity | None = None
    priority: Literal["interactive", "batch"] = "interactive"
    timeout: Seconds | None = Field(
        default=None, gt=0, description="The user gives up waiting for a turn after this."
    )
    limits: WorkloadLimits | None = None
    budget: WorkloadBudget | None = None
    tenants: dict[str, Tenant] = Field(
        default_factory=dict,
        max_length=64,
        description="Who shares the workload, by name: each with its part of the demand and a quota of its own.",
    )
    asks_again: AsksAgain | None = None
    steps: list[Step] = Field(min_length=1, max_length=40)

    @model_validator(mode="after")
    def _one_demand(self) -> "Workload":
        by_users = self.users is not None and self.actions_per_user is not None
        by_trace = self.trace is not None and self.trace.says_when
        if self.clients is not None:
            self._refuse_open_demand()
        elif self.think_time is not None:
            raise ValueError("`think_time` is of `clients`; users who arrive at a rate think between `turns`")
        if (self.users is None) != (self.actions_per_user is None):
            raise ValueError("`users` and `actions_per_user` belong together")
        if self.clients is None and by_users + (self.arrival_rate is not None) + by_trace == 0:
            raise ValueError(
                "no demand: give `users` and `actions_per_user`, or `arrival_rate`, or `clients`, or a `trace` with "
                "`replay: arrivals` or `replay: sessions`"
            )
        if by_users and self.arrival_rate is not None:
            raise ValueError("give `users` and `actions_per_user`, or `arrival_rate`, not both")
        if abs(sum(self.complexity.values()) - 1.0) > 1e-9:
            raise ValueError(
                f"the shares of `complexity` add up to {sum(self.complexity.values()):.4g}, not 1"
            )
        shares = sum(tenant.share for tenant in self.tenants.values())
        if self.tenants and abs(shares - 1.0) > 1e-9:
            raise ValueError(f"the shares of `tenants` add up to {shares:.4g}, not 1; name the others, too")
        return self

    def _refuse_open_demand(self) -> None:
        """Complain about what says when others than clients arrive."""
        tenants = [tenant.burstiness for tenant in self.tenants.values() if tenant.burstiness is not None]
        others = [
            key for key in ("users", "actions_per_user", "arrival_rate") if getattr(self, key) is not None
        ]
        if self.trace is not None and self.trace.says_when:
            others.append(f"trace.replay: {self.trace.replay}")
        if self.burstiness != 1.0 or tenants:
            others.append("burstiness")
        if self.wander is not None:
            others.append("wander")
        if others:
            raise ValueError(
                f"`clients` ask when they have their answer, so `{others[0]}` has no effect; give one of the two"
            )

    @property
    def is_closed(self) -> bool:
        """Whether the next action waits for the end of the last one."""
        return self.clients is not None

    @property
    def tenant_names(self) -> tuple[str, ...]:
        """Names of the tenants; where there are none, of the one that has all: empty."""
        return tuple(self.tenants) or ("",)

    def of_tenant(self, name: str) -> "Workload":
        """The part of a tenant: its burstiness, limits and budget in place of the workload's."""
        if name not in self.tenants:
            return self
        tenant = self.tenants[name]
        return self.model_copy(
            update={
                "burstiness": self.burstiness if tenant.burstiness is None else tenant.burstiness,
                "limits": tenant.limits or self.limits,
                "budget": tenant.budget,
            }
        )

    def budgets(self) -> Iterator[tuple[str, str | None, WorkloadBudget]]:
        """Every budget: whose it is in words, the tenant (None: all of the workload), and what it says."""
        if self.budget is not None:
            yield self.name, None, self.budget
        for name, tenant in self.tenants.items():
            if tenant.budget is not None:
                yield f"{name} of {self.name}", name, tenant.budget

    def share_of(self, name: str) -> float:
        """A tenant's part of the demand."""
        return self.tenants[name].share if name in self.tenants else 1.0


WorkloadName = Annotated[str, Field(min_length=1, max_length=80)]
