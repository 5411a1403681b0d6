"""The FOCUS 1.3 export of a forecast: one row per period x stage x workload x users' region x target x meter.

A forecast is not a bill: the billing account is a sentinel, and `x_IsForecast` is true in every row. There is one file
per percentile: what is expected and, with ranges of inputs, P10, P50 and P90.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from simulator.economics.currency import currency_of
from simulator.economics.forecast import Forecast
from simulator.formats.escaping import escaped
from simulator.formats.focus.charges import charges_usd
from simulator.formats.focus.columns import FOCUS, TIME, FocusType, focus_problems
from simulator.formats.focus.period import Period
from simulator.results.store.whole_file import write_whole
from simulator.scenario.model import Scenario
from simulator.scenario.read.hashing import scenario_hash

ACCOUNT_ID, ACCOUNT_NAME = "forecast", "Forecast, not a bill"
ISSUER = "rollout-simulator"


@dataclass(frozen=True, eq=False)
class Percentile:
    """What one file is of.

    Attributes
    ----------
    name : `expected`, `P10`, `P50` or `P90`
    forecast : whose rows it has
    scale : on every quantity, so that the rows add up to the percentile that the reports state
    """

    name: str
    forecast: Forecast
    scale: float = 1.0


def focus_frame(scenario: Scenario, percentile: Percentile, period: Period) -> pd.DataFrame:
    """Rows of one file, in the currency of the scenario."""
    rows = charges_usd(percentile.forecast, period, _committed(scenario))
    price, listed = rows.pop("price_usd"), rows.pop("list_usd")
    usd, scale = currency_of(scenario).usd, percentile.scale
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
    for name, value in _constants(scenario, percentile.name).items():
        rows[name] = value
    known, own = _providers(scenario), scenario.metadata.name
    providers = [known.get(service, own) for service in rows["ServiceName"]]
    for name in ("ProviderName", "PublisherName", "ServiceProviderName", "HostProviderName"):
        rows[name] = providers
    return _typed(rows[[column.name for column in FOCUS]])


def write_focus(
    scenario: Scenario, percentiles: Iterable[Percentile], folder: Path, period: Period
) -> list[Path]:
    """Write a CSV and a Parquet file per percentile; returns their paths.

    Raises
    ------
    RuntimeError
        If an export would break the specification: an error of the program.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for percentile in percentiles:
        frame, stem = focus_frame(scenario, percentile, period), f"focus-{percentile.name.lower()}"
        problems = focus_problems(frame)
        if problems:
            raise RuntimeError(f"the FOCUS export is wrong: {problems[0]}")
        csv, columns = folder / f"{stem}.csv", folder / f"{stem}.parquet"
        write_whole(csv, escaped(frame).to_csv(index=False, date_format="%Y-%m-%dT%H:%M:%SZ"))
        table = pa.Table.from_pandas(frame, _schema(), preserve_index=False)
        write_whole(columns, partial(parquet.write_table, table))
        written += [csv, columns]
    return written


def _constants(scenario: Scenario, percentile: str) -> dict[str, str | bool]:
    digest = scenario_hash(scenario)
    return {
        "BillingAccountId": ACCOUNT_ID,
        "BillingAccountName": ACCOUNT_NAME,
        "BillingCurrency": scenario.currency,
        "InvoiceIssuerName": ISSUER,
        "x_IsForecast": True,
        "x_RunId": f"{digest[:12]}-seed{scenario.seed}",
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
