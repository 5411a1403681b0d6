"""Can the contingencies of a scenario happen, and does anybody plan for them?"""

from collections.abc import Iterator

from simulator.mechanisms.incidents.base import Lasting
from simulator.mechanisms.incidents.contingency import Contingency
from simulator.scenario.check.diagnostics import Finding, unknown
from simulator.scenario.check.failures.incident_facts import IncidentFacts
from simulator.scenario.check.failures.incidents import misplaced_incident
from simulator.scenario.contingency_places import cases_of_contingency, replicated
from simulator.scenario.model import Scenario
from simulator.scenario.read.yaml_source import Path_

MAX_CASES = 200  # each is simulated at every peak


def check_survive(scenario: Scenario) -> list[Finding]:
    """Findings about `capacity.survive`."""
    found: list[Finding] = []
    n_cases = 0
    for index, contingency in enumerate(scenario.capacity.survive):
        path: Path_ = ("capacity", "survive", index)
        if contingency in scenario.capacity.survive[:index]:
            found.append(Finding(path, "is listed twice", "remove one"))
        here = list(_names(scenario, contingency, path)) or list(_places(scenario, contingency, path))
        found += here
        n_cases += 0 if here else len(cases_of_contingency(scenario, contingency))
    if n_cases > MAX_CASES:
        message = f"{n_cases} cases in all; at most {MAX_CASES}, because each is simulated at every peak"
        found.append(Finding(("capacity", "survive"), message, "name a `target`"))
    if scenario.capacity.survive and not scenario.stages:
        hint = "add `stages`, or play it with `rollout drill`"
        found.append(Finding(("capacity", "survive"), "has no effect without `stages`", hint))
    return found


def _names(scenario: Scenario, contingency: Contingency, path: Path_) -> Iterator[Finding]:
    region, incident, target = contingency.region_loss, contingency.incident, contingency.target
    if region is not None and region not in scenario.regions:
        yield unknown((*path, "region_loss"), "region", region, scenario.regions)
    names = [one.name for one in scenario.incidents]
    if incident is not None and incident not in names:
        yield unknown((*path, "incident"), "incident", incident, names)
    counted = replicated(scenario)
    if target is not None and target not in counted:
        yield unknown((*path, "target"), "service or pool with `replicas`", target, counted)
    stages = [stage.name for stage in scenario.stages]
    for place, stage in enumerate(contingency.stages or ()):
        if stage not in stages:
            yield unknown((*path, "stages", place), "stage", stage, stages)


def _places(scenario: Scenario, contingency: Contingency, path: Path_) -> Iterator[Finding]:
    if contingency.incident is not None:
        known = next(one for one in scenario.incidents if one.name == contingency.incident)
        if not isinstance(known, Lasting):
            hint = "name one with a `duration`, or play this one with `rollout drill` or `rollout run`"
            yield Finding(
                (*path, "incident"), f"`{known.name}` does not last, so no peak is held under it", hint
            )
        return
    cases = cases_of_contingency(scenario, contingency)
    if not cases:
        hint = "give a service or a pool `replicas`, or remove this"
        yield Finding((*path, "replica_loss"), "nothing in the scenario has replicas to lose", hint)
    for case in cases if contingency.region_loss is not None else ():
        for finding in misplaced_incident(case.incident, IncidentFacts(scenario), path):
            yield Finding((*path, "region_loss"), finding.message, finding.hint)
