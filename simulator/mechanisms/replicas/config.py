"""What a scenario says about self-hosted models: replicas on GPUs, their engine, how they scale and what they cost."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from simulator.units import Count, UsdPerHour

_FROZEN = ConfigDict(frozen=True, extra="forbid")


class Reserved(BaseModel):
    """Replicas paid for whether they serve or not, at a price of their own."""

    model_config = _FROZEN
    replicas: dict[str, Count] | Count = Field(description="Per region.")
    price: UsdPerHour = Field(ge=0, description="Per GPU and hour, e.g. `$1.90/gpu_hour`.")


class Pool(BaseModel):
    """Replicas of a model that is served by an engine with continuous batching."""

    model_config = _FROZEN
    model: str = Field(description="As in `rollout pools`, e.g. `meta-llama/Meta-Llama-3.1-8B`.")
    gpu: str = Field(description="As in `rollout pools`, e.g. `h100_sxm`.")
    engine: str = "vllm"
    tensor_parallel: Count = Field(default=1, ge=1, description="GPUs that share one replica.")
    replicas: dict[str, Count] | Count = Field(default=1, description="Replicas per region.")
    max_num_seqs: Count = Field(default=256, ge=1, le=8192, description="Sequences in one batch.")
    max_num_batched_tokens: Count = Field(
        default=8192, ge=1, description="Tokens of one iteration: a token per decode, prompts with the rest."
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
    load_balancing: Literal["round-robin", "least-outstanding", "prefix-affinity"] = "least-outstanding"
    max_queued_requests: Count | None = Field(
        default=None, ge=0, description="Longest queue per region; beyond it requests are shed."
    )
    price: UsdPerHour = Field(default=0.0, ge=0, description="Per GPU and hour, e.g. `$2.99/gpu_hour`.")
    reserved: Reserved | None = None
    profile: str | None = Field(
        default=None,
        description="File with step times of your own; none: the one of the model, GPU and engine.",
    )
