"""Does everything that a shared quota names exist, and may it draw on it?"""

from collections.abc import Iterator

from simulator.scenario.check.diagnostics import Finding, unknown
from simulator.scenario.model import Scenario
from simulator.scenario.read.yaml_source import Path_


def check_drawers(scenario: Scenario) -> Iterator[Finding]:
    """Findings about models that draw on shared quotas, and about names that a share is reserved for."""
    hosted = [model.model_name for model in scenario.model_list if model.pool is None]
    for name, quota in scenario.quotas.items():
        for place, model in enumerate(quota.models):
            path: Path_ = ("quotas", name, "models", place)
            if model in quota.models[:place]:
                yield Finding(path, f"a second `{model}`", "name each model once")
            elif model not in hosted:
                yield _not_hosted(scenario, path, model, hosted)
            elif _holds_units(scenario, model):
                hint = "list the model a second time without units, and let a route fall back to it"
                yield Finding(path, f"`{model}` has `provisioned` units, which draw on no quota", hint)
        yield from _reserved(scenario, name)


def _not_hosted(scenario: Scenario, path: Path_, model: str, hosted: list[str]) -> Finding:
    if any(one.model_name == model for one in scenario.model_list):
        return Finding(path, f"`{model}` is a pool and draws on no quota", "name hosted models")
    return unknown(path, "hosted model", model, hosted)


def _holds_units(scenario: Scenario, name: str) -> bool:
    return any(one.provisioned is not None for one in scenario.model_list if one.model_name == name)


def _reserved(scenario: Scenario, quota: str) -> Iterator[Finding]:
    workloads = [workload.name for workload in scenario.workloads]
    tenants = {name for workload in scenario.workloads for name in workload.tenants}
    for name in scenario.quotas[quota].reserved:
        path: Path_ = ("quotas", quota, "reserved", name)
        if name in workloads and name in tenants:
            hint = "give one of both another name"
            yield Finding(path, f"`{name}` is a workload and a tenant", hint)
        elif name not in workloads and name not in tenants:
            yield unknown(path, "workload or tenant", name, [*workloads, *sorted(tenants)])
