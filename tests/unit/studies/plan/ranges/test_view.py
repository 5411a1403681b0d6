"""Trade-off and uncertain inputs of a plan: in its report, on the terminal, on the page and in Markdown."""

import json

import pytest
from rich.console import Console

import simulator
from simulator.render.draws_cell import draws_cell
from simulator.render.sections import Words
from simulator.render.terminal import terminal
from simulator.studies.plan.ranges.report import Percentiles, StageRanges
from simulator.studies.plan.ranges.view import band_cell
from simulator.studies.plan.report import PlanReport

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
  - {name: wait, indicator: queue_wait, objective: "mean < 0.35s"}
economics:
  budget: {monthly: $10_000}
  uncertain: {users: {distribution: uniform, low: -30%, high: 30%}}
capacity:
  knobs: [{path: services.desk.replicas, min: 1, max: 40}]
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> PlanReport:
    file = tmp_path_factory.mktemp("ranges") / "desk.yaml"
    file.write_text(_TEXT, encoding="utf-8")
    return simulator.load(file).plan(replications=2, draws=64)


def _terminal(report: PlanReport) -> str:
    console = Console(width=160)
    with console.capture() as captured:
        console.print(terminal(report.sections(), 160))
    return " ".join(captured.get().split())


def _ranges(report: PlanReport) -> StageRanges:
    (stage,) = report.stages
    assert stage.ranges is not None
    return stage.ranges


def test_bands_rise_and_chances_have_intervals(report: PlanReport) -> None:
    found = _ranges(report)
    assert report.n_draws == found.n_draws == 64
    assert found.n_searched == 16
    for band in (found.figures.peak_rps, found.figures.latency_p95, found.figures.per_action_usd):
        assert band.p10 is not None
        assert band.p50 is not None
        assert band.p90 is not None
        assert band.p10 < band.p50 < band.p90
    assert found.figures.ttft_p95 == Percentiles(p10=None, p50=None, p90=None)
    chance = found.chance.slos
    assert chance is not None
    assert chance.low <= chance.value <= chance.high
    assert found.chance.budget is not None
    assert found.chance.budget.value == 1.0
    assert found.chance.both == chance
    (row,) = found.sensitivity.latency_p95
    assert row.input == "users"
    assert row.first_order == pytest.approx(1.0, abs=0.15)


def test_the_report_reads_back_from_its_json(report: PlanReport) -> None:
    assert PlanReport.model_validate_json(report.to_json()) == report
    (stage,) = json.loads(report.to_json())["stages"]
    assert {"draws", "draws_planned_anew", "figures", "slos", "chance", "capacity"} <= set(
        stage["uncertainty"]
    )


def test_the_trade_off_has_what_is_planned(report: PlanReport) -> None:
    (stage,) = report.stages
    (planned,) = [point for point in stage.trade_off if point.is_planned]
    assert planned.capacity == stage.capacity
    assert planned.cost.month == stage.cost.month.value


def test_every_form_says_it(report: PlanReport) -> None:
    shown, page, text = _terminal(report), report.to_html(), report.to_markdown()
    chance = draws_cell(_ranges(report).chance.slos, 64)
    assert "what more or less capacity would do" in shown
    assert "uncertain inputs: P50 (P10 to P90) of 64 draws" in shown
    assert f"objectives hold {chance.text} {chance.detail}" in shown
    assert "needed desk replicas" in shown
    assert "what moves the cost of a month" in shown
    assert "Cost against latency" in page
    assert "Cost of a month under uncertain inputs" in page
    assert "What moves the cost of all" in page
    for form in (page, text):
        assert "objectives hold" in form
        assert chance.text in form
        assert chance.detail in form


def test_bands_are_one_word_where_they_do_not_differ() -> None:
    assert band_cell(Percentiles(p10=2.0, p50=2.0, p90=2.0), "count") == Words("2", "")
    assert band_cell(Percentiles(p10=1.0, p50=2.0, p90=3.0), "count") == Words("2", "(1–3)")  # noqa: RUF001
