"""Does what a scenario says about money fit together, and does every key of it change something?"""

from collections.abc import Iterator, Mapping

from simulator.mechanisms.traffic.config import GenerateStep, ReviewStep, Workload
from simulator.scenario.check.diagnostics import Finding, unknown
from simulator.scenario.model import Scenario
from simulator.scenario.read.currencies import DOLLAR
from simulator.scenario.read.yaml_source import Path_

_LONGEST_NAME = 80


def check_economics_names(scenario: Scenario) -> Iterator[Finding]:
    """Findings about names: models of commitments, regions of costs and units."""
    hosted = {model.model_name for model in scenario.model_list if model.pool is None}
    committed: dict[str, str] = {}
    for index, commitment in enumerate(scenario.economics.commitments):
        for place, name in enumerate(commitment.models):
            path: Path_ = ("economics", "commitments", index, "models", place)
            if name not in hosted:
                yield unknown(path, "hosted model", name, hosted)
            elif name in committed:
                yield Finding(
                    path, f"`{name}` is also in `{committed[name]}`", "a model counts towards one commitment"
                )
            committed[name] = commitment.name
    baseline = scenario.economics.baseline
    known = {workload.name for workload in scenario.workloads}
    for place, name in enumerate((baseline.workloads if baseline else None) or []):
        if name not in known:
            yield unknown(("economics", "baseline", "workloads", place), "workload", name, known)
    for name, team in scenario.teams.items():
        if isinstance(team.cost, dict):
            yield from _regions(scenario, ("teams", name, "cost"), team.cost)
    for index, model in enumerate(scenario.model_list):
        if model.provisioned is not None and isinstance(model.provisioned.units, dict):
            yield from _regions(
                scenario, ("model_list", index, "provisioned", "units"), model.provisioned.units
            )


def check_budgets(scenario: Scenario) -> Iterator[Finding]:
    """Findings about budgets of workloads."""
    known = {model.model_name for model in scenario.model_list}
    generating = {
        workload.name: [step.generate for step in workload.steps if isinstance(step, GenerateStep)]
        for workload in scenario.workloads
    }
    for index, workload in enumerate(scenario.workloads):
        budget = workload.budget
        path: Path_ = ("workloads", index, "budget")
        yield from _tenants(workload, ("workloads", index))
        if budget is None:
            continue
        chosen = {name for used in generating[workload.name] for name in _chosen(scenario, used)}
        for name, other in budget.models.items():
            if other not in known:
                yield unknown((*path, "models", name), "model", other, known)
            if name not in chosen:
                hint = f"name one of {', '.join(sorted(chosen)) or 'none'}"
                yield Finding((*path, "models", name), "no route of the workload chooses it first", hint)
        others = {name for of, names in generating.items() if of != workload.name for name in names}
        shared = [name for name in generating[workload.name] if budget.models and name in others]
        if shared:
            hint = "give each workload a route of its own"
            yield Finding((*path, "models"), f"`{shared[0]}` is asked by other workloads, too", hint)


def _tenants(workload: Workload, path: Path_) -> Iterator[Finding]:
    """Findings about who shares a workload: what is beyond them, and what would be said twice."""
    tenants = workload.tenants
    if tenants and workload.trace is not None and workload.trace.says_when:
        hint = "use `replay: lengths` with an `arrival_rate`, or a workload for each tenant's log"
        yield Finding(
            (*path, "tenants"), "a log that is replayed does not say whose requests are whose", hint
        )
    if workload.limits is not None and tenants and all(one.limits is not None for one in tenants.values()):
        yield Finding((*path, "limits"), "changes nothing: every tenant has its own", "remove it")
    for name, tenant in tenants.items():
        below = (*path, "tenants", name, "budget")
        if not name or name != name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
            hint = f"use 1 to {_LONGEST_NAME} printable characters"
            yield Finding((*path, "tenants", name), f"`{name[:40]}` is no name", hint)
        if tenant.budget is None:
            continue
        if tenant.budget.on_exceed == "downgrade":
            hint = "`alert`, `throttle` or `stop`"
            yield Finding((*below, "on_exceed"), "routes are the workload's, not a tenant's", hint)
        if workload.budget is not None:
            hint = "keep the workload's budget, or those of its tenants"
            yield Finding(below, "the workload has a budget, too, and both would move the same limits", hint)


def _chosen(scenario: Scenario, name: str) -> list[str]:
    """Models that a route chooses among first; a model stands for itself."""
    route = scenario.routes.get(name)
    if route is None:
        return [name]
    return list(route.choose.values()) if isinstance(route.choose, dict) else list(route.choose)


def _hands_off_unsure(scenario: Scenario, workload: Workload) -> bool:
    """Whether people take over answers that models of a declared route flag."""
    reviews = (step.review for step in workload.steps if isinstance(step, ReviewStep))
    asks = any(isinstance(step, GenerateStep) and step.generate in scenario.routes for step in workload.steps)
    return asks and any("low_confidence" in rule.when for rule in reviews)


def _invested(scenario: Scenario) -> Iterator[tuple[str | int, ...]]:
    """Parts that have an investment of their own."""
    yield from (("stages", place) for place, of in enumerate(scenario.stages) if of.investment)
    yield from (("regions", name) for name, of in scenario.regions.items() if of.investment)
    yield from (("languages", name) for name, of in scenario.languages.items() if of.investment)


def check_economics(scenario: Scenario) -> Iterator[Finding]:
    """Findings about keys without effect or against each other."""
    money, path = scenario.economics, ("economics",)
    if money.baseline is None:
        given = {"investment": money.investment, "discount_rate": money.discount_rate}
        for key, value in given.items():
            if value:
                yield Finding(
                    (*path, key), "changes nothing without `baseline`", "say what an action costs today"
                )
        for of in _invested(scenario):
            yield Finding(
                (*of, "investment"),
                "changes nothing without `economics.baseline`",
                "say what an action costs today",
            )
    ranges = money.uncertain
    has_hosted = any(model.pool is None for model in scenario.model_list)
    asked = {
        "prompt_tokens": any(one.prompt_tokens is not None for one in scenario.workloads),
        "output_tokens": any(one.output_tokens is not None for one in scenario.workloads),
        "token_price": has_hosted,
        "error_share": bool(scenario.model_list),
        "handle_time": bool(scenario.teams),
        "people_cost": bool(scenario.teams),
        "success_rate": bool(scenario.model_list),
        "hand_off_rate": any(_hands_off_unsure(scenario, one) for one in scenario.workloads),
        "adoption_delay": any(stage.adoption is not None for stage in scenario.stages),
        "exchange_rate": has_hosted and scenario.currency != DOLLAR,
    }
    for key, is_there in asked.items():
        if getattr(ranges, key) is not None and not is_there:
            yield Finding(
                (*path, "uncertain", key), "changes nothing: the scenario has none of it", "remove it"
            )
    for index, model in enumerate(scenario.model_list):
        prices, held = model.prices, model.provisioned
        place: Path_ = ("model_list", index)
        is_asked = any(one.priority == "batch" for one in scenario.workloads)
        if prices is not None and prices.batch_discount > 0.0 and not is_asked:
            hint = "give a workload `priority: batch`, or remove it"
            yield Finding((*place, "prices", "batch_discount"), "no workload is `batch`", hint)
        if held is not None and not held.overflow and model.tpm is not None:
            yield Finding(
                (*place, "tpm"),
                "changes nothing: beyond its provisioned units the model answers 429",
                "set `provisioned.overflow: true`, or remove `tpm`",
            )


def _regions(scenario: Scenario, path: Path_, by_region: Mapping[str, float]) -> Iterator[Finding]:
    for region in by_region:
        if region not in scenario.regions:
            yield unknown((*path, region), "region", region, scenario.regions)
