"""What does a scenario cost? From the study's options to its report, and to the workbook and the export if asked for."""

import time
from collections.abc import Sequence
from pathlib import Path

from simulator.economics.accounts import Basis
from simulator.engine import Cancelled, Runner
from simulator.formats.bills.basis import BillBasis
from simulator.formats.bills.cells import BillError
from simulator.formats.bills.read import Bill, read_bill
from simulator.formats.foreign import foreign
from simulator.scenario.model import Scenario
from simulator.scenario.read.load import LoadedScenario
from simulator.scenario.stage_changes import at_stage
from simulator.studies.common.left_out import left_out_of_costs
from simulator.studies.common.priced import priced
from simulator.studies.common.step_times import step_times
from simulator.studies.cost.amounts import input_swings, total, unit_costs
from simulator.studies.cost.baseline import baseline_comparison
from simulator.studies.cost.billing import bill_comparison, common_months
from simulator.studies.cost.breakdown import (
    cost_by,
    cost_table,
    currency_ledger,
    mean_number,
    month_costs,
    stage_costs,
    waterfall_steps,
)
from simulator.studies.cost.case_report import LeverSavings
from simulator.studies.cost.costs import CostOptions, RolloutCosts, rollout_costs
from simulator.studies.cost.focus_export import write_focus_export
from simulator.studies.cost.forecast.month_parts import month_parts
from simulator.studies.cost.forecast.undone import undone_work
from simulator.studies.cost.lever_savings import lever_savings
from simulator.studies.cost.levers import LeverOptions, lever_effects
from simulator.studies.cost.planned_capacity import planned_capacity
from simulator.studies.cost.report import CostReport, DatedRates
from simulator.studies.cost.study import CostStudy, columns
from simulator.studies.cost.workbook.workbook import write_workbook

AS_WRITTEN = "as the scenario states it"


def study_cost(loaded: LoadedScenario, study: CostStudy, runner: Runner) -> CostReport:
    """Work out costs; when cancelled after the forecast, without draws or without levers.

    Raises
    ------
    PlanInputError
        If the plan is not one of this scenario.
    BillError
        If the bill cannot be read, or is of other months.
    """
    begin = time.perf_counter()
    bill = None if study.bill is None else _bill(study.bill, study.bill_basis, loaded.scenario)
    capacity = None
    if study.plan is not None:
        capacity = planned_capacity(study.plan, study.plan_name, loaded.scenario)
    options = CostOptions(
        study.replications, study.draws, not study.as_written, None if capacity is None else capacity.amounts
    )
    costs = rollout_costs(loaded.scenario, options, runner)
    found = "a plan made now" if costs.capacity else AS_WRITTEN
    report = cost_report(costs, columns(study.by), found if capacity is None else capacity.source)
    levers = _levers(costs, study, runner) if study.levers and not costs.interrupted else None
    is_whole = not costs.interrupted and (levers is not None or not study.levers)
    more = {
        "levers": levers,
        "bill": None if bill is None else bill_comparison(costs, *bill),
        "interrupted": not is_whole,
        "wall_s": time.perf_counter() - begin,
    }
    report = report.model_copy(update=more)
    return _with_files(report, costs, study)


def cost_report(costs: RolloutCosts, by: Sequence[str], capacity_from: str) -> CostReport:
    """The report of costs, without levers, bill and files.

    Parameters
    ----------
    by : columns of the table that was asked for, some of `COST_VIEWS`
    capacity_from : where the amounts of the knobs come from, in words
    """
    scenario, forecast, currency = costs.scenario, costs.forecast, costs.currency
    ledger, fx, budget = currency_ledger(costs), scenario.fx, scenario.economics.budget
    return CostReport(
        **priced(scenario, costs.forecaster.book, costs.forecaster.runner.base_dir),
        seed=scenario.seed,
        replications=costs.forecaster.n_runs,
        draws=0 if costs.uncertainty is None else len(costs.uncertainty.draws),
        percentiles_of="simulation noise" if costs.uncertainty is None else "uncertain inputs",
        currency=currency.code,
        fx=None if fx is None else DatedRates(date=fx.date, usd=fx.rates),
        capacity_from=capacity_from,
        capacity=costs.capacity,
        total=total(costs),
        **unit_costs(costs),
        actions=mean_number(forecast, Basis.ACTION),
        successes=mean_number(forecast, Basis.SUCCESSFUL_ACTION),
        requests=mean_number(forecast, Basis.TURN),
        months=month_costs(costs),
        stages=stage_costs(costs),
        waterfall=waterfall_steps(forecast, currency),
        by=cost_by(ledger),
        table=cost_table(ledger, by),
        case=baseline_comparison(costs),
        budget=None if budget is None else currency.of(budget.monthly),
        sensitivity=input_swings(costs),
        interrupted=costs.interrupted,
        left_out=left_out_of_costs(scenario),
        undone=undone_work(costs.forecaster.offered(), currency),
        profiles=step_times(scenario, costs.forecaster.runner.base_dir),
    )


def _bill(path: Path, basis: BillBasis, scenario: Scenario) -> tuple[Bill, str]:
    """A bill and the name of its file; that it is of other months is said before the work."""
    try:
        bill = read_bill(path, {} if scenario.fx is None else scenario.fx.rates, basis)
    except BillError:
        words = foreign(path, "bill")
        if words is None:
            raise
        raise BillError(f"{path}: {words}") from None
    if scenario.stages:
        common_months(bill, sorted({part.month for part in month_parts(scenario)}))
    return bill, path.name


def _levers(costs: RolloutCosts, study: CostStudy, runner: Runner) -> LeverSavings | None:
    """Levers at the last stage; None: interrupted."""
    stage = costs.scenario.stages[-1].name
    options = LeverOptions(stage, plan_capacity=not study.as_written)
    here = at_stage(costs.scenario, stage, runner.base_dir)
    try:
        return lever_savings(stage, lever_effects(here, options, runner), costs.currency)
    except Cancelled:
        return None


def _with_files(report: CostReport, costs: RolloutCosts, study: CostStudy) -> CostReport:
    """Write the files that were asked for; an interrupted study (of its forecast) writes none."""
    if costs.interrupted:
        return report
    written: list[Path] = []
    if study.xlsx is not None:
        write_workbook(study.xlsx, report, currency_ledger(costs))
        written.append(study.xlsx)
    if study.focus is not None:
        written += write_focus_export(costs, study.focus, study.focus_period)
    return report.model_copy(update={"files": tuple(map(str, written))})
