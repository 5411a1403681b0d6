"""What a plan says about contingencies: in its document, on the terminal, on the page and in Markdown."""

from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import simulator
from simulator.studies.plan.plan_page import plan_markdown, plan_page
from simulator.studies.plan.plan_tables import plan_report

_TEXT = """\
metadata: {name: desk}
workloads:
  - {name: ask, arrival_rate: 3 rps, steps: [{call: desk}]}
services:
  desk: {replicas: 9, max_ongoing_requests: 1, price: $0.5/hour, service_time: {distribution: exponential, mean: 1s}}
window: {duration: 20m, warmup: 5m}
stages:
  - {name: all, duration: 4w, exposure: 100%}
slos:
  - {name: wait, indicator: queue_wait, objective: "mean < 0.5s"}
capacity:
  knobs: [{path: services.desk.replicas, min: 1, max: 40}]
  survive: [{replica_loss: 1}]
"""


def _terminal(document: dict[str, Any]) -> str:
    console = Console(width=200)
    with console.capture() as captured:
        console.print(plan_report(document, 200))
    return " ".join(captured.get().split())


def _document(folder: Path, **overrides: Any) -> dict[str, Any]:
    file = folder / "desk.yaml"
    file.write_text(_TEXT, encoding="utf-8")
    return simulator.load(file, overrides).plan(replications=2).document


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return _document(tmp_path_factory.mktemp("survival"))


def test_document_has_both_capacities_and_their_difference(document: dict[str, Any]) -> None:
    (stage,) = document["stages"]
    survival = stage["survival"]
    knob = "services.desk.replicas"
    more = stage["capacity"][knob]["home"] - survival["without"][knob]["home"]
    assert more == 1.0
    assert survival["extra_cost"]["month"]["value"] == pytest.approx(more * 0.5 * 730.0)
    assert survival["without_is_feasible"]
    (one,) = survival["contingencies"]
    assert one["name"] == survival["binding"] == stage["binding_under"] == "1 replica of desk in home"
    assert one["tightest"]["verdict"] == "PASS"
    assert "missed_at_top" not in stage


def test_every_form_says_it(document: dict[str, Any]) -> None:
    terminal = _terminal(document)
    for text in (terminal, plan_page(document), plan_markdown(document)):
        assert "the contingencies cost $365.00 a month more" in text
        assert "without 1 replica of desk in home" in text


def test_what_nothing_survives_is_told_with_the_miss(tmp_path: Path) -> None:
    document = _document(tmp_path, **{"capacity.survive": [{"region_loss": "home"}]})
    (stage,) = document["stages"]
    assert stage["out_of_reach"] == ["wait"]
    assert not stage["is_feasible"]
    (missed,) = stage["missed_at_top"]
    assert missed["contingency"] == "region home"
    terminal = _terminal(document)
    assert "at the upper bounds of the knobs without region home, wait is" in terminal
    assert "at the upper bounds of the knobs without region home, wait is" in plan_page(document)


def test_what_would_turn_a_no_go_is_told(tmp_path: Path) -> None:
    document = _document(
        tmp_path, **{"capacity.survive": [], "capacity.knobs.0.max": 3, "slos.0.objective": "mean < 0.1s"}
    )
    (stage,) = document["stages"]
    turns = stage["turns"]
    amount = turns["capacity"]["amounts"]["services.desk.replicas"]["home"]
    assert amount > 3.0
    assert turns["capacity"]["extra_month"] == pytest.approx((amount - 3.0) * 0.5 * 730.0, abs=0.01)
    assert 0.0 < turns["demand_share"] < 1.0
    for text in (_terminal(document), plan_page(document), plan_markdown(document)):
        assert "would be met with more than the knobs allow" in text
        assert "of the demand: expose fewer" in text
        assert "wait would be met as it is if asked: queue wait" in text.replace("&lt;", "<")
