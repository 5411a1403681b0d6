"""Can the incidents of a scenario happen, and would anybody notice?"""

from collections.abc import Iterator

from simulator.mechanisms.incidents.base import Lasting, Recurring
from simulator.mechanisms.incidents.config import Incident
from simulator.mechanisms.incidents.losses import Outage
from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.check.failures.incident_facts import IncidentFacts
from simulator.scenario.incident_places import kinds_text
from simulator.scenario.model import Scenario
from simulator.scenario.read.yaml_source import Path_

MAX_OCCURRENCES = 100_000  # of one incident in one window


def check_incidents(scenario: Scenario, *, is_variant: bool) -> list[Finding]:
    """Findings about places, kinds and times of incidents; times against the window are not those of a variant."""
    facts = IncidentFacts(scenario)
    found: list[Finding] = []
    for index, incident in enumerate(scenario.incidents):
        path: Path_ = ("incidents", index)
        misplaced = list(misplaced_incident(incident, facts, path))
        found += misplaced or [
            Finding((*path, one.key), one.message, one.hint) for one in incident.lacking(facts)
        ]
        if isinstance(incident, Recurring):
            found += _times(scenario, incident, facts, path, is_variant)
    return [*found, *_overlapping(scenario), *_idle_zones(scenario)]


def misplaced_incident(incident: Incident, facts: IncidentFacts, path: Path_) -> Iterator[Finding]:
    """Findings about the place of one incident, all of whose names exist."""
    target = getattr(incident, "target", None)
    region = getattr(incident, "region", None)
    if target is not None and (kind := facts.kind_of(target)) not in incident.targets:
        usual = f"`{incident.kind}` is of a {kinds_text(incident.targets)}"
        yield Finding((*path, "target"), f"`{target}` is a {kind}", incident.instead.get(kind, usual))
    elif target is not None and region is not None and not facts.runs(target, region):
        yield Finding((*path, "region"), f"`{target}` does not run in `{region}`")
    else:
        for one in incident.misplaced(facts):
            yield Finding((*path, one.key), one.message, one.hint)


def _times(
    scenario: Scenario, incident: Recurring, facts: IncidentFacts, path: Path_, is_variant: bool
) -> Iterator[Finding]:
    window = scenario.window
    if incident.start is not None and incident.start >= window.duration and not is_variant:
        hint = "make `window.duration` longer, or leave `start` out: then only `rollout drill` plays it"
        yield Finding((*path, "start"), f"begins after the window of {window.duration:g} s has ended", hint)
    warmup_s = window.known_warmup_s
    length_s = window.duration + warmup_s
    between_s = incident.every
    if isinstance(incident, Lasting) and incident.mtbf is not None and incident.mttr is not None:
        between_s = incident.mtbf + incident.mttr
    n_times = 0.0 if between_s is None else incident.n_components(facts) * length_s / between_s
    if n_times > MAX_OCCURRENCES:
        key = "every" if incident.every is not None else "mtbf"
        message = f"about {n_times:,.0f} times in the window; at most {MAX_OCCURRENCES:,}"
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
