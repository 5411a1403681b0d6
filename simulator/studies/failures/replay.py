"""Replay an incident: what a drill plays, alone, so that its minutes can be looked at one by one."""

import threading
from dataclasses import replace
from pathlib import Path

from simulator.engine import Progress, RunOptions, replicate
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.studies.common.replications import Trial
from simulator.studies.failures.drill_plan import Drill, drill_window, drills_of, with_incidents


def replay(
    scenario: Scenario,
    base_dir: Path,
    incident: str,
    stage: str | None,
    n_runs: int,
    run: RunOptions,
    *,
    progress: Progress,
    cancel: threading.Event,
) -> tuple[Drill, list[RunResult]]:
    """Play an incident against the held peak of a stage, as `simulator.studies.failures.drill` does.

    Parameters
    ----------
    stage : whose peak; None: full exposure
    n_runs : replications
    progress : told (done, total, label) in replications

    Raises
    ------
    DrillError
        If there is no such incident.
    Cancelled
        If it was cancelled.
    """
    planned = drills_of(scenario, [incident])[0]
    warmup_s = Trial(
        scenario.without_incidents(), base_dir, stage, scenario.seed, run, cancel
    ).window.warmup_s
    window = drill_window(scenario, stage, planned.length_s, warmup_s, base_dir)
    seeds = range(scenario.seed, scenario.seed + n_runs)
    results = []
    for number, seed in enumerate(seeds):
        progress(number, n_runs, f"{incident}, replication {number + 1}")
        results += replicate(
            with_incidents(scenario, planned.incidents),
            window,
            [seed],
            base_dir=base_dir,
            options=replace(run, n_threads=1),
            cancel=cancel,
        )
    return planned, results
