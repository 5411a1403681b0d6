"""Do the releases of a scenario, and the canary that brings them, fit together?"""

from collections.abc import Iterator

from simulator.mechanisms.releases.canary import Canary
from simulator.mechanisms.traffic.config import ReviewStep
from simulator.scenario.check.diagnostics import Finding, unknown
from simulator.scenario.model import Scenario
from simulator.scenario.read.yaml_source import Path_


def check_releases(scenario: Scenario) -> list[Finding]:
    """Findings about names of releases and their workloads, and about canaries that cannot see what they look at."""
    return [*_releases(scenario), *_of_stages(scenario), *_canary(scenario)]


def _releases(scenario: Scenario) -> Iterator[Finding]:
    names = [release.name for release in scenario.releases]
    workloads = {workload.name for workload in scenario.workloads}
    for index, release in enumerate(scenario.releases):
        path: Path_ = ("releases", index)
        if release.name in names[:index]:
            yield Finding(path, f"a second `{release.name}`", "give each its own name")
        if release.workload is not None and release.workload not in workloads:
            yield unknown((*path, "workload"), "workload", release.workload, workloads)
    if scenario.releases and scenario.canary is None:
        hint = "say in `canary` in which steps they reach their users, or remove them"
        yield Finding(("releases",), "change nothing: there is no `canary`", hint)
    if scenario.canary is not None and not scenario.releases:
        yield Finding(
            ("canary",), "has nothing to bring: there are no `releases`", "describe one, or remove it"
        )


def _of_stages(scenario: Scenario) -> Iterator[Finding]:
    names = [release.name for release in scenario.releases]
    for index, stage in enumerate(scenario.stages):
        path: Path_ = ("stages", index, "releases")
        for place, name in enumerate(stage.releases):
            if name not in names:
                yield unknown((*path, place), "release", name, names)
            elif name in stage.releases[:place]:
                yield Finding((*path, place), f"a second `{name}`", "a release reaches its users once")
        if stage.releases and scenario.canary is not None and not scenario.canary.mirrors:
            yield Finding(path, "change nothing: no step of the `canary` copies actions", "remove them")


def _canary(scenario: Scenario) -> Iterator[Finding]:
    canary = scenario.canary
    if canary is None:
        return
    samples = any(
        isinstance(step, ReviewStep) and step.review.sample > 0.0
        for workload in scenario.workloads
        for step in workload.steps
    )
    for name, metrics in _metrics(canary).items():
        if "reviewed_success_rate" in metrics and not samples:
            hint = "give a `review` step a `sample`, or use `success_rate`"
            yield Finding(("canary", "analyses", name), "nobody reviews a sample of the answers", hint)


def _metrics(canary: Canary) -> dict[str, set[str]]:
    """What each analysis looks at."""
    found: dict[str, set[str]] = {}
    for name, analysis in canary.analyses.items():
        conditions = (analysis.success_condition, analysis.failure_condition)
        metrics = {clause.metric for rule in conditions if rule is not None for clause in rule.clauses}
        compared = set() if analysis.compare is None else {analysis.compare.metric}
        found[name] = {*metrics, *compared}
    return found
