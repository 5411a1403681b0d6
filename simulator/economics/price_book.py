"""What does each thing cost that a scenario uses? Prices by name, looked up once and used for every run.

The book depends on neither seed nor window nor the capacity that planning sets, so one book serves a whole
search. A what-if on prices is another book (`dataclasses.replace`) over the same runs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulator.compiler.model_prices import paid_prices
from simulator.compiler.streams import Stream
from simulator.mechanisms.providers.config import Provisioned
from simulator.mechanisms.providers.prices import TokenPrices
from simulator.mechanisms.regions.config import Egress
from simulator.mechanisms.replicas.config import Pool
from simulator.scenario.asked_targets import targets_asked
from simulator.scenario.economics import Commitment
from simulator.scenario.model import Scenario
from simulator.scenario.telemetry import Telemetry


@dataclass(frozen=True)
class ServicePrices:
    """Prices of one service in US dollars."""

    call_usd: float  # per call
    replica_hour_usd: float  # per replica and hour


@dataclass(frozen=True)
class PoolPrices:
    """Prices of one self-hosted model in US dollars per replica (all its GPUs) and hour."""

    replica_hour_usd: float  # on demand
    reserved_hour_usd: float = 0.0  # of those that are reserved
    reserved: Mapping[str, int] = field(default_factory=dict)  # replicas by region
    spot_hour_usd: float = 0.0


@dataclass(frozen=True)
class HeldUnits:
    """Provisioned throughput of one hosted model."""

    unit_hour_usd: float
    tpm_per_unit: float
    output_weight: float  # input tokens that an output token counts as
    overflow: bool  # tokens beyond the units are billed; False: there are none
    units: Mapping[str, int]  # by region


@dataclass(frozen=True)
class PriceBook:
    """All prices of a scenario, by name."""

    models: Mapping[str, TokenPrices]  # by model_name
    pools: Mapping[str, PoolPrices]  # by model_name
    services: Mapping[str, ServicePrices]
    teams: Mapping[
        str, Mapping[str, float] | float
    ]  # US dollars per person and hour on shift, maybe by region
    platform_month_usd: float  # per month of 730 h
    egress: Egress | None = None  # price and sizes of what leaves its user's region
    telemetry: Telemetry | None = None  # what logs weigh and cost
    rework_usd: float = 0.0  # per action that ended without a right answer
    wrong_answer_usd: float = 0.0  # per action answered wrong
    held: Mapping[str, HeldUnits] = field(default_factory=dict)  # by model_name
    batch_workloads: frozenset[str] = frozenset()
    commitments: tuple[Commitment, ...] = ()
    askers: Mapping[str, frozenset[str]] = field(default_factory=dict)  # workloads that may ask a target

    def asks(self, streams: Sequence[Stream], targets: Iterable[str]) -> NDArray[np.bool_]:
        """Streams whose actions may ask one of these targets; all where none may. bool[stream]."""
        workloads = frozenset[str]().union(*(self.askers.get(target, ()) for target in targets))
        found = np.array([stream.workload in workloads for stream in streams], dtype=np.bool_)
        return found if found.any() else ~found

    def person_hour_usd(self, team: str, region: str) -> float:
        """Cost of a person of a team in a region per hour on shift."""
        by_region = self.teams[team]
        return by_region.get(region, 0.0) if isinstance(by_region, Mapping) else by_region


def price_book(scenario: Scenario) -> PriceBook:
    """Look up every price of a scenario.

    Raises
    ------
    UnknownPriceError
        If a model has no `prices` and genai-prices does not know it.
    """
    money = scenario.economics
    return PriceBook(
        models={
            model.model_name: paid_prices(scenario, model)
            for model in scenario.model_list
            if model.pool is None
        },
        pools={
            model.model_name: _pool_prices(model.pool, list(scenario.regions))
            for model in scenario.model_list
            if model.pool is not None
        },
        services={
            name: ServicePrices(service.cost, service.price) for name, service in scenario.services.items()
        },
        teams={name: team.cost for name, team in scenario.teams.items()},
        platform_month_usd=money.platform,
        telemetry=scenario.telemetry,
        rework_usd=money.rework,
        wrong_answer_usd=money.wrong_answer,
        held={
            model.model_name: _held_units(model.provisioned, list(scenario.regions))
            for model in scenario.model_list
            if model.provisioned is not None
        },
        batch_workloads=frozenset(
            workload.name for workload in scenario.workloads if workload.priority == "batch"
        ),
        commitments=tuple(money.commitments),
        askers=_askers(scenario),
        egress=scenario.network.egress,
    )


def _askers(scenario: Scenario) -> dict[str, frozenset[str]]:
    """Workloads that may ask each target that somebody may ask."""
    asked = {workload.name: targets_asked(scenario, workload) for workload in scenario.workloads}
    targets = frozenset[str]().union(*asked.values())
    return {
        target: frozenset(name for name, targets in asked.items() if target in targets) for target in targets
    }


def _held_units(held: Provisioned, regions: Sequence[str]) -> HeldUnits:
    units = {region: held.units_in(region) for region in regions}
    return HeldUnits(held.price, held.tpm_per_unit, held.output_weight, held.overflow, units)


def _pool_prices(pool: Pool, regions: Sequence[str]) -> PoolPrices:
    held, spot = pool.reserved, pool.spot
    return PoolPrices(
        replica_hour_usd=pool.price * pool.tensor_parallel,
        reserved_hour_usd=0.0 if held is None else held.price * pool.tensor_parallel,
        reserved={} if held is None else {region: held.replicas_in(region) for region in regions},
        spot_hour_usd=0.0 if spot is None else spot.price * pool.tensor_parallel,
    )
