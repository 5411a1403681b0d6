"""Which parts do the calendar months of a rollout have? A part is a month as far as one stage runs in it.

Each part has the demand of its own days: the mean share of exposure, adoption and growth over it, by hour of the
week. Its windows stand for exactly its hours, so that a month with five Mondays costs what five Mondays cost.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from simulator.compiler.demand import DemandWindow, monday_of, stage_share, stage_start, weekly_rates_rps
from simulator.compiler.profiles import HOURS_PER_WEEK, FloatArray
from simulator.engine import Runner
from simulator.errors import InvalidScenarioError
from simulator.scenario.calendar import stage_length_s
from simulator.scenario.model import Scenario, Stage
from simulator.studies.common.windows import representative_windows

MAX_MONTHS = 60
_HOUR = timedelta(hours=1)
_MIN_WINDOW_S = 300.0  # measured span of a window; costs are means, so short windows do
_MAX_WINDOW_S = 3600.0
_ACTIONS_ENOUGH = 2_000.0  # expected in a window; assumption: with fewer, it is made longer


@dataclass(frozen=True)
class MonthPart:
    """A calendar month as far as one stage runs in it."""

    month: date  # its first day
    stage: str
    begin: datetime  # UTC
    end: datetime

    @property
    def hours(self) -> float:
        """Length in hours."""
        return (self.end - self.begin) / _HOUR

    @property
    def month_share(self) -> float:
        """Length over that of the whole calendar month."""
        return self.hours / ((_next_month(self.month) - self.month).days * 24.0)

    def hour_starts(self) -> list[tuple[datetime, float]]:
        """Start and length (in hours; the first and last may be short) of every hour on the clock."""
        found = []
        begin = self.begin
        while begin < self.end:
            clock = begin.replace(minute=0, second=0, microsecond=0) + _HOUR
            end = min(clock, self.end)
            found.append((begin, (end - begin) / _HOUR))
            begin = end
        return found


@dataclass(frozen=True, eq=False)
class PartWindows:
    """The windows that stand for a part of a month."""

    part: MonthPart
    windows: tuple[DemandWindow, ...]  # `weight_h` adds up to the hours of the part
    window_of_hour: NDArray[np.int64]  # [168] number of the window, by hour of the UTC week


class TooManyMonthsError(InvalidScenarioError):
    """A rollout too long to be forecast month by month."""


def month_parts(scenario: Scenario) -> tuple[MonthPart, ...]:
    """Every part of every month, in order of time.

    Raises
    ------
    TooManyMonthsError
        If the stages last for more than five years.
    """
    parts = [part for stage in scenario.stages for part in _parts(scenario, stage)]
    months = {part.month for part in parts}
    if len(months) > MAX_MONTHS:
        raise TooManyMonthsError(
            f"the stages last for {len(months)} months; costs are worked out for at most {MAX_MONTHS}"
        )
    return tuple(parts)


def part_windows(
    scenario: Scenario, part: MonthPart, runner: Runner, warmup_s: float, demand_factor: float = 1.0
) -> PartWindows:
    """Windows for a part of a month.

    Parameters
    ----------
    scenario : with the capacity of the stage, because the people on shift group the hours
    warmup_s : of each window
    demand_factor : on everything that arrives
    """
    middle = part.begin + (part.end - part.begin) / 2
    monday = monday_of(middle.date())
    share = demand_factor * _mean_share(scenario, part, runner)
    rates_rps = share[:, None] * weekly_rates_rps(scenario, monday, runner.base_dir)
    weights_h = _hours_of_week(part)
    duration_s = _duration_s(rates_rps)
    windows, groups = representative_windows(
        scenario, part.stage, monday, rates_rps, weights_h, duration_s, warmup_s
    )
    kept = [index for index, window in enumerate(windows) if window.weight_h > 0.0]
    numbers = np.full(len(windows), -1, dtype=np.int64)
    numbers[kept] = np.arange(len(kept))
    return PartWindows(part, tuple(windows[index] for index in kept), numbers[groups])


def hour_of_week(moment: datetime) -> int:
    """Hour since Monday 00:00 UTC."""
    return moment.weekday() * 24 + moment.hour


def _parts(scenario: Scenario, stage: Stage) -> Iterator[MonthPart]:
    begin = stage_start(scenario, stage)
    end = begin + timedelta(seconds=stage_length_s(scenario, stage))
    while begin < end:
        month = begin.date().replace(day=1)
        after = _next_month(month)
        cut = min(end, datetime(after.year, after.month, 1, tzinfo=UTC))
        yield MonthPart(month, stage.name, begin, cut)
        begin = cut


def _next_month(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def _mean_share(scenario: Scenario, part: MonthPart, runner: Runner) -> FloatArray:
    """Mean share of full exposure over a part, from the middles of slices of about a day; float64[stream]."""
    stage = next(stage for stage in scenario.stages if stage.name == part.stage)
    start = stage_start(scenario, stage)
    n_slices = max(1, round(part.hours / 24.0))
    middles = (part.begin + (part.end - part.begin) * ((k + 0.5) / n_slices) for k in range(n_slices))
    folder = runner.base_dir
    shares = [stage_share(scenario, stage, (middle - start).total_seconds(), folder) for middle in middles]
    mean: FloatArray = np.mean(shares, axis=0)
    return mean


def _hours_of_week(part: MonthPart) -> FloatArray:
    """How long each hour of the week lasts in a part, float64[168]."""
    weights_h = np.zeros(HOURS_PER_WEEK)
    for begin, length_h in part.hour_starts():
        weights_h[hour_of_week(begin)] += length_h
    return weights_h


def _duration_s(rates_rps: FloatArray) -> float:
    """Measured span of each window: long enough for some actions at the mean rate."""
    mean_rps = float(rates_rps.sum(axis=0).mean())
    wanted_s = _ACTIONS_ENOUGH / mean_rps if mean_rps > 0.0 else _MIN_WINDOW_S
    return min(max(_MIN_WINDOW_S, wanted_s), _MAX_WINDOW_S)
