"""Do slow targets hold over the week? Objectives on hours, and queues of services, against the work of all hours.

A peak of an hour says little of an objective of eight hours: what comes while nobody is on shift waits for the next one, and
what a batch of the night leaves over is worked off by day. So work flows through an ordinary week like water: as much comes
as is asked for at every hour, as much leaves as there are servers, and who comes waits for what stands before. That says
how much is needed at least; whether it holds is simulated (`simulated_week.py`) where a week has few enough actions.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf, isfinite
from typing import Annotated

import numpy as np

from simulator.compiler.profiles import FloatArray
from simulator.compiler.stage_demand import MONDAY_S, pace_cells
from simulator.compiler.stage_shares import stage_end
from simulator.compiler.streams import closed_streams, streams
from simulator.engine import Runner
from simulator.mechanisms.codes import Station
from simulator.mechanisms.local_time import DAY_S, seconds_of
from simulator.mechanisms.traffic.config import Workload
from simulator.metrics.columns import AreaColumn, CountColumn, UsageColumn
from simulator.render.numbers import quantity
from simulator.results.backlog import service_s
from simulator.results.run_result import RunResult
from simulator.scenario.asked_targets import targets_asked
from simulator.scenario.model import Scenario, Slo, Stage
from simulator.studies.capacity.knobs import Amounts, with_amounts
from simulator.studies.capacity.month_cost import StageMonth
from simulator.studies.capacity.week.simulated_week import SimulatedWeek, WeekVerdict
from simulator.studies.common.replicator import Replicator
from simulator.studies.common.verdicts.objectives import SloVerdict, judge, slos_at
from simulator.studies.common.windows import clocks_of, places_of, shift_edges_s, staff_by_cell
from simulator.studies.record import Record, finite, if_known
from simulator.theory.estimate import Estimate

_STEP_S = 300.0
_WEEK_STEPS = round(7 * DAY_S / _STEP_S)
_A_MOMENT_S = 1e-6
_WEEKS = 4  # until what is left over from week to week is the same, where it does not grow
_MOST_TIMES = 1_024.0  # what there is, that is tried
_MOST_STEPS = 24  # that what flows asks for is raised by
_STEP = 0.03
_LESS = 0.98  # of those who are late, after a step that helps
TIMES = ("latency", "resolution", "queue_wait")
_TURNED_AWAY = [UsageColumn.RATE_LIMITED, UsageColumn.SHED]
_FIELDS = {"team": ("teams", "staff"), "service": ("services", "replicas")}


class SlowObjective(Record):
    """An objective on a time longer than the windows of the peak, over an ordinary week at the stage's end.

    Attributes
    ----------
    target, region : where most of those wait who are late, or, where nobody is, the longest; None: there is no queue
    wait_s : that no more than allowed exceed; None: they wait without end
    late_share : of the actions, who waits longer than the limit or than they have patience; simulated, who takes longer
    allowed_share : that the objective allows
    longest_wait_s : None: without end, because more comes than is done
    needed : amount of the target's capacity with which it holds; None: none does, or it has no amount to set
    simulated : the statistic in the simulated week; None: a week has too many actions, and what flows decides
    """

    slo: str
    target: str | None
    region: str | None
    limit_s: float
    wait_s: float | None
    late_share: float
    allowed_share: float
    longest_wait_s: float | None
    needed: float | None
    simulated: Annotated[SloVerdict | None, if_known] = None

    @property
    def is_missed(self) -> bool:
        """Whether more are late than the objective allows."""
        if self.simulated is not None:
            return self.simulated.verdict == "FAIL"
        return self.late_share > self.allowed_share

    @property
    def holds(self) -> bool:
        """Whether it surely holds."""
        return not self.is_missed and (self.simulated is None or self.simulated.verdict == "PASS")

    @property
    def message(self) -> str:
        """What is wrong, for people; only where it is missed."""
        waits_s = self.longest_wait_s
        longest = "without end" if waits_s is None else f"up to {quantity(waits_s, 'time')}"
        more = "" if self.needed is None else f"; {self.needed:,.0f} there are enough"
        return (
            f"{self.slo} holds at the peak and not over the week: {quantity(self.late_share, 'share')} take longer than "
            f"{quantity(self.limit_s, 'time')}, most at {self.target} in {self.region}, {longest}; "
            f"{quantity(self.allowed_share, 'share')} may{more}"
        )


@dataclass(frozen=True, eq=False)
class _Lane:
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


@dataclass(frozen=True, eq=False)
class SlowWeek:
    """An ordinary week at a stage's end, for its objectives on times longer than its windows.

    Attributes
    ----------
    slos : those objectives; empty: there are none, and nothing is simulated
    asked_rps : by workload and region, float64[step], with the headroom
    """

    replicator: Replicator
    stage: Stage
    slos: tuple[Slo, ...]
    lanes: tuple[_Lane, ...]
    asked_rps: Mapping[tuple[str, str], FloatArray]
    simulated: SimulatedWeek | None

    @classmethod
    def of(
        cls,
        replicator: Replicator,
        scenario: Scenario,
        stage: Stage,
        month: StageMonth,
        demand_factor: float = 1.0,
    ) -> "SlowWeek":
        """The week of a stage.

        Parameters
        ----------
        scenario : with the capacity
        month : simulated with it
        """
        slos = tuple(slo for slo in slos_at(scenario, stage) if _is_slow(scenario, slo))
        if not slos:
            return cls(replicator, stage, (), (), {}, None)
        factor = demand_factor * (1.0 + scenario.capacity.headroom)
        asked_rps = _asked_rps(scenario, stage, replicator.runner, factor)
        lanes = tuple(_lanes(scenario, stage, month, asked_rps, replicator.runner))
        week = SimulatedWeek(replicator, scenario, stage, slos, factor)
        return cls(replicator, stage, slos, lanes, asked_rps, week)

    def objectives(self, scenario: Scenario, amounts: Amounts) -> tuple[SlowObjective, ...]:
        """Every objective, simulated where that can be done.

        Parameters
        ----------
        amounts : of the capacity that may be raised
        """
        verdicts = {} if self.simulated is None else self.simulated.verdicts(scenario)
        return tuple(_as_simulated(of, verdicts.get(of.slo)) for of in self._flowing(amounts))

    def needed(self, scenario: Scenario, amounts: Amounts) -> dict[tuple[str, str], float]:
        """Amounts with which missed objectives hold, by target and region: what flows asks for, and what chance adds."""
        found = self._flowing(amounts)
        flowing = _needed_of(found)
        if self.simulated is None:
            return flowing
        needed, before = dict(flowing), inf
        for _ in range(_MOST_STEPS):
            verdicts = self.simulated.verdicts(with_amounts(scenario, _raised(amounts, needed)))
            late = sum(of.late_share for of in verdicts.values())
            short = {
                (of.target, of.region)
                for of in found
                if of.slo in verdicts and verdicts[of.slo].found.verdict != "PASS"
            }
            places = [place for place in short if _amount(amounts, *place) > 0.0]
            if not places:
                return needed
            if late > _LESS * before:
                break
            before = late
            for target, region in places:
                assert target is not None
                assert region is not None
                present = needed.get((target, region), _amount(amounts, target, region))
                needed[target, region] = present + max(1.0, ceil(_STEP * present))
        return flowing  # more of it does not help

    def _flowing(self, amounts: Amounts) -> list[SlowObjective]:
        return [_judged(slo, self.lanes, self.asked_rps, amounts) for slo in self.slos]


def _as_simulated(found: SlowObjective, week: WeekVerdict | None) -> SlowObjective:
    if week is None:
        return found
    return found.model_copy(update={"simulated": week.found, "late_share": week.late_share})


def _amount(amounts: Amounts, target: str | None, region: str | None) -> float:
    """What there is of a target's capacity in a region; 0: none, or it may not be raised."""
    for table, field in _FIELDS.values():
        by_region = amounts.get(f"{table}.{target}.{field}")
        if by_region is not None and region is not None:
            return by_region.get(region, 0.0)
    return 0.0


def _raised(amounts: Amounts, needed: Mapping[tuple[str, str], float]) -> dict[str, dict[str, float]]:
    """The amounts of the targets that need more."""
    found: dict[str, dict[str, float]] = {}
    for (target, region), amount in needed.items():
        for table, field in _FIELDS.values():
            path = f"{table}.{target}.{field}"
            if path in amounts:
                found.setdefault(path, dict(amounts[path]))[region] = amount
    return found


def with_the_week(
    scenario: Scenario, verdicts: Sequence[SloVerdict], found: Sequence[SlowObjective]
) -> tuple[SloVerdict, ...]:
    """Verdicts of the peaks, and of the week where it misses an objective, or where the peaks leave it to the week."""
    slos = {slo.name: slo for slo in scenario.slos}
    at_peaks = {of.slo for of in verdicts}
    week = {of.slo: of for of in found if not of.holds or of.slo not in at_peaks}
    of_week = [
        of.simulated or judge(slos[name], Estimate.exact(inf if of.wait_s is None else of.wait_s))
        for name, of in week.items()
    ]
    return (*(of for of in verdicts if of.slo not in week), *of_week)


def _needed_of(found: Sequence[SlowObjective]) -> dict[tuple[str, str], float]:
    """Amounts with which missed objectives hold as work flows, by target and region."""
    needed: dict[tuple[str, str], float] = {}
    for of in found:
        if of.is_missed and of.needed is not None and of.target is not None and of.region is not None:
            place = of.target, of.region
            needed[place] = max(needed.get(place, 0.0), of.needed)
    return needed


def may_wait(scenario: Scenario, target: str) -> bool:
    """Whether who asks a service or people may wait for longer than a window: then the week says how much is needed."""
    asking = [workload for workload in scenario.workloads if target in targets_asked(scenario, workload)]
    if target in scenario.services:
        patience = scenario.services[target].patience
    elif target in scenario.teams:
        patience = scenario.teams[target].patience
    else:
        return False
    return bool(asking) and patience is None and all(_may_wait(scenario, workload) for workload in asking)


def _may_wait(scenario: Scenario, workload: Workload) -> bool:
    own = [slo for slo in scenario.slos if slo.workload == workload.name and slo.indicator in TIMES]
    return workload.timeout is None and bool(own) and all(_is_slow(scenario, slo) for slo in own)


def _is_slow(scenario: Scenario, slo: Slo) -> bool:
    objective = slo.objective
    is_upper = objective.op.startswith("<") and objective.statistic is not None
    return slo.indicator in TIMES and is_upper and objective.limit > scenario.window.duration


def _judged(
    slo: Slo,
    lanes: Sequence[_Lane],
    asked_rps: Mapping[tuple[str, str], FloatArray],
    amounts: Amounts,
) -> SlowObjective:
    """Hold one objective against the week."""
    assert slo.objective.statistic is not None
    allowed, limit_s = 1.0 - slo.objective.statistic, slo.objective.limit
    n_asked = sum(float(rps.sum()) for (name, _), rps in asked_rps.items() if slo.workload in (None, name))
    own = [lane for lane in lanes if slo.indicator == "resolution" or lane.station.kind != "team"]
    late = [_late(slo, lane, n_asked) for lane in own] if n_asked > 0.0 else []
    waits_s = [_longest_s(slo, lane) for lane in own]
    load = [lane.load for lane in own]
    worst = max(range(len(late)), key=lambda at: (late[at], waits_s[at], load[at]), default=None)
    needed = None
    if worst is not None and sum(late) > allowed:
        rest = allowed - (sum(late) - late[worst])
        needed = _needed(slo, own[worst], n_asked, rest, amounts)
    return SlowObjective(
        slo=slo.name,
        target=None if worst is None else own[worst].station.target,
        region=None if worst is None else own[worst].station.region,
        limit_s=limit_s,
        wait_s=0.0 if worst is None else finite(_wait_s(slo, own[worst], n_asked)),
        late_share=float(sum(late)),
        allowed_share=allowed,
        longest_wait_s=0.0 if worst is None else finite(waits_s[worst]),
        needed=needed,
    )


def _wait_s(slo: Slo, lane: _Lane, n_asked: float) -> float:
    """The wait that no more of all who ask exceed than an objective allows."""
    assert slo.objective.statistic is not None
    waits_s, came = lane.waits_s(), lane.came_of(slo)
    order = np.argsort(waits_s)[::-1]
    longer = np.cumsum(came[order]) / n_asked
    place = int(np.searchsorted(longer, 1.0 - slo.objective.statistic, side="right"))
    return float(waits_s[order[place]]) if place < order.size else 0.0


def _longest_s(slo: Slo, lane: _Lane) -> float:
    """How long anybody waits in a lane whom an objective is about."""
    came = lane.came_of(slo)
    return float(lane.waits_s()[came > 0.0].max(initial=0.0))


def _late(slo: Slo, lane: _Lane, n_asked: float, factor: float = 1.0) -> float:
    """Share of all who ask that wait too long in a lane."""
    came = lane.came_of(slo)
    if not came.any():
        return 0.0
    is_late = lane.waits_s(factor) > min(slo.objective.limit, lane.station.patience_s)
    return min(1.0, float(came[is_late].sum()) / n_asked)


def _needed(slo: Slo, lane: _Lane, n_asked: float, allowed: float, amounts: Amounts) -> float | None:
    """The least whole amount of the lane's capacity with which no more are late than allowed."""
    table, field = _FIELDS[lane.station.kind]
    present = amounts.get(f"{table}.{lane.station.target}.{field}", {}).get(lane.station.region, 0.0)
    if present <= 0.0:
        return None
    low, high = int(present), ceil(_MOST_TIMES * present)
    if _late(slo, lane, n_asked, high / present) > allowed:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if _late(slo, lane, n_asked, middle / present) > allowed:
            low = middle
        else:
            high = middle
    return float(high)


def _asked_rps(
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


def _lanes(
    scenario: Scenario,
    stage: Stage,
    month: StageMonth,
    asked_rps: Mapping[tuple[str, str], FloatArray],
    runner: Runner,
) -> Iterator[_Lane]:
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
        yield _Lane(station, came, each_s, servers)


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
