"""What is written down of every action, for how long, where, and what that costs: logs, traces, transcripts."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.units import Bytes, Seconds, Share, UsdPerGigabyte

_BYTES_PER_GB = 1e9
_MONTH_S = 730.0 * 3600.0


class Telemetry(BaseModel):
    """Logs of actions: they pile up until the oldest are old enough to be deleted."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    bytes_per_action: Bytes = Field(
        gt=0, description="Written for an action that ended, however it ended, e.g. `20kB`."
    )
    sample: Share = Field(default=1.0, gt=0, description="Share of the actions that are written down.")
    retention: Seconds = Field(gt=0, description="How long they are kept, e.g. `90d`.")
    ingestion: UsdPerGigabyte = Field(
        default=0.0, ge=0, description="Per 10^9 bytes written, e.g. `$2.50/GB`."
    )
    storage: UsdPerGigabyte = Field(
        default=0.0,
        ge=0,
        description="Per 10^9 bytes and month of 730 h that they are kept, e.g. `$0.03/GB`.",
    )
    region: str | None = Field(
        default=None,
        description="Region where all are kept: those of other regions pay `network.egress`, and users whose data may not "
        "go there are an error. None: where users are.",
    )

    @model_validator(mode="after")
    def _costs_something(self) -> "Telemetry":
        if self.ingestion == 0.0 and self.storage == 0.0:
            raise ValueError("costs nothing: give `ingestion`, `storage`, or both")
        return self

    @property
    def gb_per_action(self) -> float:
        """Written on average, in 10^9 bytes."""
        return self.sample * self.bytes_per_action / _BYTES_PER_GB

    @property
    def retention_months(self) -> float:
        """How long it is kept, in months of 730 h."""
        return self.retention / _MONTH_S
