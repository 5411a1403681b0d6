"""Do the ways in which routes, services and workloads protect themselves change anything?"""

from collections.abc import Iterator

from simulator.mechanisms.providers.limit_rules import LIMIT_KEYS
from simulator.mechanisms.traffic.config import CallStep, GenerateStep
from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.model import Route, Scenario
from simulator.scenario.read.yaml_source import Path_


def check_protection(scenario: Scenario) -> list[Finding]:
    """Findings about protections without effect."""
    return [*_routes(scenario), *_hedges(scenario), *_services(scenario), *_workloads(scenario)]


def _routes(scenario: Scenario) -> Iterator[Finding]:
    impatient = _asked_with_timeout(scenario)
    for name, route in scenario.routes.items():
        path: Path_ = ("routes", name)
        if route.retry_budget is not None and route.num_retries == 0:
            yield Finding((*path, "retry_budget"), "changes nothing with `num_retries: 0`")
        if route.max_retry_after is not None:
            yield from _retry_after(scenario, route, path)
        per_try_s = route.per_try_timeout
        breaker = route.circuit_breaker
        slow_s = None if breaker is None else breaker.slow_call
        if slow_s is not None and per_try_s is not None and per_try_s <= slow_s:
            hint = "set it below `per_try_timeout`"
            yield Finding((*path, "circuit_breaker", "slow_call"), "no try lasts that long", hint)
        adaptive = route.adaptive_concurrency
        if adaptive is not None and per_try_s is not None and per_try_s < adaptive.latency:
            hint = "set it below `per_try_timeout`"
            yield Finding((*path, "adaptive_concurrency", "latency"), "no answer is that slow", hint)
        has_deadline = route.timeout is not None or per_try_s is not None or name in impatient
        if route.propagate_deadline and not has_deadline:
            hint = "give the route or the workload a `timeout`"
            yield Finding((*path, "propagate_deadline"), "changes nothing: no try has a time-out", hint)
        pools = {model.model_name for model in scenario.model_list if model.pool is not None}
        if route.propagate_deadline and set(_asked(route)) <= pools:
            hint = "pools begin every try that reaches them"
            yield Finding((*path, "propagate_deadline"), "changes nothing for pools", hint)


def _retry_after(scenario: Scenario, route: Route, path: Path_) -> Iterator[Finding]:
    below: Path_ = (*path, "max_retry_after")
    limited = {name for name, service in scenario.services.items() if service.rate_limit is not None}
    for model in scenario.model_list:
        if model.provisioned is not None or any(getattr(model, key) is not None for key in LIMIT_KEYS):
            limited.add(model.model_name)
    limited |= {name for quota in scenario.quotas.values() for name in quota.models}
    if route.num_retries == 0 or "rate_limit" not in route.retry_on:
        hint = "set `num_retries`, and let `retry_on` name `rate_limit`"
        yield Finding(below, "changes nothing: no 429 is tried again", hint)
    elif not limited & set(_asked(route)):
        hint = "give one a limit per minute, or remove it"
        yield Finding(below, "changes nothing: no target of the route has a limit that says when", hint)


def _hedges(scenario: Scenario) -> Iterator[Finding]:
    for name, route in scenario.routes.items():
        hedge = route.hedge
        if hedge is None:
            continue
        path: Path_ = ("routes", name, "hedge")
        chooses = route.routing_strategy not in ("cascade", "complexity") and len(set(_chosen(route))) > 1
        if not chooses and all(len(_regions_of(scenario, target)) < 2 for target in _chosen(route)):
            hint = "give the route another choice, or a target another region"
            yield Finding(path, "a second try has nowhere else to go", hint)
        shortest_s = min(route.per_try_timeout or float("inf"), route.timeout or float("inf"))
        if not isinstance(hedge.after, str) and hedge.after >= shortest_s:
            yield Finding((*path, "after"), "every try has timed out by then", "set it below the time-out")


def _services(scenario: Scenario) -> Iterator[Finding]:
    has_batch = any(workload.priority == "batch" for workload in scenario.workloads)
    for name, service in scenario.services.items():
        path: Path_ = ("services", name)
        if service.max_ongoing_requests is None:
            for key in ("max_queue_wait", "cancellation"):
                if key in service.model_fields_set:
                    message = "changes nothing: without `max_ongoing_requests` nobody waits"
                    yield Finding((*path, key), message, "remove it")
        if service.batch_queue_share < 1.0 and (service.max_queued_requests is None or not has_batch):
            hint = "it parts `max_queued_requests` between interactive and batch work"
            yield Finding((*path, "batch_queue_share"), "changes nothing here", hint)


def _workloads(scenario: Scenario) -> Iterator[Finding]:
    for index, workload in enumerate(scenario.workloads):
        generates = any(isinstance(step, GenerateStep) for step in workload.steps)
        if workload.limits is not None and workload.limits.tpm is not None and not generates:
            path: Path_ = ("workloads", index, "limits", "tpm")
            yield Finding(path, "changes nothing: no step generates", "remove it")
        if workload.max_tokens is not None and not generates:
            path = ("workloads", index, "max_tokens")
            yield Finding(path, "changes nothing: no step generates", "remove it")


def _asked_with_timeout(scenario: Scenario) -> set[str]:
    """Names of what is asked by workloads whose users give up."""
    return {
        step.call if isinstance(step, CallStep) else step.generate
        for workload in scenario.workloads
        if workload.timeout is not None
        for step in workload.steps
        if isinstance(step, CallStep | GenerateStep)
    }


def _chosen(route: Route) -> list[str]:
    return list(route.choose.values()) if isinstance(route.choose, dict) else list(route.choose)


def _asked(route: Route) -> list[str]:
    return [*_chosen(route), *route.fallbacks]


def _regions_of(scenario: Scenario, target: str) -> list[str]:
    """Regions in which a model or a service runs."""
    if target in scenario.services:
        regions, per_region = scenario.services[target].regions, scenario.services[target].replicas
    else:
        model = next(model for model in scenario.model_list if model.model_name == target)
        regions, per_region = model.regions, 1 if model.pool is None else model.pool.replicas
    where = list(per_region) if isinstance(per_region, dict) else list(scenario.regions)
    return [region for region in where if regions is None or region in regions]
