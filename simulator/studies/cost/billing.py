"""Does the forecast agree with what was billed, month by month?

A provider's bill is about its models, so it is compared with the forecast of hosted models: tokens, held throughput,
unused commitments.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import inf, isfinite

from simulator.economics.categories import TOKEN_CATEGORIES, Category
from simulator.economics.currency import Currency
from simulator.economics.forecast import Forecast
from simulator.formats.bills.cells import BillError
from simulator.formats.bills.read import Bill
from simulator.studies.cost.case_report import BillComparison, BillMonth
from simulator.studies.cost.costs import RolloutCosts
from simulator.studies.record import finite

MODEL_CATEGORIES = (
    *TOKEN_CATEGORIES,
    Category.PROVISIONED_HOURS,
    Category.PROVISIONED_IDLE_HOURS,
    Category.UNUSED_COMMITMENT,
)
_QUIET_DAYS = 4.0  # a long weekend


@dataclass(frozen=True)
class BilledMonth:
    """A month that was billed and forecast, in US dollars.

    Attributes
    ----------
    actual_days : from the first that is billed to the last
    forecast_days : of the stages
    """

    month: date
    actual_usd: float
    forecast_usd: float
    actual_days: float
    forecast_days: float

    @property
    def is_partial(self) -> bool:
        """Whether it was billed for fewer days than were forecast; days without use at either end are no sign of it."""
        return self.actual_days < self.forecast_days - _QUIET_DAYS

    @property
    def error(self) -> float:
        """(forecast - actual) / actual; inf where nothing was billed."""
        if self.actual_usd == 0.0:
            return 0.0 if self.forecast_usd == 0.0 else inf
        return (self.forecast_usd - self.actual_usd) / self.actual_usd


def bill_comparison(costs: RolloutCosts, bill: Bill, file: str) -> BillComparison:
    """A bill beside the forecast of hosted models, by month and over all of them.

    Parameters
    ----------
    file : its name

    Raises
    ------
    BillError
        If the months of the bill are none of the forecast's.
    """
    currency, months = costs.currency, billed_months(bill, costs.forecast)
    actual_usd = sum(month.actual_usd for month in months)
    forecast_usd = sum(month.forecast_usd for month in months)
    errors = [abs(month.error) for month in months if isfinite(month.error) and not month.is_partial]
    others = sorted(set(bill.months_usd) - set(costs.forecast.months))
    return BillComparison(
        file=file,
        format=bill.source,
        n_rows=bill.n_rows,
        months=tuple(_record(month, currency) for month in months),
        actual=currency.of(actual_usd),
        forecast=currency.of(forecast_usd),
        error=(forecast_usd - actual_usd) / actual_usd if actual_usd else None,
        mean_absolute_error=sum(errors) / len(errors) if errors else None,
        other_months=tuple(f"{month:%Y-%m}" for month in others),
        notes=bill.notes,
    )


def billed_months(bill: Bill, forecast: Forecast) -> list[BilledMonth]:
    """Months that were both billed and forecast, in order.

    Raises
    ------
    BillError
        If there is none.
    """
    common = common_months(bill, forecast.months)
    return [_billed(bill, forecast.in_month(month), month) for month in common]


def common_months(bill: Bill, months: Sequence[date]) -> list[date]:
    """Months of the stages that were billed, in order.

    Raises
    ------
    BillError
        If there is none.
    """
    common = [month for month in months if month in bill.months_usd]
    if not common:
        told = ", ".join(f"{month:%Y-%m}" for month in sorted(bill.months_usd))
        first, last = months[0], months[-1]
        raise BillError(
            f"the bill is of {told}, and the stages are from {first:%Y-%m} to {last:%Y-%m}; "
            "set `start` of the scenario to the day the rollout began"
        )
    return common


def _billed(bill: Bill, part: Forecast, month: date) -> BilledMonth:
    share = sum(span.time.month_share for span in part.spans)
    days = share * monthrange(month.year, month.month)[1]
    forecast_usd = float(sum(part.category_usd(category).mean() for category in MODEL_CATEGORIES))
    return BilledMonth(month, bill.months_usd[month], forecast_usd, bill.days[month], days)


def _record(month: BilledMonth, currency: Currency) -> BillMonth:
    return BillMonth(
        month=f"{month.month:%Y-%m}",
        actual=currency.of(month.actual_usd),
        forecast=currency.of(month.forecast_usd),
        error=finite(month.error),
        actual_days=month.actual_days,
        forecast_days=month.forecast_days,
        is_partial=month.is_partial,
    )
