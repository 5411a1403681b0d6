"""The sentences of a plan: what is missing, what the contingencies take, and what would help."""

from pathlib import Path

import pytest
from rich.console import Console

import simulator
from simulator.errors import ExitCode, exit_code_of
from simulator.render.sections import cell_text
from simulator.render.terminal import terminal
from simulator.studies.common.checklist import Measurement, ReadinessItem
from simulator.studies.plan.findings import GateCondition
from simulator.studies.plan.notes import gate_notes, headroom_text, readiness_gaps, remedy_notes
from simulator.studies.plan.report import PlanReport
from simulator.studies.plan.stage_tables import CHECKLIST
from simulator.theory.estimate import Estimate
from simulator.theory.verdict import Verdict
from tests.unit.studies.plan.reports import stage_plan

_FILE = Path(__file__).parents[3] / "property" / "every_key_readiness.yaml"


def _measured(what: str, estimate: Estimate | None, limit: float, verdict: Verdict) -> Measurement:
    unit = "number" if "alarms" in what else "time"
    return Measurement(what=what, unit=unit, estimate=estimate, op="<=", limit=limit, verdict=verdict)


def _item(name: str, verdict: Verdict, *measured: Measurement) -> ReadinessItem:
    return ReadinessItem(
        name=name,
        kind="measured",
        owner=None,
        evidence=None,
        missing="block",
        measurements=measured,
        verdict=verdict,
    )


def _attested(name: str, owner: str, evidence: str, missing: str = "block") -> ReadinessItem:
    there = "PASS" if evidence else "FAIL"
    return ReadinessItem.model_validate(
        {
            "item": name,
            "kind": "attested",
            "owner": owner,
            "evidence": evidence,
            "missing": missing,
            "measurements": (),
            "verdict": there,
        }
    )


_ITEMS = (
    _item(
        "monitoring",
        "FAIL",
        _measured("tells of down after", Estimate(1500.0, 1400.0, 1600.0), 900.0, "FAIL"),
        _measured("tells of slow after", None, 900.0, "FAIL"),
        _measured("false alarms", Estimate(0.0, 0.0, 0.1), 4.0, "PASS"),
    ),
    _item("release_and_rollback", "UNDECIDED"),
    _attested("data_contract", "data [team]", "", "warn"),
    _attested("kpis", "product", "docs/kpis.md"),
)


def test_a_checklist_says_what_was_found_and_what_the_limit_is() -> None:
    rows = [
        [row.label, *(cell_text(cell).line for cell in row.cells)]
        for row in CHECKLIST.of(stage_plan(readiness=_ITEMS)).rows
    ]
    assert rows[0] == ["monitoring", "measured", "", "FAIL"]
    assert rows[1] == ["  tells of down after", "25.0 min ± 1.7", "<= 15 min", "FAIL"]
    assert rows[2][1:] == ["never", "<= 15 min", "FAIL"]
    assert ["data contract", "no evidence", "by data [team]", "WARN"] in rows
    assert ["kpis", "docs/kpis.md", "by product", "PASS"] in rows


def test_a_plan_says_that_it_measures_with_headroom() -> None:
    planned = stage_plan()
    more = planned.demand.model_copy(update={"headroom": 0.15})
    assert headroom_text(planned.model_copy(update={"demand": more})).startswith(
        "measured at the peak with 15 % headroom"
    )


def test_gaps_are_sentences() -> None:
    missing, undecided, warned = readiness_gaps(stage_plan(readiness=_ITEMS))
    assert missing == (
        "readiness check monitoring is missing: tells of down after 25.0 min ± 1.7, limit <= 15 min; "
        "tells of slow after never, limit <= 15 min"
    )
    assert "is undecided" in undecided
    assert warned == (
        "readiness check data contract is missing (warning only): data [team] names no evidence"
    )


@pytest.fixture(scope="module")
def report() -> PlanReport:
    quick = {"readiness.measured": {"unit_economics": {}}, "readiness.attested.kpis": {"owner": "me"}}
    return simulator.load(_FILE, quick).plan(replications=2)


def test_a_plan_has_its_checklist_in_every_form(report: PlanReport) -> None:
    assert report.decision == "NO-GO"
    assert exit_code_of(report.outcomes) is ExitCode.FAILED
    console = Console(width=100, highlight=False, emoji=False)
    with console.capture() as shown:
        console.print(terminal(report.sections(), 100))
    for text in (shown.get(), report.to_markdown(), report.to_html()):
        assert "readiness check kpis is missing: me names no evidence" in text
    for text in (shown.get(), report.to_html()):
        assert "half-width of the cost per success" in text
        assert "docs/contract.md" in text
    assert "✘ FAIL" in shown.get()


def _gate(verdict: Verdict, value: float | None) -> GateCondition:
    return GateCondition.model_validate(
        {
            "gate": "entry",
            "measured_at": "pilot",
            "criterion": "success_rate",
            "threshold": ">= 95%",
            "stage": "pilot",
            "metric": "success_rate",
            "statistic": None,
            "op": ">=",
            "limit": 0.95,
            "slack": None,
            "replications": 4,
            "verdict": verdict,
            "value": value,
            "low": None if value is None else value - 0.01,
            "high": None if value is None else value + 0.01,
        }
    )


def test_gates_that_do_not_open_are_named() -> None:
    gates = (_gate("FAIL", 0.92), _gate("PASS", 0.97), _gate("UNDECIDED", None))
    failed, undecided = gate_notes(stage_plan(gates=gates))
    assert failed == ("the entry gate measured at pilot fails: success rate is 92.0 % ± 1.0, limit >= 95 %")
    assert "is undecided: success rate is nothing observed" in undecided


def test_what_would_help_is_said_of_gates_and_items_that_block() -> None:
    gates = (_gate("FAIL", 0.92), _gate("PASS", 0.92), _gate("FAIL", None))
    silent = _attested("kpis_defined", "product", "")
    stage = stage_plan(gates=gates, readiness=(*_ITEMS, silent))
    assert list(remedy_notes(stage)) == [
        "the entry gate would pass with the limit success rate >= 91 %",
        "monitoring would pass with the limit: tells of down after <= 26.7 min",
        "kpis defined: waiting for evidence from product",
    ]
