"""Which requests are in these logs? Files of any known tool as one table, without a word of what was asked or answered."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from simulator.formats.logs.ahead import ahead
from simulator.formats.logs.cells import batches_of, header_of
from simulator.formats.logs.dialect import DURATIONS, KEYS, NUMBERS, TIMES, UNITS, At, Dialect, Unit
from simulator.formats.logs.dialects.named import ROLLOUT, guessed, named
from simulator.formats.logs.dialects.registry import DIALECTS
from simulator.formats.logs.errors import LogError
from simulator.formats.logs.opened import LogFile, log_file
from simulator.formats.logs.prometheus.vllm import VLLM, is_vllm, vllm_rows
from simulator.formats.logs.tally import Header, Tally
from simulator.formats.logs.values import Clock, fate, keys, numbers, words

LONGEST_S = 7 * 86_400.0  # that a request may take
MOST_TOKENS = 1e8
_BESIDE = 0.05  # share of rows with more cached tokens than input
_LONG_ANSWER_S = 30.0  # in the middle: longer ones are asked for their unit


@dataclass(frozen=True)
class ReadLog:
    """What was read of one file.

    Attributes
    ----------
    frame : times and durations in s, tokens, words, hashes of ids; what is not known is missing
    name : of the file
    clock : how its times are written
    left_out : rows that are no requests, by reason
    notes : what a reader must know
    """

    frame: pd.DataFrame
    name: str
    dialect: Dialect
    clock: Clock
    n_rows: int
    left_out: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_log(path: Path, columns: str | None = None, zone: ZoneInfo | None = None) -> ReadLog:
    """Read a log.

    Parameters
    ----------
    columns : where the columns of a log of no known tool are, `time=ts:ms,input=prompt_tokens`; None: recognised
    zone : of times that have none; None: UTC

    Raises
    ------
    LogError
        If it cannot be read, is of no known tool, or holds no request.
    """
    file = log_file(path)
    if columns is None and is_vllm(file):
        return _of_metrics(file)
    header = header_of(file)
    dialect = _dialect(file.name, header, columns, is_table=file.kind in ("csv", "parquet"))
    tally, clock = Tally(), Clock(file.name, None if dialect.is_utc else zone)
    frames = [_common(cells, dialect, clock) for cells in ahead(batches_of(file, header, dialect, tally))]
    if not frames:
        raise LogError(f"{file.name} ({dialect.name}): holds no request")
    frame = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    frames.clear()  # a million rows are there once, not twice
    frame = frame if dialect.tidy is None else dialect.tidy(frame)
    left_out = {"no rows: broken or cut off": tally.broken} if tally.broken else {}
    if len(frame) < tally.rows and not dialect.is_bucketed:
        left_out["spans that call no model"] = tally.rows - len(frame)
    _refuse_no_times(file.name, frame, clock, header, dialect)
    says_errors = any(place.plain in header.names for place in dialect.columns.get("error", ()))
    frame = _sorted_out(_derived(frame, dialect, says_errors=says_errors), left_out)
    if frame.empty:
        told = "; ".join(f"{n:,} {reason}" for reason, n in left_out.items())
        raise LogError(
            f"{file.name} ({dialect.name}): holds no request that can be used ({told or 'it is empty'})"
        )
    notes = (
        *dialect.notes,
        *_unit_notes(frame),
        *(("ends early: the rest of the file is missing",) if tally.ends_early else ()),
    )
    return ReadLog(frame, file.name, dialect, clock, tally.rows + tally.broken, left_out, notes)


def _of_metrics(file: LogFile) -> ReadLog:
    """Requests as metrics of an engine count them."""
    frame, notes = vllm_rows(file)
    left_out: dict[str, int] = {}
    used = _sorted_out(_derived(frame, VLLM, says_errors=False), left_out)
    return ReadLog(
        used,
        file.name,
        VLLM,
        Clock(file.name),
        len(frame),
        left_out,
        (*VLLM.notes, *notes, *_unit_notes(used)),
    )


def _refuse_no_times(name: str, frame: pd.DataFrame, clock: Clock, header: Header, dialect: Dialect) -> None:
    """Complain about a column of times none of which can be read."""
    there = next((place for place in dialect.columns.get("time", ()) if place.plain in header.names), None)
    if there is not None and not dialect.is_nested and ("time" not in frame or frame["time"].isna().all()):
        shown = f", e.g. {clock.unread!r}" if clock.unread else ""
        raise LogError(
            f"{name}: no time of `{there.path.replace('/', '.')}` can be read{shown}; write them as 2026-09-14T10:00:00Z"
        )


def _dialect(name: str, header: Header, columns: str | None, *, is_table: bool) -> Dialect:
    if columns is not None:
        dialect = named(columns)
        missing = [
            place.path.replace("/", ".")
            for places in dialect.columns.values()
            for place in places
            if place.plain not in header.names
        ]
        if missing:
            raise LogError(f"{name}: no column {', '.join(missing)[:120]}; there are {_shown(header)}")
        return dialect
    found = next(
        (
            one
            for one in (*DIALECTS, ROLLOUT)
            if one.is_spoken_in(header.names) and not (is_table and one.is_nested)
        ),
        None,
    )
    found = found or guessed(header.paths.values())
    if found is None:
        known = ", ".join(one.name for one in DIALECTS)
        raise LogError(
            f"{name}: is no log that is known; its columns are {_shown(header)}. Known are: {known}; for any other say "
            "`--columns time=COLUMN,input=COLUMN,output=COLUMN`"
        )
    return found


def _shown(header: Header) -> str:
    paths = [path.replace("/", ".")[:40] for path in header.paths.values()]
    return ", ".join(paths[:20]) + (f" and {len(paths) - 20} more" if len(paths) > 20 else "")


def _common(cells: pd.DataFrame, dialect: Dialect, clock: Clock) -> pd.DataFrame:
    """The common columns of a batch of cells."""
    found: dict[str, object] = {}
    for column, places in dialect.columns.items():
        for place in places:
            if place not in cells:
                continue
            values = _values(column, place, cells[place], clock)
            found[column] = values if column not in found else _filled(found[column], values)
    return pd.DataFrame(found, index=cells.index)


def _values(column: str, place: At, cells: pd.Series, clock: Clock) -> object:
    if column in TIMES:
        return clock.read(cells, place.unit)
    if column in DURATIONS:
        return (
            numbers(cells) * UNITS[place.unit]
            if place.unit
            else _unsaid(numbers(cells), column, place, clock)
        )
    if column in NUMBERS:
        return numbers(cells)
    return keys(cells) if column in KEYS else words(cells)


def _unsaid(values: np.ndarray, column: str, place: At, clock: Clock) -> np.ndarray:
    """A duration whose unit nobody says: seconds where an answer takes that long, milliseconds where it would take hours."""
    known = values[np.isfinite(values) & (values > 0.0)]
    middle = float(np.median(known)) if known.size else 1.0
    if middle <= _LONG_ANSWER_S:
        return values
    fits: list[Unit] = [unit for unit in ("ms", "us", "ns") if 0.005 < middle * UNITS[unit] < 150.0]
    raise LogError(
        f"{clock.name}: `{place.path.replace('/', '.')}` is {middle:,.0f} in the middle, which is no "
        f"number of seconds; say its unit: `--columns …,{column}={place.path.replace('/', '.')}:{fits[0] if fits else 'ms'}`"
    )


def _filled(first: object, second: object) -> object:
    """The first, and the second where it is missing."""
    if isinstance(first, np.ndarray) and isinstance(second, np.ndarray):
        is_missing = first == 0 if first.dtype == np.uint64 else ~np.isfinite(first)
        return np.where(is_missing, second, first)
    texts = pd.Series(first).astype("object")
    return texts.where(texts.notna(), pd.Series(second).astype("object")).astype("category")


def _derived(frame: pd.DataFrame, dialect: Dialect, *, says_errors: bool) -> pd.DataFrame:
    """Latency, time to first token and fate from what the log has for them."""
    frame = frame.copy(deep=False)
    if "time" not in frame:
        frame["time"] = np.nan
    if "end" in frame and not dialect.is_bucketed:
        span = frame["end"] - frame["time"]
        frame["latency"] = (
            span if "latency" not in frame else span.where(span.notna() & (span > 0.0), frame["latency"])
        )
    if "first_token" in frame:
        span = frame["first_token"] - frame["time"]
        frame["ttft"] = span if "ttft" not in frame else frame["ttft"].where(frame["ttft"].notna(), span)
    for column in ("latency", "ttft", "input", "output", "cached", "cost"):
        if column not in frame:
            frame[column] = np.nan
    for column in ("user", "session", "trace", "id"):
        if column not in frame:
            frame[column] = np.uint64(0)
    frame["model"] = frame["model"] if "model" in frame else pd.Categorical([None] * len(frame))
    frame["fate"] = _fates(frame, says_errors=says_errors)
    frame["cache_hit"] = _flags(frame["cache_hit"]) if "cache_hit" in frame else np.nan
    if dialect.cached_beside or _is_beside(frame):
        frame["input"] = frame["input"] + frame["cached"].fillna(0.0)
    return frame


def _is_beside(frame: pd.DataFrame) -> bool:
    """Whether more tokens were cached than asked: the input is then counted without them, as Anthropic's API does."""
    both = frame[(frame["cached"] > 0) & frame["input"].notna()]
    return len(both) > 0 and float((both["cached"] > both["input"]).mean()) > _BESIDE


def _fates(frame: pd.DataFrame, *, says_errors: bool) -> pd.Series:
    """What became of each request; missing where the log does not say."""
    found = pd.Series(pd.NA, index=frame.index, dtype="object")
    if "status" in frame:
        found = _by_word(frame["status"], fate)
    if "error" in frame:
        of_error = _by_word(frame["error"], _error_fate)
        found = found.where(of_error.isna() | (of_error == "ok"), of_error)
    if says_errors:  # who names errors names them all
        found = found.where(found.notna(), "ok")
    return found.astype("category")


def _error_fate(word: str) -> str:
    """What an entry in a column of errors says: a word, a code, or whether there was one."""
    by_flag = {"false": "ok", "no": "ok", "true": "error", "yes": "error"}
    return by_flag.get(word.lower()) or fate(word)


def _by_word(cells: pd.Series, of: Callable[[str], object]) -> pd.Series:
    """What each word stands for; words are few and cells are many."""
    table = np.array([*(of(str(word)) for word in cells.cat.categories), None], dtype=object)
    return pd.Series(table[cells.cat.codes.to_numpy()], index=cells.index, dtype="object")


def _flags(cells: pd.Series) -> pd.Series:
    return _by_word(cells, lambda word: float(word.lower() in ("true", "1", "1.0", "yes", "hit"))).astype(
        "float64"
    )


_NO_ANSWERS = re.compile(
    r"embed|image|moderation|speech|transcri|rerank|warmup|audio|batch_create|file", re.IGNORECASE
)


def _sorted_out(frame: pd.DataFrame, left_out: dict[str, int]) -> pd.DataFrame:
    """The rows that are requests of a model."""

    def drop(is_bad: pd.Series, reason: str) -> None:
        nonlocal frame
        if is_bad.any():
            left_out[reason] = left_out.get(reason, 0) + int(is_bad.sum())
            frame = frame[~is_bad]

    if frame["time"].notna().any():
        drop(frame["time"].isna(), "without a time that can be read")
    if "operation" in frame:
        other = _by_word(frame["operation"], lambda word: bool(_NO_ANSWERS.search(word)))
        drop(other.fillna(value=False).astype(bool), "of embeddings and other calls that generate nothing")
    for column in ("input", "output"):
        bad = (frame[column] < 0) | (frame[column] > MOST_TOKENS)
        drop(bad.fillna(value=False), f"with {column} tokens that cannot be")
    for column in DURATIONS:
        frame.loc[~(frame[column].between(0.0, LONGEST_S)), column] = np.nan
    frame.loc[frame["ttft"] > frame["latency"] + 1e-3, "ttft"] = np.nan
    frame.loc[frame["cached"] > frame["input"], "cached"] = np.nan
    keep = [
        "time",
        "latency",
        "ttft",
        "input",
        "cached",
        "output",
        "cost",
        "model",
        "fate",
        "cache_hit",
        *KEYS,
    ]
    return frame[[*keep, *(name for name in ("requests", "sampled", "end") if name in frame)]].reset_index(
        drop=True
    )


def _unit_notes(frame: pd.DataFrame) -> Iterator[str]:
    latency = frame["latency"].dropna()
    if len(latency) > 20 and float(latency.median()) < 1e-3:
        yield f"has latencies of {float(latency.median()):.2g} s in the middle: is their unit right?"
