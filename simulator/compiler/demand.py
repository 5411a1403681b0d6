"""Which span does one run simulate, and what is asked in it?

A `DemandWindow` holds the rates of all streams at full exposure, piece by piece, and the share of them that a stage lets
in, which steps from day to day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Literal

import numpy as np

from simulator.compiler.courses import courses, grid_s, rates_at
from simulator.compiler.profiles import FloatArray
from simulator.compiler.stage_demand import MONDAY_S, busiest_times, span_of
from simulator.compiler.stage_shares import HOURS_PER_MONTH, daily_shares, find_stage, stage_start
from simulator.compiler.streams import streams
from simulator.mechanisms.local_time import DAY_S, moment_of, seconds_of
from simulator.scenario.model import Scenario, Stage

_HERE = Path()
_WEEK_S = 7 * DAY_S


@dataclass(frozen=True, eq=False)
class DemandWindow:
    """The demand of one simulated span."""

    name: str
    stage: str | None  # None: full exposure
    start: datetime  # UTC, start of the measured span
    duration_s: float  # measured
    warmup_s: float  # simulated before `start`, not counted
    piece_s: float  # length of a column of rate_rps
    rate_rps: FloatArray  # [stream, piece] at full exposure, from `lead_s` before the warm-up to the end
    share: tuple[tuple[float, FloatArray], ...]  # (s since start - warmup_s, [stream] share), first at 0
    weight_h: float  # hours of a 730 h month it stands for
    lead_s: float = 0.0  # of the first piece, before the warm-up begins
    staff: Mapping[tuple[str, str], float] | None = None  # on shift, by team and region; None: by the clock

    @property
    def mean_rps(self) -> FloatArray:
        """What arrives on average over the whole run, warm-up included; float64[stream]."""
        length_s = self.warmup_s + self.duration_s
        pieces_s = np.arange(self.rate_rps.shape[1] + 1) * self.piece_s - self.lead_s
        steps_s = np.array([time_s for time_s, _ in self.share])
        edges_s = np.unique(np.clip([*pieces_s, *steps_s, length_s], 0.0, length_s))
        middles_s = (edges_s[1:] + edges_s[:-1]) / 2.0
        shares = np.array([share for _, share in self.share])
        of_share = np.searchsorted(steps_s, middles_s, side="right") - 1
        of_piece = ((middles_s + self.lead_s) // self.piece_s).astype(np.int64)
        # a span may end a rounding after its last piece
        of_piece = np.minimum(of_piece, self.rate_rps.shape[1] - 1)
        arriving = shares[of_share].T * self.rate_rps[:, of_piece]
        return np.asarray(arriving @ np.diff(edges_s) / length_s, dtype=np.float64)


def stage_window(
    scenario: Scenario,
    stage: str | None,
    start: Literal["peak"] | float,
    duration_s: float,
    warmup_s: float,
    base_dir: Path = _HERE,
) -> DemandWindow:
    """The span that one run simulates.

    A span of up to a week lies within the stage, as late as its hour allows; a longer one begins with the stage. Both follow
    its exposure, adoption and growth from day to day.

    Parameters
    ----------
    stage : name of a stage; None: full exposure, in the week that begins with the scenario
    start : `peak` (the busiest hour, or less, all streams together) or seconds since Monday 00:00 UTC
    duration_s, warmup_s : measured span, and what is simulated before it
    base_dir : folder of the scenario

    Returns
    -------
    DemandWindow with weight 730 h.
    """
    at = None if stage is None else find_stage(scenario, stage)
    if at is not None and duration_s > _WEEK_S:
        return window_at(
            scenario,
            at,
            stage_start(scenario, at),
            duration_s,
            warmup_s,
            base_dir,
            f"first {duration_s / DAY_S:g} days",
        )
    if start == "peak":
        busiest = busiest_times(scenario, at, base_dir)[None]
        duration_s = busiest.window_s(duration_s)
        begin = within(scenario, at, busiest.begin, duration_s)
        return window_at(scenario, at, begin, duration_s, warmup_s, base_dir, "peak")
    begin = _moment_of_week(scenario, at, start, duration_s)
    return window_at(scenario, at, begin, duration_s, warmup_s, base_dir, f"{start / 3600.0:g} h")


def window_at(
    scenario: Scenario,
    stage: Stage | None,
    begin: datetime,
    duration_s: float,
    warmup_s: float,
    base_dir: Path,
    name: str,
) -> DemandWindow:
    """The span of a stage (None: at full exposure) that begins at a time."""
    run_s = seconds_of(begin) - warmup_s
    length_s = warmup_s + duration_s
    found = courses(scenario, base_dir)
    piece_s = grid_s(found, run_s, run_s + length_s)
    first_s = run_s // piece_s * piece_s
    n_pieces = max(1, ceil((run_s + length_s - first_s) / piece_s))
    middles_s = first_s + (np.arange(n_pieces, dtype=np.float64) + 0.5) * piece_s
    return DemandWindow(
        name=name,
        stage=None if stage is None else stage.name,
        start=begin,
        duration_s=duration_s,
        warmup_s=warmup_s,
        piece_s=float(piece_s),
        rate_rps=np.ascontiguousarray(rates_at(found, middles_s)),
        share=_shares(scenario, stage, run_s, length_s, base_dir),
        weight_h=HOURS_PER_MONTH,
        lead_s=run_s - first_s,
    )


def within(scenario: Scenario, stage: Stage | None, begin: datetime, duration_s: float) -> datetime:
    """A time, or the last one before it from which a span of that length is over when the stage is; its start at least."""
    first, end = span_of(scenario, stage)
    if stage is None:
        return begin
    return max(first, min(begin, end - timedelta(seconds=duration_s)))


def _moment_of_week(scenario: Scenario, stage: Stage | None, start_s: float, duration_s: float) -> datetime:
    """The last time at that hour of a UTC week at which a span fits into a stage; in a short one, at that hour of a day."""
    first, end = (seconds_of(moment) for moment in span_of(scenario, stage))
    latest_s = end - (duration_s if stage is not None else 0.0)
    for period_s in (_WEEK_S, DAY_S):
        at_s = latest_s - (latest_s - MONDAY_S - start_s) % period_s
        if at_s == end:  # a span without a length, or at full exposure
            at_s -= period_s
        if at_s >= first:
            return moment_of(at_s)
    return moment_of(max(first, latest_s))


def _shares(
    scenario: Scenario, stage: Stage | None, run_s: float, length_s: float, base_dir: Path
) -> tuple[tuple[float, FloatArray], ...]:
    """Share of full exposure when a run begins, and on each day that begins in it, as the exposure process steps through."""
    if stage is None:
        return ((0.0, np.ones(len(streams(scenario)))),)
    days = daily_shares(scenario, stage, base_dir)
    later_s = days.starts_s[(days.starts_s > run_s) & (days.starts_s < run_s + length_s)]
    times_s = np.concatenate([[run_s], later_s])
    return tuple((float(at_s - run_s), share) for at_s, share in zip(times_s, days.at(times_s), strict=True))


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
        name,
        stage,
        start,
        duration_s,
        warmup_s,
        length_s,
        rates.reshape(-1, 1),
        share,
        weight_h,
    )
