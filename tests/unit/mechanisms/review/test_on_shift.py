"""Who is on shift at which local time, over midnight and the week's end too."""

from datetime import datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from simulator.mechanisms.distribution_table import DistributionTable
from simulator.mechanisms.review.build import build_team, people_on_shift, share_on_shift, shifts_of, staff_in
from simulator.mechanisms.review.config import Shift, Team
from simulator.mechanisms.targets import TargetList
from simulator.numerics.events import NONE

MONDAY = datetime(2026, 1, 5)
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


@given(st.lists(shifts, min_size=1, max_size=4), st.integers(0, 10079))
def test_the_largest_share_of_any_shift_is_on_duty(some: list[Shift], minute: int) -> None:
    on_duty = [shift.share for shift in some if minute in _by_minutes(shift)]
    assert share_on_shift(some, MONDAY + timedelta(minutes=minute)) == max(on_duty, default=0.0)


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
    assert people_on_shift(team, "here", datetime.fromisoformat(moment)) == people


@given(st.integers(0, 10079))
def test_always_is_always(minute: int) -> None:
    assert people_on_shift(_team(), "here", MONDAY + timedelta(minutes=minute)) == 10


@given(st.floats(0.001, 23.999), st.floats(0.001, 23.999))
def test_a_shift_begins_and_ends_at_its_very_moment(start_hour: float, end_hour: float) -> None:
    """Of an hour such as 8.07 too, which is no whole number of minutes and no exact number."""
    start, end = (MONDAY + timedelta(hours=hour) for hour in (start_hour, end_hour))
    assume(start != end)
    instant = timedelta(microseconds=1)
    shift = [Shift(start_hour=start_hour, end_hour=end_hour)]
    assert [share_on_shift(shift, moment) for moment in (start - instant, start)] == [0.0, 1.0]
    assert [share_on_shift(shift, moment) for moment in (end - instant, end)] == [1.0, 0.0]


def test_people_are_whole_and_those_of_their_region() -> None:
    team = _team(staff={"east": 7}, shifts=[{"start_hour": 0, "end_hour": 24, "share": 0.5}])
    assert people_on_shift(team, "east", MONDAY) == 4
    assert people_on_shift(team, "west", MONDAY) == 0
    assert (staff_in(team, "east"), staff_in(team, "west")) == (7, None)
    assert shifts_of(team)[0].share == 0.5


def test_a_team_begins_with_nobody_on_shift_where_it_has_people() -> None:
    targets = TargetList()
    team = _team(staff={"west": 3}, success_rate=0.9, patience=HANDLE)
    assert build_team(team, ["east", "west"], DistributionTable(), targets) == 0
    stations, records = targets.arrays()
    assert [(s.region, s.servers) for s in stations] == [(1, 0)]
    assert (records[0].success_rate, records[0].patience_distribution) == (0.9, 1)
    build_team(_team(), ["east"], DistributionTable(), targets)
    assert targets.arrays()[1][1].patience_distribution == NONE
