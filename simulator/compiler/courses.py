"""At which rate do the streams of a scenario ask, instant by instant, at full exposure?

A course is a mean rate and a week of factors in local time. It is constant between two full hours of its clock, so that its
integral over any span is a sum over cells that end where some course may change: exact in zones off the full hour, on days
of 23 and 25 hours, on public holidays, and for any part of a week.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import reduce
from math import gcd
from pathlib import Path
from typing import NamedTuple

import numpy as np

from simulator.compiler.profiles import HOURS_PER_WEEK, FloatArray, local_week
from simulator.compiler.streams import mean_rates_rps
from simulator.mechanisms.local_time import DAY_S, HOUR_S, LocalClock, seconds_of
from simulator.scenario.model import Scenario
from simulator.scenario.region_facts import clock_of

_HOURS_S = tuple(HOUR_S * hour for hour in range(24))


class StreamCourse(NamedTuple):
    """Demand of one stream at full exposure."""

    mean_rps: float  # over an ordinary week
    week: FloatArray  # [7, 24] factors by local day and hour, mean 1
    clock: LocalClock


def courses(scenario: Scenario, base_dir: Path) -> tuple[StreamCourse, ...]:
    """The course of every stream, in their order; a replayed trace keeps its mean rate around the clock."""
    found = []
    clocks = {region: clock_of(scenario, region) for region in scenario.regions}
    for workload in scenario.workloads:
        rates = mean_rates_rps(workload, scenario, base_dir)
        given = (workload.users, workload.arrival_rate, workload.clients)
        replayed = all(rate is None for rate in given)
        week = local_week("flat" if replayed else workload.profile, base_dir)
        found += [
            StreamCourse(rates[region] * workload.share_of(tenant), week, clocks[region])
            for region in scenario.regions
            if rates.get(region, 0.0) > 0
            for tenant in workload.tenant_names
        ]
    return tuple(found)


def ordinary(found: Iterable[StreamCourse], at: datetime) -> tuple[StreamCourse, ...]:
    """The same in an ordinary week: no holidays, and the clocks stay as they stand at a time."""
    at_s = seconds_of(at)
    return tuple(course._replace(clock=course.clock.plain_at(at_s)) for course in found)


def rates_at(found: Sequence[StreamCourse], at_s: FloatArray) -> FloatArray:
    """Actions per second of every course at instants, float64[course, instant]."""
    hours = {clock: _local_hours(clock, at_s) for clock in {course.clock for course in found}}
    rates = [course.mean_rps * course.week.reshape(HOURS_PER_WEEK)[hours[course.clock]] for course in found]
    return np.array(rates, dtype=np.float64).reshape(len(rates), at_s.size)


def changes_s(found: Iterable[StreamCourse], begin_s: float, end_s: float) -> FloatArray:
    """Instants between two at which some course may change, rising."""
    clocks = {course.clock for course in found}
    moments = [clock.changes_s(_HOURS_S, begin_s, end_s) for clock in clocks]
    return np.unique(np.concatenate(moments)) if moments else np.zeros(0)


def week_rates_rps(found: Sequence[StreamCourse], at: datetime) -> FloatArray:
    """Mean rates by hour of an ordinary week in UTC (from Monday), as clocks stand at a time; float64[course, 168]."""
    plain = ordinary(found, at)
    per_hour = 3600 // grid_s(plain, 0.0, 1.0)
    step_s = HOUR_S / per_hour
    middles_s = 4 * DAY_S + step_s * (
        np.arange(HOURS_PER_WEEK * per_hour, dtype=np.float64) + 0.5
    )  # from Monday 1970-01-05
    rates = rates_at(plain, middles_s).reshape(len(plain), HOURS_PER_WEEK, per_hour)
    return np.asarray(rates.mean(axis=2), dtype=np.float64)


def grid_s(found: Iterable[StreamCourse], begin_s: float, end_s: float) -> int:
    """Widest grid through the full hours of UTC on which every change between two instants lies, in whole seconds."""
    moments = changes_s(found, begin_s - HOUR_S, end_s + HOUR_S)
    return reduce(gcd, {round(moment) % 3600 for moment in moments.tolist()}, 3600)


def _local_hours(clock: LocalClock, at_s: FloatArray) -> np.ndarray:
    """Hour of the local week at instants, int64[instant]; a holiday is a Sunday."""
    local_s = clock.local_s(at_s)
    days = (local_s // DAY_S).astype(np.int64)
    hours = ((local_s - days * DAY_S) // HOUR_S).astype(np.int64)
    return clock.weekdays(days) * 24 + hours
