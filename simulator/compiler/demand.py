"""How many actions arrive, of which workload, from which region, when?

Demand at full exposure is a table by hour of a UTC week. A stage shows the feature to a share of it: exposure
(who may use it) by adoption (who does) by growth. Both meet in a `DemandWindow`: the span one run simulates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from simulator.compiler.adoption import adoption_share
from simulator.compiler.profiles import HOURS_PER_WEEK, FloatArray, local_week, utc_week
from simulator.mechanisms.releases.config import STABLE
from simulator.mechanisms.traffic.config import Workload
from simulator.mechanisms.traffic.languages import UNNAMED, spoken_in
from simulator.mechanisms.traffic.trace import TraceError, load_trace
from simulator.scenario.calendar import stage_length_s, stage_offset_s
from simulator.scenario.model import Scenario, Stage
from simulator.scenario.quality import recorded_classes
from simulator.scenario.region_facts import timezone_of

HOURS_PER_MONTH = 730.0
SECONDS_PER_MONTH = HOURS_PER_MONTH * 3600.0
_HERE = Path()
_WEEK_S = 7 * 86400.0
_PIECES_S = (3600.0, 1800.0, 1200.0, 900.0, 600.0, 300.0, 60.0)


class Stream(NamedTuple):
    """One workload asked from one region by one tenant: the unit in which arrivals are drawn and results are kept.

    Without tenants there is one, whose name is empty. Results are kept apart by the users' language, where a region names
    some, by complexity, where there are several classes, and where a canary is rehearsed by the version an action had.
    """

    workload: str
    region: str
    release: str = STABLE
    language: str = UNNAMED
    tenant: str = ""
    complexity: str = UNNAMED


def recorded_streams(scenario: Scenario, found: Sequence[Stream], release: str | None) -> tuple[Stream, ...]:
    """Under which names results are kept: streams by language and class, as they are, with a new release, and copied."""
    classes = {workload.name: recorded_classes(scenario, workload) for workload in scenario.workloads}
    told_apart = [
        stream._replace(language=language, complexity=complexity)
        for stream in found
        for language in spoken_in(scenario.regions[stream.region].languages)
        for complexity in classes[stream.workload]
    ]
    if release is None:
        return tuple(told_apart)
    names = (STABLE, release, mirrored(release))
    return tuple(stream._replace(release=name) for name in names for stream in told_apart)


def mirrored(release: str) -> str:
    """What actions that are copied to a release are called."""
    return f"{release}, mirrored"


@dataclass(frozen=True, eq=False)
class DemandWindow:
    """The demand of one simulated span."""

    name: str
    stage: str | None  # None: full exposure
    start: datetime  # UTC, start of the measured span
    duration_s: float  # measured
    warmup_s: float  # simulated before `start`, not counted
    piece_s: float  # length of a column of rate_rps
    rate_rps: FloatArray  # [stream, piece] at full exposure, from start - warmup_s to the end
    share: tuple[tuple[float, FloatArray], ...]  # (s since start - warmup_s, [stream] share), first at 0
    weight_h: float  # hours of a 730 h month it stands for


def _mean_rates_rps(workload: Workload, scenario: Scenario, base_dir: Path | None) -> dict[str, float]:
    """Mean rate of a workload by region; a replayed trace has rate 1 if `base_dir` is None (not read)."""
    if workload.users is not None and workload.actions_per_user is not None:
        return {region: n_users * workload.actions_per_user for region, n_users in workload.users.items()}
    if isinstance(workload.arrival_rate, dict):
        return dict(workload.arrival_rate)
    if workload.arrival_rate is not None:
        return dict.fromkeys(scenario.regions, workload.arrival_rate)
    assert workload.trace is not None  # the model asks for one of the three
    if base_dir is None:
        return dict.fromkeys(scenario.regions, 1.0)
    recorded_rps = load_trace(workload.trace, base_dir).rate_rps
    if recorded_rps is None:
        raise TraceError(
            f"trace {workload.trace.file}: `replay: arrivals` needs a column of times (key `time`)"
        )
    return dict.fromkeys(scenario.regions, recorded_rps * workload.trace.scale)


def streams(scenario: Scenario) -> tuple[Stream, ...]:
    """Every workload x region x tenant with demand, workload by workload, regions in the scenario's order."""
    found = []
    for workload in scenario.workloads:
        rates = _mean_rates_rps(workload, scenario, base_dir=None)
        found += [
            Stream(workload.name, region, tenant=tenant)
            for region in scenario.regions
            if rates.get(region, 0.0) > 0
            for tenant in workload.tenant_names
        ]
    return tuple(found)


def weekly_rates_rps(scenario: Scenario, monday: date, base_dir: Path = _HERE) -> FloatArray:
    """Rates by hour of the UTC week that starts on `monday`, at full exposure.

    Profiles are read in each region's local time as its clocks stand in that week; a replayed trace keeps its
    own mean rate around the clock.

    Returns
    -------
    float64[stream, 168] in actions per second; the mean over the week is the stated rate.
    """
    rows = []
    for workload in scenario.workloads:
        rates = _mean_rates_rps(workload, scenario, base_dir)
        replayed = workload.users is None and workload.arrival_rate is None
        week = local_week("flat" if replayed else workload.profile, base_dir)
        rows += [
            rates[region] * workload.share_of(tenant) * utc_week(week, timezone_of(scenario, region), monday)
            for region in scenario.regions
            if rates.get(region, 0.0) > 0
            for tenant in workload.tenant_names
        ]
    return np.array(rows, dtype=np.float64).reshape(len(rows), HOURS_PER_WEEK)


def find_stage(scenario: Scenario, name: str) -> Stage:
    """The stage of that name; ValueError if there is none."""
    for stage in scenario.stages:
        if stage.name == name:
            return stage
    raise ValueError(
        f"no stage `{name}`; stages: {', '.join(stage.name for stage in scenario.stages) or 'none'}"
    )


def stage_start(scenario: Scenario, stage: Stage) -> datetime:
    """When a stage begins: midnight UTC of the scenario's first day plus the stages and waits before it."""
    day = scenario.start
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(
        seconds=stage_offset_s(scenario, stage)
    )


def growth_factor(scenario: Scenario, stage: Stage, at_s: float) -> float:
    """Demand `at_s` into the stage over that at the scenario's start; compounds monthly over stages."""
    factor = 1.0
    for earlier in scenario.stages:
        if earlier.name == stage.name:
            break
        factor *= (1.0 + earlier.growth) ** (stage_length_s(scenario, earlier) / SECONDS_PER_MONTH)
    return float(factor * (1.0 + stage.growth) ** (at_s / SECONDS_PER_MONTH))


def stage_share(scenario: Scenario, stage: Stage, at_s: float, base_dir: Path = _HERE) -> FloatArray:
    """Share of full exposure `at_s` into a stage: exposure x adoption x growth (which may lift it above 1).

    Returns
    -------
    float64[stream]
    """
    adopted = adoption_share(stage.adoption, at_s, stage.duration, base_dir)
    common = adopted * growth_factor(scenario, stage, at_s)
    shares = []
    for stream in streams(scenario):
        exposure = (
            stage.exposure.get(stream.region, 0.0) if isinstance(stage.exposure, dict) else stage.exposure
        )
        included = stage.workloads is None or stream.workload in stage.workloads
        shares.append(exposure * common if included else 0.0)
    return np.array(shares, dtype=np.float64)


def stage_end_share(scenario: Scenario, stage: Stage, base_dir: Path = _HERE) -> FloatArray:
    """Share of full exposure when the next stage begins, which is when a stage asks for most; float64[stream]."""
    return stage_share(scenario, stage, stage_length_s(scenario, stage), base_dir)


def monday_of(day: date) -> date:
    """The Monday on or before `day`."""
    return day - timedelta(days=day.weekday())


def last_monday(scenario: Scenario, stage: Stage | None) -> date:
    """Monday of a stage's last whole week (first week if it is shorter); None: of the first week."""
    if stage is None:
        return monday_of(scenario.start)
    begin = stage_start(scenario, stage)
    week_before_end = begin + timedelta(seconds=stage_length_s(scenario, stage)) - timedelta(days=7)
    return monday_of(max(week_before_end, begin).date())


def peak_hour(rates_rps: FloatArray, share: FloatArray) -> int:
    """Hour of the week with the most actions: argmax of Σ share · rate; the first of equals."""
    return int(np.argmax(share @ rates_rps))


def _piece_s(offset_s: float) -> float:
    """Longest piece on whose grid every full hour lies, for a span that starts `offset_s` after one."""
    for piece_s in _PIECES_S:
        if offset_s % piece_s == 0.0:
            return piece_s
    return _PIECES_S[-1]


def _rate_pieces(
    scenario: Scenario, begin: datetime, length_s: float, base_dir: Path
) -> tuple[float, FloatArray]:
    hour = begin.replace(minute=0, second=0, microsecond=0)
    offset_s = (begin - hour).total_seconds()
    piece_s = _piece_s(offset_s)
    n_pieces = max(1, int(np.ceil(length_s / piece_s)))
    middles_h = ((offset_s + (np.arange(n_pieces) + 0.5) * piece_s) // 3600.0).astype(np.int64)
    monday = monday_of(begin.date())
    first_hour = (hour - datetime(monday.year, monday.month, monday.day, tzinfo=UTC)) // timedelta(hours=1)
    hours = first_hour + middles_h
    n_weeks = int(hours[-1]) // HOURS_PER_WEEK + 1
    weeks = [weekly_rates_rps(scenario, monday + timedelta(weeks=week), base_dir) for week in range(n_weeks)]
    return piece_s, np.ascontiguousarray(np.concatenate(weeks, axis=1)[:, hours])


def stage_window(
    scenario: Scenario,
    stage: str | None,
    start: Literal["peak"] | float,
    duration_s: float,
    warmup_s: float,
    base_dir: Path = _HERE,
) -> DemandWindow:
    """The span that one run simulates.

    A span of up to a week has the demand of the stage's end; a longer one begins with the stage and follows its
    exposure, adoption and growth from day to day.

    Parameters
    ----------
    stage : name of a stage; None: full exposure, in the week of the scenario's start
    start : `peak` (the busiest hour of the week, all streams together) or seconds since Monday 00:00 UTC; the
        week is the last whole week of the stage
    duration_s, warmup_s : measured span, and what is simulated before it
    base_dir : folder of the scenario

    Returns
    -------
    DemandWindow with weight 730 h; its share is that of the stage's end throughout.
    """
    at = None if stage is None else find_stage(scenario, stage)
    share = np.ones(len(streams(scenario))) if at is None else stage_end_share(scenario, at, base_dir)
    steps: tuple[tuple[float, FloatArray], ...] = ((0.0, share),)
    if at is not None and duration_s > _WEEK_S:
        begin = stage_start(scenario, at)
        steps = _daily_shares(scenario, at, warmup_s, duration_s, base_dir)
    else:
        monday = last_monday(scenario, at)
        start_s = start
        if start_s == "peak":
            start_s = 3600.0 * peak_hour(weekly_rates_rps(scenario, monday, base_dir), share)
        begin = datetime(monday.year, monday.month, monday.day, tzinfo=UTC) + timedelta(seconds=start_s)
    piece_s, rate_rps = _rate_pieces(
        scenario, begin - timedelta(seconds=warmup_s), warmup_s + duration_s, base_dir
    )
    return DemandWindow(
        name=_window_name(at, start, duration_s),
        stage=stage,
        start=begin,
        duration_s=duration_s,
        warmup_s=warmup_s,
        piece_s=piece_s,
        rate_rps=rate_rps,
        share=steps,
        weight_h=HOURS_PER_MONTH,
    )


def _window_name(stage: Stage | None, start: Literal["peak"] | float, duration_s: float) -> str:
    if stage is not None and duration_s > _WEEK_S:
        return f"first {duration_s / 86400.0:g} days"
    return "peak" if start == "peak" else f"{start / 3600.0:g} h"


def _daily_shares(
    scenario: Scenario, stage: Stage, warmup_s: float, duration_s: float, base_dir: Path
) -> tuple[tuple[float, FloatArray], ...]:
    """Share of full exposure on each day of a stage, as the exposure process steps through it."""
    days = range(1, int(np.ceil(duration_s / 86400.0)))
    later = [
        (warmup_s + day * 86400.0, stage_share(scenario, stage, day * 86400.0, base_dir)) for day in days
    ]
    return ((0.0, stage_share(scenario, stage, 0.0, base_dir)), *later)


def steady_window(
    name: str,
    stage: str | None,
    start: datetime,
    rates_rps: FloatArray | Sequence[float],
    duration_s: float,
    warmup_s: float,
    weight_h: float,
) -> DemandWindow:
    """A span with the same rates throughout, e.g. one of the windows that stand for a month.

    Parameters
    ----------
    rates_rps : [stream], what arrives (exposure, adoption and growth already in it)
    """
    rates = np.asarray(rates_rps, dtype=np.float64)
    length_s = warmup_s + duration_s
    share = ((0.0, np.ones(rates.size)),)
    return DemandWindow(
        name, stage, start, duration_s, warmup_s, length_s, rates.reshape(-1, 1), share, weight_h
    )
