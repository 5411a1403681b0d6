"""From incidents to effects: names become numbers of stations, streams and tables."""

from collections.abc import Callable, Iterator
from typing import Any

from simulator.compiler.blueprint import Blueprint
from simulator.mechanisms.incidents.codes import Aspect, Effect
from simulator.mechanisms.incidents.config import (
    BadRelease,
    BrokenContract,
    CacheFlush,
    Drift,
    ErrorBurst,
    Incident,
    IncidentBase,
    NetworkTrouble,
    Outage,
    QuotaCut,
    RateLimitStorm,
    ReplicaLoss,
    Slowdown,
    StaffShortage,
    Surge,
)
from simulator.mechanisms.queueing.build import replicas_in
from simulator.mechanisms.replicas.sizes import replicas_of


def effects_of(incident: Incident, blueprint: Blueprint) -> tuple[Effect, ...]:
    """Everything that an incident changes while it lasts.

    A drift changes more from day to day: its effects are those of one week. Replicas that crash by themselves
    (`mtbf`) are not in it, see `lone_replicas`.
    """
    return tuple(_EFFECTS[type(incident)](incident, blueprint))


def stations_of(blueprint: Blueprint, target: str | None, region: str | None) -> list[int]:
    """Stations of a target, or of all services and models; in a region, or in all. People are left out if unnamed."""
    return [
        station_id
        for station_id, station in enumerate(blueprint.targets.station_names)
        if region in (None, station.region)
        and (station.target == target if target is not None else station.kind != "team")
    ]


def lone_replicas(incident: ReplicaLoss, blueprint: Blueprint) -> Iterator[tuple[str, int, Effect]]:
    """Region, number and effect of every replica that may crash by itself."""
    for station in stations_of(blueprint, incident.target, incident.region):
        region = blueprint.targets.station_names[station].region
        for number in range(_most_replicas(blueprint, station)):
            yield region, number, Effect(Aspect.LOST_REPLICA, (station, number), 1.0)


def _most_replicas(blueprint: Blueprint, station: int) -> int:
    """Replicas that a service or pool has in a region, or may have; 0 of a hosted model."""
    scenario, name = blueprint.scenario, blueprint.targets.station_names[station]
    if name.kind == "service":
        service = scenario.services[name.target]
        if service.autoscaling is not None:
            return service.autoscaling.max_replicas
        return replicas_in(service, name.region) or 0
    model = next(model for model in scenario.model_list if model.model_name == name.target)
    if model.pool is None:
        return 0
    if model.pool.autoscaling is not None:
        return model.pool.autoscaling.max_replicas
    return replicas_of(model.pool, model.regions, name.region) or 0


def _outage(incident: Outage, blueprint: Blueprint) -> Iterator[Effect]:
    if incident.zone is not None:
        yield from _zone_outage(incident, blueprint)
        return
    is_cache = incident.target is not None and incident.target not in blueprint.targets.target_of
    if not is_cache:
        for station in stations_of(blueprint, incident.target, incident.region):
            yield Effect(Aspect.DOWN, (station,), 1.0)
    for instance in (
        _instances(blueprint, incident.target, incident.region) if is_cache or not incident.target else ()
    ):
        yield Effect(Aspect.CACHE_DOWN, (instance,), 1.0)


def _zone_outage(incident: Outage, blueprint: Blueprint) -> Iterator[Effect]:
    """Replicas are spread over the zones in turn: the first in zone 1, the second in zone 2, …."""
    assert incident.region is not None
    assert incident.zone is not None
    n_zones = blueprint.scenario.regions[incident.region].zones
    for station in stations_of(blueprint, None, incident.region):
        for number in range(incident.zone - 1, _most_replicas(blueprint, station), n_zones):
            yield Effect(Aspect.LOST_REPLICA, (station, number), 1.0)


def _instances(blueprint: Blueprint, name: str | None, region: str | None) -> Iterator[int]:
    """Instances of a cache, or of all; where a region is named only those that stand there, not one for all regions."""
    regions = list(blueprint.scenario.regions)
    for cache, config in blueprint.scenario.caches.items():
        if name not in (None, cache):
            continue
        first = blueprint.cache_instances[cache]
        if config.scope == "region":
            yield from (first + place for place, other in enumerate(regions) if region in (None, other))
        elif region is None:
            yield first


def _at_stations(aspect: Aspect, key: str) -> Callable[[Any, Blueprint], Iterator[Effect]]:
    """Effects of an incident that changes one number of its target's stations, by the key that holds it."""

    def effects(incident: Any, blueprint: Blueprint) -> Iterator[Effect]:
        for station in stations_of(blueprint, incident.target, incident.region):
            yield Effect(aspect, (station,), float(getattr(incident, key)))

    return effects


def _network(incident: NetworkTrouble, blueprint: Blueprint) -> Iterator[Effect]:
    for region_id, region in enumerate(blueprint.scenario.regions):
        for station_id, station in enumerate(blueprint.targets.station_names):
            ends = {region, station.region}
            is_between = len(ends) == 2 and incident.region in ends and incident.to in (None, *ends)
            if station.kind == "team" or not is_between:
                continue
            way = (region_id, station_id)
            if incident.factor != 1.0:
                yield Effect(Aspect.WAY_FACTOR, way, incident.factor)
            if incident.extra > 0.0:
                yield Effect(Aspect.WAY_EXTRA, way, incident.extra / 2.0)
            if incident.loss > 0.0:
                yield Effect(Aspect.WAY_LOSS, way, incident.loss)


def _flush(incident: CacheFlush, blueprint: Blueprint) -> Iterator[Effect]:
    for instance in _instances(blueprint, incident.target, incident.region):
        yield Effect(Aspect.FLUSH, (instance,), 1.0)


def _surge(incident: Surge, blueprint: Blueprint) -> Iterator[Effect]:
    for stream_id, stream in enumerate(blueprint.streams):
        is_asked = incident.region in (None, stream.region) and incident.workload in (None, stream.workload)
        if is_asked and incident.tenant in (None, stream.tenant):
            yield Effect(Aspect.DEMAND, (stream_id,), incident.factor)


def _release(incident: BadRelease, blueprint: Blueprint) -> Iterator[Effect]:
    yield from _success(incident, incident.success_rate, blueprint)
    if incident.workload is not None:
        if incident.output_tokens != 0.0:
            place = (_workload(blueprint, incident.workload),)
            yield Effect(Aspect.OUTPUT, place, 1.0 + incident.output_tokens)
        return
    for station in stations_of(blueprint, incident.target, None):
        if incident.error_rate > 0.0:
            yield Effect(Aspect.ERROR, (station,), incident.error_rate)
        if incident.ttft != 0.0:
            yield Effect(Aspect.TTFT, (station,), 1.0 + incident.ttft)


def _drift(incident: Drift, blueprint: Blueprint) -> Iterator[Effect]:
    yield from _success(incident, incident.success_per_week, blueprint)


def _success(incident: BadRelease | Drift, change: float, blueprint: Blueprint) -> Iterator[Effect]:
    if change != 0.0 and incident.workload is not None:
        yield Effect(Aspect.SUCCESS_OF_WORKLOAD, (_workload(blueprint, incident.workload),), change)
    elif change != 0.0 and incident.target is not None:
        yield Effect(Aspect.SUCCESS_OF_TARGET, (blueprint.targets.target_of[incident.target],), change)


def _contract(incident: BrokenContract, blueprint: Blueprint) -> Iterator[Effect]:
    yield Effect(Aspect.REJECT, (_workload(blueprint, incident.workload),), incident.reject)


def _workload(blueprint: Blueprint, name: str) -> int:
    return [workload.name for workload in blueprint.scenario.workloads].index(name)


def _replica_loss(incident: ReplicaLoss, blueprint: Blueprint) -> Iterator[Effect]:
    for station in stations_of(blueprint, incident.target, incident.region):
        yield Effect(Aspect.LOST, (station,), float(incident.replicas))


_EFFECTS: dict[type[IncidentBase], Callable[[Any, Blueprint], Iterator[Effect]]] = {
    Outage: _outage,
    Slowdown: _at_stations(Aspect.SLOWNESS, "factor"),
    ErrorBurst: _at_stations(Aspect.ERROR, "share"),
    RateLimitStorm: _at_stations(Aspect.REFUSED, "share"),
    QuotaCut: _at_stations(Aspect.QUOTA, "factor"),
    ReplicaLoss: _replica_loss,
    NetworkTrouble: _network,
    CacheFlush: _flush,
    Surge: _surge,
    StaffShortage: _at_stations(Aspect.SHORTAGE, "share"),
    BadRelease: _release,
    BrokenContract: _contract,
    Drift: _drift,
}
