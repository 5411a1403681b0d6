"""The checklist: what is measured agrees with what it is measured by, and what is missing blocks or warns."""

import threading
from pathlib import Path
from typing import Any, Literal

import pytest

from simulator.engine import Cancelled, Runner
from simulator.mechanisms.releases.config import ReleaseChanges
from simulator.scenario.model import Scenario
from simulator.scenario.read.load import load_scenario
from simulator.scenario.readiness import Monitoring, UnitEconomics
from simulator.studies.canary.canary import rehearse_canary
from simulator.studies.canary.cases import NO_CHANGE, Case
from simulator.studies.canary.rehearsals import RehearsalPlan
from simulator.studies.common.checklist import ReadinessItem
from simulator.studies.drift.cusum_detection import sighting
from simulator.studies.drift.review_sampling import reviewables
from simulator.studies.drill.checklist import seen_in_time
from simulator.studies.drill.drill import drill
from simulator.studies.drill.study import DrillStudy
from simulator.studies.plan.plan import PlanOptions, plan
from simulator.studies.plan.readiness import (
    decided_with,
    readiness_of,
    unit_economics,
)
from simulator.theory.estimate import Estimate
from simulator.theory.intervals import exact_share_interval
from simulator.theory.verdict import Verdict

_FILE = Path(__file__).parents[3] / "property" / "every_key_readiness.yaml"
_COST = Estimate(0.20, 0.19, 0.21)


def _scenario(*overrides: str) -> Scenario:
    return load_scenario(_FILE, overrides).scenario


def _items(scenario: Scenario, stage: str = "all") -> dict[str, ReadinessItem]:
    told: list[str] = []
    runner = Runner(progress=lambda _done, _total, label: told.append(label))
    found = {item.name: item for item in readiness_of(scenario, stage, _COST, runner)}
    assert bool(told) == any(item.measurements for item in found.values())
    return found


def test_the_canary_is_measured_by_its_rehearsals() -> None:
    """The same shares as `rollout canary` finds on the same seeds."""
    scenario = _scenario("readiness.measured={release_and_rollback: {worse_by: 20%, within: 10m}}")
    item = _items(scenario)["release_and_rollback"]
    stopped, passed, gone = item.measurements
    assert stopped.estimate is not None
    n_runs = 20
    bad = Case("bad", ReleaseChanges(success_rate=-0.20), False)
    report = rehearse_canary(scenario, [bad, NO_CHANGE], RehearsalPlan("all", None, n_runs), Runner())
    worse, same = report.cases
    assert stopped.estimate == worse.aborted == exact_share_interval(n_runs, n_runs)
    assert passed.estimate is not None
    assert same.promoted.value > 0.8
    assert gone.estimate is not None
    assert worse.duration_s is not None
    assert gone.estimate.value == pytest.approx(worse.duration_s.value + 60.0)
    assert (stopped.verdict, gone.verdict) == ("PASS", "PASS")


def test_a_canary_that_sees_nothing_is_found_out_after_few_rehearsals() -> None:
    """A tenth of a point among a few hundred answers: five rehearsals tell that it is not stopped."""
    scenario = _scenario("readiness.measured={release_and_rollback: {worse_by: 0.1%}}")
    stopped, _ = _items(scenario)["release_and_rollback"].measurements
    assert stopped.verdict == "FAIL"
    assert stopped.estimate == exact_share_interval(0, 5)


def test_monitoring_is_measured_by_drills() -> None:
    scenario = _scenario("readiness.measured={monitoring: {within: 11m}}")
    down, unwatched, *false_alarms = _items(scenario)["monitoring"].measurements
    found = drill(scenario, DrillStudy(stage="all", runs=3, cures=False), Runner())
    page = found.drills[0].alerts[0]
    assert down.what == "tells of down after"
    assert down.estimate == page.after_s
    assert down.verdict == "PASS"
    assert (unwatched.what, unwatched.verdict) == ("slow: nobody watches latency of ask", "UNDECIDED")
    assert [one.estimate for one in false_alarms] == [alert.false_per_month for alert in found.alerts]
    strict = seen_in_time(Monitoring(within=60.0, budget=0.0, false_per_month=0.0), found)
    assert [one.verdict for one in strict] == ["FAIL", "UNDECIDED", "UNDECIDED", "UNDECIDED"]


def test_an_incident_that_no_alert_sees_is_missing() -> None:
    scenario = _scenario(
        "readiness.measured={monitoring: {}}",
        "alerts={page: {notify: me, rules: [{burn_rate: 99, long_window: 7d, short_window: 6d}]}}",
    )
    item = _items(scenario)["monitoring"]
    assert item.measurements[0].estimate is None
    assert item.verdict == "FAIL"


def test_the_feedback_loop_is_measured_by_what_reviewers_see() -> None:
    loop = "readiness.measured={feedback_loop: {per_week: 5%, within: 3w, false_alarm_every: 10w}}"
    scenario = _scenario(loop)
    (seen,) = _items(scenario)["feedback_loop"].measurements
    (of,) = reviewables(scenario, "all", Runner())
    assert seen.what == "notices that ask loses 5 points a week after"
    assert seen.estimate is not None
    assert seen.estimate.value == pytest.approx(sighting(of, 0.01, 0.05, 10.0).weeks.value * 7 * 86_400.0)
    assert seen.verdict == "PASS"
    short = _scenario(loop, "teams.agents.staff=1", "workloads.ask.steps.1.review.sample=90%")
    (slow,) = _items(short)["feedback_loop"].measurements
    (of,) = reviewables(short, "all", Runner())
    assert 0.0 < of.in_time < 0.9
    assert slow.what == (
        f"notices that ask loses 5 points a week, reviewing {100.0 * of.in_time:.2g} % for want of people, after"
    )
    assert slow.estimate is not None
    assert slow.estimate.value == pytest.approx(
        sighting(of, of.in_time, 0.05, 10.0).weeks.value * 7 * 86_400.0
    )
    blind = _scenario(
        loop,
        "workloads.ask.steps.1.review={team: agents, when: [exhausted]}",
        "model_list.small.error_rate=1%",
        "routes={one: {choose: [small], fallbacks: [human]}}",
        "workloads.ask.steps.0.generate=one",
    )
    (unseen,) = _items(blind)["feedback_loop"].measurements
    assert (unseen.estimate, unseen.verdict) == (None, "FAIL")


def test_the_cost_must_be_known_and_be_worth_it() -> None:
    def verdicts(within: float, value: float | None, cost: Estimate | None = _COST) -> list[Verdict]:
        return [one.verdict for one in unit_economics(UnitEconomics(within=within), cost, value)]

    assert verdicts(0.06, None) == ["PASS"]
    assert verdicts(0.04, None) == ["FAIL"]
    assert verdicts(0.06, 0.3) == ["PASS", "PASS"]
    assert verdicts(0.06, 0.2) == ["PASS", "UNDECIDED"]
    assert verdicts(0.06, 0.1) == ["PASS", "FAIL"]
    assert verdicts(0.06, 0.3, None) == ["FAIL"]
    assert verdicts(0.06, 0.3, Estimate.exact(0.0)) == ["PASS", "PASS"]  # it costs nothing, and that is known


def _item(verdict: Verdict, missing: Literal["block", "warn"] = "block") -> ReadinessItem:
    return ReadinessItem(
        name="item",
        kind="attested",
        owner="me",
        evidence="",
        missing=missing,
        measurements=(),
        verdict=verdict,
    )


@pytest.mark.parametrize(
    ("decision", "items", "expected"),
    [
        ("GO", [], "GO"),
        ("GO", [_item("PASS")], "GO"),
        ("GO", [_item("PASS"), _item("FAIL")], "NO-GO"),
        ("GO", [_item("FAIL", missing="warn")], "GO"),
        ("GO", [_item("UNDECIDED")], "UNDECIDED"),
        ("UNDECIDED", [_item("PASS")], "UNDECIDED"),
        ("UNDECIDED", [_item("FAIL")], "NO-GO"),
        ("NO-GO", [_item("PASS")], "NO-GO"),
    ],
)
def test_what_is_missing_decides(decision: Any, items: list[ReadinessItem], expected: str) -> None:
    assert decided_with(decision, items) == expected


def test_a_plan_counts_its_checklist() -> None:
    only = "readiness={attested: {kpis: {owner: me, stages: [all]}, rest: {owner: me, evidence: here}}}"
    half, everyone = plan(_scenario(only), PlanOptions(min_runs=2), Runner()).stages
    assert [item.name for item in half.readiness] == ["rest"]
    assert [item.verdict for item in everyone.readiness] == ["FAIL", "PASS"]
    assert (half.decision, everyone.decision) == ("GO", "NO-GO")


def test_measuring_can_be_interrupted() -> None:
    cancel = threading.Event()
    runner = Runner(progress=lambda *_: cancel.set(), cancel=cancel)
    with pytest.raises(Cancelled):
        readiness_of(_scenario(), "all", _COST, runner)
