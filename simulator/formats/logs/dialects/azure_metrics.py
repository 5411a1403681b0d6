"""Metrics of Azure OpenAI, as Azure Monitor answers (`az monitor metrics list`): sums by minute and deployment.

Requests are by status where they were split by `StatusCode`; tokens are those of answers. Averages of latency tell no
spread, and are not read.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from simulator.formats.documents import ForeignMap, ForeignRow
from simulator.formats.logs.dialect import Dialect, at

_COLUMNS = {
    "azureopenairequests": "requests",
    "processedprompttokens": "input",
    "generatedtokens": "output",
    "azureopenaicontexttokenscachematchrate": "cached",  # percent of the prompt, until it is brought together
}
_STEP = timedelta(minutes=1)


def _rows(metric: Any) -> Iterator[ForeignRow]:
    """A row per point of a metric that is known."""
    column = _COLUMNS.get(str(_inside(metric, "name", "value")).lower())
    if column is None:
        return
    for series in _list(metric, "timeseries"):
        labels = {
            str(_inside(one, "name", "value")).lower(): str(_inside(one, "value"))
            for one in _list(series, "metadatavalues")
        }
        points = _list(series, "data")
        step = _step(points)
        for point in points:
            value = _number(point, "average" if column == "cached" else "total")
            if value:
                time = str(_inside(point, "timeStamp"))
                yield {
                    "time": time,
                    "end": _after(time, step),
                    "model": labels.get("modeldeploymentname") or labels.get("modelname") or "unnamed",
                    "status": labels.get("statuscode"),
                    column: value,
                }


def _joined(frame: pd.DataFrame) -> pd.DataFrame:
    """Requests by minute and status, with the tokens of the minute beside those that were answered."""
    for column in ("requests", "input", "output", "cached"):
        if column not in frame:
            frame[column] = np.nan
    frame["model"] = frame["model"].astype("object")
    status = (
        frame["status"].astype("object")
        if "status" in frame
        else pd.Series(None, index=frame.index, dtype="object")
    )
    frame["status"] = status
    keys = ["time", "model"]
    sums = frame.groupby(keys)[["input", "output", "cached"]].sum(min_count=1).reset_index()
    asked = frame[frame["requests"] > 0].drop(columns=["input", "output", "cached"])
    failed = ~asked["status"].fillna("2").astype("str").str.startswith("2")
    asked = asked.assign(failed=failed).sort_values([*keys, "failed"], kind="stable")
    joined = asked.merge(sums, on=keys, how="left").drop(columns="failed")
    is_more = joined.duplicated(keys)
    joined.loc[is_more, ["input", "output", "cached"]] = np.nan
    joined["cached"] = joined["input"] * (joined["cached"] / 100.0).clip(upper=1.0)
    for column in ("model", "status"):
        joined[column] = joined[column].astype("category")
    return joined


def _step(points: list[Any]) -> timedelta:
    """How long each point counts."""
    times = [_moment(str(_inside(point, "timeStamp"))) for point in points[:2]]
    if len(times) == 2 and times[0] is not None and times[1] is not None and times[1] > times[0]:
        return times[1] - times[0]
    return _STEP


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _after(time: str, step: timedelta) -> str | None:
    begin = _moment(time)
    return None if begin is None else (begin + step).isoformat()


def _inside(value: Any, *levels: str) -> Any:
    for level in levels:
        value = value.get(level) if isinstance(value, Mapping) else None
    return value


def _list(value: Any, key: str) -> list[Any]:
    found = _inside(value, key)
    return found if isinstance(found, list) else []


def _number(point: ForeignMap, key: str) -> float | None:
    value = _inside(point, key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


AZURE_METRICS = Dialect(
    "Azure OpenAI metrics",
    (("timeseries/data/timeStamp",), ("name/value",), ("timeseries/metadatavalues", "unit")),
    {
        "time": at("time"),
        "end": at("end"),
        "requests": at("requests"),
        "input": at("input"),
        "output": at("output"),
        "cached": at("cached"),
        "model": at("model"),
        "status": at("status"),
    },
    rows=_rows,
    tidy=_joined,
    is_utc=True,
    is_nested=True,
    is_bucketed=True,
    notes=("counts requests by minute: neither arrivals, nor the spread of lengths, nor latency",),
)
