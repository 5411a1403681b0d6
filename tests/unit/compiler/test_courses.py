"""Courses: where the local hours of a profile lie in UTC, in ordinary weeks and on days when clocks change."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from simulator.compiler.courses import StreamCourse, changes_s, grid_s, rates_at, week_rates_rps
from simulator.mechanisms.local_time import LocalClock, seconds_of

WINTER, SUMMER = datetime(2027, 1, 4, tzinfo=UTC), datetime(2027, 7, 5, tzinfo=UTC)
RAMP = np.arange(168.0).reshape(7, 24)


def _at(hour: int, zone: str, at: datetime) -> np.ndarray:
    """Demand by hour of the week in UTC of a profile that asks at one hour of Monday only."""
    week = np.zeros((7, 24))
    week[0, hour] = 1.0
    return week_rates_rps([StreamCourse(1.0, week, LocalClock(zone))], at)[0]


def test_local_nine_o_clock_is_where_the_zone_has_it() -> None:
    assert _at(9, "Europe/Dublin", WINTER).argmax() == 9
    assert _at(9, "Europe/Dublin", SUMMER).argmax() == 8
    assert _at(9, "America/New_York", WINTER).argmax() == 14
    assert _at(9, "Asia/Singapore", WINTER).argmax() == 1


@pytest.mark.parametrize(
    ("zone", "shares"),
    [("Asia/Kolkata", [0.5, 0.5]), ("Asia/Kathmandu", [0.75, 0.25])],  # 06:30 to 07:30, 06:15 to 07:15 UTC
)
def test_hours_of_a_zone_off_the_hour_lie_in_two_of_utc(zone: str, shares: list[float]) -> None:
    week = _at(12, zone, WINTER)
    assert week[6:8] == pytest.approx(shares)
    assert np.count_nonzero(week) == 2


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (datetime(2027, 3, 28, tzinfo=UTC), [0, 2, 3]),  # forward at 01:00 UTC: 01:00 local never happens
        (datetime(2027, 10, 31, tzinfo=UTC), [1, 1, 2]),  # back at 01:00 UTC: 01:00 local happens twice
    ],
)
def test_a_clock_change_skips_or_repeats_an_hour(day: datetime, hours: list[int]) -> None:
    moments = [seconds_of(day + timedelta(minutes=60 * hour + 1)) for hour in range(3)]
    found = rates_at([StreamCourse(1.0, RAMP, LocalClock("Europe/Dublin"))], np.array(moments))[0]
    assert found.tolist() == [6 * 24.0 + hour for hour in hours]


@pytest.mark.parametrize(
    ("zones", "minutes"),
    [(["UTC", "Europe/Berlin"], 60), (["UTC", "Asia/Kolkata"], 30), (["Asia/Kolkata", "Asia/Kathmandu"], 15)],
)
def test_changes_lie_on_the_grid(zones: list[str], minutes: int) -> None:
    found = [StreamCourse(1.0, RAMP, LocalClock(zone)) for zone in zones]
    begin_s = seconds_of(WINTER)
    step_s = grid_s(found, begin_s, begin_s + 86_400.0)
    assert step_s == 60 * minutes
    assert not np.any(changes_s(found, begin_s, begin_s + 86_400.0) % step_s)
