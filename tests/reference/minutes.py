"""Demand and people on shift, minute by minute, read from the clock on the wall: slow, and plain enough to be right."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from simulator.mechanisms.review.config import Shift

_MINUTE = timedelta(minutes=1)
_SUNDAY = 6


def minutes(begin: datetime, end: datetime) -> Iterator[datetime]:
    """Every minute of a span, UTC, by its start."""
    moment = begin.astimezone(UTC)
    while moment < end:
        yield moment
        moment += _MINUTE


def weekday(local: datetime, holidays: Sequence[date]) -> int:
    """Monday is 0; on a holiday it is Sunday."""
    return _SUNDAY if local.date() in holidays else local.weekday()


def demand_factor(
    moment: datetime, timezone: str, week: Sequence[Sequence[float]], holidays: Sequence[date] = ()
) -> float:
    """Factor of a weekly profile (7 rows of 24) in the minute that begins at `moment`, over the profile's mean."""
    local = moment.astimezone(ZoneInfo(timezone))
    mean = sum(sum(day) for day in week) / 168.0
    return week[weekday(local, holidays)][local.hour] / mean


def share_on_duty(
    moment: datetime, timezone: str, shifts: Sequence[Shift], holidays: Sequence[date] = ()
) -> float:
    """Share of a staff that its shifts put on duty in the minute that begins at `moment`."""
    local = moment.astimezone(ZoneInfo(timezone))
    today = weekday(local, holidays)
    yesterday = weekday(local - timedelta(days=1), holidays)
    hour = local.hour + local.minute / 60.0
    total = 0.0
    for shift in shifts:
        if shift.start_hour < shift.end_hour:
            is_on = today in shift.days and shift.start_hour <= hour < shift.end_hour
        else:
            is_on = (today in shift.days and hour >= shift.start_hour) or (
                yesterday in shift.days and hour < shift.end_hour
            )
        total += shift.share * is_on
    return min(total, 1.0)


def share_of_day(moment: datetime, begin: datetime, paces: Mapping[int, float]) -> float:
    """Share of full demand that a stage lets in: it steps every 24 hours from its begin."""
    return paces[(moment - begin) // timedelta(days=1)]
