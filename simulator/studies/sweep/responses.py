"""What a run answers, as numbers by name: the columns of a sweep's table, and what goals and constraints speak of.

Names are those of the document (`latency_s.p95`, `cost_per_action`), of targets with their label as in thresholds
(`utilization{target:desk}`). People may leave out the unit of a time: `latency.p95`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from simulator.metrics.definition import STATISTICS
from simulator.metrics.registry import ACTIONS, COSTS
from simulator.scenario.model import Scenario
from simulator.studies.sweep.parameters import SweepError
from simulator.units import Objective

Direction = Literal["minimise", "maximise"]
VERDICT = "verdict"
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
_CONSTRAINT = re.compile(r"\s*([\w.{}:\- ]+?)\s*((?:<=|>=|<|>).+)")
_OBJECTIVE: TypeAdapter[Objective] = TypeAdapter(Objective)


@dataclass(frozen=True)
class Goal:
    """A response that is to be low, or high."""

    response: str
    direction: Direction

    @property
    def sign(self) -> float:
        """Factor that makes low good."""
        return 1.0 if self.direction == "minimise" else -1.0


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


def response_estimates(document: Mapping[str, Any]) -> dict[str, Mapping[str, float | None] | None]:
    """Every response of a run's document as `{value, low, high}`; None where nothing was observed."""
    found: dict[str, Mapping[str, float | None] | None] = {}
    for name, metric in document["metrics"].items():
        if isinstance(metric, Mapping) and "value" not in metric:
            found |= {f"{name}.{statistic}": metric.get(statistic) for statistic in STATISTICS}
        else:
            found[name] = metric
    found["cost.total"] = document["cost"]["total"]
    found["cost.wasted"] = document["cost"]["wasted"]
    for target, part in document["by"]["target"].items():
        found |= {f"{name}{{target:{target}}}": part.get(name) for name in _AT_TARGET}
    return found


def known_responses(scenario: Scenario) -> list[str]:
    """Names of all responses that a scenario's runs have, before any is simulated."""
    targets = [model.model_name for model in scenario.model_list] + [*scenario.services, *scenario.teams]
    return [
        *(path for found in (*ACTIONS.values(), *COSTS.values()) for path in found.paths()),
        "cost.total",
        "cost.wasted",
        *(f"{name}{{target:{target}}}" for target in targets for name in _AT_TARGET),
    ]


def worst_verdict(document: Mapping[str, Any]) -> str | None:
    """The worst verdict of a run's objectives; None if it has none."""
    verdicts = {verdict["verdict"] for verdict in document["verdicts"]}
    return next((verdict for verdict in _WORST if verdict in verdicts), None)


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
