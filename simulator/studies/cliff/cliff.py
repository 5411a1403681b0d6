"""Where is the cliff? Demand is raised until goodput collapses, and lowered again until it recovers.

Goodput are the actions answered within every per-request limit. A load is *carried* if nearly as large a share of what
arrives is good as at a light load. Up to the cliff every load is carried; beyond it goodput stays where it is
(saturation) or falls (collapse: work is thrown away). After an overload the queue may feed on itself, so that a load which
was carried before is not carried after it: the load below which it recovers is looked for with a surge before each look.
All loads are simulated with the same seeds.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.economics.price_book import price_book
from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.scenario.stage_changes import at_stage
from simulator.studies.base import stage_or_last
from simulator.studies.cliff.load_search import CARRIED, LoadSearch
from simulator.studies.cliff.report import Bound, CliffReport, Shape, StrainedStation
from simulator.studies.cliff.study import CliffStudy
from simulator.studies.common.backlogs import Backlog, backlogs_of
from simulator.studies.common.saturation import overloads, strain_by_station
from simulator.studies.common.step_times import step_times
from simulator.studies.report import about
from simulator.theory.estimate import Estimate
from simulator.theory.verdict import Verdict

_KEPT = 0.9  # of the best goodput; less than that is a collapse
_BEYOND = (1.1, 1.25, 1.5, 2.0)  # loads beyond the cliff, in its terms


def cliff(scenario: Scenario, options: CliffStudy, runner: Runner) -> CliffReport:
    """Find the load at which goodput collapses, and the load below which it recovers.

    Raises
    ------
    DrillError
        If nobody asks for anything at the peak, hardly anything is answered at a light load, or a loop is closed.
    Cancelled
        If it was cancelled: half a cliff is none.
    """
    begin = time.perf_counter()
    stage = stage_or_last(scenario, options.stage)
    scenario = at_stage(scenario, stage, runner.base_dir)
    search = LoadSearch(scenario, stage, options.runs, runner)
    collapse = search.bracket(search.carries_from_rest, 1.0)
    beyond = _Beyond() if collapse is None else _beyond(scenario, search, collapse)
    asked_factor = 1.0 + scenario.capacity.headroom
    bounds = [bound for bound in (collapse, beyond.recovery) if bound is not None]
    return CliffReport(
        **about(scenario),
        profiles=step_times(scenario, runner.base_dir),
        stage=stage,
        seed=scenario.seed,
        n_runs=options.runs,
        verdict=_verdict(asked_factor, bounds),
        peak_rps=search.peak_rps,
        asked_factor=asked_factor,
        carried_from=CARRIED,
        collapse=None if collapse is None else Bound.of(collapse, search.peak_rps),
        headroom=None if collapse is None else _less_one(collapse),
        shape=beyond.shape,
        goodput_kept=beyond.kept,
        bottleneck=beyond.bottleneck,
        overloads=beyond.overloads,
        backlogs=beyond.backlogs,
        recovery=None if beyond.recovery is None else Bound.of(beyond.recovery, search.peak_rps),
        curve=search.curve(),
        wall_s=time.perf_counter() - begin,
    )


@dataclass(frozen=True)
class _Beyond:
    """What comes beyond a cliff; as it is, where there is none."""

    shape: Shape = "saturates"
    kept: float = 1.0
    bottleneck: StrainedStation | None = None
    overloads: tuple[str, ...] = ()
    backlogs: tuple[Backlog, ...] = ()
    recovery: Estimate | None = None


def _beyond(scenario: Scenario, search: LoadSearch, collapse: Estimate) -> _Beyond:
    """What comes beyond a cliff, what holds things up there, and where it recovers."""
    for beyond in _BEYOND:
        search.look(collapse.value * beyond)
    goodput = {load.factor: load.goodput_rps.value for load in search.curve()}
    up_to = [rps for factor, rps in goodput.items() if factor <= collapse.value]
    kept = min(rps for factor, rps in goodput.items() if factor > collapse.value) / max(up_to)
    runs = search.runs_at(collapse.value * _BEYOND[1])
    strained = strain_by_station(runs)
    worst = max(strained, key=lambda station: strained[station])
    recovery = search.bracket(search.carries_after_overload(collapse), collapse.value, most=collapse.value)
    assert recovery is not None
    return _Beyond(
        "collapses" if kept < _KEPT else "saturates",
        kept,
        StrainedStation(target=worst.target, region=worst.region) if strained[worst] > 0.0 else None,
        tuple(overload.message for overload in overloads(scenario, runs)),
        backlogs_of(scenario, price_book(scenario), runs),
        recovery,
    )


def _verdict(asked: float, bounds: Sequence[Estimate]) -> Verdict:
    """Whether a load is surely below the cliff, and surely recovers from an overload."""
    if any(bound.high <= asked for bound in bounds):
        return "FAIL"
    return "PASS" if all(bound.low >= asked for bound in bounds) else "UNDECIDED"


def _less_one(factor: Estimate) -> Estimate:
    return Estimate(factor.value - 1.0, factor.low - 1.0, factor.high - 1.0)
