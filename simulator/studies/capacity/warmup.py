"""How long must the windows of a stage warm up? As the scenario says; `auto` is found in pilot runs."""

from simulator.results.warmup import warmup_s
from simulator.scenario.model import Scenario, Stage
from simulator.studies.capacity.knobs import axes_of, with_setting
from simulator.studies.common.replicator import Replicator
from simulator.studies.common.windows import peaks


def stage_warmup_s(replicator: Replicator, scenario: Scenario, stage: Stage) -> float:
    """Warm-up of every window of a stage, in seconds.

    For `auto` the busiest hour is replicated from empty with every knob at its top, because without enough
    capacity a run never settles, and the mean series is cut where MSER-5 says.
    """
    if scenario.window.warmup != "auto":
        return scenario.window.warmup
    axes = axes_of(scenario)
    generous = with_setting(scenario, axes, tuple(len(axis.levels) - 1 for axis in axes))
    busiest = peaks(scenario, stage, replicator.runner, warmup_s=0.0)[0].window
    pilots = replicator.runs(generous, busiest, 0, replicator.min_runs)
    if not any(run.counts.any() for run in pilots):
        return 0.0
    return warmup_s(pilots)
