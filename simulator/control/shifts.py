"""Team shifts: how many people are on duty, by the local clock of their region."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np

from simulator.control.capacity_meter import CapacityMeter
from simulator.control.environment import Environment, Process
from simulator.mechanisms.local_time import DAY_S, LocalClock, moment_of, seconds_of
from simulator.mechanisms.review.config import Team
from simulator.mechanisms.review.shifts import shift_changes_s, staff_on_shift, whole_people

_AHEAD_S = 2 * DAY_S  # most runs are shorter


def work_shifts(
    env: Environment,
    meter: CapacityMeter,
    station: int,
    team: Team,
    region: str,
    clock: LocalClock,
    begin: datetime,
) -> Process:
    """Keep a team's station staffed; `begin` is the UTC time at which the run starts."""
    there: float | None = None
    for start_s, staff in _duties(team, region, clock, begin):
        if start_s > env.now:
            yield env.timeout(start_s - env.now)
        if staff != there:
            there = staff
            keep_staff(env, meter, station, staff)


def keep_staff(env: Environment, meter: CapacityMeter, station: int, staff: float) -> None:
    """Keep a team's station staffed alike from now on."""
    env.effects.set_units(station, whole_people(staff))
    meter.set(station, staff, env.now)


def _duties(team: Team, region: str, clock: LocalClock, begin: datetime) -> Iterator[tuple[float, float]]:
    """Seconds since the run began, and the staff on shift from then on, for ever."""
    origin_s = seconds_of(begin)
    start_s = origin_s
    while True:
        end_s = start_s + _AHEAD_S
        edges_s = np.concatenate([[start_s], shift_changes_s(team, clock, start_s, end_s), [end_s]])
        staff = staff_on_shift(team, region, clock, (edges_s[1:] + edges_s[:-1]) / 2.0)
        for edge_s, on_shift in zip(edges_s[:-1], staff, strict=True):
            yield (moment_of(float(edge_s)) - begin) / timedelta(seconds=1), float(on_shift)
        start_s = end_s
