"""How a run went over time: counts, rates and mean latency per time bucket, as data frames.

The columns are those of `simulator.results.columns`, in its order. They are for charts, notebooks and
`series.parquet`; the metrics of a summary never go through a data frame.
"""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.kernel.columns import CountColumn, UsageColumn
from simulator.results.columns import SERIES, TARGET_SERIES, Column, dtypes, names
from simulator.results.run_result import RunResult


def series(results: Sequence[RunResult]) -> pd.DataFrame:
    """Counts, rates and mean latency per replication x time bucket x workload x region; warm-up included."""
    return _frame([_stream_rows(result) for result in results], SERIES)


def target_series(results: Sequence[RunResult]) -> pd.DataFrame:
    """Attempts, tokens and server-seconds per replication x time bucket x target x region of the target."""
    return _frame([_station_rows(result) for result in results], TARGET_SERIES)


def bucket_times_s(result: RunResult) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Start since the start of the measured span, and length, of every bucket: two float64[bucket], s."""
    n_buckets = result.counts.shape[0]
    edges_s = np.minimum(np.arange(n_buckets + 1) * result.bucket_s, result.warmup_s + result.duration_s)
    return edges_s[:-1] - result.n_warmup_buckets * result.bucket_s, np.diff(edges_s)


def _stream_rows(result: RunResult) -> pd.DataFrame:
    columns, lengths_s = _bucket_columns(result, len(result.streams))
    n_buckets = result.counts.shape[0]
    columns["workload"] = [stream.workload for stream in result.streams] * n_buckets
    columns["region"] = [stream.region for stream in result.streams] * n_buckets
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
    return pd.DataFrame(columns)


def _station_rows(result: RunResult) -> pd.DataFrame:
    columns, _ = _bucket_columns(result, len(result.stations))
    n_buckets = result.usage.shape[0]
    columns["kind"] = [station.kind for station in result.stations] * n_buckets
    columns["target"] = [station.target for station in result.stations] * n_buckets
    columns["target_region"] = [station.region for station in result.stations] * n_buckets
    usage = result.usage.sum(axis=1).reshape(-1, len(UsageColumn))
    for column in UsageColumn:
        columns[column.name.lower()] = usage[:, column]
    return pd.DataFrame(columns)


def _bucket_columns(result: RunResult, n_each: int) -> tuple[dict[str, object], NDArray[np.float64]]:
    """Return what says which bucket a row is of, each `n_each` times, and the lengths in s."""
    starts_s, lengths_s = bucket_times_s(result)
    starts = [result.start + timedelta(seconds=float(start_s)) for start_s in starts_s]
    n_rows = len(starts_s) * n_each
    columns: dict[str, object] = {
        "seed": np.full(n_rows, result.seed),
        "stage": [result.stage or ""] * n_rows,
        "window": [result.window] * n_rows,
        "bucket_start": pd.DatetimeIndex(starts).as_unit("us").repeat(n_each),
        "time_s": starts_s.repeat(n_each),
        "bucket_s": lengths_s.repeat(n_each),
        "measured": (np.arange(len(starts_s)) >= result.n_warmup_buckets).repeat(n_each),
    }
    return columns, lengths_s.repeat(n_each)


def _frame(parts: list[pd.DataFrame], columns: tuple[Column, ...]) -> pd.DataFrame:
    """Return one data frame with exactly the dictionary's columns, order and types."""
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names(columns))
    return frame[names(columns)].astype(dtypes(columns))
