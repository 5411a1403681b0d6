"""From a scenario to the document of `rollout cost`, and to the workbook and the export if asked for."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from simulator.engine import Cancelled, Runner
from simulator.errors import RolloutError
from simulator.render.step_times import step_time_sources
from simulator.scenario.model import Scenario
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.cost.bill_import import common_months, read_bill
from simulator.studies.cost.bridge_document import bridge_document
from simulator.studies.cost.cost_document import (
    DEFAULT_VIEW,
    bill_document,
    cost_document,
    currency_ledger,
    levers_document,
)
from simulator.studies.cost.exports.focus import Period, write_focus
from simulator.studies.cost.exports.workbook import write_workbook
from simulator.studies.cost.forecasting import Amounts
from simulator.studies.cost.levers import LeverOptions, lever_effects
from simulator.studies.cost.month_parts import month_parts
from simulator.studies.cost.study import CostOptions, CostStudy, cost_study
from simulator.studies.run.document import JsonObject


class CostInputError(RolloutError, ValueError):
    """A file given to `rollout cost` that cannot be used; the message says what would be right."""


@dataclass(frozen=True)
class KnownPlan:
    """A plan that was made before: its document, and where it is from, in words."""

    source: str
    document: Any


@dataclass(frozen=True)
class CostRequest:
    """What to work out.

    Attributes
    ----------
    by : columns of the view
    replications, draws : of the forecast, and of its uncertain inputs
    as_written : take the capacity of the scenario, without planning
    plan : whose capacity is taken
    levers : also simulate every lever at the last stage
    bill : what was billed, as CSV; None: nothing
    xlsx : workbook to write; None: none
    focus, focus_period : folder of the FOCUS export, and the length of its rows
    """

    by: Sequence[str] = DEFAULT_VIEW
    replications: int = 4
    draws: int = 32
    as_written: bool = False
    plan: KnownPlan | None = None
    levers: bool = False
    bill: Path | None = None
    xlsx: Path | None = None
    focus: Path | None = None
    focus_period: Period = "day"


def cost_job(loaded: LoadedScenario, request: CostRequest, runner: Runner) -> JsonObject:
    """Work out costs and return the document; when cancelled after the forecast, without draws.

    Raises
    ------
    CostInputError
        If the plan is not one of this scenario.
    BillError
        If the bill cannot be read, or is of other months.
    """
    begin = time.perf_counter()
    fx = loaded.scenario.fx
    bill = None if request.bill is None else read_bill(request.bill, {} if fx is None else fx.rates)
    if bill is not None and loaded.scenario.stages:  # nobody wants to hear it after the forecast
        common_months(bill, sorted({part.month for part in month_parts(loaded.scenario)}))
    study = study_of(loaded, request, runner)
    document = cost_document(study, request.by, capacity_source(study, request))
    if request.levers and not study.interrupted:
        document["levers"] = _levers(study, loaded, request, runner)
        document["interrupted"] = document["levers"] is None
    if bill is not None and request.bill is not None:
        document["bill"] = bill_document(study, bill, request.bill.name)
    document["profiles"] = step_time_sources(loaded.scenario, loaded.base_dir)
    document["wall_s"] = time.perf_counter() - begin
    document["files"] = [str(path) for path in _written(study, document, request)]
    return document


def _levers(
    study: CostStudy, loaded: LoadedScenario, request: CostRequest, runner: Runner
) -> JsonObject | None:
    """Levers at the last stage; None: interrupted."""
    stage = loaded.scenario.stages[-1].name
    options = LeverOptions(stage, plan_capacity=not request.as_written)
    try:
        effects = lever_effects(loaded.scenario, options, runner.at(loaded.base_dir))
    except Cancelled:
        return None
    return levers_document(study, stage, effects)


def _written(study: CostStudy, document: JsonObject, request: CostRequest) -> list[Path]:
    """Write the files that were asked for; an interrupted study writes none."""
    if study.interrupted:
        return []
    written = []
    if request.xlsx is not None:
        write_workbook(request.xlsx, document, currency_ledger(study))
        written.append(request.xlsx)
    if request.focus is not None:
        written += write_focus(study, request.focus, request.focus_period)
    return written


def study_of(loaded: LoadedScenario, request: CostRequest, runner: Runner) -> CostStudy:
    """The study behind the document."""
    capacity = None if request.plan is None else planned_capacity(request.plan, loaded.scenario)
    options = CostOptions(request.replications, request.draws, not request.as_written, capacity)
    return cost_study(loaded.scenario, options, runner.at(loaded.base_dir))


@dataclass(frozen=True)
class BridgeSide:
    """One of the two forecasts of a bridge: its name, its scenario, and the plan whose capacity it takes, if any."""

    name: str
    loaded: LoadedScenario
    plan: KnownPlan | None = None


def bridge_job(before: BridgeSide, after: BridgeSide, request: CostRequest, runner: Runner) -> JsonObject:
    """Forecast two scenarios and return the document of the bridge between them."""
    studies = [
        study_of(side.loaded, replace(request, draws=0, plan=side.plan), runner) for side in (before, after)
    ]
    return bridge_document((before.name, after.name), studies[0], studies[1])


def capacity_source(study: CostStudy, request: CostRequest) -> str:
    """Where the amounts of the knobs come from, in words."""
    if request.plan is not None:
        return request.plan.source
    return "a plan made now" if study.capacity else "as the scenario states it"


def read_plan(path: Path) -> KnownPlan:
    """Read the document of a plan."""
    try:
        return KnownPlan(f"plan in {path.name}", json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise _no_plan(f"plan in {path.name}") from None


def _no_plan(source: str) -> CostInputError:
    return CostInputError(f"the {source} is not the document of a plan (`rollout plan --json`)")


def planned_capacity(plan: KnownPlan, scenario: Scenario) -> Mapping[str, Amounts]:
    """Amounts by stage in the document of a plan of the same scenario."""
    try:
        found = {stage["name"]: stage["capacity"] for stage in plan.document["stages"]}
        of = plan.document["scenario_hash"]
    except (KeyError, TypeError):
        raise _no_plan(plan.source) from None
    if of != scenario_hash(scenario):
        raise CostInputError(
            f"the {plan.source} is a plan of another scenario, or of another state of this one (hash {str(of)[:12]}, not "
            f"{scenario_hash(scenario)[:12]}); make it anew with `rollout plan --json`"
        )
    missing = [stage.name for stage in scenario.stages if stage.name not in found]
    if missing:
        raise CostInputError(
            f"the {plan.source} lacks the stages {', '.join(missing)}: it was interrupted; make it anew"
        )
    return found
