"""What a scenario says about releases: what a new version of prompt, policy or model changes."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.units import SignedShare

_FROZEN = ConfigDict(frozen=True, extra="forbid")


class ReleaseChanges(BaseModel):
    """How a version differs from the one before."""

    model_config = _FROZEN
    success_rate: SignedShare = Field(
        default=0.0, ge=-1, le=1, description="Added to the share of right answers of models, e.g. `+3%`."
    )
    error_rate: SignedShare = Field(
        default=0.0, ge=-1, le=1, description="Added to the error rate of models, e.g. `+0.1%`."
    )
    latency: SignedShare = Field(
        default=0.0,
        gt=-1,
        le=1000,
        description="Change of hosted models' times to and per token, e.g. `+10%`.",
    )
    prompt_tokens: SignedShare = Field(
        default=0.0, gt=-1, le=100, description="Change of prompts, e.g. `-20%`."
    )
    output_tokens: SignedShare = Field(
        default=0.0, gt=-1, le=100, description="Change of answers, e.g. `+15%`."
    )


class Release(BaseModel):
    """A version that a canary brings to the users."""

    model_config = _FROZEN
    name: str = Field(min_length=1, max_length=80)
    workload: str | None = Field(default=None, description="Whose version it is; none: of all workloads.")
    changes: ReleaseChanges = ReleaseChanges()

    @model_validator(mode="after")
    def _not_stable(self) -> "Release":
        if self.name == STABLE:
            raise ValueError(f"`{STABLE}` is what the version before is called; give it another name")
        return self


STABLE = "stable"  # the version that everybody has before
