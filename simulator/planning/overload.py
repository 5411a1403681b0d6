"""Where do actions get stuck? Strain of every target and region, and what is offered too much."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.kernel.columns import AreaColumn, UsageColumn
from simulator.mechanisms.providers.config import Model
from simulator.results.metrics import estimate
from simulator.results.run_result import RunResult, Selection, Station
from simulator.scenario.model import Scenario

_TURNED_AWAY = [UsageColumn.RATE_LIMITED, UsageColumn.SHED, UsageColumn.ABANDONED]


@dataclass(frozen=True)
class Overload:
    """A target that is offered more than it can serve at the peak."""

    target: str
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
        waiting_s = in_system_s - areas[station_id, AreaColumn.BUSY_S]
        waiting = waiting_s / in_system_s if in_system_s > 0 else 0.0
        strains[station] = float((away + waiting) * attempts / max(1.0, n_attempts))
    return strains


def overloads(scenario: Scenario, results: Sequence[RunResult]) -> tuple[Overload, ...]:
    """Every limit that is offered more than it lets through, tries that were turned away included."""
    found = []
    models = {model.model_name: model for model in scenario.model_list}
    for station in results[0].stations:
        here = Selection(target=station.target, region=station.region)
        attempts = _value(results, "requests_per_minute", here)
        if attempts <= 0.0:
            continue
        if station.kind == "model":
            found += _of_quota(models[station.target], station, results, attempts)
            continue
        limit = scenario.services[station.target].rate_limit if station.kind == "service" else None
        if limit is not None:
            found.append(
                Overload(station.target, station.region, attempts, 60.0 * limit, "requests per minute")
            )
        servers = float(np.mean([_servers(run, station) for run in results]))
        load = _value(results, "offered_load_erlangs", here)
        if servers > 0.0 or station.kind == "team":
            unit = "people's worth of work" if station.kind == "team" else "servers' worth of work"
            found.append(Overload(station.target, station.region, load, servers, unit))
    return tuple(overload for overload in found if overload.offered > overload.capacity)


def _of_quota(
    model: Model, station: Station, results: Sequence[RunResult], attempts_per_minute: float
) -> list[Overload]:
    """Requests and tokens per minute of one deployment beside its limits, where it has them."""
    found = []
    rpm, tpm = _limit(model.rpm, station.region), _limit(model.tpm, station.region)
    if rpm is not None:
        found.append(
            Overload(station.target, station.region, attempts_per_minute, rpm, "requests per minute")
        )
    if tpm is not None:
        here = Selection(target=station.target, region=station.region)
        billed = sum(_value(results, f"{kind}_tokens_per_minute", here) for kind in ("input", "output"))
        admitted = 1.0 - _value(results, "rate_limited_rate", here)
        offered = billed / admitted if admitted > 0 else float("inf")
        found.append(Overload(station.target, station.region, offered, tpm, "tokens per minute"))
    return found


def _limit(value: dict[str, int] | dict[str, float] | float | None, region: str) -> float | None:
    return value.get(region) if isinstance(value, dict) else value


def _servers(run: RunResult, station: Station) -> float:
    """Servers on average over the measured span; 0 where they are unlimited."""
    return float(run.areas[run.stations.index(station), AreaColumn.SERVERS_S] / run.duration_s)


def _value(results: Sequence[RunResult], indicator: str, selection: Selection) -> float:
    found = estimate(results, indicator, None, selection)
    return 0.0 if found is None else found.value
