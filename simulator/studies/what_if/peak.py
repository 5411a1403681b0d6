"""A short span at the peak of a stage, with a change in place: one side of a what-if, and what the flow is read from.

For answers while somebody waits: a few minutes of the peak, a few replications. Sides meet the same users with the same
luck, so that their difference is known far better than either of them.
"""

from collections.abc import Mapping
from dataclasses import replace

from simulator.engine import Runner
from simulator.scenario.change import ScenarioChange
from simulator.scenario.model import Scenario
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.common.replications import Replications

N_QUICK = 6  # replications while somebody waits
_SPAN = ("window.duration=10m", "window.warmup=5m")


def simulated(
    loaded: LoadedScenario, change: ScenarioChange, stage: str | None, n_runs: int, runner: Runner
) -> Replications:
    """The scenario with a change in place, in a short span at the peak of a stage (None: full exposure).

    Raises
    ------
    ScenarioError
        If the change makes no valid scenario.
    """
    here = runner.at(loaded.base_dir)
    scenario = replace(change, overrides=(*_SPAN, *change.overrides)).apply(loaded.scenario, here.base_dir)
    side = Replications(scenario, here, stage, loaded.scenario.seed, change.demand_factor)
    side.extend(n_runs)
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


def stage_or_last(scenario: Scenario, stage: str | None) -> str | None:
    """The stage that is asked for; without a name the last one, or full exposure where there are no stages."""
    if stage is None and scenario.stages:
        return scenario.stages[-1].name
    return stage


def planned(capacity: Mapping[str, Mapping[str, float]]) -> tuple[str, ...]:
    """Overrides that put the capacity of a plan in place, by knob path and region."""
    return tuple(
        f"{path}={{{', '.join(f'{region!r}: {amount:.0f}' for region, amount in by_region.items())}}}"
        for path, by_region in capacity.items()
    )
