"""Do the steps of each workload fit together?"""

from collections.abc import Iterator, Sequence

from simulator.mechanisms.distributions import Constant
from simulator.mechanisms.routes.config import CACHED_ANSWER, HUMAN
from simulator.mechanisms.traffic.config import (
    CacheStep,
    CallStep,
    GenerateStep,
    ReviewStep,
    TokenTrace,
    Workload,
)
from simulator.mechanisms.traffic.table import MAX_CLASSES
from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.check.names import models_of
from simulator.scenario.model import Route, Scenario
from simulator.scenario.quality import complexity_classes
from simulator.scenario.read.yaml_source import Path_


def check_steps(scenario: Scenario) -> list[Finding]:
    """Findings about kinds of targets, fallbacks, token lengths, popularity and complexity."""
    findings: list[Finding] = list(_kinds(scenario))
    for index, workload in enumerate(scenario.workloads):
        findings += _lengths(workload, index)
        findings += _joint_lengths(workload, index)
        findings += _popularity(scenario, workload, index)
        findings += _fallbacks(scenario, workload, index)
    return [*findings, *_classes(scenario)]


def _kinds(scenario: Scenario) -> Iterator[Finding]:
    """A route asks models or services, and a step asks a route of its kind."""
    models = models_of(scenario)
    is_model_route = {}
    for name, route in scenario.routes.items():
        kinds = {target in models for target in _chosen(route)}
        is_model_route[name] = True in kinds
        if len(kinds) > 1:
            yield Finding(("routes", name), "asks models and services", "split it into two routes")
        for place, target in enumerate(route.fallbacks):
            if target in (CACHED_ANSWER, HUMAN) or (target in models) in kinds:
                continue
            path: Path_ = ("routes", name, "fallbacks", place)
            if target in models:
                yield Finding(
                    path, f"`{target}` is a model, and the route asks services", "fall back to a service"
                )
            elif scenario.services[target].success_rate is None:
                hint = f"give `services.{target}.success_rate` if it answers by rules"
                yield Finding(path, f"the service `{target}` cannot answer in place of a model", hint)
    for index, workload in enumerate(scenario.workloads):
        for place, step in enumerate(workload.steps):
            path = ("workloads", index, "steps", place)
            if isinstance(step, CallStep) and is_model_route.get(step.call, False):
                yield Finding((*path, "call"), f"the route `{step.call}` asks models", "use `generate`")
            if isinstance(step, GenerateStep) and not is_model_route.get(step.generate, True):
                yield Finding((*path, "generate"), f"the route `{step.generate}` asks services", "use `call`")


def _chosen(route: Route) -> list[str]:
    return list(route.choose.values()) if isinstance(route.choose, dict) else list(route.choose)


def _lengths(workload: Workload, index: int) -> Iterator[Finding]:
    generates = any(isinstance(step, GenerateStep) for step in workload.steps)
    if workload.system_prompt_tokens is not None and not generates:
        path: Path_ = ("workloads", index, "system_prompt_tokens")
        yield Finding(path, "`system_prompt_tokens` changes nothing: no step generates", "remove it")
    for key in ("prompt_tokens", "output_tokens"):
        value = getattr(workload, key)
        path = ("workloads", index, key)
        if generates and value is None:
            yield Finding(
                path,
                f"`{key}` is missing: a `generate` step needs it",
                "give a distribution or `{trace: true}`",
            )
        if not generates and value is not None:
            yield Finding(path, f"`{key}` changes nothing: no step generates", "remove it")
        if workload.trace is not None and getattr(workload.trace, key) and not isinstance(value, TokenTrace):
            hint = f"write `{key}: {{trace: true}}` in the workload, or remove it"
            yield Finding(("workloads", index, "trace", key), "changes nothing: the column is not used", hint)
        if isinstance(value, TokenTrace) and (workload.trace is None or getattr(workload.trace, key) is None):
            yield Finding(
                path, f"the trace has no column for `{key}`", f"name it under `trace: {{{key}: …}}`"
            )


def _joint_lengths(workload: Workload, index: int) -> Iterator[Finding]:
    """Lengths go together where both are drawn and vary."""
    if workload.joint_lengths is None:
        return
    path: Path_ = ("workloads", index, "joint_lengths")
    for key in ("prompt_tokens", "output_tokens"):
        value = getattr(workload, key)
        if isinstance(value, TokenTrace):
            hint = "remove it: the trace's rows keep both together"
            yield Finding(path, f"`joint_lengths` changes nothing: `{key}` are those of the trace", hint)
        elif value is None or isinstance(value, Constant):
            what = "does not say" if value is None else "always has the same"
            yield Finding(path, f"`joint_lengths` changes nothing: the workload {what} `{key}`", "remove it")


def _popularity(scenario: Scenario, workload: Workload, index: int) -> Iterator[Finding]:
    asks = [step.cache for step in workload.steps if isinstance(step, CacheStep)]
    emerges = any(scenario.caches[name].type != "measured" for name in asks)
    if emerges and workload.popularity is None:
        hint = "e.g. {distribution: zipf, exponent: 0.9, items: 100_000}"
        yield Finding(
            ("workloads", index, "popularity"), "a cache's hit rate needs the popularity of questions", hint
        )
    if workload.popularity is not None and not emerges:
        yield Finding(
            ("workloads", index, "popularity"), "`popularity` changes nothing: no cache is asked", "remove it"
        )


def _fallbacks(scenario: Scenario, workload: Workload, index: int) -> Iterator[Finding]:
    cache: str | None = None
    for place, step in enumerate(workload.steps):
        path: Path_ = ("workloads", index, "steps", place)
        if isinstance(step, CacheStep):
            cache = step.cache
        if not isinstance(step, CallStep | GenerateStep):
            continue
        route = scenario.routes.get(step.call if isinstance(step, CallStep) else step.generate)
        fallbacks = [] if route is None else route.fallbacks
        later = [later for later in workload.steps[place + 1 :] if isinstance(later, ReviewStep)]
        if HUMAN in fallbacks and not any("exhausted" in later.review.when for later in later):
            yield Finding(
                path, f"the fallback `{HUMAN}` leads nowhere", "add a later `review` with `when: [exhausted]`"
            )
        if CACHED_ANSWER in fallbacks:
            has_answers = (
                isinstance(step, GenerateStep)
                and cache is not None
                and scenario.caches[cache].type != "measured"
            )
            if not has_answers:
                yield Finding(
                    path,
                    f"the fallback `{CACHED_ANSWER}` has no cache",
                    "ask an exact or semantic `cache` before",
                )
        if isinstance(step, GenerateStep):
            cache = None


def _classes(scenario: Scenario) -> Iterator[Finding]:
    classes = complexity_classes(scenario)
    if len(classes) > MAX_CLASSES:
        yield Finding(
            ("workloads",),
            f"{len(classes)} classes of complexity; at most {MAX_CLASSES}",
            "share their names",
        )
    for name, route in scenario.routes.items():
        if isinstance(route.choose, dict):
            for missing in [known for known in classes if known not in route.choose]:
                yield Finding(
                    ("routes", name, "choose"), f"no target for the complexity `{missing}`", "name one"
                )
            for extra in [key for key in route.choose if key not in classes]:
                yield Finding(
                    ("routes", name, "choose", extra),
                    f"no workload has the complexity `{extra}`",
                    "remove it",
                )
    for index, model in enumerate(scenario.model_list):
        if isinstance(model.success_rate, dict):
            path: Path_ = ("model_list", index, "success_rate")
            for missing in [known for known in classes if known not in model.success_rate]:
                yield Finding(path, f"no rate for the complexity `{missing}`", "give one")
            for extra in [key for key in model.success_rate if key not in classes]:
                yield Finding((*path, extra), f"no workload has the complexity `{extra}`", "remove it")
    yield from _rules(scenario, classes)


def _rules(scenario: Scenario, classes: Sequence[str]) -> Iterator[Finding]:
    """Services that answer by rules, and how often rightly."""
    models = models_of(scenario)
    answering = {
        target
        for route in scenario.routes.values()
        if any(name in models for name in _chosen(route))
        for target in route.fallbacks
    }
    for name, service in scenario.services.items():
        path: Path_ = ("services", name, "success_rate")
        if service.success_rate is not None and name not in answering:
            yield Finding(
                path, "changes nothing: the service is no fallback of a route over models", "remove it"
            )
        if isinstance(service.success_rate, dict):
            for missing in [known for known in classes if known not in service.success_rate]:
                yield Finding(path, f"no rate for the complexity `{missing}`", "give one")
            for extra in [key for key in service.success_rate if key not in classes]:
                yield Finding((*path, extra), f"no workload has the complexity `{extra}`", "remove it")
