"""What would change? A short span at the peak, simulated with and without a change, on the same users.

For answers while somebody waits: a few minutes of the peak, a few pairs of replications. Pairs meet the same users
with the same luck, so that the difference is known far better than either side. `rollout compare` and `rollout plan`
are for what is decided.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from simulator.engine import Runner
from simulator.metrics.dimensions import Selection
from simulator.metrics.registry import MONTHLY_COST
from simulator.scenario.change import ScenarioChange
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.common.changes.judged_measures import Judged, judged_measures
from simulator.studies.common.changes.statements import Statement, statement_of
from simulator.studies.common.criteria import Measure
from simulator.studies.common.replications import Replications

_SPAN = ("window.duration=10m", "window.warmup=5m")
_ALSO = [Judged.as_declared(Measure(name)) for name in ("goodput_rps", "handed_off_rate", "cache_hit_rate")]


@dataclass(frozen=True)
class WhatIfOptions:
    """How to ask.

    Attributes
    ----------
    stage : at whose peak; None: full exposure
    n_runs : pairs of replications
    """

    stage: str | None
    n_runs: int = 6


def planned(capacity: Mapping[str, Mapping[str, float]]) -> tuple[str, ...]:
    """Overrides that put the capacity of a plan in place, by knob path and region."""
    return tuple(
        f"{path}={{{', '.join(f'{region!r}: {amount:.0f}' for region, amount in by_region.items())}}}"
        for path, by_region in capacity.items()
    )


def simulated(
    loaded: LoadedScenario, variant: ScenarioChange, options: WhatIfOptions, runner: Runner
) -> Replications:
    """One side: the scenario with a variant in place, in a short span at the peak.

    Raises
    ------
    ScenarioError
        If the variant makes no valid scenario.
    """
    here = runner.at(loaded.base_dir)
    scenario = replace(variant, overrides=(*_SPAN, *variant.overrides)).apply(loaded.scenario, here.base_dir)
    side = Replications(scenario, here, options.stage, loaded.scenario.seed, variant.demand_factor)
    side.extend(options.n_runs)
    return side


def refined(side: Replications, n_runs: int, runner: Runner) -> Replications:
    """The same side with more replications, told one by one; the side itself stays as it is.

    Raises
    ------
    Cancelled
        If it was cancelled.
    """
    more = replace(side, runner=runner.at(side.runner.base_dir).alone(), results=list(side.results))
    for number in range(len(more.results) + 1, n_runs + 1):
        more.extend(number)
        runner.progress(number, n_runs, "more pairs")
    return more


def differences(loaded: LoadedScenario, base: Replications, head: Replications) -> list[Statement]:
    """What the scenario's objectives and everyone look at, and how busy each target is, on both sides."""
    judged = judged_measures(loaded.scenario, base.stage)
    known = {one.measure for one in judged}
    names = dict.fromkeys(station.target for station in head.results[0].stations)
    loads = [Judged.as_declared(Measure("utilization", selection=Selection(target=name))) for name in names]
    asked: Sequence[Judged] = [*judged, *(one for one in _ALSO if one.measure not in known), *loads]
    found = (statement_of(base.stage, one, base, head) for one in asked if one.measure.metric != MONTHLY_COST)
    return [statement for statement in found if statement is not None]
