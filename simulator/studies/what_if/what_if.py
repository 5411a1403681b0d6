"""What would change? The paired difference of two sides of a short span at the peak, at once or from more pairs.

`rollout compare` and `rollout plan` are for what is decided; this is for what is tried.
"""

import time
from collections.abc import Sequence

from simulator.engine import Runner
from simulator.metrics.dimensions import Selection
from simulator.metrics.registry import MONTHLY_COST
from simulator.scenario.change import ScenarioChange
from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.load import LoadedScenario
from simulator.scenario.read.overrides import given_by
from simulator.studies.capacity.needed_capacity import NeededCapacity, needed_capacity
from simulator.studies.common.changes.judged_measures import Judged, judged_measures
from simulator.studies.common.changes.paired_change import PairedChange
from simulator.studies.common.changes.statements import statement_of
from simulator.studies.common.replications import Replications
from simulator.studies.common.verdicts.criteria import Measure
from simulator.studies.report import about
from simulator.studies.what_if.peak import refined, simulated, stage_or_last
from simulator.studies.what_if.report import CapacityReport, WhatIfReport
from simulator.studies.what_if.study import CHANGE, WhatIfStudy

_ALSO = tuple(
    Judged.as_declared(Measure(name)) for name in ("goodput_rps", "handed_off_rate", "cache_hit_rate")
)


def what_if(loaded: LoadedScenario, asked: WhatIfStudy, runner: Runner) -> WhatIfReport:
    """Simulate both sides and report their difference.

    Raises
    ------
    ScenarioError
        If the change makes no valid scenario; the messages name `--change`.
    Cancelled
        If it was cancelled.
    """
    begin = time.perf_counter()
    stage, change = stage_or_last(loaded.scenario, asked.stage), asked.scenario_change
    loaded = loaded.at_stage(stage)
    runner.progress(0, 2, "with the change")
    try:
        head = simulated(loaded, change, stage, asked.pairs, runner)
    except ScenarioError as error:
        raise given_by(CHANGE, error) from None
    runner.progress(1, 2, "without it")
    base = simulated(loaded, ScenarioChange(), stage, asked.pairs, runner)
    return what_if_of(loaded, base, head, change, time.perf_counter() - begin)


def what_if_of(
    loaded: LoadedScenario,
    base: Replications,
    head: Replications,
    change: ScenarioChange,
    wall_s: float = 0.0,
) -> WhatIfReport:
    """What a change does, from both sides."""
    return WhatIfReport(
        **about(loaded.scenario),
        stage=base.stage,
        seed=base.first_seed,
        n_pairs=len(base.results),
        window_s=base.window.duration_s,
        overrides=change.overrides,
        demand_factor=change.demand_factor,
        measures=tuple(differences(loaded, base, head)),
        warnings=head.short_spans(),
        backlogs=head.backlogs(),
        backlogs_before=base.backlogs(),
        wall_s=wall_s,
    )


def refined_what_if(
    loaded: LoadedScenario,
    sides: tuple[Replications, Replications],
    change: ScenarioChange,
    n_pairs: int,
    runner: Runner,
) -> WhatIfReport:
    """The same from more pairs: those that are there, and the seeds behind them.

    Raises
    ------
    Cancelled
        If it was cancelled.
    """
    begin = time.perf_counter()
    base, head = (refined(side, n_pairs, runner.part(place, 2)) for place, side in enumerate(sides))
    return what_if_of(loaded, base, head, change, time.perf_counter() - begin)


def capacity_what_if(
    loaded: LoadedScenario,
    stage: str,
    change: ScenarioChange,
    before: NeededCapacity | None,
    runner: Runner,
) -> CapacityReport:
    """What capacity a stage needs without a change and with it, each searched as `rollout plan` does.

    Parameters
    ----------
    before : what was found without it, if that is known

    Raises
    ------
    Cancelled
        If it was cancelled.
    """
    begin = time.perf_counter()

    def needed(of: ScenarioChange, words: str) -> NeededCapacity:
        def told(done: float, total: int, label: str) -> None:
            runner.progress(done, total, f"capacity {words}, {label}")

        return needed_capacity(loaded, stage, of, runner.telling(told))

    known = before or needed(ScenarioChange(), "as it is")
    after = needed(change, "with the change")
    wall_s = time.perf_counter() - begin
    return CapacityReport(**about(loaded.scenario), stage=stage, before=known, after=after, wall_s=wall_s)


def differences(loaded: LoadedScenario, base: Replications, head: Replications) -> list[PairedChange]:
    """What the scenario's objectives and everyone look at, and how busy each target is, on both sides."""
    judged = judged_measures(loaded.scenario, base.stage)
    known = {one.measure for one in judged}
    names = dict.fromkeys(station.target for station in head.results[0].stations)
    loads = [Judged.as_declared(Measure("utilization", selection=Selection(target=name))) for name in names]
    asked: Sequence[Judged] = [*judged, *(one for one in _ALSO if one.measure not in known), *loads]
    found = (statement_of(base.stage, one, base, head) for one in asked if one.measure.metric != MONTHLY_COST)
    return [PairedChange.of(statement) for statement in found if statement is not None]
