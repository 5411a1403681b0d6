"""What `scenarios/gated-rollout.yaml` says of itself: who stops a model that the objectives let pass, and who is told."""

from datetime import date

import pytest

from simulator.engine import Runner
from simulator.scenario.read.load import LoadedScenario, load_scenario
from simulator.studies.drill.drill import drill
from simulator.studies.drill.study import DrillStudy
from simulator.studies.plan.basis import Plan
from simulator.studies.plan.plan import PlanOptions, plan
from tests.golden.test_stories import SCENARIOS


def _loaded(*overrides: str) -> LoadedScenario:
    return load_scenario(SCENARIOS / "gated-rollout.yaml", overrides)


def _planned(*overrides: str) -> Plan:
    loaded = _loaded(*overrides)
    return plan(loaded.scenario, PlanOptions(), Runner(loaded.base_dir))


def test_the_gates_let_the_large_model_on_and_the_pause_moves_the_calendar() -> None:
    found = _planned()
    assert [stage.decision for stage in found.stages] == ["GO", "GO", "GO"]
    begins = [stage.start.date() for stage in found.stages]
    assert begins == [
        date(2027, 1, 4),
        date(2027, 2, 15),
        date(2027, 4, 19),
    ]  # four weeks and two of pause; six weeks and three for the works council
    waits = found.stages[2].waits
    assert waits is not None
    assert (waits.days, waits.path) == (21, ("dpia", "works_council"))


def test_the_small_model_meets_every_objective_and_is_stopped_by_the_gate_on_complex_claims() -> None:
    found = _planned("routes.answer.choose.complex=small")
    assert all(verdict.verdict == "PASS" for stage in found.stages for verdict in stage.verdicts)
    assert found.stages[1].decision == "NO-GO"
    [failed] = [gate for gate in found.stages[1].gates if gate.verdict == "FAIL"]
    assert failed.complexity == "complex"
    assert failed.estimate is not None
    assert failed.estimate.value == pytest.approx(0.75, abs=0.02)


def test_a_worse_prompt_is_told_to_who_reads_the_reviews_alone() -> None:
    loaded = _loaded()
    options = DrillStudy(("worse-prompt",), runs=3, cures=False)
    found = drill(loaded.scenario, options, Runner(loaded.base_dir))
    [result] = found.drills
    page, worse = result.alerts
    assert page.after_s is None
    assert (worse.notify, worse.slo) == ("head-of-claims", "success")
    assert worse.after_s is not None
    assert worse.after_s.value == pytest.approx(90 * 60, abs=15 * 60)
    assert all(alert.false_per_month.high < 0.2 for alert in found.alerts)
