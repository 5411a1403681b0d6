"""Where do requests go at the peak, and where do they get stuck?

Per workload the path of its requests; per station how full it is, how long one waits and what is lost; and the station
that holds up most.
"""

import time
from collections.abc import Sequence
from math import isfinite

import numpy as np

from simulator.economics.price_book import price_book
from simulator.engine import Runner
from simulator.mechanisms.codes import Station
from simulator.mechanisms.traffic.config import Workload
from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.metrics.targets import TargetMetrics
from simulator.results.run_result import RunResult
from simulator.results.summarize import target_parts_of
from simulator.scenario.change import ScenarioChange
from simulator.scenario.model import Scenario
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.common.backlogs import backlogs_of
from simulator.studies.common.run_length import short_warmup_message
from simulator.studies.common.saturation import loads, strain_by_station
from simulator.studies.flow.paths import LOSSES, Rates, workload_path
from simulator.studies.flow.report import (
    ActionRates,
    Bottleneck,
    FlowReport,
    StationFlow,
    WorkloadFlow,
)
from simulator.studies.flow.study import FlowStudy
from simulator.studies.report import about
from simulator.studies.what_if.peak import simulated, stage_or_last

_STRAINED = 0.01  # share of all work held up, from which on that decides


def study_flow(loaded: LoadedScenario, asked: FlowStudy, runner: Runner) -> FlowReport:
    """Simulate a short span at the peak of a stage, and report its flow.

    Raises
    ------
    Cancelled
        If it was cancelled.
    """
    begin = time.perf_counter()
    stage = stage_or_last(loaded.scenario, asked.stage)
    runner.progress(0, 1, stage or "full exposure")
    found = simulated(loaded.at_stage(stage), ScenarioChange(), stage, asked.replications, runner)
    return flow_of(found.scenario, found.results, time.perf_counter() - begin)


def flow_of(scenario: Scenario, results: Sequence[RunResult], wall_s: float = 0.0) -> FlowReport:
    """The flow of replications of one window."""
    first, short = results[0], short_warmup_message(results)
    stations = tuple(_stations(scenario, results))
    return FlowReport(
        **about(scenario),
        stage=first.stage,
        seed=first.seed,
        replications=len(results),
        window_s=first.duration_s,
        bottleneck=_bottleneck(stations, results),
        stations=stations,
        workloads={
            workload.name: _workload_flow(scenario, workload, results)
            for workload in asked_for(scenario, results)
        },
        warnings=() if short is None else (short,),
        backlogs=backlogs_of(scenario, price_book(scenario), results),
        wall_s=wall_s,
    )


def _workload_flow(scenario: Scenario, workload: Workload, results: Sequence[RunResult]) -> WorkloadFlow:
    rates = rates_of(results, workload, slice(None))
    path = workload_path(scenario, workload, rates)
    return WorkloadFlow(nodes=path.nodes, edges=path.edges, per_s=_per_s(rates))


def _per_s(rates: Rates) -> ActionRates:
    return ActionRates(
        arrived=rates.of(CountColumn.ARRIVED),
        cache_hits=rates.of(CountColumn.CACHE_HITS),
        retries=rates.of(CountColumn.RETRIES),
        fallbacks=rates.of(CountColumn.FALLBACKS),
        handed_off=rates.of(CountColumn.HANDED_OFF),
        answered=rates.of(CountColumn.SUCCEEDED) + rates.of(CountColumn.DEGRADED),
        failed=rates.of(CountColumn.FAILED),
        rejected=rates.of(CountColumn.REJECTED),
        abandoned=rates.of(CountColumn.ABANDONED),
    )


def rates_of(results: Sequence[RunResult], workload: Workload, buckets: slice) -> Rates:
    """Rates of a workload in some buckets of the measured span, mean over the replications."""
    first = results[0]
    streams = [place for place, stream in enumerate(first.streams) if stream.workload == workload.name]
    span_s = float(first.measured_bucket_s[buckets].sum())
    counts = np.mean(
        [run.counts[run.n_warmup_buckets :][buckets][:, streams].sum(axis=(0, 1)) for run in results], axis=0
    )
    usage = np.mean(
        [run.usage[run.n_warmup_buckets :][buckets][:, streams].sum(axis=(0, 1)) for run in results], axis=0
    )
    by_target: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]] = {}
    for place, station in enumerate(first.stations):
        by_target[station.target] = by_target.get(station.target, 0.0) + usage[place] / span_s
    return Rates(counts / span_s, by_target)


def asked_for(scenario: Scenario, results: Sequence[RunResult]) -> list[Workload]:
    """Workloads that somebody asked for."""
    names = {
        stream.workload
        for run in results
        for stream, counts in zip(run.streams, run.measured_counts, strict=True)
        if counts.any()
    }
    return [workload for workload in scenario.workloads if workload.name in names]


def _bottleneck(stations: Sequence[StationFlow], results: Sequence[RunResult]) -> Bottleneck | None:
    """The station that holds up most; where nothing is held up to speak of, the fullest."""
    strains = strain_by_station(results)
    worst = max(strains, key=lambda station: strains[station], default=None)
    if worst is not None and strains[worst] >= _STRAINED:
        return Bottleneck(target=worst.target, region=worst.region, held_up_share=strains[worst])
    known = [station for station in stations if station.full is not None]
    if not known:
        return None
    fullest = max(known, key=lambda station: station.full or 0.0)
    return Bottleneck(target=fullest.target, region=fullest.region, held_up_share=None)


def _stations(scenario: Scenario, results: Sequence[RunResult]) -> list[StationFlow]:
    """Every station that was asked, with the fullest of its limits."""
    fullest: dict[Station, tuple[float, str]] = {}
    for load in loads(scenario, results):
        if load.share > fullest.get(load.station, (-1.0, ""))[0]:
            fullest[load.station] = (load.share, load.unit)
    parts, rows = target_parts_of(results), []
    usage = np.mean([run.measured_usage.sum(axis=0) for run in results], axis=0) / results[0].duration_s
    for place, station in enumerate(results[0].stations):
        tries = float(usage[place, UsageColumn.ATTEMPTS])
        if tries > 0.0:
            metrics = parts[station.target].region[station.region]
            lost = float(usage[place, list(LOSSES)].sum())
            rows.append(_station(station, metrics, fullest.get(station), tries, lost))
    return rows


def _station(
    station: Station, metrics: TargetMetrics, full: tuple[float, str] | None, tries: float, lost: float
) -> StationFlow:
    return StationFlow(
        target=station.target,
        region=station.region,
        kind=station.kind,
        tries_per_s=tries,
        lost_share=lost / tries,
        full=full[0] if full is not None and isfinite(full[0]) else None,
        full_of=None if full is None else full[1],
        utilization=metrics.utilization,
        queue_wait_p95_s=metrics.queue_wait.p95,
        in_system=metrics.in_system,
    )
