"""The ledger of a forecast: a line per month x stage x part of the actions x target x category.

Every table, chart, workbook and export is a sum over these lines. The mean over replications; what costs nothing has
no line. `economics.ledger` is the ledger of single runs, bucket by bucket.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from simulator.economics.categories import Line
from simulator.economics.forecast import Forecast
from simulator.economics.span import Span
from simulator.metrics.dictionary import PARTS, Column, dtypes, names
from simulator.metrics.dimensions import COST_VIEWS, OF_ACTIONS

FORECAST_LEDGER = (
    Column("month", "str", "", "Calendar month, e.g. `2027-01`."),
    Column("stage", "str", "", "Rollout stage."),
    *PARTS,
    Column("target", "str", "", "Model, service or team that is paid; empty: nothing that serves."),
    Column("target_region", "str", "", "Region the target runs in; empty: none."),
    Column("category", "str", "", "As in the ledger of a run, and `unused_commitment`."),
    Column("quantity", "float64", "`unit`", "How much is bought."),
    Column("unit", "str", "", "`token`, `call`, `hour`, `action` or `month`."),
    Column("unit_price_usd", "float64", "USD", "Price of one unit, discounts included."),
    Column("list_price_usd", "float64", "USD", "Price of one unit before discounts."),
    Column("cost_usd", "float64", "USD", "quantity x unit_price_usd."),
    Column("wasted_usd", "float64", "USD", "Part of `cost_usd`: tokens and calls whose answer was not used."),
)


def forecast_ledger(forecast: Forecast) -> pd.DataFrame:
    """Return the ledger of a forecast, in order of time; `cost_usd` adds up to the forecast's cost."""
    parts = [_rows(span) for span in forecast.spans]
    frame = pd.concat(parts, ignore_index=True)
    return frame[names(FORECAST_LEDGER)].astype(dtypes(FORECAST_LEDGER))


def view(ledger: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Cost by some of `COST_VIEWS`, in the order of the ledger: columns as asked for, `cost_usd` and `wasted_usd`."""
    columns = [COST_VIEWS[name] for name in by]
    summed = ledger.groupby(columns, sort=False)[["cost_usd", "wasted_usd"]].sum()
    return summed.reset_index().rename(columns={COST_VIEWS[name]: name for name in by})


def list_price_usd(line: Line) -> float:
    """Price of a unit before discounts."""
    return line.unit_price_usd / (1.0 - line.discount) if line.discount < 1.0 else line.unit_price_usd


def _rows(span: Span) -> pd.DataFrame:
    cost = span.accounts.cost_usd.mean(axis=0)  # [stream, line]
    wasted = span.accounts.wasted_usd.mean(axis=0)
    streams, lines = np.nonzero(cost)
    prices = np.array([line.unit_price_usd for line in span.lines])

    def of_line(values: Iterator[object]) -> object:
        return np.array(list(values), dtype=object)[lines]

    def of_stream(values: Iterator[object]) -> object:
        return np.array(list(values), dtype=object)[streams]

    return pd.DataFrame(
        {
            "month": f"{span.time.month:%Y-%m}",
            "stage": span.time.stage,
            **{
                one.name: of_stream(getattr(stream, one.name) for stream in span.streams)
                for one in OF_ACTIONS
            },
            "target": of_line("" if line.station is None else line.station.target for line in span.lines),
            "target_region": of_line(
                "" if line.station is None else line.station.region for line in span.lines
            ),
            "category": of_line(line.category.value for line in span.lines),
            "quantity": cost[streams, lines] / prices[lines],
            "unit": of_line(line.unit for line in span.lines),
            "unit_price_usd": prices[lines],
            "list_price_usd": np.array([list_price_usd(line) for line in span.lines])[lines],
            "cost_usd": cost[streams, lines],
            "wasted_usd": wasted[streams, lines],
        }
    )
