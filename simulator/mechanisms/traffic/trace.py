"""Reading a recorded request log: arrival gaps, token lengths, the mean rate."""

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.mechanisms.keys import name_key
from simulator.mechanisms.traffic.config import TokenTrace, Trace, Workload
from simulator.mechanisms.traffic.log_file import LogFileError, read_log
from simulator.mechanisms.traffic.sessions import Sessions, added_tokens, sessions_of
from simulator.mechanisms.traffic.units import TraceUnits

_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_EARLIEST_S, _LATEST_S = 946_684_800.0, 7_258_118_400.0  # 2000 and 2200, since 1970
_MOST_RPS = 1e6  # of a recording: more is a slip of the unit
_ODD = np.uint64(0x9E3779B97F4A7C15)  # multiplication by it gives different keys to different ids


@dataclass(frozen=True, eq=False)
class TraceData:
    """A trace ready to be replayed."""

    gap: (
        NDArray[np.float64] | None
    )  # gap before each arrival, or session, over their mean; the first one closes the circle
    lengths: NDArray[np.int64] | None  # [row, 2] prompt and output tokens
    rate_rps: float | None  # mean rate of the recording
    units: TraceUnits | None  # blocks that prompts have in common
    sessions: Sessions | None  # whose calls the rows of `lengths` are
    sha256: str
    n_rows: int  # of the file
    n_left_out: int  # of them, without an answer


def load_trace(trace: Trace, base_dir: Path) -> TraceData:
    """Read a trace named by a scenario in `base_dir`.

    Raises
    ------
    LogFileError
        If the file cannot be read, lacks a column, holds unsorted times, or lengths that are not positive numbers.
    """
    path = base_dir / trace.file
    try:
        stat = path.stat()
    except OSError as error:
        raise LogFileError(f"{trace.file}: cannot be read as a trace: {error.strerror}") from None
    return _loaded(trace, path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=8)
def _loaded(trace: Trace, path: Path, _mtime_ns: int, _n_bytes: int) -> TraceData:
    """A file that was written again in the meantime is read again."""
    read = _read(path, trace)
    frame = _answered(read, trace)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    gap, rate_rps = None, None
    lengths, sessions = _lengths(frame, trace), None
    if trace.time is not None:
        times_s = _times(frame, trace)
        if trace.replay == "sessions" and trace.session is not None and lengths is not None:
            found = sessions_of(_names(frame, trace.session, trace), times_s, _durations(frame, trace))
            lengths, sessions = added_tokens(found, lengths)
            times_s = times_s[found.order[found.first]]
        gap, rate_rps = _gaps(times_s, trace, digest)
    units = None if trace.hash_ids is None else _units(frame[trace.hash_ids], trace, digest)
    return TraceData(gap, lengths, rate_rps, units, sessions, digest, len(read), len(read) - len(frame))


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
    named = (
        trace.time,
        trace.prompt_tokens,
        trace.output_tokens,
        trace.hash_ids,
        trace.session,
        trace.latency,
    )
    return read_log(path, trace.file, [column for column in named if column is not None])


def _answered(frame: pd.DataFrame, trace: Trace) -> pd.DataFrame:
    """Rows with an answer: exports keep failed requests with no output tokens, and they are no short answers."""
    if trace.output_tokens is None:
        return frame
    answered = frame[pd.to_numeric(frame[trace.output_tokens], errors="coerce") != 0.0]
    if answered.empty:
        raise LogFileError(f"{trace.file}: no row of {trace.output_tokens!r} has an answer: all are 0")
    return answered


def _times(frame: pd.DataFrame, trace: Trace) -> NDArray[np.float64]:
    """Seconds of each row, sorted."""
    assert trace.time is not None
    column = frame[trace.time]
    if pd.api.types.is_numeric_dtype(column):
        times_s: NDArray[np.float64] = column.to_numpy(dtype=np.float64) * _SECONDS[trace.time_unit]
    else:
        stamps = pd.to_datetime(column, format="ISO8601", utc=True, errors="coerce")
        if stamps.isna().any():
            is_number = pd.to_numeric(column, errors="coerce").notna()
            place = int(np.argmax(stamps.isna() & ~is_number))  # of mixed ones, the first that is no number
            raise LogFileError(
                f"{trace.file}: row {_row(frame, place)} of {trace.time!r} is neither a number nor an ISO 8601 time: "
                f"{str(column.iloc[place])[:60]!r}"
            )
        spans = (stamps - stamps.iloc[0]).dt.total_seconds()
        times_s = np.asarray(spans, dtype=np.float64)
    if not np.isfinite(times_s).all():
        raise LogFileError(f"{trace.file}: column {trace.time!r} has empty or infinite times")
    _refuse_far_times(trace, times_s)
    gaps_s = np.diff(times_s)
    if (gaps_s < 0).any():
        before = int(np.argmax(gaps_s < 0))
        raise LogFileError(
            f"{trace.file}: the times are not sorted: row {_row(frame, before + 1)} is before row {_row(frame, before)}; "
            f"sort by {trace.time!r}"
        )
    return times_s


def _names(frame: pd.DataFrame, name: str, trace: Trace) -> pd.Series:
    """Whose session each row belongs to."""
    column = frame[name]
    is_empty = column.isna() | (column.astype(str).str.strip() == "")
    if is_empty.any():
        row = _row(frame, int(np.argmax(is_empty)))
        raise LogFileError(
            f"{trace.file}: row {row} of {name!r} is empty: whose session it belongs to is not known"
        )
    return column


def _durations(frame: pd.DataFrame, trace: Trace) -> NDArray[np.float64]:
    """Seconds that each answer took; 0 where nobody says it."""
    if trace.latency is None:
        return np.zeros(len(frame))
    column = pd.to_numeric(frame[trace.latency], errors="coerce").to_numpy(dtype=np.float64)
    if not np.isfinite(column).all() or (column < 0).any():
        row = _row(frame, int(np.argmax(~(np.isfinite(column) & (column >= 0)))))
        raise LogFileError(f"{trace.file}: row {row} of {trace.latency!r} is not a time from 0 on")
    durations_s: NDArray[np.float64] = column * _SECONDS[trace.time_unit]
    return durations_s


def _gaps(times_s: NDArray[np.float64], trace: Trace, digest: str) -> tuple[NDArray[np.float64], float]:
    """Gap before each arrival over the mean, and the mean rate."""
    gaps_s = np.diff(times_s)
    if gaps_s.size == 0 or gaps_s.sum() <= 0:
        raise LogFileError(
            f"{trace.file}: a trace of arrivals needs at least two different times"
            if trace.replay != "sessions"
            else f"{trace.file}: a trace of sessions needs at least two that begin at different times"
        )
    if trace.spread:
        gaps_s = np.diff(_spread(times_s, digest))
    mean_s = float(gaps_s.mean())
    if mean_s * _MOST_RPS < 1.0:
        raise LogFileError(
            f"{trace.file}: {times_s.size:,} requests in {gaps_s.sum():.3g} s are {1.0 / mean_s:.3g} a second, more than "
            f"{_MOST_RPS:.0e}; is `time_unit: {trace.time_unit}` the unit of {trace.time!r}?"
        )
    return np.concatenate([[mean_s], gaps_s]) / mean_s, 1.0 / mean_s


def _row(rows: pd.DataFrame | pd.Series, place: int) -> int:
    """Row of the file at a place among those with an answer."""
    return int(rows.index[place]) + 1


def _refuse_far_times(trace: Trace, times_s: NDArray[np.float64]) -> None:
    """Complain about numbers that no clock shows in their unit, and name the unit that would give a date of today."""
    latest_s = float(np.abs(times_s).max())
    if latest_s <= _LATEST_S:
        return
    fits = [
        unit
        for unit, factor in _SECONDS.items()
        if _EARLIEST_S < latest_s * factor / _SECONDS[trace.time_unit] <= _LATEST_S
    ]
    likely = (
        f"; with `time_unit: {fits[0]}` they are of {_year(latest_s * _SECONDS[fits[0]] / _SECONDS[trace.time_unit])}"
        if fits
        else ""
    )
    raise LogFileError(
        f"{trace.file}: times of {trace.time!r} up to {latest_s:.3g} s are beyond the year 2200{likely}"
    )


def _year(epoch_s: float) -> int:
    return int(1970 + epoch_s / 31_556_952.0)


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
        row = _row(column, int(np.argmin(is_list)))
        raise LogFileError(
            f"{trace.file}: row {row} of {trace.hash_ids!r} is not a list of numbers; "
            "lists are possible in .jsonl and .parquet"
        )
    n_ids = column.map(len).to_numpy(dtype=np.int64)
    try:
        ids = np.concatenate([np.zeros(0, dtype=np.int64), *column]).astype(np.int64, casting="safe")
    except (TypeError, ValueError) as error:
        raise LogFileError(f"{trace.file}: {trace.hash_ids!r} has ids that are not whole numbers") from error
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
            row = _row(frame, int(np.argmax(~(np.isfinite(column) & (column >= 0) & (column <= 1e8)))))
            raise LogFileError(
                f"{trace.file}: row {row} of {name!r} is not a number of tokens between 0 and 100 million"
            )
        lengths[:, place] = np.maximum(1, column.astype(np.int64))
    return lengths
