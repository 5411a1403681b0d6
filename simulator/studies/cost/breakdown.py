"""How does the cost of a rollout break down? By month and stage, from the happy path on, and by any column of the ledger.

Every breakdown is a sum over the same ledger, so that all have the same total.
"""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from simulator.economics.accounts import Basis
from simulator.economics.currency import Currency
from simulator.economics.forecast import Forecast
from simulator.economics.forecast_ledger import forecast_ledger, view
from simulator.economics.waterfall import waterfall
from simulator.metrics.dimensions import COST_VIEWS
from simulator.studies.cost.amounts import over_budget, total, unit_costs
from simulator.studies.cost.costs import RolloutCosts
from simulator.studies.cost.report import CostOfMonth, CostOfStage, CostRow, CostTable, WaterfallStep
from simulator.theory.verdict import verdict

_AMOUNTS_USD = ("unit_price_usd", "list_price_usd", "cost_usd", "wasted_usd")


def currency_ledger(costs: RolloutCosts) -> pd.DataFrame:
    """The ledger of the forecast with its amounts in the currency of the scenario, in the same columns."""
    ledger, usd = forecast_ledger(costs.forecast), costs.currency.usd
    return ledger.assign(**{name: ledger[name] / usd for name in _AMOUNTS_USD})


def month_costs(costs: RolloutCosts) -> tuple[CostOfMonth, ...]:
    """What every calendar month costs."""
    return tuple(_month(costs, month) for month in costs.forecast.months)


def stage_costs(costs: RolloutCosts) -> tuple[CostOfStage, ...]:
    """What every stage costs."""
    return tuple(_stage(costs, stage) for stage in costs.forecast.stages)


def waterfall_steps(forecast: Forecast, currency: Currency) -> tuple[WaterfallStep, ...]:
    """Parts of the cost, in all and per action, and the step from actions to successful actions."""
    actions, successes = mean_number(forecast, Basis.ACTION), mean_number(forecast, Basis.SUCCESSFUL_ACTION)
    steps = []
    for part, amount_usd in waterfall(forecast).items():
        cost = currency.of(float(amount_usd.mean()))
        steps.append(
            WaterfallStep(part=part.value, cost=cost, per_action=cost / actions if actions else None)
        )
    if actions and successes:
        total_cost = currency.of(forecast.total_usd)
        step = total_cost / successes - total_cost / actions
        steps.append(WaterfallStep(part="actions without success", cost=0.0, per_action=step))
    return tuple(steps)


def cost_table(ledger: pd.DataFrame, by: Sequence[str]) -> CostTable:
    """Cost by some of `COST_VIEWS`, in the order of the ledger."""
    found = view(ledger, by)
    columns = [found[name] for name in (*by, "cost_usd", "wasted_usd")]
    rows = [
        CostRow(values=dict(zip(by, values, strict=True)), cost=cost, wasted=wasted)
        for *values, cost, wasted in zip(*columns, strict=True)
    ]
    return CostTable(by=tuple(by), rows=tuple(rows))


def cost_by(ledger: pd.DataFrame) -> dict[str, tuple[CostRow, ...]]:
    """Cost by each of `COST_VIEWS`."""
    return {name: cost_table(ledger, [name]).rows for name in COST_VIEWS}


def mean_number(forecast: Forecast, basis: Basis) -> float:
    """Requests, actions or successful actions, mean over the replications."""
    return float(forecast.numbers(basis).mean())


def _month(costs: RolloutCosts, month: date) -> CostOfMonth:
    def part(forecast: Forecast) -> Forecast:
        return forecast.in_month(month)

    here, budget = part(costs.forecast), costs.scenario.economics.budget
    cost = total(costs, part)
    return CostOfMonth(
        month=f"{month:%Y-%m}",
        stages=here.stages,
        share_of_month=sum(span.time.month_share for span in here.spans),
        actions=mean_number(here, Basis.ACTION),
        successes=mean_number(here, Basis.SUCCESSFUL_ACTION),
        cost=cost,
        **unit_costs(costs, part),
        budget=None if budget is None else verdict(cost.estimate, "<=", costs.currency.of(budget.monthly)),
        over_budget=None if budget is None else over_budget(costs, part, budget.monthly),
    )


def _stage(costs: RolloutCosts, stage: str) -> CostOfStage:
    def part(forecast: Forecast) -> Forecast:
        return forecast.in_stage(stage)

    here = part(costs.forecast)
    return CostOfStage(
        stage=stage,
        actions=mean_number(here, Basis.ACTION),
        successes=mean_number(here, Basis.SUCCESSFUL_ACTION),
        cost=total(costs, part),
        **unit_costs(costs, part),
    )
