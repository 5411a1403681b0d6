"""What will single requests be like? Latency, first token and cost, drawn from what was fitted on a log's first part."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.render.numbers import Unit
from simulator.studies.backtest.report import ForecastMetric
from simulator.studies.calibrate.estimators.forms import LEAST, draws, fit, moments, quantile
from simulator.studies.calibrate.model_findings import streamed_rows
from simulator.theory.estimate import Estimate

FloatArray = NDArray[np.float64]

_N_DRAWS = 100_000
_Z80 = 1.2816 / 1.96  # from a 95 % interval to one of 80 %
_DAY_S = 86_400.0


def single_forecasts(before: pd.DataFrame, after: pd.DataFrame) -> Iterator[ForecastMetric]:
    """Every metric of single requests that both parts have."""
    answered_before, answered_after = (part[part["fate"].fillna("ok") == "ok"] for part in (before, after))
    drawn = _drawn(answered_before)
    for metric, column, levels in (("latency", "latency", (0.5, 0.95)), ("ttft", "ttft", (0.5, 0.95))):
        was, came = _known(answered_before, column), _known(answered_after, column)
        if min(was.size, came.size) < LEAST:
            continue
        sample = drawn.get(column, was)
        for level in levels:
            yield _quantile(metric, level, sample, was, came, _last_day(answered_before, column))
    for metric, column, unit in (
        ("input tokens of a request", "input", "count"),
        ("output tokens of an answer", "output", "count"),
        ("cost of a request", "cost", "money"),
    ):
        was, came = _known(answered_before, column), _known(answered_after, column)
        if min(was.size, came.size) >= LEAST and (came > 0.0).any():
            yield _mean(metric, unit, was, came, _last_day(answered_before, column))  # type: ignore[arg-type]


def _known(part: pd.DataFrame, column: str) -> FloatArray:
    return part[column].dropna().to_numpy(dtype=np.float64)


def _last_day(part: pd.DataFrame, column: str) -> FloatArray:
    """Values of the last day before the cut: what a naive forecast goes by."""
    return _known(part[part["time"] >= part["time"].max() - _DAY_S], column)


def _drawn(answered: pd.DataFrame) -> dict[str, FloatArray]:
    """Times as a scenario with the fitted forms has them, each model in its share."""
    parts: dict[str, list[FloatArray]] = {"latency": [], "ttft": []}
    names = answered["model"].fillna("")
    for name, rows in answered.groupby(names, sort=False):
        ttft, output = (rows[column].to_numpy(dtype=np.float64) for column in ("ttft", "output"))
        latency = rows["latency"].to_numpy(dtype=np.float64)
        with np.errstate(invalid="ignore"):
            paced = streamed_rows(latency, ttft) & (latency > ttft) & (output >= 4)
        fits = (
            fit(ttft[paced], "time"),
            fit((latency[paced] - ttft[paced]) / (output[paced] - 1.0), "time"),
            fit(output[output > 0], "tokens"),
        )
        if any(one is None for one in fits):
            return {}
        n = max(1, int(_N_DRAWS * len(rows) / len(answered)))
        first, pace, length = (
            draws(one, n, seed) for seed, one in enumerate(fits, start=len(str(name))) if one is not None
        )
        parts["ttft"].append(first)
        parts["latency"].append(first + pace * np.maximum(0.0, np.round(length) - 1.0))
    return {column: np.concatenate(found) for column, found in parts.items() if found}


def _quantile(
    metric: str, level: float, sample: FloatArray, was: FloatArray, came: FloatArray, last: FloatArray
) -> ForecastMetric:
    value = float(np.quantile(sample, level))
    own, actual = quantile(was, level), quantile(came, level)
    below, above = (own.value - own.low) / own.value, (own.high - own.value) / own.value
    naive = float(np.quantile(last, level)) if last.size >= LEAST else None
    band = Estimate(value, value * (1.0 - _Z80 * below), value * (1.0 + _Z80 * above))
    return _forecast(f"{metric} p{100 * level:g}", "time", band, actual, naive)


def _mean(metric: str, unit: Unit, was: FloatArray, came: FloatArray, last: FloatArray) -> ForecastMetric:
    own, _ = moments(was)
    actual, _ = moments(came)
    half = _Z80 * own.half_width
    naive = float(last.mean()) if last.size >= LEAST else None
    return _forecast(metric, unit, Estimate(own.value, own.value - half, own.value + half), actual, naive)


def _forecast(
    metric: str, unit: Unit, band: Estimate, actual: Estimate, naive: float | None
) -> ForecastMetric:
    return ForecastMetric(
        metric=metric,
        unit=unit,
        forecast=band,
        actual=actual,
        naive=naive,
        error=band.value / actual.value - 1.0,
        naive_error=None if naive is None else naive / actual.value - 1.0,
    )
