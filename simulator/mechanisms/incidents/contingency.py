"""What a scenario says about contingencies: what may be missing at the peak while every objective still holds."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.units import Count

_KINDS = ("replica_loss", "region_loss", "incident")


class Contingency(BaseModel):
    """Something that is missing, or wrong, for as long as a peak lasts; the plan buys enough to hold under it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    replica_loss: Count | None = Field(
        default=None,
        ge=1,
        le=10_000,
        description="So many replicas are gone: of every service and pool whose `replicas` are given, in each region, one "
        "place after the other. 1 is what is called N-1.",
    )
    region_loss: str | None = Field(
        default=None, description="Everything that runs in this region is down; its users still ask."
    )
    incident: str | None = Field(
        default=None, description="An incident of this scenario by its name, such as a slow provider."
    )
    target: str | None = Field(
        default=None, description="With `replica_loss`: only this service or pool; none: each."
    )
    stages: list[str] | None = Field(
        default=None, min_length=1, description="Only these stages must survive it; none: all."
    )

    @model_validator(mode="after")
    def _one_kind(self) -> "Contingency":
        given = [kind for kind in _KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(f"give one of {', '.join(f'`{kind}`' for kind in _KINDS)}")
        if self.target is not None and self.replica_loss is None:
            raise ValueError("`target` belongs to `replica_loss`")
        return self
