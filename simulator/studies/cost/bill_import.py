"""What was billed, month by month: a bill as CSV, in the columns of FOCUS or of a provider's own export.

A provider's bill is about its models, so it is held against the forecast of hosted models: tokens, held throughput,
unused commitments. Of a FOCUS bill only rows of generative AI count, where it says which these are.
"""

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from simulator.economics.categories import TOKEN_CATEGORIES, Category
from simulator.economics.forecast import Forecast
from simulator.errors import RolloutError
from simulator.scenario.read.currencies import DOLLAR

MODEL_CATEGORIES = (
    *TOKEN_CATEGORIES,
    Category.PROVISIONED_HOURS,
    Category.PROVISIONED_IDLE_HOURS,
    Category.UNUSED_COMMITMENT,
)
MAX_ROWS = 5_000_000
_QUIET_DAYS = 4.0  # a long weekend


class BillError(RolloutError, ValueError):
    """A bill that cannot be read; the message says what would be right."""


@dataclass(frozen=True)
class _Format:
    """An export: the columns that it is known by, and where time, amount and currency stand in it."""

    name: str
    time: str
    end: str | None  # of what a row bills; None: a day
    amount: str
    currency: str | None  # column; None: US dollars
    only: Callable[[pd.DataFrame], pd.Series] | None = None


def _generative(frame: pd.DataFrame) -> pd.Series:
    """Rows of generative AI, as far as the bill tells."""
    if "ServiceSubcategory" in frame and frame["ServiceSubcategory"].notna().any():
        return frame["ServiceSubcategory"] == "Generative AI"
    if "ServiceCategory" in frame:
        return frame["ServiceCategory"] == "AI and Machine Learning"
    return pd.Series(np.ones(len(frame), dtype=bool), index=frame.index)


_FORMATS = (
    _Format("FOCUS", "ChargePeriodStart", "ChargePeriodEnd", "BilledCost", "BillingCurrency", _generative),
    _Format("OpenAI costs", "start_time_iso", "end_time_iso", "amount_value", "amount_currency"),
    _Format("Anthropic costs", "usage_date_utc", None, "cost_usd", None),
    _Format("Azure cost details", "Date", None, "CostInBillingCurrency", "BillingCurrency"),
)


@dataclass(frozen=True)
class Bill:
    """Amounts billed by calendar month, in US dollars."""

    source: str  # which export
    months_usd: Mapping[date, float]
    days: Mapping[date, float]  # of each month, from the first that is billed to the last
    n_rows: int


@dataclass(frozen=True)
class BilledMonth:
    """A month that was billed and forecast, in US dollars."""

    month: date
    actual_usd: float
    forecast_usd: float
    actual_days: float  # from the first that is billed to the last
    forecast_days: float  # of the stages

    @property
    def is_partial(self) -> bool:
        """Whether it was billed for fewer days than were forecast; days without use at either end are no sign of it."""
        return self.actual_days < self.forecast_days - _QUIET_DAYS

    @property
    def error(self) -> float:
        """(forecast - actual) / actual; inf where nothing was billed."""
        if self.actual_usd == 0.0:
            return 0.0 if self.forecast_usd == 0.0 else float("inf")
        return (self.forecast_usd - self.actual_usd) / self.actual_usd


def read_bill(path: Path, rates_usd: Mapping[str, float]) -> Bill:
    """Read a bill.

    Parameters
    ----------
    rates_usd : US dollars for one of other currencies

    Raises
    ------
    BillError
        If its columns are none that are known, a time or an amount cannot be read, or a currency has no rate.
    """
    try:
        frame = pd.read_csv(path, nrows=MAX_ROWS + 1, low_memory=False)
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise BillError(f"{path} cannot be read as CSV: {' '.join(str(error).split())[:200]}") from None
    if len(frame) > MAX_ROWS:
        raise BillError(f"{path} has more than {MAX_ROWS:,} rows; add them up by day first")
    found = next((one for one in _FORMATS if {one.time, one.amount} <= set(frame.columns)), None)
    if found is None:
        known = "; ".join(f"{one.name}: `{one.time}`, `{one.amount}`" for one in _FORMATS)
        columns = ", ".join(map(str, frame.columns[:8]))
        raise BillError(f"{path} has the columns {columns[:300]}; a bill needs those of one of: {known}")
    frame = frame[frame[found.amount].notna()]
    if found.only is not None:
        frame = frame[found.only(frame)]
    if frame.empty:
        raise BillError(f"{path} has no row that bills a model ({found.name})")
    times = pd.to_datetime(frame[found.time], utc=True, errors="coerce", format="mixed")
    amounts = pd.to_numeric(frame[found.amount], errors="coerce")
    for name, values in ((found.time, times), (found.amount, amounts)):
        if values.isna().any():
            index = values.index[values.isna()][0]  # of the file: rows that do not count are gone
            value = str(frame[name].loc[index])[:40]
            what = "time" if name == found.time else "amount"
            raise BillError(f"{path}: row {index + 2} of `{name}` is no {what}: `{value}`")
    usd = amounts * _rates(path, frame, found, rates_usd)
    ends, of_month = _ends(frame, found, times), times.dt.strftime("%Y-%m-01")
    months: dict[date, float] = {}
    days: dict[date, float] = {}
    for first in sorted(of_month.unique()):
        rows, month = of_month == first, date.fromisoformat(first)
        months[month] = float(usd[rows].sum())
        days[month] = (ends[rows].max() - times[rows].min()) / pd.Timedelta(days=1)
    return Bill(found.name, months, days, len(frame))


def held_against(bill: Bill, forecast: Forecast) -> list[BilledMonth]:
    """Months that were both billed and forecast, in order.

    Raises
    ------
    BillError
        If there is none.
    """
    common = common_months(bill, forecast.months)
    return [_held(bill, forecast.in_month(month), month) for month in common]


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


def _held(bill: Bill, part: Forecast, month: date) -> BilledMonth:
    share = sum(span.time.month_share for span in part.spans)
    days = share * monthrange(month.year, month.month)[1]
    return BilledMonth(month, bill.months_usd[month], _models_usd(part), bill.days[month], days)


def _models_usd(forecast: Forecast) -> float:
    return float(sum(forecast.category_usd(category).mean() for category in MODEL_CATEGORIES))


def _ends(frame: pd.DataFrame, found: _Format, times: pd.Series) -> pd.Series:
    """Until when each row bills; a day from its begin where it does not say."""
    a_day_on = times + pd.Timedelta(days=1)
    if found.end is None or found.end not in frame:
        return a_day_on
    return pd.to_datetime(frame[found.end], utc=True, errors="coerce", format="mixed").fillna(a_day_on)


def _rates(path: Path, frame: pd.DataFrame, found: _Format, rates_usd: Mapping[str, float]) -> pd.Series:
    """US dollars for one of the currency of each row."""
    if found.currency is None or found.currency not in frame:
        return pd.Series(1.0, index=frame.index)
    codes = frame[found.currency].fillna(DOLLAR).astype(str).str.upper()
    known = {DOLLAR: 1.0, **rates_usd}
    unknown = sorted(set(codes) - set(known))
    if unknown:
        raise BillError(
            f"{path} is in {', '.join(unknown)[:60]}, and the scenario has no exchange rate for it: "
            f"add `fx: {{date: …, rates: {{{unknown[0][:10]}: …}}}}`"
        )
    return codes.map(known).astype("float64")
