"""Team shifts: how many people are on duty, by the local clock of their region."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from simulator.control.capacity_meter import CapacityMeter
from simulator.control.environment import Environment, Process
from simulator.mechanisms.review.build import people_on_shift, shifts_of
from simulator.mechanisms.review.config import Team


def work_shifts(
    env: Environment,
    meter: CapacityMeter,
    station: int,
    team: Team,
    region: str,
    timezone: str,
    begin: datetime,
) -> Process:
    """Keep a team's station staffed; `begin` is the UTC time at which the run starts."""
    zone = ZoneInfo(timezone)
    for moment in _changes(team, zone, begin):
        wait_s = (moment - begin).total_seconds() - env.now
        if wait_s > 0:
            yield env.timeout(wait_s)
        people = people_on_shift(team, region, moment.astimezone(zone))
        if people != env.effects.units(station) or env.now == 0:
            env.effects.set_units(station, people)
            meter.set(station, people, env.now)


def _changes(team: Team, zone: ZoneInfo, begin: datetime) -> Iterator[datetime]:
    """The start of the run, then every moment at which a shift may start or end, for ever."""
    yield begin
    hours = {hour for shift in shifts_of(team) for hour in (shift.start_hour, shift.end_hour)}
    day = begin.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    while True:
        moments = {
            (day + timedelta(hours=hour)).replace(tzinfo=zone).astimezone(begin.tzinfo) for hour in hours
        }
        yield from sorted(moment for moment in moments if moment > begin)
        day += timedelta(days=1)
