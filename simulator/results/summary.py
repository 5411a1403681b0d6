"""The summary of a run: what it holds, and its JSON.

Counts and metrics of everything, and by workload, region, stage and target; the names are those of
`simulator.results.registry.columns`. Costs and verdicts are added by the layers above, which know prices and
objectives.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING

from simulator.theory.estimate import Estimate

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True)
class Spread:
    """A measure's mean and percentiles; None: nothing was observed."""

    mean: Estimate | None = None
    p50: Estimate | None = None
    p95: Estimate | None = None
    p99: Estimate | None = None


@dataclass(frozen=True)
class Counts:
    """Whole actions (turns, attempts) of the measured span, added up over all replications."""

    arrived: int  # with those carried in: arrived = succeeded + … + abandoned + in_flight
    succeeded: int
    degraded: int
    failed: int
    rejected: int
    abandoned: int
    in_flight: int
    carried_in: int
    correct: int
    invalid: int
    good: int
    turns: int
    cache_lookups: int
    cache_hits: int
    false_hits: int
    handed_off: int
    reviewed: int
    retries: int
    fallbacks: int
    timeouts: int
    retries_denied: int
    held_back: int
    expired: int
    hedges: int
    hedges_won: int
    limited: int
    asked_again: int
    residency_blocked: int
    reviewed_right: int
    generated: int
    ungrounded: int

    @property
    def ended(self) -> int:
        """Actions that ended in the measured span."""
        return self.succeeded + self.degraded + self.failed + self.rejected + self.abandoned


@dataclass(frozen=True)
class ActionMetrics:
    """Metrics of a selection of actions."""

    latency_s: Spread
    ttft_s: Spread
    tpot_s: Spread
    queue_wait_s: Spread
    resolution_s: Spread
    availability: Estimate | None
    success_rate: Estimate | None
    failed_rate: Estimate | None
    rejected_rate: Estimate | None
    abandoned_rate: Estimate | None
    handed_off_rate: Estimate | None
    residency_blocked_rate: Estimate | None
    groundedness: Estimate | None
    override_rate: Estimate | None
    cache_hit_rate: Estimate | None
    goodput_rps: Estimate | None
    throughput_rps: Estimate | None
    arrival_rps: Estimate | None
    energy_per_action_wh: Estimate | None  # of everything; parts of it are not told apart


@dataclass(frozen=True)
class TargetMetrics:
    """Metrics of a target in all its regions, or in one."""

    kind: str
    utilization: Estimate | None
    offered_load_erlangs: Estimate | None
    carried_load_erlangs: Estimate | None
    in_system: Estimate | None
    max_in_system: int
    queue_wait_s: Spread
    attempts: int
    succeeded: int
    errors: int
    rate_limited: int
    timed_out: int
    shed: int
    abandoned: int
    cancelled: int
    error_rate: Estimate | None
    rate_limited_rate: Estimate | None
    shed_rate: Estimate | None
    right_rate: Estimate | None
    grounded_rate: Estimate | None
    requests_per_minute: Estimate | None
    input_tokens_per_minute: Estimate | None
    output_tokens_per_minute: Estimate | None
    batch_size: Estimate | None
    kv_usage: Estimate | None
    preemptions_per_minute: Estimate | None
    prefix_hit_rate: Estimate | None
    interruptions_per_hour: Estimate | None
    energy_per_action_wh: Estimate | None


@dataclass(frozen=True)
class Part:
    """Counts and metrics of one workload, region or stage, or of everything."""

    counts: Counts
    metrics: ActionMetrics


@dataclass(frozen=True)
class TargetPart:
    """A target in all its regions together, and in each."""

    total: TargetMetrics
    by_region: Mapping[str, TargetMetrics]

    def to_document(self) -> dict[str, object]:
        """Return the target's metrics as JSON, with those of its regions under `region`."""
        by_region = {region: document_of(part) for region, part in self.by_region.items()}
        return {**document_of(self.total), "region": by_region}


@dataclass(frozen=True)
class Summary:
    """Everything that replications of one window say, without costs."""

    counts: Counts
    metrics: ActionMetrics
    by_workload: Mapping[str, Part]
    by_region: Mapping[str, Part]
    by_tenant: Mapping[str, Part]  # none where nobody is a tenant
    by_language: Mapping[str, Part]  # those that regions name
    by_complexity: Mapping[str, Part]  # none where there is one class
    by_stage: Mapping[str, Part]
    by_target: Mapping[str, TargetPart]

    def to_document(self) -> dict[str, object]:
        """Return `counts`, `metrics` and `by` as JSON; what is not known is null."""
        targets = {name: part.to_document() for name, part in self.by_target.items()}
        by = {
            "workload": self.by_workload,
            "region": self.by_region,
            "tenant": self.by_tenant,
            "language": self.by_language,
            "complexity": self.by_complexity,
            "stage": self.by_stage,
        }
        return {
            "counts": document_of(self.counts),
            "metrics": document_of(self.metrics),
            "by": {
                **{
                    kind: {name: document_of(part) for name, part in parts.items()}
                    for kind, parts in by.items()
                },
                "target": targets,
            },
        }


def document_of(record: object) -> dict[str, object]:
    """Return counts or metrics as JSON; what is not known (None, or an infinite bound) is null."""
    if not is_dataclass(record) or isinstance(record, type):
        raise TypeError(f"not a record: {record!r}")
    return {name: _json_of(getattr(record, name)) for name in _field_names(type(record))}


@cache  # a sweep writes thousands of summaries
def _field_names(record: "type[DataclassInstance]") -> tuple[str, ...]:
    return tuple(field.name for field in fields(record))


def _json_of(value: object) -> object:
    if value is None or isinstance(value, str | int | float):
        return value
    return value.to_dict() if isinstance(value, Estimate) else document_of(value)
