"""Which parts do the calendar months of a rollout have? A part is a month as far as one stage runs in it.

Each part has the demand of its own days and hours, as the clocks of its regions go. Its windows stand for exactly its time,
so that a month with five Mondays costs what five Mondays cost, and a day of 23 hours 23.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from simulator.compiler.demand import DemandWindow
from simulator.compiler.stage_demand import cells_of
from simulator.compiler.stage_shares import find_stage, stage_end, stage_start
from simulator.engine import Runner
from simulator.errors import InvalidScenarioError
from simulator.mechanisms.local_time import moment_of, seconds_of
from simulator.scenario.model import Scenario, Stage
from simulator.studies.common.windows import (
    StaffedCells,
    clocks_of,
    representative_windows,
    shift_edges_s,
    staff_by_cell,
)

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


@dataclass(frozen=True, eq=False)
class PartWindows:
    """The windows that stand for a part of a month."""

    part: MonthPart
    windows: tuple[DemandWindow, ...]  # `weight_h` adds up to the hours of the part
    cells: tuple[tuple[datetime, float], ...]  # UTC start and length in hours, one after the other
    window_of_cell: tuple[int, ...]  # number of the window that stands for it


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


def part_windows(scenario: Scenario, part: MonthPart, runner: Runner, warmup_s: float) -> PartWindows:
    """Windows for a part of a month.

    Parameters
    ----------
    scenario : with the capacity of the stage, because the people on shift group the hours
    warmup_s : of each window
    """
    clocks = clocks_of(scenario)
    edges_s = shift_edges_s(scenario, clocks, seconds_of(part.begin), seconds_of(part.end))
    stage = find_stage(scenario, part.stage)
    cells = cells_of(scenario, stage, part.begin, part.end, runner.base_dir, edges_s)
    starts = [moment_of(float(edge_s)) for edge_s in cells.edges_s[:-1]]
    staffed = StaffedCells(starts, cells.rates_rps, staff_by_cell(scenario, clocks, cells), cells.hours)
    length_s = window_s(float((cells.rates_rps @ cells.hours).sum() / part.hours))
    windows, groups = representative_windows(scenario, part.stage, staffed, length_s, warmup_s)
    return PartWindows(
        part, windows, tuple(zip(starts, cells.hours.tolist(), strict=True)), tuple(groups.tolist())
    )


def _parts(scenario: Scenario, stage: Stage) -> Iterator[MonthPart]:
    begin, end = stage_start(scenario, stage), stage_end(scenario, stage)
    while begin < end:
        month = begin.date().replace(day=1)
        after = _next_month(month)
        cut = min(end, datetime(after.year, after.month, 1, tzinfo=UTC))
        yield MonthPart(month, stage.name, begin, cut)
        begin = cut


def _next_month(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def window_s(mean_rps: float) -> float:
    """Measured span of each window: long enough for some actions at the mean rate."""
    wanted_s = _ACTIONS_ENOUGH / mean_rps if mean_rps > 0.0 else _MIN_WINDOW_S
    return min(max(_MIN_WINDOW_S, wanted_s), _MAX_WINDOW_S)
