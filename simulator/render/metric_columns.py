"""Columns of tables of metrics: those with a heading, in the order of their fields, where they say something."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from simulator.metrics.definition import Definition
from simulator.render.numbers import Unit, unit_of
from simulator.render.terminal_tables import at


class MetricColumn(NamedTuple):
    """A column of one metric.

    Attributes
    ----------
    path : of the values in the document of a part, e.g. `metrics.latency_s.p95`
    quiet_at : the value that is no news; None: every value is
    """

    heading: str
    path: str
    unit: Unit
    quiet_at: float | None

    def says_something(self, parts: Iterable[Mapping[str, Any]]) -> bool:
        """Whether any part has a value that is news."""
        values = [found["value"] for part in parts if (found := at(part, self.path)) is not None]
        return any(value != self.quiet_at for value in values)


def metric_columns(metrics: Iterable[Definition], prefix: str = "") -> list[MetricColumn]:
    """Columns of the metrics that have a heading; `prefix`: of their paths."""
    return [
        MetricColumn(
            f"p95 {found.heading}" if found.kind == "spread" else found.heading,
            prefix + found.path("p95"),
            unit_of(found.name),
            found.quiet_at,
        )
        for found in metrics
        if found.heading
    ]
