"""Thresholds as a user writes them: `metric{label:value}: ["p95 < 3s", {threshold, abort_on_fail}]`.

The spelling is that of k6. Here stands how a name is read. Which metrics and labels there are is declared in
`simulator.metrics`; whether a name stands for something is checked in `simulator.scenario.check.rollout.thresholds`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from simulator.metrics.dimensions import LABELS, REGION, STAGE, TARGET
from simulator.metrics.registry import MONTHLY_COST, TARGETS, TESTABLE, is_of_targets_only
from simulator.units import Objective

Label: TypeAlias = str  # one of LABELS
EVERY = "*"  # as a label's value: each one apart

_NAME = re.compile(r"([^{}]*)(?:\{([^{}]*)\})?")


class AbortingThreshold(BaseModel):
    """A threshold that can end the whole check: nothing more is simulated once it has failed."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    threshold: Objective
    abort_on_fail: bool = Field(default=False, description="Simulate nothing more once this has failed.")


ThresholdEntry: TypeAlias = Objective | AbortingThreshold


@dataclass(frozen=True)
class ThresholdName:
    """What a threshold is about: a metric, and the part of the run that its labels select."""

    metric: str
    labels: Mapping[Label, str]


class ThresholdNameError(ValueError):
    """A name that cannot be read; `hint` suggests a fix."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def parse_threshold_name(text: str) -> ThresholdName:
    """Read `metric{label:value,label:value}`.

    Raises
    ------
    ThresholdNameError
        If it is not of that form, or the metric or a label is unknown.
    """
    match = _NAME.fullmatch(text.strip())
    if match is None:
        raise ThresholdNameError(f"`{text[:60]}` is not of the form metric{{label:value}}", _EXAMPLE)
    metric = known_metric(match[1].strip())
    labels: dict[Label, str] = {}
    for part in (match[2] or "").split(",") if match[2] else ():
        key, separator, value = (piece.strip() for piece in part.partition(":"))
        if not separator or not value:
            raise ThresholdNameError(f"`{part.strip()[:60]}` is not of the form label:value", _EXAMPLE)
        label = _label(key)
        if label in labels:
            raise ThresholdNameError(f"a second label `{label}`", "keep one of them")
        labels[label] = value
    return ThresholdName(metric, labels)


def known_metric(name: str) -> str:
    """Return the metric of that name, with or without the unit `_s` at its end; ThresholdNameError: none."""
    plain = name.removesuffix("_s")
    if plain in TESTABLE:
        return plain
    raise ThresholdNameError(f"no metric `{name[:60]}`", _nearest(name, tuple(TESTABLE)))


def has_percentiles(metric: str) -> bool:
    """Whether `p95` of a metric means something: times are distributed, rates and shares are one number."""
    return TESTABLE[metric].kind == "spread"


def labels_of(metric: str) -> tuple[Label, ...]:
    """Labels that a metric can be narrowed with."""
    if metric == MONTHLY_COST:
        return (STAGE.name,)
    of_targets = (REGION.name, STAGE.name, TARGET.name)
    if is_of_targets_only(metric):
        return of_targets
    return tuple(label for label in LABELS if label != TARGET.name or metric in TARGETS)


_EXAMPLE = "write e.g. latency{region:eu-west}"


def _label(name: str) -> Label:
    if name in LABELS:
        return name
    raise ThresholdNameError(f"no label `{name[:60]}`", _nearest(name, LABELS))


def _nearest(name: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(name, known, 1)
    return f"did you mean `{close[0]}`?" if close else f"there are: {', '.join(known)}"
