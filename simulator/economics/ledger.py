"""Where did every dollar go? The costs of runs as a table: every dollar on one line, none on two.

One line per seed x time bucket x workload x users' region x target x its region x category, measured span
only. Lines of quantity zero are left out, and so is what costs nothing. Releases are not told apart, so
there is no column for them. The sum of `cost_usd` is the run's cost to rounding.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from simulator.economics.costs import Costs, costs
from simulator.economics.price_book import PriceBook
from simulator.metrics.dictionary import BUCKET, PARTS, Column
from simulator.results.run_result import RunResult
from simulator.results.tables.arrow import Values, one_word, parts, table_of, words
from simulator.results.tables.series import bucket_starts

LEDGER = (
    *BUCKET,
    *PARTS,
    Column("target", "str", "", "Model, service or team that is paid; empty: the platform."),
    Column("target_region", "str", "", "Region the target runs in; empty: the platform."),
    Column(
        "category",
        "str",
        "",
        "`input_tokens`, `cached_input_tokens`, `output_tokens`, `service_calls`; `provisioned_hours`, `gpu_hours`, "
        "`spot_gpu_hours`, `service_hours` and `human_hours` (busy), and each of them idle, e.g. `gpu_idle_hours`; "
        "`egress`, `rework`, `wrong_answers`, `platform`.",
    ),
    Column("quantity", "float64", "`unit`", "How much was bought."),
    Column(
        "unit",
        "str",
        "",
        "`token`, `call`, `hour` (of a replica, a unit or a person on shift), `GB` (10^9 bytes), `action` or "
        "`month` (730 h).",
    ),
    Column("unit_price_usd", "float64", "USD", "Price of one unit."),
    Column("cost_usd", "float64", "USD", "quantity x unit_price_usd."),
    Column("wasted_usd", "float64", "USD", "Part of `cost_usd`: tokens and calls whose answer was not used."),
)


def ledger(results: Sequence[RunResult], book: PriceBook) -> pa.Table:
    """Return the ledger of runs, e.g. replications of a window, in the order of the runs, then of time.

    Parameters
    ----------
    results : runs of the scenario
    book : its prices
    """
    return table_of((_rows(result, costs(result, book, by_bucket=True)) for result in results), LEDGER)


def _rows(result: RunResult, priced: Costs) -> dict[str, Values]:
    buckets, stream_ids, line_ids = np.nonzero(priced.quantity)
    lengths_s = result.measured_bucket_s
    starts_s = np.arange(len(lengths_s), dtype=np.float64) * result.bucket_s
    stations = [line.station for line in priced.lines]
    return {
        "seed": np.full(len(buckets), result.seed),
        "stage": one_word(result.stage or "", len(buckets)),
        "window": one_word(result.window, len(buckets)),
        "bucket_start": bucket_starts(result.start, starts_s)[buckets],
        "time_s": starts_s[buckets],
        "bucket_s": lengths_s[buckets],
        **parts(stream_ids, result.streams),
        "target": words(line_ids, ["" if station is None else station.target for station in stations]),
        "target_region": words(line_ids, ["" if station is None else station.region for station in stations]),
        "category": words(line_ids, [line.category.value for line in priced.lines]),
        "quantity": priced.quantity[buckets, stream_ids, line_ids],
        "unit": words(line_ids, [line.unit for line in priced.lines]),
        "unit_price_usd": priced.unit_prices_usd[line_ids],
        "cost_usd": priced.cost_usd[buckets, stream_ids, line_ids],
        "wasted_usd": priced.wasted_usd[buckets, stream_ids, line_ids],
    }
