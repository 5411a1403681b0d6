"""Which target a route asks first, strategy by strategy."""

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from simulator.mechanisms.providers.config import Model
from simulator.mechanisms.traffic.config import Workload
from simulator.scenario.model import ListedModel, Route
from tests.reference.deployment import Deployment
from tests.reference.draws import derive, draw_index, uniform
from tests.reference.limits import Size
from tests.reference.stations import Station

_UNLIMITED = (
    2**60
)  # what no limit counts as: of targets that use nothing of theirs, the less busy one is chosen


class Asking(Protocol):
    """What a strategy may know about a request."""

    region: str
    complexity: str
    tier: int  # of a cascade
    sent_tokens: int
    output_tokens: int
    tenant: str

    @property
    def workload(self) -> Workload:
        """Who asks."""


def size_of(asking: Asking) -> Size:
    """What a request takes of a model, as far as its limits ask."""
    most = asking.workload.max_tokens
    most = math.inf if most is None else most
    return Size(asking.sent_tokens, asking.output_tokens, most, (asking.tenant, asking.workload.name))


def choose(
    route: Route, deployment: Deployment, stations: Sequence[Station | None], asking: Asking, key: int
) -> int | None:
    """Number of the choice of an attempt at the first level of a route; of equally good ones the first; None: none is open.

    Parameters
    ----------
    stations : of each choice, the one that would serve; None: it is closed
    """
    names = chosen(route)
    strategy = route.routing_strategy
    if isinstance(route.choose, dict):
        place = place_of_class(route, asking.complexity)
        return None if stations[place] is None else place
    if strategy == "cascade":
        return next((tier for tier in range(asking.tier, len(names)) if stations[tier] is not None), None)
    open_ones = [number for number, station in enumerate(stations) if station is not None]
    if len(open_ones) < 2:
        return open_ones[0] if open_ones else None
    if strategy == "simple-shuffle":
        return _shuffled(names, deployment, open_ones, key)
    if strategy == "power-of-two":
        first, second = (open_ones[int(uniform(derive(key, number)) * len(open_ones))] for number in (1, 2))
        return second if _in_system(stations[second]) < _in_system(stations[first]) else first
    return min(open_ones, key=lambda number: _rank(strategy, deployment, stations[number], asking))


def chosen(route: Route) -> list[str]:
    """Targets of a route, by number."""
    return list(route.choose.values()) if isinstance(route.choose, dict) else list(route.choose)


def place_of_class(route: Route, complexity: str) -> int:
    """Number of the choice for a class; the first for one that is not named."""
    return list(route.choose).index(complexity) if complexity in route.choose else 0


def _in_system(station: Station | None) -> int:
    assert station is not None
    return station.in_system


def _rank(
    strategy: str, deployment: Deployment, station: Station | None, asking: Asking
) -> tuple[float, ...]:
    assert station is not None
    if strategy == "least-busy":
        return (station.in_system,)
    if strategy == "usage-based-routing":
        return (max(station.used_share(), station.in_system / _UNLIMITED),)
    if strategy == "latency-based-routing":
        return (-1.0 if station.latency_s is None else station.latency_s,)
    return _cost_rank(deployment, station, asking)


def _shuffled(names: list[str], deployment: Deployment, open_ones: list[int], key: int) -> int:
    targets = [deployment.targets[name] for name in names]
    weights = [target.weight if isinstance(target, Model) else 1.0 for target in targets]
    left = [weights[number] for number in open_ones]
    return open_ones[draw_index(np.cumsum(left) / sum(left), key)]


def _cost_rank(deployment: Deployment, station: Station, asking: Asking) -> tuple[float, ...]:
    """Those that would not answer 429 first, by the price of this request."""
    model = deployment.targets[station.target]
    usd = 0.0  # services and pools are not priced by the token
    if isinstance(model, ListedModel) and model.pool is None:
        assert model.prices is not None, "the reference has no price catalog"
        assert model.prices.input is not None
        cached_usd = model.prices.input if model.prices.cached_input is None else model.prices.cached_input
        cached = model.prices.cached_share
        input_usd = (1.0 - cached) * model.prices.input + cached * cached_usd
        usd = asking.sent_tokens * input_usd + asking.output_tokens * model.prices.output
    return (not station.would_admit(size_of(asking)), usd)
