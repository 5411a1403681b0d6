"""Series of Prometheus: the text of `/metrics`, or what its HTTP API answers to a query of a range or an instant."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.formats.logs.errors import LogError
from simulator.formats.logs.opened import LogFile

FloatArray = NDArray[np.float64]

_HEAD = 1 << 20
_MOST_BYTES = 256 << 20
_LINE = re.compile(r"([A-Za-z_:][A-Za-z0-9_:]*)(?:\{(.*)\})?\s+([^\s]+)(?:\s+-?\d+)?\s*")
_LABEL = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class ScrapedSeries:
    """A series.

    Attributes
    ----------
    times_s : since 1970; nan: one scrape, whose time nobody says
    values : at these times
    """

    name: str
    labels: Mapping[str, str]
    times_s: FloatArray
    values: FloatArray

    def increases(self) -> FloatArray:
        """What a counter grew by from each time to the next; of one scrape all since the start.

        A counter that falls was reset: it grew by what it shows.
        """
        if self.values.size == 1 and np.isnan(self.times_s[0]):
            return self.values
        steps = np.diff(self.values)
        return np.where(steps < 0.0, self.values[1:], steps)


def holds_series(file: LogFile, prefix: str) -> bool:
    """Whether a file holds series whose names begin so."""
    if file.kind == "parquet":
        return False
    with file.opened() as opened:
        head = opened.read(_HEAD).decode("utf-8", errors="replace")
    if head.lstrip("\ufeff \t\r\n").startswith("{"):
        return '"resultType"' in head and f'"{prefix}' in head
    return re.search(rf"^(?:# (?:HELP|TYPE) )?{re.escape(prefix)}\S", head, re.MULTILINE) is not None


def series_of(file: LogFile, prefix: str) -> list[ScrapedSeries]:
    """All series whose names begin with a prefix.

    Raises
    ------
    LogError
        If the file is too large, or is cut off.
    """
    with file.opened() as opened:
        data = opened.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise LogError(
            f"{file.name}: more than {_MOST_BYTES >> 20} MiB; ask for a longer step, or a shorter range"
        )
    text = data.decode("utf-8", errors="replace").lstrip("\ufeff")
    found = _of_api(file.name, text) if text.lstrip().startswith("{") else _of_text(text)
    return [one for one in found if one.name.startswith(prefix)]


def _of_text(text: str) -> Iterator[ScrapedSeries]:
    for line in text.splitlines():
        found = None if line.startswith("#") else _LINE.fullmatch(line)
        if found is None:
            continue
        value = _number(found[3])
        if np.isfinite(value):
            labels = dict(_LABEL.findall(found[2] or ""))
            yield ScrapedSeries(found[1], labels, np.array([nan]), np.array([value]))


def _of_api(name: str, text: str) -> Iterator[ScrapedSeries]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise LogError(f"{name}: is cut off, or no JSON: ask Prometheus for the range again") from None
    data = document.get("data") if isinstance(document, dict) else None
    result = data.get("result") if isinstance(data, dict) else None
    for one in result if isinstance(result, list) else []:
        metric = one.get("metric") if isinstance(one, dict) else None
        if not isinstance(metric, dict):
            continue
        pairs = one["values"] if isinstance(one.get("values"), list) else [one.get("value")]
        times, values = _pairs(pairs)
        if values.size == 1:
            times = np.array([nan])  # an instant: all since the start
        if values.size:
            labels = {str(key): str(value) for key, value in metric.items()}
            yield ScrapedSeries(labels.pop("__name__", ""), labels, times, values)


def _pairs(pairs: list[Any]) -> tuple[FloatArray, FloatArray]:
    numbers = [
        (_number(pair[0]), _number(pair[1])) for pair in pairs if isinstance(pair, list) and len(pair) == 2
    ]
    kept = sorted((time, value) for time, value in numbers if np.isfinite(time) and np.isfinite(value))
    return np.array([time for time, _ in kept]), np.array([value for _, value in kept])


def _number(text: object) -> float:
    try:
        return float(str(text))
    except ValueError:
        return nan
