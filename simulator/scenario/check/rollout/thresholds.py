"""Does every threshold speak of a metric, a part of the scenario and a statistic that exist?"""

from collections.abc import Iterator, Mapping, Sequence

from simulator.metrics.dimensions import (
    COMPLEXITY,
    LANGUAGE,
    OF_ACTIONS,
    REGION,
    STAGE,
    TARGET,
    TENANT,
    WORKLOAD,
)
from simulator.metrics.registry import MONTHLY_COST, is_of_targets_only
from simulator.scenario.check.diagnostics import Finding, unknown
from simulator.scenario.model import Scenario
from simulator.scenario.quality import recorded_classes
from simulator.scenario.read.yaml_source import Path_
from simulator.scenario.region_facts import languages_of
from simulator.scenario.thresholds import (
    EVERY,
    AbortingThreshold,
    Label,
    ThresholdName,
    ThresholdNameError,
    has_percentiles,
    labels_of,
    parse_threshold_name,
)
from simulator.units import Objective


def check_thresholds(scenario: Scenario) -> Iterator[Finding]:
    """Findings about the names and the objectives of thresholds."""
    for text, entries in scenario.thresholds.items():
        objectives = [entry.threshold if isinstance(entry, AbortingThreshold) else entry for entry in entries]
        yield from check_criterion(scenario, ("thresholds", text), text, objectives)


def check_criterion(
    scenario: Scenario, path: Path_, text: str, objectives: Sequence[Objective]
) -> Iterator[Finding]:
    """Findings about one name, `metric{label:value}`, and the objectives it must meet."""
    try:
        name = parse_threshold_name(text)
    except ThresholdNameError as error:
        yield Finding(path, str(error), error.hint)
        return
    yield from _labels(scenario, path, name)
    if not objectives:
        yield Finding(path, "no threshold is given", 'write e.g. ["p95 < 3s"]')
    for index, objective in enumerate(objectives):
        if objective.statistic is not None and not has_percentiles(name.metric):
            yield Finding((*path, index), f"`{name.metric}` has no percentiles", 'write e.g. ">= 99%"')


def known_names(scenario: Scenario) -> Mapping[Label, list[str]]:
    """Values that each label can have."""
    models = [model.model_name for model in scenario.model_list]
    return {
        WORKLOAD.name: [workload.name for workload in scenario.workloads],
        REGION.name: list(scenario.regions),
        TENANT.name: sorted({name for workload in scenario.workloads for name in workload.tenants}),
        LANGUAGE.name: languages_of(scenario),
        COMPLEXITY.name: _classes_told_apart(scenario),
        STAGE.name: [stage.name for stage in scenario.stages],
        TARGET.name: [*models, *scenario.services, *scenario.teams],
    }


def _classes_told_apart(scenario: Scenario) -> list[str]:
    classes = [name for workload in scenario.workloads for name in recorded_classes(scenario, workload)]
    return [name for name in dict.fromkeys(classes) if name]


def _labels(scenario: Scenario, path: Path_, name: ThresholdName) -> Iterator[Finding]:
    known = known_names(scenario)
    possible = labels_of(name.metric)
    for label, value in name.labels.items():
        if label not in possible:
            hint = f"it has: {', '.join(possible)}"
            yield Finding(path, f"`{name.metric}` has no label `{label}`", hint)
        elif value != EVERY and value not in known[label]:
            yield unknown(path, label, value, known[label])
    if is_of_targets_only(name.metric) and TARGET.name not in name.labels:
        hint = f"write e.g. {name.metric}{{target:{(known[TARGET.name] or ['NAME'])[0]}}}"
        yield Finding(path, f"`{name.metric}` is that of a target", hint)
    for label in (one.name for one in OF_ACTIONS if one is not REGION):
        if TARGET.name in name.labels and label in name.labels:
            yield Finding(path, f"a wait at a target is not told by {label}", "remove one of the two labels")
    asking = {workload.name: workload for workload in scenario.workloads}.get(
        name.labels.get(WORKLOAD.name, EVERY)
    )
    tenant, complexity = name.labels.get(TENANT.name, EVERY), name.labels.get(COMPLEXITY.name, EVERY)
    if asking is not None and tenant not in (EVERY, *asking.tenants):
        yield Finding(path, f"`{tenant}` is no tenant of `{asking.name}`", "remove one of the two labels")
    if asking is not None and complexity not in (EVERY, *recorded_classes(scenario, asking)):
        yield Finding(
            path, f"`{asking.name}` has no actions of class `{complexity}`", "remove one of the two labels"
        )
    if name.metric == MONTHLY_COST and not scenario.stages:
        yield Finding(path, "a month's cost is that of a stage, and there are no `stages`", "add stages")
