"""Plan, check and cost agree about one file: a drift, a budget, costs of an action; what one leaves out it says."""

from pathlib import Path
from typing import Any

import pytest

from simulator.engine import Runner
from simulator.scenario.read.load import load_scenario
from simulator.studies.check.report import CheckReport
from simulator.studies.check.study import CheckStudy
from simulator.studies.cost.report import CostReport
from simulator.studies.cost.study import CostStudy
from simulator.studies.plan.report import PlanReport
from simulator.studies.plan.study import PlanStudy

_SCENARIO = """
metadata: {name: desk}
start: 2027-02-01
workloads:
  - name: ask
    arrival_rate: 1 rps
    prompt_tokens: {distribution: constant, value: 100}
    output_tokens: {distribution: constant, value: 50}
    steps: [{generate: small}]
model_list:
  - model_name: small
    provider: openai
    model: gpt-4o-mini
    prices: {input: 10, output: 20}
    rpm: 6_000
    ttft: {distribution: constant, value: 400ms}
    tpot: {distribution: constant, value: 10ms}
    success_rate: 92%
stages: [{name: all, duration: 8w, exposure: 100%}]
slos:
  - {name: right, indicator: success_rate, objective: ">= 90%"}
  - {name: fast, indicator: latency, objective: "p95 < 8s"}
"""
_DRIFT = "incidents: [{name: decay, kind: drift, target: small, success_per_week: -1%}]\n"
_MONTH_USD = 730 * 3600 * (100 * 10e-6 + 50 * 20e-6)


def _asked(folder: Path, text: str) -> tuple[PlanReport, CheckReport, CostReport]:
    file = folder / "desk.yaml"
    file.write_text(_SCENARIO + text, encoding="utf-8")
    loaded = load_scenario(file)
    studies: tuple[Any, ...] = (PlanStudy(), CheckStudy(planned=True), CostStudy(draws=0))
    plan, check, cost = (study.run(loaded, Runner(folder)) for study in studies)
    return plan, check, cost


def test_without_a_drift_all_say_yes(tmp_path: Path) -> None:
    plan, check, cost = _asked(tmp_path, "")
    assert (plan.decision, check.verdict) == ("GO", "PASS")
    assert cost.successes / cost.actions == pytest.approx(0.92, abs=0.01)
    assert plan.left_out == cost.left_out == ()


def test_a_drift_counts_in_all_of_them_to_the_end_of_the_stage(tmp_path: Path) -> None:
    """A point a week for eight weeks: at the end 84 % are right; over the months four points less than at the start."""
    plan, check, cost = _asked(tmp_path, _DRIFT)
    assert (plan.decision, check.verdict) == ("NO-GO", "FAIL")
    right = {one.slo: one.estimate for one in plan.stages[0].verdicts}["right"]
    checked = {one.criterion: one.estimate for one in check.verdicts}["right"]
    assert right is not None
    assert checked is not None
    assert right.value == pytest.approx(0.84, abs=0.015)
    assert checked.value == pytest.approx(right.value, abs=0.02)
    by_month = [month.successes / month.actions for month in cost.months]
    assert by_month == pytest.approx([0.92 - 0.02, 0.92 - 0.06], abs=0.012)
    assert cost.successes / cost.actions == pytest.approx(0.88, abs=0.01)


@pytest.mark.parametrize(
    ("share_of_month", "decision", "verdict"), [(1.1, "GO", "PASS"), (0.9, "NO-GO", "FAIL")]
)
def test_a_budget_is_an_objective_of_all_of_them(
    tmp_path: Path, share_of_month: float, decision: str, verdict: str
) -> None:
    plan, check, cost = _asked(
        tmp_path, f"economics: {{budget: {{monthly: ${share_of_month * _MONTH_USD:.0f}}}}}\n"
    )
    (stage,) = plan.stages
    assert plan.decision == decision
    (budget,) = [one for one in stage.verdicts if one.slo == "monthly budget"]
    assert budget.verdict == verdict
    assert budget.estimate is not None
    assert budget.estimate.value == pytest.approx(_MONTH_USD, rel=1e-6)
    (checked,) = [one for one in check.verdicts if one.criterion == "monthly budget"]
    assert checked.verdict == verdict
    assert checked.place.endswith("economics.budget.monthly")
    assert [month.budget for month in cost.months] == [verdict, verdict]
    assert "monthly budget" in plan.to_html()


def test_an_action_costs_the_same_in_plan_and_check(tmp_path: Path) -> None:
    """People at night cost as much as by day: an action of the busiest hour is cheaper than one of the month."""
    plan, check, _ = _asked(
        tmp_path,
        '  - {name: dear, indicator: cost_per_action, objective: "< $0.1"}\n'
        "economics: {platform: $10_000/month}\n",
    )
    planned = {one.slo: one.estimate for one in plan.stages[0].verdicts}["dear"]
    checked = {one.criterion: one.estimate for one in check.verdicts}["dear"]
    assert planned is not None
    assert checked is not None
    assert checked.value == pytest.approx(planned.value, rel=1e-6)


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    down = "{name: down, kind: outage, target: small, start: 5m, duration: 5m}"
    rare = "{name: rare, kind: outage, target: small, duration: 5m}"
    plan, _, cost = _asked(tmp_path, f"incidents: [{down}, {rare}]\n")
    assert "without down, which `rollout check` plays" in plan.left_out[0]
    assert "without down, which `rollout check` plays" in cost.left_out[0]
    assert "without down" in "".join(str(section) for section in plan.sections())
