"""Reading a recorded request log: arrival gaps, token lengths, the mean rate."""

import gzip
import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyarrow import json as arrow_json

from simulator.errors import InvalidScenarioError
from simulator.mechanisms.keys import name_key
from simulator.mechanisms.traffic.config import TokenTrace, Trace, Workload
from simulator.mechanisms.traffic.units import TraceUnits

_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_MAX_ROWS = 20_000_000
_MAX_BYTES = 2 << 30
_ODD = np.uint64(0x9E3779B97F4A7C15)  # multiplication by it gives different keys to different ids
_JSON_BLOCK_BYTES = 1 << 24  # no line may be longer


class TraceError(InvalidScenarioError):
    """A trace that cannot be used; the message says what is wrong and suggests a fix."""


@dataclass(frozen=True, eq=False)
class TraceData:
    """A trace ready to be replayed."""

    gap: (
        NDArray[np.float64] | None
    )  # gap before each arrival over their mean; the first one closes the circle
    lengths: NDArray[np.int64] | None  # [row, 2] prompt and output tokens
    rate_rps: float | None  # mean rate of the recording
    units: TraceUnits | None  # blocks that prompts have in common
    sha256: str


@lru_cache(maxsize=8)
def load_trace(trace: Trace, base_dir: Path) -> TraceData:
    """Read a trace named by a scenario in `base_dir`.

    Raises
    ------
    TraceError
        If the file cannot be read, lacks a column, holds unsorted times, or lengths that are not positive numbers.
    """
    path = base_dir / trace.file
    frame = _read(path, trace)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    gap, rate_rps = _arrivals(frame, trace, digest)
    lengths = _lengths(frame, trace)
    units = None if trace.hash_ids is None else _units(frame[trace.hash_ids], trace, digest)
    return TraceData(gap, lengths, rate_rps, units, digest)


def trace_of(workload: Workload, base_dir: Path) -> TraceData | None:
    """The trace of a workload with its lengths scaled as the workload says; None: it has none."""
    if workload.trace is None:
        return None
    data = load_trace(workload.trace, base_dir)
    factors = [
        tokens.scale if isinstance(tokens, TokenTrace) else 1.0
        for tokens in (workload.prompt_tokens, workload.output_tokens)
    ]
    if data.lengths is None or factors == [1.0, 1.0]:
        return data
    scaled = np.maximum(1, np.floor(data.lengths * np.array(factors) + 0.5)).astype(np.int64)
    return replace(data, lengths=scaled)


def _read(path: Path, trace: Trace) -> pd.DataFrame:
    name = path.name.lower().removesuffix(".gz")
    named = (trace.time, trace.prompt_tokens, trace.output_tokens, trace.hash_ids)
    wanted = [column for column in named if column is not None]
    try:
        _refuse_bombs(path)
        if name.endswith(".csv"):
            frame = pd.read_csv(path, nrows=_MAX_ROWS)
        elif name.endswith((".jsonl", ".ndjson")):
            frame = _read_json_lines(path)
        elif name.endswith(".parquet"):
            frame = pd.read_parquet(path)
        else:
            raise TraceError(
                f"{trace.file}: unknown kind of file; use .csv, .jsonl or .parquet, maybe with .gz"
            )
    except TraceError:
        raise
    except pd.errors.EmptyDataError:
        raise TraceError(f"{trace.file}: the file is empty") from None
    except (OSError, ValueError, EOFError, ImportError) as error:
        raise TraceError(f"{trace.file}: cannot be read as a trace: {error}") from error
    missing = [column for column in wanted if column not in frame.columns]
    if missing:
        raise TraceError(
            f"{trace.file}: no column {', '.join(repr(column) for column in missing)}; "
            f"the columns are {', '.join(map(str, frame.columns))}"
        )
    if frame.empty:
        raise TraceError(f"{trace.file}: the trace has no rows")
    return frame


def _read_json_lines(path: Path) -> pd.DataFrame:
    """Rows of a JSONL file as they are; pandas would take numbers in columns of certain names for dates."""
    options = arrow_json.ReadOptions(block_size=_JSON_BLOCK_BYTES)
    frame: pd.DataFrame = arrow_json.read_json(path, read_options=options).to_pandas()
    return frame


def _refuse_bombs(path: Path) -> None:
    """Stop reading a compressed file that unpacks to more than 2 GiB."""
    if path.suffix != ".gz":
        return
    n_bytes = 0
    with gzip.open(path) as stream:
        while chunk := stream.read(1 << 22):
            n_bytes += len(chunk)
            if n_bytes > _MAX_BYTES:
                raise TraceError(f"{path.name}: unpacks to more than 2 GiB")


def _arrivals(
    frame: pd.DataFrame, trace: Trace, digest: str
) -> tuple[NDArray[np.float64] | None, float | None]:
    if trace.time is None:
        return None, None
    column = frame[trace.time]
    if pd.api.types.is_numeric_dtype(column):
        times_s: NDArray[np.float64] = column.to_numpy(dtype=np.float64) * _SECONDS[trace.time_unit]
    else:
        stamps = pd.to_datetime(column, format="ISO8601", utc=True, errors="coerce")
        if stamps.isna().any():
            is_number = pd.to_numeric(column, errors="coerce").notna()
            row = int(np.argmax(stamps.isna() & ~is_number)) + 1  # of mixed ones, the first that is no number
            raise TraceError(
                f"{trace.file}: row {row} of {trace.time!r} is neither a number nor an ISO 8601 time: "
                f"{str(column.iloc[row - 1])[:60]!r}"
            )
        spans = (stamps - stamps.iloc[0]).dt.total_seconds()
        times_s = np.asarray(spans, dtype=np.float64)
    if not np.isfinite(times_s).all():
        raise TraceError(f"{trace.file}: column {trace.time!r} has empty or infinite times")
    gaps_s = np.diff(times_s)
    if (gaps_s < 0).any():
        row = int(np.argmax(gaps_s < 0)) + 2
        raise TraceError(
            f"{trace.file}: the times are not sorted: row {row} is before row {row - 1}; sort by {trace.time!r}"
        )
    if gaps_s.size == 0 or gaps_s.sum() <= 0:
        raise TraceError(f"{trace.file}: a trace of arrivals needs at least two different times")
    if trace.spread:
        gaps_s = np.diff(_spread(times_s, digest))
    mean_s = float(gaps_s.mean())
    return np.concatenate([[mean_s], gaps_s]) / mean_s, 1.0 / mean_s


def _spread(times_s: NDArray[np.float64], digest: str) -> NDArray[np.float64]:
    """Sorted times, those that are equal drawn uniformly from there to the next one; the same for the same file."""
    steps_s, n_equal = np.unique(times_s, return_counts=True)
    gaps_s = np.append(np.diff(steps_s), np.median(np.diff(steps_s)))
    generator = np.random.default_rng(int(digest[:16], 16))
    return np.sort(times_s + generator.random(times_s.size) * np.repeat(gaps_s, n_equal))


def _units(column: pd.Series, trace: Trace, digest: str) -> TraceUnits:
    """Keys of the blocks of each prompt; those of different files differ."""
    is_list = column.map(lambda ids: isinstance(ids, list | np.ndarray))
    if not is_list.all():
        row = int(np.argmin(is_list)) + 1
        raise TraceError(
            f"{trace.file}: row {row} of {trace.hash_ids!r} is not a list of numbers; "
            "lists are possible in .jsonl and .parquet"
        )
    n_ids = column.map(len).to_numpy(dtype=np.int64)
    try:
        ids = np.concatenate([np.zeros(0, dtype=np.int64), *column]).astype(np.int64, casting="safe")
    except (TypeError, ValueError) as error:
        raise TraceError(f"{trace.file}: {trace.hash_ids!r} has ids that are not whole numbers") from error
    keys = ids.astype(np.uint64) * _ODD ^ name_key("trace", digest)
    rows = np.column_stack([np.cumsum(n_ids) - n_ids, n_ids])
    return TraceUnits(trace.block_tokens, keys, rows, np.unique(ids).size)


def _lengths(frame: pd.DataFrame, trace: Trace) -> NDArray[np.int64] | None:
    if trace.prompt_tokens is None and trace.output_tokens is None:
        return None
    lengths = np.ones((len(frame), 2), dtype=np.int64)
    for place, name in enumerate((trace.prompt_tokens, trace.output_tokens)):
        if name is None:
            continue
        column = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=np.float64)
        if not np.isfinite(column).all() or (column < 0).any() or (column > 1e8).any():
            row = int(np.argmax(~(np.isfinite(column) & (column >= 0) & (column <= 1e8)))) + 1
            raise TraceError(
                f"{trace.file}: row {row} of {name!r} is not a number of tokens between 0 and 100 million"
            )
        lengths[:, place] = np.maximum(1, column.astype(np.int64))
    return lengths
