"""What a scenario says about hosted models: price, limits, latency, errors, quality."""

from pydantic import BaseModel, ConfigDict, Field

from simulator.mechanisms.distributions import Distribution
from simulator.units import Count, Share, TokensPerMinute, UsdPerMillionTokens


class Prices(BaseModel):
    """Prices that replace the catalog's (a contract, or a model the catalog does not know)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    input: UsdPerMillionTokens = Field(ge=0, description="Per million input tokens, e.g. `$3/Mtok`.")
    output: UsdPerMillionTokens = Field(ge=0, description="Per million output tokens.")


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
    rpm: dict[str, Count] | Count | None = Field(
        default=None, description="Requests per minute and deployment; beyond it 429."
    )
    tpm: dict[str, TokensPerMinute] | TokensPerMinute | None = Field(
        default=None, description="Tokens (prompt and output) per minute and deployment; beyond it 429."
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
    prices: Prices | None = None
