"""What a scenario says about money: fixed costs, the process it replaces, what an answer is worth, what is unsure."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.units import Count, Day, Seconds, Share, SignedShare, Usd, UsdPerMonth

_FROZEN = ConfigDict(frozen=True, extra="forbid")


class ExchangeRates(BaseModel):
    """What other currencies are worth in US dollars, on one day."""

    model_config = _FROZEN
    date: Day
    rates: dict[str, float] = Field(
        min_length=1, max_length=40, description="US dollars for one, e.g. `{EUR: 1.08}`."
    )


class Baseline(BaseModel):
    """The process that is in place today, and that the rollout is held against."""

    model_config = _FROZEN
    cost_per_action: Usd = Field(ge=0, description="What an action costs today, right or wrong.")
    success_rate: Share = Field(default=1.0, gt=0, description="Share of actions that are right today.")
    handle_time: Seconds | None = Field(
        default=None, gt=0, description="Time of people per action today; tells how much of it is freed."
    )
    workloads: list[str] | None = Field(
        default=None, min_length=1, description="Whose actions it handles today; none: all."
    )


class Budget(BaseModel):
    """What may be spent."""

    model_config = _FROZEN
    monthly: UsdPerMonth = Field(gt=0, description="For everything in the ledger, per calendar month.")


class Commitment(BaseModel):
    """Spend promised to a provider: a discount on its models, and at least so much to pay every month."""

    model_config = _FROZEN
    name: str = Field(min_length=1, max_length=80)
    models: list[str] = Field(min_length=1, description="Hosted models whose tokens count towards it.")
    monthly: UsdPerMonth = Field(gt=0, description="Paid in any case; what is not used of it is lost.")
    discount: Share = Field(default=0.0, lt=1, description="Off the prices of these models.")


class TriangularRange(BaseModel):
    """Between two bounds, most likely at `mode`; all as changes of what the scenario says."""

    model_config = _FROZEN
    distribution: Literal["triangular"]
    low: SignedShare = Field(ge=-1)
    mode: SignedShare = 0.0
    high: SignedShare

    @model_validator(mode="after")
    def _ordered(self) -> "TriangularRange":
        if not self.low <= self.mode <= self.high:
            raise ValueError("`low`, `mode` and `high` must not fall")
        return self


class UniformRange(BaseModel):
    """Equally likely between two changes of what the scenario says."""

    model_config = _FROZEN
    distribution: Literal["uniform"]
    low: SignedShare = Field(ge=-1)
    high: SignedShare

    @model_validator(mode="after")
    def _ordered(self) -> "UniformRange":
        if self.high < self.low:
            raise ValueError("`high` is below `low`; swap them")
        return self


class NormalRange(BaseModel):
    """Around what the scenario says (or a change of it), by the coefficient of variation; never below zero."""

    model_config = _FROZEN
    distribution: Literal["normal"]
    cv: Share
    mean: SignedShare = Field(default=0.0, gt=-1)


class LognormalRange(BaseModel):
    """Around what the scenario says, which is the median, skewed to the right, by the coefficient of variation."""

    model_config = _FROZEN
    distribution: Literal["lognormal"]
    cv: Share


Range = Annotated[
    TriangularRange | UniformRange | NormalRange | LognormalRange, Field(discriminator="distribution")
]


class Uncertain(BaseModel):
    """Ranges of inputs, each a factor on what the scenario says; results become P10, P50 and P90."""

    model_config = _FROZEN
    users: Range | None = Field(default=None, description="Demand of every workload.")
    prompt_tokens: Range | None = Field(default=None, description="Lengths of prompts.")
    output_tokens: Range | None = Field(default=None, description="Lengths of answers.")
    token_price: Range | None = Field(default=None, description="Prices of all hosted models.")
    handle_time: Range | None = Field(default=None, description="Time that people take per case.")
    people_cost: Range | None = Field(default=None, description="Cost of people per hour.")
    error_share: Range | None = Field(
        default=None, description="Share of answers that are wrong, of every model."
    )
    success_rate: Range | None = Field(
        default=None, description="Share of answers that are right, of every model; at most all of them."
    )
    hand_off_rate: Range | None = Field(
        default=None,
        description="Share of answers that models flag as unsure (`confidence` of routes), which people then take over.",
    )
    adoption_delay: Range | None = Field(
        default=None, description="How long adoption takes (`takes` of every stage's `adoption`)."
    )
    exchange_rate: Range | None = Field(
        default=None,
        description="US dollars for one of the report's `currency`: what providers bill in dollars (tokens, provisioned "
        "units) is dearer where it falls. What is paid to people, services and the platform stays.",
    )


class Economics(BaseModel):
    model_config = _FROZEN
    platform: UsdPerMonth = Field(default=0.0, ge=0, description="Fixed cost per month, e.g. `$6_000/month`.")
    price_date: Day | None = Field(
        default=None,
        description="List prices of tokens as of this day; none: the day the scenario starts "
        "(never today, so that a run can be repeated).",
    )
    rework: Usd = Field(
        default=0.0,
        ge=0,
        description="Cost of doing an action over, for every one that ended without a right answer.",
    )
    wrong_answer: Usd = Field(
        default=0.0, ge=0, description="Cost of a wrong answer that reached a user, besides the rework."
    )
    value_per_success: Usd | None = Field(
        default=None, ge=0, description="What a right answer is worth, whoever gives it."
    )
    baseline: Baseline | None = None
    investment: Usd = Field(default=0.0, ge=0, description="Paid once, before the first stage.")
    discount_rate: SignedShare = Field(
        default=0.0, ge=0, le=1, description="Per year, for the net present value."
    )
    horizon: Count = Field(
        default=36,
        ge=1,
        le=120,
        description="Months from the start that payback and net present value look at; those behind the last "
        "stage are as its end.",
    )
    budget: Budget | None = None
    commitments: list[Commitment] = Field(default_factory=list, max_length=20)
    uncertain: Uncertain = Uncertain()
