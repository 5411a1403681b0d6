"""Objectives on hours hold over the week, not only in the hour of the peak; work flows through it like water."""

from typing import Any

import numpy as np
import pytest

from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.studies.capacity.month_cost import StageMonth
from simulator.studies.capacity.week.flow import fluid_waits_s
from simulator.studies.capacity.week.slow_week import SlowWeek, with_the_week
from simulator.studies.common.replicator import Replicator
from simulator.studies.plan.plan import PlanOptions, plan
from simulator.studies.plan.report import StagePlan

STAFF = "teams.agents.staff"
_STEPS = 2016  # of five minutes


def _by_hour(day: list[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.tile(np.repeat(day, 12), 7).astype(np.float64)


def test_who_comes_at_night_waits_for_the_morning() -> None:
    work = _by_hour([1.0] * 24)
    servers = _by_hour([0.0] * 8 + [6.0] * 8 + [0.0] * 8)
    waits_s = fluid_waits_s(work, servers)
    assert waits_s[16 * 12] == pytest.approx(16 * 3600.0, abs=200.0)  # the first after the shift
    # sixteen hours of work of one are done by six less the one that comes: until 11.2 h, and first come, first served
    assert waits_s[7 * 12] == pytest.approx((1.0 + 15.0 / 6.0) * 3600.0, abs=200.0)
    assert waits_s[13 * 12] == 0.0


def test_more_than_is_done_waits_for_ever() -> None:
    assert np.isinf(fluid_waits_s(_by_hour([1.1] * 24), _by_hour([1.0] * 24))).all()


def test_enough_servers_leave_nobody_waiting() -> None:
    assert not fluid_waits_s(_by_hour([0.9] * 24), _by_hour([1.0] * 24)).any()


def _stage(limit: str, shifts: Any, staff: int = 12, handle: str = "6m", **capacity: Any) -> StagePlan:
    (stage,) = plan(_scenario(limit, shifts, staff, handle, **capacity), PlanOptions(), Runner()).stages
    return stage


def _scenario(limit: str, shifts: Any, staff: int = 12, handle: str = "6m", **capacity: Any) -> Scenario:
    steps = [{"call": "gone"}, {"review": {"team": "agents", "when": ["exhausted"]}}]
    service = {"service_time": {"distribution": "constant", "value": "1s"}, "error_rate": "100%"}
    team = {"staff": staff, "shifts": shifts, "handle_time": {"distribution": "exponential", "mean": handle}}
    document = {
        "metadata": {"name": "claims"},
        "regions": {"home": {"timezone": "UTC"}},
        "workloads": [{"name": "claim", "arrival_rate": "20 per hour", "steps": steps}],
        "services": {"gone": service},
        "teams": {"agents": team},
        "stages": [{"name": "all", "duration": "4w", "exposure": "100%"}],
        "slos": [
            {"name": "closed", "indicator": "resolution", "objective": f"p95 < {limit}", "workload": "claim"}
        ],
        "window": {"start": 10 * 3600.0, "duration": "1h", "warmup": "1h"},
        "capacity": capacity,
    }
    return Scenario.model_validate(document)


DAYS = [{"days": list(range(7)), "start_hour": 8, "end_hour": 16}]


def test_nights_break_an_objective_of_hours() -> None:
    stage = _stage("4h", DAYS)
    [found] = stage.slow
    assert found.is_missed
    assert found.needed is None
    assert (found.target, found.region) == ("agents", "home")
    # who comes from 16 h to 4 h waits for more than four hours until somebody is there, and for who stands before
    assert 12.0 / 24.0 <= found.late_share <= 16.0 / 24.0
    assert stage.decision == "NO-GO"
    assert any("closed holds at the peak and not over the week" in line for line in stage.warnings)


def test_an_objective_of_a_day_holds() -> None:
    stage = _stage("1d", DAYS)
    [found] = stage.slow
    assert not found.is_missed
    assert found.longest_wait_s == pytest.approx(16 * 3600.0, abs=900.0)


def test_staff_is_for_the_slow_objective() -> None:
    """Sixteen hours of night are 32 h of work: with few people the last of it waits longer than 17 h."""
    stage = _stage("17h", DAYS, staff=7, knobs=[{"path": STAFF, "min": 0, "max": 60}])
    [found] = stage.slow
    assert not found.is_missed
    assert stage.capacity[STAFF]["home"] >= 6


def test_a_team_that_has_hardly_time_to_spare_has_a_queue() -> None:
    """Work for 1.98 people flows through two without a wait, who are a queue of many hours (Erlang C); three are not."""
    knobs = [{"path": STAFF, "min": 1, "max": 6}]
    stage = _stage("70m", "always", handle="5.94m", knobs=knobs)
    assert stage.capacity == {STAFF: {"home": 3.0}}
    [verdict] = stage.verdicts
    assert verdict.verdict == "PASS"
    assert verdict.estimate is not None
    # without a wait, 95 % of the cases take 17.8 min; with that of three, some more
    assert 17.8 * 60.0 < verdict.estimate.low < verdict.estimate.high < 40.0 * 60.0


def test_nobody_waits_and_the_work_itself_takes_too_long() -> None:
    scenario = _scenario("70m", "always", staff=40, handle="30m")
    [stage] = scenario.stages
    replicator, amounts = Replicator(Runner()), {STAFF: {"home": 40.0}}
    month = StageMonth(replicator, scenario, stage, 3600.0)
    week = SlowWeek.of(replicator, scenario, stage, month)
    [found] = week.objectives(scenario, amounts)
    assert found.is_missed
    assert found.wait_s == 0.0
    assert found.late_share == pytest.approx(np.exp(-70.0 / 30.0), abs=0.02)
    assert week.needed(scenario, amounts) == {}  # more people do not help
    [verdict] = with_the_week(scenario, [], [found])
    assert verdict.verdict == "FAIL"
