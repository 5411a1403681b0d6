"""What a scenario says about self-hosted models: replicas on GPUs, their engine, how they scale and what they cost."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from simulator.mechanisms.autoscaling import AutoscalingPolicy
from simulator.mechanisms.replicas.engines import BatchLimits, hides_host_times, server_limits, version_of
from simulator.units import Count, RatePerSecond, Seconds, Share, UsdPerHour

_FROZEN = ConfigDict(frozen=True, extra="forbid")
MEMORY_SHARE = (
    0.9  # of a GPU's memory that vLLM takes unless a flag says it; shipped profiles have its KV cache
)


class Reserved(BaseModel):
    """Replicas paid for whether they serve or not, at a price of their own."""

    model_config = _FROZEN
    replicas: dict[str, Count] | Count = Field(description="Per region.")
    price: UsdPerHour = Field(ge=0, description="Per GPU and hour, e.g. `$1.90/gpu_hour`.")

    def replicas_in(self, region: str) -> int:
        """Replicas reserved in a region."""
        return self.replicas.get(region, 0) if isinstance(self.replicas, dict) else self.replicas


class Spot(BaseModel):
    """Replicas on spot capacity: cheap, and taken back when somebody pays more.

    Each is interrupted by itself. It is given notice, takes nothing new and ends what it can, and is lost with the rest.
    After a wait for capacity and a start-up another one serves in its place.
    """

    model_config = _FROZEN
    share: Share = Field(
        gt=0, description="Of the replicas that are not reserved, rounded down to whole ones in each region."
    )
    price: UsdPerHour = Field(
        ge=0,
        description="Per GPU and hour, e.g. `$1.25/gpu_hour`, or a name in the catalog, e.g. `azure-h100-spot`.",
    )
    interruptions: RatePerSecond = Field(
        gt=0, le=1.0 / 60.0, description="Of each replica while it runs, e.g. `0.05 per hour` (exponential)."
    )
    notice: Seconds = Field(
        default=30.0, ge=0, description="From the notice to the loss: 30 s at Azure and Google, 2 min at AWS."
    )
    wait: Seconds = Field(
        default=600.0,
        ge=0,
        description="Mean time from the loss until capacity is found again (exponential).",
    )
    startup_delay: Seconds = Field(
        default=180.0,
        ge=0,
        description="From then, or from an order on demand, until a replica serves; is paid.",
    )
    fallback: Literal["on-demand", "none"] = Field(
        default="on-demand",
        description="`on-demand`: a replica at the pool's price is ordered at the notice, and stands in until spot is back.",
    )


class PoolAutoscaling(AutoscalingPolicy):
    """Replicas follow one measure of the load, which is aimed at on average; 0 replicas where nobody asks, if allowed."""

    min_replicas: Count = Field(default=1, ge=0, description="0: none where nobody asks.")
    target_ongoing_requests: float | None = Field(
        default=None, gt=0, description="Requests per replica, waiting and running."
    )
    target_queued_requests: float | None = Field(
        default=None, gt=0, description="Requests that wait, per replica."
    )
    target_kv_usage: Share | None = Field(default=None, gt=0, description="Share of the KV cache in use.")
    target_ttft: Seconds | None = Field(
        default=None, gt=0, description="Time to first token at the pool, mean since the last look."
    )

    @model_validator(mode="after")
    def _one_target(self) -> "PoolAutoscaling":
        if len(self.targets) != 1:
            raise ValueError(
                "needs one of `target_ongoing_requests`, `target_queued_requests`, `target_kv_usage`, `target_ttft`"
            )
        if self.min_replicas > self.max_replicas:
            raise ValueError(
                f"`min_replicas` ({self.min_replicas}) is above `max_replicas` ({self.max_replicas})"
            )
        return self

    @property
    def targets(self) -> dict[str, float]:
        """The targets that are given, by measure."""
        given = {
            "ongoing_requests": self.target_ongoing_requests,
            "queued_requests": self.target_queued_requests,
            "kv_usage": self.target_kv_usage,
            "ttft": self.target_ttft,
        }
        return {measure: value for measure, value in given.items() if value is not None}


class Speculation(BaseModel):
    """A draft proposes tokens, and one iteration of the model checks them all: those before the first wrong one count."""

    model_config = _FROZEN
    tokens: Count = Field(ge=1, le=16, description="Proposed per iteration: `num_speculative_tokens`.")
    acceptance: Share = Field(
        description="Of a proposed token, given that those before it were accepted: from the engine's metrics, accepted "
        "by drafted tokens is less."
    )
    draft_cost: Share = Field(
        default=0.05,
        description="Time to propose one token, as a share of an iteration that decodes the same batch: 0 for n-grams, "
        "some 5 % for EAGLE and MTP, more for a draft model. An assumption.",
    )

    @property
    def tokens_per_step(self) -> float:
        """Tokens that come out of an iteration, on average: (1 − a^(k+1)) / (1 − a), with the model's own one."""
        return sum(self.acceptance**n for n in range(self.tokens + 1))


class Pool(BaseModel):
    """Replicas of a model that is served by an engine with continuous batching."""

    model_config = _FROZEN
    model: str = Field(description="As in `rollout pools`, e.g. `meta-llama/Meta-Llama-3.1-8B`.")
    gpu: str = Field(description="As in `rollout pools`, e.g. `h100_sxm`.")
    engine: str = "vllm"
    engine_version: str | None = Field(
        default=None,
        max_length=40,
        description="E.g. `'0.11'`: whose times beside the GPU kernels hold. None: the newest that was measured.",
    )
    tensor_parallel: Count = Field(default=1, ge=1, description="GPUs that share one replica.")
    replicas: dict[str, Count] | Count = Field(
        default=1, description="Replicas per region; where there are 0, requests are shed at once."
    )
    max_num_seqs: Count | None = Field(
        default=None,
        ge=1,
        le=8192,
        description="Sequences in one batch. None: what the engine's server takes on this GPU, e.g. 1024 on an H100.",
    )
    chunked_prefill: bool = Field(
        default=True,
        description="Prompts share iterations with decodes, in chunks. false: whole prompts have iterations of their own, "
        "for which decodes wait, as in vLLM up to 0.10 with its V0 engine.",
    )
    max_num_batched_tokens: Count | None = Field(
        default=None,
        ge=1,
        description="Tokens of one iteration: a token per decode, prompts with the rest. None: what the engine's server "
        "takes on this GPU, e.g. 8192 on an H100.",
    )
    gpu_memory_utilization: Share | None = Field(
        default=None,
        gt=0,
        description="Share of the GPUs' memory that the engine takes; what weights leave of it is KV cache. None: 90 %.",
    )
    kv_cache_tokens: Literal["auto"] | Count = Field(
        default="auto",
        description="Tokens in the KV cache of one replica; `auto`: from the GPU's memory and the model.",
    )
    max_model_len: Count | None = Field(
        default=None,
        ge=1,
        description="Longest prompt and output of a request; beyond it an error. None: the model's.",
    )
    prefix_caching: bool = Field(
        default=True, description="Keep the blocks of answered requests for turns that repeat them."
    )
    speculation: Speculation | None = Field(default=None, description="Speculative decoding.")
    async_scheduling: bool | None = Field(
        default=None,
        description="The engine prepares an iteration while the GPU works on the one before, so that only what exceeds the "
        "GPU's time counts. None: as its version does, vLLM from 0.14 on.",
    )
    iteration_overhead: Seconds | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Of each iteration beside the GPU's kernels: scheduling, inputs, sampling, e.g. `570us`; "
        "`rollout profile --host` fits it to a benchmark. None: the engine's, as it was measured.",
    )
    request_overhead: Seconds | None = Field(
        default=None,
        ge=0,
        description="Of each request outside of the engine, there and back, as a client sees it: HTTP, tokenisation, "
        "streaming. None: the engine's, and none with a `profile` of your own; `0s`: as the server sees it.",
    )
    load_balancing: Literal["round-robin", "least-outstanding", "prefix-affinity"] = "least-outstanding"
    max_queued_requests: Count | None = Field(
        default=None, ge=0, description="Longest queue per region; beyond it requests are shed."
    )
    price: UsdPerHour = Field(
        default=0.0,
        ge=0,
        description="Per GPU and hour, e.g. `$2.99/gpu_hour`, or a name in the catalog of GPU prices, e.g. `aws-h100`.",
    )
    reserved: Reserved | None = None
    spot: Spot | None = None
    autoscaling: PoolAutoscaling | None = None
    profile: str | None = Field(
        default=None,
        description="File with step times of your own; none: the one of the model, GPU and engine.",
    )

    @field_validator("engine_version", mode="before")
    @classmethod
    def _is_version(cls, value: object) -> object:
        if isinstance(value, int | float):
            value = str(value)
            if len(value.partition(".")[2]) < 2:
                raise ValueError(
                    f"{value} is a number, in which 0.10 is 0.1: write it in quotes, e.g. '0.11'"
                )
        if isinstance(value, str):
            version_of(value)
        return value

    @property
    def batch_limits(self) -> BatchLimits:
        """Most sequences and tokens of an iteration: as stated, else as the engine's server takes them."""
        by_default = server_limits(
            self.engine,
            self.engine_version,
            self.gpu,
            self.max_model_len,
            chunks_prompts=self.chunked_prefill,
        )
        return BatchLimits(
            self.max_num_seqs or by_default.max_num_seqs,
            self.max_num_batched_tokens or by_default.max_num_batched_tokens,
        )

    @property
    def schedules_ahead(self) -> bool:
        """Whether the engine's own times are hidden behind those of the GPU."""
        if self.async_scheduling is not None:
            return self.async_scheduling
        return hides_host_times(self.engine, self.engine_version)
