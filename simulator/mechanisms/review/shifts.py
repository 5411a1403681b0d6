"""Who is on shift when? Shifts by the local clock, the staff that is paid, and the whole people who serve.

Shifts that overlap add up, to the whole staff at most. Paid is the staff times its share, fractions included: half a
post costs half. Those who serve are whole: the full posts, and one person where there is a part of a post only.
"""

import threading
from collections.abc import Sequence
from datetime import datetime
from math import floor

import numpy as np
from cachetools import LRUCache, cached

from simulator.mechanisms.local_time import DAY_S, HOUR_S, Floats, LocalClock, seconds_of
from simulator.mechanisms.review.build import staff_in
from simulator.mechanisms.review.config import Shift, Team

OFFICE_HOURS = [Shift(days=[0, 1, 2, 3, 4], start_hour=8, end_hour=18)]
ALWAYS = [Shift(start_hour=0, end_hour=24)]
_WHOLE = 1e-9  # three tenths of ten are three people, whatever the rounding of 0.1 + 0.2


def shifts_of(team: Team) -> list[Shift]:
    """The team's shifts as a list."""
    if team.shifts == "always":
        return ALWAYS
    if team.shifts == "office-hours":
        return OFFICE_HOURS
    return team.shifts


def share_on_shift(shifts: Sequence[Shift], clock: LocalClock, at_s: Floats) -> Floats:
    """Share of the staff that its shifts together put on duty at instants, 0 … 1."""
    local_s = clock.local_s(at_s)
    day = np.floor(local_s / DAY_S)
    hour = (local_s - day * DAY_S) / HOUR_S
    today = clock.weekdays(day.astype(np.int64))
    yesterday = clock.weekdays(day.astype(np.int64) - 1)
    share = np.zeros(at_s.shape)
    for shift in shifts:
        is_worked = np.zeros(7, dtype=np.bool_)
        is_worked[shift.days] = True
        is_of_today, is_of_yesterday = is_worked[today], is_worked[yesterday]
        if shift.start_hour < shift.end_hour:
            is_on = is_of_today & (hour >= shift.start_hour) & (hour < shift.end_hour)
        else:  # over midnight: the part after midnight belongs to the day before
            is_on = (is_of_today & (hour >= shift.start_hour)) | (is_of_yesterday & (hour < shift.end_hour))
        share += shift.share * is_on
    return np.minimum(share, 1.0)


def staff_on_shift(team: Team, region: str, clock: LocalClock, at_s: Floats) -> Floats:
    """Staff of a region that is on shift, and paid, at instants; parts of posts are fractions."""
    on_shift: Floats = (staff_in(team, region) or 0) * share_on_shift(shifts_of(team), clock, at_s)
    return on_shift


def staff_at(team: Team, region: str, clock: LocalClock, moment: datetime) -> float:
    """Staff of a region on shift at one time."""
    return float(staff_on_shift(team, region, clock, np.array([seconds_of(moment)]))[0])


def whole_people(staff: float) -> int:
    """People who serve of a staff on shift: its full posts, or one person for a part of a single post."""
    return max(floor(staff + _WHOLE), int(staff > 0.0))


def shift_changes_s(team: Team, clock: LocalClock, begin_s: float, end_s: float) -> Floats:
    """Instants between two at which the staff on shift may change, rising."""
    hours = {hour for shift in shifts_of(team) for hour in (shift.start_hour, shift.end_hour)}
    return clock.changes_s({0.0} | {hour * HOUR_S for hour in hours}, begin_s, end_s)


def _identity(team: Team) -> tuple[object, ...]:
    return tuple((tuple(of.days), of.start_hour, of.end_hour, of.share) for of in shifts_of(team))


@cached(LRUCache(256), key=_identity, lock=threading.Lock())
def weekly_hours(team: Team) -> float:
    """Hours of an ordinary week that a post is paid; remembered, as every level of a knob is priced by it."""
    clock, week_s = LocalClock(), 7 * DAY_S
    edges_s = np.concatenate([[0.0], shift_changes_s(team, clock, 0.0, week_s), [week_s]])
    middles_s = (edges_s[1:] + edges_s[:-1]) / 2.0
    return float(share_on_shift(shifts_of(team), clock, middles_s) @ np.diff(edges_s)) / HOUR_S
