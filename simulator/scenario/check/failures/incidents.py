"""Can the incidents of a scenario happen, and would anybody notice?"""

from collections.abc import Iterator

from simulator.mechanisms.incidents.config import (
    BadRelease,
    BrokenContract,
    Drift,
    Incident,
    Lasting,
    NetworkTrouble,
    Outage,
    Recurring,
    ReplicaLoss,
    Surge,
)
from simulator.mechanisms.traffic.config import CallStep, GenerateStep, ValidateStep, Workload
from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.check.size import rates_rps
from simulator.scenario.incident_places import IncidentPlaces, amount_in
from simulator.scenario.model import Route, Scenario
from simulator.scenario.read.yaml_source import Path_

MAX_OCCURRENCES = 100_000  # of one incident in one window


def check_incidents(scenario: Scenario, *, is_variant: bool) -> list[Finding]:
    """Findings about places, kinds and times of incidents; times against the window are not those of a variant."""
    places = IncidentPlaces(scenario)
    found: list[Finding] = []
    for index, incident in enumerate(scenario.incidents):
        path: Path_ = ("incidents", index)
        misplaced = list(places.findings(incident, path))
        found += misplaced or _effects(scenario, incident, path)
        if isinstance(incident, Recurring):
            found += _times(scenario, incident, path, is_variant)
    return [*found, *_overlapping(scenario), *_idle_zones(scenario)]


def _effects(scenario: Scenario, incident: Incident, path: Path_) -> Iterator[Finding]:
    """What a kind needs besides its place."""
    workloads = {workload.name: workload for workload in scenario.workloads}
    if isinstance(incident, NetworkTrouble) and incident.loss > 0.0:
        yield from _unnoticed_loss(scenario, path)
    elif isinstance(incident, Surge):
        yield from _surge(scenario, incident, path)
    elif isinstance(incident, BrokenContract):
        workload = workloads[incident.workload]
        if not any(isinstance(step, ValidateStep) for step in workload.steps):
            hint = "give it a `validate` step"
            yield Finding((*path, "workload"), f"`{workload.name}` has no data contract", hint)
    elif isinstance(incident, BadRelease | Drift) and incident.workload is not None:
        yield from _of_workload(workloads[incident.workload], incident, path)
    elif isinstance(incident, ReplicaLoss) and incident.mtbf is None:
        most = max(_replicas(scenario, incident), default=0)
        if incident.replicas > most:
            yield Finding((*path, "replicas"), f"`{incident.target}` has {most} replicas at most")


def _of_workload(workload: Workload, incident: BadRelease | Drift, path: Path_) -> Iterator[Finding]:
    if not any(isinstance(step, GenerateStep) for step in workload.steps):
        yield Finding((*path, "workload"), f"`{workload.name}` generates nothing, so no answer gets worse")
    is_longer = isinstance(incident, BadRelease) and incident.output_tokens != 0.0
    if is_longer and workload.output_tokens is None:
        yield Finding((*path, "output_tokens"), f"`{workload.name}` has no `output_tokens`")


def _surge(scenario: Scenario, incident: Surge, path: Path_) -> Iterator[Finding]:
    if incident.factor == 1.0:
        yield Finding((*path, "factor"), "changes nothing", "give e.g. 3 for three times the demand")
    asking = [w for w in scenario.workloads if incident.workload in (None, w.name)]
    rates = [rates_rps(workload, scenario) for workload in asking]
    if incident.region is not None and not any(
        rate is None or rate.get(incident.region, 0.0) > 0.0 for rate in rates
    ):
        yield Finding((*path, "region"), f"nobody asks from `{incident.region}`")


def _replicas(scenario: Scenario, incident: ReplicaLoss) -> list[int]:
    """Replicas at most, by region in which the target runs."""
    regions = scenario.regions if incident.region is None else [incident.region]
    found = [amount_in(scenario, incident.target, region) for region in regions]
    return [amount for amount in found if amount is not None]


def _unnoticed_loss(scenario: Scenario, path: Path_) -> Iterator[Finding]:
    """What is lost is only missed by a time-out; without one a request would wait for ever."""
    for workload in scenario.workloads:
        for step in workload.steps if workload.timeout is None else ():
            if not isinstance(step, CallStep | GenerateStep):
                continue
            name = step.call if isinstance(step, CallStep) else step.generate
            route = scenario.routes.get(name) or Route(choose=[name])
            if route.timeout is None and route.per_try_timeout is None:
                hint = "give the route, or the workload, a `timeout`"
                message = f"what is lost on the way to `{name}` is waited for for ever by `{workload.name}`"
                yield Finding((*path, "loss"), message, hint)
                return


def _times(scenario: Scenario, incident: Recurring, path: Path_, is_variant: bool) -> Iterator[Finding]:
    window = scenario.window
    if incident.start is not None and incident.start >= window.duration and not is_variant:
        hint = "make `window.duration` longer, or leave `start` out: then only `rollout drill` plays it"
        yield Finding((*path, "start"), f"begins after the window of {window.duration:g} s has ended", hint)
    warmup_s = 0.0 if window.warmup == "auto" else window.warmup
    length_s = window.duration + warmup_s
    n_components = 1
    between_s = incident.every
    if isinstance(incident, Lasting) and incident.mtbf is not None and incident.mttr is not None:
        between_s = incident.mtbf + incident.mttr
        n_components = sum(_replicas(scenario, incident)) if isinstance(incident, ReplicaLoss) else 1
    if between_s is not None and n_components * length_s / between_s > MAX_OCCURRENCES:
        key = "every" if incident.every is not None else "mtbf"
        message = f"about {n_components * length_s / between_s:,.0f} times in the window; at most {MAX_OCCURRENCES:,}"
        yield Finding((*path, key), message)


def _overlapping(scenario: Scenario) -> Iterator[Finding]:
    """Scheduled outages of the same place that overlap: the second would take down what is down."""
    seen: list[tuple[tuple[object, ...], float, float, str]] = []
    for index, incident in enumerate(scenario.incidents):
        if not isinstance(incident, Outage) or incident.start is None or incident.duration is None:
            continue
        place = (incident.target, incident.region, incident.zone)
        end = incident.start + incident.duration
        for other, other_start, other_end, name in seen:
            if other == place and incident.start < other_end and other_start < end:
                hint = "make one of both, or let the second begin when the first has ended"
                yield Finding(("incidents", index, "start"), f"overlaps with the outage `{name}`", hint)
        seen.append((place, incident.start, end, incident.name))


def _idle_zones(scenario: Scenario) -> Iterator[Finding]:
    """Zones that no outage takes."""
    taken = {i.region for i in scenario.incidents if isinstance(i, Outage) and i.zone is not None}
    for name, region in scenario.regions.items():
        if region.zones > 1 and name not in taken:
            hint = f"add an incident such as {{kind: outage, region: {name}, zone: 1, …}}"
            yield Finding(("regions", name, "zones"), "changes nothing: no outage takes a zone", hint)
