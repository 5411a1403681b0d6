"""How does a provider count what its limits are of? Rules that a scenario names or states, beside the amounts."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.units import Seconds

_FROZEN = ConfigDict(frozen=True, extra="forbid")


class Charge(BaseModel):
    """What a request is charged, in tokens: a weight for each kind, added up; what is not named counts nothing."""

    model_config = _FROZEN
    input: float = Field(
        default=0.0, ge=0, le=100, description="Per input token that the provider has not cached."
    )
    cached_input: float = Field(
        default=0.0, ge=0, le=100, description="Per input token that it has cached (`prices.cached_share`)."
    )
    output: float = Field(
        default=0.0, ge=0, le=100, description="Per output token: at the start of the whole answer, at the end of what "
        "was made."
    )  # fmt: skip
    max_tokens: float = Field(
        default=0.0, ge=0, le=100, description="Per token of the workload's `max_tokens`; at the start only."
    )

    def of_input(self, cached_share: float) -> float:
        """Weight of an input token on average."""
        return (1.0 - cached_share) * self.input + cached_share * self.cached_input

    @property
    def is_nothing(self) -> bool:
        """Whether it never charges anything."""
        return not any((self.input, self.cached_input, self.output, self.max_tokens))


class RequestRule(BaseModel):
    """How requests per minute are counted."""

    model_config = _FROZEN
    window: Literal["bucket", "fixed"] = Field(
        default="bucket",
        description="`bucket`: room comes back without a break; `fixed`: all at once, when the next window begins.",
    )
    span: Seconds = Field(
        default=60.0,
        gt=0,
        le=86_400,
        description="A full bucket, or a window, holds what the limit lets through in this time.",
    )
    charges_refused: bool = Field(
        default=False,
        description="A try that gets a 429 is charged, too, as far as there is room: asking on keeps the limit used up.",
    )


class TokenRule(RequestRule):
    """How tokens per minute are counted."""

    at_start: Charge = Field(
        default=Charge(),
        description="Charged when a request is let in; it is let in where there is room for it. If this is nothing, where "
        "the limit is not used up.",
    )
    larger: bool = Field(
        default=False,
        description="Charge the larger of what input and output come to at the start, not both.",
    )
    at_end: Charge | None = Field(
        default=None,
        description="Charged in place of it when the request has ended; none: what was charged stays.",
    )

    @model_validator(mode="after")
    def _counts_once(self) -> "TokenRule":
        if self.at_start.is_nothing and (self.at_end is None or self.at_end.is_nothing):
            raise ValueError("counts nothing: give `at_start`, `at_end`, or both")
        if self.at_start.output > 0.0 and self.at_start.max_tokens > 0.0:
            raise ValueError("`at_start` counts the answer twice: keep `output` or `max_tokens`")
        if self.at_end is not None and self.at_end.max_tokens > 0.0:
            raise ValueError("at the end the length of the answer is known: use `output`, not `max_tokens`")
        return self


class LimitRules(BaseModel):
    """How each limit of a model counts: `rpm`, `tpm`, `input_tpm`, `output_tpm`."""

    model_config = _FROZEN
    rpm: RequestRule | None = None
    tpm: TokenRule | None = None
    input_tpm: TokenRule | None = None
    output_tpm: TokenRule | None = None


LIMIT_KEYS = tuple(LimitRules.model_fields)

# What the limits mean where no rule is named: everything is known, and charged, at the start.
AS_WRITTEN = LimitRules(
    rpm=RequestRule(),
    tpm=TokenRule(at_start=Charge(input=1, cached_input=1, output=1)),
    input_tpm=TokenRule(at_start=Charge(input=1, cached_input=1)),
    output_tpm=TokenRule(at_start=Charge(output=1)),
)
