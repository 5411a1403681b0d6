"""Columns of tables of metrics: those with a heading, in the order of their fields, where they say something."""

from collections.abc import Iterable
from typing import NamedTuple

from simulator.metrics.definition import Definition, Spread
from simulator.render.numbers import unit_of
from simulator.render.sections import Quantity
from simulator.theory.estimate import Estimate


class MetricColumn(NamedTuple):
    """A column of one metric; of a spread, its p95."""

    metric: Definition

    @property
    def heading(self) -> str:
        """What stands over it."""
        return f"p95 {self.metric.heading}" if self.metric.kind == "spread" else self.metric.heading

    def cell(self, of: object) -> Quantity:
        """What stands in the row of a record of metrics."""
        return Quantity(self._estimate(of), unit_of(self.metric.name))

    def says_something(self, records: Iterable[object]) -> bool:
        """Whether any record has a value that is news."""
        values = [found.value for of in records if (found := self._estimate(of)) is not None]
        return any(value != self.metric.quiet_at for value in values)

    def _estimate(self, of: object) -> Estimate | None:
        found: Spread | Estimate | None = getattr(of, self.metric.name)
        return found.p95 if isinstance(found, Spread) else found


def metric_columns(metrics: Iterable[Definition]) -> list[MetricColumn]:
    """Columns of the metrics that have a heading."""
    return [MetricColumn(found) for found in metrics if found.heading]
