"""Is the rollout worth it, against the process of today? The business case, in the currency of the report."""

from simulator.economics.case.business_case import BusinessCase, MonthCase
from simulator.economics.currency import Currency
from simulator.studies.cost.case_ranges import case_ranges
from simulator.studies.cost.case_report import BaselineComparison, BaselineMonth, InvestmentRow
from simulator.studies.cost.costs import RolloutCosts
from simulator.studies.record import finite


def baseline_comparison(costs: RolloutCosts) -> BaselineComparison | None:
    """The business case; None: the scenario states no baseline."""
    case, terms, currency = costs.case, costs.scenario.economics, costs.currency
    if case is None or terms.baseline is None:
        return None
    worth = terms.value_per_success
    return BaselineComparison(
        baseline_per_action=currency.of(terms.baseline.cost_per_action),
        baseline_success_rate=terms.baseline.success_rate,
        value_per_success=None if worth is None else currency.of(worth),
        months=tuple(_month(month, currency) for month in case.months),
        saving=currency.of(sum(month.saving_usd for month in case.months)),
        saving_per_action=currency.of(case.saving_per_action_usd),
        later_saving_per_month=currency.of(case.later_saving_usd),
        break_even_actions_per_month=finite(case.break_even_actions),
        break_even_success_rate=finite(case.break_even_success_rate),
        success_rate=_success_rate(case),
        investment=currency.of(sum(one.amount_usd for one in case.investments)),
        discount_rate=terms.discount_rate,
        horizon_months=terms.horizon,
        payback_month=None if case.payback is None else f"{case.payback:%Y-%m}",
        npv=currency.of(case.npv_usd),
        deflected_actions=case.deflected,
        freed_person_hours=case.freed_hours,
        investments=tuple(
            InvestmentRow(what=one.what, month=f"{one.on:%Y-%m}", amount=currency.of(one.amount_usd))
            for one in case.investments
        ),
        ranges=None if costs.interrupted else case_ranges(costs, case),
    )


def _month(month: MonthCase, currency: Currency) -> BaselineMonth:
    return BaselineMonth(
        month=f"{month.month:%Y-%m}",
        actions=month.actions,
        successes=month.successes,
        baseline=currency.of(month.baseline_usd),
        cost=currency.of(month.cost_usd),
        saving=currency.of(month.saving_usd),
    )


def _success_rate(case: BusinessCase) -> float | None:
    """Share of right answers among the actions that the baseline handles today."""
    actions = sum(month.actions for month in case.months)
    return sum(month.successes for month in case.months) / actions if actions else None
