"""Which charges does a span of a forecast have? Rows per period x workload x users' region x target x meter, in US dollars.

What a window spends in an hour is crossed with the hours it stands for, then added up by period.
"""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.economics.categories import TOKEN_CATEGORIES, Category, Floats, Line
from simulator.economics.forecast import Forecast
from simulator.economics.forecast_ledger import list_price_usd
from simulator.economics.span import Span
from simulator.formats.focus.period import Period, period_start

_UNITS = {
    "token": "Tokens",
    "call": "Requests",
    "hour": "Hours",
    "action": "Actions",
    "month": "Months",
    "GB": "GB",
    "GB-month": "GB-Months",
}
_SUMS = ("cost_usd", "x_UnusedCost", "x_SuccessfulActions")
_FIXED = (Category.PLATFORM, Category.UNUSED_COMMITMENT)
_GENERATIVE = ("AI and Machine Learning", "Generative AI")
_SERVICES = {
    Category.INPUT_TOKENS: _GENERATIVE,
    Category.CACHED_INPUT_TOKENS: _GENERATIVE,
    Category.OUTPUT_TOKENS: _GENERATIVE,
    Category.PROVISIONED_HOURS: _GENERATIVE,
    Category.PROVISIONED_IDLE_HOURS: _GENERATIVE,
    Category.UNUSED_COMMITMENT: _GENERATIVE,
    Category.GPU_HOURS: ("Compute", "Virtual Machines"),
    Category.GPU_IDLE_HOURS: ("Compute", "Virtual Machines"),
    Category.SPOT_GPU_HOURS: ("Compute", "Virtual Machines"),
    Category.SPOT_GPU_IDLE_HOURS: ("Compute", "Virtual Machines"),
    Category.PLATFORM: ("AI and Machine Learning", "AI Platforms"),
    Category.EGRESS: ("Networking", "Other (Networking)"),
    Category.LOG_INGESTION: ("Management and Governance", "Observability"),
    Category.LOG_STORAGE: ("Management and Governance", "Observability"),
    Category.MIRRORED_TOKENS: _GENERATIVE,
}
_OTHER = ("Other", "Other (Other)")


def charges_usd(forecast: Forecast, period: Period, committed: frozenset[str]) -> pd.DataFrame:
    """Rows of a forecast, with `cost_usd`, the price of a unit (`price_usd`) and its list price (`list_usd`).

    Parameters
    ----------
    committed : models that a spend was promised for
    """
    return pd.concat([_span_rows(span, period, committed) for span in forecast.spans], ignore_index=True)


def _span_rows(span: Span, period: Period, committed: frozenset[str]) -> pd.DataFrame:
    """Rows of a span: what its windows spend per hour, crossed with the periods that they stand for."""
    lengths: dict[int, dict[datetime, float]] = defaultdict(lambda: defaultdict(float))
    ends: dict[datetime, datetime] = {}
    starts: dict[datetime, datetime] = {}  # of what the span covers of a period
    for (begin, length_h), window in zip(span.time.cells, span.time.window_of_cell, strict=True):
        start = period_start(begin, period)
        lengths[window][start] += length_h
        starts.setdefault(start, begin)
        ends[start] = begin + timedelta(hours=length_h)
    wasted = _wasted_share(span)
    parts = []
    for window, by_period in lengths.items():
        per_hour = _window_rows(span, window, wasted, committed)
        rows = per_hour.iloc[np.tile(np.arange(len(per_hour)), len(by_period))].reset_index(drop=True)
        hours = np.repeat(list(by_period.values()), len(per_hour))
        for name in _SUMS:
            rows[name] *= hours
        rows["ChargePeriodStart"] = np.repeat([starts[start] for start in by_period], len(per_hour))
        rows["ChargePeriodEnd"] = np.repeat([ends[start] for start in by_period], len(per_hour))
        parts.append(rows)
    frame = pd.concat(parts, ignore_index=True)
    if sum(map(len, lengths.values())) > len(ends):  # windows share a period
        keys = [name for name in frame if name not in _SUMS]
        frame = frame.groupby(keys, sort=False, dropna=False).sum().reset_index()
    return frame.sort_values("ChargePeriodStart", kind="stable", ignore_index=True)


def _window_rows(span: Span, window: int, wasted: Floats, committed: frozenset[str]) -> pd.DataFrame:
    """What a window spends in an hour."""
    hourly = span.hourly_usd[window]
    streams, lines = np.nonzero(hourly)
    cost = hourly[streams, lines]

    def of_line(values: list[object]) -> NDArray[Any]:
        return np.array(values, dtype=object)[lines]

    def of_stream(values: list[object]) -> NDArray[Any]:
        return np.array(values, dtype=object)[streams]

    services = [_SERVICES.get(line.category, _OTHER) for line in span.lines]
    month = span.time.month
    return pd.DataFrame(
        {
            "cost_usd": cost,
            "price_usd": np.array([line.unit_price_usd for line in span.lines])[lines],
            "list_usd": np.array([list_price_usd(line) for line in span.lines])[lines],
            "BillingPeriodStart": _midnight(month),
            "BillingPeriodEnd": _midnight((month.replace(day=28) + timedelta(days=4)).replace(day=1)),
            "ChargeCategory": of_line(
                ["Purchase" if line.category in _FIXED else "Usage" for line in span.lines]
            ),
            "ChargeFrequency": of_line(
                ["Recurring" if line.category in _FIXED else "Usage-Based" for line in span.lines]
            ),
            "PricingCategory": of_line([_pricing(line, committed) for line in span.lines]),
            "ChargeDescription": of_line([_description(line) for line in span.lines]),
            "PricingUnit": of_line([_UNITS[line.unit] for line in span.lines]),
            "ServiceCategory": of_line([service[0] for service in services]),
            "ServiceSubcategory": of_line([service[1] for service in services]),
            "ServiceName": of_line(
                [line.category.value if line.station is None else line.station.target for line in span.lines]
            ),
            "RegionId": of_line(
                [None if line.station is None else line.station.region for line in span.lines]
            ),
            "SubAccountId": of_stream([stream.tenant or None for stream in span.streams]),
            "SubAccountName": of_stream([stream.tenant or None for stream in span.streams]),
            "x_RolloutStage": span.time.stage,
            "x_SuccessfulActions": span.hourly_successes[window][streams],
            "x_Workload": of_stream([stream.workload for stream in span.streams]),
            "x_UserRegion": of_stream([stream.region for stream in span.streams]),
            "x_Category": of_line([line.category.value for line in span.lines]),
            "x_UnusedCost": cost * wasted[streams, lines],
        }
    )


def _pricing(line: Line, committed: frozenset[str]) -> str:
    """How a price came about; `committed`: models that a spend was promised for."""
    if line.category in (Category.SPOT_GPU_HOURS, Category.SPOT_GPU_IDLE_HOURS):
        return "Dynamic"
    target = "" if line.station is None else line.station.target
    is_promised = line.category in (*TOKEN_CATEGORIES, Category.MIRRORED_TOKENS) and target in committed
    return "Committed" if line.is_committed or is_promised else "Standard"


def _wasted_share(span: Span) -> Floats:
    """Share of each line whose answers were not used, float64[stream, line]."""
    cost, wasted = (amounts.mean(axis=0) for amounts in (span.accounts.cost_usd, span.accounts.wasted_usd))
    share: Floats = np.divide(wasted, cost, out=np.zeros_like(cost), where=cost > 0.0)
    return share


def _description(line: Line) -> str:
    words = line.category.value.replace("_", " ")
    return words if line.station is None else f"{line.station.target} in {line.station.region}, {words}"


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
