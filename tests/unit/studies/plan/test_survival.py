"""What a plan says about contingencies: in its report, on the terminal, on the page and in Markdown."""

from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import simulator
from simulator.render.terminal import terminal
from simulator.studies.plan.report import PlanReport

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


def _terminal(report: PlanReport) -> str:
    console = Console(width=200)
    with console.capture() as captured:
        console.print(terminal(report.sections(), 200))
    return " ".join(captured.get().split())


def _planned(folder: Path, **overrides: Any) -> PlanReport:
    file = folder / "desk.yaml"
    file.write_text(_TEXT, encoding="utf-8")
    return simulator.load(file, overrides).plan(replications=2)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> PlanReport:
    return _planned(tmp_path_factory.mktemp("survival"))


def test_a_plan_has_both_capacities_and_their_difference(report: PlanReport) -> None:
    (stage,) = report.stages
    survival = stage.survival
    assert survival is not None
    knob = "services.desk.replicas"
    more = stage.capacity[knob]["home"] - survival.without[knob]["home"]
    assert more == 1.0
    assert survival.extra_cost.month.value == pytest.approx(more * 0.5 * 730.0)
    assert survival.without_is_feasible
    (one,) = survival.contingencies
    assert one.name == survival.decisive == stage.limiting_contingency == "1 replica of desk in home"
    assert one.tightest is not None
    assert one.tightest.verdict == "PASS"
    assert "missed_at_top" not in stage.to_dict()


def test_every_form_says_it(report: PlanReport) -> None:
    for text in (_terminal(report), report.to_html(), report.to_markdown()):
        assert "surviving the contingencies costs $365.00 more a month" in text
        assert "without 1 replica of desk in home" in text


def test_what_nothing_survives_stands_with_the_miss(tmp_path: Path) -> None:
    report = _planned(tmp_path, **{"capacity.survive": [{"region_loss": "home"}]})
    (stage,) = report.stages
    assert stage.out_of_reach == ("wait",)
    assert not stage.is_feasible
    (missed,) = stage.missed_at_top
    assert missed.contingency == "region home"
    for text in (_terminal(report), report.to_html()):
        assert "at maximum capacity without region home, wait is" in text


def test_what_would_make_it_a_go_stands_in_every_form(tmp_path: Path) -> None:
    report = _planned(
        tmp_path, **{"capacity.survive": [], "capacity.knobs.0.max": 3, "slos.0.objective": "mean < 0.1s"}
    )
    (stage,) = report.stages
    assert stage.remedies is not None
    assert stage.remedies.capacity is not None
    amount = stage.remedies.capacity.amounts["services.desk.replicas"]["home"]
    assert amount > 3.0
    extra_usd = stage.remedies.capacity.extra_month_usd
    assert extra_usd == pytest.approx((amount - 3.0) * 0.5 * 730.0, abs=0.01)
    assert stage.remedies.demand_share is not None
    assert 0.0 < stage.remedies.demand_share < 1.0
    for text in (_terminal(report), report.to_html(), report.to_markdown()):
        assert "needs capacity above the allowed maximum (+$" in text
        assert "of the demand: reduce exposure" in text
        assert "wait would pass with the limit queue wait" in text
