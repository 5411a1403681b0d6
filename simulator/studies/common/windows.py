"""Which hours stand for a stage? The peak, for capacity; a few representative windows, for a month's cost.

The 168 hours of the week in which a stage ends are grouped: hours with the same people on shift, and of these
the ones with similar demand (Ward's method, as for representative days in power-system planning). Each group
becomes one steady window at its mean demand, weighted by its hours: the month's demand is met exactly.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from simulator.compiler.demand import (
    HOURS_PER_MONTH,
    DemandWindow,
    last_monday,
    stage_end_share,
    stage_window,
    steady_window,
    streams,
    weekly_rates_rps,
)
from simulator.compiler.profiles import HOURS_PER_WEEK, FloatArray
from simulator.engine import Runner
from simulator.mechanisms.local_time import HOUR_S, seconds_of
from simulator.mechanisms.review.shifts import staff_on_shift
from simulator.scenario.model import Scenario, Stage
from simulator.scenario.region_facts import clock_of

N_WINDOWS = 3  # at least, where the week has so many different hours
_APART = 1e6  # of the demand's own spread: hours with other people on shift are never merged


@dataclass(frozen=True)
class Peak:
    """A busiest hour, and for whose users the objectives must hold in it."""

    window: DemandWindow
    regions: tuple[str | None, ...]  # None: all users together


def peaks(scenario: Scenario, stage: Stage, runner: Runner, warmup_s: float) -> tuple[Peak, ...]:
    """The busiest hour of all, then that of each region in which the stage is seen by somebody.

    Regions are awake at different times, so that what is enough at the common peak may be too little for a
    region at its own. Hours that coincide are one peak. Each starts at the hour, at the demand of the stage's
    end with the headroom on top, and lasts `window.duration`.
    """
    week_rps = stage_week_rps(scenario, stage, runner)
    found = streams(scenario)
    by_region = {
        region: week_rps[[stream.region == region for stream in found]].sum(axis=0)
        for region in scenario.regions
    }
    seen = {region: rps for region, rps in by_region.items() if rps.max(initial=0.0) > 0.0}
    regions_at: dict[int, list[str | None]] = {int(week_rps.sum(axis=0).argmax()): [None]}
    if len(seen) > 1:
        for region, rps in seen.items():
            regions_at.setdefault(int(rps.argmax()), []).append(region)
    return tuple(
        Peak(_peak_window(scenario, stage, runner, hour, warmup_s), tuple(regions))
        for hour, regions in regions_at.items()
    )


def _peak_window(
    scenario: Scenario, stage: Stage, runner: Runner, hour: int, warmup_s: float
) -> DemandWindow:
    start_s, duration_s = 3600.0 * hour, scenario.window.duration
    window = stage_window(scenario, stage.name, start_s, duration_s, warmup_s, runner.base_dir)
    factor = 1.0 + scenario.capacity.headroom
    share = tuple((time_s, factor * shares) for time_s, shares in window.share)
    return replace(window, name=f"peak, {window.start:%a %H} h UTC", share=share)


def stage_week_rps(scenario: Scenario, stage: Stage, runner: Runner) -> FloatArray:
    """What arrives by hour of the stage's last week, at the share of its end; float64[stream, 168]."""
    share = stage_end_share(scenario, stage, runner.base_dir)
    rates = weekly_rates_rps(scenario, last_monday(scenario, stage), runner.base_dir)
    return np.asarray(share[:, None] * rates, dtype=np.float64)


def people_by_hour(scenario: Scenario, monday: date) -> FloatArray:
    """Staff on shift at the start and the middle of every hour of the UTC week; float64[168, place · 2]."""
    begin_s = seconds_of(datetime(monday.year, monday.month, monday.day, tzinfo=UTC))
    columns = [
        staff_on_shift(
            team,
            region,
            clock_of(scenario, region),
            begin_s + HOUR_S * np.arange(HOURS_PER_WEEK, dtype=np.float64) + 60.0 * minute,
        )
        for team in scenario.teams.values()
        for region in scenario.regions
        for minute in (0, 30)
    ]
    return np.array(columns, dtype=np.float64).reshape(len(columns), HOURS_PER_WEEK).T


def group_hours(rates_rps: FloatArray, people: FloatArray, n_windows: int) -> NDArray[np.int64]:
    """Number of the group of every hour, from 0 in order of total demand.

    Parameters
    ----------
    rates_rps : float64[stream, 168]
    people : float64[168, place], hours that differ here are never grouped
    n_windows : groups aimed at; more where the people on shift differ more often

    Returns
    -------
    int64[168]
    """
    n_shifts = len(np.unique(people, axis=0)) if people.size else 1
    scale = max(float(np.abs(rates_rps).max(initial=0.0)), 1e-12)
    features = np.concatenate([rates_rps.T / scale, _APART * people], axis=1)
    groups = fcluster(linkage(features, method="ward"), t=max(n_windows, n_shifts), criterion="maxclust")
    labels = np.unique(groups)
    by_demand = sorted(labels, key=lambda group: float(rates_rps[:, groups == group].mean(axis=1).sum()))
    rank = {group: place for place, group in enumerate(by_demand)}
    return np.array([rank[group] for group in groups], dtype=np.int64)


def month_windows(
    scenario: Scenario,
    stage: Stage,
    runner: Runner,
    duration_s: float,
    warmup_s: float,
) -> tuple[DemandWindow, ...]:
    """Steady windows that stand for the month at whose pace a stage ends, in order of demand.

    Parameters
    ----------
    scenario : with the capacity of the stage, because the people on shift group the hours
    duration_s : measured span of each, an hour at most

    Returns
    -------
    Windows whose `weight_h` add up to 730 h; weighted by it, every stream's demand is that of the week.
    """
    weights_h = np.full(HOURS_PER_WEEK, HOURS_PER_MONTH / HOURS_PER_WEEK)
    rates_rps = stage_week_rps(scenario, stage, runner)
    windows, _ = representative_windows(
        scenario,
        stage.name,
        last_monday(scenario, stage),
        rates_rps,
        weights_h,
        duration_s,
        warmup_s,
    )
    return windows


def representative_windows(
    scenario: Scenario,
    stage: str | None,
    monday: date,
    rates_rps: FloatArray,
    weights_h: FloatArray,
    duration_s: float,
    warmup_s: float,
) -> tuple[tuple[DemandWindow, ...], NDArray[np.int64]]:
    """Steady windows that stand for a week of demand, and to which of them each hour of the week belongs.

    Parameters
    ----------
    monday : of the week, by whose clocks people are on shift
    rates_rps : float64[stream, 168], what arrives
    weights_h : float64[168], hours that each hour of the week stands for
    duration_s : measured span of each window, an hour at most

    Returns
    -------
    Windows in order of demand, each as long in `weight_h` as its hours together, and int64[168], its number.
    """
    people = people_by_hour(scenario, monday)
    groups = group_hours(rates_rps, people, N_WINDOWS)
    begin = datetime(monday.year, monday.month, monday.day, tzinfo=UTC)
    windows = []
    used: dict[str, int] = {}
    for group in range(int(groups.max()) + 1):
        hours = np.flatnonzero(groups == group)
        mean_rps = rates_rps[:, hours].mean(axis=1)
        typical = _typical_hour(rates_rps, people, hours, mean_rps, int(np.ceil(warmup_s / 3600.0)))
        name = _name(float(mean_rps.sum()), float(rates_rps.sum(axis=0).mean()), used)
        windows.append(
            steady_window(
                name,
                stage,
                begin + timedelta(hours=typical),
                mean_rps,
                min(duration_s, 3600.0),
                warmup_s,
                float(weights_h[hours].sum()),
            )
        )
    return tuple(windows), groups


def _typical_hour(
    rates_rps: FloatArray,
    people: FloatArray,
    hours: NDArray[np.intp],
    mean_rps: FloatArray,
    n_before: int,
) -> int:
    """The hour of a group nearest to its mean; if possible one before which the same people were on shift."""
    steady = [
        hour
        for hour in hours
        if all(np.array_equal(people[hour], people[hour - back]) for back in range(1, n_before + 1))
    ]
    candidates = np.array(steady or hours)
    distances = np.abs(rates_rps[:, candidates] - mean_rps[:, None]).sum(axis=0)
    return int(candidates[np.argmin(distances)])


def _name(total_rps: float, week_mean_rps: float, used: dict[str, int]) -> str:
    """Quiet, ordinary or busy against the week's mean; a number tells windows of one name apart."""
    ratio = total_rps / week_mean_rps if week_mean_rps > 0.0 else 1.0
    name = "quiet" if ratio < 0.6 else "ordinary" if ratio < 1.3 else "busy"
    used[name] = used.get(name, 0) + 1
    return name if used[name] == 1 else f"{name} {used[name]}"
