"""Scenario and demand in, arrays out: everything the kernel needs, made once and seeded many times."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.compiler.demand import DemandWindow
from simulator.compiler.lanes import LaneList
from simulator.compiler.network import allowed_ways, in_order, near_regions, nearest_stations, round_trips_s
from simulator.compiler.program import Names, compile_programs
from simulator.compiler.streams import Stream, recorded_streams, streams
from simulator.compiler.targets import Targets, build_targets
from simulator.compiler.work import refuse_too_many
from simulator.kernel.codes import Event
from simulator.kernel.memory import INITIAL_SLOTS, new_events, new_recording, new_requests
from simulator.kernel.state import Distributions, World
from simulator.mechanisms.caching.build import CachePlan, build_caching
from simulator.mechanisms.caching.warm import Asker
from simulator.mechanisms.distribution_table import DistributionTable
from simulator.mechanisms.regions.build import Ways, build_regions
from simulator.mechanisms.regions.table import JITTERED, Regions
from simulator.mechanisms.releases.build import release_table
from simulator.mechanisms.releases.config import Release
from simulator.mechanisms.routes.protection_build import fresh
from simulator.mechanisms.station import UNLIMITED, Stations, fresh_stations
from simulator.mechanisms.traffic.build import TrafficPlan, build_traffic, seed_streams
from simulator.mechanisms.traffic.config import CacheStep, GenerateStep, Workload
from simulator.mechanisms.traffic.language_table import LanguageTable, language_table
from simulator.mechanisms.traffic.returners import as_followed
from simulator.mechanisms.traffic.trace import TraceData, trace_of
from simulator.numerics.events import NONE
from simulator.scenario.model import Scenario
from simulator.scenario.quality import (
    complexity_classes,
    language_factor_of,
    mean_success_rate,
    recorded_classes,
)

_BUCKET_S = 60.0
_MAX_BUCKETS = 240
_MAX_USAGE_CELLS = 4_000_000


@dataclass(frozen=True, eq=False)
class Blueprint:
    """A scenario under one demand window, ready to be run with any seed."""

    scenario: Scenario
    window: DemandWindow
    streams: tuple[Stream, ...]
    recorded: tuple[
        Stream, ...
    ]  # the same by language and class, and again for the new version if one is rehearsed
    targets: Targets
    bucket_s: float
    n_buckets: int
    n_warmup_buckets: int
    trace_sha256: dict[str, str]
    _program: NDArray[np.void]
    _distributions: Distributions
    _traffic: TrafficPlan
    _caches: CachePlan
    _stations: Stations
    _regions: Regions
    _delays_s: NDArray[np.float64]
    _releases: NDArray[np.void]

    @property
    def end_s(self) -> float:
        """End of the run, in seconds from its start (which is the start of the warm-up)."""
        return self.window.warmup_s + self.window.duration_s

    @property
    def cache_instances(self) -> dict[str, int]:
        """Number of each cache's first instance; of one per region the others follow in the order of the regions."""
        return self._caches.first_instance

    @property
    def is_unlimited(self) -> NDArray[np.bool_]:
        """Which stations serve any number at once, bool[station]."""
        is_unlimited: NDArray[np.bool_] = self._stations.stations["servers"] >= UNLIMITED
        return is_unlimited

    def world(self, seed: int, keeps_rows: bool = False, keeps_buckets: bool = False) -> World:
        """A fresh world at time 0: tables are shared, whatever changes in a run is its own."""
        requests, slab = new_requests(INITIAL_SLOTS)
        traffic = seed_streams(self._traffic, seed)
        traffic.streams["share"] = self.window.share[0][1]  # before the first clients come
        return World(
            self._program.copy(),
            self._distributions,
            traffic,
            self.targets.routing._replace(choices=self.targets.routing.choices.copy()),
            fresh(self.targets.guarding),
            self._releases,
            fresh_stations(self._stations),
            self._regions.fresh(),
            build_caching(self._caches, seed),
            self.targets.pools.fresh(self._traffic.unit_keys),
            new_events(len(self.streams), self._delays_s, len(self.targets.pools.replicas)),
            slab,
            requests,
            new_recording(
                len(self.recorded),
                len(self.targets.station_names),
                self.n_buckets,
                self.bucket_s,
                self.n_warmup_buckets * self.bucket_s,
                keeps_rows,
                len(self.scenario.workloads) if keeps_buckets else 0,
            ),
        )


def compile_scenario(
    scenario: Scenario,
    window: DemandWindow,
    base_dir: Path,
    use_lanes: bool = True,
    release: Release | None = None,
) -> Blueprint:
    """Turn names into numbers and demand into rates.

    Parameters
    ----------
    scenario : checked scenario
    window : the span to simulate and its demand
    base_dir : folder that the scenario's trace files are relative to
    use_lanes : False sends every event through the heap; the results are the same bits
    release : a new version that some actions may get, by the share that `DataPlane.set_new_share` gives them

    Raises
    ------
    LogFileError
        If a trace cannot be used.
    TooManyActionsError
        If the window has more actions than anybody waits for.
    """
    refuse_too_many(window)
    regions = list(scenario.regions)
    table = DistributionTable()
    lanes = LaneList(use_lanes)
    traces = {w.name: trace for w in scenario.workloads if (trace := trace_of(w, base_dir)) is not None}
    n_units = sum(trace.units.n_distinct for trace in traces.values() if trace.units is not None)
    found = streams(scenario)
    askers = [(stream.workload, stream.tenant) for stream in found]
    targets = build_targets(scenario, base_dir, table, lanes, n_units, askers)
    recorded = recorded_streams(scenario, found, None if release is None else release.name)
    languages = language_table([region.languages for region in scenario.regions.values()], scenario.languages)
    asking = _askers(scenario, window, found, languages, traces)
    caches = CachePlan(scenario.caches, len(regions), asking, len(languages.names))
    classes = complexity_classes(scenario)
    names = Names(
        targets.route_of,
        targets.target_of,
        caches,
        partial(lanes.lane_of, event=Event.DELAYED),
        classes,
    )
    program, first_pcs = compile_programs(scenario.workloads, names)
    traffic = build_traffic(
        [as_followed(workload, window.warmup_s, window.duration_s) for workload in scenario.workloads],
        [(stream.workload, stream.region, stream.tenant) for stream in found],
        regions,
        window.rate_rps,
        window.piece_s,
        window.lead_s,
        traces,
        first_pcs,
        [
            NONE if w.timeout is None else lanes.lane_of(w.timeout, Event.TURN_TIMEOUT)
            for w in scenario.workloads
        ],
        [_limits_s(scenario, workload) for workload in scenario.workloads],
        classes,
        [recorded_classes(scenario, workload) for workload in scenario.workloads],
        languages,
        table,
    )
    traffic.traffic.streams["drawer"] = targets.shared.drawer_of_stream
    stations = _place(scenario, targets, lanes, languages)
    n_choices = int(targets.routing.routes["n_choices"].max())
    placed = build_regions(
        scenario.network,
        targets.region_policies,
        regions,
        Ways(near_regions(scenario), round_trips_s(scenario)),
        len(targets.stations) + caches.n_instances,
        n_choices,
        table,
    )
    end_s = window.warmup_s + window.duration_s
    bucket_s, n_buckets = time_buckets(window.warmup_s, end_s, len(recorded) * len(targets.station_names))
    return Blueprint(
        scenario,
        window,
        found,
        recorded,
        targets,
        bucket_s,
        n_buckets,
        round(window.warmup_s / bucket_s),
        {name: trace.sha256 for name, trace in traces.items()},
        program,
        Distributions(*table.arrays()),
        traffic,
        caches,
        stations,
        placed,
        lanes.delays_s(),
        release_table(None if release is None else release.changes),
    )


def time_buckets(warmup_s: float, end_s: float, n_cells: int) -> tuple[float, int]:
    """Length and number of the time buckets: about a minute, few enough for memory, the warm-up a whole number."""
    limit = max(4, min(_MAX_BUCKETS, _MAX_USAGE_CELLS // max(1, 12 * n_cells)))
    bucket_s = max(min(_BUCKET_S, end_s / 10.0), end_s / limit)
    if warmup_s > 0.0:
        bucket_s = warmup_s / max(1, math.floor(warmup_s / bucket_s))
    return bucket_s, max(1, math.ceil(end_s / bucket_s - 1e-9))


def _limits_s(scenario: Scenario, workload: Workload) -> tuple[float, float]:
    """Tightest per-request limits on latency and TTFT that the objectives name, for goodput."""
    limits = {"latency": math.inf, "ttft": math.inf}
    for slo in scenario.slos:
        if (
            slo.indicator in limits
            and slo.workload in (None, workload.name)
            and slo.objective.op in ("<", "<=")
        ):
            limits[slo.indicator] = min(limits[slo.indicator], slo.objective.limit)
    return limits["latency"], limits["ttft"]


def _askers(
    scenario: Scenario,
    window: DemandWindow,
    found: tuple[Stream, ...],
    languages: LanguageTable,
    traces: Mapping[str, TraceData],
) -> list[Asker]:
    """Who asks which cache how often, for the caches' content at the start."""
    regions = list(scenario.regions)
    shares = tuple(languages.shares(region) for region in range(len(regions)))
    mean_rps = window.mean_rps
    askers = []
    for workload in scenario.workloads:
        rate_rps = np.zeros(len(regions))
        for stream, rate in zip(found, mean_rps, strict=True):
            if stream.workload == workload.name:
                rate_rps[regions.index(stream.region)] += rate
        if workload.turns is not None:
            rate_rps *= workload.turns.mean
        if (trace := traces.get(workload.name)) is not None and trace.sessions is not None:
            rate_rps *= trace.sessions.mean_calls
        for step in workload.steps:
            if isinstance(step, CacheStep) and workload.popularity is not None:
                popularity = workload.popularity
                is_exact = scenario.caches[step.cache].type == "exact"
                generates = [s.generate for s in workload.steps if isinstance(s, GenerateStep)]
                askers.append(
                    Asker(
                        workload.name,
                        step.cache,
                        popularity.exponent,
                        popularity.items,
                        popularity.phrasings if is_exact else 1,
                        tuple(map(float, rate_rps)),
                        tuple(
                            mean_success_rate(scenario, workload, generates[0], name) if generates else 1.0
                            for name in languages.names
                        ),
                        shares,
                    )
                )
    return askers


def _language_factors(scenario: Scenario, targets: Targets, languages: LanguageTable) -> NDArray[np.float64]:
    """Factors on success rates, float64[target, row of languages]; a service that answers by rules knows no language."""
    factors = np.ones((len(targets.records), len(languages.rows)))
    for model in scenario.model_list:
        by_number = [language_factor_of(scenario, model, name) for name in languages.names]
        factors[targets.target_of[model.model_name]] = np.array(by_number)[languages.rows["number"]]
    return factors


def _place(scenario: Scenario, targets: Targets, lanes: LaneList, languages: LanguageTable) -> Stations:
    """Put the stations on the map: who is near, and how long the way takes."""
    rtt_s = round_trips_s(scenario)
    region = targets.stations["region"]
    is_team = targets.is_team[targets.stations["target"]]
    one_way_s = np.ascontiguousarray(
        np.where(is_team, 0.0, rtt_s[:, region] / 2.0 + targets.stations["outside_s"])
    )
    lane = np.array(
        [[NONE if s <= 0.0 else lanes.way_out(float(s)) for s in row] for row in one_way_s], dtype=np.int64
    ).reshape(one_way_s.shape)
    if scenario.network.jitter is not None:
        leaves = np.arange(len(scenario.regions))[:, np.newaxis] != region
        lane[leaves & ~is_team] = JITTERED
    by_rank = nearest_stations(
        targets.stations["target"], region, rtt_s, allowed_ways(scenario), len(targets.records)
    )
    for name, team in scenario.teams.items():
        if isinstance(team.overflow, list):
            order = [list(scenario.regions).index(there) for there in team.overflow]
            by_rank[targets.target_of[name]] = in_order(by_rank[targets.target_of[name]], region, order)
    return Stations(
        targets.stations,
        targets.records,
        targets.limits,
        by_rank,
        one_way_s,
        lane,
        np.zeros(one_way_s.shape),
        targets.success_rate,
        _language_factors(scenario, targets, languages),
    )
