"""How much do users ask for, when, and how unevenly? Rate, weekly course and burstiness of arrivals.

The rate is the mean over the week that a scenario states: arrivals over the seconds of mean demand that the log covers. Its
interval widens with the dispersion of the counts, so that demand that wanders makes it less sure.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, gammaincc, ndtri, stdtrit

from simulator.studies.calibrate.estimators.forms import moments
from simulator.studies.calibrate.estimators.window import Coverage
from simulator.theory.estimate import Estimate

FloatArray = NDArray[np.float64]

_MOST_BLOCKS = 40
_LEAST_BLOCKS = 8
_PER_BLOCK = 5.0  # arrivals at least
_FEW = 30
_FALSE_ALARM = 1e-3  # of saying that a course is another one
_HOURS = 24
_DAYS = 7
_WHOLE_DAY_S = 20 * 3600.0
_HALF_HOUR_S = 1800.0
_ROUNDS = 30
_FEW_ROUNDS = 5  # of many logs that are alike
_COARSE = 0.05  # share of arrivals at the time of another one


@dataclass(frozen=True)
class Course:
    """The week of demand.

    Attributes
    ----------
    week : relative demand by local day and hour, mean 1
    differs : whether the log speaks against the course that was stated
    unseen : what is carried over from the stated course, in words
    why_not : why the log cannot tell a course; empty: it can
    """

    week: FloatArray
    differs: bool
    unseen: str = ""
    why_not: str = ""


def dispersion(times_s: FloatArray, span: Coverage, factors: FloatArray) -> tuple[float, int]:
    """Variance of counts over their mean on the clock of demand, and over how many blocks; 1 for a Poisson process."""
    n_blocks = int(np.clip(times_s.size / _PER_BLOCK, 1, _MOST_BLOCKS))
    if n_blocks < _LEAST_BLOCKS:
        return 1.0, 0
    at = span.operational(times_s, factors)
    counts, _ = np.histogram(at, bins=n_blocks, range=(0.0, float(span.seconds @ factors)))
    return float(counts.var(ddof=1) / counts.mean()), n_blocks


def rate(times_s: FloatArray, span: Coverage, factors: FloatArray, n: float | None = None) -> Estimate:
    """Arrivals per second on average over the week; the first arrival opens the span and does not count.

    Parameters
    ----------
    factors : demand of each slot of the span over the week's mean
    n : requests, where times stand for several of them
    """
    count = float(times_s.size - 1 if n is None else n)
    exposure_s = float(span.seconds @ factors)
    value = count / exposure_s
    spread, n_blocks = dispersion(times_s, span, factors)
    if count < _FEW or not n_blocks:
        low = float(chdtri(2.0 * count, 0.975)) / 2.0 if count else 0.0
        return Estimate(value, low / exposure_s, float(chdtri(2.0 * count + 2.0, 0.025)) / 2.0 / exposure_s)
    factor = float(stdtrit(n_blocks - 1, 0.975)) * sqrt(max(spread, 0.05) / count)
    return Estimate(value, max(0.0, value * (1.0 - factor)), value * (1.0 + factor))


def course(
    times_s: FloatArray, span: Coverage, stated: FloatArray, weights: FloatArray | None = None
) -> Course:
    """The weekly course: a level per day and a course of the hours for workdays and for weekends, by maximum likelihood.

    Parameters
    ----------
    stated : the scenario's, float64[7, 24] with mean 1
    """
    if not span.is_dated:
        return Course(stated, differs=False, why_not="its times have no date")
    seconds, counts = (_by_hour(span, one) for one in (span.seconds, span.counts(times_s, weights)))
    covered = seconds.sum(axis=0)
    if (covered < _HALF_HOUR_S).any():
        hours = int((covered >= _HALF_HOUR_S).sum())
        return Course(stated, differs=False, why_not=f"it covers {hours} of the 24 hours of a day")
    week, unseen = _likeliest(seconds, counts, stated)
    fitted = week.ravel()[span.hour_of_week] if span.slots else week
    spread = max(1.0, dispersion(times_s, span, fitted)[0])
    return Course(week, _differs(seconds, counts, stated, (spread, spread)), unseen)


def differs_beyond(
    times_s: FloatArray, span: Coverage, stated: FloatArray, of_hours: float, of_days: float
) -> bool:
    """Whether a log speaks against the stated course, where counts of hours and of days vary so much by themselves.

    Parameters
    ----------
    of_hours, of_days : variance over mean
    """
    seconds, counts = (_by_hour(span, one) for one in (span.seconds, span.counts(times_s)))
    return _differs(seconds, counts, stated, (of_hours, of_days))


def _by_hour(span: Coverage, values: FloatArray) -> FloatArray:
    found = np.bincount(span.hour_of_week, values, minlength=_DAYS * _HOURS)
    return found.astype(np.float64).reshape(_DAYS, _HOURS)


def _likeliest(
    seconds: FloatArray, counts: FloatArray, stated: FloatArray, rounds: int = _ROUNDS
) -> tuple[FloatArray, str]:
    """Levels and courses in turn, each the likeliest given the other; what is not seen is as stated."""
    kinds = np.array([0, 0, 0, 0, 0, 1, 1])
    hours = np.array([stated[:5].mean(axis=0), stated[5:].mean(axis=0)])
    hours /= np.maximum(hours.mean(axis=1, keepdims=True), 1e-12)
    seen_kind = [bool((seconds[kinds == kind].sum(axis=0) >= _HALF_HOUR_S).all()) for kind in (0, 1)]
    seen_day = seconds.sum(axis=1) >= _WHOLE_DAY_S
    level = np.ones(_DAYS)
    for _ in range(rounds):
        expected = (seconds * hours[kinds]).sum(axis=1)
        level = np.where(seen_day, counts.sum(axis=1) / np.maximum(expected, 1e-12), 0.0)
        for kind in (0, 1):
            if seen_kind[kind]:
                days = (kinds == kind) & seen_day
                exposed = (seconds[days] * level[days, None]).sum(axis=0)
                course_ = counts[days].sum(axis=0) / np.maximum(exposed, 1e-12)
                hours[kind] = course_ / max(float(course_.mean()), 1e-12)
    stated_day = stated.mean(axis=1)
    if seen_day.any() and not seen_day.all():
        scale = level[seen_day].sum() / max(float(stated_day[seen_day].sum()), 1e-12)
        level = np.where(seen_day, level, scale * stated_day)
    week = level[:, None] * hours[kinds]
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    unseen = ", ".join(name for name, seen in zip(names, seen_day, strict=True) if not seen)
    return (week / week.mean() if week.mean() > 0.0 else stated), unseen


def week_of(
    hour_of_week: NDArray[np.int64], seconds: FloatArray, counts: FloatArray, stated: FloatArray
) -> FloatArray:
    """The likeliest course of counts by the hours they are of, as `course` finds it."""
    by_hour = [
        np.bincount(hour_of_week, one, minlength=_DAYS * _HOURS).reshape(_DAYS, _HOURS).astype(np.float64)
        for one in (seconds, counts)
    ]
    return _likeliest(by_hour[0], by_hour[1], stated, _FEW_ROUNDS)[0]


def _differs(
    seconds: FloatArray, counts: FloatArray, stated: FloatArray, spreads: tuple[float, float]
) -> bool:
    """Pearson's test of the stated course, over hours and over days."""
    expected = seconds * stated
    expected *= counts.sum() / max(float(expected.sum()), 1e-12)
    for axis, spread in enumerate(spreads):
        there, thought = counts.sum(axis=axis), expected.sum(axis=axis)
        enough = thought >= _PER_BLOCK
        if enough.sum() < 2:
            if counts.sum() and there[~enough].sum() > _FEW:
                return True
            continue
        statistic = float(((there - thought)[enough] ** 2 / thought[enough]).sum()) / spread
        if float(gammaincc((enough.sum() - 1) / 2.0, statistic / 2.0)) < _FALSE_ALARM:
            return True
    return False


def burstiness(times_s: FloatArray, span: Coverage, factors: FloatArray) -> Estimate | None:
    """Coefficient of variation of the gaps on the clock of demand; None: too few of them, or a clock too coarse."""
    if times_s.size < _FEW:
        return None
    gaps = np.diff(np.sort(times_s))
    if float((gaps <= 0.0).mean()) > _COARSE:
        return None
    return moments(np.diff(span.operational(np.sort(times_s), factors)))[1]


def hourly(times_s: FloatArray, span: Coverage, weights: FloatArray | None = None) -> list[Estimate]:
    """Arrivals per second of each local hour of the day, over all days that are covered."""
    if not span.is_dated:
        return []
    counts, seconds = span.counts(times_s, weights), span.seconds
    hour = span.hour_of_week % _HOURS
    n, covered = (np.bincount(hour, one, minlength=_HOURS) for one in (counts, seconds))
    spread = max(1.0, dispersion(times_s, span, np.ones(span.slots))[0]) if times_s.size > _FEW else 1.0
    half = float(ndtri(0.975)) * np.sqrt(min(spread, 4.0) * np.maximum(n, 1.0))
    return [
        Estimate(float(k / s), max(0.0, float((k - h) / s)), float((k + h) / s))
        if s >= 60.0
        else Estimate(np.nan, 0.0, np.inf)
        for k, h, s in zip(n, half, covered, strict=True)
    ]
