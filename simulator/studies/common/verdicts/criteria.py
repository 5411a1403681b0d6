"""What a scenario is checked against in CI: its SLOs and thresholds as one list of criteria, each on one part of a run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

from simulator.metrics.dimensions import ALL, REGION, STAGE, Selection
from simulator.metrics.registry import MONTHLY_COST
from simulator.scenario.check.rollout.thresholds import known_names
from simulator.scenario.model import Scenario, Stage
from simulator.scenario.read.yaml_source import Path_
from simulator.scenario.thresholds import (
    EVERY,
    AbortingThreshold,
    Label,
    ThresholdName,
    labels_of,
    parse_threshold_name,
)
from simulator.studies.common.verdicts.objectives import BUDGET
from simulator.units import Objective, percentile_key, percentile_label


@dataclass(frozen=True)
class Measure:
    """A number about one part of a run: `p95` of `latency` of the users in `eu-west`.

    Attributes
    ----------
    metric : one of `simulator.metrics.registry.TESTABLE`
    level : of a percentile, in (0, 1); None: the mean, or the only number there is
    selection : what is looked at; with a target, its region
    """

    metric: str
    level: float | None = None
    selection: Selection = ALL

    @property
    def statistic(self) -> str | None:
        """Percentile as documents have it."""
        return percentile_key(self.level)

    def __str__(self) -> str:
        """As people write it: `p95 latency{region:eu-west}`."""
        labels = self.selection.labels.items()
        narrowed = ",".join(f"{label}:{value}" for label, value in labels if value is not None)
        name = f"{self.metric}{{{narrowed}}}" if narrowed else self.metric
        return name if self.statistic is None else f"{percentile_label(self.statistic)} {name}"


@dataclass(frozen=True)
class Criterion:
    """A measure and the limit it must keep, as written at `path` of the document.

    Attributes
    ----------
    name : of the SLO; of a threshold, its metric with labels
    stage : where it is held; None: at every stage
    objective : operator and limit
    abort_on_fail : nothing more is simulated once it has failed
    """

    path: Path_
    name: str
    measure: Measure
    stage: str | None
    objective: Objective
    abort_on_fail: bool = False

    @property
    def subject(self) -> tuple[Path_, Measure]:
        """What tells criteria apart at one stage."""
        return self.path, self.measure


def criteria_of(scenario: Scenario, *, by_region: bool = False) -> tuple[Criterion, ...]:
    """Every SLO and threshold of a scenario, in its order.

    Parameters
    ----------
    by_region : hold what names no region for all users together and for each region apart
    """
    found = [*_slos(scenario), *_thresholds(scenario)]
    if by_region and len(scenario.regions) > 1:
        found = [apart for criterion in found for apart in _by_region(criterion, scenario)]
    return (*found, *_budget(scenario))


def at_stage(criteria: tuple[Criterion, ...], stage: str | None) -> tuple[Criterion, ...]:
    """The criteria that are held at a stage (None: full exposure, of a scenario without stages)."""
    return tuple(criterion for criterion in criteria if criterion.stage in (None, stage))


def _slos(scenario: Scenario) -> Iterator[Criterion]:
    for index, slo in enumerate(scenario.slos):
        for region in scenario.regions if slo.per == REGION.name else (None,):
            part = Selection(workload=slo.workload, region=region)
            measure = Measure(slo.indicator, slo.objective.statistic, part)
            yield Criterion(("slos", index, "objective"), slo.name, measure, None, slo.objective)


def _budget(scenario: Scenario) -> Iterator[Criterion]:
    """The budget, at every stage: what a month costs at its end."""
    budget = scenario.economics.budget
    if budget is not None and scenario.stages:
        limit = Objective.model_validate(
            {
                "statistic": None,
                "op": "<=",
                "limit": budget.monthly,
                "text": f"<= ${budget.monthly:,.0f}",
            }
        )
        yield Criterion(("economics", "budget", "monthly"), BUDGET, Measure(MONTHLY_COST), None, limit)


def gate_criteria(scenario: Scenario, stage: Stage) -> list[tuple[Literal["exit", "entry"], Criterion]]:
    """What is measured at a stage before the next one may begin: its exit gate, and the entry gate of the next."""
    place = [one.name for one in scenario.stages].index(stage.name)
    found: list[tuple[Literal["exit", "entry"], Criterion]] = []
    for gate, index in (("exit", place), ("entry", place + 1)):
        gates = scenario.stages[index].gates if index < len(scenario.stages) else None
        conditions = {} if gates is None else gates.exit if gate == "exit" else gates.entry
        for text, objectives in conditions.items():
            for number, objective in enumerate(objectives):
                path: Path_ = ("stages", index, "gates", gate, text, number)
                found += [
                    ("exit" if gate == "exit" else "entry", one)
                    for one in _criteria(scenario, path, text, objective)
                ]
    return found


def _thresholds(scenario: Scenario) -> Iterator[Criterion]:
    for text, entries in scenario.thresholds.items():
        for index, entry in enumerate(entries):
            is_map = isinstance(entry, AbortingThreshold)
            objective = entry.threshold if isinstance(entry, AbortingThreshold) else entry
            aborts = isinstance(entry, AbortingThreshold) and entry.abort_on_fail
            path: Path_ = ("thresholds", text, index, *(("threshold",) if is_map else ()))
            for criterion in _criteria(scenario, path, text, objective):
                yield replace(criterion, abort_on_fail=aborts)


def _criteria(scenario: Scenario, path: Path_, text: str, objective: Objective) -> Iterator[Criterion]:
    """A criterion for every part of the run that a name such as `latency{region:*}` stands for."""
    name = parse_threshold_name(text)
    for labels in _each(name, scenario):
        parts = {label: value for label, value in labels.items() if label != STAGE.name}
        measure = Measure(name.metric, objective.statistic, Selection(**parts))
        yield Criterion(path, text, measure, labels.get(STAGE.name), objective)


def _each(name: ThresholdName, scenario: Scenario) -> Iterator[Mapping[Label, str]]:
    """The labels of a threshold, once for every value that a `*` stands for."""
    known = known_names(scenario)
    options = [
        [(label, each) for each in (known[label] if value == EVERY else [value])]
        for label, value in name.labels.items()
    ]
    for chosen in product(*options):
        yield dict(chosen)


def _by_region(criterion: Criterion, scenario: Scenario) -> Iterator[Criterion]:
    yield criterion
    measure = criterion.measure
    of = measure.selection
    if of.region is None and of.target is None and REGION.name in labels_of(measure.metric):
        for region in scenario.regions:
            yield replace(criterion, measure=replace(measure, selection=replace(of, region=region)))
