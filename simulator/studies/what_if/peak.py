"""The window of a stage with a change in place: one side of a what-if, and what the flow is read from.

It is the window that `rollout run` and `rollout plan` simulate, so that a figure has one value wherever it stands; of a few
replications, because somebody waits. Only where it asks for very much it is shorter. Sides meet the same users with the same
luck, so that their difference is known far better than either of them.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from threading import Lock

from cachetools import LRUCache, cached

from simulator.engine import Runner
from simulator.scenario.change import ScenarioChange
from simulator.scenario.model import Scenario
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.common.replications import Replications
from simulator.studies.common.replicator import simulated_actions

N_QUICK = 6  # replications while somebody waits
_MOST_ACTIONS = 100_000  # in a replication, while somebody waits: about a third of a second
_SHORT_S = 600.0


def simulated(
    loaded: LoadedScenario, change: ScenarioChange, stage: str | None, n_runs: int, runner: Runner
) -> Replications:
    """The scenario with a change in place, in the window of a stage (None: full exposure).

    Warm-up and length are those of the scenario without the change, so that both sides have the same.

    Raises
    ------
    ScenarioError
        If the change makes no valid scenario.
    """
    here = runner.at(loaded.base_dir)
    span = _span(loaded.scenario, stage, here)
    scenario = replace(change, overrides=(*span, *change.overrides)).apply(loaded.scenario, here.base_dir)
    side = Replications(scenario, here, stage, loaded.scenario.seed, change.demand_factor)
    side.extend(n_runs)
    return side


def _key(scenario: Scenario, stage: str | None, runner: Runner) -> tuple[str, str | None, Path]:
    return scenario_hash(scenario), stage, runner.base_dir


@cached(LRUCache(64), key=_key, lock=Lock())
def _span(scenario: Scenario, stage: str | None, runner: Runner) -> tuple[str, ...]:
    """Length and warm-up, as overrides; found once for each scenario and stage."""
    window = Replications(scenario, runner, stage, scenario.seed).window
    duration_s = window.duration_s
    if simulated_actions(window) > _MOST_ACTIONS:
        duration_s = min(duration_s, _SHORT_S)
    return f"window.duration={duration_s:.6f}s", f"window.warmup={window.warmup_s:.6f}s"


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
