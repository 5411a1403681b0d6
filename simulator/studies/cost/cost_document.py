"""The JSON document of `rollout cost`; its tables, workbook and charts are made from it.

Amounts are in the currency of the scenario. Estimates are `{value, low, high, p10, p50, p90}`: the 95 % interval of
the simulation, and percentiles of the uncertain inputs (of the simulation, if no input has a range).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from math import isfinite
from typing import Any

import pandas as pd

from simulator.economics.accounts import Basis
from simulator.economics.business_case import BusinessCase
from simulator.economics.forecast import Forecast
from simulator.economics.forecast_ledger import forecast_ledger, view
from simulator.economics.waterfall import waterfall
from simulator.metrics.dimensions import COST_VIEWS
from simulator.results.paired import PairedDifference
from simulator.results.samples import Sample
from simulator.scenario.read.hashing import scenario_hash
from simulator.studies.cost.bill_import import Bill, held_against
from simulator.studies.cost.cost_figures import (
    Money,
    figure,
    money_of,
    over_budget,
    total_sample,
    unit_cost_figure,
)
from simulator.studies.cost.levers import LeverEffect
from simulator.studies.cost.study import CostStudy
from simulator.studies.run.document import JsonObject, estimate_document, heading
from simulator.theory.estimate import Estimate

BASES = {
    "per_request": Basis.TURN,
    "per_action": Basis.ACTION,
    "per_successful_action": Basis.SUCCESSFUL_ACTION,
}
DEFAULT_VIEW = ("stage", "category")


def cost_document(study: CostStudy, by: Sequence[str], capacity_from: str) -> JsonObject:
    """Document of a cost study.

    Parameters
    ----------
    by : columns of the view that was asked for, some of `COST_VIEWS`
    capacity_from : where the amounts of the knobs come from, in words
    """
    scenario, forecast = study.scenario, study.forecast
    money = money_of(study)
    ledger = currency_ledger(study)

    def rows(columns: Sequence[str]) -> list[JsonObject]:
        found = view(ledger, columns).rename(columns={"cost_usd": "cost", "wasted_usd": "wasted"})
        return [{str(key): value for key, value in row.items()} for row in found.to_dict("records")]

    return {
        **heading(scenario, scenario_hash(scenario), study.forecaster.book),
        "seed": scenario.seed,
        "replications": study.forecaster.n_runs,
        "draws": 0 if study.uncertainty is None else len(study.uncertainty.draws),
        "currency": money.currency,
        "fx": _fx(study),
        "capacity_from": capacity_from,
        "capacity": {
            stage: {path: dict(of) for path, of in amounts.items()}
            for stage, amounts in study.capacity.items()
        },
        "total": figure(study, total_sample),
        **{name: unit_cost_figure(study, basis) for name, basis in BASES.items()},
        "actions": _mean(forecast, Basis.ACTION),
        "successes": _mean(forecast, Basis.SUCCESSFUL_ACTION),
        "requests": _mean(forecast, Basis.TURN),
        "months": [_month(study, month) for month in forecast.months],
        "stages": [_stage(study, stage) for stage in forecast.stages],
        "waterfall": _waterfall(forecast, money),
        "by": {name: rows([name]) for name in COST_VIEWS},
        "view": {"by": list(by), "rows": rows(by)},
        "case": None if study.case is None else _case(study, study.case, money),
        "budget": None if scenario.economics.budget is None else money.of(scenario.economics.budget.monthly),
        "sensitivity": _sensitivity(study, money),
        "levers": None,
        "bill": None,
        "files": [],
        "interrupted": study.interrupted,
    }


def currency_ledger(study: CostStudy) -> pd.DataFrame:
    """The ledger of the forecast with its amounts in the currency of the scenario, in the same columns."""
    ledger, usd = forecast_ledger(study.forecast), money_of(study).usd
    amounts = ("unit_price_usd", "list_price_usd", "cost_usd", "wasted_usd")
    return ledger.assign(**{name: ledger[name] / usd for name in amounts})


def _mean(forecast: Forecast, basis: Basis) -> float:
    return float(forecast.numbers(basis).mean())


def _fx(study: CostStudy) -> JsonObject | None:
    fx = study.scenario.fx
    return None if fx is None else {"date": fx.date.isoformat(), "usd": dict(fx.rates)}


def _month(study: CostStudy, month: date) -> JsonObject:
    part = study.forecast.in_month(month)

    def cost(forecast: Forecast) -> Sample:
        return total_sample(forecast.in_month(month))

    budget = study.scenario.economics.budget
    return {
        "month": f"{month:%Y-%m}",
        "stages": list(dict.fromkeys(span.time.stage for span in part.spans)),
        "share_of_month": sum(span.time.month_share for span in part.spans),
        "actions": _mean(part, Basis.ACTION),
        "successes": _mean(part, Basis.SUCCESSFUL_ACTION),
        "cost": figure(study, cost),
        **_unit_costs(study, lambda forecast: forecast.in_month(month)),
        "over_budget": None if budget is None else over_budget(study, cost, budget.monthly),
    }


def _unit_costs(study: CostStudy, part: Callable[[Forecast], Forecast]) -> JsonObject:
    """Cost per unit of a part of the forecast, by the unit it is counted in."""

    def of(basis: Basis) -> JsonObject | None:
        return figure(study, lambda forecast: part(forecast).unit_cost(basis))

    return {name: of(basis) for name, basis in BASES.items()}


def _stage(study: CostStudy, stage: str) -> JsonObject:
    part = study.forecast.in_stage(stage)
    return {
        "stage": stage,
        "actions": _mean(part, Basis.ACTION),
        "successes": _mean(part, Basis.SUCCESSFUL_ACTION),
        "cost": figure(study, lambda forecast: total_sample(forecast.in_stage(stage))),
        **_unit_costs(study, lambda forecast: forecast.in_stage(stage)),
    }


def _waterfall(forecast: Forecast, money: Money) -> list[JsonObject]:
    """Parts of the cost, in all and per action, and the step from actions to successful actions."""
    actions, successes = _mean(forecast, Basis.ACTION), _mean(forecast, Basis.SUCCESSFUL_ACTION)
    rows = []
    for part, amount_usd in waterfall(forecast).items():
        cost = float(amount_usd.mean()) / money.usd
        rows.append({"part": part.value, "cost": cost, "per_action": cost / actions if actions else None})
    if actions and successes:
        total = forecast.total_usd / money.usd
        step = total / successes - total / actions
        rows.append({"part": "actions without success", "cost": 0.0, "per_action": step})
    return rows


def _case(study: CostStudy, case: BusinessCase, money: Money) -> JsonObject:
    terms = study.scenario.economics
    assert terms.baseline is not None
    return {
        "baseline_per_action": money.of(terms.baseline.cost_per_action),
        "baseline_success_rate": terms.baseline.success_rate,
        "value_per_success": None if terms.value_per_success is None else money.of(terms.value_per_success),
        "months": [
            {
                "month": f"{month.month:%Y-%m}",
                "actions": month.actions,
                "successes": month.successes,
                "baseline": money.of(month.baseline_usd),
                "cost": money.of(month.cost_usd),
                "saving": money.of(month.saving_usd),
            }
            for month in case.months
        ],
        "saving": money.of(sum(month.saving_usd for month in case.months)),
        "saving_per_action": money.of(case.saving_per_action_usd),
        "later_saving_per_month": money.of(case.later_saving_usd),
        "break_even_actions_per_month": _finite(case.break_even_actions),
        "break_even_success_rate": _finite(case.break_even_success_rate),
        "success_rate": _success_rate(case),
        "investment": money.of(terms.investment),
        "discount_rate": terms.discount_rate,
        "horizon_months": terms.horizon,
        "payback_month": None if case.payback is None else f"{case.payback:%Y-%m}",
        "npv": money.of(case.npv_usd),
        "deflected_actions": case.deflected,
        "freed_person_hours": case.freed_hours,
    }


def _success_rate(case: BusinessCase) -> float | None:
    """Share of right answers among the actions that the baseline handles today."""
    actions = sum(month.actions for month in case.months)
    return sum(month.successes for month in case.months) / actions if actions else None


def _sensitivity(study: CostStudy, money: Money) -> list[JsonObject]:
    """What each uncertain input does to the total, the strongest first; the tornado chart."""
    drawn = study.uncertainty
    if drawn is None:
        return []
    plain, total = drawn.plain.total_usd, study.forecast.total_usd
    explained: Mapping[str, Any] = {
        found.factor: found for found in drawn.sensitivities(lambda forecast: forecast.total_usd)
    }
    rows = []
    for swing in drawn.swings:
        share = explained.get(swing.name)
        rows.append(
            {
                "input": swing.name,
                "low_factor": swing.low_factor,
                "high_factor": swing.high_factor,
                "low": money.of(total * swing.low.total_usd / plain),
                "high": money.of(total * swing.high.total_usd / plain),
                "first_order": None if share is None else share.first_order,
                "first_order_half_width": None if share is None else share.half_width,
            }
        )
    return sorted(rows, key=lambda row: -abs(row["high"] - row["low"]))


def levers_document(study: CostStudy, stage: str, effects: Sequence[LeverEffect]) -> JsonObject:
    """Levers with their saving per month of 730 h and per point, and what users feel in the busiest hour."""
    money = money_of(study)
    return {
        "stage": stage,
        "rows": [
            {
                "lever": effect.lever.name,
                "points": effect.lever.points,
                "saving_per_point": None
                if effect.lever.points is None
                else money.of(effect.saving_usd_per_point),
                "saving": money.estimate(_negated(effect.cost_usd.difference)),
                "p95_latency_s": _change(effect.p95_latency_s),
                "success_rate": _change(effect.success_rate),
            }
            for effect in effects
        ],
    }


def _negated(estimate: Estimate) -> Estimate:
    return Estimate(-estimate.value, -estimate.high, -estimate.low)


def _change(difference: PairedDifference | None) -> JsonObject | None:
    return None if difference is None else estimate_document(difference.difference)


def bill_document(study: CostStudy, bill: Bill, name: str) -> JsonObject:
    """A bill held against the forecast of hosted models, by month and over all of them."""
    money, months = money_of(study), held_against(bill, study.forecast)
    actual, forecast = (
        sum(getattr(month, key) for month in months) for key in ("actual_usd", "forecast_usd")
    )
    errors = [abs(month.error) for month in months if isfinite(month.error)]
    return {
        "file": name,
        "format": bill.source,
        "rows": bill.n_rows,
        "months": [
            {
                "month": f"{month.month:%Y-%m}",
                "actual": money.of(month.actual_usd),
                "forecast": money.of(month.forecast_usd),
                "error": _finite(month.error),
                "actual_days": month.actual_days,
                "forecast_days": month.forecast_days,
                "is_partial": month.is_partial,
            }
            for month in months
        ],
        "actual": money.of(actual),
        "forecast": money.of(forecast),
        "error": (forecast - actual) / actual if actual else None,
        "mean_absolute_error": sum(errors) / len(errors) if errors else None,
        "other_months": sorted(
            f"{month:%Y-%m}" for month in set(bill.months_usd) - set(study.forecast.months)
        ),
    }


def _finite(number: float) -> float | None:
    return number if isfinite(number) else None
