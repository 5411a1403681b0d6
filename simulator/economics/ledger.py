"""Where did every dollar go? The costs of runs as a data frame: every dollar on one line, none on two.

One line per seed x time bucket x workload x users' region x target x its region x category, measured span
only. Lines of quantity zero are left out, and so is what costs nothing. Releases are not told apart, so
there is no column for them. The sum of `cost_usd` is the run's cost to rounding.
"""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pandas as pd

from simulator.economics.costs import Costs, costs
from simulator.economics.price_book import PriceBook
from simulator.results.columns import Column, dtypes, names
from simulator.results.run_result import RunResult

LEDGER = (
    Column("seed", "int64", "", "Seed of the replication."),
    Column("stage", "str", "", "Rollout stage; empty: full exposure."),
    Column("window", "str", "", "Name of the simulated window."),
    Column("bucket_start", "datetime64[us, UTC]", "", "Start of the time bucket."),
    Column("time_s", "float64", "s", "Start of the bucket since the start of the window."),
    Column("bucket_s", "float64", "s", "Length of the bucket; the last may be short."),
    Column("workload", "str", "", "Class of actions the money was spent for."),
    Column("region", "str", "", "Region of the users."),
    Column("target", "str", "", "Model, service or team that is paid; empty: the platform."),
    Column("target_region", "str", "", "Region the target runs in; empty: the platform."),
    Column(
        "category",
        "str",
        "",
        "`input_tokens`, `cached_input_tokens`, `output_tokens`, `service_calls`; `provisioned_hours`, `gpu_hours`, "
        "`service_hours` and `human_hours` (busy), and each of them `_idle_hours`; `rework`, `wrong_answers`, "
        "`platform`.",
    ),
    Column("quantity", "float64", "`unit`", "How much was bought."),
    Column(
        "unit",
        "str",
        "",
        "`token`, `call`, `hour` (of a replica, a unit or a person on shift), `action` or `month` (730 h).",
    ),
    Column("unit_price_usd", "float64", "USD", "Price of one unit."),
    Column("cost_usd", "float64", "USD", "quantity x unit_price_usd."),
    Column("wasted_usd", "float64", "USD", "Part of `cost_usd`: tokens and calls whose answer was not used."),
)


def ledger(results: Sequence[RunResult], book: PriceBook) -> pd.DataFrame:
    """Return the ledger of runs, e.g. replications of a window, in the order of the runs, then of time.

    Parameters
    ----------
    results : runs of the scenario
    book : its prices
    """
    parts = [_rows(result, costs(result, book, by_bucket=True)) for result in results]
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names(LEDGER))
    return frame[names(LEDGER)].astype(dtypes(LEDGER))


def _rows(result: RunResult, priced: Costs) -> pd.DataFrame:
    buckets, stream_ids, line_ids = np.nonzero(priced.quantity)
    lengths_s = result.measured_bucket_s
    starts_s = np.arange(len(lengths_s)) * result.bucket_s
    starts = pd.DatetimeIndex([result.start + timedelta(seconds=float(start_s)) for start_s in starts_s])
    stations = [line.station for line in priced.lines]

    def of_line(values: Sequence[str]) -> object:
        return np.array(values, dtype=object)[line_ids]

    return pd.DataFrame(
        {
            "seed": np.full(len(buckets), result.seed),
            "stage": result.stage or "",
            "window": result.window,
            "bucket_start": starts.as_unit("us")[buckets],
            "time_s": starts_s[buckets],
            "bucket_s": lengths_s[buckets],
            "workload": np.array([stream.workload for stream in result.streams], dtype=object)[stream_ids],
            "region": np.array([stream.region for stream in result.streams], dtype=object)[stream_ids],
            "target": of_line(["" if station is None else station.target for station in stations]),
            "target_region": of_line(["" if station is None else station.region for station in stations]),
            "category": of_line([line.category.value for line in priced.lines]),
            "quantity": priced.quantity[buckets, stream_ids, line_ids],
            "unit": of_line([line.unit for line in priced.lines]),
            "unit_price_usd": priced.unit_prices_usd[line_ids],
            "cost_usd": priced.cost_usd[buckets, stream_ids, line_ids],
            "wasted_usd": priced.wasted_usd[buckets, stream_ids, line_ids],
        }
    )
