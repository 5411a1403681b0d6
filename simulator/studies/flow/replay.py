"""Replay an incident: what a drill plays, alone, so that its minutes can be looked at one by one."""

from dataclasses import dataclass

from simulator.engine import Runner
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.studies.common.replications import Replications
from simulator.studies.drill.drill_plan import Drill, drill_window, drills_of, with_incidents


@dataclass(frozen=True)
class ReplayOptions:
    """Which incident to replay.

    Attributes
    ----------
    incident, stage : its name, and against whose peak (None: full exposure)
    n_runs : replications, whose mean is shown
    """

    incident: str
    stage: str | None
    n_runs: int = 4


def replay(scenario: Scenario, options: ReplayOptions, runner: Runner) -> tuple[Drill, list[RunResult]]:
    """Play an incident against the held peak of a stage, as `simulator.studies.drill.drill` does.

    Raises
    ------
    DrillError
        If there is no such incident.
    Cancelled
        If it was cancelled.
    """
    planned = drills_of(scenario, [options.incident])[0]
    calm = Replications(scenario.without_incidents(), runner, options.stage, scenario.seed)
    window = drill_window(scenario, options.stage, planned.length_s, calm.window.warmup_s, runner)
    hit = with_incidents(scenario, planned.incidents)
    results = []
    for number in range(options.n_runs):
        runner.progress(number, options.n_runs, f"{options.incident}, replication {number + 1}")
        results += runner.replicate(hit, window, [scenario.seed + number])
    return planned, results
