"""Answers get worse: by a bad release, or week by week."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, model_validator

from simulator.mechanisms.incidents.base import IncidentBase, Lasting
from simulator.mechanisms.incidents.codes import Aspect, Effect
from simulator.mechanisms.incidents.places import Places, ScenarioFacts, Shortcoming
from simulator.units import Share, SignedShare


class BadRelease(Lasting):
    """A release that makes things worse, until it is rolled back."""

    targets = ("hosted model", "pool")

    kind: Literal["release"]
    target: str | None = Field(default=None, description="Model whose new version it is.")
    workload: str | None = Field(default=None, description="Workload whose new prompt or policy it is.")
    success_rate: SignedShare = Field(
        default=0.0, ge=-1, le=1, description="Added to the share of right answers, e.g. `-5%`."
    )
    error_rate: Share = Field(
        default=0.0, description="Share of attempts at the model that fails, besides those that fail anyway."
    )
    ttft: SignedShare = Field(
        default=0.0,
        gt=-1,
        le=1000,
        description="Change of the hosted model's time to first token, e.g. `+40%`.",
    )
    output_tokens: SignedShare = Field(
        default=0.0, gt=-1, le=100, description="Change of the workload's output tokens, e.g. `+15%`."
    )

    @model_validator(mode="after")
    def _some_change(self) -> "BadRelease":
        if (self.target is None) == (self.workload is None):
            raise ValueError("a release is of a `target` (a model) or of a `workload`; give one of both")
        foreign = ("output_tokens",) if self.workload is None else ("error_rate", "ttft")
        of = "workload" if self.workload is None else "model"
        for key in foreign:
            if getattr(self, key) != 0.0:
                raise ValueError(f"`{key}` is of a {of}: make it a release of one")
        if not any((self.success_rate, self.error_rate, self.ttft, self.output_tokens)):
            raise ValueError("changes nothing: give `success_rate`, `error_rate`, `ttft` or `output_tokens`")
        return self

    def effects(self, places: Places) -> Iterator[Effect]:
        """What changes of the answers of a workload, or of the attempts at a model."""
        yield from _success(places, self.target, self.workload, self.success_rate)
        if self.workload is not None:
            if self.output_tokens != 0.0:
                yield Effect(Aspect.OUTPUT, (places.workload(self.workload),), 1.0 + self.output_tokens)
            return
        for station in places.stations(self.target, None):
            if self.error_rate > 0.0:
                yield Effect(Aspect.ERROR, (station,), self.error_rate)
            if self.ttft != 0.0:
                yield Effect(Aspect.TTFT, (station,), 1.0 + self.ttft)

    def misplaced(self, facts: ScenarioFacts) -> Iterator[Shortcoming]:
        """A time to first token that is not given."""
        if self.target is not None and self.ttft != 0.0 and facts.kind_of(self.target) == "pool":
            yield Shortcoming("ttft", "the time to first token of a pool follows from its load")

    def lacking(self, facts: ScenarioFacts) -> Iterator[Shortcoming]:
        """A workload without answers, or without their length."""
        if self.workload is not None:
            yield from _no_answers(facts, self.workload)
            if self.output_tokens != 0.0 and not facts.has_output_tokens(self.workload):
                yield Shortcoming("output_tokens", f"`{self.workload}` has no `output_tokens`")


class Drift(IncidentBase):
    """Quality falls week by week from the scenario's `start` on, and does not come back."""

    targets = ("hosted model", "pool")

    kind: Literal["drift"]
    target: str | None = Field(default=None, description="Model.")
    workload: str | None = None
    success_per_week: SignedShare = Field(
        ge=-1, le=1, description="Added to the share of right answers each week, e.g. `-0.6%`."
    )

    @model_validator(mode="after")
    def _one_place(self) -> "Drift":
        if (self.target is None) == (self.workload is None):
            raise ValueError("a drift is of a `target` (a model) or of a `workload`; give one of both")
        return self

    def effects(self, places: Places) -> Iterator[Effect]:
        """What changes in one week; it goes on changing from day to day."""
        yield from _success(places, self.target, self.workload, self.success_per_week)

    def lacking(self, facts: ScenarioFacts) -> Iterator[Shortcoming]:
        """A workload without answers."""
        if self.workload is not None:
            yield from _no_answers(facts, self.workload)


def _success(places: Places, target: str | None, workload: str | None, change: float) -> Iterator[Effect]:
    if change != 0.0 and workload is not None:
        yield Effect(Aspect.SUCCESS_OF_WORKLOAD, (places.workload(workload),), change)
    elif change != 0.0 and target is not None:
        yield Effect(Aspect.SUCCESS_OF_TARGET, (places.target(target),), change)


def _no_answers(facts: ScenarioFacts, workload: str) -> Iterator[Shortcoming]:
    if not facts.generates(workload):
        yield Shortcoming("workload", f"`{workload}` generates nothing, so no answer gets worse")
