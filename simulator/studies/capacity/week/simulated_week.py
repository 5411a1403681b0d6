"""Do slow objectives hold in a week as it is simulated, action by action? What flows like water waits too little.

A fluid forgets chance: a team with work for 99 of its 100 hours has a queue, and an objective of an hour on cases that take
twenty minutes is missed by some of them without one. So the last week of a stage, or its busiest part where a week has too
many actions, is simulated and judged like a peak, with everybody counted.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from simulator.compiler.demand import DemandWindow, window_at, within
from simulator.compiler.stage_demand import busiest_times, span_of
from simulator.metrics.dimensions import Selection
from simulator.results.estimates import share_within
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario, Slo, Stage
from simulator.studies.common.replicator import Replicator, simulated_actions
from simulator.studies.common.verdicts.objectives import SloVerdict, evaluate_slos, worst

_WEEK_S = 7 * 86_400.0
_WARMUP_S = 3 * 86_400.0  # a weekend, and the day before
_ACTIONS = 200_000  # of a replication, with its warm-up; assumption: some seconds of simulating in all
_LIMITS = 4.0  # times the longest limit a span lasts at least: who comes late in it is hardly known


@dataclass(frozen=True)
class WeekVerdict:
    """One objective in the simulated week.

    Attributes
    ----------
    late_share : of the actions, who took longer than the limit
    """

    found: SloVerdict
    late_share: float


class SimulatedWeek:
    """The last week of a stage, or a part of it, with any capacity.

    Parameters
    ----------
    slos : on times longer than the windows of the peak
    demand_factor : on everything that arrives
    """

    def __init__(
        self,
        replicator: Replicator,
        scenario: Scenario,
        stage: Stage,
        slos: tuple[Slo, ...],
        demand_factor: float,
    ) -> None:
        self._replicator = replicator
        self._slos = slos
        limit_s = max(slo.objective.limit for slo in slos)
        self._window = _window(replicator, scenario, stage, limit_s, demand_factor)

    def verdicts(self, scenario: Scenario) -> dict[str, WeekVerdict]:
        """By objective, the verdict with the capacity of a scenario; none where the week has too many actions."""
        if self._window is None:
            return {}
        judged = scenario.model_copy(update={"slos": self._slos})
        evidence = self._replicator.until_decided(
            judged, self._window, lambda runs: evaluate_slos(judged, runs)
        )
        slos = {slo.name: slo for slo in self._slos}
        return {
            found.slo: WeekVerdict(found, _late_share(slos[found.slo], found, evidence.results))
            for found in worst(evidence.verdicts)
        }


def _window(
    replicator: Replicator, scenario: Scenario, stage: Stage, limit_s: float, demand_factor: float
) -> DemandWindow | None:
    """The longest span of up to a week with few enough actions, around the busiest hour; None: there is none."""
    folder = replicator.runner.base_dir
    peak = busiest_times(scenario, stage, folder)[None]

    def window(span_s: float) -> DemandWindow:
        begin = within(scenario, stage, peak.begin - timedelta(seconds=span_s / 2.0), span_s)
        warmup_s = min(_WARMUP_S, span_s)
        found = window_at(scenario, stage, begin, span_s, warmup_s, folder, "week")
        return replace(found, rate_rps=demand_factor * found.rate_rps)

    first, end = span_of(scenario, stage)
    whole_s = min(_WEEK_S, (end - first).total_seconds())
    span_s = whole_s
    while simulated_actions(window(span_s)) > _ACTIONS:
        span_s /= 2.0
        if span_s < min(_LIMITS * limit_s, whole_s):
            return None
    return window(span_s)


def _late_share(slo: Slo, found: SloVerdict, results: list[RunResult]) -> float:
    selection = Selection(slo.workload, region=found.region)
    share = share_within(results, slo.indicator, slo.objective.limit, selection)
    return 0.0 if share is None else 1.0 - share.value
