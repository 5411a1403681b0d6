"""Where everything runs: the stations of a scenario, the way to them, and which is nearest."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from simulator.mechanisms.providers.config import Model
from simulator.mechanisms.providers.limit_rules import LimitRules
from simulator.mechanisms.providers.shared_quotas import SharedQuota
from simulator.mechanisms.queueing.config import Service
from simulator.mechanisms.replicas.catalog import load_profile
from simulator.mechanisms.review.config import Team
from simulator.scenario.model import ListedModel, Scenario
from tests.reference.clock import Environment
from tests.reference.draws import draw
from tests.reference.limits import CountedLimit, DividedLimit
from tests.reference.pools import PoolStation
from tests.reference.regions import Map
from tests.reference.stations import Cache, Station, TokenBucket

_Value = TypeVar("_Value")


def in_region(value: dict[str, _Value] | _Value | None, region: str) -> _Value | None:
    """What holds in a region, of what may be given per region or for all."""
    return value.get(region) if isinstance(value, dict) else value


@dataclass
class Deployment:
    """Stations by target and region, caches by name and region (None: one for all)."""

    scenario: Scenario
    targets: dict[str, Service | Model | Team]
    stations: dict[tuple[str, str], Station]
    caches: dict[tuple[str, str | None], Cache]
    map: Map
    quotas: dict[tuple[str, str], list[CountedLimit | DividedLimit]]  # by name, and region or nothing

    def one_way_s(self, region: str, station: Station) -> float:
        """Half the round trip; people are asked without a network."""
        is_team = isinstance(self.targets[station.target], Team)
        return 0.0 if is_team else self.map.round_trip_s(region, station.region) / 2.0

    def outside_s(self, station: Station) -> float:
        """One way between the network and the engine of a pool."""
        return station.outside_s if isinstance(station, PoolStation) else 0.0

    def jitter_s(self, region: str, station: Station, key: int) -> float:
        """What is added to one way between two regions."""
        jitter = self.scenario.network.jitter
        is_near = station.region == region or isinstance(self.targets[station.target], Team)
        return 0.0 if jitter is None or is_near else draw(jitter, key)

    def nearest(self, target: str, region: str) -> list[Station]:
        """Stations of a target where data of a region's users may go, nearest first."""
        places = self.map.from_near_to_far(region)
        return [self.stations[target, there] for there in places if (target, there) in self.stations]

    def people(self, team: str, region: str) -> list[Station]:
        """Stations of a team in the order in which a hand-off asks them."""
        overflow = self.scenario.teams[team].overflow
        found = self.nearest(team, region)
        if not isinstance(overflow, list):
            return found if overflow else found[:1]
        others = {station.region: station for station in found[1:]}
        return [*found[:1], *(others[there] for there in overflow if there in others)]

    def cache(self, name: str, region: str) -> Cache:
        """The instance that serves a region."""
        is_regional = self.scenario.caches[name].scope == "region"
        return self.caches[name, region if is_regional else None]


def deploy(env: Environment, scenario: Scenario) -> Deployment:
    """Put every target of a scenario where it runs."""
    models = {model.model_name: model for model in scenario.model_list}
    stations = {}
    quotas: dict[tuple[str, str], list[CountedLimit | DividedLimit]] = {}
    for name, quota in scenario.quotas.items():
        for where in scenario.regions if quota.scope == "region" else [""]:
            quotas[name, where] = _divided(quota, where)
    for region in scenario.regions:
        for name, service in scenario.services.items():
            replicas = in_region(service.replicas, region)
            if replicas is not None and (service.regions is None or region in service.regions):
                stations[name, region] = _service_station(env, name, service, region, replicas)
        for name, model in models.items():
            is_here = model.pool is None or in_region(model.pool.replicas, region) is not None
            if is_here and (model.regions is None or region in model.regions):
                shared = [
                    limit
                    for (other, where), limits in quotas.items()
                    if name in scenario.quotas[other].models and where in ("", region)
                    for limit in limits
                ]
                stations[name, region] = _model_station(env, name, model, region, shared)
        for name, team in scenario.teams.items():
            if in_region(team.staff, region) is not None:
                stations[name, region] = Station(env, name, region, servers=0)  # nobody has come yet
    caches = {}
    for name, cache in scenario.caches.items():
        if cache.type != "measured":
            assert cache.start == "cold", "the reference has no past"
            assert cache.size is not None
            for where in scenario.regions if cache.scope == "region" else [None]:
                caches[name, where] = Cache(cache.size, math.inf if cache.ttl is None else cache.ttl)
    targets = {**scenario.services, **models, **scenario.teams}
    return Deployment(scenario, targets, stations, caches, Map(scenario), quotas)


def _service_station(env: Environment, name: str, service: Service, region: str, replicas: int) -> Station:
    servers = math.inf if replicas > 0 else 0.0
    if service.max_ongoing_requests is not None:
        servers = replicas * service.max_ongoing_requests
    bucket = None
    if service.rate_limit is not None:
        a_minute = max(1.0, service.rate_limit * 60.0)
        bucket = TokenBucket(service.rate_limit, a_minute if service.burst is None else service.burst)
    longest = math.inf if service.max_queued_requests is None else service.max_queued_requests
    return Station(
        env,
        name,
        region,
        servers=servers,
        longest_queue=longest,
        longest_for_batch=math.inf
        if longest == math.inf
        else math.floor(longest * service.batch_queue_share),
        longest_wait_s=math.inf if service.max_queue_wait is None else service.max_queue_wait,
        requests=bucket,
    )


def _model_station(
    env: Environment,
    name: str,
    model: ListedModel,
    region: str,
    shared: list[CountedLimit | DividedLimit],
) -> Station:
    if model.pool is not None:
        profile = load_profile(model.pool, Path())
        replicas = in_region(model.pool.replicas, region) or 0
        longest = math.inf if model.pool.max_queued_requests is None else model.pool.max_queued_requests
        if replicas == 0 and model.pool.autoscaling is None:
            longest = 0  # nobody will ever serve who waits
        parallel = in_region(model.max_parallel_requests, region)
        return PoolStation(
            env,
            name,
            region,
            model.pool,
            profile,
            replicas,
            longest_queue=longest,
            most_parallel=math.inf if parallel is None else parallel,
        )
    apart = model.limit_rules is not None or model.input_tpm is not None or model.output_tpm is not None
    rpm = None if apart else in_region(model.rpm, region)
    tpm = None if apart else in_region(model.tpm, region)
    parallel = in_region(model.max_parallel_requests, region)
    return Station(
        env,
        name,
        region,
        most_parallel=math.inf if parallel is None else parallel,
        requests=None if rpm is None else TokenBucket(rpm / 60.0, rpm),
        tokens=None if tpm is None else TokenBucket(tpm / 60.0, tpm),
        limits=_limits(model, region) if apart else (),
        shared=shared,
        cached_share=model.prices.cached_share if model.prices is not None else 0.0,
    )


_PLAIN = {  # where nothing else is said: a minute deep, charged at the start
    "rpm": {},
    "tpm": {"at_start": {"input": 1, "cached_input": 1, "output": 1}},
    "input_tpm": {"at_start": {"input": 1, "cached_input": 1}},
    "output_tpm": {"at_start": {"output": 1}},
}


def _limits(limited: ListedModel | SharedQuota, region: str, share: float = 1.0) -> list[CountedLimit]:
    rules = LimitRules() if limited.limit_rules is None else limited.limit_rules
    found = []
    for key, plain in _PLAIN.items():
        per_minute = in_region(getattr(limited, key), region)
        if per_minute is not None:
            rule = getattr(rules, key) or getattr(LimitRules.model_validate({key: plain}), key)
            found.append(CountedLimit(share * per_minute, rule))
    return found


def _divided(quota: SharedQuota, where: str) -> list[CountedLimit | DividedLimit]:
    wholes = _limits(quota, where)
    if not quota.reserved:
        return list(wholes)
    shares = {**quota.reserved, "": 1.0 - sum(quota.reserved.values())}
    parts = {name: _limits(quota, where, share) for name, share in shares.items()}
    return [
        DividedLimit(whole, quota.borrow_below, {name: of_name[place] for name, of_name in parts.items()})
        for place, whole in enumerate(wholes)
    ]
