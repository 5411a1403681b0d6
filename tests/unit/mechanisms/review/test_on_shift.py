"""Who is on shift at which local time, over midnight and the week's end too."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from simulator.mechanisms.distribution_table import DistributionTable
from simulator.mechanisms.local_time import LocalClock, seconds_of
from simulator.mechanisms.review.build import build_team, staff_in
from simulator.mechanisms.review.config import Shift, Team
from simulator.mechanisms.review.shifts import (
    share_on_shift,
    shift_changes_s,
    shifts_of,
    staff_at,
    weekly_hours,
    whole_people,
)
from simulator.mechanisms.targets import TargetList
from simulator.numerics.events import NONE

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
CLOCK = LocalClock()
HANDLE = {"distribution": "exponential", "mean": 300.0}


def _team(**values: object) -> Team:
    return Team.model_validate({"staff": 10, "handle_time": HANDLE, **values})


def _by_minutes(shift: Shift) -> set[int]:
    """Minutes of the week on which a shift is on duty, laid out from its days one after the other."""
    minutes = set()
    start = round(shift.start_hour * 60)
    end = round(shift.end_hour * 60) + (1440 if shift.end_hour <= shift.start_hour else 0)
    for day in shift.days:
        minutes |= {(day * 1440 + minute) % 10080 for minute in range(start, end)}
    return minutes


quarters = st.integers(0, 96).map(lambda quarter: quarter / 4.0)
shifts = st.builds(
    Shift,
    days=st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True),
    start_hour=quarters,
    end_hour=quarters,
    share=st.sampled_from([0.25, 0.5, 1.0]),
)


def _share(some: list[Shift], moment: datetime) -> float:
    return float(share_on_shift(some, CLOCK, np.array([seconds_of(moment)]))[0])


@given(st.lists(shifts, min_size=1, max_size=4), st.integers(0, 10079))
def test_shifts_add_up_to_the_whole_staff_at_most(some: list[Shift], minute: int) -> None:
    on_duty = [shift.share for shift in some if minute in _by_minutes(shift)]
    assert _share(some, MONDAY + timedelta(minutes=minute)) == min(sum(on_duty), 1.0)


@given(st.lists(shifts, min_size=1, max_size=4))
def test_weekly_hours_are_the_sum_of_all_minutes(some: list[Shift]) -> None:
    on_duty = np.zeros(10080)
    for shift in some:
        on_duty[list(_by_minutes(shift))] += shift.share
    expected = np.minimum(on_duty, 1.0).sum() / 60.0
    assert weekly_hours(_team(shifts=some)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("moment", "people"),
    [
        ("2026-01-05 07:59:59", 0),
        ("2026-01-05 08:00", 10),
        ("2026-01-09 17:59:59", 10),
        ("2026-01-09 18:00", 0),
        ("2026-01-10 12:00", 0),
    ],
)
def test_office_hours(moment: str, people: int) -> None:
    team = _team(shifts="office-hours")
    assert staff_at(team, "here", CLOCK, datetime.fromisoformat(moment).replace(tzinfo=UTC)) == people


@given(st.integers(0, 10079))
def test_always_is_always(minute: int) -> None:
    assert staff_at(_team(), "here", CLOCK, MONDAY + timedelta(minutes=minute)) == 10


@given(st.floats(0.001, 23.999), st.floats(0.001, 23.999))
def test_a_shift_begins_and_ends_at_its_very_moment(start_hour: float, end_hour: float) -> None:
    """Of an hour such as 8.07 too, which is no whole number of minutes and no exact number."""
    assume(abs(start_hour - end_hour) > 1e-6)
    begin_s = seconds_of(MONDAY)
    team = _team(shifts=[Shift(start_hour=start_hour, end_hour=end_hour)])
    changes_s = shift_changes_s(team, CLOCK, begin_s, begin_s + 86_400.0)
    assert changes_s == pytest.approx(begin_s + 3600.0 * np.array(sorted([start_hour, end_hour])), abs=1e-5)
    edges_s = np.concatenate([[begin_s], changes_s, [begin_s + 86_400.0]])
    shares = share_on_shift(shifts_of(team), CLOCK, (edges_s[1:] + edges_s[:-1]) / 2.0)
    assert shares.tolist() == ([0.0, 1.0, 0.0] if start_hour < end_hour else [1.0, 0.0, 1.0])


def test_fractions_are_paid_and_people_are_whole_and_those_of_their_region() -> None:
    team = _team(staff={"east": 7}, shifts=[{"start_hour": 0, "end_hour": 24, "share": 0.5}])
    assert staff_at(team, "east", CLOCK, MONDAY) == 3.5
    assert staff_at(team, "west", CLOCK, MONDAY) == 0.0
    assert (staff_in(team, "east"), staff_in(team, "west")) == (7, None)
    assert shifts_of(team)[0].share == 0.5


@pytest.mark.parametrize(
    ("staff", "people"), [(0.0, 0), (0.2, 1), (0.5, 1), (1.5, 1), (2.5, 2), (3.5, 3), (10 * (0.1 + 0.2), 3)]
)
def test_who_serves_is_the_full_posts_and_one_person_for_a_part_of_a_single_one(
    staff: float, people: int
) -> None:
    assert whole_people(staff) == people


def test_a_team_begins_with_nobody_on_shift_where_it_has_people() -> None:
    targets = TargetList()
    team = _team(staff={"west": 3}, success_rate=0.9, patience=HANDLE)
    assert build_team(team, ["east", "west"], DistributionTable(), targets) == 0
    stations, records = targets.arrays()
    assert [(s.region, s.servers) for s in stations] == [(1, 0)]
    assert (records[0].success_rate, records[0].patience_distribution) == (0.9, 4)
    build_team(_team(), ["east"], DistributionTable(), targets)
    assert targets.arrays()[1][1].patience_distribution == NONE
