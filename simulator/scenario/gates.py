"""What must be so before a rollout goes on to a stage: conditions, a pause, somebody's word."""

from pydantic import BaseModel, ConfigDict, Field

from simulator.units import Objective, Seconds

_FROZEN = ConfigDict(frozen=True, extra="forbid")

Conditions = dict[str, list[Objective]]


class Approval(BaseModel):
    """Somebody who must say yes; while they think, the stage before goes on."""

    model_config = _FROZEN
    by: str = Field(min_length=1, max_length=80, description="Who approves, e.g. `cfo`.")
    takes: Seconds = Field(default=0.0, ge=0, description="From the request until the answer.")


class Gates(BaseModel):
    """Between two stages: conditions in the spelling of `thresholds`, e.g. `success_rate{region:eu-west}: [">= 90%"]`."""

    model_config = _FROZEN
    entry: Conditions = Field(
        default_factory=dict,
        max_length=40,
        description="Must hold at the end of the stage before, or this one is not begun.",
    )
    exit: Conditions = Field(
        default_factory=dict,
        max_length=40,
        description="Must hold at the end of this stage, or the next one is not begun.",
    )
    pause: Seconds = Field(
        default=0.0, ge=0, description="How long this stage goes on as it ends before the next one may begin."
    )
    approval: Approval | None = Field(default=None, description="Needed before this stage begins.")
