"""What does a region's clock show at an instant? Time zones, and the days on which people are off.

An instant is in seconds since 1970-01-01 UTC; a simulation counts the seconds that elapse from its first instant. Local
time is what the rule of the time zone says there, to the second: in zones off the full hour, and on days of 23, 24½ or
25 hours. An hour that the clock skips never happens; one that it repeats happens twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAY_S = 86_400.0
HOUR_S = 3_600.0
SUNDAY = 6
_FIRST_WEEKDAY = 3  # 1970-01-01 was a Thursday
_EPOCH = date(1970, 1, 1)
_STEP = timedelta(hours=12)  # no zone changes its clocks twice within


@dataclass(frozen=True)
class LocalClock:
    """Time zone and public holidays of a region.

    Attributes
    ----------
    offset_s : from UTC, if it is always the same whatever the time zone's rule
    """

    timezone: str = "UTC"
    holidays: frozenset[date] = frozenset()
    offset_s: float | None = None

    def local_s(self, at_s: Floats) -> Floats:
        """Seconds since 1970-01-01 in local time, as the clock shows them at instants."""
        if not at_s.size:
            return at_s
        starts_s, offsets_s = self._spans(float(at_s.min()), float(at_s.max()))
        local: Floats = at_s + offsets_s[np.searchsorted(starts_s, at_s, side="right") - 1]
        return local

    def changes_s(self, times_of_day_s: Iterable[float], begin_s: float, end_s: float) -> Floats:
        """Instants between two at which it is one of these times of a local day, or the clock is changed; rising."""
        starts_s, offsets_s = self._spans(begin_s, end_s)
        times_s = np.array(sorted(times_of_day_s))
        found = [starts_s]
        for start_s, stop_s, offset_s in zip(starts_s, [*starts_s[1:], np.inf], offsets_s, strict=True):
            low_s, high_s = max(start_s, begin_s), min(stop_s, end_s)
            if low_s < high_s:
                days = np.arange((low_s + offset_s) // DAY_S - 1.0, (high_s + offset_s) // DAY_S + 1.0)
                moments_s = (days[:, None] * DAY_S + times_s - offset_s).ravel()
                found.append(moments_s[(moments_s >= low_s) & (moments_s < high_s)])
        moments_s = np.unique(np.concatenate(found))
        return moments_s[(moments_s > begin_s) & (moments_s < end_s)]

    def weekdays(self, days: Ints) -> Ints:
        """Day of the week (Monday 0) of days since 1970-01-01; a public holiday is a Sunday."""
        weekdays: Ints = (days + _FIRST_WEEKDAY) % 7
        if self.holidays:
            off = np.array([(day - _EPOCH).days for day in self.holidays])
            weekdays = np.where(np.isin(days, off), SUNDAY, weekdays)
        return weekdays

    def plain_at(self, at_s: float) -> "LocalClock":
        """A clock that stays as this one stands at an instant, without holidays: that of an ordinary week."""
        offset_s = float(self.local_s(np.array([at_s]))[0]) - at_s
        return LocalClock(self.timezone, offset_s=offset_s)

    def _spans(self, begin_s: float, end_s: float) -> tuple[Floats, Floats]:
        """Starts (the first at or before `begin_s`) and offsets from UTC of spans with one offset."""
        if self.offset_s is not None:
            return np.array([-np.inf]), np.array([self.offset_s])
        years = range(moment_of(begin_s).year, moment_of(end_s).year + 1)
        spans = [span for year in years for span in _spans_of_year(self.timezone, year)]
        starts_s, offsets_s = (np.array(column) for column in zip(*spans, strict=True))
        is_new = np.diff(offsets_s, prepend=np.nan) != 0.0
        return starts_s[is_new], offsets_s[is_new]


def seconds_of(moment: datetime) -> float:
    """Instant of a time, in seconds since 1970-01-01 UTC."""
    return moment.timestamp()


def moment_of(at_s: float) -> datetime:
    """Time of an instant, UTC, to the microsecond."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=at_s)


@lru_cache(maxsize=4096)
def _spans_of_year(timezone: str, year: int) -> tuple[tuple[float, float], ...]:
    """Start and offset from UTC, in seconds, of every span of a year (UTC) with one offset."""
    zone = ZoneInfo(timezone)

    def offset_s(moment: datetime) -> float:
        found = moment.astimezone(zone).utcoffset()
        assert found is not None
        return found.total_seconds()

    moment, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)
    spans = [(moment.timestamp(), offset_s(moment))]
    while moment < end:
        after = min(moment + _STEP, end)
        if offset_s(after) != spans[-1][1]:
            low, high = moment, after
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                low, high = (middle, high) if offset_s(middle) == spans[-1][1] else (low, middle)
            spans.append((high.timestamp(), offset_s(high)))
        moment = after
    return tuple(spans)
