"""What a scenario is, as far as its incidents ask: what runs where, who asks, and what has limits and time-outs."""

from typing import Any

from simulator.mechanisms.incidents.places import TargetKind
from simulator.mechanisms.providers.limit_rules import LIMIT_KEYS
from simulator.mechanisms.traffic.config import CallStep, GenerateStep, ValidateStep, Workload
from simulator.scenario.check.size import rates_rps
from simulator.scenario.incident_places import amount_in, kinds_of_targets
from simulator.scenario.model import Route, Scenario


class IncidentFacts:
    """The facts of one scenario, as `simulator.mechanisms.incidents.places.ScenarioFacts` asks for them."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._kinds = kinds_of_targets(scenario)
        self._models = {model.model_name: model for model in scenario.model_list}
        self._workloads = {workload.name: workload for workload in scenario.workloads}

    @property
    def n_regions(self) -> int:
        """Regions that there are."""
        return len(self._scenario.regions)

    def n_zones(self, region: str) -> int:
        """Zones that a region's replicas are spread over."""
        return self._scenario.regions[region].zones

    def kind_of(self, target: str) -> TargetKind:
        """What a target is."""
        return self._kinds[target]

    def runs(self, target: str, region: str) -> bool:
        """Whether a target runs in a region."""
        quota = self._scenario.quotas.get(target) if self._kinds[target] == "shared quota" else None
        if quota is not None:
            drawing = [amount_in(self._scenario, model, region) for model in quota.models]
            return quota.scope == "region" and any(amount is not None for amount in drawing)
        cache = self._scenario.caches.get(target) if self._kinds[target] == "cache" else None
        if cache is not None:
            return cache.scope == "region"
        return amount_in(self._scenario, target, region) is not None

    def running_in(self, region: str) -> list[TargetKind]:
        """What everything is that runs in a region, people apart."""
        unasked = ("team", "shared quota")
        return [kind for name, kind in self._kinds.items() if kind not in unasked and self.runs(name, region)]

    def n_replicas(self, target: str, region: str | None) -> list[int]:
        """Replicas that a target has, or may have, in each region in which it runs."""
        regions = self._scenario.regions if region is None else [region]
        found = [amount_in(self._scenario, target, one) for one in regions]
        return [amount for amount in found if amount is not None]

    def has_quota(self, target: str) -> bool:
        """Whether requests or tokens per minute are limited."""
        scenario = self._scenario
        holder: Any = scenario.services.get(target) or scenario.quotas.get(target) or self._models.get(target)
        return any(getattr(holder, key, None) is not None for key in (*LIMIT_KEYS, "rate_limit"))

    def is_measured(self, cache: str) -> bool:
        """Whether the hit rate of a cache is given."""
        return self._scenario.caches[cache].type == "measured"

    def asks_from(self, region: str, workload: str | None) -> bool:
        """Whether anybody asks from a region, of a workload or of any."""
        asking = [one for one in self._scenario.workloads if workload in (None, one.name)]
        rates = [rates_rps(one, self._scenario) for one in asking]
        return any(rate is None or rate.get(region, 0.0) > 0.0 for rate in rates)

    def has_contract(self, workload: str) -> bool:
        """Whether a workload has a step that checks a data contract."""
        return self._has_step(workload, ValidateStep)

    def generates(self, workload: str) -> bool:
        """Whether a workload asks a model."""
        return self._has_step(workload, GenerateStep)

    def has_output_tokens(self, workload: str) -> bool:
        """Whether a workload says how long its answers are."""
        return self._workloads[workload].output_tokens is not None

    def waits_for_ever(self) -> tuple[str, str] | None:
        """A workload without a time-out, and whom it asks without one; None: there is none."""
        for workload in self._scenario.workloads:
            name = self._asked_without_end(workload) if workload.timeout is None else None
            if name is not None:
                return workload.name, name
        return None

    def _asked_without_end(self, workload: Workload) -> str | None:
        for step in workload.steps:
            if isinstance(step, CallStep | GenerateStep):
                name = step.call if isinstance(step, CallStep) else step.generate
                route = self._scenario.routes.get(name) or Route(choose=[name])
                if route.timeout is None and route.per_try_timeout is None:
                    return name
        return None

    def _has_step(self, workload: str, kind: type) -> bool:
        return any(isinstance(step, kind) for step in self._workloads[workload].steps)
