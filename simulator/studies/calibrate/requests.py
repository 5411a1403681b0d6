"""Which rows of the logs count, what is odd about them, and what does that do to estimates?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from simulator.formats.foreign import foreign
from simulator.formats.logs.errors import LogError
from simulator.formats.logs.read import ReadLog, read_log
from simulator.render.numbers import plural

_FAR_S = 30 * 86_400.0  # rows beyond such a gap are of another clock
_FAR_SHARE = 0.01
_JUMP_S = 3600.0
_SILENT = 20.0  # times the longest gap that chance leaves
_LEAST_SUCCESSES = 300  # of which some would fail
_TWICE = ["time", "latency", "ttft", "input", "output", "model", "fate", "user", "session", "trace"]


@dataclass(frozen=True)
class Requests:
    """The rows that count, in the order of time.

    Attributes
    ----------
    left_out : per file, rows that do not count, by reason
    notes : what is odd, with its effect on the estimates
    is_dated : whether times have a date
    is_bucketed : a row stands for `requests` many
    """

    frame: pd.DataFrame
    logs: Sequence[ReadLog]
    left_out: Sequence[dict[str, int]]
    notes: list[str] = field(default_factory=list)
    is_dated: bool = True
    is_bucketed: bool = False

    @property
    def has_times(self) -> bool:
        """Whether there are times at all."""
        return bool(self.frame["time"].notna().any())


def gather(paths: Sequence[Path], columns: str | None, zone: ZoneInfo | None) -> Requests:
    """Read every file, and leave out what does not count.

    Raises
    ------
    LogError
        If a file cannot be read, or they do not belong together.
    """
    logs = [_read(path, columns, zone) for path in paths]
    if len({log.dialect.is_bucketed for log in logs}) > 1:
        raise LogError(
            "some files have a row per request and others one per bucket of time; calibrate them apart"
        )
    frame = pd.concat([log.frame.assign(file=n) for n, log in enumerate(logs)], ignore_index=True)
    logs = [
        replace(log, frame=log.frame.iloc[:0].copy()) for log in logs
    ]  # a million rows are there once, not twice
    for column in ("model", "fate"):
        frame[column] = frame[column].astype("object")
    left_out = [dict(log.left_out) for log in logs]
    notes = [f"{log.name}: {note}" for log in logs for note in log.notes]
    notes += _clock_notes(logs, zone)
    notes += list(_jumps(frame))
    frame = frame.sort_values("time", kind="stable", ignore_index=True)
    frame = _without_repeats(frame, left_out, notes)
    frame = _without_far(frame, left_out, notes)
    is_bucketed = logs[0].dialect.is_bucketed
    is_dated = not any(log.clock.is_relative for log in logs)
    notes += _fate_notes(frame)
    return Requests(frame.reset_index(drop=True), logs, left_out, notes, is_dated, is_bucketed)


def _read(path: Path, columns: str | None, zone: ZoneInfo | None) -> ReadLog:
    """A log; of a file of another kind what it is, and which command reads it."""
    try:
        return read_log(path, columns, zone)
    except LogError:
        words = foreign(path, "log")
        if words is None:
            raise
        raise LogError(f"{path}: {words}") from None


def _clock_notes(logs: Sequence[ReadLog], zone: ZoneInfo | None) -> Iterator[str]:
    offsets = set().union(*(log.clock.offsets for log in logs))
    if len(offsets) > 1:
        yield f"times are written in several zones ({', '.join(sorted(offsets)[:6])}): all are brought to one"
    without = sum(log.clock.n_without_zone for log in logs if not log.dialect.is_utc)
    if without and any(log.clock.n_with_zone for log in logs):
        yield f"{without:,} times have no zone and others do: they are taken as {zone or 'UTC'}; hours may be off"
    elif without and zone is None:
        yield "times have no zone and are taken as UTC: if they are local, say `--timezone`, or the hours of the day are off"
    if any(log.clock.is_relative for log in logs):
        yield "times count from a start of their own: rates can be told, hours of the day cannot"


def _jumps(frame: pd.DataFrame) -> Iterator[str]:
    """Rows of a log that is otherwise in order, and goes back."""
    back = 0
    for _, rows in frame.groupby("file", sort=False):
        steps = np.diff(rows["time"].to_numpy(dtype=np.float64))
        steps = steps[np.isfinite(steps)]
        jumps = int((steps < -_JUMP_S).sum())
        if jumps and jumps <= max(3, 0.001 * steps.size) and float((steps < 0.0).mean()) < 0.4:
            back += jumps
    if back:
        times = "once" if back == 1 else f"{back} times"
        yield f"the clock goes back by an hour or more {times}: the hours around it are counted double or not at all"


def _without_repeats(frame: pd.DataFrame, left_out: list[dict[str, int]], notes: list[str]) -> pd.DataFrame:
    """Rows that are there twice, as when an export was run twice."""
    has_id = (frame["id"] != 0).to_numpy()
    repeats = np.zeros(len(frame), dtype=bool)
    if has_id.any():
        repeats[has_id] = frame.loc[has_id].duplicated(["id", "time"]).to_numpy()
    unnamed = ~has_id
    if unnamed.any() and frame["time"].notna().any():
        alike = frame.loc[unnamed].duplicated(_TWICE).to_numpy()
        is_exact = frame.loc[unnamed, "latency"].notna().to_numpy()
        is_whole_export = alike.mean() > 0.3 if alike.size else False
        repeats[unnamed] = alike & (is_exact | is_whole_export)
    if repeats.any():
        _count(left_out, frame[repeats], "repeated: they are there twice")
        factor = len(frame) / max(1, len(frame) - int(repeats.sum()))
        notes.append(
            f"{plural(int(repeats.sum()), 'row')} twice in the logs (was an export run twice?): each counts once; "
            f"counted twice, demand would be {factor:.3g} times as high"
        )
    return frame[~repeats]


def _count(left_out: list[dict[str, int]], rows: pd.DataFrame, reason: str) -> None:
    """Rows of each file that are left out."""
    for n, of in enumerate(left_out):
        if count := int((rows["file"] == n).sum()):
            of[reason] = count


def _without_far(frame: pd.DataFrame, left_out: list[dict[str, int]], notes: list[str]) -> pd.DataFrame:
    """A few rows far from all others: a clock that was wrong."""
    times = frame["time"].to_numpy(dtype=np.float64)
    if times.size < 20 or not np.isfinite(times).all():
        return frame
    cuts = np.flatnonzero(np.diff(times) > _FAR_S) + 1
    if not cuts.size:
        return frame
    parts = np.split(np.arange(times.size), cuts)
    far = np.concatenate(
        [part for part in parts if part.size <= _FAR_SHARE * times.size] or [np.zeros(0, dtype=np.int64)]
    )
    if far.size:
        mask = np.zeros(times.size, dtype=bool)
        mask[far] = True
        _count(left_out, frame[mask], "far from all others in time")
        notes.append(
            f"{far.size:,} rows are months away from all others (a clock that was wrong?) and are left out"
        )
        return frame[~mask]
    notes.append("the log has gaps of a month or more: rates are over the whole span, gaps included")
    return frame


def _fate_notes(frame: pd.DataFrame) -> Iterator[str]:
    if frame["fate"].isna().all():
        yield "the log does not say what failed: failed requests count as demand, and error rates stay as they are"
    elif len(frame) >= _LEAST_SUCCESSES and (frame["fate"].dropna() == "ok").all():
        yield (
            f"none of {len(frame):,} requests failed: if the log holds successes only, demand lacks what failed, and "
            "error rates stay as they are"
        )
    known = frame.loc[frame["user"] != 0, "user"].to_numpy()
    if known.size and (known == known[0]).all():
        yield "all requests are of a single user: how users differ cannot be told, and what this one asks stands for all"
