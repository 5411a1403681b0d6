"""Is it worth it? The rollout against the process it replaces, month by month.

    benefit of an action = value of a success x success rate - cost        (of either process)
    saving of a month    = actions x (benefit with the rollout - benefit of the baseline)

Actions are those of the workloads that the baseline handles today, without those that users ask again because they got
nothing, or a wrong answer; the cost is that of everything.
Without a value of a success, the same right answers are bought from either process: the saving is what the
successes would have cost from the baseline, less what they cost now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import inf, isfinite

from simulator.economics.accounts import Basis
from simulator.economics.case.investments import Investment, investments
from simulator.economics.categories import Category
from simulator.economics.forecast import Forecast
from simulator.metrics.columns import CountColumn
from simulator.scenario.economics import Economics
from simulator.scenario.model import Scenario

_MONTHS_PER_YEAR = 12.0
# What is paid whether anybody asks or not, at the capacity that is held.
FIXED = (
    Category.PLATFORM,
    Category.UNUSED_COMMITMENT,
    Category.HUMAN_HOURS,
    Category.HUMAN_IDLE_HOURS,
    Category.GPU_HOURS,
    Category.GPU_IDLE_HOURS,
    Category.SPOT_GPU_HOURS,
    Category.SPOT_GPU_IDLE_HOURS,
    Category.SERVICE_HOURS,
    Category.SERVICE_IDLE_HOURS,
    Category.PROVISIONED_HOURS,
    Category.PROVISIONED_IDLE_HOURS,
)


@dataclass(frozen=True)
class MonthCase:
    """One month against the baseline; amounts in US dollars."""

    month: date
    actions: float
    successes: float
    cost_usd: float
    baseline_usd: float  # what the baseline would cost for the same
    saving_usd: float


@dataclass(frozen=True)
class BusinessCase:
    """The rollout against the baseline.

    Attributes
    ----------
    months : of the stages
    later_saving_usd : of every month behind the last stage: of ordinary weeks, at the pace at which it ends
    saving_per_action_usd : over all months of the stages
    break_even_actions : per month, at the capacity and unit costs at which the last stage ends; inf: at no volume
    break_even_success_rate : at which the saving is nothing, at today's cost per action; 0: at any; above 1: at none
    payback : first month at whose end the savings have paid all investments; None: not within the horizon
    npv_usd : savings of the horizon less the investments, discounted to the start
    investments : in order of time
    deflected : actions right without people, over all months of the stages
    freed_hours : hours of people that the baseline would have taken for the actions, less those on shift; None: unknown
    """

    months: tuple[MonthCase, ...]
    later_saving_usd: float
    saving_per_action_usd: float
    break_even_actions: float
    break_even_success_rate: float
    payback: date | None
    npv_usd: float
    deflected: float
    freed_hours: float | None
    investments: tuple[Investment, ...]


def business_case(scenario: Scenario, forecast: Forecast, pace: Forecast) -> BusinessCase | None:
    """Hold a forecast against the baseline of its scenario; None: it states none.

    Parameters
    ----------
    pace : of one month of ordinary weeks, as the last stage ends
    """
    money = scenario.economics
    if money.baseline is None:
        return None
    months = tuple(_month(money, forecast.in_month(month), month) for month in forecast.months)
    later_usd = _month(money, pace, pace.months[0]).saving_usd
    actions = sum(month.actions for month in months)
    saving = sum(month.saving_usd for month in months)
    covered = sum(span.time.month_share for span in forecast.in_month(forecast.months[-1]).spans)
    savings = _savings(money, months, later_usd, covered)
    paid = investments(scenario)
    return BusinessCase(
        months,
        later_usd,
        saving / actions if actions > 0.0 else 0.0,
        break_even_actions(money, pace),
        break_even_success_rate(money, forecast),
        _payback(paid, forecast.months[0], savings),
        npv(savings, money.discount_rate) - _paid_usd(paid, forecast.months[0], money.discount_rate),
        _deflected(scenario, forecast),
        _freed_hours(scenario, forecast),
        paid,
    )


def saving_usd(money: Economics, actions: float, successes: float, cost_usd: float) -> float:
    """Saving of so many actions that cost so much, against the baseline."""
    assert money.baseline is not None
    baseline = money.baseline
    if money.value_per_success is None:
        return baseline_usd(money, actions, successes) - cost_usd
    more_right = successes - baseline.success_rate * actions
    return money.value_per_success * more_right + baseline.cost_per_action * actions - cost_usd


def baseline_usd(money: Economics, actions: float, successes: float) -> float:
    """What the baseline costs for the same: for the actions, or without a value of a success for the successes."""
    assert money.baseline is not None
    if money.value_per_success is None:
        return money.baseline.cost_per_action / money.baseline.success_rate * successes
    return money.baseline.cost_per_action * actions


def break_even_actions(money: Economics, pace: Forecast) -> float:
    """Actions per month from which the rollout saves, at the success and the capacity of a month.

    fixed cost / (saving of one more action), where one more action costs what is paid by use.
    """
    actions = _actions(money, pace)
    if actions <= 0.0:
        return inf
    fixed = sum(float(pace.category_usd(category).mean()) for category in FIXED)
    success = _successes(money, pace) / actions
    per_action = (pace.total_usd - fixed) / actions
    gain = saving_usd(money, 1.0, success, per_action)
    return fixed / gain if gain > 0.0 else inf


def break_even_success_rate(money: Economics, forecast: Forecast) -> float:
    """Success rate at which the saving is nothing; rework and wrong answers follow it."""
    actions = _actions(money, forecast)
    if actions <= 0.0:
        return inf
    success = _successes(money, forecast) / actions
    cost = forecast.total_usd / actions
    # The saving per action is linear in the success rate: its value here and its slope give the zero.
    here = saving_usd(money, 1.0, success, cost)
    assert money.baseline is not None
    worth = money.value_per_success
    if worth is None:
        worth = money.baseline.cost_per_action / money.baseline.success_rate
    wrong = float(
        forecast.category_usd(Category.REWORK).mean() + forecast.category_usd(Category.WRONG_ANSWERS).mean()
    )
    slope = worth + (wrong / actions / (1.0 - success) if success < 1.0 else 0.0)
    return max(0.0, success - here / slope) if slope > 0.0 else inf


def npv(savings: Sequence[float], rate_per_year: float) -> float:
    """Present value of savings at the end of each month: sum of saving_m / (1 + rate)^(m / 12), m = 1, 2, …"""
    factor = float((1.0 + rate_per_year) ** (-1.0 / _MONTHS_PER_YEAR))
    return float(sum(saving * factor ** (number + 1) for number, saving in enumerate(savings)))


def _paid_usd(paid: Sequence[Investment], first: date, rate_per_year: float) -> float:
    """Present value of what is paid at the beginning of months: sum of amount / (1 + rate)^(m / 12), m = 0, 1, …"""
    factor = float((1.0 + rate_per_year) ** (-1.0 / _MONTHS_PER_YEAR))
    return float(sum(one.amount_usd * factor ** _months_between(first, one.on) for one in paid))


def _months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def _month(money: Economics, part: Forecast, month: date) -> MonthCase:
    actions = _actions(money, part)
    successes = _successes(money, part)
    cost = part.total_usd
    return MonthCase(
        month,
        actions,
        successes,
        cost,
        baseline_usd(money, actions, successes),
        saving_usd(money, actions, successes, cost),
    )


def _savings(money: Economics, months: Sequence[MonthCase], later_usd: float, covered: float) -> list[float]:
    """Savings of every month of the horizon; of the last month of the stages, what they cover and the rest."""
    stated = [month.saving_usd for month in months]
    stated[-1] += (1.0 - covered) * later_usd
    later = [later_usd] * max(0, money.horizon - len(stated))
    return [*stated, *later][: money.horizon]


def _payback(paid: Sequence[Investment], first: date, savings: Sequence[float]) -> date | None:
    total = -sum(one.amount_usd for one in paid)
    for number, saving in enumerate(savings):
        total += saving
        if total >= 0.0 and isfinite(total):
            months = first.year * 12 + first.month - 1 + number
            return date(months // 12, months % 12 + 1, 1)
    return None


def _actions(money: Economics, forecast: Forecast) -> float:
    """Actions less those that users ask again: the process of today would see each question once."""
    assert money.baseline is not None
    workloads = money.baseline.workloads
    asked = float(forecast.numbers(Basis.ACTION, workloads).mean())
    return asked - forecast.count(CountColumn.ASKED_AGAIN, workloads)


def _successes(money: Economics, forecast: Forecast) -> float:
    assert money.baseline is not None
    return float(forecast.numbers(Basis.SUCCESSFUL_ACTION, money.baseline.workloads).mean())


def _deflected(scenario: Scenario, forecast: Forecast) -> float:
    """Actions that were right, and that no person saw before the user did."""
    baseline = scenario.economics.baseline
    assert baseline is not None
    return forecast.count(CountColumn.RIGHT_WITHOUT_PEOPLE, baseline.workloads)


def _freed_hours(scenario: Scenario, forecast: Forecast) -> float | None:
    money = scenario.economics
    if money.baseline is None or money.baseline.handle_time is None:
        return None
    before = _actions(money, forecast) * money.baseline.handle_time / 3600.0
    now = 0.0
    for span in forecast.spans:
        for place, line in enumerate(span.lines):
            if line.category in (Category.HUMAN_HOURS, Category.HUMAN_IDLE_HOURS):
                now += float(span.accounts.cost_usd[:, :, place].sum(axis=1).mean()) / line.unit_price_usd
    return before - now
