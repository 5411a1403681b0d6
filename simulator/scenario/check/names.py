"""Does every name in a scenario stand for something?"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from simulator.mechanisms.providers.limit_rules import LIMIT_KEYS
from simulator.mechanisms.providers.limits_build import rules_of
from simulator.mechanisms.routes.config import CACHED_ANSWER, HUMAN
from simulator.mechanisms.traffic.config import CacheStep, CallStep, GenerateStep, ReviewStep
from simulator.metrics.registry import INDICATORS
from simulator.scenario.check.demand.budget_periods import check_budget_periods
from simulator.scenario.check.demand.drawers import check_drawers
from simulator.scenario.check.demand.places import check_places
from simulator.scenario.check.diagnostics import Finding, unknown
from simulator.scenario.check.rollout.gates import check_gates
from simulator.scenario.check.rollout.thresholds import check_thresholds
from simulator.scenario.incident_places import check_incident_names
from simulator.scenario.model import Knob, ListedModel, Scenario
from simulator.scenario.read.yaml_source import Path_

_SETTABLE = {
    "model_list": (*LIMIT_KEYS, "max_parallel_requests", "pool.replicas"),
    "quotas": LIMIT_KEYS,
    "services": ("replicas",),
    "teams": ("staff",),
}
_SINGULAR = {"model_list": "model", "quotas": "quota", "services": "service", "teams": "team"}


def check_names(scenario: Scenario) -> list[Finding]:
    """Findings about regions, steps, routes, stages, objectives and knobs."""
    return [
        *_unique(scenario),
        *_regions(scenario),
        *check_places(scenario),
        *check_budget_periods(scenario),
        *_steps(scenario),
        *_routes(scenario),
        *check_drawers(scenario),
        *_stages(scenario),
        *_slos(scenario),
        *check_thresholds(scenario),
        *check_gates(scenario),
        *_knobs(scenario),
        *check_incident_names(scenario),
    ]


def models_of(scenario: Scenario) -> set[str]:
    """Names of the models."""
    return {model.model_name for model in scenario.model_list}


def _unique(scenario: Scenario) -> Iterator[Finding]:
    for key, names in (
        ("workloads", [workload.name for workload in scenario.workloads]),
        ("model_list", [model.model_name for model in scenario.model_list]),
        ("stages", [stage.name for stage in scenario.stages]),
        ("slos", [slo.name for slo in scenario.slos]),
    ):
        for index, name in enumerate(names):
            if name in names[:index]:
                yield Finding((key, index), f"a second `{name}`", "give each its own name")
    kinds = {
        "services": set(scenario.services),
        "model_list": models_of(scenario),
        "routes": set(scenario.routes),
        "teams": set(scenario.teams),
        "quotas": set(scenario.quotas),
    }
    models = [model.model_name for model in scenario.model_list]
    seen: dict[str, str] = {CACHED_ANSWER: "the schema", HUMAN: "the schema"}
    for kind, found in kinds.items():
        for name in sorted(found):
            if name in seen:
                place = models.index(name) if kind == "model_list" else name
                hint = "targets and routes need different names"
                yield Finding((kind, place), f"`{name}` is also a name in {seen[name]}", hint)
            seen[name] = kind


def _regions(scenario: Scenario) -> Iterator[Finding]:
    for path, names in _region_names(scenario):
        for name in names:
            if name not in scenario.regions:
                yield unknown(
                    (*path, name) if isinstance(names, Mapping) else path, "region", name, scenario.regions
                )


def _region_names(scenario: Scenario) -> Iterator[tuple[Path_, Iterable[str]]]:
    """Everything that lists regions, with its path."""
    for key, rows in (("rtt", scenario.network.rtt), ("overrides", scenario.network.overrides)):
        if isinstance(rows, dict):
            yield ("network", key), rows
            for origin, row in rows.items():
                yield ("network", key, origin), row
    per_region: list[tuple[Path_, Any]] = []
    for index, workload in enumerate(scenario.workloads):
        per_region += [
            (("workloads", index, key), getattr(workload, key))
            for key in ("users", "arrival_rate", "clients")
        ]
    for name, service in scenario.services.items():
        per_region += [(("services", name, key), getattr(service, key)) for key in ("regions", "replicas")]
    for index, model in enumerate(scenario.model_list):
        keys = ("regions", *LIMIT_KEYS, "max_parallel_requests")
        per_region += [(("model_list", index, key), getattr(model, key)) for key in keys]
        if model.pool is not None:
            per_region.append((("model_list", index, "pool", "replicas"), model.pool.replicas))
            if model.pool.reserved is not None:
                per_region.append(
                    (("model_list", index, "pool", "reserved", "replicas"), model.pool.reserved.replicas)
                )
    for name, quota in scenario.quotas.items():
        per_region += [(("quotas", name, key), getattr(quota, key)) for key in LIMIT_KEYS]
    for name, team in scenario.teams.items():
        per_region += [(("teams", name, key), getattr(team, key)) for key in ("staff", "overflow")]
    per_region.append((("network", "region_weights"), scenario.network.region_weights))
    per_region += [
        (("routes", name, "region_weights"), route.region_weights) for name, route in scenario.routes.items()
    ]
    per_region += [
        (("stages", index, "exposure"), stage.exposure) for index, stage in enumerate(scenario.stages)
    ]
    for path, names in per_region:
        if isinstance(names, dict | list):
            yield path, names


def _steps(scenario: Scenario) -> Iterator[Finding]:
    callable_names = {*scenario.services, *scenario.routes}
    generators = {*models_of(scenario), *scenario.routes}
    for index, workload in enumerate(scenario.workloads):
        for place, step in enumerate(workload.steps):
            path: Path_ = ("workloads", index, "steps", place)
            if isinstance(step, CacheStep) and step.cache not in scenario.caches:
                yield unknown((*path, "cache"), "cache", step.cache, scenario.caches)
            if isinstance(step, CallStep) and step.call not in callable_names:
                yield unknown((*path, "call"), "service or route", step.call, callable_names)
            if isinstance(step, GenerateStep) and step.generate not in generators:
                yield unknown((*path, "generate"), "model or route", step.generate, generators)
            if isinstance(step, ReviewStep) and step.review.team not in scenario.teams:
                yield unknown((*path, "review", "team"), "team", step.review.team, scenario.teams)
            if isinstance(step, ReviewStep):
                for name in step.review.classes or []:
                    if name not in workload.complexity:
                        yield unknown((*path, "review", "of"), "class", name, workload.complexity)


def _routes(scenario: Scenario) -> Iterator[Finding]:
    targets = {*models_of(scenario), *scenario.services}
    for name, route in scenario.routes.items():
        chosen = route.choose.items() if isinstance(route.choose, dict) else enumerate(route.choose)
        for key, target in chosen:
            if target not in targets:
                yield unknown(("routes", name, "choose", key), "model or service", target, targets)
        for place, target in enumerate(route.fallbacks):
            if target not in {*targets, CACHED_ANSWER, HUMAN}:
                yield unknown(
                    ("routes", name, "fallbacks", place),
                    "model or service",
                    target,
                    {*targets, CACHED_ANSWER, HUMAN},
                )


def _stages(scenario: Scenario) -> Iterator[Finding]:
    known = {workload.name for workload in scenario.workloads}
    for index, stage in enumerate(scenario.stages):
        for place, name in enumerate(stage.workloads or []):
            if name not in known:
                yield unknown(("stages", index, "workloads", place), "workload", name, known)


def _slos(scenario: Scenario) -> Iterator[Finding]:
    known = {workload.name for workload in scenario.workloads}
    for index, slo in enumerate(scenario.slos):
        if slo.workload is not None and slo.workload not in known:
            yield unknown(("slos", index, "workload"), "workload", slo.workload, known)
        is_spread = INDICATORS[slo.indicator].kind == "spread"
        if not is_spread and slo.objective.statistic is not None:
            hint = 'write e.g. ">= 99%"'
            yield Finding(("slos", index, "objective"), f"`{slo.indicator}` has no percentiles", hint)


def _knobs(scenario: Scenario) -> Iterator[Finding]:
    names = {
        "model_list": models_of(scenario),
        "quotas": set(scenario.quotas),
        "services": set(scenario.services),
        "teams": set(scenario.teams),
    }
    for index, knob in enumerate(scenario.capacity.knobs):
        problem = _knob_problem(knob, names, scenario)
        if problem is not None:
            path: Path_ = ("capacity", "knobs", index, "path")
            yield Finding(path, problem[0], problem[1])


def _knob_problem(knob: Knob, names: Mapping[str, set[str]], scenario: Scenario) -> tuple[str, str] | None:
    kind, _, rest = knob.path.partition(".")
    name, _, key = rest.rpartition(".")
    if name.endswith(".pool"):
        name, key = name.removesuffix(".pool"), f"pool.{key}"
    if kind not in _SETTABLE:
        return f"`{knob.path[:60]}` is not a capacity", f"start with {', '.join(_SETTABLE)}"
    if name not in names[kind]:
        found = unknown((), _SINGULAR[kind], name, names[kind])
        return found.message, found.hint
    if key not in _SETTABLE[kind]:
        return f"`{key}` cannot be set", f"use {', '.join(_SETTABLE[kind])}"
    if kind == "model_list":
        return _model_knob_problem(
            next(model for model in scenario.model_list if model.model_name == name), key
        )
    if kind == "quotas" and getattr(rules_of(scenario.quotas[name]), key) is None:
        return f"`{scenario.quotas[name].limits_as}` has no rule for `{key}`", "use a limit that it counts"
    if kind == "services" and scenario.services[name].autoscaling is not None:
        return f"`{name}` scales itself (`autoscaling`)", "remove the knob, or `autoscaling`"
    if kind == "services" and scenario.services[name].max_ongoing_requests is None:
        return f"`{name}` is unlimited, so `{key}` changes nothing", "give it `max_ongoing_requests`"
    return None


def _model_knob_problem(model: ListedModel, key: str) -> tuple[str, str] | None:
    if key == "pool.replicas" and model.pool is None:
        return f"`{model.model_name}` is hosted and has no replicas", "use rpm, tpm, max_parallel_requests"
    if key in LIMIT_KEYS and model.pool is not None:
        return f"`{model.model_name}` is a pool and has no `{key}`", "use pool.replicas"
    if key == "pool.replicas" and model.pool is not None and model.pool.autoscaling is not None:
        return f"`{model.model_name}` scales itself (`autoscaling`)", "remove the knob, or `autoscaling`"
    if key in LIMIT_KEYS and getattr(rules_of(model), key) is None:
        return f"`{model.limits_as}` has no rule for `{key}`", "use a limit that it counts"
    return None
