"""Counts and metrics as reports hold them: of everything, and of each part of it, without costs or with them.

    report.metrics.latency.p95.high
    report.by.workload["chat"].metrics.success_rate
    report.by.target["agents"].region["eu-west"].utilization

What is counted and measured, and by which dimensions, is declared in `simulator.metrics`. In JSON a metric has its
key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from simulator.metrics.actions import ActionCosts, ActionMetrics
from simulator.metrics.counts import Counts
from simulator.metrics.dimensions import By, T
from simulator.metrics.targets import TargetCosts
from simulator.results.summary import Part, Summary, TargetPart
from simulator.studies.record import if_known

TargetT = TypeVar("TargetT")


@dataclass(frozen=True)
class PricedMetrics(ActionCosts, ActionMetrics):
    """Metrics of a selection of actions, and what an action costs."""


@dataclass(frozen=True)
class PricedPart:
    """Counts, metrics and unit costs of one workload, region or stage."""

    counts: Counts
    metrics: PricedMetrics


@dataclass(frozen=True)
class PricedTarget(TargetCosts, TargetPart):
    """A target in all its regions together, with its costs, and in each."""


@dataclass(frozen=True)
class Parts(By[T], Generic[T, TargetT]):
    """Something of each part of the actions and of each target, by name.

    Attributes
    ----------
    release : of a run, which has one version, empty; None: there is no such key in JSON
    """

    target: Mapping[str, TargetT]
    release: Annotated[Mapping[str, T] | None, if_known] = None


def parts_of(summary: Summary) -> Parts[Part, TargetPart]:
    """Every part of a summary."""
    return Parts(**dict(summary.by.items()), target=summary.by_target)
