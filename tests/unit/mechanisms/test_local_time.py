"""Clocks of regions against the time zone database, instant by instant."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.mechanisms.local_time import DAY_S, SUNDAY, LocalClock, moment_of, seconds_of

ZONES = [
    "UTC",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Chatham",
]
zones = st.sampled_from(ZONES)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2036, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)


@given(zones, moments)
def test_the_clock_shows_what_the_database_says(zone: str, moment: datetime) -> None:
    local = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC)
    shown_s = LocalClock(zone).local_s(np.array([seconds_of(moment)]))
    assert shown_s[0] == pytest.approx(seconds_of(local), abs=1e-5)


@given(zones, moments, st.integers(1, 400), st.integers(0, 1439))
def test_between_two_changes_the_clock_runs_on(zone: str, begin: datetime, n_days: int, minute: int) -> None:
    """Every time of day that comes up is among the changes, and so is every jump of the clock."""
    clock = LocalClock(zone)
    begin_s = np.floor(seconds_of(begin))
    end_s = begin_s + n_days * DAY_S
    edges_s = np.concatenate([[begin_s], clock.changes_s([60.0 * minute], begin_s, end_s), [end_s]])
    assert np.all(np.diff(edges_s) > 0.0)
    instant_s = 1e-3
    first_s, last_s = clock.local_s(edges_s[:-1]), clock.local_s(edges_s[1:] - instant_s)
    np.testing.assert_allclose(last_s - first_s, np.diff(edges_s) - instant_s, atol=1e-6)
    before = np.floor((first_s - 60.0 * minute + instant_s) / DAY_S)
    after = np.floor((last_s - 60.0 * minute) / DAY_S)
    assert np.array_equal(before, after)


def test_days_on_which_clocks_change_have_their_lengths() -> None:
    def hours(zone: str, day: date) -> float:
        midnights = [
            datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)) + timedelta(days=n) for n in (0, 1)
        ]
        begin_s, end_s = (seconds_of(midnight) for midnight in midnights)
        assert LocalClock(zone).changes_s([0.0], begin_s - 1.0, end_s + 1.0)[[0, -1]].tolist() == [
            begin_s,
            end_s,
        ]
        return (end_s - begin_s) / 3600.0

    assert hours("Europe/Berlin", date(2027, 3, 28)) == 23.0
    assert hours("Europe/Berlin", date(2027, 10, 31)) == 25.0
    assert hours("Australia/Lord_Howe", date(2027, 4, 4)) == 24.5


def test_a_holiday_is_a_sunday_and_an_ordinary_week_has_none() -> None:
    clock = LocalClock("Europe/Berlin", frozenset({date(2027, 3, 26)}))
    days = np.array([(date(2027, 3, day) - date(1970, 1, 1)).days for day in (25, 26, 27, 28)])
    assert clock.weekdays(days).tolist() == [3, SUNDAY, 5, SUNDAY]
    plain = clock.plain_at(seconds_of(datetime(2027, 7, 1, tzinfo=UTC)))
    assert plain.weekdays(days).tolist() == [3, 4, 5, SUNDAY]
    winter_s = seconds_of(datetime(2027, 1, 1, tzinfo=UTC))
    assert plain.local_s(np.array([winter_s]))[0] - winter_s == 7200.0
    assert moment_of(winter_s) == datetime(2027, 1, 1, tzinfo=UTC)
