"""The summary document: its shape, its balance, and JSON that every reader can parse."""

import json
from collections.abc import Callable

import pytest

from simulator.metrics.columns import CountColumn
from simulator.metrics.dimensions import Selection
from simulator.results.estimates import estimate
from simulator.results.run_result import RunResult
from simulator.results.summarize import summarize
from simulator.results.summary import document_of

OUTCOMES = ("succeeded", "degraded", "failed", "rejected", "abandoned")


def test_counts_balance_in_every_part(replications: list[RunResult]) -> None:
    summary = summarize(replications)
    parts = [
        summary.counts,
        *(part.counts for part in (*summary.by.workload.values(), *summary.by.region.values())),
    ]
    for counts in parts:
        assert counts.arrived == sum(getattr(counts, name) for name in OUTCOMES) + counts.in_flight
        assert counts.arrived == counts.ended + counts.in_flight
    for parts_by in (summary.by.workload, summary.by.region, summary.by.stage):
        assert sum(part.counts.arrived for part in parts_by.values()) == summary.counts.arrived
    arrived = sum(run.measured_counts[:, CountColumn.ARRIVED].sum() for run in replications)
    assert summary.counts.arrived - summary.counts.carried_in == arrived


def test_parts_are_what_estimate_says(replications: list[RunResult]) -> None:
    summary = summarize(replications)
    assert summary.metrics.latency.p95 == estimate(replications, "latency", "p95")
    eu = Selection(region="eu")
    assert summary.by.region["eu"].metrics.availability == estimate(replications, "availability", None, eu)
    crm = Selection(target="crm")
    assert summary.by_target["crm"].queue_wait.p99 == estimate(replications, "queue_wait", "p99", crm)
    assert list(summary.by_target["large"].region) == ["eu", "us"]
    attempts = [part.attempts for part in summary.by_target["large"].region.values()]
    assert sum(attempts) == summary.by_target["large"].attempts
    assert summary.by_target["crm"].kind == "service"
    assert list(summary.by.stage) == ["pilot"]


def test_the_document_is_strict_json(replications: list[RunResult]) -> None:
    document = json.loads(json.dumps(summarize(replications[:1]).to_document(), allow_nan=False))
    assert set(document) == {"counts", "metrics", "by"}
    assert set(document["by"]) == {
        "workload",
        "region",
        "language",
        "complexity",
        "tenant",
        "stage",
        "target",
    }
    assert document["metrics"]["ttft_s"] == {"mean": None, "p50": None, "p95": None, "p99": None}
    p95 = document["metrics"]["latency_s"]["p95"]
    assert p95["value"] > 0
    assert (p95["low"], p95["high"]) == (None, None)
    assert set(document["metrics"]["availability"]) == {"value", "low", "high"}
    assert document["by"]["target"]["large"]["region"]["us"]["utilization"]["value"] == pytest.approx(0.5)


def test_full_exposure_has_no_stage(make_run: Callable) -> None:
    assert summarize([make_run(stage=None).result]).by.stage == {}


def test_runs_that_are_no_replications_are_refused(replications: list[RunResult]) -> None:
    with pytest.raises(ValueError, match="same seed"):
        summarize([replications[0], replications[0]])


def test_only_records_are_documents() -> None:
    with pytest.raises(TypeError, match="dataclass"):
        document_of({"value": 1.0})  # type: ignore[arg-type]
