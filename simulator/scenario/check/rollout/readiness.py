"""Can the checklist be measured with what the scenario says?"""

from collections.abc import Iterator, Mapping

from simulator.mechanisms.incidents.quality import Drift
from simulator.mechanisms.traffic.config import ReviewStep
from simulator.scenario.check.diagnostics import Finding, unknown
from simulator.scenario.model import Scenario
from simulator.scenario.readiness import Attestation


def check_readiness(scenario: Scenario) -> Iterator[Finding]:
    """Findings about `readiness`."""
    measured, attested = scenario.readiness.measured, scenario.readiness.attested
    if scenario.readiness.items() and not scenario.stages:
        hint = "add `stages`, or remove it"
        yield Finding(
            ("readiness",), "changes nothing: it is asked before `stages`, and there are none", hint
        )
    stages = [stage.name for stage in scenario.stages]
    for part, items in (("measured", measured.items()), ("attested", attested)):
        for name, item in items.items():
            for place, stage in enumerate(item.stages or ()):
                if stage not in stages:
                    yield unknown(("readiness", part, name, "stages", place), "stage", stage, stages)
    yield from _deliveries(attested)
    for name in attested.keys() & measured.items().keys():
        yield Finding(("readiness", "attested", name), "is measured, too", "remove one of both")
    if measured.release_and_rollback is not None and scenario.canary is None:
        hint = "say in `canary` in which steps a release reaches its users, or attest it"
        yield Finding(
            ("readiness", "measured", "release_and_rollback"), "there is no canary to rehearse", hint
        )
    reviews = (isinstance(step, ReviewStep) for workload in scenario.workloads for step in workload.steps)
    if measured.feedback_loop is not None and not any(reviews):
        hint = "give a workload a `review` step with a `sample`, or attest it"
        yield Finding(("readiness", "measured", "feedback_loop"), "nobody looks at answers", hint)
    if measured.monitoring is not None:
        yield from _monitoring(scenario)


def _deliveries(attested: Mapping[str, Attestation]) -> Iterator[Finding]:
    """When what is attested is there."""
    for name, item in attested.items():
        path = ("readiness", "attested", name)
        for place, need in enumerate(item.needs):
            if need not in attested:
                yield unknown((*path, "needs", place), "attested item", need, list(attested))
        if item.evidence and item.due is not None:
            yield Finding((*path, "due"), "is promised, and its evidence is there", "remove one of both")
        if item.evidence and item.expires is not None and item.dated is None:
            yield Finding((*path, "expires"), "counts from the day of the evidence", "give `dated`, too")
        if not item.evidence and item.dated is not None:
            yield Finding(
                (*path, "dated"), "is the day of an evidence that is not there", "use `due` for a promise"
            )
        if name in _needed_by(attested, name):
            yield Finding(
                (*path, "needs"), "comes back to itself: neither can be begun", "remove one of them"
            )


def _needed_by(attested: Mapping[str, Attestation], name: str) -> set[str]:
    """Everything that an item needs, directly or not."""
    found: set[str] = set()
    left = [name]
    while left:
        more = [need for need in attested[left.pop()].needs if need in attested and need not in found]
        found.update(more)
        left += more
    return found


def _monitoring(scenario: Scenario) -> Iterator[Finding]:
    path = ("readiness", "measured", "monitoring")
    if all(isinstance(incident, Drift) for incident in scenario.incidents):
        yield Finding(path, "there are no incidents to see", "add some to `incidents`, or attest it")
    if not scenario.alerts:
        yield Finding(path, "there are no alerts", "remove `alerts: {}` for the usual ones, or attest it")
    if not any(slo.counts_actions for slo in scenario.slos):
        hint = "add an SLO on availability, success_rate, rejected_rate, or a percentile of latency or ttft"
        yield Finding(path, "there is no objective that alerts could watch", hint)
