"""The summary of a run: what it holds, and its JSON.

Counts and metrics of everything, and by whatever tells its parts apart; each is declared in `simulator.metrics`. Costs and
verdicts are added by the layers above, which know prices and objectives.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.metrics.actions import ActionCosts, ActionMetrics
from simulator.metrics.counts import Counts
from simulator.metrics.definition import Spread, definitions
from simulator.metrics.dimensions import TARGET, By
from simulator.metrics.targets import TargetCosts, TargetMetrics
from simulator.theory.estimate import Estimate


@dataclass(frozen=True)
class Part:
    """Counts and metrics of one workload, region or stage, or of everything."""

    counts: Counts
    metrics: ActionMetrics

    def to_document(self) -> dict[str, object]:
        """Return `counts` and `metrics` as JSON."""
        return {"counts": document_of(self.counts), "metrics": document_of(self.metrics)}


@dataclass(frozen=True)
class TargetPart(TargetMetrics):
    """A target in all its regions together, and in each."""

    region: Mapping[str, TargetMetrics]

    def to_document(self) -> dict[str, object]:
        """Return the target's metrics as JSON, with those of its regions under `region`."""
        by_region = {region: document_of(part) for region, part in self.region.items()}
        return {**_keyed(self, TargetMetrics), "region": by_region}


@dataclass(frozen=True)
class Summary:
    """Everything that replications of one window say, without costs."""

    counts: Counts
    metrics: ActionMetrics
    by: By[Part]
    by_target: Mapping[str, TargetPart]

    def to_document(self) -> dict[str, object]:
        """Return `counts`, `metrics` and `by` as JSON; what is not known is null."""
        by: dict[str, Mapping[str, Part | TargetPart]] = {
            **dict(self.by.items()),
            TARGET.name: self.by_target,
        }
        return {
            "counts": document_of(self.counts),
            "metrics": document_of(self.metrics),
            "by": {
                dimension: {name: part.to_document() for name, part in parts.items()}
                for dimension, parts in by.items()
            },
        }


def document_of(
    record: Counts | ActionMetrics | ActionCosts | TargetMetrics | TargetCosts,
) -> dict[str, object]:
    """Return counts or metrics as JSON, by their keys; what is not known (None, or an infinite bound) is null."""
    return _keyed(record, type(record))


def _keyed(record: object, kind: type) -> dict[str, object]:
    return {found.key: _json_of(getattr(record, name)) for name, found in definitions(kind).items()}


def _json_of(value: object) -> object:
    if isinstance(value, Estimate):
        return value.to_dict()
    if isinstance(value, Spread):
        return {statistic: _json_of(found) for statistic, found in vars(value).items()}
    return value
