"""How a run went over time: counts, rates and mean latency per time bucket, as tables.

The columns are those of `simulator.metrics.dictionary`, in its order. They are for charts, notebooks and
`series.parquet`; the metrics of a summary never go through a table.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.metrics.dictionary import SERIES, TARGET_SERIES
from simulator.results.run_result import RunResult
from simulator.results.tables.arrow import Values, one_word, parts, table_of, words


def series(results: Sequence[RunResult]) -> pa.Table:
    """Counts, rates and mean latency per replication x time bucket x part of the actions; warm-up included."""
    return table_of(map(_stream_rows, results), SERIES)


def target_series(results: Sequence[RunResult]) -> pa.Table:
    """Attempts, tokens and server-seconds per replication x time bucket x target x region of the target."""
    return table_of(map(_station_rows, results), TARGET_SERIES)


def bucket_times_s(result: RunResult) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Start since the start of the measured span, and length, of every bucket: two float64[bucket], s."""
    n_buckets = result.counts.shape[0]
    edges_s = np.minimum(np.arange(n_buckets + 1) * result.bucket_s, result.warmup_s + result.duration_s)
    return edges_s[:-1] - result.n_warmup_buckets * result.bucket_s, np.diff(edges_s)


def bucket_starts(start: datetime, starts_s: NDArray[np.float64]) -> NDArray[np.datetime64]:
    """Time of day of every bucket, UTC to the microsecond, datetime64[bucket]; `starts_s`: since `start`."""
    begin = start.astimezone(UTC).replace(tzinfo=None)
    return np.array(
        [begin + timedelta(seconds=start_s) for start_s in starts_s.tolist()], dtype="datetime64[us]"
    )


def _stream_rows(result: RunResult) -> dict[str, Values]:
    columns, lengths_s = _bucket_columns(result, len(result.streams))
    codes = np.tile(np.arange(len(result.streams)), result.counts.shape[0])
    columns |= parts(codes, result.streams)
    counts = result.counts.reshape(-1, len(CountColumn))
    for column in CountColumn:
        columns[column.name.lower()] = counts[:, column]
    answered = counts[:, CountColumn.SUCCEEDED] + counts[:, CountColumn.DEGRADED]
    turns = counts[:, CountColumn.TURNS]
    columns["arrival_rps"] = counts[:, CountColumn.ARRIVED] / lengths_s
    columns["answered_rps"] = answered / lengths_s
    columns["goodput_rps"] = counts[:, CountColumn.GOOD] / lengths_s
    latency_sum_s = result.latency_sum_s.reshape(-1)
    columns["latency_mean_s"] = np.divide(
        latency_sum_s, turns, out=np.full(turns.shape, np.nan), where=turns > 0
    )
    return columns


def _station_rows(result: RunResult) -> dict[str, Values]:
    columns, _ = _bucket_columns(result, len(result.stations))
    codes = np.tile(np.arange(len(result.stations)), result.usage.shape[0])
    columns["kind"] = words(codes, [station.kind for station in result.stations])
    columns["target"] = words(codes, [station.target for station in result.stations])
    columns["target_region"] = words(codes, [station.region for station in result.stations])
    usage = result.usage.sum(axis=1).reshape(-1, len(UsageColumn))
    for column in UsageColumn:
        columns[column.name.lower()] = usage[:, column]
    return columns


def _bucket_columns(result: RunResult, n_each: int) -> tuple[dict[str, Values], NDArray[np.float64]]:
    """Return what says which bucket a row is of, each `n_each` times, and the lengths in s."""
    starts_s, lengths_s = bucket_times_s(result)
    n_rows = len(starts_s) * n_each
    columns: dict[str, Values] = {
        "seed": np.full(n_rows, result.seed),
        "stage": one_word(result.stage or "", n_rows),
        "window": one_word(result.window, n_rows),
        "bucket_start": bucket_starts(result.start, starts_s).repeat(n_each),
        "time_s": starts_s.repeat(n_each),
        "bucket_s": lengths_s.repeat(n_each),
        "measured": (np.arange(len(starts_s)) >= result.n_warmup_buckets).repeat(n_each),
    }
    return columns, lengths_s.repeat(n_each)
