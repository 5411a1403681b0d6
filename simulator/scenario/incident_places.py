"""Where incidents may happen: what a scenario's targets are, where they run, and the names that incidents give."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simulator.mechanisms.incidents.places import TargetKind
from simulator.scenario.check.diagnostics import Finding, unknown
from simulator.scenario.model import Scenario
from simulator.scenario.read.yaml_source import Path_


def check_incident_names(scenario: Scenario) -> Iterator[Finding]:
    """Findings about names of incidents, and about names in them that nothing has."""
    kinds = kinds_of_targets(scenario)
    workloads = [workload.name for workload in scenario.workloads]
    for index, incident in enumerate(scenario.incidents):
        path: Path_ = ("incidents", index)
        if incident.name in [other.name for other in scenario.incidents[:index]]:
            yield Finding(path, f"a second `{incident.name}`", "give each its own name")
        if "+" in incident.name:
            yield Finding((*path, "name"), "a `+` joins names of incidents, so it cannot be in one")
        target = getattr(incident, "target", None)
        if target is not None and target not in kinds:
            fit = [name for name, kind in kinds.items() if kind in incident.targets]
            yield unknown((*path, "target"), kinds_text(incident.targets), target, fit)
        for key in ("region", "to"):
            region = getattr(incident, key, None)
            if region is not None and region not in scenario.regions:
                yield unknown((*path, key), "region", region, scenario.regions)
        workload = getattr(incident, "workload", None)
        if workload is not None and workload not in workloads:
            yield unknown((*path, "workload"), "workload", workload, workloads)
        tenant = getattr(incident, "tenant", None)
        tenants = {name for one in scenario.workloads if workload in (None, one.name) for name in one.tenants}
        if tenant is not None and tenant not in tenants:
            yield unknown((*path, "tenant"), "tenant", tenant, sorted(tenants))


def kinds_of_targets(scenario: Scenario) -> dict[str, TargetKind]:
    """Kind of everything that an incident may name as its target; a cache may share its name with none of them."""
    kinds: dict[str, TargetKind] = dict.fromkeys(scenario.caches, "cache")
    kinds |= dict.fromkeys(scenario.teams, "team")
    kinds |= dict.fromkeys(scenario.services, "service")
    kinds |= dict.fromkeys(scenario.quotas, "shared quota")
    for model in scenario.model_list:
        kinds[model.model_name] = "hosted model" if model.pool is None else "pool"
    return kinds


def amount_in(scenario: Scenario, target: str, region: str) -> int | None:
    """Replicas, or people, that a target has in a region, or may have; None: it does not run there."""
    if target in scenario.teams:
        return _at(scenario.teams[target].staff, region)
    holder: Any = scenario.services.get(target)
    regions, replicas = (holder.regions, holder) if holder is not None else (None, None)
    if holder is None:
        model = next(model for model in scenario.model_list if model.model_name == target)
        regions, replicas = model.regions, model.pool
    if regions is not None and region not in regions:
        return None
    if replicas is None:
        return 0  # a provider's are not ours
    here = _at(replicas.replicas, region)
    scaling = replicas.autoscaling
    return here if here is None or scaling is None else scaling.max_replicas


def kinds_text(kinds: Sequence[TargetKind]) -> str:
    """Kinds of targets in words: all models are one kind where both are possible."""
    words: list[str] = list(kinds)
    if "hosted model" in kinds and "pool" in kinds:
        words = ["model" if kind == "pool" else kind for kind in kinds if kind != "hosted model"]
    return " or ".join(words)


def _at(value: Mapping[str, int] | int, region: str) -> int | None:
    return value.get(region) if isinstance(value, Mapping) else value
