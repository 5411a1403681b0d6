"""Which capacity did a plan of the same scenario find? Taken from its report, or from the file of `rollout plan --json`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from simulator.errors import RolloutError
from simulator.scenario.model import Scenario
from simulator.scenario.read.hashing import scenario_hash
from simulator.studies.cost.report import Amounts
from simulator.studies.cost.study import Planned
from simulator.studies.plan.report import PlanReport


class PlanInputError(RolloutError, ValueError):
    """A plan whose capacity cannot be taken; the message says what to do."""


@dataclass(frozen=True)
class PlannedCapacity:
    """Amounts of the knobs by stage, and where they are from, in words."""

    amounts: Mapping[str, Amounts]
    source: str


def planned_capacity(plan: Path | Planned, name: str | None, scenario: Scenario) -> PlannedCapacity:
    """Amounts by stage of a plan of the same scenario.

    Parameters
    ----------
    name : what a plan that is not a file is called

    Raises
    ------
    PlanInputError
        If the file does not hold a plan, or it is of another scenario, or lacks a stage.
    """
    source = name or (f"plan in {plan.name}" if isinstance(plan, Path) else "plan that was given")
    found = _read(plan, source) if isinstance(plan, Path) else plan
    if found.scenario_hash != scenario_hash(scenario):
        raise PlanInputError(
            f"the {source} is a plan of another scenario, or of another state of this one (hash "
            f"{found.scenario_hash[:12]}, not {scenario_hash(scenario)[:12]}); make a new one with `rollout plan --json`"
        )
    amounts = {stage.name: stage.capacity for stage in found.stages}
    missing = [stage.name for stage in scenario.stages if stage.name not in amounts]
    if missing:
        raise PlanInputError(
            f"the {source} lacks the stages {', '.join(missing)}: it was interrupted; make a new one"
        )
    return PlannedCapacity(amounts, source)


def _read(path: Path, source: str) -> Planned:
    try:
        return PlanReport.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        raise PlanInputError(f"the {source} is not the document of a plan (`rollout plan --json`)") from None
