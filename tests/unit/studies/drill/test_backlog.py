"""Work that piles up in an incident: whoever waits for people is not answered, and it is not over before they are."""

from typing import Any

import pytest

from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.studies.drill.drill import drill
from simulator.studies.drill.report import DrillResult
from simulator.studies.drill.study import DrillStudy

ARRIVALS_PER_S = 0.5
DOWN_S = 1200.0
HANDLE_H = 5.0 / 60.0
STAFF = 3


def _drilled(**team: Any) -> DrillResult:
    scenario = Scenario.model_validate(
        {
            "metadata": {"name": "claims"},
            "workloads": [
                {
                    "name": "claim",
                    "arrival_rate": ARRIVALS_PER_S,
                    "timeout": "30s",
                    "steps": [{"call": "desk"}, {"review": {"team": "people", "when": ["exhausted"]}}],
                }
            ],
            "services": {"desk": {"service_time": {"distribution": "exponential", "mean": "1s"}}},
            "teams": {
                "people": {"staff": STAFF, "handle_time": {"distribution": "constant", "value": "5m"}, **team}
            },
            "incidents": [{"name": "down", "kind": "outage", "target": "desk", "duration": DOWN_S}],
            "slos": [{"name": "up", "indicator": "availability", "objective": ">= 99%"}],
            "window": {"start": 0, "duration": "30m", "warmup": "5m"},
        }
    )
    (found,) = drill(scenario, DrillStudy(runs=3, cures=False), Runner()).drills
    return found


def test_a_backlog_that_stays_fails_and_says_its_work() -> None:
    """Nobody errs: all are handed to three people, who do 36 an hour of the 600 that come in twenty minutes."""
    found = _drilled()
    assert found.answered_in_time.before == pytest.approx(1.0, abs=0.01)
    assert found.answered_in_time.after is not None
    assert found.answered_in_time.after < 0.1
    watched_h = (DOWN_S + found.watched_s) / 3600.0
    left = ARRIVALS_PER_S * DOWN_S - STAFF / HANDLE_H * watched_h
    assert found.backlog.difference.value == pytest.approx(left, rel=0.15)
    assert found.backlog_work_h.difference.value == pytest.approx(left * HANDLE_H, rel=0.15)
    assert found.recovered_share == 0.0
    assert found.verdict == "FAIL"


def test_people_enough_leave_no_backlog() -> None:
    found = _drilled(staff=400)
    assert found.backlog.difference.value < 1.0
    assert found.recovered_share == 1.0
