"""Where the regions of a scenario are, what is spoken and runs there: what it says itself, else what the catalog knows."""

from collections.abc import Container
from datetime import date, timedelta

from simulator.mechanisms.local_time import LocalClock
from simulator.mechanisms.regions.catalog import Location, azure_round_trips_s, locations
from simulator.mechanisms.regions.config import Network, RoundTrips
from simulator.mechanisms.regions.holidays import public_holidays
from simulator.scenario.calendar import stage_length_s
from simulator.scenario.model import Scenario


def location_of(scenario: Scenario, region: str) -> Location | None:
    """Region of a cloud that a region stands for: its `location`, or the one of the same name; None: not known."""
    return locations().get(scenario.regions[region].location or region)


def timezone_of(scenario: Scenario, region: str) -> str:
    """IANA name of a region's time zone."""
    place = location_of(scenario, region)
    return scenario.regions[region].timezone or (place.timezone if place is not None else "UTC")


def clock_of(scenario: Scenario, region: str) -> LocalClock:
    """A region's clock, with the holidays of the years of the scenario."""
    return LocalClock(timezone_of(scenario, region), _holidays_of(scenario, region))


def _holidays_of(scenario: Scenario, region: str) -> frozenset[date]:
    named = scenario.regions[region].holidays
    if named is None:
        return frozenset()
    if not isinstance(named, str):
        return frozenset(named)
    length_s = sum(stage_length_s(scenario, stage) for stage in scenario.stages)
    last_year = (scenario.start + timedelta(seconds=length_s)).year
    return public_holidays(named, scenario.start.year - 1, last_year + 1)


def residency_of(scenario: Scenario, region: str) -> str | None:
    """Zone in which data stays that a region processes; None: not known."""
    place = location_of(scenario, region)
    return scenario.regions[region].residency or (place.residency if place is not None else None)


def languages_of(scenario: Scenario) -> list[str]:
    """Languages that are spoken in some region, in the order in which regions name them."""
    spoken = [region.languages or {} for region in scenario.regions.values()]
    return list(dict.fromkeys(name for shares in spoken for name, share in shares.items() if share > 0.0))


def may_go(scenario: Scenario, origin: str, destination: str) -> bool:
    """Whether data of a region's users may be processed in another: a zone under a rule goes to no unknown one."""
    zone = residency_of(scenario, origin)
    if zone is None or zone not in scenario.data_residency:
        return True
    return residency_of(scenario, destination) in scenario.data_residency[zone]


def round_trip_s(scenario: Scenario, origin: str, destination: str) -> float | None:
    """Round trip in seconds; a pair named in one direction only holds for both. None: the catalog has none."""
    network = scenario.network
    if origin == destination:
        return network.local
    said = _said_s(_said(network), origin, destination)
    if said is not None:
        return said
    if network.rtt != "azure":
        return network.default
    here, there = location_of(scenario, origin), location_of(scenario, destination)
    if here is None or there is None:
        return None
    return network.local if here == there else azure_round_trips_s().get((here.name, there.name))


def _said(network: Network) -> RoundTrips:
    return (network.overrides or {}) if network.rtt == "azure" else network.rtt


def _said_s(said: RoundTrips, origin: str, destination: str) -> float | None:
    there = said.get(origin, {}).get(destination)
    return said.get(destination, {}).get(origin) if there is None else there


def regions_of(scenario: Scenario, target: str) -> list[str]:
    """Regions in which a service, a model or a team is, in the scenario's order."""
    allowed: Container[str] = scenario.regions
    amounts: object = None
    if target in scenario.teams:
        amounts = scenario.teams[target].staff
    elif target in scenario.services:
        service = scenario.services[target]
        allowed, amounts = service.regions or allowed, service.replicas
    else:
        model = next(model for model in scenario.model_list if model.model_name == target)
        allowed, amounts = model.regions or allowed, None if model.pool is None else model.pool.replicas
    return [
        region
        for region in scenario.regions
        if region in allowed and (not isinstance(amounts, dict) or region in amounts)
    ]
