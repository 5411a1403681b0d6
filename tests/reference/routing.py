"""Which target a route asks first, strategy by strategy."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from simulator.mechanisms.providers.config import Model
from simulator.scenario.model import Route
from tests.reference.deployment import Deployment
from tests.reference.draws import derive, draw_index, uniform
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


def choose(
    route: Route,
    deployment: Deployment,
    asking: Asking,
    n_passed_over: int,
    key: int,
    is_held: Callable[[str], bool] = lambda _: False,
) -> str | None:
    """Target of an attempt at the first level of a route; of equally good ones the first; None: all are held back."""
    if isinstance(route.choose, dict):
        return None if is_held(route.choose[asking.complexity]) else route.choose[asking.complexity]
    if route.routing_strategy == "cascade":
        tiers = [tier for tier in range(asking.tier, len(route.choose)) if not is_held(route.choose[tier])]
        if not tiers:
            return None
        asking.tier = tiers[0]
        return route.choose[asking.tier]
    names = [name for name in route.choose if not is_held(name)]
    if not names:
        return None
    stations = [deployment.nearest(name, asking.region, n_passed_over) for name in names]
    strategy = route.routing_strategy
    if len(names) == 1:
        return names[0]
    if strategy == "simple-shuffle":
        return names[_shuffled(names, deployment, key)]
    if strategy == "power-of-two":
        first, second = (int(uniform(derive(key, number)) * len(names)) for number in (1, 2))
        return names[second if stations[second].in_system < stations[first].in_system else first]
    if strategy == "least-busy":
        ranks: list[tuple[float, ...]] = [(station.in_system,) for station in stations]
    elif strategy == "usage-based-routing":
        ranks = [(max(station.used_share(), station.in_system / _UNLIMITED),) for station in stations]
    elif strategy == "latency-based-routing":
        ranks = [(-1.0 if station.latency_s is None else station.latency_s,) for station in stations]
    else:
        ranks = [_cost_rank(deployment, station, asking) for station in stations]
    return names[ranks.index(min(ranks))]


def _shuffled(names: list[str], deployment: Deployment, key: int) -> int:
    targets = [deployment.targets[name] for name in names]
    weights = [target.weight if isinstance(target, Model) else 1.0 for target in targets]
    return draw_index(np.cumsum(weights) / sum(weights), key)


def _cost_rank(deployment: Deployment, station: Station, asking: Asking) -> tuple[float, ...]:
    """Those that would not answer 429 first, by the price of this request."""
    model = deployment.targets[station.target]
    usd = 0.0  # services are not priced by the token
    if isinstance(model, Model):
        assert model.prices is not None, "the reference has no price catalog"
        usd = asking.sent_tokens * model.prices.input + asking.output_tokens * model.prices.output
    return (not station.would_admit(asking.sent_tokens + asking.output_tokens), usd)
