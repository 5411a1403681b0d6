"""Can the limits of hosted models, counted as their providers do, let anybody in? Do they count anything at all?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from simulator.mechanisms.providers.limit_rules import LIMIT_KEYS, RequestRule, TokenRule
from simulator.mechanisms.providers.limits_build import counts_apart, depth_of, limits_in
from simulator.mechanisms.providers.shared_quotas import SharedQuota
from simulator.mechanisms.traffic.config import GenerateStep, Workload
from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.model import ListedModel, Scenario
from simulator.scenario.read.yaml_source import Path_


@dataclass(frozen=True)
class _Counted:
    """What has limits that count by rules, and where it stands in the scenario."""

    limited: ListedModel | SharedQuota
    path: Path_
    knob: str  # its path as a knob has it
    name: str
    models: frozenset[str]
    regions: tuple[str, ...]

    @property
    def limits(self) -> Iterator[tuple[str, float, RequestRule]]:
        """Every limit, in every region."""
        for region in self.regions:
            yield from limits_in(self.limited, region)


def check_quotas(scenario: Scenario) -> list[Finding]:
    """Findings about limits that count nothing, need what nobody says, or never let a request in."""
    findings: list[Finding] = []
    for index, model in enumerate(scenario.model_list):
        if model.pool is None and counts_apart(model):
            regions = tuple(model.regions or scenario.regions)
            path = ("model_list", index)
            name = model.model_name
            counted = _Counted(model, path, f"model_list.{name}", f"`{name}`", frozenset({name}), regions)
            findings += _findings(counted, scenario)
    for name, quota in scenario.quotas.items():
        asked = frozenset(quota.models)
        regions = tuple(scenario.regions)
        counted = _Counted(quota, ("quotas", name), f"quotas.{name}", f"the quota `{name}`", asked, regions)
        findings += _findings(counted, scenario)
        findings += _nothing_left(counted, quota, scenario)
    return findings


def _findings(counted: _Counted, scenario: Scenario) -> list[Finding]:
    wrong = [*_rules(counted, scenario), *_windows(counted)]
    return wrong or list(_workloads(counted, scenario))


def _rules(counted: _Counted, scenario: Scenario) -> Iterator[Finding]:
    """Rules without limits, limits without rules, and units that count by rules of their own."""
    limited, path = counted.limited, counted.path
    bought = {knob.path for knob in scenario.capacity.knobs}
    given = [
        key for key in LIMIT_KEYS if getattr(limited, key) is not None or f"{counted.knob}.{key}" in bought
    ]
    named = "limits_as" if limited.limits_as is not None else "limit_rules"
    if isinstance(limited, ListedModel) and limited.provisioned is not None:
        key = named if limited.limit_rules is not None else given[-1]
        hint = "list the model a second time without units, and let a route fall back to it"
        yield Finding((*path, key), f"`provisioned` counts by a rule of its own, `{key}` has no effect", hint)
        return
    if limited.limit_rules is None:
        return
    known = [key for key in LIMIT_KEYS if getattr(limited.limit_rules, key) is not None]
    if not given:
        hint = f"give {_either(known or list(LIMIT_KEYS))}"
        yield Finding((*path, named), "says how limits count, and the model has none", hint)
    elif limited.limits_as is not None:
        for key in given:
            if key not in known:
                message = f"`{limited.limits_as}` has no rule for `{key}`"
                yield Finding((*path, key), message, f"it counts {_either(known, 'and')}")
    else:
        what = "model" if isinstance(limited, ListedModel) else "quota"
        for key in known:
            if key not in given:
                below = (*path, "limit_rules", key)
                yield Finding(below, f"counts nothing: the {what} has no `{key}`", f"give `{key}`")


def _either(keys: list[str], word: str = "or") -> str:
    quoted = [f"`{key}`" for key in keys]
    return f" {word} ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def _windows(counted: _Counted) -> Iterator[Finding]:
    """Windows too short for a single request."""
    for key, per_minute, rule in counted.limits:
        if not isinstance(rule, TokenRule) and 0 < depth_of(per_minute, rule) < 1.0:
            depth = depth_of(per_minute, rule)
            message = (
                f"lets nobody in: {per_minute:,g} a minute are {depth:.3g} in a window of {rule.span:g} s"
            )
            hint = f"set `limit_rules: {{{key}: {{span: {60.0 / per_minute:.3g}s}}}}`, or more"
            yield Finding((*counted.path, key), message, hint)
            return


def _workloads(counted: _Counted, scenario: Scenario) -> Iterator[Finding]:
    """Requests whose `max_tokens` nobody knows, or that no limit has ever room for."""
    for index, workload in enumerate(scenario.workloads):
        if counted.models & _asked(workload, scenario):
            found = next(_impossible(counted, workload, ("workloads", index)), None)
            if found is not None:
                yield found


def _impossible(counted: _Counted, workload: Workload, asking: Path_) -> Iterator[Finding]:
    for key, per_minute, rule in counted.limits:
        if not isinstance(rule, TokenRule):
            continue
        start = rule.at_start
        if start.max_tokens > 0.0 and workload.max_tokens is None:
            message = f"`{key}` of {counted.name} reserves `max_tokens`, and this workload does not say it"
            yield Finding(asking, message, "give it `max_tokens`, as its requests do")
        elif start.max_tokens > 0.0 and workload.max_tokens is not None:
            least = start.max_tokens * workload.max_tokens
            depth = depth_of(_share(counted, workload) * per_minute, rule)
            if least > depth:
                message = (
                    f"no request is ever let in: `{key}` of {counted.name} reserves {least:,.0f} tokens for it, "
                    f"and holds {depth:,.0f}"
                )
                yield Finding((*asking, "max_tokens"), message, f"set it lower, or raise `{key}`")


def _share(counted: _Counted, workload: Workload) -> float:
    """The largest share of a limit that a request of a workload may take."""
    quota = counted.limited
    if not isinstance(quota, SharedQuota) or not quota.reserved or quota.borrow_below > 0.0:
        return 1.0
    drawers = [quota.drawer(workload.name, tenant) for tenant in workload.tenant_names]
    return max(quota.reserved[name] if name else quota.rest for name in drawers) or 1.0


def _nothing_left(counted: _Counted, quota: SharedQuota, scenario: Scenario) -> Iterator[Finding]:
    """Who has no share where nothing is lent, and shares of who never draws."""
    drawing: dict[str, str] = {}  # name that a share has → a workload that draws by it
    for workload in scenario.workloads:
        if counted.models & _asked(workload, scenario):
            drawing |= {
                quota.drawer(workload.name, tenant): workload.name for tenant in workload.tenant_names
            }
    for name in quota.reserved:
        if name not in drawing:
            message = f"`{name}` draws on no model of the quota, so what is reserved for it lies idle"
            yield Finding((*counted.path, "reserved", name), message, "remove it")
    needy = [name for name, share in quota.reserved.items() if share == 0.0 and name in drawing]
    if quota.reserved and quota.rest == 0.0 and "" in drawing:
        needy.append(drawing[""])
    if quota.borrow_below == 0.0 and needy:
        message = f"`{needy[0]}` is never let in: nothing is reserved for it, and nothing is lent"
        yield Finding((*counted.path, "reserved"), message, "leave it a share, or set `borrow_below`")


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
