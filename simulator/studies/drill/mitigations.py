"""Which single change of policy would help? Candidates, found in what routes and services offer.

A candidate is only tried where it changes something and the changed scenario is one that could be written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from pydantic import ValidationError

from simulator.engine import Runner
from simulator.mechanisms.providers.limit_rules import LIMIT_KEYS
from simulator.mechanisms.queueing.config import Service
from simulator.mechanisms.routes.config import CACHED_ANSWER, HUMAN
from simulator.mechanisms.traffic.config import CacheStep, GenerateStep, ReviewStep
from simulator.scenario.change import ScenarioChange, possible, setting
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

_NO_RETRIES = {
    "num_retries": 0,
    "retry_on": None,
    "backoff": None,
    "failover_after": None,
    "retry_budget": None,
}
_TWO_RETRIES = {"num_retries": 2, "backoff": {"base": "500ms", "factor": 2, "jitter": "full"}}


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
    for change, changed in possible(_changes(scenario), scenario, runner.base_dir):
        yield Mitigation(change.label, changed)


def _changes(scenario: Scenario) -> Iterator[ScenarioChange]:
    """What could be tried, whether or not it is possible."""
    for label, key, value in _POLICIES:
        if key != "failover_after" or len(scenario.regions) > 1:
            open_ = {name: route for name, route in scenario.routes.items() if _is_open(route, key)}
            yield _of_routes(label, open_, {key: value})
    retrying = {name: route for name, route in scenario.routes.items() if route.num_retries > 0}
    others = {name: route for name, route in scenario.routes.items() if name not in retrying}
    yield _of_routes("no retries", retrying, _NO_RETRIES)
    yield _of_routes("two retries with backoff", others, _TWO_RETRIES)
    for target in _fallbacks(scenario):
        yield _with_fallback(scenario, target)
    if len(scenario.regions) > 1 and scenario.network.health_check is None:
        failover = (setting("network.region_policy", "failover"), setting("network.health_check", {}))
        yield ScenarioChange("failover after health checks", failover)
    limited = {n: one for n, one in scenario.services.items() if one.max_ongoing_requests is not None}
    cancelling = tuple(setting(f"services.{name}.cancellation", True) for name in limited)
    yield ScenarioChange("cancellation of what nobody waits for", cancelling)
    short = tuple(
        setting(f"services.{name}.max_queued_requests", _one_round(service))
        for name, service in limited.items()
        if service.max_queued_requests is None
    )
    yield ScenarioChange("short queues that shed", short)
    yield ScenarioChange(f"{MORE_CAPACITY - 1:.0%} more capacity", tuple(_larger(scenario)))


def _of_routes(label: str, routes: Mapping[str, Route], values: Mapping[str, Any]) -> ScenarioChange:
    """The same values for every one of these routes that they go with."""
    overrides = (
        setting(f"routes.{name}.{key}", value)
        for name, route in routes.items()
        if _goes_with(route, values)
        for key, value in values.items()
    )
    return ScenarioChange(label, tuple(overrides))


def _with_fallback(scenario: Scenario, target: str) -> ScenarioChange:
    """A further fallback of every route that may have it, models before kept answers before people."""
    order = {CACHED_ANSWER: 1, HUMAN: 2}
    overrides = []
    for name, route in scenario.routes.items():
        fallbacks = sorted([*route.fallbacks, target], key=lambda one: order.get(one, 0))
        if _may_fall_back(route, target, name, scenario) and _goes_with(route, {"fallbacks": fallbacks}):
            overrides.append(setting(f"routes.{name}.fallbacks", fallbacks))
    return ScenarioChange(f"fallback to {target}", tuple(overrides))


def _one_round(service: Service) -> int:
    """As many in line as are served at once."""
    replicas = service.replicas.values() if isinstance(service.replicas, dict) else [service.replicas]
    return max(1, max(replicas, default=1) * (service.max_ongoing_requests or 1))


def _is_open(route: Route, key: str) -> bool:
    """Whether a route does without a policy that it could have."""
    needs_retries = key in ("retry_budget", "failover_after")
    return not getattr(route, key) and (route.num_retries > 0 or not needs_retries)


def _goes_with(route: Route, values: Mapping[str, Any]) -> bool:
    """Whether a route can have these values as well; None: it does without."""
    written = route.model_dump(mode="json", by_alias=True, exclude_unset=True) | dict(values)
    try:
        Route.model_validate({key: value for key, value in written.items() if value is not None})
    except ValidationError:
        return False
    return True


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


def _larger(scenario: Scenario) -> Iterator[str]:
    """More of everything that serves: replicas, people, quotas."""
    for name, service in scenario.services.items():
        if service.max_ongoing_requests is not None and service.autoscaling is None:
            yield setting(f"services.{name}.replicas", _more(service.replicas))
    for name, team in scenario.teams.items():
        yield setting(f"teams.{name}.staff", _more(team.staff))
    for model in scenario.model_list:
        path = f"model_list.{model.model_name}"
        for key in (*LIMIT_KEYS, "max_parallel_requests"):
            if getattr(model, key) is not None:
                yield setting(f"{path}.{key}", _more(getattr(model, key)))
        if model.pool is not None and model.pool.autoscaling is None:
            yield setting(f"{path}.pool.replicas", _more(model.pool.replicas))


def _more(amount: Any) -> Any:
    if isinstance(amount, dict):
        return {region: _more(value) for region, value in amount.items()}
    return type(amount)(ceil(amount * MORE_CAPACITY))
