"""Can the limits of hosted models, counted as their providers do, let anybody in? Do they count anything at all?"""

from collections.abc import Iterator, Mapping

from simulator.mechanisms.providers.limit_rules import LIMIT_KEYS, RequestRule, TokenRule
from simulator.mechanisms.providers.limits_build import counts_apart, depth_of, limits_in
from simulator.mechanisms.traffic.config import GenerateStep, Workload
from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.model import ListedModel, Scenario
from simulator.scenario.read.yaml_source import Path_


def check_quotas(scenario: Scenario) -> list[Finding]:
    """Findings about limits that count nothing, need what nobody says, or never let a request in."""
    findings: list[Finding] = []
    for index, model in enumerate(scenario.model_list):
        if model.pool is None and counts_apart(model):
            path: Path_ = ("model_list", index)
            wrong = [*_rules(model, path, scenario), *_windows(model, path, scenario)]
            findings += wrong or _workloads(model, scenario)
    return findings


def _rules(model: ListedModel, path: Path_, scenario: Scenario) -> Iterator[Finding]:
    """Rules without limits, limits without rules, and units that count by rules of their own."""
    bought = {knob.path for knob in scenario.capacity.knobs}
    given = [
        key
        for key in LIMIT_KEYS
        if getattr(model, key) is not None or f"model_list.{model.model_name}.{key}" in bought
    ]
    named = "limits_as" if model.limits_as is not None else "limit_rules"
    if model.provisioned is not None:
        key = named if model.limit_rules is not None else given[-1]
        hint = "list the model a second time without units, and let a route fall back to it"
        yield Finding((*path, key), f"`provisioned` counts by a rule of its own, `{key}` has no effect", hint)
        return
    if model.limit_rules is None:
        return
    known = [key for key in LIMIT_KEYS if getattr(model.limit_rules, key) is not None]
    if not given:
        hint = f"give {_either(known or list(LIMIT_KEYS))}"
        yield Finding((*path, named), "says how limits count, and the model has none", hint)
    elif model.limits_as is not None:
        for key in given:
            if key not in known:
                message = f"`{model.limits_as}` has no rule for `{key}`"
                yield Finding((*path, key), message, f"it counts {_either(known, 'and')}")
    else:
        for key in known:
            if key not in given:
                below = (*path, "limit_rules", key)
                yield Finding(below, f"counts nothing: the model has no `{key}`", f"give `{key}`")


def _either(keys: list[str], word: str = "or") -> str:
    quoted = [f"`{key}`" for key in keys]
    return f" {word} ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def _windows(model: ListedModel, path: Path_, scenario: Scenario) -> Iterator[Finding]:
    """Windows too short for a single request."""
    for key, per_minute, rule in _limits(model, scenario):
        if not isinstance(rule, TokenRule) and 0 < depth_of(per_minute, rule) < 1.0:
            depth = depth_of(per_minute, rule)
            message = (
                f"lets nobody in: {per_minute:,g} a minute are {depth:.3g} in a window of {rule.span:g} s"
            )
            hint = f"set `limit_rules: {{{key}: {{span: {60.0 / per_minute:.3g}s}}}}`, or more"
            yield Finding((*path, key), message, hint)
            return


def _workloads(model: ListedModel, scenario: Scenario) -> Iterator[Finding]:
    """Requests whose `max_tokens` nobody knows, or that no limit has ever room for."""
    for index, workload in enumerate(scenario.workloads):
        if model.model_name in _asked(workload, scenario):
            found = next(_impossible(model, workload, ("workloads", index), scenario), None)
            if found is not None:
                yield found


def _impossible(
    model: ListedModel, workload: Workload, asking: Path_, scenario: Scenario
) -> Iterator[Finding]:
    for key, per_minute, rule in _limits(model, scenario):
        if not isinstance(rule, TokenRule):
            continue
        start = rule.at_start
        if start.max_tokens > 0.0 and workload.max_tokens is None:
            message = (
                f"`{key}` of `{model.model_name}` reserves `max_tokens`, and this workload does not say it"
            )
            yield Finding(asking, message, "give it `max_tokens`, as its requests do")
        elif start.max_tokens > 0.0 and workload.max_tokens is not None:
            least = start.max_tokens * workload.max_tokens
            depth = depth_of(per_minute, rule)
            if least > depth:
                message = (
                    f"no request is ever let in: `{key}` of `{model.model_name}` reserves {least:,.0f} tokens for it, "
                    f"and holds {depth:,.0f}"
                )
                yield Finding((*asking, "max_tokens"), message, f"set it lower, or raise `{key}`")


def _limits(model: ListedModel, scenario: Scenario) -> Iterator[tuple[str, float, RequestRule]]:
    for region in model.regions or list(scenario.regions):
        yield from limits_in(model, region)


def _asked(workload: Workload, scenario: Scenario) -> set[str]:
    """Names of the models that a workload may ask."""
    asked: set[str] = set()
    for step in workload.steps:
        if isinstance(step, GenerateStep):
            route = scenario.routes.get(step.generate)
            if route is None:
                asked.add(step.generate)
            else:
                asked |= set(route.choose.values() if isinstance(route.choose, Mapping) else route.choose)
                asked |= set(route.fallbacks)
    return asked
