"""What a scenario says about canaries: in which steps a release reaches its users, and what is looked at on the way.

Words and defaults are those of Argo Rollouts, where it has them.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.mechanisms.releases.condition import Condition
from simulator.units import Count, Seconds, Share, SignedShare

_FROZEN = ConfigDict(frozen=True, extra="forbid")


class SetWeight(BaseModel):
    """From now on so many of the actions have the new version."""

    model_config = _FROZEN
    set_weight: Share


class SetMirrorRoute(BaseModel):
    """From now on so many of the actions are copied to the new version; the copies' answers are thrown away."""

    model_config = _FROZEN
    set_mirror_route: Share


class Pause(BaseModel):
    """Wait."""

    model_config = _FROZEN
    pause: Seconds = Field(gt=0)


class Analyse(BaseModel):
    """Go on only if the analysis is successful."""

    model_config = _FROZEN
    analysis: str


CanaryStep = SetWeight | SetMirrorRoute | Pause | Analyse


class Comparison(BaseModel):
    """A test of the new version against the one before, at every look, on all that was seen since the canary began."""

    model_config = _FROZEN
    metric: Literal["success_rate", "reviewed_success_rate", "availability"]
    worse_by: SignedShare = Field(
        default=0.0, ge=0, lt=1, description="What is tolerated, in points of the share."
    )
    alpha: Share = Field(
        default=0.05,
        gt=0,
        lt=0.5,
        description="Chance that it stops a release that is just as good, over all looks.",
    )
    correction: Literal["pocock", "obrien-fleming", "none"] = Field(
        default="obrien-fleming",
        description="How `alpha` is kept over repeated looks; `none` tests each look at `alpha`, which stops good "
        "releases more often.",
    )


class Analysis(BaseModel):
    """Measurements at intervals, each of what happened since the one before."""

    model_config = _FROZEN
    interval: Seconds = Field(gt=0)
    count: Count = Field(ge=1, le=1000, description="Measurements.")
    initial_delay: Seconds = Field(default=0.0, ge=0, description="Before the first interval.")
    success_condition: Condition | None = Field(
        default=None, description='A measurement is successful if it holds, e.g. "success_rate >= 0.88".'
    )
    failure_condition: Condition | None = Field(
        default=None, description="A measurement has failed if it holds."
    )
    failure_limit: Count = Field(default=0, ge=0, description="Accepted failed measurements.")
    inconclusive_limit: Count = Field(default=0, ge=0, description="Accepted inconclusive measurements.")
    consecutive_success_limit: Count | None = Field(
        default=None, ge=1, description="Successful ones in a row that end the analysis at once."
    )
    compare: Comparison | None = None

    @model_validator(mode="after")
    def _some_rule(self) -> "Analysis":
        has_conditions = self.success_condition is not None or self.failure_condition is not None
        if has_conditions == (self.compare is not None):
            raise ValueError("give `success_condition`, `failure_condition` or both; or `compare` alone")
        if self.compare is not None:
            for key in ("failure_limit", "inconclusive_limit", "consecutive_success_limit"):
                if key in self.model_fields_set:
                    raise ValueError(
                        f"`{key}` is of conditions; `compare` stops at the first look that shows it"
                    )
        return self


class Evaluation(BaseModel):
    """A test set that every release must pass before any user gets it: both versions answer it, and are compared."""

    model_config = _FROZEN
    questions: Count = Field(ge=10, le=1_000_000, description="Of the test set.")
    alpha: Share = Field(
        default=0.05,
        gt=0,
        lt=0.5,
        description="Chance at most that it stops a release that is just as good (McNemar's exact test, one-sided).",
    )
    flips: Share = Field(
        default=0.05,
        gt=0,
        le=1,
        description="Share of the questions that one of two equally good versions gets right and the other wrong: "
        "ask the version before twice to measure it.",
    )


class Canary(BaseModel):
    """How every release reaches its users."""

    model_config = _FROZEN
    steps: list[CanaryStep] = Field(min_length=1, max_length=100)
    analyses: dict[str, Analysis] = Field(default_factory=dict, max_length=40)
    evaluation: Evaluation | None = None
    rollback_time: Seconds = Field(
        default=60.0, ge=0, description="From a failed analysis until nobody gets the new version any more."
    )

    @model_validator(mode="after")
    def _known(self) -> "Canary":
        used = {step.analysis for step in self.steps if isinstance(step, Analyse)}
        for name in sorted(used - set(self.analyses)):
            raise ValueError(f"no analysis `{name}`; there are: {', '.join(self.analyses) or 'none'}")
        for name in sorted(set(self.analyses) - used):
            raise ValueError(f"the analysis `{name}` is in no step; use it, or remove it")
        first = self.steps[0]
        weight = first.set_weight if isinstance(first, SetWeight) else 0.0
        copied = first.set_mirror_route if isinstance(first, SetMirrorRoute) else 0.0
        if weight + copied == 0.0:
            raise ValueError(
                "the first step must be a `set_weight` above 0: until then nobody has the release "
                "(or a `set_mirror_route`, which copies actions to it)"
            )
        if not used:
            raise ValueError("no step is an `analysis`: a canary that looks at nothing lets everything pass")
        return self

    @property
    def mirrors(self) -> bool:
        """Whether some step copies actions to the new version."""
        return any(isinstance(step, SetMirrorRoute) for step in self.steps)

    @property
    def duration_s(self) -> float:
        """How long it takes when nothing stops it."""
        total_s = 0.0
        for step in self.steps:
            if isinstance(step, Pause):
                total_s += step.pause
            elif isinstance(step, Analyse):
                analysis = self.analyses[step.analysis]
                total_s += analysis.initial_delay + analysis.interval * analysis.count
        return total_s
