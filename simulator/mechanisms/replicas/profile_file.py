"""Reading a table of step times: CSV with what is known of it in comment lines above.

# model: meta-llama/Meta-Llama-3.1-8B
# kv_tokens: 417_000
prefill_tokens,batch,context_tokens,step_ms
0,1,128,6.5
"""

import gzip
import io
import math
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.mechanisms.replicas.profile import PoolProfileError, Profile

_AXES = ("prefill_tokens", "batch", "context_tokens")
_COLUMNS = (*_AXES, "step_ms")
_MAX_BYTES = 16 << 20
_MAX_ROWS = 200_000


def read_profile(path: Path, kv_tokens: int | None = None, max_model_len: int | None = None) -> Profile:
    """Read a profile from a CSV file, maybe compressed with gzip.

    Parameters
    ----------
    path : of the file
    kv_tokens, max_model_len : tokens; where not given the file must say them

    Raises
    ------
    ProfileError
        If the file cannot be read, lacks a column, has holes, times that are not positive, or times that fall when the
        work grows.
    """
    notes, table = _split(_text(path), path.name)
    frame = _frame(table, path.name)
    axes = [np.unique(frame[axis].to_numpy(dtype=np.float64)) for axis in _AXES]
    step_s = _grid(frame, axes, path.name)
    _check_rising(axes, step_s, path.name)
    _fill_origin(axes, step_s)
    return Profile(
        model=notes.get("model", path.stem),
        gpu=notes.get("gpu", ""),
        engine=notes.get("engine", ""),
        tensor_parallel=int(_number(notes, "tensor_parallel", path.name, 1.0)),
        prefill_tokens=axes[0],
        batch=axes[1],
        context_tokens=axes[2],
        step_s=step_s,
        prefill_attention_s=_number(notes, "prefill_attention_s", path.name, 0.0),
        kv_tokens=kv_tokens or _count(notes, "kv_tokens", "kv_cache_tokens", path.name),
        max_model_len=max_model_len or _count(notes, "max_model_len", "max_model_len", path.name),
        weights_gb=_number(notes, "weights_gb", path.name, math.nan),
        gpu_memory_gb=_number(notes, "gpu_memory_gb", path.name, math.nan),
        gpu_power_w=_number(notes, "gpu_power_w", path.name, math.nan),
        fit_error_mean=_number(notes, "fit_error_mean", path.name, math.nan),
        fit_error_worst=_number(notes, "fit_error_worst", path.name, math.nan),
        source=notes.get("source", path.name),
        layers=int(_number(notes, "layers", path.name, 0.0)),
        kv_tokens_per_gb=_number(notes, "kv_tokens_per_gb", path.name, math.nan),
    )


def _text(path: Path) -> str:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            content = stream.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise PoolProfileError(f"{path.name}: more than 16 MiB is no profile")
        return content.decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise PoolProfileError(f"{path.name}: cannot be read as a profile: {error}") from error


def _split(text: str, name: str) -> tuple[dict[str, str], str]:
    """Notes in the comment lines at the top, and the rest."""
    notes = {}
    lines = text.splitlines(keepends=True)
    first = 0
    while first < len(lines) and lines[first].startswith("#"):
        key, _, value = lines[first].lstrip("# ").partition(":")
        notes[key.strip()] = value.strip()
        first += 1
    if first == len(lines):
        raise PoolProfileError(f"{name}: there is no table; its columns are {', '.join(_COLUMNS)}")
    return notes, "".join(lines[first:])


def _number(notes: dict[str, str], key: str, name: str, default: float) -> float:
    if key not in notes:
        return default
    try:
        value = float(notes[key].replace("_", ""))
    except ValueError:
        raise PoolProfileError(f"{name}: `# {key}: {notes[key][:40]}` is not a number") from None
    if not math.isfinite(value) or value < 0:
        raise PoolProfileError(f"{name}: `# {key}: {notes[key][:40]}` is not a number from 0 on")
    return value


def _count(notes: dict[str, str], key: str, pool_key: str, name: str) -> int:
    if key not in notes:
        raise PoolProfileError(
            f"{name}: neither a line `# {key}: …` nor `{pool_key}` of the pool says how many tokens that are"
        )
    return int(_number(notes, key, name, 0.0))


def _frame(table: str, name: str) -> pd.DataFrame:
    try:
        frame = pd.read_csv(io.StringIO(table), nrows=_MAX_ROWS, skipinitialspace=True)
    except ValueError as error:
        raise PoolProfileError(f"{name}: cannot be read as a table: {error}") from error
    missing = [column for column in _COLUMNS if column not in frame.columns]
    if missing:
        raise PoolProfileError(
            f"{name}: no column {', '.join(map(repr, missing))}; the columns are {', '.join(map(str, frame.columns))}"
        )
    for column in _COLUMNS:
        values = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=np.float64)
        wrong = ~np.isfinite(values) | (values < 0) | ((values <= 0) & (column == "step_ms"))
        if wrong.any():
            row = int(np.argmax(wrong))
            kind = "a positive number" if column == "step_ms" else "a number from 0 on"
            raise PoolProfileError(
                f"{name}: row {row + 1} of {column!r} is not {kind}: {str(frame[column].iloc[row])[:40]}"
            )
        frame[column] = values
    return frame


def _grid(frame: pd.DataFrame, axes: list[NDArray[np.float64]], name: str) -> NDArray[np.float64]:
    """Times by prefill, batch and context; every combination is needed but for the one without any work."""
    for axis, label in zip(axes, _AXES, strict=True):
        if axis.size < 2:
            raise PoolProfileError(f"{name}: {label!r} needs at least two different values")
    if axes[0][0] != 0.0 or axes[1][0] != 0.0:
        raise PoolProfileError(
            f"{name}: the table begins at {axes[0][0]:g} prefill tokens and a batch of {axes[1][0]:g}; "
            "it needs rows with prefill_tokens 0 (decodes alone) and with batch 0 (prompts alone)"
        )
    step_s = np.full([axis.size for axis in axes], np.nan)
    places = [np.searchsorted(axis, frame[label]) for axis, label in zip(axes, _AXES, strict=True)]
    np.add.at(n_rows := np.zeros(step_s.shape, dtype=np.int64), tuple(places), 1)
    if (n_rows > 1).any():
        raise PoolProfileError(f"{name}: twice a time for {_at(axes, np.argwhere(n_rows > 1)[0])}")
    step_s[tuple(places)] = frame["step_ms"].to_numpy(dtype=np.float64) / 1e3
    holes = np.isnan(step_s)
    holes[0, 0, :] = False
    if holes.any():
        raise PoolProfileError(
            f"{name}: {int(holes.sum())} combinations have no time, the first at {_at(axes, np.argwhere(holes)[0])}"
        )
    return step_s


def _check_rising(axes: list[NDArray[np.float64]], step_s: NDArray[np.float64], name: str) -> None:
    """More work must not take less time."""
    for number in range(3):
        falls = np.diff(step_s, axis=number) < 0.0  # comparisons with the empty corner are False
        if falls.any():
            place = np.argwhere(falls)[0]
            after = place.copy()
            after[number] += 1
            raise PoolProfileError(
                f"{name}: the time falls from {step_s[tuple(place)] * 1e3:g} ms at {_at(axes, place)} "
                f"to {step_s[tuple(after)] * 1e3:g} ms at {_at(axes, after)}"
            )


def _fill_origin(axes: list[NDArray[np.float64]], step_s: NDArray[np.float64]) -> None:
    """Continue the times of decodes alone down to a batch of none; in place."""
    batch = axes[1]
    origin_s = step_s[0, 1]
    if batch.size > 2:
        origin_s = origin_s - (step_s[0, 2] - step_s[0, 1]) / (batch[2] - batch[1]) * batch[1]
    rising_s = np.maximum.accumulate(np.maximum(origin_s, 0.0))
    step_s[0, 0] = np.minimum(np.minimum(rising_s, step_s[0, 1]), step_s[1, 0])


def _at(axes: list[NDArray[np.float64]], place: NDArray[np.int64]) -> str:
    return ", ".join(
        f"{label} {axis[index]:g}" for label, axis, index in zip(_AXES, axes, place, strict=True)
    )
