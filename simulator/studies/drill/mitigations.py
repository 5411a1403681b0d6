"""Which single change of policy would help? Candidates, found in what routes and services offer, as changed scenarios.

A candidate is only tried where it changes something and the changed scenario is one that could be written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from pydantic import ValidationError

from simulator.engine import Runner
from simulator.mechanisms.queueing.config import Service
from simulator.mechanisms.regions.config import HealthCheck
from simulator.mechanisms.routing.config import CACHED_ANSWER, HUMAN
from simulator.mechanisms.traffic.config import CacheStep, GenerateStep, ReviewStep
from simulator.scenario.check.checks import check_scenario
from simulator.scenario.model import Route, Scenario

MORE_CAPACITY = 1.5

_POLICIES: tuple[tuple[str, str, Any], ...] = (  # what it is called, key of a route, value
    ("retry budget of 10 %", "retry_budget", "10%"),
    ("circuit breaker", "circuit_breaker", {"error_rate": "50%", "window": "30s", "cooldown": "60s"}),
    ("outlier ejection", "outlier_detection", {}),
    ("hedge after p95", "hedge", {"after": "p95", "max": "5%"}),
    ("deadlines that propagate", "propagate_deadline", True),
    ("next region after one failure", "failover_after", 1),
)


@dataclass(frozen=True)
class Mitigation:
    """One change of a scenario, and what it is called."""

    name: str
    scenario: Scenario


def mitigations_of(scenario: Scenario, runner: Runner) -> Iterator[Mitigation]:
    """Every single change that could be made, each of all routes that it is possible for.

    Parameters
    ----------
    scenario : with the incidents that are drilled
    """
    for name, routes in _routes(scenario):
        other = {key: route for key, route in routes.items() if route != scenario.routes[key]}
        if other:
            changed = scenario.model_copy(update={"routes": {**scenario.routes, **other}})
            if not check_scenario(changed, runner.base_dir, is_variant=True):
                yield Mitigation(name, changed)
    failover = _with_failover(scenario)
    if failover != scenario and not check_scenario(failover, runner.base_dir, is_variant=True):
        yield Mitigation("failover after health checks", failover)
    for name, services in _services(scenario):
        if services != scenario.services:
            yield Mitigation(name, scenario.model_copy(update={"services": services}))
    larger = _larger(scenario)
    if larger != scenario:
        yield Mitigation(f"{MORE_CAPACITY - 1:.0%} more capacity", larger)


def _routes(scenario: Scenario) -> Iterator[tuple[str, dict[str, Route]]]:
    """Changed routes by what the change is called."""
    routes = dict(scenario.routes)
    for name, key, value in _POLICIES:
        is_possible = key in Route.model_fields and (key != "failover_after" or len(scenario.regions) > 1)
        if is_possible:
            yield (
                name,
                {n: _changed(route, {key: value}) for n, route in routes.items() if _is_open(route, key)},
            )
    retrying = {n: route for n, route in routes.items() if route.num_retries > 0}
    yield "no retries", {n: _without_retries(route) for n, route in retrying.items()}
    backoff = {"num_retries": 2, "backoff": {"base": "500ms", "factor": 2, "jitter": "full"}}
    yield (
        "two retries with backoff",
        {n: _changed(route, backoff) for n, route in routes.items() if route.num_retries == 0},
    )
    for target in _fallbacks(scenario):
        yield (
            f"fallback to {target}",
            {n: _changed(route, {"fallbacks": _with_fallback(route, target)}) for n, route in routes.items()
             if _may_fall_back(route, target, n, scenario)},
        )  # fmt: skip


def _with_failover(scenario: Scenario) -> Scenario:
    """The scenario whose requests leave out what health checks have found to be down."""
    network = scenario.network
    if len(scenario.regions) < 2 or network.health_check is not None:
        return scenario
    checked = network.model_copy(update={"region_policy": "failover", "health_check": HealthCheck()})
    return scenario.model_copy(update={"network": checked})


def _services(scenario: Scenario) -> Iterator[tuple[str, dict[str, Service]]]:
    """Changed services by what the change is called."""
    limited = {
        n: service for n, service in scenario.services.items() if service.max_ongoing_requests is not None
    }
    cancelling = {n: service.model_copy(update={"cancellation": True}) for n, service in limited.items()}
    yield "cancellation of what nobody waits for", {**scenario.services, **cancelling}
    short = {
        n: service.model_copy(update={"max_queued_requests": _one_round(service)})
        for n, service in limited.items()
        if service.max_queued_requests is None
    }
    yield "short queues that shed", {**scenario.services, **short}


def _one_round(service: Service) -> int:
    """As many in line as are served at once."""
    replicas = service.replicas.values() if isinstance(service.replicas, dict) else [service.replicas]
    return max(1, max(replicas, default=1) * (service.max_ongoing_requests or 1))


def _with_fallback(route: Route, target: str) -> list[str]:
    """The route's fallbacks and one more, models before kept answers before people."""
    order = {CACHED_ANSWER: 1, HUMAN: 2}
    return sorted([*route.fallbacks, target], key=lambda name: order.get(name, 0))


def _is_open(route: Route, key: str) -> bool:
    """Whether a route does without a policy that it could have."""
    needs_retries = key in ("retry_budget", "failover_after")
    return not getattr(route, key) and (route.num_retries > 0 or not needs_retries)


def _changed(route: Route, update: Mapping[str, Any]) -> Route:
    """The route with other values; as it was where they do not go together."""
    written = route.model_dump(mode="json", by_alias=True, exclude_unset=True)
    try:
        return Route.model_validate(written | dict(update))
    except ValidationError:
        return route


def _without_retries(route: Route) -> Route:
    written = route.model_dump(mode="json", by_alias=True, exclude_unset=True)
    for key in ("retry_on", "backoff", "failover_after", "retry_budget"):
        written.pop(key, None)
    return Route.model_validate(written | {"num_retries": 0})


def _fallbacks(scenario: Scenario) -> list[str]:
    models = [model.model_name for model in scenario.model_list]
    return [*models, *scenario.services, CACHED_ANSWER, HUMAN]


def _may_fall_back(route: Route, target: str, name: str, scenario: Scenario) -> bool:
    chosen = list(route.choose.values()) if isinstance(route.choose, dict) else list(route.choose)
    if target in (*chosen, *route.fallbacks):
        return False
    models = {model.model_name for model in scenario.model_list}
    is_generate = any(choice in models for choice in chosen)
    if target == CACHED_ANSWER:
        return is_generate and _all_steps_before(scenario, name, CacheStep)
    if target == HUMAN:
        return is_generate and any(
            isinstance(step, ReviewStep) and "exhausted" in step.review.when
            for workload in scenario.workloads
            for step in workload.steps
        )
    return (target in models) == is_generate and len(scenario.services) + len(models) > 1 and is_generate


def _all_steps_before(scenario: Scenario, route: str, kind: type) -> bool:
    """Whether every `generate` of a route has a step of a kind in front of it."""
    found = []
    for workload in scenario.workloads:
        for place, step in enumerate(workload.steps):
            if isinstance(step, GenerateStep) and step.generate == route:
                found.append(any(isinstance(earlier, kind) for earlier in workload.steps[:place]))
    return bool(found) and all(found)


def _larger(scenario: Scenario) -> Scenario:
    """The scenario with more of everything that serves: replicas, people, quotas."""
    services = {
        name: service
        if service.max_ongoing_requests is None or service.autoscaling is not None
        else service.model_copy(update={"replicas": _more(service.replicas)})
        for name, service in scenario.services.items()
    }
    teams = {
        name: team.model_copy(update={"staff": _more(team.staff)}) for name, team in scenario.teams.items()
    }
    models = []
    for model in scenario.model_list:
        limits: dict[str, Any] = {
            key: _more(getattr(model, key))
            for key in ("rpm", "tpm", "max_parallel_requests")
            if getattr(model, key) is not None
        }
        if model.pool is not None and model.pool.autoscaling is None:
            limits["pool"] = model.pool.model_copy(update={"replicas": _more(model.pool.replicas)})
        models.append(model.model_copy(update=limits))
    return scenario.model_copy(update={"services": services, "teams": teams, "model_list": models})


def _more(amount: Any) -> Any:
    if isinstance(amount, dict):
        return {region: _more(value) for region, value in amount.items()}
    return type(amount)(ceil(amount * MORE_CAPACITY))
