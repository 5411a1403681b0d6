"""People who are enough for the busiest hour and not for the week: what comes at night is worked off by day."""

from math import ceil
from typing import Any

import pytest

from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.studies.plan.plan import PlanOptions, plan
from simulator.studies.plan.report import StagePlan

ARRIVALS_PER_H = 20.0
HANDLE_H = 6.0 / 60.0
ON_SHIFT_H = 8.0 * 5.0  # of 168
HEADROOM = 0.15
STAFF = "teams.agents.staff"


def _stage(**capacity: Any) -> StagePlan:
    scenario = Scenario.model_validate(
        {
            "metadata": {"name": "claims"},
            "regions": {"home": {"timezone": "UTC"}},
            "workloads": [
                {
                    "name": "claim",
                    "arrival_rate": f"{ARRIVALS_PER_H:g} per hour",
                    "steps": [{"call": "gone"}, {"review": {"team": "agents", "when": ["exhausted"]}}],
                }
            ],
            "services": {
                "gone": {"service_time": {"distribution": "constant", "value": "1s"}, "error_rate": "100%"}
            },
            "teams": {
                "agents": {
                    "staff": 3,
                    "shifts": [{"days": [0, 1, 2, 3, 4], "start_hour": 8, "end_hour": 16}],
                    "handle_time": {"distribution": "exponential", "mean": "6m"},
                }
            },
            "stages": [{"name": "all", "duration": "4w", "exposure": "100%"}],
            "slos": [{"name": "fast", "indicator": "latency", "objective": "p95 < 2s"}],
            "window": {"start": "peak", "duration": "1h", "warmup": "30m"},
            "capacity": {"headroom": HEADROOM, **capacity},
        }
    )
    (stage,) = plan(scenario, PlanOptions(), Runner()).stages
    return stage


def test_staff_is_for_the_work_of_the_week() -> None:
    """Twenty an hour at all hours, six minutes each: 336 h a week for 40 h a person, with headroom."""
    stage = _stage(knobs=[{"path": STAFF, "min": 0, "max": 40}])
    work_h = ARRIVALS_PER_H * 168.0 * HANDLE_H
    assert stage.capacity[STAFF]["home"] == pytest.approx(ceil((1.0 + HEADROOM) * work_h / ON_SHIFT_H), abs=1)
    (week,) = stage.people
    assert (week.team, week.region) == ("agents", "home")
    assert week.work_h == pytest.approx(work_h * 730.0 / 168.0, rel=0.1)
    assert week.people_h == pytest.approx(
        stage.capacity[STAFF]["home"] * ON_SHIFT_H * 730.0 / 168.0, rel=1e-6
    )
    assert not week.falls_behind
    assert stage.decision == "GO"


def test_people_who_fall_behind_are_no_go() -> None:
    """Three people have 120 h for 336 h of work, whatever the objectives of the busiest hour say."""
    stage = _stage()
    (week,) = stage.people
    assert week.falls_behind
    assert stage.decision == "NO-GO"
    assert any("agents in home" in warning and "wait every month" in warning for warning in stage.warnings)
