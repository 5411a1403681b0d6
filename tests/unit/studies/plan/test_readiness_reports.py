"""The checklist of a plan in all its forms: what was found, what was asked, and what is missing."""

from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import simulator
from simulator.errors import ExitCode, exit_code_of
from simulator.studies.plan.plan_page import plan_markdown, plan_page
from simulator.studies.plan.plan_tables import plan_report
from simulator.studies.plan.readiness import Measurement, ReadinessItem
from simulator.studies.plan.readiness_view import readiness_document, readiness_gaps, readiness_rows
from simulator.studies.plan.turns_view import turn_notes
from simulator.theory.estimate import Estimate

_FILE = Path(__file__).parents[3] / "property" / "every_key_readiness.yaml"
_ITEMS = (
    ReadinessItem(
        "monitoring",
        "block",
        None,
        None,
        (
            Measurement("tells of down after", "time", Estimate(1500.0, 1400.0, 1600.0), "<=", 900.0, "FAIL"),
            Measurement("tells of slow after", "time", None, "<=", 900.0, "FAIL"),
            Measurement("false alarms", "number", Estimate(0.0, 0.0, 0.1), "<=", 4.0, "PASS"),
        ),
        "FAIL",
    ),
    ReadinessItem("release_and_rollback", "block", None, None, (), "UNDECIDED"),
    ReadinessItem("data_contract", "warn", "data [team]", "", (), "FAIL"),
    ReadinessItem("kpis", "block", "product", "docs/kpis.md", (), "PASS"),
)


def _stage() -> dict[str, Any]:
    return {"name": "all", "readiness": readiness_document(_ITEMS)}


def test_a_document_holds_every_digit() -> None:
    monitoring, _, contract, _ = readiness_document(_ITEMS)
    assert monitoring["kind"] == "measured"
    assert monitoring["measurements"][0] == {
        "what": "tells of down after",
        "unit": "time",
        "value": 1500.0,
        "low": 1400.0,
        "high": 1600.0,
        "op": "<=",
        "limit": 900.0,
        "verdict": "FAIL",
    }
    assert monitoring["measurements"][1]["value"] is None
    assert (contract["kind"], contract["owner"], contract["missing"]) == ("attested", "data [team]", "warn")


def test_rows_say_what_was_found_and_asked() -> None:
    rows = readiness_rows([_stage()])
    assert rows[0] == ["all", "monitoring", "measured", "", "FAIL"]
    assert rows[1] == ["all", "  tells of down after", "25.0 min ± 1.7", "<= 15 min", "FAIL"]
    assert rows[2][2:] == ["never", "<= 15 min", "FAIL"]
    assert ["all", "data contract", "no evidence", "by data [team]", "WARN"] in rows
    assert ["all", "kpis", "docs/kpis.md", "by product", "PASS"] in rows


def test_gaps_are_sentences() -> None:
    missing, undecided, told = readiness_gaps(_stage())
    assert missing == (
        "readiness: monitoring is missing: tells of down after 25.0 min ± 1.7, asked: <= 15 min; "
        "tells of slow after never, asked: <= 15 min"
    )
    assert "is undecided" in undecided
    assert told == "readiness: data contract is missing (only told): data [team] names no evidence"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    quick = {"readiness.measured": {"unit_economics": {}}, "readiness.attested.kpis": {"owner": "me"}}
    return simulator.load(_FILE, quick).plan(replications=2).document


def test_a_plan_tells_its_checklist_in_every_form(document: dict[str, Any]) -> None:
    assert document["decision"] == "NO-GO"
    assert exit_code_of([document["decision"]]) is ExitCode.FAILED
    console = Console(width=100, highlight=False, emoji=False)
    with console.capture() as shown:
        console.print(plan_report(document, 100))
    for text in (shown.get(), plan_markdown(document), plan_page(document)):
        assert "readiness: kpis is missing: me names no evidence" in text
    for text in (shown.get(), plan_page(document)):
        assert "half-width of the cost per success" in text
        assert "docs/contract.md" in text
    assert "✘ FAIL" in shown.get()


def test_what_would_turn_gates_and_items_that_block_is_told() -> None:
    gate = {
        "gate": "entry", "metric": "success_rate", "statistic": None, "op": ">=", "limit": 0.95, "verdict": "FAIL",
        "value": 0.92, "low": 0.91, "high": 0.93,
    }  # fmt: skip
    silent = ReadinessItem("kpis_defined", "block", "product", "", (), "FAIL")
    stage = {
        "name": "all",
        "gates": [gate, {**gate, "verdict": "PASS"}, {**gate, "value": None, "low": None, "high": None}],
        "readiness": readiness_document((*_ITEMS, silent)),
    }
    assert list(turn_notes(stage)) == [
        "the entry gate would open as it is if asked: success rate >= 91 %",
        "monitoring would be there as it is if asked: tells of down after <= 26.7 min",
        "kpis defined would be there once product names evidence",
    ]
