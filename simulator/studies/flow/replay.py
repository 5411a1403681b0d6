"""Replay an incident: what a drill plays, alone, so that the flow in each of its minutes can be looked at."""

import time
from collections.abc import Sequence

import numpy as np

from simulator.engine import Runner
from simulator.metrics.columns import CountColumn
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.studies.common.replications import Replications
from simulator.studies.drill.drill_plan import Drill, drill_window, drills_of, with_incidents
from simulator.studies.flow.flow import asked_for, rates_of
from simulator.studies.flow.paths import workload_path
from simulator.studies.flow.report import FlowMoment, FlowPath, ReplayReport
from simulator.studies.flow.study import ReplayStudy
from simulator.studies.report import about


def replay(scenario: Scenario, asked: ReplayStudy, runner: Runner) -> ReplayReport:
    """Play an incident against the held peak of a stage, as `simulator.studies.drill.drill` does.

    Raises
    ------
    DrillError
        If there is no such incident.
    Cancelled
        If it was cancelled.
    """
    begin = time.perf_counter()
    drill = drills_of(scenario, [asked.incident])[0]
    results = _played(scenario, drill, asked, runner)
    first = results[0]
    return ReplayReport(
        **about(scenario),
        stage=first.stage,
        seed=first.seed,
        replications=len(results),
        window_s=first.duration_s,
        incident=drill.name,
        begins_s=drill.lead_s,
        duration_s=drill.duration_s,
        bucket_s=first.bucket_s,
        moments=tuple(_moments(scenario, results)),
        wall_s=time.perf_counter() - begin,
    )


def _played(scenario: Scenario, drill: Drill, asked: ReplayStudy, runner: Runner) -> list[RunResult]:
    calm = Replications(scenario.without_incidents(), runner, asked.stage, scenario.seed)
    window = drill_window(scenario, asked.stage, drill.length_s, calm.window.warmup_s, runner)
    hit = with_incidents(scenario, drill.incidents)
    results = []
    for number in range(asked.replications):
        runner.progress(number, asked.replications, f"{asked.incident}, replication {number + 1}")
        results += runner.replicate(hit, window, [scenario.seed + number])
    return results


def _moments(scenario: Scenario, results: Sequence[RunResult]) -> list[FlowMoment]:
    """The flow in each time bucket of the measured span, mean over the replications."""
    first = results[0]
    counts = np.mean([run.counts[run.n_warmup_buckets :].sum(axis=1) for run in results], axis=0)
    latency_s = np.sum([run.latency_sum_s[run.n_warmup_buckets :].sum(axis=1) for run in results], axis=0)
    turns = len(results) * counts[:, CountColumn.TURNS]
    return [
        FlowMoment(
            begin_s=place * first.bucket_s,
            arrivals_rps=float(counts[place, CountColumn.ARRIVED] / length_s),
            goodput_rps=float(counts[place, CountColumn.GOOD] / length_s),
            latency_s=float(latency_s[place] / turns[place]) if turns[place] > 0.0 else None,
            workloads=_paths(scenario, results, place),
        )
        for place, length_s in enumerate(first.measured_bucket_s)
    ]


def _paths(scenario: Scenario, results: Sequence[RunResult], place: int) -> dict[str, FlowPath]:
    """The path of every workload in one time bucket."""
    return {
        workload.name: workload_path(scenario, workload, rates_of(results, workload, slice(place, place + 1)))
        for workload in asked_for(scenario, results)
    }
