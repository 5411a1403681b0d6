"""What a run answers, as numbers by name: the columns of a sweep's table, and what goals and constraints speak of.

Names are those of the document (`latency_s.p95`, `cost_per_action`), of targets with their label as in thresholds
(`utilization{target:desk}`). People may leave out the unit of a time: `latency.p95`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from pydantic import TypeAdapter, ValidationError

from simulator.metrics.definition import Spread
from simulator.metrics.registry import ACTIONS, COSTS, TARGET_COSTS, TARGETS
from simulator.scenario.model import Scenario
from simulator.studies.run.report import RunReport
from simulator.studies.sweep.parameters import SweepError
from simulator.theory.estimate import Estimate
from simulator.units import Objective

_WORST = ("FAIL", "UNDECIDED", "PASS")
_AT_TARGET = (
    "utilization",
    "offered_load_erlangs",
    "error_rate",
    "rate_limited_rate",
    "shed_rate",
    "requests_per_minute",
    "cost",
)
_METRICS = {found.key: found for group in (TARGETS, TARGET_COSTS, ACTIONS, COSTS) for found in group.values()}
BACKLOG = "backlog_work_h"  # hours of work that more wait at the end of the window than at its beginning
_NAME = re.compile(r"(\w+)(?:\.(\w+))?(?:\{target:(.+)\})?")
_CONSTRAINT = re.compile(r"\s*([\w.{}:\- ]+?)\s*((?:<=|>=|<|>).+)")
_OBJECTIVE: TypeAdapter[Objective] = TypeAdapter(Objective)


@dataclass(frozen=True)
class PointOutcome:
    """What a run answers.

    Attributes
    ----------
    verdict : the worst of the scenario's objectives; None: it has none
    responses : by name; None: nothing was observed
    """

    verdict: str | None
    responses: Mapping[str, Estimate | None]

    def value(self, name: str) -> float | None:
        """Value of a response; None: nothing was observed."""
        found = self.responses.get(name)
        return None if found is None else found.value


@dataclass(frozen=True)
class Constraint:
    """A limit that a response must keep."""

    response: str
    op: str
    limit: float
    text: str

    def excess(self, value: float | None) -> float:
        """By how much the limit is missed; at most 0 where it is kept, infinite where nothing was observed."""
        if value is None:
            return float("inf")
        return value - self.limit if self.op.startswith("<") else self.limit - value

    def holds(self, value: float | None) -> bool:
        """Whether the limit is kept."""
        excess = self.excess(value)
        return excess < 0.0 or (excess == 0.0 and "=" in self.op)


def outcome_of(report: RunReport) -> PointOutcome:
    """What a run answers."""
    found: dict[str, Estimate | None] = {}
    for metric in (*ACTIONS.values(), *COSTS.values()):
        value = getattr(report.metrics, metric.name)
        if isinstance(value, Spread):
            found |= {metric.path(statistic): one for statistic, one in value.statistics.items()}
        else:
            found[metric.key] = value
    found |= {"cost.total": report.cost.total, "cost.wasted": report.cost.wasted}
    found[BACKLOG] = _total([backlog.work_h for backlog in report.backlogs])
    for name, target in report.by.target.items():
        found |= {f"{metric}{{target:{name}}}": getattr(target, metric) for metric in _AT_TARGET}
    worst = next((verdict for verdict in _WORST if verdict in report.outcomes), None)
    return PointOutcome(worst, found)


def _total(parts: Sequence[Estimate]) -> Estimate:
    """Sum of what grew in the same runs, with the widest interval."""
    return Estimate(
        sum(part.value for part in parts), sum(part.low for part in parts), sum(part.high for part in parts)
    )


def known_responses(scenario: Scenario) -> list[str]:
    """Names of all responses that a scenario's runs have, before any is simulated."""
    targets = [model.model_name for model in scenario.model_list] + [*scenario.services, *scenario.teams]
    return [
        *(path for found in (*ACTIONS.values(), *COSTS.values()) for path in found.paths()),
        "cost.total",
        "cost.wasted",
        BACKLOG,
        *(f"{name}{{target:{target}}}" for target in targets for name in _AT_TARGET),
    ]


def response_label(name: str) -> str:
    """A response as people read it: `p95 latency` for `latency_s.p95`, `utilization of desk` at a target."""
    metric, statistic, target = _parts(name)
    label = _METRICS[metric].label if metric in _METRICS else metric
    return f"{statistic} {label}".strip() + (f" of {target}" if target else "")


def response_metric(name: str) -> str:
    """The metric that a response is a value of."""
    metric, _, _ = _parts(name)
    return _METRICS[metric].name if metric in _METRICS else metric


def _parts(name: str) -> tuple[str, str, str]:
    """Key of the metric, statistic and target of a response; empty where it has none."""
    match = _NAME.fullmatch(name)
    return (name, "", "") if match is None else (match[1], match[2] or "", match[3] or "")


def find_response(name: str, known: Iterable[str]) -> str:
    """The response that people mean by a name.

    Raises
    ------
    SweepError
        If there is none; with the nearest name.
    """
    names = list(known)
    base, dot, statistic = name.strip().replace(" ", "").partition(".")
    candidates = (name.strip(), f"{base}_s{dot}{statistic}", f"{base}.mean", f"{base}_s.mean")
    found = next((candidate for candidate in candidates if candidate in names), None)
    if found is not None:
        return found
    spellings = {spelling: spelling for spelling in names} | {n.replace("_s.", "."): n for n in names}
    close = get_close_matches(name, spellings, 1)
    hint = f"did you mean `{close[0]}`?" if close else f"there are: {', '.join(sorted(spellings)[:40])}"
    raise SweepError(f"no response `{name[:60]}` ({hint})")


def parse_constraint(text: str) -> Constraint:
    """Read `success_rate >= 90%`; the name is not looked up.

    Raises
    ------
    SweepError
        If it is not of that form.
    """
    match = _CONSTRAINT.fullmatch(text)
    if match is None:
        raise SweepError(f"`{text[:60]}` is not a constraint such as `success_rate >= 90%`")
    try:
        objective = _OBJECTIVE.validate_python(match[2])
    except ValidationError as error:
        raise SweepError(f"`{text[:60]}`: {error.errors()[0]['msg']}") from None
    return Constraint(match[1], objective.op, objective.limit, text.strip())
