"""Where do requests go at the peak, and where do they get stuck? The document of the page Flow.

Per workload the path of its requests; per station how full it is, how long one waits and what is lost; and the station
that holds up most. A replay says the same for every minute of an incident.
"""

from collections.abc import Sequence
from math import isfinite

import numpy as np

from simulator.mechanisms.codes import Station
from simulator.mechanisms.traffic.config import Workload
from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.metrics.targets import TargetMetrics
from simulator.results.run_result import RunResult
from simulator.results.summarize import target_parts_of
from simulator.scenario.model import Scenario
from simulator.scenario.read.hashing import scenario_hash
from simulator.studies.common.saturation import loads, strain_by_station
from simulator.studies.drill.drill_plan import Drill
from simulator.studies.flow.flow_paths import LOSSES, Rates, workload_path
from simulator.studies.run.document import JsonObject, estimate_document, signature

_STRAINED = 0.01  # share of all work held up, from which on that decides


def flow_document(scenario: Scenario, results: Sequence[RunResult]) -> JsonObject:
    """Document of replications of one window."""
    n_buckets = results[0].measured_bucket_s.size
    whole = slice(0, n_buckets)
    stations = _stations(scenario, results)
    return {
        **_heading(scenario, results),
        "bottleneck": _bottleneck(stations, results),
        "stations": stations,
        "workloads": {
            workload.name: workload_path(scenario, workload, rates_of(results, workload, whole))
            for workload in _asked(scenario, results)
        },
    }


def replay_document(scenario: Scenario, drill: Drill, results: Sequence[RunResult]) -> JsonObject:
    """Document of the replications of a drill: the flow in each time bucket of the measured span."""
    first = results[0]
    lengths_s = first.measured_bucket_s
    counts = np.mean([run.counts[run.n_warmup_buckets :].sum(axis=1) for run in results], axis=0)
    latency_s = np.sum([run.latency_sum_s[run.n_warmup_buckets :].sum(axis=1) for run in results], axis=0)
    turns = len(results) * counts[:, CountColumn.TURNS]
    return {
        **_heading(scenario, results),
        "incident": drill.name,
        "begins_s": drill.lead_s,
        "duration_s": drill.duration_s,
        "bucket_s": first.bucket_s,
        "moments": [
            {
                "begin_s": place * first.bucket_s,
                "arrivals_rps": float(counts[place, CountColumn.ARRIVED] / length_s),
                "goodput_rps": float(counts[place, CountColumn.GOOD] / length_s),
                "latency_s": float(latency_s[place] / turns[place]) if turns[place] > 0.0 else None,
                "workloads": {
                    workload.name: workload_path(
                        scenario, workload, rates_of(results, workload, slice(place, place + 1))
                    )
                    for workload in _asked(scenario, results)
                },
            }
            for place, length_s in enumerate(lengths_s)
        ],
        "interrupted": False,
    }


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


def _heading(scenario: Scenario, results: Sequence[RunResult]) -> JsonObject:
    first = results[0]
    return {
        **signature(scenario, scenario_hash(scenario)),
        "stage": first.stage,
        "seed": first.seed,
        "replications": len(results),
        "window_s": first.duration_s,
    }


def _asked(scenario: Scenario, results: Sequence[RunResult]) -> list[Workload]:
    """Workloads that somebody asked for."""
    names = {
        stream.workload
        for run in results
        for stream, counts in zip(run.streams, run.measured_counts, strict=True)
        if counts.any()
    }
    return [workload for workload in scenario.workloads if workload.name in names]


def _bottleneck(stations: Sequence[JsonObject], results: Sequence[RunResult]) -> JsonObject | None:
    """The station that holds up most; where nothing is held up to speak of, the fullest."""
    strains = strain_by_station(results)
    worst = max(strains, key=lambda station: strains[station], default=None)
    if worst is not None and strains[worst] >= _STRAINED:
        return {"target": worst.target, "region": worst.region, "held_up_share": strains[worst]}
    known = [station for station in stations if station["full"] is not None]
    if not known:
        return None
    fullest = max(known, key=lambda station: float(station["full"]))
    return {"target": fullest["target"], "region": fullest["region"], "held_up_share": None}


def _stations(scenario: Scenario, results: Sequence[RunResult]) -> list[JsonObject]:
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
            rows.append(
                _station(
                    station,
                    parts[station.target].region[station.region],
                    fullest.get(station),
                    tries,
                    float(usage[place, list(LOSSES)].sum()),
                )
            )
    return rows


def _station(
    station: Station, metrics: TargetMetrics, full: tuple[float, str] | None, tries: float, lost: float
) -> JsonObject:
    return {
        "target": station.target,
        "region": station.region,
        "kind": station.kind,
        "tries_per_s": tries,
        "lost_share": lost / tries,
        "full": full[0] if full is not None and isfinite(full[0]) else None,
        "full_of": None if full is None else full[1],
        "utilization": estimate_document(metrics.utilization),
        "queue_wait_p95_s": estimate_document(metrics.queue_wait.p95),
        "in_system": estimate_document(metrics.in_system),
    }
