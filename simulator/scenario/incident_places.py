"""Where an incident happens: does the place exist, does the target run there, and does the kind fit it?"""

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.mechanisms.incidents.config import (
    BadRelease,
    CacheFlush,
    Incident,
    NetworkTrouble,
    Outage,
    QuotaCut,
)
from simulator.scenario.check.diagnostics import Finding, unknown
from simulator.scenario.model import Scenario
from simulator.scenario.read.yaml_source import Path_

_TARGETS: Mapping[str, tuple[str, ...]] = {  # kinds of targets by kind of incident
    "outage": ("service", "hosted model", "pool", "cache"),
    "latency": ("service", "hosted model"),
    "error": ("service", "hosted model", "pool"),
    "rate_limit": ("service", "hosted model", "pool"),
    "quota": ("service", "hosted model"),
    "replica_loss": ("service", "pool"),
    "flush": ("cache",),
    "staff": ("team",),
    "release": ("hosted model", "pool"),
    "drift": ("hosted model", "pool"),
}
_INSTEAD = {  # what to use for a target that does not fit
    ("latency", "pool"): "take replicas away (`replica_loss`), or ask more of it (`surge`)",
    (
        "replica_loss",
        "hosted model",
    ): "a provider's replicas are not yours: use `outage`, `error` or `latency`",
    ("outage", "team"): "use `staff`",
    ("quota", "pool"): "a pool has no quota; use `rate_limit`",
}


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
        fitting = _TARGETS.get(incident.kind, ())
        if target is not None and target not in kinds:
            fit = [name for name, kind in kinds.items() if kind in fitting]
            yield unknown((*path, "target"), " or ".join(_general(fitting)), target, fit)
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


def kinds_of_targets(scenario: Scenario) -> dict[str, str]:
    """Kind of everything that an incident may name as its target; a cache may share its name with none of them."""
    kinds = dict.fromkeys(scenario.caches, "cache") | dict.fromkeys(scenario.teams, "team")
    kinds |= dict.fromkeys(scenario.services, "service")
    return kinds | {
        model.model_name: "hosted model" if model.pool is None else "pool" for model in scenario.model_list
    }


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


def _at(value: Mapping[str, int] | int, region: str) -> int | None:
    return value.get(region) if isinstance(value, Mapping) else value


def _general(kinds: tuple[str, ...]) -> list[str]:
    """Kinds of targets in words: all models are one kind where both are possible."""
    if "hosted model" in kinds and "pool" in kinds:
        kinds = tuple("model" if kind == "pool" else kind for kind in kinds if kind != "hosted model")
    return list(kinds)


class IncidentPlaces:
    """Where the targets of a scenario run."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._kinds = kinds_of_targets(scenario)
        self._models = {model.model_name: model for model in scenario.model_list}

    def findings(self, incident: Incident, path: Path_) -> Iterator[Finding]:
        """Findings about the place of one incident, all of whose names exist."""
        target = getattr(incident, "target", None)
        region = getattr(incident, "region", None)
        fitting = _TARGETS.get(incident.kind, ())
        if target is not None and self._kinds[target] not in fitting:
            kind = self._kinds[target]
            hint = _INSTEAD.get(
                (incident.kind, kind), f"`{incident.kind}` is of a {' or '.join(_general(fitting))}"
            )
            yield Finding((*path, "target"), f"`{target}` is a {kind}", hint)
        elif target is not None and region is not None and not self._runs(target, region):
            yield Finding((*path, "region"), f"`{target}` does not run in `{region}`")
        elif target is not None:
            yield from self._of_target(incident, target, path)
        elif isinstance(incident, Outage):
            yield from self._of_region(incident, path)
        elif isinstance(incident, NetworkTrouble) and (
            len(self._scenario.regions) < 2 or incident.region == incident.to
        ):
            yield Finding((*path, "region"), "a way inside a region is none of the network's")

    def _runs(self, target: str, region: str) -> bool:
        cache = self._scenario.caches.get(target) if self._kinds[target] == "cache" else None
        if cache is not None:
            return cache.scope == "region"
        return amount_in(self._scenario, target, region) is not None

    def _of_target(self, incident: Incident, target: str, path: Path_) -> Iterator[Finding]:
        cache = self._scenario.caches.get(target)
        if isinstance(incident, CacheFlush) and cache is not None and cache.type == "measured":
            yield Finding((*path, "target"), f"changes nothing: the hit rate of `{target}` is given")
        if isinstance(incident, QuotaCut) and not self._has_quota(target):
            hint = "give it `rpm`, `tpm` or `rate_limit`, or use `rate_limit` as the kind"
            yield Finding((*path, "target"), f"`{target}` has no quota that could be cut", hint)
        if isinstance(incident, BadRelease) and incident.ttft != 0.0 and self._kinds[target] == "pool":
            yield Finding((*path, "ttft"), "the time to first token of a pool follows from its load")

    def _has_quota(self, target: str) -> bool:
        holder: Any = self._scenario.services.get(target) or self._models.get(target)
        return any(getattr(holder, key, None) is not None for key in ("rpm", "tpm", "rate_limit"))

    def _of_region(self, incident: Outage, path: Path_) -> Iterator[Finding]:
        region = incident.region
        assert region is not None
        here = [name for name, kind in self._kinds.items() if kind != "team" and self._runs(name, region)]
        if not here:
            yield Finding((*path, "region"), f"nothing runs in `{region}`")
        if incident.zone is None:
            return
        n_zones = self._scenario.regions[region].zones
        if n_zones < 2 or incident.zone > n_zones:
            hint = f"give `regions.{region}.zones`" if n_zones < 2 else f"from 1 to {n_zones}"
            yield Finding((*path, "zone"), f"`{region}` has no zone {incident.zone}", hint)
        elif not any(self._kinds[name] in ("service", "pool") for name in here):
            yield Finding((*path, "zone"), f"no replicas of yours stand in `{region}`")
