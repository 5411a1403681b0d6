"""Counts and metrics in a report: typed in Python, with the metrics' keys in JSON, and read back as they were."""

from typing import Annotated

import pytest

from simulator.metrics.actions import ActionMetrics
from simulator.metrics.counts import Counts
from simulator.results.summarize import summarize
from simulator.results.summary import Part, TargetPart
from simulator.studies.common.summaries import (
    Parts,
    PricedMetrics,
    PricedPart,
    PricedTarget,
    parts_of,
)
from simulator.studies.record import Record, of_intervals
from simulator.theory.estimate import Estimate
from tests.unit.results.conftest import synthetic_run


class _Measured(Record):
    counts: Counts
    metrics: Annotated[ActionMetrics, of_intervals]
    by: Annotated[Parts[Part, TargetPart], of_intervals]


class _Priced(Record):
    metrics: Annotated[PricedMetrics, of_intervals]
    by: Annotated[Parts[PricedPart, PricedTarget], of_intervals]


@pytest.fixture(scope="module")
def measured() -> _Measured:
    summary = summarize([synthetic_run(seed).result for seed in (1, 2)])
    return _Measured(counts=summary.counts, metrics=summary.metrics, by=parts_of(summary))


def test_they_are_typed_in_python_and_keyed_in_json(measured: _Measured) -> None:
    p95 = measured.by.workload["calls"].metrics.latency.p95
    assert p95 is not None
    document = measured.to_dict()
    assert document["by"]["workload"]["calls"]["metrics"]["latency_s"]["p95"] == p95.to_dict()
    assert document["counts"]["arrived"] == measured.counts.arrived
    crm = measured.by.target["crm"]
    assert document["by"]["target"]["crm"]["kind"] == crm.kind == "service"
    in_eu = document["by"]["target"]["large"]["region"]["eu"]
    assert in_eu["attempts"] == measured.by.target["large"].region["eu"].attempts
    assert "release" not in document["by"]


def test_they_are_read_back_as_they_were(measured: _Measured) -> None:
    assert _Measured.model_validate_json(measured.to_json()) == measured


def test_costs_stand_beside_the_metrics(measured: _Measured) -> None:
    unknown_high = Estimate(0.2, 0.1, float("inf"))
    unit_costs = {"cost_per_action": unknown_high, "cost_per_successful_action": None}
    metrics = PricedMetrics(**vars(measured.metrics), **unit_costs)
    target = PricedTarget(
        **vars(measured.by.target["crm"]), cost=Estimate.exact(3.0), cost_per_million_tokens=None
    )
    by = Parts(
        workload={"calls": PricedPart(measured.counts, metrics)},
        region={},
        tenant={},
        language={},
        complexity={},
        stage={},
        target={"crm": target},
        release={},
    )
    priced = _Priced(metrics=metrics, by=by)
    document = priced.to_dict()
    assert document["metrics"]["cost_per_action"] == {"value": 0.2, "low": 0.1, "high": None}
    assert document["by"]["workload"]["calls"]["metrics"]["cost_per_successful_action"] is None
    assert document["by"]["target"]["crm"]["cost"]["value"] == 3.0
    assert document["by"]["release"] == {}
    assert _Priced.model_validate_json(priced.to_json()) == priced
