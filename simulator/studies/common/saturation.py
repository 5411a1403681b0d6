"""Where do actions get stuck? Strain of every target and region, and what is offered too much."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf, isfinite

import numpy as np

from simulator.mechanisms.codes import Station
from simulator.mechanisms.providers.limits_build import limits_in
from simulator.mechanisms.providers.shared_quotas import EVERYWHERE
from simulator.metrics.columns import AreaColumn, UsageColumn
from simulator.metrics.dimensions import Selection
from simulator.results.estimates import estimate
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.studies.common.quota_use import counted_per_minute, drawn_per_minute, words_for
from simulator.theory.estimate import Estimate

_REQUESTS = "requests per minute"
_WORK = "servers' worth of work"
_REPLICAS = "replicas' worth of work"
_PEOPLE = "people's worth of work"
_TURNED_AWAY = [UsageColumn.RATE_LIMITED, UsageColumn.SHED, UsageColumn.ABANDONED]


@dataclass(frozen=True)
class OfferedLoad:
    """What one limit of a station is offered, and what it lets through, both in the same unit."""

    station: Station
    offered: Estimate
    capacity: float
    unit: str  # e.g. tokens per minute

    @property
    def share(self) -> float:
        """Offered over capacity."""
        return self.offered.value / self.capacity if self.capacity > 0.0 else inf


@dataclass(frozen=True)
class Overload:
    """A target that is offered more than it can serve at the peak."""

    target: str  # or a quota that several share
    region: str
    offered: float
    capacity: float
    unit: str  # e.g. tokens per minute

    @property
    def excess(self) -> float:
        """Share by which the offer exceeds the capacity."""
        return self.offered / self.capacity - 1.0 if self.capacity > 0 else float("inf")

    @property
    def message(self) -> str:
        """One line for people."""
        offered = f"{self.target} in {self.region} is offered {self.offered:,.4g} {self.unit}"
        if self.capacity <= 0.0:
            return f"{offered} and has nothing to serve it with"
        return f"{offered}, {self.excess:.0%} more than its {self.capacity:,.4g}"


def strain_by_station(results: Sequence[RunResult]) -> dict[Station, float]:
    """By station, how much of all work it holds up; only the order matters.

    Attempts, times the share of them that are turned away plus the share of their time there that is waiting,
    over all attempts at all stations.
    """
    usage = np.sum([run.measured_usage.sum(axis=0) for run in results], axis=0)
    areas = np.sum([run.areas for run in results], axis=0)
    n_attempts = float(usage[:, UsageColumn.ATTEMPTS].sum())
    strains = {}
    for station_id, station in enumerate(results[0].stations):
        attempts = usage[station_id, UsageColumn.ATTEMPTS]
        in_system_s = areas[station_id, AreaColumn.IN_SYSTEM_S]
        away = usage[station_id, _TURNED_AWAY].sum() / attempts if attempts > 0 else 0.0
        is_pool = areas[station_id, AreaColumn.KV_CAPACITY_TOKEN_S] > 0.0
        served_s = areas[station_id, AreaColumn.SEQUENCE_S if is_pool else AreaColumn.BUSY_S]
        waiting_s = max(0.0, in_system_s - served_s)
        waiting = waiting_s / in_system_s if in_system_s > 0 else 0.0
        strains[station] = float((away + waiting) * attempts / max(1.0, n_attempts))
    return strains


def overloads(scenario: Scenario, results: Sequence[RunResult]) -> tuple[Overload, ...]:
    """Every limit that is surely offered more than it lets through, tries that were turned away included.

    Sure is what holds for the whole interval; a single run has none, and its value counts.
    """
    found = []
    for load in loads(scenario, results):
        surely = load.offered.low if isfinite(load.offered.low) else load.offered.value
        if surely > load.capacity:
            station = load.station
            found.append(
                Overload(station.target, station.region, load.offered.value, load.capacity, load.unit)
            )
    return tuple(found)


def loads(scenario: Scenario, results: Sequence[RunResult]) -> Iterator[OfferedLoad]:
    """What every limit of every station that was asked is offered, and what it lets through; of shared quotas, too."""
    yield from _shared_loads(scenario, results)
    models = {model.model_name: model for model in scenario.model_list}
    units = {"team": _PEOPLE, "model": _REPLICAS}
    for station in results[0].stations:
        attempts = _offered(results, "requests_per_minute", station)
        if attempts is None or attempts.value <= 0.0:
            continue
        if station.kind == "model" and models[station.target].pool is None:
            model = models[station.target]
            for key, per_minute, rule in limits_in(model, station.region):
                asked = counted_per_minute(scenario, model, rule, results, station.region, turned_away=True)
                yield from _load(station, asked, per_minute, words_for(model, key))
            continue
        if station.kind == "service" and (limit_rps := scenario.services[station.target].rate_limit):
            yield from _load(station, attempts, 60.0 * limit_rps, _REQUESTS)
        servers = float(np.mean([_servers(run, station) for run in results]))
        if servers > 0.0 or station.kind == "team":
            load = _offered(results, "offered_load_erlangs", station)
            yield from _load(station, load, servers, units.get(station.kind, _WORK))


def _shared_loads(scenario: Scenario, results: Sequence[RunResult]) -> Iterator[OfferedLoad]:
    for name, quota in scenario.quotas.items():
        for region in scenario.regions if quota.scope == "region" else [EVERYWHERE]:
            for key, per_minute, _ in limits_in(quota, region):
                drawn = drawn_per_minute(scenario, name, key, results, region, turned_away=True)
                if drawn.value > 0.0:
                    station = Station("quota", name, region)
                    yield from _load(station, drawn, per_minute, words_for(quota, key))


def _load(
    station: Station, offered: Estimate | None, capacity: float | None, unit: str
) -> Iterator[OfferedLoad]:
    if offered is not None and capacity is not None:
        yield OfferedLoad(station, offered, capacity, unit)


def _servers(run: RunResult, station: Station) -> float:
    """Servers on average over the measured span; 0 where they are unlimited."""
    return float(run.areas[run.stations.index(station), AreaColumn.SERVERS_S] / run.duration_s)


def _offered(results: Sequence[RunResult], indicator: str, station: Station) -> Estimate | None:
    return estimate(results, indicator, None, Selection(target=station.target, region=station.region))
