"""Do slow targets hold over the week? Objectives on hours, and queues of services, against the work of all hours.

A peak of an hour says little of an objective of eight hours: what comes while nobody is on shift waits for the next one, and
what a batch of the night leaves over is worked off by day. So work flows through an ordinary week like water: as much comes
as is asked for at every hour, as much leaves as there are servers, and who comes waits for what stands before. That says
how much is needed at least; whether it holds is simulated (`simulated_week.py`) where a week has few enough actions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf
from typing import Annotated

import numpy as np

from simulator.compiler.profiles import FloatArray
from simulator.mechanisms.traffic.config import Workload
from simulator.render.numbers import quantity
from simulator.scenario.asked_targets import targets_asked
from simulator.scenario.model import Scenario, Slo, Stage
from simulator.studies.capacity.knobs import Amounts, with_amounts
from simulator.studies.capacity.month_cost import StageMonth
from simulator.studies.capacity.week.flow import Lane, week_demand, week_lanes
from simulator.studies.capacity.week.simulated_week import SimulatedWeek, WeekVerdict
from simulator.studies.common.replicator import Replicator
from simulator.studies.common.verdicts.objectives import SloVerdict, judge, slos_at
from simulator.studies.record import Record, finite, if_known
from simulator.theory.estimate import Estimate

_MOST_TIMES = 1_024.0  # what there is, that is tried
_MOST_STEPS = 24  # that what flows asks for is raised by
_STEP = 0.03
_LESS = 0.98  # of those who are late, after a step that helps
TIMES = ("latency", "resolution", "queue_wait")
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
    lanes: tuple[Lane, ...]
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
        asked_rps = week_demand(scenario, stage, replicator.runner, factor)
        lanes = tuple(week_lanes(scenario, stage, month, asked_rps, replicator.runner))
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
    lanes: Sequence[Lane],
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


def _wait_s(slo: Slo, lane: Lane, n_asked: float) -> float:
    """The wait that no more of all who ask exceed than an objective allows."""
    assert slo.objective.statistic is not None
    waits_s, came = lane.waits_s(), lane.came_of(slo)
    order = np.argsort(waits_s)[::-1]
    longer = np.cumsum(came[order]) / n_asked
    place = int(np.searchsorted(longer, 1.0 - slo.objective.statistic, side="right"))
    return float(waits_s[order[place]]) if place < order.size else 0.0


def _longest_s(slo: Slo, lane: Lane) -> float:
    """How long anybody waits in a lane whom an objective is about."""
    came = lane.came_of(slo)
    return float(lane.waits_s()[came > 0.0].max(initial=0.0))


def _late(slo: Slo, lane: Lane, n_asked: float, factor: float = 1.0) -> float:
    """Share of all who ask that wait too long in a lane."""
    came = lane.came_of(slo)
    if not came.any():
        return 0.0
    is_late = lane.waits_s(factor) > min(slo.objective.limit, lane.station.patience_s)
    return min(1.0, float(came[is_late].sum()) / n_asked)


def _needed(slo: Slo, lane: Lane, n_asked: float, allowed: float, amounts: Amounts) -> float | None:
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
