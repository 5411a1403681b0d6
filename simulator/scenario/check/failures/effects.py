"""Does every key that was written change something?"""

from collections.abc import Iterator

from simulator.mechanisms.traffic.config import CacheStep, CallStep, GenerateStep, ReviewStep
from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.model import CsvCurve, Route, Scenario
from simulator.scenario.read.yaml_source import Path_


def check_effects(scenario: Scenario) -> list[Finding]:
    """Findings about keys without effect or against each other."""
    return [
        *_unused(scenario),
        *_routes(scenario),
        *_caches(scenario),
        *_reviews(scenario),
        *_services(scenario),
        *_models(scenario),
        *_workloads(scenario),
        *_stages(scenario),
    ]


def _unused(scenario: Scenario) -> Iterator[Finding]:
    used: set[str] = set()
    for workload in scenario.workloads:
        used |= set() if workload.budget is None else set(workload.budget.models.values())
        for step in workload.steps:
            if isinstance(step, CacheStep):
                used.add(step.cache)
            elif isinstance(step, CallStep):
                used.add(step.call)
            elif isinstance(step, GenerateStep):
                used.add(step.generate)
            elif isinstance(step, ReviewStep):
                used.add(step.review.team)
    for route in scenario.routes.values():  # what only an unused route names is not reported besides it
        used |= {
            *(route.choose.values() if isinstance(route.choose, dict) else route.choose),
            *route.fallbacks,
        }
    for kind in ("caches", "services", "routes", "teams"):
        for name in getattr(scenario, kind):
            if name not in used:
                yield Finding(
                    (kind, name), f"`{name}` is never used", "use it in a step or a route, or remove it"
                )
    for index, model in enumerate(scenario.model_list):
        if model.model_name not in used:
            yield Finding(
                ("model_list", index),
                f"`{model.model_name}` is never used",
                "use it in a step or a route, or remove it",
            )


def _routes(scenario: Scenario) -> Iterator[Finding]:
    judged = {"cascade"} | ({"*"} if _asks_confidence(scenario) else set())
    for name, route in scenario.routes.items():
        path: Path_ = ("routes", name)
        if route.failover_after is not None and route.failover_after > route.num_retries:
            yield Finding(
                (*path, "failover_after"), "more than `num_retries`: no try is left for the other region"
            )
        if (
            route.timeout is not None
            and route.per_try_timeout is not None
            and route.per_try_timeout >= route.timeout
        ):
            yield Finding((*path, "per_try_timeout"), "not below `timeout`, so it never ends a try")
        if "confidence" in route.model_fields_set and not judged & {route.routing_strategy, "*"}:
            hint = "use the strategy `cascade` or a review `when: [low_confidence]`"
            yield Finding((*path, "confidence"), "changes nothing: nobody asks how sure the model is", hint)
        elif route.confidence.flags_ungrounded > 0.0 and not _makes_up(scenario, route):
            hint = "say of one of its models which answers are `grounded`"
            yield Finding(
                (*path, "confidence", "flags_ungrounded"), "changes nothing: every answer is grounded", hint
            )
        for key in ("retry_on", "backoff"):
            if key in route.model_fields_set and route.num_retries == 0:
                yield Finding((*path, key), "changes nothing with `num_retries: 0`")


def _caches(scenario: Scenario) -> Iterator[Finding]:
    for name, cache in scenario.caches.items():
        for key in ("start", "scope") if cache.type == "measured" else ():
            if key in cache.model_fields_set:
                yield Finding(("caches", name, key), "changes nothing: the hit rate is given")


def _reviews(scenario: Scenario) -> Iterator[Finding]:
    for index, workload in enumerate(scenario.workloads):
        for place, step in enumerate(workload.steps):
            if not isinstance(step, ReviewStep):
                continue
            rule = step.review
            if rule.sample == 0 and rule.before == 0 and not rule.when:
                hint = "give `sample`, `before` or `when`"
                yield Finding(("workloads", index, "steps", place, "review"), "nobody reviews anything", hint)


def _makes_up(scenario: Scenario, route: Route) -> bool:
    """Whether a model that a route may ask gives answers that are not grounded."""
    asked = {*(route.choose.values() if isinstance(route.choose, dict) else route.choose), *route.fallbacks}
    return any(
        model.model_name in asked and min(model.grounded.right, model.grounded.wrong) < 1.0
        for model in scenario.model_list
    )


def _asks_confidence(scenario: Scenario) -> bool:
    steps = [step for workload in scenario.workloads for step in workload.steps]
    return any(isinstance(step, ReviewStep) and "low_confidence" in step.review.when for step in steps)


def _services(scenario: Scenario) -> Iterator[Finding]:
    for name, service in scenario.services.items():
        path: Path_ = ("services", name)
        if service.burst is not None and service.rate_limit is None:
            yield Finding((*path, "burst"), "changes nothing without `rate_limit`")
        if service.max_ongoing_requests is None:
            for key in ("max_queued_requests", "patience", "autoscaling"):
                if getattr(service, key) is not None:
                    yield Finding(
                        (*path, key), "changes nothing: without `max_ongoing_requests` nobody waits"
                    )
        if (
            service.autoscaling is not None
            and service.autoscaling.min_replicas > service.autoscaling.max_replicas
        ):
            yield Finding((*path, "autoscaling", "min_replicas"), "above `max_replicas`")


def _models(scenario: Scenario) -> Iterator[Finding]:
    shuffled = {
        target
        for route in scenario.routes.values()
        if route.routing_strategy == "simple-shuffle" and len(route.choose) > 1
        for target in route.choose
    }
    for index, model in enumerate(scenario.model_list):
        if "weight" in model.model_fields_set and model.model_name not in shuffled:
            yield Finding(
                ("model_list", index, "weight"),
                "changes nothing: no simple-shuffle route chooses this model among others",
            )


def _workloads(scenario: Scenario) -> Iterator[Finding]:
    for index, workload in enumerate(scenario.workloads):
        path: Path_ = ("workloads", index)
        if workload.turns is not None and workload.turns.mean == 1 and workload.turns.think_time > 0:
            yield Finding((*path, "turns", "think_time"), "changes nothing with one turn")
        if (
            workload.turns is not None
            and workload.turns.distribution == "constant"
            and workload.turns.mean % 1
        ):
            yield Finding((*path, "turns", "mean"), "a constant number of turns must be whole")


def _stages(scenario: Scenario) -> Iterator[Finding]:
    for index, stage in enumerate(scenario.stages):
        adoption = stage.adoption
        if adoption is None or isinstance(adoption.curve, CsvCurve) or adoption.start != adoption.to:
            continue
        if adoption.to == 1.0:
            yield Finding(
                ("stages", index, "adoption"), "changes nothing: everybody is active from the start"
            )
        elif "curve" in adoption.model_fields_set:
            hint = f"leave it out: {adoption.to:.0%} are active all the time"
            yield Finding(("stages", index, "adoption", "curve"), "changes nothing: `start` is `to`", hint)
