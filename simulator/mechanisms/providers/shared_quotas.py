"""Which limits do several models draw on together, and what of them is kept for whom?"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.mechanisms.providers.limit_rules import LIMIT_KEYS, LimitRules
from simulator.units import Count, Share, TokensPerMinute

EVERYWHERE = "all regions"  # in place of a region, for what all of them share
_ROUNDING = 1e-9  # of a sum of shares


class SharedQuota(BaseModel):
    """Limits of an organisation, an account or a class of models: all its models draw on them, besides their own."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    models: list[str] = Field(
        min_length=1, max_length=64, description="Hosted models that draw on it together."
    )
    scope: Literal["organisation", "region"] = Field(
        default="organisation",
        description="`organisation`: one for the deployments in all regions; `region`: one for those of each region.",
    )
    rpm: dict[str, Count] | Count | None = Field(
        default=None, description="Requests per minute of all together; of `scope: region` per region, or the same in each."
    )  # fmt: skip
    tpm: dict[str, TokensPerMinute] | TokensPerMinute | None = Field(
        default=None, description="Tokens (prompt and output) per minute of all together."
    )
    input_tpm: dict[str, TokensPerMinute] | TokensPerMinute | None = Field(
        default=None, description="Input tokens per minute of all together (`itpm`)."
    )
    output_tpm: dict[str, TokensPerMinute] | TokensPerMinute | None = Field(
        default=None, description="Output tokens per minute of all together (`otpm`)."
    )
    limits_as: str | None = Field(
        default=None,
        description="How the provider counts, as in `model_list`: a name in the catalog of limit rules.",
    )
    limit_rules: LimitRules | None = Field(
        default=None, description="How each limit counts, as in `model_list`."
    )
    reserved: dict[str, Share] = Field(
        default_factory=dict,
        max_length=64,
        description="Shares kept for workloads or tenants, by name; all others have the rest together.",
    )
    borrow_below: Share = Field(
        default=0.8,
        lt=1,
        description="While less than this share of a limit is in use, anybody may take of it; from there on each has the "
        "reserved share only, less what was borrowed. 0: nothing is lent.",
    )

    @model_validator(mode="after")
    def _divides(self) -> "SharedQuota":
        if all(getattr(self, key) is None for key in LIMIT_KEYS):
            raise ValueError(f"limits nothing: give {', '.join(f'`{key}`' for key in LIMIT_KEYS)}")
        by_region = [key for key in LIMIT_KEYS if isinstance(getattr(self, key), dict)]
        if by_region and self.scope == "organisation":
            raise ValueError(f"`{by_region[0]}` differs by region: set `scope: region`, or give one number")
        in_all = sum(self.reserved.values())
        if in_all > 1.0 + _ROUNDING:
            raise ValueError(f"`reserved` shares add up to {in_all:.0%}, more than there is")
        default = type(self).model_fields["borrow_below"].default
        if not self.reserved and self.borrow_below != default:
            raise ValueError("`borrow_below` changes nothing without `reserved`")
        return self

    @property
    def rest(self) -> float:
        """Share that those have together for whom none is reserved."""
        rest = 1.0 - sum(self.reserved.values())
        return rest if rest > _ROUNDING else 0.0

    def drawer(self, workload: str, tenant: str) -> str:
        """The name by which a share is reserved for who asks; nothing: one of the rest."""
        return next((name for name in (tenant, workload) if name in self.reserved), "")
