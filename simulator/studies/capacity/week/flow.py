"""How does work flow through an ordinary week? The queues of services and people, and what comes to them at every step.

As much comes as is asked for at every hour, as much leaves as there are servers, and who comes waits for what stands before.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite

import numpy as np

from simulator.compiler.profiles import FloatArray
from simulator.compiler.stage_demand import MONDAY_S, pace_cells
from simulator.compiler.stage_shares import stage_end
from simulator.compiler.streams import closed_streams, streams
from simulator.engine import Runner
from simulator.mechanisms.codes import Station
from simulator.mechanisms.local_time import DAY_S, seconds_of
from simulator.metrics.columns import AreaColumn, CountColumn, UsageColumn
from simulator.results.backlog import service_s
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario, Slo, Stage
from simulator.studies.capacity.month_cost import StageMonth
from simulator.studies.common.windows import clocks_of, places_of, shift_edges_s, staff_by_cell

_STEP_S = 300.0
_WEEK_STEPS = round(7 * DAY_S / _STEP_S)
_A_MOMENT_S = 1e-6
_WEEKS = 4  # until what is left over from week to week is the same, where it does not grow
_TURNED_AWAY = [UsageColumn.RATE_LIMITED, UsageColumn.SHED]


@dataclass(frozen=True, eq=False)
class Lane:
    """A queue in the week.

    Attributes
    ----------
    came_rps : by workload, float64[step] of what waits there for an answer
    servers : float64[step]
    """

    station: Station
    came_rps: Mapping[str, FloatArray]
    service_s: float
    servers: FloatArray

    def came_of(self, slo: Slo) -> FloatArray:
        """What comes of those whom an objective is about, float64[step]."""
        none = np.zeros(_WEEK_STEPS)
        return sum((rps for name, rps in self.came_rps.items() if slo.workload in (None, name)), none)

    @property
    def load(self) -> float:
        """The most work that comes, as a share of what there is at the time, while anybody is there."""
        work = self.service_s * np.sum(list(self.came_rps.values()), axis=0)
        there = self.servers > 0.0
        return float((work[there] / self.servers[there]).max(initial=0.0))

    def waits_s(self, factor: float = 1.0) -> FloatArray:
        """How long who comes at each step waits, with a multiple of the servers, float64[step]."""
        came_rps = np.sum(list(self.came_rps.values()), axis=0)
        return fluid_waits_s(came_rps * self.service_s, factor * self.servers)


def fluid_waits_s(work: FloatArray, servers: FloatArray) -> FloatArray:
    """How long work waits that comes at each step of a week which repeats itself.

    Parameters
    ----------
    work, servers : float64[step], seconds of servers that come and that there are, per second

    Returns
    -------
    float64[step]; infinite where more comes in a week than is done.
    """
    if work.sum() > servers.sum():
        return np.full(work.size, inf)
    growing_s = (work - servers) * _STEP_S
    ahead_s, waiting_s = np.zeros(work.size), 0.0  # of who comes in the middle of a step
    for _ in range(_WEEKS):
        for step, more_s in enumerate(growing_s.tolist()):
            ahead_s[step] = max(0.0, waiting_s + more_s / 2.0)
            waiting_s = max(0.0, waiting_s + more_s)
    done_s = np.concatenate([[0.0], np.cumsum(np.tile(servers, _WEEKS)) * _STEP_S])
    steps = np.arange(work.size)
    due_s = done_s[steps] + servers * _STEP_S / 2.0 + ahead_s + _A_MOMENT_S
    ends = np.searchsorted(done_s, due_s)
    last = np.minimum(ends, done_s.size - 1)
    part = (done_s[last] - due_s) / np.maximum(done_s[last] - done_s[last - 1], _A_MOMENT_S)
    waits_s = np.maximum(0.0, (ends - part - steps - 0.5) * _STEP_S - 2.0 * _A_MOMENT_S)
    return np.where(ends < done_s.size, waits_s, inf)


def week_demand(
    scenario: Scenario, stage: Stage, runner: Runner, demand_factor: float
) -> dict[tuple[str, str], FloatArray]:
    """What is asked at the pace of the stage's end, by workload and region, float64[step of the week].

    Clients in closed loops are left out: those who wait ask for nothing more, so that no work of theirs piles up.
    """
    cells = pace_cells(scenario, stage, runner.base_dir, np.zeros(0))
    at = np.clip(np.searchsorted(cells.edges_s, _times_s(), side="right") - 1, 0, cells.hours.size - 1)
    found: dict[tuple[str, str], FloatArray] = {}
    open_rps = np.where(closed_streams(scenario)[:, None], 0.0, cells.rates_rps)
    for stream, rates_rps in zip(streams(scenario), open_rps, strict=True):
        place = stream.workload, stream.region
        found[place] = found.get(place, 0.0) + demand_factor * rates_rps[at]
    return found


def week_lanes(
    scenario: Scenario,
    stage: Stage,
    month: StageMonth,
    asked_rps: Mapping[tuple[str, str], FloatArray],
    runner: Runner,
) -> Iterator[Lane]:
    """Queues of services and people, where others do not take over."""
    runs = [run for window in month.windows for run in window.results]
    staff = _staff(scenario, stage, runner)
    visits = _visits(runs)
    for number, station in enumerate(runs[0].stations):
        each_s = service_s(runs, number)
        servers_each = [float(run.areas[number, AreaColumn.SERVERS_S]) / run.duration_s for run in runs]
        servers = np.full(_WEEK_STEPS, max(servers_each))
        if station.kind == "team":
            servers = staff[station.target, station.region]
            if scenario.teams[station.target].overflow:
                continue
        if station.kind == "model" or not isfinite(each_s) or not servers.any():
            continue
        came: dict[str, FloatArray] = {}
        for place, rps in asked_rps.items():
            share = visits.get(place, {}).get(number, 0.0)
            came[place[0]] = came.get(place[0], 0.0) + share * rps
        yield Lane(station, came, each_s, servers)


def _visits(runs: Sequence[RunResult]) -> dict[tuple[str, str], dict[int, float]]:
    """Tries for an answer that stay at a station, per action, by workload and region; of people the hand-offs."""
    usage = np.sum([run.measured_usage for run in runs], axis=0)
    counts = np.sum([run.measured_counts for run in runs], axis=0)
    came = usage[:, :, UsageColumn.ATTEMPTS] - usage[:, :, _TURNED_AWAY].sum(axis=2)
    is_team = np.array([station.kind == "team" for station in runs[0].stations], dtype=np.bool_)
    of_people = came[:, is_team].sum(axis=1)
    share = np.divide(
        counts[:, CountColumn.HANDED_OFF], of_people, out=np.zeros(len(of_people)), where=of_people > 0.0
    )
    came[:, is_team] *= np.minimum(1.0, share)[:, None]
    total: dict[tuple[str, str], tuple[FloatArray, float]] = {}
    for stream, here, n in zip(runs[0].streams, came, counts[:, CountColumn.ARRIVED], strict=True):
        place = stream.workload, stream.region
        so_far, n_so_far = total.get(place, (np.zeros(len(here)), 0.0))
        total[place] = so_far + here, n_so_far + float(n)
    return {place: dict(enumerate((here / n).tolist())) for place, (here, n) in total.items() if n > 0.0}


def _staff(scenario: Scenario, stage: Stage, runner: Runner) -> dict[tuple[str, str], FloatArray]:
    """People on shift, by team and region, float64[step of the week]."""
    end = stage_end(scenario, stage)
    clocks = {region: clock.plain_at(seconds_of(end)) for region, clock in clocks_of(scenario).items()}
    edges_s = shift_edges_s(scenario, clocks, MONDAY_S, MONDAY_S + 7 * DAY_S)
    cells = pace_cells(scenario, stage, runner.base_dir, edges_s)
    at = np.clip(np.searchsorted(cells.edges_s, _times_s(), side="right") - 1, 0, cells.hours.size - 1)
    on_shift = staff_by_cell(scenario, clocks, cells)
    return {place: on_shift[at, number] for number, place in enumerate(places_of(scenario))}


def _times_s() -> FloatArray:
    """Instants in the middle of the steps of the week."""
    return np.asarray(MONDAY_S + (np.arange(_WEEK_STEPS) + 0.5) * _STEP_S, dtype=np.float64)
