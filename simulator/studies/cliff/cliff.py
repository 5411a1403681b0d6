"""Where is the cliff? Demand is raised until goodput collapses, and lowered again until it recovers.

Goodput are the actions answered within every per-request limit. A load is *carried* if nearly as large a share of what
arrives is good as at a light load. Up to the cliff every load is carried; beyond it goodput stays where it is
(saturation) or falls (collapse: work is thrown away). After an overload the queue may feed on itself, so that a load which
was carried before is not carried after it: the load below which it recovers is looked for with a surge before each look.
All loads are simulated with the same seeds.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import Literal

from simulator.engine import Runner
from simulator.mechanisms.codes import Station
from simulator.scenario.model import Scenario
from simulator.studies.cliff.load_search import Load, LoadSearch
from simulator.studies.common.saturation import overloads, strain_by_station
from simulator.studies.drill.drill_plan import DrillError
from simulator.theory.estimate import Estimate
from simulator.theory.verdict import Verdict

Shape = Literal["collapses", "saturates"]

_KEPT = 0.9  # of the best goodput; less than that is a collapse
_BEYOND = (1.1, 1.25, 1.5, 2.0)  # loads beyond the cliff, in its terms


@dataclass(frozen=True)
class CliffOptions:
    """How to look for the cliff.

    Attributes
    ----------
    stage : whose peak is 1; None: the last one, or full exposure of a scenario without stages
    n_runs : replications at every load
    """

    stage: str | None = None
    n_runs: int = 4


@dataclass(frozen=True)
class Cliff:
    """Where goodput collapses, why, and where it comes back.

    Attributes
    ----------
    curve : every load that was looked at, rising
    peak_rps : arrivals at the stage's peak
    collapse : factor on the peak beyond which the load is not carried; `low`: the largest that surely is, `high`:
        the smallest that surely is not; None: none was found up to `MOST`
    shape : of what comes beyond it
    kept : least goodput beyond the cliff, as a share of the best up to it
    bottleneck : target and region that holds up most there; None: nothing does
    overloads : what is offered too much there, in words
    recovery : factor below which it recovers from an overload, in the same way; None where there is no cliff
    verdict : whether the peak, with the headroom that is asked for, is surely this side of both
    """

    stage: str | None
    curve: tuple[Load, ...]
    peak_rps: float
    collapse: Estimate | None = None
    shape: Shape = "saturates"
    kept: float = 1.0
    bottleneck: Station | None = None
    overloads: tuple[str, ...] = ()
    recovery: Estimate | None = None
    verdict: Verdict = "PASS"
    wall_s: float = nan


def cliff(scenario: Scenario, options: CliffOptions, runner: Runner) -> Cliff:
    """Find the load at which goodput collapses, and the load below which it recovers.

    Raises
    ------
    DrillError
        If there is no stage of that name.
    Cancelled
        If it was cancelled: half a cliff is none.
    """
    begin = time.perf_counter()
    names = [stage.name for stage in scenario.stages]
    if options.stage is not None and options.stage not in names:
        raise DrillError(f"no stage {options.stage!r}; stages of the scenario: {', '.join(names) or 'none'}")
    stage = options.stage or (names[-1] if names else None)
    search = LoadSearch(scenario, stage, options.n_runs, runner)
    collapse = search.bracket(search.carries_from_rest, 1.0)
    if collapse is None:
        found = Cliff(stage, search.curve(), search.peak_rps)
    else:
        found = _beyond(scenario, stage, search, collapse)
    return replace(found, wall_s=time.perf_counter() - begin)


def _beyond(scenario: Scenario, stage: str | None, search: LoadSearch, collapse: Estimate) -> Cliff:
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
    return Cliff(
        stage,
        search.curve(),
        search.peak_rps,
        collapse,
        "collapses" if kept < _KEPT else "saturates",
        kept,
        worst if strained[worst] > 0.0 else None,
        tuple(overload.message for overload in overloads(scenario, runs)),
        recovery,
        _verdict(1.0 + scenario.capacity.headroom, (collapse, recovery)),
    )


def _verdict(asked: float, bounds: Sequence[Estimate]) -> Verdict:
    """Whether a load is surely below the cliff, and surely recovers from an overload."""
    if any(bound.high <= asked for bound in bounds):
        return "FAIL"
    return "PASS" if all(bound.low >= asked for bound in bounds) else "UNDECIDED"
