"""A team's station is staffed by the local clock of its region, whatever the clocks do."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import simpy

from simulator.control.capacity_meter import CapacityMeter
from simulator.control.shifts import work_shifts
from simulator.mechanisms.local_time import LocalClock
from simulator.mechanisms.review.config import Team
from simulator.mechanisms.review.shifts import staff_at, whole_people

HOUR_S = 3600.0
NIGHT = [
    {"days": [0, 1, 2, 3, 4], "start_hour": 22, "end_hour": 6},
    {"start_hour": 9, "end_hour": 12.75, "share": 0.3},
]


def _team(shifts: Any) -> Team:
    return Team.model_validate(
        {"staff": 10, "shifts": shifts, "handle_time": {"distribution": "constant", "value": 60.0}}
    )


def _work(team: Team, timezone: str, begin: datetime, hours: float) -> tuple[list[tuple[float, int]], float]:
    """(time in seconds, people) as the data plane was told, and the person-seconds."""
    env: Any = simpy.Environment()
    told: list[tuple[float, int]] = []
    env.effects = SimpleNamespace(
        set_units=lambda _, people: told.append((env.now, people)),
    )
    meter = CapacityMeter(1)
    env.process(work_shifts(env, meter, 0, team, "here", LocalClock(timezone), begin))
    env.run(until=hours * HOUR_S)
    return told, float(meter.replica_s(env.now)[0])


@pytest.mark.parametrize("shifts", ["office-hours", "always", NIGHT])
@pytest.mark.parametrize("timezone", ["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
@pytest.mark.parametrize(
    "begin", ["2026-01-07T10:30", "2026-03-28T23:50", "2026-04-03T13:00", "2026-10-30T05:00"]
)
def test_people_are_there_when_their_clock_says(shifts: Any, timezone: str, begin: str) -> None:
    """Through the nights in March, April and October on which clocks are put forward or back as well."""
    start = datetime.fromisoformat(begin).replace(tzinfo=UTC)
    team, clock = _team(shifts), LocalClock(timezone)
    n_hours = 24 * 9
    told, person_s = _work(team, timezone, start, n_hours)
    expected_s = 0.0
    for minute in np.arange(2.5, 60 * n_hours, 5.0):  # the middles of spans in which nothing changes
        staff = staff_at(team, "here", clock, start + timedelta(minutes=float(minute)))
        found = [people for time_s, people in told if time_s <= minute * 60.0][-1]
        assert found == whole_people(staff), start + timedelta(minutes=float(minute))
        expected_s += 300.0 * staff
    assert person_s == pytest.approx(expected_s, rel=1e-9)


def test_only_changes_are_told() -> None:
    told, _ = _work(_team("office-hours"), "UTC", datetime(2026, 1, 9, 7, tzinfo=UTC), 24.0 * 4)
    assert told == [(0.0, 0), (1 * HOUR_S, 10), (11 * HOUR_S, 0), (73 * HOUR_S, 10), (83 * HOUR_S, 0)]


def test_a_shift_under_way_is_staffed_at_once() -> None:
    told, person_s = _work(_team("office-hours"), "UTC", datetime(2026, 1, 9, 17, 30, tzinfo=UTC), 2.0)
    assert told == [(0.0, 10), (0.5 * HOUR_S, 0)]
    assert person_s == 10 * 0.5 * HOUR_S


def test_a_shift_may_begin_at_any_fraction_of_an_hour() -> None:
    shifts = [{"start_hour": 8.07, "end_hour": 16 + 1 / 3}]
    told, _ = _work(_team(shifts), "UTC", datetime(2026, 1, 9, tzinfo=UTC), 24.0)
    assert [people for _, people in told] == [0, 10, 0]
    assert [time_s for time_s, _ in told[1:]] == pytest.approx(
        [8.07 * HOUR_S, (16 + 1 / 3) * HOUR_S], abs=1e-6
    )
