"""The FOCUS 1.3 export of a forecast: one row per period x stage x workload x users' region x target x meter.

A forecast is not a bill: the billing account is a sentinel, and `x_IsForecast` is true in every row. There is one
file for what is expected and, with ranges of inputs, one each for P10, P50 and P90: the rows of the draw whose total
is that percentile, because percentiles of rows do not add up.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from simulator.economics.categories import TOKEN_CATEGORIES, Category, Floats, Line
from simulator.economics.forecast import Forecast
from simulator.economics.forecast_ledger import list_price_usd
from simulator.economics.span import Span
from simulator.scenario.model import Scenario
from simulator.scenario.read.hashing import scenario_hash
from simulator.studies.cost.cost_figures import money_of, ratios, total_sample
from simulator.studies.cost.exports.escaping import escaped
from simulator.studies.cost.exports.focus_columns import FOCUS, TIME, FocusType, focus_problems
from simulator.studies.cost.study import CostStudy
from simulator.studies.cost.uncertainty import LEVELS, quantile_rank

Period = Literal["hour", "day", "month"]
ACCOUNT_ID, ACCOUNT_NAME = "forecast", "Forecast, not a bill"
ISSUER = "rollout-simulator"
_UNITS = {
    "token": "Tokens",
    "call": "Requests",
    "hour": "Hours",
    "action": "Actions",
    "month": "Months",
    "GB": "GB",
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
    Category.MIRRORED_TOKENS: _GENERATIVE,
}
_OTHER = ("Other", "Other (Other)")


def focus_frames(study: CostStudy, period: Period) -> Iterator[tuple[str, pd.DataFrame]]:
    """Name (`expected`, `P10`, …) and rows of every file."""
    yield "expected", focus_frame(study, study.forecast, period, "expected")
    drawn = study.uncertainty
    if drawn is None:
        return
    by_total = ratios(study, total_sample)
    order = np.argsort(by_total, kind="stable")
    for level in LEVELS:
        place = int(order[quantile_rank(len(order), level)])
        draw = drawn.draws[place]
        scale = study.forecast.total_usd * float(by_total[place]) / draw.total_usd
        name = f"P{level * 100:.0f}"
        yield name, focus_frame(study, draw, period, name, scale)


def focus_frame(
    study: CostStudy, forecast: Forecast, period: Period, percentile: str, scale: float = 1.0
) -> pd.DataFrame:
    """Rows of one file.

    Parameters
    ----------
    scale : on every quantity, so that the rows add up to the percentile that the reports state
    """
    rows = pd.concat(
        [_span_rows(span, period, _committed(study.scenario)) for span in forecast.spans], ignore_index=True
    )
    price, listed = rows.pop("price_usd"), rows.pop("list_usd")
    usd = money_of(study).usd
    quantity = scale * rows.pop("cost_usd") / price
    rows["PricingQuantity"] = quantity
    rows["ContractedUnitPrice"] = price / usd
    rows["ListUnitPrice"] = listed / usd
    rows["ListCost"] = quantity * rows["ListUnitPrice"]
    for name in ("ContractedCost", "EffectiveCost", "BilledCost"):
        rows[name] = quantity * rows["ContractedUnitPrice"]
    rows["x_UnusedCost"] *= scale / usd
    is_used = rows["ChargeCategory"] == "Usage"
    rows["ConsumedQuantity"] = quantity.where(is_used)
    rows["ConsumedUnit"] = rows["PricingUnit"].where(is_used, None)
    rows["ChargeClass"] = None
    for name, value in _constants(study, percentile).items():
        rows[name] = value
    known, own = _providers(study.scenario), study.scenario.metadata.name
    providers = [known.get(service, own) for service in rows["ServiceName"]]
    for name in ("ProviderName", "PublisherName", "ServiceProviderName", "HostProviderName"):
        rows[name] = providers
    return _typed(rows[[column.name for column in FOCUS]])


def write_focus(study: CostStudy, folder: Path, period: Period) -> list[Path]:
    """Write a CSV and a Parquet file per percentile; returns their paths.

    Raises
    ------
    RuntimeError
        If an export would break the specification: an error of the program.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, frame in focus_frames(study, period):
        problems = focus_problems(frame)
        if problems:
            raise RuntimeError(f"the FOCUS export is wrong: {problems[0]}")
        csv, columns = folder / f"focus-{name.lower()}.csv", folder / f"focus-{name.lower()}.parquet"
        escaped(frame).to_csv(csv, index=False, date_format="%Y-%m-%dT%H:%M:%SZ")
        parquet.write_table(pa.Table.from_pandas(frame, _schema(), preserve_index=False), columns)
        written += [csv, columns]
    return written


def _span_rows(span: Span, period: Period, committed: frozenset[str]) -> pd.DataFrame:
    """Rows of a span: what its windows spend per hour, crossed with the periods that they stand for."""
    lengths: dict[int, dict[datetime, float]] = defaultdict(lambda: defaultdict(float))
    ends: dict[datetime, datetime] = {}
    starts: dict[datetime, datetime] = {}  # of what the span covers of a period
    for (begin, length_h), window in zip(span.time.hour_starts, span.time.window_of_hour, strict=True):
        start = _period_start(begin, period)
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
    if period != "hour":  # windows that share a period
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


def _constants(study: CostStudy, percentile: str) -> dict[str, Any]:
    digest = scenario_hash(study.scenario)
    return {
        "BillingAccountId": ACCOUNT_ID,
        "BillingAccountName": ACCOUNT_NAME,
        "BillingCurrency": study.scenario.currency,
        "InvoiceIssuerName": ISSUER,
        "x_IsForecast": True,
        "x_RunId": f"{digest[:12]}-seed{study.scenario.seed}",
        "x_ScenarioHash": digest,
        "x_Percentile": percentile,
    }


def _committed(scenario: Scenario) -> frozenset[str]:
    return frozenset(name for commitment in scenario.economics.commitments for name in commitment.models)


def _providers(scenario: Scenario) -> dict[str, str]:
    """Provider of each hosted model; everything else is provided by the owner of the scenario."""
    return {
        model.model_name: model.provider
        for model in scenario.model_list
        if model.pool is None and model.provider is not None
    }


def _description(line: Line) -> str:
    words = line.category.value.replace("_", " ")
    return words if line.station is None else f"{line.station.target} in {line.station.region}, {words}"


def _period_start(moment: datetime, period: Period) -> datetime:
    if period == "hour":
        return moment
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return day if period == "day" else day.replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    types: dict[FocusType, Any] = {"time": TIME, "decimal": "float64", "string": "str", "bool": "bool"}
    return frame.astype(
        {
            column.name: object if column.is_nullable and column.type == "string" else types[column.type]
            for column in FOCUS
        }
    )


def _schema() -> pa.Schema:
    """Types of the Parquet file, the same whatever is empty."""
    types = {
        "time": pa.timestamp("us", "UTC"),
        "decimal": pa.float64(),
        "string": pa.string(),
        "bool": pa.bool_(),
    }
    return pa.schema([(column.name, types[column.type]) for column in FOCUS])
