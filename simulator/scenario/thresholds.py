"""Thresholds as a user writes them: `metric{label:value}: ["p(95) < 3s", {threshold, abort_on_fail}]`.

The spelling is that of k6. Here stands which metrics and labels there are, and how a name is read; whether the
names in it stand for something is checked in `simulator.scenario.check.rollout.thresholds`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from simulator.units import Objective

Label = Literal["workload", "region", "language", "complexity", "tenant", "stage", "target"]
LABELS: tuple[Label, ...] = ("workload", "region", "language", "complexity", "tenant", "stage", "target")
EVERY = "*"  # as a label's value: each one apart

TIMES = ("latency", "ttft", "tpot", "queue_wait", "resolution")
SHARES = (
    "availability",
    "success_rate",
    "failed_rate",
    "rejected_rate",
    "abandoned_rate",
    "handed_off_rate",
    "residency_blocked_rate",
    "groundedness",
    "override_rate",
    "cache_hit_rate",
)
RATES = ("goodput_rps", "throughput_rps", "arrival_rps")
UNIT_COSTS = ("cost_per_action", "cost_per_successful_action")
MONTHLY_COST = "monthly_cost"
TARGET_SHARES = (
    "utilization",
    "error_rate",
    "rate_limited_rate",
    "shed_rate",
    "right_rate",
    "grounded_rate",
    "kv_usage",
    "prefix_hit_rate",
)
TARGET_METRICS = (
    *TARGET_SHARES,
    "requests_per_minute",
    "input_tokens_per_minute",
    "output_tokens_per_minute",
    "carried_load_erlangs",
    "offered_load_erlangs",
    "in_system",
    "batch_size",
    "preemptions_per_minute",
    "interruptions_per_hour",
)
METRICS = (*TIMES, *SHARES, *RATES, *UNIT_COSTS, MONTHLY_COST, *TARGET_METRICS)
_HAVE_PERCENTILES = (*TIMES, MONTHLY_COST)

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
    """A name that cannot be read; `hint` says what would be right."""

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
    if plain in METRICS:
        return plain
    raise ThresholdNameError(f"no metric `{name[:60]}`", _nearest(name, METRICS))


def has_percentiles(metric: str) -> bool:
    """Whether `p(95)` of a metric means something: times are distributed, rates and shares are one number."""
    return metric in _HAVE_PERCENTILES


def needs_target(metric: str) -> bool:
    """Whether a metric is that of a target, so that the label `target` must say of which."""
    return metric in TARGET_METRICS


def labels_of(metric: str) -> tuple[Label, ...]:
    """Labels that a metric can be narrowed with."""
    if metric == MONTHLY_COST:
        return ("stage",)
    if metric in TARGET_METRICS:
        return ("region", "stage", "target")
    if metric == "queue_wait":
        return LABELS
    return ("workload", "region", "language", "complexity", "tenant", "stage")


_EXAMPLE = "write e.g. latency{region:eu-west}"


def _label(name: str) -> Label:
    for label in LABELS:
        if name == label:
            return label
    raise ThresholdNameError(f"no label `{name[:60]}`", _nearest(name, LABELS))


def _nearest(name: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(name, known, 1)
    return f"did you mean `{close[0]}`?" if close else f"there are: {', '.join(known)}"
