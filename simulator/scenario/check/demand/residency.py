"""Does a rule of data residency leave every workload somewhere to go?"""

from collections.abc import Iterator

from simulator.mechanisms.routes.config import CACHED_ANSWER, HUMAN
from simulator.mechanisms.traffic.config import CacheStep, CallStep, GenerateStep, ReviewStep, Step, Workload
from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.check.size import rates_rps
from simulator.scenario.model import Scenario
from simulator.scenario.region_facts import may_go, regions_of, residency_of


def check_residency(scenario: Scenario) -> list[Finding]:
    """Findings about steps that no region may do which the data of their users may go to."""
    findings: dict[Finding, None] = {}  # in order, each once
    for workload in scenario.workloads:
        for region in _asking(scenario, workload).values():
            for step in workload.steps:
                findings |= dict.fromkeys(_step(scenario, region, step))
    return list(findings)


def _asking(scenario: Scenario, workload: Workload) -> dict[str, str]:
    """Zones under a rule whose users ask a workload, and a region of each; all of them may go to the same places."""
    rates = rates_rps(workload, scenario) or dict.fromkeys(scenario.regions, 1.0)
    asking: dict[str, str] = {}
    for region in scenario.regions:
        zone = residency_of(scenario, region)
        if rates.get(region, 0.0) > 0.0 and zone is not None and zone in scenario.data_residency:
            asking.setdefault(zone, region)
    return asking


def _step(scenario: Scenario, region: str, step: Step) -> Iterator[Finding]:
    zone = residency_of(scenario, region)
    assert zone is not None
    if isinstance(step, CallStep | GenerateStep):
        name = step.call if isinstance(step, CallStep) else step.generate
        for targets in _ways(scenario, name):
            others = [target for target in targets if target not in (CACHED_ANSWER, HUMAN)]
            if len(others) == len(targets) and not any(_may_ask(scenario, region, t) for t in others):
                yield _nowhere(scenario, zone, name, others)
    elif isinstance(step, ReviewStep) and not _may_ask(scenario, region, step.review.team):
        yield _nowhere(scenario, zone, step.review.team, [step.review.team])
    elif isinstance(step, CacheStep) and scenario.caches[step.cache].scope == "global":
        barred = [there for there in scenario.regions if not may_go(scenario, region, there)]
        if scenario.caches[step.cache].type != "measured" and barred:
            yield Finding(
                ("data_residency", zone),
                f"the cache `{step.cache}` keeps answers of users of {zone} for all regions, `{barred[0]}` too",
                f"give `caches.{step.cache}` `scope: region`",
            )


def _ways(scenario: Scenario, name: str) -> list[list[str]]:
    """Entries that may answer, in turn, for each class of requests that a route tells apart."""
    route = scenario.routes.get(name)
    if route is None:
        return [[name]]
    if isinstance(route.choose, dict):
        return [[target, *route.fallbacks] for target in route.choose.values()]
    return [[*route.choose, *route.fallbacks]]


def _may_ask(scenario: Scenario, region: str, target: str) -> bool:
    return any(may_go(scenario, region, there) for there in regions_of(scenario, target))


def _nowhere(scenario: Scenario, zone: str, name: str, targets: list[str]) -> Finding:
    """One of a route's ways is closed to the users of a zone."""
    there = list(dict.fromkeys(place for target in targets for place in regions_of(scenario, target)))
    zones = list(dict.fromkeys(residency_of(scenario, place) or "no zone" for place in there))
    runs_in = ", ".join(f"{place} ({residency_of(scenario, place) or 'no zone'})" for place in there[:6])
    what = f"`{name}`" if targets == [name] else f"`{name}` ({', '.join(targets)})"
    return Finding(
        ("data_residency", zone),
        f"leaves users of {zone} nowhere to go for {what}, which runs in {runs_in}",
        f"let it run in a region of {' or '.join(scenario.data_residency[zone])}, or allow {' or '.join(zones)}",
    )
