"""What a scenario says about hosted models: price, limits, latency, errors, quality."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.mechanisms.distributions import Distribution
from simulator.mechanisms.providers.limit_rules import LimitRules
from simulator.units import Count, Share, TokensPerMinute, UsdPerHour, UsdPerMillionTokens


class LongPrompts(BaseModel):
    """Prices of whole requests whose prompt is long."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    above: Count = Field(ge=1, description="Prompts of more input tokens than this.")
    input: UsdPerMillionTokens = Field(ge=0)
    output: UsdPerMillionTokens = Field(ge=0)
    cached_input: UsdPerMillionTokens | None = Field(
        default=None, ge=0, description="None: as for short ones."
    )


class Prices(BaseModel):
    """Prices that replace or complete the catalog's: a contract, or a model the catalog does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    input: UsdPerMillionTokens | None = Field(
        default=None, ge=0, description="Per million input tokens, e.g. `$3/Mtok`; none: list price."
    )
    output: UsdPerMillionTokens | None = Field(
        default=None, ge=0, description="Per million output tokens; none: list price."
    )
    cached_input: UsdPerMillionTokens | None = Field(
        default=None,
        ge=0,
        description="Per million input tokens that the provider finds in its cache; none: list price.",
    )
    cached_share: Share = Field(
        default=0.0,
        description="Share of input tokens billed as cached, as the provider's usage report says.",
    )
    long: LongPrompts | None = Field(
        default=None, description="Another tier for long prompts; none: list price, if `input` is not given."
    )
    batch_discount: Share = Field(
        default=0.0, description="Off all prices for workloads of priority `batch` (a batch interface)."
    )
    discount: Share = Field(default=0.0, lt=1, description="Contract discount off the list prices.")

    @model_validator(mode="after")
    def _whole(self) -> "Prices":
        if (self.input is None) != (self.output is None):
            raise ValueError("`input` and `output` belong together")
        if self.cached_input is not None and self.cached_share == 0.0:
            raise ValueError("`cached_input` changes nothing without `cached_share`")
        return self


class Provisioned(BaseModel):
    """Throughput that is held by the hour, used or not; tokens that it carries are not billed apart."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    catalog: str | None = Field(
        default=None,
        description="Name in the catalog of provisioned throughput, e.g. `azure-ptu`: what is not given here is the "
        "catalog's for the `model`.",
    )
    units: dict[str, Count] | Count = Field(description="Units held, per region or the same in each.")
    price: UsdPerHour = Field(ge=0, description="Per unit and hour, e.g. `$1/unit_hour`.")
    tpm_per_unit: TokensPerMinute = Field(gt=0, description="Tokens per minute that a unit carries.")
    output_weight: float = Field(
        default=1.0, gt=0, le=100, description="Input tokens that an output token counts as."
    )
    overflow: bool = Field(
        default=False,
        description="Beyond the units, go on at the price per token within `tpm`; false: 429.",
    )

    def units_in(self, region: str) -> int:
        """Units held in a region."""
        return self.units.get(region, 0) if isinstance(self.units, dict) else self.units


class Grounded(BaseModel):
    """How often an answer rests on the sources that came with the question; what does not is made up, right or not."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    right: Share = Field(default=1.0, description="Share of the right answers that are grounded.")
    wrong: Share = Field(default=1.0, description="Share of the wrong answers that are grounded.")


class Model(BaseModel):
    """A model: every listed region is a deployment with its own limits.

    What is optional here and needed of a hosted model is asked for in `simulator.scenario.model`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    model_name: str = Field(min_length=1, max_length=80)
    provider: str | None = Field(
        default=None, description="As genai-prices calls it: openai, anthropic, google, azure, …"
    )
    model: str | None = Field(
        default=None, description="The provider's name of the model; prices are looked up by it."
    )
    regions: list[str] | None = Field(default=None, min_length=1)
    rate_limits: str | None = Field(
        default=None,
        description="Name in the catalog of rate limits, e.g. `openai-tier-3`: what of `rpm`, `tpm`, `input_tpm` and "
        "`output_tpm` is not given is the catalog's for the `model`.",
    )
    rpm: dict[str, Count] | Count | None = Field(
        default=None,
        description="Requests per minute and deployment; beyond it 429. Without `limits_as` a bucket one minute deep.",
    )
    tpm: dict[str, TokensPerMinute] | TokensPerMinute | None = Field(
        default=None,
        description="Tokens (prompt and output) per minute and deployment; beyond it 429. Without `limits_as` a bucket one "
        "minute deep, charged prompt and real output when a request is let in.",
    )
    input_tpm: dict[str, TokensPerMinute] | TokensPerMinute | None = Field(
        default=None,
        description="Input tokens per minute and deployment (`itpm`); beyond it 429. Without `limits_as` as `tpm`, of the "
        "prompt alone.",
    )
    output_tpm: dict[str, TokensPerMinute] | TokensPerMinute | None = Field(
        default=None,
        description="Output tokens per minute and deployment (`otpm`); beyond it 429. Without `limits_as` as `tpm`, of the "
        "real output alone.",
    )
    limits_as: str | None = Field(
        default=None,
        description="How the provider counts: a name in the catalog of limit rules, e.g. `anthropic` or `azure-standard`, "
        "which fills in what `limit_rules` does not say. None: each limit is a bucket one minute deep, and a request is "
        "charged all that it takes when it is let in.",
    )
    limit_rules: LimitRules | None = Field(
        default=None, description="How each limit counts: its window, and what a request is charged when."
    )
    max_parallel_requests: dict[str, Count] | Count | None = None
    weight: float = Field(default=1.0, gt=0, description="Share of traffic under simple-shuffle.")
    ttft: Distribution | None = Field(default=None, description="Time to first token, without the network.")
    tpot: Distribution | None = Field(
        default=None, description="Time per output token after the first; drawn once per attempt."
    )
    error_rate: Share = 0.0
    success_rate: dict[str, Share] | Share = Field(
        default=1.0, description="Share of right answers, by complexity."
    )
    success_by_language: dict[str, Share] = Field(
        default_factory=dict,
        max_length=64,
        description="Factor on its share of right answers by language, in place of the `success_factor` of `languages`.",
    )
    grounded: Grounded = Field(
        default=Grounded(), description="Which of its answers rest on what was retrieved for them."
    )
    prices: Prices | None = None
    provisioned: Provisioned | None = None
