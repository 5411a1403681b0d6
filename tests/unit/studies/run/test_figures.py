"""Figures of a run show every part by which its results are told apart."""

import pytest

from simulator.metrics.counts import Counts
from simulator.metrics.definition import Spread
from simulator.metrics.dimensions import OF_ACTIONS
from simulator.studies.common.summaries import Parts, PricedMetrics, PricedPart
from simulator.studies.run.figures import latency_figure
from simulator.studies.run.report import RunReport
from simulator.theory.estimate import Estimate
from tests.unit.records import blank


def _metrics(value: float) -> PricedMetrics:
    estimate = Estimate.exact(value)
    return blank(PricedMetrics, latency=Spread(p50=estimate, p95=estimate, p99=estimate))


@pytest.mark.parametrize("dimension", [one.name for one in OF_ACTIONS])
def test_every_dimension_has_its_bars(dimension: str) -> None:
    parts = {
        name: PricedPart(blank(Counts), _metrics(value)) for name, value in (("one", 2.0), ("other", 3.0))
    }
    by = Parts(**{one.name: {} for one in OF_ACTIONS} | {"stage": {}, "target": {}, dimension: parts})
    report = RunReport.model_construct(scenario="desk", stage=None, metrics=_metrics(2.5), by=by)
    bars = latency_figure(report).data
    assert [list(bar.x) for bar in bars] == [["all", "one", "other"]] * 3
    assert list(bars[1].y) == [2.5, 2.0, 3.0]
