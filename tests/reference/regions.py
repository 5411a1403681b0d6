"""Which region serves an attempt: where data may go, who is near, what each policy prefers, what is seen as up."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.mechanisms.regions.catalog import azure_round_trips_s, locations
from simulator.mechanisms.regions.config import HealthCheck
from simulator.scenario.model import Route, Scenario
from tests.reference import draws
from tests.reference.action import Action, Waiting
from tests.reference.clock import Environment, Kind
from tests.reference.stations import Station

Place = tuple[str, str]  # a target or a cache, and a region


class Map:
    """The regions of a scenario: how far apart they are, and where data of their users may go."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario

    def round_trip_s(self, origin: str, destination: str) -> float:
        """By the scenario, in either direction, else by the catalog or the default."""
        network = self._scenario.network
        if origin == destination:
            return network.local
        said = network.rtt if isinstance(network.rtt, dict) else network.overrides or {}
        for one, other in ((origin, destination), (destination, origin)):
            if other in said.get(one, {}):
                return said[one][other]
        if isinstance(network.rtt, dict):
            return network.default
        here, there = (self._scenario.regions[region].location or region for region in (origin, destination))
        return network.local if here == there else azure_round_trips_s()[here, there]

    def zone(self, region: str) -> str | None:
        """Residency of a region."""
        place = self._scenario.regions[region]
        known = locations().get(place.location or region)
        return place.residency or (known.residency if known else None)

    def timezone(self, region: str) -> str:
        """Clock of a region."""
        place = self._scenario.regions[region]
        known = locations().get(place.location or region)
        return place.timezone or (known.timezone if known else "UTC")

    def may_go(self, origin: str, destination: str) -> bool:
        """Whether data of one region's users may be processed in another."""
        rule = self._scenario.data_residency.get(self.zone(origin) or "")
        return rule is None or self.zone(destination) in rule

    def from_near_to_far(self, origin: str) -> list[str]:
        """Regions where data of one's users may go."""
        allowed = [region for region in self._scenario.regions if self.may_go(origin, region)]
        return sorted(allowed, key=lambda there: (self.round_trip_s(origin, there), there != origin))


@dataclass
class Health:
    """What is seen as up, by those who ask the name service just now: every change of it, with its time."""

    changes: dict[Place, list[tuple[float, bool]]] = field(default_factory=dict)

    def note(self, place: Place, is_up: bool, now_s: float) -> None:
        """From now on."""
        self.changes.setdefault(place, []).append((now_s, is_up))

    def was_up(self, place: Place, at_s: float) -> bool:
        """Seen as up at a time."""
        states = [is_up for time_s, is_up in self.changes.get(place, []) if time_s <= at_s]
        return states[-1] if states else True


class RegionChoice:
    """Picks the station of a target for an attempt."""

    def __init__(self, env: Environment, scenario: Scenario, health: Health) -> None:
        self._env = env
        self._scenario = scenario
        self._health = health

    def pick(
        self, route: Route, stations: list[Station], action: Action, step_key: int, n_passed_over: int
    ) -> Station | None:
        """Of the stations of a target, nearest first, the one that the route's policy prefers; None: there is none."""
        if not stations:
            return None
        network = self._scenario.network
        policy = route.region_policy or network.region_policy or "nearest"
        if policy != "nearest":
            stations = [s for s in stations if self.sees_up(action, (s.target, s.region))] or stations
        stations = stations[min(n_passed_over, len(stations) - 1) :]
        if policy == "weighted":
            weights = route.region_weights or network.region_weights or {}
            return self._by_weight(stations, weights, action.key_of(step_key, draws.REGION))
        if policy == "least-loaded":
            return self._least_used(stations)
        if policy == "spill-over":
            limit = network.spill_over_at if route.spill_over_at is None else route.spill_over_at
            assert limit is not None
            below = [station for station in stations if station.used_share() < limit]
            return below[0] if below else self._least_used(stations)
        return stations[0]

    def sees_up(self, action: Action, place: Place) -> bool:
        """Whether the user of an action sees a station or region as up."""
        check = self._scenario.network.health_check
        if check is None:
            return True
        age_s = check.ttl * draws.uniform(draws.derive(action.key, draws.NAME_SERVICE))
        return self._health.was_up(place, self._env.now - age_s)

    def of_cache(self, action: Action, name: str) -> str:
        """Region whose instance of a cache serves an action: its own, or the nearest that its user sees as up."""
        if self._scenario.network.health_check is None or self._scenario.caches[name].scope != "region":
            return action.region
        for region in Map(self._scenario).from_near_to_far(action.region):
            if self.sees_up(action, (name, region)):
                return region
        return action.region

    @staticmethod
    def _least_used(stations: list[Station]) -> Station:
        best, *others = stations
        for station in others:
            if station.used_share() < best.used_share() - 1e-9:  # of equals the nearest
                best = station
        return best

    @staticmethod
    def _by_weight(stations: list[Station], weights: dict[str, float], key: int) -> Station:
        shares = [weights.get(station.region, 0.0) for station in stations]
        if not sum(shares) > 0.0:
            return stations[0]
        left = draws.uniform(key) * math.fsum(shares)
        for station, share in zip(stations, shares, strict=True):
            if left < share:
                return station
            left -= share
        return max(zip(shares, range(len(stations)), stations, strict=True))[2]


def watch(
    env: Environment, check: HealthCheck, health: Health, is_down: dict[Place, Callable[[], bool]]
) -> Waiting:
    """Check each place again and again; what is seen changes after enough results of the other kind in a row."""
    in_a_row = dict.fromkeys(is_down, 0)
    while True:
        yield env.timeout(check.interval, Kind.LOOK)
        for place, ask in is_down.items():
            is_up = health.was_up(place, env.now)
            differs = ask() == is_up
            in_a_row[place] = in_a_row[place] + 1 if differs else 0
            if in_a_row[place] == (check.failures if is_up else check.successes):
                health.note(place, not is_up, env.now)
                in_a_row[place] = 0


def choose_team(stations: list[Station], overflow_above: int) -> Station:
    """Who takes a hand-off: the first in order while it can, then anybody who is free, then where it goes on soonest."""
    home, *_ = stations
    if home.servers > 0 and (home.busy < home.servers or home.queued < overflow_above):
        return home
    on_shift = [station for station in stations if station.servers > 0]
    free = [station for station in on_shift if station.busy < station.servers and station.queued == 0]
    return (free or sorted(on_shift, key=lambda s: (s.queued + 1) / s.servers) or [home])[0]
