"""Services, models, teams and routes of a scenario as numbered targets, stations and routes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf, isfinite
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.compiler.lanes import LaneList
from simulator.compiler.model_prices import paid_prices
from simulator.kernel.codes import Event
from simulator.mechanisms.codes import Station, TargetKind
from simulator.mechanisms.distribution_means import mean_of
from simulator.mechanisms.distribution_table import DistributionTable
from simulator.mechanisms.providers.build import build_model
from simulator.mechanisms.providers.config import Model
from simulator.mechanisms.providers.limits_build import limit_in
from simulator.mechanisms.providers.shared_build import SharedLimits
from simulator.mechanisms.queueing.build import build_service
from simulator.mechanisms.regions.config import RegionPolicy
from simulator.mechanisms.replicas.build import PoolList, build_pool
from simulator.mechanisms.replicas.catalog import load_profile
from simulator.mechanisms.review.build import build_team
from simulator.mechanisms.routes.build import RouteList
from simulator.mechanisms.routes.protection_build import PolicyList
from simulator.mechanisms.routes.protection_table import Guarding
from simulator.mechanisms.routes.table import Routing
from simulator.mechanisms.targets import TargetList
from simulator.mechanisms.traffic.table import MAX_CLASSES
from simulator.scenario.model import Route, Scenario
from simulator.scenario.quality import complexity_classes, success_rate_of

_PER_MILLION = 1e-6


@dataclass(frozen=True, eq=False)
class Targets:
    """Everything that serves attempts, by number and by name."""

    stations: NDArray[np.void]  # [station] STATION
    records: NDArray[np.void]  # [target] TARGET
    limits: NDArray[np.void]  # [limit] LIMIT
    success_rate: NDArray[np.float64]  # [target, class]
    routing: Routing
    guarding: Guarding  # as it is at the start of a run
    station_names: tuple[Station, ...]
    target_of: Mapping[str, int]
    route_of: Mapping[str, int]
    pools: PoolList
    shared: SharedLimits
    region_policies: tuple[RegionPolicy, ...]  # [route]

    @property
    def is_team(self) -> NDArray[np.bool_]:
        """Which targets are people, bool[target]."""
        is_team: NDArray[np.bool_] = self.records["kind"] == TargetKind.TEAM
        return is_team


def build_targets(
    scenario: Scenario,
    base_dir: Path,
    table: DistributionTable,
    lanes: LaneList,
    n_units: int,
    askers: Sequence[tuple[str, str]],
) -> Targets:
    """Number the targets of a scenario and the routes to them.

    Parameters
    ----------
    base_dir : folder of the profiles of pools
    n_units : different parts that prompts of traces have in common
    askers : workload and tenant of each stream
    """
    regions = list(scenario.regions)
    targets = TargetList()
    shared = SharedLimits(scenario.quotas, askers, targets)
    pools = PoolList(n_units)
    target_of: dict[str, int] = {}
    power_w: dict[str, float] = {}  # of a replica, where it is known
    for name, service in scenario.services.items():
        target_of[name] = build_service(
            service, regions, table, partial(lanes.lane_of, event=Event.SERVED), targets
        )
    for model in scenario.model_list:
        if model.pool is not None:
            profile = load_profile(model.pool, base_dir)
            if isfinite(profile.gpu_power_w):
                power_w[model.model_name] = profile.gpu_power_w * model.pool.tensor_parallel
            target_of[model.model_name] = build_pool(
                model.pool,
                profile,
                regions,
                model.regions,
                model.error_rate,
                _parallel_limits(model, regions),
                lanes.lane_of(0.0, Event.ANSWERED),
                targets,
                pools,
            )
            continue
        prices = paid_prices(scenario, model)
        usd = (prices.mean_input_usd_per_mtok * _PER_MILLION, prices.output_usd_per_mtok * _PER_MILLION)
        target_of[model.model_name] = build_model(
            model, regions, usd, prices.long_above, table, targets, shared
        )
    for name, team in scenario.teams.items():
        target_of[name] = build_team(team, regions, table, targets)
    stations, records = targets.arrays()
    for model in scenario.model_list:
        record = records[target_of[model.model_name]]
        record["grounded_right"], record["grounded_wrong"] = model.grounded.right, model.grounded.wrong
    names = list(target_of)
    kinds = [TargetKind(int(kind)).name.lower() for kind in records["kind"]]
    patience_of = {name: service.patience for name, service in scenario.services.items()}
    patience_of |= {name: team.patience for name, team in scenario.teams.items()}
    patience_s = {name: mean_of(patience) for name, patience in patience_of.items() if patience is not None}
    station_names = tuple(
        Station(
            kinds[s.target],
            names[s.target],
            regions[s.region],
            power_w.get(names[s.target], 0.0),
            patience_s.get(names[s.target], inf),
        )
        for s in stations
    )
    policies = PolicyList(len(regions))
    routing, route_of = _routes(scenario, target_of, lanes, policies)
    success_rate = _success_rates(scenario, target_of)
    region_policies = tuple(scenario.routes.get(name, RegionPolicy()) for name in route_of)
    return Targets(
        stations,
        records,
        targets.limit_array(),
        success_rate,
        routing,
        policies.table(len(stations)),
        station_names,
        target_of,
        route_of,
        pools,
        shared,
        region_policies,
    )


def _parallel_limits(model: Model, regions: Sequence[str]) -> dict[str, int]:
    """Requests in parallel that a self-hosted model takes, by region, where there is a limit."""
    limits = {region: limit_in(model.max_parallel_requests, region) for region in regions}
    return {region: int(limit) for region, limit in limits.items() if limit is not None}


def _routes(
    scenario: Scenario,
    target_of: Mapping[str, int],
    lanes: LaneList,
    policies: PolicyList,
) -> tuple[Routing, dict[str, int]]:
    """Routes by name; a step that names a target gets a plain route to it, one try and no time-out."""
    models = {model.model_name: model for model in scenario.model_list}
    routes = RouteList()
    route_of: dict[str, int] = {}
    plain = {name: Route(choose=[name]) for name in [*scenario.services, *models]}
    for name, route in (plain | dict(scenario.routes)).items():
        chosen = _in_order(route, scenario)
        weights = [models[target].weight if target in models else 1.0 for target in chosen]
        choices = [(target_of[target], weight) for target, weight in zip(chosen, weights, strict=True)]
        is_generate = any(target in models for target in chosen)
        policy = policies.add(route)
        route_of[name] = routes.add(
            route,
            is_generate,
            choices,
            target_of,
            partial(lanes.lane_of, event=Event.RETRY),
            partial(lanes.lane_of, event=Event.TRY_TIMEOUT),
            policy,
        )
    return routes.table(), route_of


def _in_order(route: Route, scenario: Scenario) -> list[str]:
    """Targets a route chooses from; for the strategy `complexity` one for each class, the first for unnamed ones."""
    if not isinstance(route.choose, dict):
        return list(route.choose)
    first = next(iter(route.choose.values()))
    return [route.choose.get(name, first) for name in complexity_classes(scenario)]


def _success_rates(scenario: Scenario, target_of: Mapping[str, int]) -> NDArray[np.float64]:
    """Share of right answers, float64[target, class]; 1 where it does not apply."""
    rates = np.ones((max(1, len(target_of)), MAX_CLASSES))
    for model in scenario.model_list:
        for place, name in enumerate(complexity_classes(scenario)):
            rates[target_of[model.model_name], place] = success_rate_of(model, name)
    for service_name, service in scenario.services.items():
        for place, name in enumerate(complexity_classes(scenario)):
            by_class = service.success_rate
            rate = by_class.get(name, 1.0) if isinstance(by_class, dict) else by_class
            rates[target_of[service_name], place] = 1.0 if rate is None else rate
    return rates
