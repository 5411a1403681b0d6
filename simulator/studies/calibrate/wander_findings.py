"""What a log says of a rate that wanders, in the scenario's keys; and how regular arrivals are once that is taken out."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from simulator.scenario.write.edit import Edit
from simulator.studies.calibrate.estimators import demand
from simulator.studies.calibrate.estimators.wander import (
    WIDER,
    WIDER_IF_FITTED,
    Wandering,
    bin_s,
    dispersion_at,
    wandering,
)
from simulator.studies.calibrate.estimators.window import DAY_S, Coverage
from simulator.studies.calibrate.finding import LogFinding, Number, dotted
from simulator.studies.calibrate.scope import Scope
from simulator.theory.estimate import Estimate

FloatArray = NDArray[np.float64]

_SHOWN_S = (60.0, 600.0, 3600.0)
_UNSURE = 50.0  # of the time constant: its highest over its lowest
_LEAST_TIMES = 5.0  # time constants in a log
_SHORTEST_S, _LONGEST_S, _MOST_CV = 60.0, 604_800.0, 3.0
_LEAST_BURSTINESS = 0.05
_Z = 1.959964


@dataclass(frozen=True)
class FoundWander:
    """What is said of it, and the estimate where it was written."""

    finding: LogFinding
    cv: Estimate | None = None
    time_constant_s: Estimate | None = None

    def of_the_mean(self, rate: Estimate, n: int, span: Coverage) -> Estimate:
        """The mean rate as sure as a log of so many time constants makes it."""
        if self.cv is None or self.time_constant_s is None:
            return rate
        spread = dispersion_at(span.span_s, n / span.span_s, self.cv.value, self.time_constant_s.value, 1.0)
        half = max(rate.half_width, WIDER * _Z * rate.value * sqrt(spread / n))
        return Estimate(rate.value, max(0.0, rate.value - half), rate.value + half)

    def explains(self, times_s: FloatArray, span: Coverage, stated: FloatArray) -> bool:
        """Whether the log may be of the stated course and a rate that wanders; within two days, of one as far as it may."""
        if self.cv is None or self.time_constant_s is None:
            return False
        rate_rps, is_short = times_s.size / span.span_s, span.span_s < 2.0 * DAY_S
        cv, time_s = (one.high if is_short else one.value for one in (self.cv, self.time_constant_s))
        of_hours, of_days = (dispersion_at(one, rate_rps, cv, time_s, 1.0) for one in (3600.0, 86_400.0))
        return not demand.differs_beyond(times_s, span, stated, of_hours, of_days)

    def of_single_gaps(self, gaps: Estimate) -> Estimate:
        """Burstiness on the clock of the rate as it wanders, of that on the clock of the course.

        A gap is seen as often as the rate is high, so that a rate with this cv multiplies 1 + burstiness² by 1 + cv².
        """
        if self.cv is None:
            return gaps
        value = _left(gaps.value, self.cv.value)
        return Estimate(
            value, min(value, _left(gaps.low, self.cv.high)), max(value, _left(gaps.high, self.cv.low))
        )


def _left(gaps: float, cv: float) -> float:
    return sqrt(max(_LEAST_BURSTINESS**2, (1.0 + gaps**2) / (1.0 + cv**2) - 1.0))


def wander_findings(
    times_s: FloatArray, span: Coverage, scope: Scope, week: FloatArray, *, is_fitted: bool
) -> FoundWander:
    """Whether the rate wanders around the course.

    Parameters
    ----------
    week : the course
    is_fitted : to this log, which hides a part
    """
    key = dotted("workloads", scope.workload.name, "wander")
    width_s = bin_s(times_s.size / span.span_s, span.span_s)
    if width_s is None:
        return FoundWander(LogFinding(kept=[(key, "too few arrivals, or too short a log")]))
    edges_s = span.start_s + width_s * np.arange(int(span.span_s // width_s) + 1, dtype=np.float64)
    counts = np.histogram(times_s, edges_s)[0].astype(np.float64)
    gaps = demand.burstiness(times_s, span, scope.factors(span, week))
    found = wandering(
        counts,
        width_s,
        _Course(span, scope, week, edges_s, is_fitted).expect,
        None if gaps is None else gaps.value**2,
        WIDER_IF_FITTED if is_fitted else WIDER,
    )
    if found is None:
        return FoundWander(LogFinding(kept=[(key, "too short a log")]))
    numbers = [*_dispersions(found, scope.workload.name, counts.size, width_s)]
    if found.cv is None or found.time_constant_s is None:
        edits = [Edit(("workloads", scope.workload.name, "wander"), None)] if scope.workload.wander else []
        kept = [] if edits else [(key, "the log does not speak against a rate that keeps to its course")]
        return FoundWander(LogFinding(numbers, edits, kept))
    numbers += [
        Number(f"{key}.cv", found.cv, "number", counts.size, "beyond chance, around the course"),
        Number(f"{key}.time_constant", found.time_constant_s, "time", counts.size),
    ]
    why = _why_not(found.cv, found.time_constant_s, span.span_s)
    if why:
        return FoundWander(LogFinding(numbers, kept=[(key, why)]))
    value: dict[str, object] = {
        "cv": round(found.cv.value, 3),
        "time_constant": f"{found.time_constant_s.value:.4g}s",
    }
    if len(scope.regions) > 1 or scope.workload.tenants:
        value["common"] = "100%"  # the log is of their sum
    elif scope.workload.wander is not None and scope.workload.wander.common:
        value["common"] = f"{100.0 * scope.workload.wander.common:g}%"
    edits = [Edit(("workloads", scope.workload.name, "wander"), value)]
    return FoundWander(LogFinding(numbers, edits), found.cv, found.time_constant_s)


def _why_not(cv: Estimate, time_s: Estimate, span_s: float) -> str:
    if time_s.value * _LEAST_TIMES > span_s or time_s.high > _UNSURE * time_s.low:
        return "the rate wanders, and the log is too short to tell for how long"
    if not _SHORTEST_S <= time_s.value <= _LONGEST_S:
        return "it wanders for less than a minute, or for more than a week"
    return "" if cv.value <= _MOST_CV else f"{cv.value:.3g} is beyond what a scenario may say ({_MOST_CV:g})"


def _dispersions(found: Wandering, workload: str, n: int, width_s: float) -> list[Number]:
    """Index of dispersion at the scales next to a minute, ten minutes and an hour."""
    places = dict.fromkeys(int(np.abs(np.log(found.scales_s / one)).argmin()) for one in _SHOWN_S)
    return [
        Number(
            f"dispersion of counts of {found.scales_s[place] / 60.0:g} min of {workload}",
            found.dispersion[place],
            "number",
            int(n * width_s // found.scales_s[place]),
            "variance over mean; 1 by chance alone",
        )
        for place in places
    ]


@dataclass(frozen=True)
class _Course:
    """What is to be expected of bins, by their own total and, where it was fitted, their own course."""

    span: Coverage
    scope: Scope
    week: FloatArray
    edges_s: FloatArray
    is_fitted: bool

    def expect(self, counts: FloatArray) -> FloatArray:
        """Counts to be expected of each bin, float64[log, bin]."""
        if not self.is_fitted:
            factors = self._factors(self.week)
            return np.asarray(counts.sum(axis=1, keepdims=True) / factors.sum() * factors, dtype=np.float64)
        middles_s = (self.edges_s[1:] + self.edges_s[:-1]) / 2.0
        slots = np.searchsorted(self.span.edges_s, middles_s, side="right") - 1
        hours = self.span.hour_of_week[slots]
        seconds = np.diff(self.edges_s)
        means = []
        for one in counts:
            factors = self._factors(demand.week_of(hours, seconds, one, self.scope.stated_week))
            means.append(one.sum() / factors.sum() * factors)
        return np.array(means)

    def _factors(self, week: FloatArray) -> FloatArray:
        at: FloatArray = self.span.operational(self.edges_s, self.scope.factors(self.span, week))
        return at[1:] - at[:-1]
