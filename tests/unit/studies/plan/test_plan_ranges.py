"""Trade-off and uncertain inputs of a plan: in its document, on the terminal, on the page and in Markdown."""

import json
from typing import Any

import pytest
from rich.console import Console

import simulator
from simulator.studies.plan.plan_page import plan_markdown, plan_page
from simulator.studies.plan.plan_ranges import band_text, chance_text
from simulator.studies.plan.plan_tables import plan_report

_TEXT = """\
metadata: {name: desk}
workloads:
  - {name: ask, arrival_rate: 3 rps, steps: [{call: desk}]}
services:
  desk: {replicas: 9, max_ongoing_requests: 1, price: $0.5/hour, service_time: {distribution: exponential, mean: 1s}}
window: {duration: 10m, warmup: 2m}
stages:
  - {name: all, duration: 4w, exposure: 100%}
slos:
  - {name: wait, indicator: queue_wait, objective: "mean < 0.5s"}
economics:
  budget: {monthly: $10_000}
  uncertain: {users: {distribution: uniform, low: -30%, high: 30%}}
capacity:
  knobs: [{path: services.desk.replicas, min: 1, max: 40}]
"""


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    file = tmp_path_factory.mktemp("ranges") / "desk.yaml"
    file.write_text(_TEXT, encoding="utf-8")
    return simulator.load(file).plan(replications=2, draws=64).document


def _terminal(document: dict[str, Any]) -> str:
    console = Console(width=160)
    with console.capture() as captured:
        console.print(plan_report(document, 160))
    return " ".join(captured.get().split())


def test_the_document_is_json_with_bands_that_rise(document: dict[str, Any]) -> None:
    (stage,) = json.loads(json.dumps(document, allow_nan=False))["stages"]
    found = stage["uncertainty"]
    assert document["draws"] == found["draws"] == 64
    assert found["draws_planned_anew"] == 16
    for name in ("peak_rps", "latency_p95_s", "per_action_usd"):
        band = found["figures"][name]
        assert band["p10"] < band["p50"] < band["p90"]
    assert found["figures"]["ttft_p95_s"] == {"p10": None, "p50": None, "p90": None}
    assert (
        found["chance"]["slos"]["low"] <= found["chance"]["slos"]["value"] <= found["chance"]["slos"]["high"]
    )
    assert found["chance"]["budget"]["value"] == 1.0
    assert found["chance"]["both"] == found["chance"]["slos"]
    (row,) = found["sensitivity"]["latency_p95_s"]
    assert row["input"] == "users"
    assert row["first_order"] == pytest.approx(1.0, abs=0.15)


def test_the_trade_off_has_what_is_planned(document: dict[str, Any]) -> None:
    (stage,) = document["stages"]
    (planned,) = [point for point in stage["trade_off"] if point["is_planned"]]
    assert planned["capacity"] == stage["capacity"]
    assert planned["cost"]["month"] == stage["cost"]["month"]["value"]


def test_every_form_says_it(document: dict[str, Any]) -> None:
    terminal, page, text = _terminal(document), plan_page(document), plan_markdown(document)
    (stage,) = document["stages"]
    chance = chance_text(stage["uncertainty"]["chance"]["slos"])
    assert "what more or less capacity would do" in terminal
    assert "uncertain inputs: P50 (P10 to P90) of 64 draws" in terminal
    assert f"objectives hold {chance}" in terminal
    assert "needed desk replicas" in terminal
    assert "what moves the cost of a month" in terminal
    assert "Cost against latency" in page
    assert "Cost of a month under uncertain inputs" in page
    assert "What moves the cost of all" in page
    for form in (page, text):
        assert "objectives hold" in form
        assert chance.replace(">", "&gt;") in form or chance in form


def test_draws_that_were_cut_short_are_told(document: dict[str, Any]) -> None:
    assert "interrupted: not all draws were simulated" in _terminal({**document, "interrupted": True})


def test_so_few_draws_are_never_certain() -> None:
    assert chance_text({"value": 1.0, "low": 0.943, "high": 1.0}) == "> 94 %"
    assert chance_text({"value": 0.0, "low": 0.0, "high": 0.057}) == "< 6 %"
    assert chance_text({"value": 0.604, "low": 0.5, "high": 0.7}) == "60 %"
    assert band_text({"p10": 2.0, "p50": 2.0, "p90": 2.0}, "count").line == "2"
    assert band_text({"p10": 1.0, "p50": 2.0, "p90": 3.0}, "count").line == "2 (1–3)"  # noqa: RUF001
