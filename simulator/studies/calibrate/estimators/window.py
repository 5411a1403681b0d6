"""Over which span does a log tell of demand, and how much of each local hour does it cover?"""

from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SLOT_S = 900.0  # no time zone is off by less
DAY_S = 86_400.0


@dataclass(frozen=True)
class Coverage:
    """The span of a log in slots of local time.

    Attributes
    ----------
    start_s, end_s : first and last arrival, since 1970 or since a start of its own
    seconds : of each slot that the span covers
    hour_of_week : local, Monday 00:00 is 0
    day : local date of each slot, counted in days
    is_dated : whether local hours are known
    """

    start_s: float
    end_s: float
    edges_s: FloatArray
    seconds: FloatArray
    hour_of_week: IntArray
    day: IntArray
    is_dated: bool

    @property
    def span_s(self) -> float:
        """From the first arrival to the last."""
        return self.end_s - self.start_s

    @property
    def slots(self) -> int:
        """How many slots there are."""
        return self.seconds.size

    def hours_in(self, zone: ZoneInfo) -> IntArray:
        """Hour of the week of each slot in a zone, which need not be that of the log."""
        return _hours_of_week(self.edges_s.tobytes(), zone)

    def counts(self, times_s: FloatArray, weights: FloatArray | None = None) -> FloatArray:
        """Arrivals of each slot."""
        found, _ = np.histogram(times_s, self.edges_s, weights=weights)
        return found.astype(np.float64)

    def operational(self, times_s: FloatArray, factors: FloatArray) -> FloatArray:
        """Times on a clock that runs as fast as demand: seconds of mean demand since the start.

        Parameters
        ----------
        factors : demand of each slot over the mean
        """
        starts = np.maximum(self.edges_s[:-1], self.start_s)
        before = np.concatenate([[0.0], np.cumsum(self.seconds * factors)])
        slot = np.clip(np.searchsorted(self.edges_s, times_s, side="right") - 1, 0, self.slots - 1)
        return before[slot] + (times_s - starts[slot]) * factors[slot]


@lru_cache(maxsize=32)
def _hours_of_week(edges_s: bytes, zone: ZoneInfo) -> IntArray:
    local = pd.to_datetime(np.frombuffer(edges_s)[:-1], unit="s", utc=True).tz_convert(zone)
    return (local.day_of_week * 24 + local.hour).to_numpy(dtype=np.int64)


def coverage(times_s: FloatArray, zone: ZoneInfo, *, is_dated: bool) -> Coverage:
    """The span of arrivals.

    Parameters
    ----------
    times_s : at least two different ones
    zone : whose hours are distinguished
    is_dated : whether the times have a date; else hours are not known
    """
    start_s, end_s = float(times_s.min()), float(times_s.max())
    first, last = np.floor(start_s / SLOT_S), np.ceil(end_s / SLOT_S)
    edges_s = np.arange(first, max(last, first + 1.0) + 1.0) * SLOT_S
    seconds = np.minimum(edges_s[1:], end_s) - np.maximum(edges_s[:-1], start_s)
    if is_dated:
        hour = _hours_of_week(edges_s.tobytes(), zone)
        local = pd.to_datetime(edges_s[:-1], unit="s", utc=True).tz_convert(zone)
        day = (local.tz_localize(None).normalize().as_unit("s").astype("int64") // int(DAY_S)).to_numpy(
            dtype=np.int64
        )
    else:
        hour, day = np.zeros(seconds.size, dtype=np.int64), (edges_s[:-1] // DAY_S).astype(np.int64)
    return Coverage(start_s, end_s, edges_s, seconds, hour, day, is_dated)
