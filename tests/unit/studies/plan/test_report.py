"""What a plan reports: the names that pipelines rely on, and JSON that reads back to the same report."""

from datetime import date

from simulator.app.bundled import bundled_plan
from simulator.studies.plan.report import PlanReport
from tests.unit.studies.plan.reports import plan_report, stage_plan

_ALWAYS = {
    "name", "start", "end", "demand", "capacity", "is_cheapest", "is_feasible", "out_of_reach", "alternatives",
    "order_by", "binding", "binding_at", "counts", "metrics", "by", "cost", "verdicts", "warnings", "decision",
    "n_settings", "n_runs",
}  # fmt: skip
_SOMETIMES = {
    "limits",
    "changes", "waits",
    "missed_at_top", "people", "slow", "backlogs", "binding_under", "survival", "readiness", "gates", "approval", "turns",
    "trade_off", "ties", "uncertainty", "collapse",
}  # fmt: skip


def test_a_plan_has_the_names_that_pipelines_rely_on() -> None:
    found = plan_report(stage_plan("all")).to_dict()
    assert (found["schema"], found["decision"], found["draws"], found["n_runs"]) == (1, "NO-GO", 0, 240)
    assert "kept" not in found
    assert "file" not in found
    [stage] = found["stages"]
    assert set(stage) == _ALWAYS
    assert stage["start"] == "2027-02-01T00:00:00+00:00"
    assert stage["order_by"] == {"model_list.large.tpm": "2027-01-18"}
    assert stage["binding"] == "first-token"
    assert stage["metrics"]["latency_s"]["p95"]["value"] == 3.4
    assert stage["metrics"]["energy_per_action_wh"] is None
    assert set(stage["cost"]["month"]) == {"value", "low", "high", "p10", "p50", "p90"}
    assert set(stage["by"]) == {
        "workload",
        "region",
        "tenant",
        "language",
        "complexity",
        "stage",
        "target",
    }
    assert {"capacity", "cost", "is_feasible"} < set(stage["alternatives"][0])


def test_what_is_there_only_sometimes_has_its_name() -> None:
    [stage] = plan_report(stage_plan("all", limiting_contingency="region eu")).to_dict()["stages"]
    assert set(stage) - _ALWAYS == {"binding_under"}
    names = {
        field.serialization_alias or name
        for name, field in type(stage_plan()).model_fields.items()
        if not field.is_required()
    }
    assert names == _SOMETIMES


def test_a_plan_reads_back_from_its_json() -> None:
    for report in (plan_report(), bundled_plan()):
        again = PlanReport.model_validate_json(report.to_json())
        assert again == report
        assert again.to_json() == report.to_json()
    assert plan_report().stages[0].order_by == {"model_list.large.tpm": date(2027, 1, 18)}


def test_a_plan_completes_by_name() -> None:
    pilot = bundled_plan().stages[0]
    assert pilot.metrics.latency.p95 is not None
    assert pilot.metrics.latency.p95.high > pilot.metrics.latency.p95.value
    assert pilot.cost.month.p90 is not None
    assert pilot.capacity["teams.agents.staff"]
    assert bundled_plan().decisions == {stage.name: stage.decision for stage in bundled_plan().stages}
