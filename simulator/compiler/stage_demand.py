"""When is a stage busiest, and what does it ask for in any span? Its days, all of them, and no others."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.compiler.courses import changes_s, courses, ordinary, rates_at, week_rates_rps
from simulator.compiler.profiles import FloatArray
from simulator.compiler.stage_shares import daily_shares, find_stage, stage_end, stage_end_share, stage_start
from simulator.compiler.streams import streams
from simulator.mechanisms.local_time import DAY_S, HOUR_S, moment_of, seconds_of
from simulator.scenario.model import Scenario, Stage

MONDAY_S = 4 * DAY_S  # 1970-01-05; an ordinary week is the same at any time
_SHOWN = 0.95  # of a workload's busiest hour: an hour with so much shows how it is served
_SAME = 1e-9  # sums of equal hours differ by rounding
_BUSIER = 0.01  # than any hour: a shorter time with less more is a tie


class BusyTime(NamedTuple):
    """A busiest time of a stage: an hour, or less where demand is higher for less."""

    begin: datetime
    length_s: float

    def window_s(self, asked_s: float) -> float:
        """How long a window in it lasts: as asked; one of an hour or less ends with it."""
        return min(asked_s, self.length_s) if asked_s <= HOUR_S else asked_s


@dataclass(frozen=True, eq=False)
class Cells:
    """A span of time cut where demand may change."""

    edges_s: FloatArray  # [cell + 1] instants, rising
    rates_rps: FloatArray  # [stream, cell] what arrives

    @property
    def hours(self) -> FloatArray:
        """Lengths, float64[cell]."""
        return np.diff(self.edges_s) / HOUR_S

    @property
    def middles_s(self) -> FloatArray:
        """Instants in the middle of the cells, float64[cell]."""
        middles: FloatArray = (self.edges_s[1:] + self.edges_s[:-1]) / 2.0
        return middles

    def busiest(
        self, chosen: NDArray[np.bool_], memory_s: float = 0.0, *, is_last: bool = False
    ) -> tuple[float, float]:
        """Instant at which the busiest time of some streams begins, and how long it lasts, s.

        It is the busiest hour, or a shorter stretch with more demand: zones are off the full hour, and a stage may end or
        begin in the middle of one. What remembers is full only after a while: it is busiest when most has come in the time
        and before it, the more recent the more it counts.

        Parameters
        ----------
        chosen : bool[stream]
        memory_s : time scale in which it is forgotten; 0: the time alone counts
        is_last : the last of equals, not the first
        """
        rates_rps = self.rates_rps[chosen].sum(axis=0)
        first_s, last_s = float(self.edges_s[0]), float(self.edges_s[-1]) - HOUR_S
        starts_s = np.unique(np.concatenate([[first_s], self.edges_s, self.edges_s - HOUR_S]))
        starts_s = starts_s[(starts_s >= first_s) & (starts_s <= max(first_s, last_s))]
        in_hour = self._level(rates_rps, starts_s, starts_s + HOUR_S, memory_s)
        stretches_s, ends_s = self._stretches(rates_rps)
        in_stretch = self._level(rates_rps, stretches_s, ends_s, memory_s)
        if in_stretch.max() > in_hour.max() * (1.0 + _BUSIER):
            place = _greatest(in_stretch, is_last=is_last)
            return float(stretches_s[place]), min(HOUR_S, float(ends_s[place] - stretches_s[place]))
        return float(starts_s[_greatest(in_hour, is_last=is_last)]), HOUR_S

    def _stretches(self, rates_rps: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Where the highest rate begins, and where it ends, float64[stretch] each."""
        is_most = rates_rps >= rates_rps.max() * (1.0 - _SAME)
        turns = np.diff(np.concatenate([[0], is_most.astype(np.int64), [0]]))
        return self.edges_s[np.flatnonzero(turns > 0)], self.edges_s[np.flatnonzero(turns < 0)]

    def _level(
        self, rates_rps: FloatArray, begins_s: FloatArray, ends_s: FloatArray, memory_s: float
    ) -> FloatArray:
        """Mean rate of spans, or of what is remembered in them, float64[span]; nothing comes outside of the cells."""
        so_far = np.concatenate([[0.0], np.cumsum(rates_rps * np.diff(self.edges_s))])
        came = np.interp(ends_s, self.edges_s, so_far) - np.interp(begins_s, self.edges_s, so_far)
        if memory_s > 0.0:
            before, after = (self._remembered(rates_rps, at_s, memory_s) for at_s in (begins_s, ends_s))
            came = came - memory_s * (after - before)
        found: FloatArray = came / (ends_s - begins_s)
        return found

    def _remembered(self, rates_rps: FloatArray, at_s: FloatArray, memory_s: float) -> FloatArray:
        """Rate that came before instants, weighted by exp(-age / memory), float64[instant]; before the span its mean."""
        at_edges = np.empty(self.edges_s.size)
        at_edges[0] = float(np.average(rates_rps, weights=np.diff(self.edges_s)))
        kept = np.exp(-np.diff(self.edges_s) / memory_s)
        for cell, (rate_rps, share) in enumerate(zip(rates_rps.tolist(), kept.tolist(), strict=True)):
            at_edges[cell + 1] = rate_rps + (at_edges[cell] - rate_rps) * share
        cells = np.clip(np.searchsorted(self.edges_s, at_s, side="right") - 1, 0, rates_rps.size - 1)
        share_left = np.exp(-(at_s - self.edges_s[cells]) / memory_s)
        found: FloatArray = rates_rps[cells] + (at_edges[cells] - rates_rps[cells]) * share_left
        return found


def span_of(scenario: Scenario, stage: Stage | None) -> tuple[datetime, datetime]:
    """Start and end of a stage; None: of the week that begins with the scenario."""
    if stage is not None:
        return stage_start(scenario, stage), stage_end(scenario, stage)
    day = scenario.start
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return begin, begin + timedelta(days=7)


def cells_of(
    scenario: Scenario,
    stage: Stage | None,
    begin: datetime,
    end: datetime,
    base_dir: Path,
    more_edges_s: FloatArray | None = None,
) -> Cells:
    """What arrives between two times of a stage; None: at full exposure.

    Parameters
    ----------
    more_edges_s : instants at which something else may change; those within the span end cells, too
    """
    found = courses(scenario, base_dir)
    begin_s, end_s = seconds_of(begin), seconds_of(end)
    edges = [np.array([begin_s, end_s]), changes_s(found, begin_s, end_s)]
    shares = None if stage is None else daily_shares(scenario, stage, base_dir)
    edges += [] if shares is None else [shares.starts_s]
    edges += [] if more_edges_s is None else [more_edges_s]
    edges_s = np.unique(np.concatenate(edges))
    edges_s = edges_s[(edges_s >= begin_s) & (edges_s <= end_s)]
    middles_s = (edges_s[1:] + edges_s[:-1]) / 2.0
    rates_rps = rates_at(found, middles_s)
    return Cells(edges_s, rates_rps if shares is None else rates_rps * shares.at(middles_s).T)


def busiest_times(
    scenario: Scenario, stage: Stage | None, base_dir: Path, memory_s: float = 0.0
) -> dict[str | None, BusyTime]:
    """The busiest time of all together (None), and of every region in which somebody asks.

    Of equal times the first, and where quality drifts the last: a stage must hold to its end.

    Parameters
    ----------
    memory_s : time scale in which targets forget; 0: the time alone counts
    """
    begin, end = span_of(scenario, stage)
    cells = cells_of(scenario, stage, begin, end, base_dir)
    found, is_last = streams(scenario), bool(scenario.drifts)

    def busiest(chosen: NDArray[np.bool_]) -> BusyTime:
        begin_s, length_s = cells.busiest(chosen, memory_s, is_last=is_last)
        return BusyTime(moment_of(begin_s), length_s)

    times: dict[str | None, BusyTime] = {None: busiest(np.ones(len(found), dtype=np.bool_))}
    for region in scenario.regions:
        theirs = np.array([stream.region == region for stream in found])
        if cells.rates_rps[theirs].any():
            times[region] = busiest(theirs)
    return times


def busiest_times_apart(
    scenario: Scenario, stage: Stage | None, base_dir: Path, known: Iterable[BusyTime]
) -> dict[str, BusyTime]:
    """The busiest time of workloads with an objective of their own which no known time shows: by workload.

    A time shows a workload that asks for nearly as much in it as ever. Of one that asks at night only, the busiest hour of
    all shows nothing.
    """
    own = dict.fromkeys(slo.workload for slo in scenario.slos if slo.workload is not None)
    found = streams(scenario)
    begin, end = span_of(scenario, stage)
    cells = cells_of(scenario, stage, begin, end, base_dir)
    shown_rps = [span_rates_rps(scenario, stage, *time, base_dir) for time in known]
    times = {}
    for workload in own:
        theirs = np.array([stream.workload == workload for stream in found])
        if not cells.rates_rps[theirs].any():
            continue
        begin_s, length_s = cells.busiest(theirs, is_last=bool(scenario.drifts))
        time = BusyTime(moment_of(begin_s), length_s)
        most_rps = span_rates_rps(scenario, stage, *time, base_dir)[theirs].sum()
        if all(rates_rps[theirs].sum() < _SHOWN * most_rps for rates_rps in shown_rps):
            times[workload] = time
    return times


def span_rates_rps(
    scenario: Scenario, stage: Stage | None, begin: datetime, length_s: float, base_dir: Path
) -> FloatArray:
    """Mean rates of a span of a stage, float64[stream]."""
    cells = cells_of(scenario, stage, begin, begin + timedelta(seconds=length_s), base_dir)
    return np.asarray(cells.rates_rps @ cells.hours / cells.hours.sum(), dtype=np.float64)


def _greatest(levels: FloatArray, *, is_last: bool) -> int:
    """Place of the highest level; of equals the first or the last."""
    most = np.flatnonzero(levels >= levels.max() * (1.0 - _SAME))
    return int(most[-1 if is_last else 0])


def pace_rps(scenario: Scenario, stage: str | None, base_dir: Path) -> FloatArray:
    """What arrives by hour of an ordinary week at the pace at which a stage ends; float64[stream, 168].

    Parameters
    ----------
    stage : None: at full exposure, when the scenario begins
    """
    found = courses(scenario, base_dir)
    if stage is None:
        return week_rates_rps(found, span_of(scenario, None)[0])
    at = find_stage(scenario, stage)
    share = stage_end_share(scenario, at, base_dir)
    return share[:, None] * week_rates_rps(found, stage_end(scenario, at))


def pace_cells(scenario: Scenario, stage: Stage, base_dir: Path, more_edges_s: FloatArray) -> Cells:
    """The same cut where it changes, and at more instants of the week that begins at `MONDAY_S`."""
    at = stage_end(scenario, stage)
    plain = ordinary(courses(scenario, base_dir), at)
    ends_s = MONDAY_S, MONDAY_S + 7 * DAY_S
    edges_s = np.unique(np.concatenate([np.array(ends_s), changes_s(plain, *ends_s), more_edges_s]))
    rates_rps = rates_at(plain, (edges_s[1:] + edges_s[:-1]) / 2.0)
    return Cells(edges_s, stage_end_share(scenario, stage, base_dir)[:, None] * rates_rps)
