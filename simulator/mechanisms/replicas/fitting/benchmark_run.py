"""A load of a benchmark and what was measured under it; and how fields of a result file are read and refused."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.replicas.profile import PoolProfileError

Floats = NDArray[np.float64]
Json = Mapping[str, Any]

_MOST_S = 86_400.0  # of a single time: a day


@dataclass(frozen=True, eq=False)
class LoadRequests:
    """Requests of one load that were answered; an entry each.

    Attributes
    ----------
    start_s : when it was sent, on any clock
    ttft_s : from then to its first token
    tpot_s : mean time per token after the first; 0 where there is only one
    gaps_s : times between tokens, one array per request, or None if only their mean is known
    """

    start_s: Floats
    ttft_s: Floats
    tpot_s: Floats
    prompt_tokens: Floats
    output_tokens: Floats
    gaps_s: tuple[Floats, ...] | None


@dataclass(frozen=True)
class BenchmarkRun:
    """One load and what was measured under it; means are over requests that were answered.

    Attributes
    ----------
    label : file and load, for messages
    n_requests : that were answered
    is_closed : a fixed number of clients, each sending its next request after an answer
    requests_per_s : answered
    requests : each by itself, where the file tells
    note : what was repaired; "": nothing
    """

    label: str
    model: str
    n_requests: int
    is_closed: bool
    requests_per_s: float
    prompt_tokens: float
    output_tokens: float
    ttft_s: float
    tpot_s: float
    requests: LoadRequests | None
    note: str = ""

    @property
    def decoding(self) -> float:
        """Sequences that decode, on average: Little's law."""
        return self.requests_per_s * (self.output_tokens - 1.0) * self.tpot_s


def text_of(value: object) -> str:
    """A name for the comment lines of a profile: one short line."""
    return " ".join(value.split())[:120] if isinstance(value, str) else ""


def object_of(content: Json, name: str, label: str) -> Json:
    """An object within."""
    value = content.get(name)
    if not isinstance(value, dict):
        raise PoolProfileError(f"{label}: no object `{name}`")
    return value


def list_of(content: Json, name: str, label: str) -> Sequence[Any]:
    """A list with an entry per request."""
    value = content[name]
    if not isinstance(value, list):
        raise PoolProfileError(f"{label}: `{name}` is no list with an entry per request")
    return value


def number_of(content: Json, name: str, label: str, least: float = 0.0) -> float:
    """A finite number, no smaller than the least."""
    value = content.get(name)
    if value is None:
        raise PoolProfileError(f"{label}: no field `{name}`")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise PoolProfileError(f"{label}: `{name}` is not a number: {str(value)[:40]!r}")
    if value < least:
        raise PoolProfileError(f"{label}: `{name}` is {value:g}; it must be {least:g} or more")
    return float(value)


def milliseconds_of(content: Json, name: str, label: str) -> float:
    """A time in milliseconds, above 0 and below a day."""
    value = number_of(content, name, label)
    if not 0.0 < value <= _MOST_S * 1e3:
        raise PoolProfileError(
            f"{label}: `{name}` is {value:g}; a time in ms above 0 and below a day is needed"
        )
    return value


def floats_of(values: Any, name: str, label: str, *, is_time: bool = False) -> Floats:
    """A list of finite numbers."""
    wrong = f"{label}: `{name}` is no list of numbers"
    if not isinstance(values, list) or any(
        isinstance(value, bool) or not isinstance(value, int | float) for value in values
    ):
        raise PoolProfileError(wrong)
    try:
        found = np.array(values, dtype=np.float64)
    except (OverflowError, ValueError):
        raise PoolProfileError(wrong) from None
    if not np.isfinite(found).all():
        raise PoolProfileError(f"{label}: `{name}` holds a number that is not finite")
    if is_time:
        check_times(found, name, label)
    return found


def check_times(times_s: Floats, name: str, label: str) -> None:
    """Refuse times that are negative or longer than a day."""
    wrong = (times_s < 0.0) | (times_s > _MOST_S)
    if wrong.any():
        place = int(np.argmax(wrong))
        raise PoolProfileError(
            f"{label}: `{name}` entry {place} is {times_s[place]:g} s; times run from 0 to a day"
        )
