"""Which hours stand for a stage? The peak, for capacity; a few representative windows, for a month's cost.

Time is cut where demand or the people on shift may change. The cells are grouped: those with the same people on shift, and
of these the ones with similar demand (Ward's method, as for representative days in power-system planning). Each group
becomes one steady window at its mean demand, weighted by its hours: demand and person-hours are met exactly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from simulator.compiler.demand import DemandWindow, steady_window, window_at, within
from simulator.compiler.profiles import FloatArray
from simulator.compiler.stage_demand import (
    MONDAY_S,
    BusyTime,
    Cells,
    busiest_times,
    busiest_times_apart,
    pace_cells,
)
from simulator.compiler.stage_shares import HOURS_PER_MONTH, stage_end
from simulator.engine import Runner
from simulator.mechanisms.local_time import DAY_S, LocalClock, seconds_of
from simulator.mechanisms.review.shifts import shift_changes_s, staff_on_shift
from simulator.metrics.registry import metric
from simulator.results.backlog import grows_at_lanes
from simulator.results.run_result import RunResult
from simulator.results.time_scale import WARMUP_RELAXATIONS
from simulator.scenario.model import Scenario, Stage
from simulator.scenario.region_facts import clock_of
from simulator.studies.common.run_length import DEFAULT_WARMUP_S
from simulator.studies.common.verdicts.objectives import SloVerdict, evaluate_slos

_MONTH_WINDOW_S = 900.0  # costs are means, so short windows do
N_WINDOWS = 3  # at least, where the span has so many different hours
_APART = 1e6  # of the demand's own spread: cells with other people on shift are never merged
_WEEK_S = 7 * DAY_S
_LONGEST_MEMORY_S = 3_600.0  # a target that is busy at its peak forgets sooner when less comes; assumption


@dataclass(frozen=True)
class Peak:
    """A busiest hour, and for whom the objectives must hold in it.

    Attributes
    ----------
    regions : whose users'; None: those of all together
    workloads : whose own objectives, where it is their hour and not that of all
    """

    window: DemandWindow
    regions: tuple[str | None, ...]
    workloads: tuple[str, ...] = ()

    def judged(self, scenario: Scenario, results: Sequence[RunResult]) -> tuple[SloVerdict, ...]:
        """The verdicts that count in it.

        Left to the week is an objective on a time longer than the window that a growing queue leaves open: until then the
        queue may be worked off.
        """
        every = [of for region in self.regions for of in evaluate_slos(scenario, results, region=region)]
        own = evaluate_slos(scenario, results) if self.workloads else ()
        every += [of for of in own if of.workload in self.workloads]
        found = tuple({of.subject: of for of in every}.values())
        if not any(self._is_of_the_week(of) for of in found) or not grows_at_lanes(results):
            return found
        return tuple(of for of in found if not self._is_of_the_week(of))

    def _is_of_the_week(self, of: SloVerdict) -> bool:
        is_time = metric(of.metric.rpartition(" ")[2]).unit == "s"
        return of.verdict == "UNDECIDED" and is_time and of.limit > self.window.duration_s

    def scaled(self, factor: float) -> "Peak":
        """The same with this many times the demand."""
        return replace(self, window=replace(self.window, rate_rps=factor * self.window.rate_rps))


def peaks(scenario: Scenario, stage: Stage, runner: Runner, warmup_s: float) -> tuple[Peak, ...]:
    """The busiest hour of all in a stage, that of each region in which it is seen by somebody, and of workloads apart.

    Regions are awake at different times, so that what is enough at the common peak may be too little for a
    region at its own; and work of the night with an objective of its own is not asked for at noon. Hours that coincide are
    one peak. Where a warm-up was found to be long, targets remember, and the busiest hour is that with most demand in it and
    before it. Each starts at the hour, at the demand of its day
    with the headroom on top, and lasts `window.duration`, or as long as demand is so high.
    """
    times = busiest_times(scenario, stage, runner.base_dir, _memory_s(scenario, warmup_s))
    regions_at: dict[BusyTime, list[str | None]] = {times[None]: [None]}
    if len(times) > 2:
        for region, time in times.items():
            if region is not None:
                regions_at.setdefault(time, []).append(region)
    workloads_at: dict[BusyTime, list[str]] = {}
    for workload, time in busiest_times_apart(scenario, stage, runner.base_dir, regions_at).items():
        workloads_at.setdefault(time, []).append(workload)
    return tuple(
        Peak(
            _peak_window(scenario, stage, runner, time, warmup_s),
            tuple(regions_at.get(time, ())),
            tuple(workloads_at.get(time, ())),
        )
        for time in dict.fromkeys([*regions_at, *workloads_at])
    )


def _memory_s(scenario: Scenario, warmup_s: float) -> float:
    """Time scale of the slowest target, from a warm-up that was found, up to an hour; 0: it is short, or stated."""
    is_stated = isinstance(scenario.window.warmup, float)
    if is_stated or warmup_s <= DEFAULT_WARMUP_S:
        return 0.0
    return min(warmup_s / WARMUP_RELAXATIONS, _LONGEST_MEMORY_S)


def _peak_window(
    scenario: Scenario, stage: Stage, runner: Runner, time: BusyTime, warmup_s: float
) -> DemandWindow:
    duration_s = time.window_s(scenario.window.duration)
    begin = within(scenario, stage, time.begin, duration_s)
    minutes = f":{begin:%M}" if begin.minute else ""
    name = f"peak, {begin:%a %H}{minutes} h UTC"
    window = window_at(scenario, stage, begin, duration_s, warmup_s, runner.base_dir, name)
    factor = 1.0 + scenario.capacity.headroom
    return replace(window, share=tuple((time_s, factor * shares) for time_s, shares in window.share))


def places_of(scenario: Scenario) -> tuple[tuple[str, str], ...]:
    """Every team in every region."""
    return tuple((team, region) for team in scenario.teams for region in scenario.regions)


def clocks_of(scenario: Scenario) -> dict[str, LocalClock]:
    """The clock of every region."""
    return {region: clock_of(scenario, region) for region in scenario.regions}


def shift_edges_s(
    scenario: Scenario, clocks: Mapping[str, LocalClock], begin_s: float, end_s: float
) -> FloatArray:
    """Instants between two at which people may come or go."""
    moments = [
        shift_changes_s(scenario.teams[team], clocks[region], begin_s, end_s)
        for team, region in places_of(scenario)
    ]
    return np.unique(np.concatenate(moments)) if moments else np.zeros(0)


def staff_by_cell(scenario: Scenario, clocks: Mapping[str, LocalClock], cells: Cells) -> FloatArray:
    """Staff on shift in every cell, float64[cell, place]."""
    columns = [
        staff_on_shift(scenario.teams[team], region, clocks[region], cells.middles_s)
        for team, region in places_of(scenario)
    ]
    return np.array(columns, dtype=np.float64).reshape(len(columns), cells.hours.size).T


def group_cells(rates_rps: FloatArray, staff: FloatArray, n_windows: int) -> NDArray[np.int64]:
    """Number of the group of every cell, from 0 in order of total demand.

    Parameters
    ----------
    rates_rps : float64[stream, cell]
    staff : float64[cell, place], cells that differ here are never grouped
    n_windows : groups aimed at; more where the people on shift differ more often

    Returns
    -------
    int64[cell]
    """
    n_cells = rates_rps.shape[1]
    if n_cells == 1:
        return np.zeros(1, dtype=np.int64)
    _, shift = np.unique(np.round(staff, 9), axis=0, return_inverse=True)
    n_shifts = int(shift.max()) + 1 if staff.size else 1
    scale = max(float(np.abs(rates_rps).max(initial=0.0)), 1e-12)
    on_duty = np.eye(n_shifts)[shift.ravel()] if staff.size else np.zeros((n_cells, 0))
    features = np.concatenate([rates_rps.T / scale, _APART * on_duty], axis=1)
    groups = fcluster(linkage(features, method="ward"), t=max(n_windows, n_shifts), criterion="maxclust")
    labels = np.unique(groups)
    by_demand = sorted(labels, key=lambda group: float(rates_rps[:, groups == group].mean(axis=1).sum()))
    rank = {group: place for place, group in enumerate(by_demand)}
    return np.array([rank[group] for group in groups], dtype=np.int64)


def month_window_s(warmup_s: float) -> float:
    """Measured span of a window of a month: no shorter than its warm-up, so that most of what is simulated is measured."""
    return max(_MONTH_WINDOW_S, warmup_s)


def month_windows(
    scenario: Scenario,
    stage: Stage,
    runner: Runner,
    duration_s: float,
    warmup_s: float,
) -> tuple[DemandWindow, ...]:
    """Steady windows that stand for a month of ordinary weeks at the pace at which a stage ends, in order of demand.

    Parameters
    ----------
    scenario : with the capacity of the stage, because the people on shift group the hours
    duration_s : measured span of each, an hour at most

    Returns
    -------
    Windows whose `weight_h` add up to 730 h; weighted by it, every stream's demand is that of the week.
    """
    end = stage_end(scenario, stage)
    clocks = {region: clock.plain_at(seconds_of(end)) for region, clock in clocks_of(scenario).items()}
    edges_s = shift_edges_s(scenario, clocks, MONDAY_S, MONDAY_S + _WEEK_S)
    cells = pace_cells(scenario, stage, runner.base_dir, edges_s)
    staff = staff_by_cell(scenario, clocks, cells)
    hours = cells.hours * HOURS_PER_MONTH / (_WEEK_S / 3600.0)
    last_week_s = seconds_of(end) - _WEEK_S
    starts = [
        end - timedelta(days=7) + timedelta(seconds=float(edge_s - last_week_s) % _WEEK_S)
        for edge_s in cells.edges_s[:-1]
    ]
    staffed = StaffedCells(starts, cells.rates_rps, staff, hours)
    windows, _ = representative_windows(scenario, stage.name, staffed, duration_s, warmup_s)
    return windows


class StaffedCells(NamedTuple):
    """Cells of time, what arrives in them, and who is on shift."""

    starts: Sequence[datetime]  # UTC
    rates_rps: FloatArray  # [stream, cell]
    staff: FloatArray  # [cell, place]
    weights_h: FloatArray  # [cell] hours that each stands for


def representative_windows(
    scenario: Scenario,
    stage: str | None,
    cells: StaffedCells,
    duration_s: float,
    warmup_s: float,
) -> tuple[tuple[DemandWindow, ...], NDArray[np.int64]]:
    """Steady windows that stand for cells of time, and to which of them each cell belongs.

    Parameters
    ----------
    duration_s : measured span of each window, an hour at most

    Returns
    -------
    Windows in order of demand, each as long in `weight_h` as its cells together, and int64[cell], its number.
    """
    starts, rates_rps, staff, weights_h = cells
    groups = group_cells(rates_rps, staff, N_WINDOWS)
    windows = []
    used: dict[str, int] = {}
    overall_rps = float((rates_rps @ weights_h).sum() / weights_h.sum())
    for group in range(int(groups.max()) + 1):
        places = np.flatnonzero(groups == group)
        weight_h = float(weights_h[places].sum())
        mean_rps = rates_rps[:, places] @ weights_h[places] / weight_h
        typical = places[np.argmin(np.abs(rates_rps[:, places] - mean_rps[:, None]).sum(axis=0))]
        name = _name(float(mean_rps.sum()), overall_rps, used)
        length_s = min(duration_s, 3600.0)
        window = steady_window(name, stage, starts[typical], mean_rps, length_s, warmup_s, weight_h)
        on_shift = dict(zip(places_of(scenario), staff[typical].tolist(), strict=True))
        windows.append(replace(window, staff=on_shift))
    return tuple(windows), groups


def _name(total_rps: float, week_mean_rps: float, used: dict[str, int]) -> str:
    """Quiet, ordinary or busy against the mean; a number tells windows of one name apart."""
    ratio = total_rps / week_mean_rps if week_mean_rps > 0.0 else 1.0
    name = "quiet" if ratio < 0.6 else "ordinary" if ratio < 1.3 else "busy"
    used[name] = used.get(name, 0) + 1
    return name if used[name] == 1 else f"{name} {used[name]}"
