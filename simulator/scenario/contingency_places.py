"""What can be lost? The incidents that a contingency stands for, one per place, with names for people."""

from dataclasses import dataclass

from simulator.mechanisms.incidents.base import Lasting
from simulator.mechanisms.incidents.config import Incident
from simulator.mechanisms.incidents.contingency import Contingency
from simulator.mechanisms.incidents.losses import Outage, ReplicaLoss
from simulator.scenario.incident_places import amount_in
from simulator.scenario.model import Scenario

_WHOLE_S = 1.0  # of incidents that planning stretches over the window anyway


@dataclass(frozen=True)
class ContingencyCase:
    """One thing that goes wrong."""

    name: str  # e.g. `1 replica of desk in home`
    incident: Incident


def cases_of(scenario: Scenario, stage: str | None = None) -> tuple[ContingencyCase, ...]:
    """Every case that a stage must survive; None: that any must.

    All names must exist; a contingency that nothing can have gives no case.
    """
    found: dict[str, ContingencyCase] = {}
    for contingency in scenario.capacity.survive:
        if stage is None or contingency.stages is None or stage in contingency.stages:
            found |= {case.name: case for case in _cases(scenario, contingency)}
    return tuple(found.values())


def cases_of_contingency(scenario: Scenario, contingency: Contingency) -> tuple[ContingencyCase, ...]:
    """The cases that one contingency stands for."""
    return tuple(_cases(scenario, contingency))


def _cases(scenario: Scenario, contingency: Contingency) -> list[ContingencyCase]:
    if contingency.region_loss is not None:
        name = f"region {contingency.region_loss}"
        outage = Outage(name=name, kind="outage", region=contingency.region_loss, duration=_WHOLE_S)
        return [ContingencyCase(name, outage)]
    if contingency.incident is not None:
        known = next(one for one in scenario.incidents if one.name == contingency.incident)
        return [ContingencyCase(f"incident {known.name}", known)] if isinstance(known, Lasting) else []
    return [
        _replica_case(target, region, contingency.replica_loss or 1)
        for target in replicated(scenario)
        if contingency.target in (None, target)
        for region in scenario.regions
        if amount_in(scenario, target, region) is not None
    ]


def _replica_case(target: str, region: str, n_replicas: int) -> ContingencyCase:
    name = f"{n_replicas} replica{'s' if n_replicas > 1 else ''} of {target} in {region}"
    loss = ReplicaLoss(
        name=name,
        kind="replica_loss",
        target=target,
        region=region,
        replicas=n_replicas,
        duration=_WHOLE_S,
    )
    return ContingencyCase(name, loss)


def replicated(scenario: Scenario) -> list[str]:
    """Services and pools whose replicas the scenario counts: it gives their number, scales them, or plans them."""
    planned = {knob.path for knob in scenario.capacity.knobs}
    services = [
        name
        for name, service in scenario.services.items()
        if "replicas" in service.model_fields_set
        or service.autoscaling is not None
        or f"services.{name}.replicas" in planned
    ]
    return services + [model.model_name for model in scenario.model_list if model.pool is not None]
