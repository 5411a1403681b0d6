"""Drills: what is played, what users felt, whether it ended, and what would have helped."""

import threading
from pathlib import Path
from typing import Any

import pytest

from simulator.engine import Cancelled, Runner
from simulator.errors import OptionError
from simulator.mechanisms.incidents.base import Lasting
from simulator.mechanisms.incidents.caches import CacheFlush
from simulator.mechanisms.incidents.losses import ReplicaLoss
from simulator.scenario.check.checks import check_scenario
from simulator.scenario.model import Scenario
from simulator.scenario.read.load import load_scenario
from simulator.studies.drill.drill import drill
from simulator.studies.drill.drill_plan import LONGEST_S, DrillError, drills_of, with_incidents
from simulator.studies.drill.mitigations import mitigations_of
from simulator.studies.drill.report import DrillReport, DrillResult
from simulator.studies.drill.study import DrillStudy
from tests.differential import incident_scenarios

_HERE = Path()
_ROOT = Path(__file__).parents[4]


def _storm(rate_rps: float = 24.0, route: dict[str, Any] | None = None, **incident: Any) -> Scenario:
    """Forty servers, tries that give up soon and come back at once."""
    slow = {"name": "slow", "kind": "latency", "target": "search", "factor": 2.0, "duration": 120.0}
    return Scenario.model_validate(
        {
            "metadata": {"name": "storm"},
            "workloads": [{"name": "ask", "arrival_rate": rate_rps, "steps": [{"call": "find"}]}],
            "services": {
                "search": {
                    "max_ongoing_requests": 40,
                    "service_time": {"distribution": "gamma", "mean": 1.0, "cv": 0.2},
                    "cost": 0.001,
                }
            },
            "routes": {
                "find": {"choose": ["search"], "per_try_timeout": 1.6, "num_retries": 3, **(route or {})}
            },
            "incidents": [
                {key: value for key, value in (slow | incident).items() if value is not None},
                {"name": "surge", "kind": "surge", "factor": 1.2, "duration": 60.0},
            ],
            "window": {"warmup": 60.0},
            "slos": [
                {"name": "latency", "indicator": "latency", "objective": "p(95) < 5s"},
                {"name": "availability", "indicator": "availability", "objective": ">= 99%"},
            ],
        }
    )


def _drilled(scenario: Scenario, *names: str, **options: Any) -> DrillReport:
    return drill(scenario, DrillStudy(names, runs=3, **options), Runner(_HERE))


@pytest.fixture(scope="module")
def storm() -> DrillResult:
    """Two slow minutes, and what comes of them."""
    (result,) = _drilled(_storm(), "slow").drills
    return result


def test_a_retry_storm_outlives_its_cause(storm: DrillResult) -> None:
    """At 60 % load nothing is missed without the incident; with it the queue never comes back."""
    assert storm.missed_without == ()
    assert storm.minutes_out_of_slo.value == pytest.approx(storm.span_s / 60.0, abs=1.0)
    assert storm.recovery_s is None
    assert storm.recovered_share == 0.0
    assert storm.metastable == "yes"
    assert storm.late_goodput.high < 0.05
    assert storm.verdict == "FAIL"
    n_arrived = 24.0 * storm.span_s
    assert storm.actions_hurt.difference.value == pytest.approx(n_arrived, rel=0.05)


def test_without_its_retries_it_comes_back(storm: DrillResult) -> None:
    best = storm.best_mitigation
    assert best is not None
    gains = {one.name: one.gain_rps.difference for one in storm.mitigations}
    assert gains["no retries"].low > 20.0
    assert gains[best].value == max(gain.value for gain in gains.values())
    assert gains["retry budget of 10 %"].low > 20.0
    (calm,) = _drilled(_storm(route={"num_retries": 0}), "slow", cures=False).drills
    assert calm.metastable == "no"
    assert calm.recovery_s is not None
    assert calm.recovery_s.value < 120.0


def test_a_retry_budget_lets_it_come_back() -> None:
    (result,) = _drilled(_storm(route={"retry_budget": "10%"}), "slow", cures=False).drills
    assert result.metastable == "no"
    assert result.recovery_s is not None
    assert result.recovered_share == 1.0
    assert result.late_goodput.low > 0.99


def test_budgets_are_of_28_days_and_money_is_that_of_the_drill(storm: DrillResult) -> None:
    by_slo = {budget.slo: budget.burnt for budget in storm.error_budget}
    unanswered = storm.actions_hurt.difference.value
    assert by_slo["availability"].value == pytest.approx(unanswered / (0.01 * 28 * 86400 * 24.0), rel=0.05)
    # every try costs a call: four for each action that fails
    extra_calls = storm.cost.difference.value / 0.001
    assert extra_calls == pytest.approx(3.0 * unanswered, rel=0.1)


def test_what_hurts_nobody_is_not_cured() -> None:
    (result,) = _drilled(_storm(6.0), "surge").drills
    assert result.minutes_out_of_slo.value == 0.0
    assert result.recovery_s is not None
    assert result.recovery_s.value == 0.0
    assert result.mitigations == ()
    assert result.verdict == "PASS"


def test_harm_to_a_peak_that_is_unwell_anyway_is_seen() -> None:
    """Fifty a second for forty servers: the objective is missed without the incident, and by far more with it."""
    scenario = _storm(50.0, {"num_retries": 0, "per_try_timeout": 3.0}, kind="outage", factor=None)
    (result,) = _drilled(scenario, "slow", cures=False).drills
    assert "availability" in result.missed_without
    assert result.minutes_out_of_slo.value == pytest.approx(2.0, abs=1.0)


def test_several_at_once_last_until_the_last_is_over() -> None:
    single, both = drills_of(_storm(), ["slow", "surge+slow"])
    assert [incident.name for incident in both.incidents] == ["surge", "slow"]
    assert both.duration_s == single.duration_s == 120.0


def test_all_are_drilled_where_none_is_named_but_drifts() -> None:
    scenario = incident_scenarios.every_kind()
    drills = drills_of(scenario, ())
    kinds = {incident.kind for incident in scenario.incidents}
    assert {incident.kind for each in drills for incident in each.incidents} == kinds - {"drift"}
    played = with_incidents(scenario, drills[0].incidents)
    assert [incident.kind for incident in played.incidents] == ["drift", "drift", "outage"]


def test_a_drawn_one_is_played_once_for_its_mean() -> None:
    drills = {each.name: each for each in drills_of(incident_scenarios.drawn(), ())}
    (crash,) = drills["replica_loss-60"].incidents
    assert isinstance(crash, ReplicaLoss)
    assert (crash.start, crash.duration, crash.mtbf, crash.replicas) == (300.0, 15.0, None, 1)
    (flush,) = drills["flush-60"].incidents
    assert isinstance(flush, CacheFlush)
    assert (flush.start, flush.every) == (300.0, None)


def test_a_long_one_is_cut() -> None:
    (planned,) = drills_of(_storm(duration=30 * 86400.0), ["slow"])
    (slow,) = planned.incidents
    assert isinstance(slow, Lasting)
    assert slow.duration == planned.duration_s == LONGEST_S
    assert planned.length_s - planned.end_s >= 7200.0


@pytest.mark.parametrize(
    ("names", "message"),
    [(["slwo"], "no incident 'slwo'"), (["slow+x"], "no incident 'x'"), (["drift"], "has no end")],
)
def test_what_cannot_be_drilled_is_refused(names: list[str], message: str) -> None:
    parts = _storm().model_dump(mode="json", by_alias=True, exclude_unset=True)
    parts["incidents"].append(
        {"name": "drift", "kind": "drift", "workload": "ask", "success_per_week": -0.01}
    )
    with pytest.raises(DrillError, match=message):
        drills_of(Scenario.model_validate(parts), names)


def test_nothing_to_drill_or_to_hold_it_to_is_refused() -> None:
    with pytest.raises(DrillError, match="no `incidents`"):
        drill(_storm().without_incidents(), DrillStudy(), Runner(_HERE))
    without_slos = _storm().model_copy(update={"slos": []})
    with pytest.raises(DrillError, match="add one on availability"):
        drill(without_slos, DrillStudy(), Runner(_HERE))
    with pytest.raises(OptionError, match="no stage 'pilot'"):
        DrillStudy(stage="pilot").check(_storm())


def test_a_cancelled_one_keeps_the_drills_that_were_finished() -> None:
    cancel = threading.Event()

    def stop_in_the_second(done: float, total: int, _label: str) -> None:
        if done > total // 2:
            cancel.set()

    options = DrillStudy(runs=2, cures=False)
    found = drill(_storm(), options, Runner(_HERE, progress=stop_in_the_second, cancel=cancel))
    assert found.interrupted
    assert [result.name for result in found.drills] == ["slow"]
    with pytest.raises(Cancelled):
        drill(_storm(), options, Runner(_HERE, cancel=cancel))


def test_every_cure_is_one_change_that_could_be_written() -> None:
    loaded = load_scenario(_ROOT / "scenarios" / "failures.yaml")
    found = {cure.name: cure.scenario for cure in mitigations_of(loaded.scenario, Runner(loaded.base_dir))}
    expected = {"retry budget of 10 %", "circuit breaker", "no retries", "fallback to large"}
    assert expected | {"fallback to cached-answer", "short queues that shed", "50% more capacity"} <= set(
        found
    )
    assert "next region after one failure" not in found, "there is no other region"
    for scenario in found.values():
        assert not check_scenario(scenario, loaded.base_dir, is_variant=True)
        assert scenario != loaded.scenario
    assert found["fallback to large"].routes["answer"].fallbacks == ["large", "human"]
    assert found["no retries"].routes["find"].num_retries == 0
    larger = found["50% more capacity"]
    assert larger.services["search"].replicas == 6
    assert larger.teams["agents"].staff == 45
    assert larger.model_list[0].rpm == 4_500


def test_the_other_region_is_a_cure_where_there_is_one() -> None:
    parts = _storm().model_dump(mode="json", by_alias=True, exclude_unset=True)
    found = {
        cure.name
        for cure in mitigations_of(
            Scenario.model_validate(parts | {"regions": {"a": {}, "b": {}}}), Runner(_HERE)
        )
    }
    assert {"next region after one failure", "failover after health checks"} <= found


def test_a_lost_region_keeps_data_in_its_zone() -> None:
    """The only search of the zone is down: what its rule forbids is counted, and not done."""
    regions = {
        "ireland": {"location": "northeurope"},
        "virginia": {"location": "eastus"},
    }
    parts = _storm(6.0).model_dump(mode="json", by_alias=True, exclude_unset=True)
    parts["incidents"] = [{"name": "lost", "kind": "outage", "region": "ireland", "duration": 300.0}]
    parts |= {"regions": regions, "data_residency": {"EU": ["EU"]}}
    parts["network"] = {
        "region_policy": "failover",
        "health_check": {"interval": 10.0, "failures": 2, "successes": 2},
    }
    scenario = Scenario.model_validate(parts)
    (result,) = _drilled(scenario, "lost").drills
    blocked = result.residency_blocked
    assert blocked is not None
    assert blocked.before == 0.0
    assert result.error_rate.difference.value > 0.4, "who may not go elsewhere is not answered"
    free = scenario.model_copy(update={"data_residency": {}})
    (elsewhere,) = _drilled(free, "lost", cures=False).drills
    assert elsewhere.residency_blocked is None
    assert elsewhere.error_rate.after is not None
    assert elsewhere.error_rate.after < 0.15
    assert "failover after health checks" not in {cure.name for cure in result.mitigations}
