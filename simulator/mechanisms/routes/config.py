"""What a scenario says about routes: which target serves an attempt, what comes after it fails, and how it is protected."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.mechanisms.routes.protection_config import Resilience
from simulator.units import Count, Share

RoutingStrategy = Literal[
    "simple-shuffle",
    "least-busy",
    "power-of-two",
    "usage-based-routing",
    "latency-based-routing",
    "cost-based-routing",
    "cascade",
    "complexity",
]
CACHED_ANSWER = "cached-answer"
HUMAN = "human"


class Confidence(BaseModel):
    """How well the model's own confidence tells right answers from wrong ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    flags_wrong: Share = Field(default=0.7, description="Share of wrong answers that are flagged as unsure.")
    flags_right: Share = Field(default=0.1, description="Share of right answers that are flagged as unsure.")
    flags_ungrounded: Share = Field(
        default=0.0,
        description="Share of the answers that are not grounded which a check of groundedness flags besides.",
    )


class RoutingPolicy(BaseModel):
    """Which target is picked for each attempt of a `call` or `generate` step."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    routing_strategy: RoutingStrategy = "simple-shuffle"
    choose: list[str] | dict[str, str] = Field(
        min_length=1,
        max_length=60,
        description="Models or services; by complexity for the strategy `complexity`, cheapest first for `cascade`.",
    )
    fallbacks: list[str] = Field(
        default_factory=list,
        max_length=10,
        description=f"Tried in order when `choose` failed: targets, `{CACHED_ANSWER}`, `{HUMAN}`.",
    )
    confidence: Confidence = Confidence()
    max_context_tokens: Count | None = Field(
        default=None, ge=1, description="Prompts are truncated to this length."
    )

    @model_validator(mode="after")
    def _shape(self) -> "RoutingPolicy":
        if (self.routing_strategy == "complexity") != isinstance(self.choose, dict):
            raise ValueError(
                "`choose` is a map complexity → target for the strategy `complexity`, otherwise a list of targets"
            )
        if self.routing_strategy == "cascade" and len(self.choose) < 2:
            raise ValueError("a `cascade` needs at least two targets, the cheapest first")
        return self


class RoutePolicy(RoutingPolicy, Resilience):
    """Everything a route says but for its regions."""
