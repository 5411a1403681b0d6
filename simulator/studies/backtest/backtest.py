"""Fit on the first part of a log, forecast the rest, compare with what came and with a naive forecast."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.formats.logs.errors import LogError
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.backtest.bands import Banded, banded, bucket_width_s, naive_times_s
from simulator.studies.backtest.report import BacktestReport, Band, Bucket, ForecastMetric
from simulator.studies.backtest.single import single_forecasts
from simulator.studies.backtest.verdict import judged
from simulator.studies.calibrate.actions import actions_of
from simulator.studies.calibrate.estimators import demand
from simulator.studies.calibrate.estimators.window import Coverage, coverage
from simulator.studies.calibrate.requests import Requests, gather
from simulator.studies.calibrate.scope import Scope, scope_of
from simulator.studies.report import about
from simulator.theory.estimate import Estimate

if TYPE_CHECKING:
    from simulator.studies.backtest.study import BacktestStudy

FloatArray = NDArray[np.float64]

_LEAST = 40  # actions of each part
_DATED_S = 946_684_800.0  # the year 2000


def backtest(loaded: LoadedScenario, study: "BacktestStudy") -> BacktestReport:
    """Split, fit, forecast, compare.

    Raises
    ------
    LogError
        If the log cannot be read, has no times, or too few requests on a side of the cut.
    """
    began = time.perf_counter()
    zone = ZoneInfo(study.timezone) if study.timezone else None
    requests = gather(study.logs, study.columns, zone)
    _refuse(requests)
    frame = requests.frame
    scope = scope_of(
        loaded.scenario,
        loaded.base_dir,
        frame["model"],
        workload=study.workload,
        region=study.region,
        exposure=study.exposure,
        zone=study.timezone,
    )
    first_s, last_s = float(frame["time"].min()), float(frame["time"].max())
    cut_s = first_s + study.fit_on * (last_s - first_s)
    before, after = frame[frame["time"] < cut_s], frame[frame["time"] >= cut_s]
    starts = np.sort(actions_of(frame.reset_index(drop=True)).start_s)
    fitted, tested = starts[starts < cut_s], starts[starts >= cut_s]
    if min(fitted.size, tested.size) < _LEAST:
        raise LogError(
            f"{fitted.size} actions before and {tested.size} after the cut; a back-test takes {_LEAST} of each: use a "
            "longer log, or another `--fit-on`"
        )
    width_s = bucket_width_s(last_s - cut_s)
    demand_bands, look_back = _demand(requests, scope, fitted, tested, (first_s, cut_s, last_s), width_s)
    requests_band = demand_bands["requests"]
    singles = tuple(single_forecasts(before, after))
    totals = tuple(_totals(demand_bands))
    verdict, reasons = judged(demand_bands, (*totals, *singles), tested.size)
    return BacktestReport(
        **about(loaded.scenario),
        verdict=verdict,
        workload=scope.workload.name,
        about=scope.why,
        since=_moment(first_s),
        cut=_moment(cut_s),
        until=_moment(last_s),
        fitted=fitted.size,
        tested=tested.size,
        bucket_s=width_s,
        naive=look_back,
        forecasts=(*totals, *singles),
        bands=tuple(
            Band(
                metric=name,
                buckets=one.actual.size,
                covered=one.covered,
                error=one.error,
                naive_error=one.naive_error,
            )
            for name, one in demand_bands.items()
        ),
        buckets=tuple(_buckets(requests_band, cut_s, width_s)),
        warnings=tuple(requests.notes),
        reasons=reasons,
        wall_s=time.perf_counter() - began,
    )


def _refuse(requests: Requests) -> None:
    if requests.is_bucketed:
        raise LogError(
            "the log counts requests by bucket of time; a back-test takes one with a row per request"
        )
    if not requests.has_times:
        raise LogError("the log has no times: there is no first part to fit and no rest to forecast")


def _demand(
    requests: Requests,
    scope: Scope,
    fitted: FloatArray,
    tested: FloatArray,
    ends_s: tuple[float, float, float],
    width_s: float,
) -> tuple[dict[str, Banded], str]:
    """Requests and tokens by bucket: forecast from the first part's rate, course and mean lengths."""
    first_s, cut_s, last_s = ends_s
    span = coverage(np.append(fitted, [first_s, cut_s]), scope.zone, is_dated=requests.is_dated)
    found = demand.course(fitted, span, scope.stated_week)
    week = found.week if found.differs else scope.stated_week
    rate = demand.rate(fitted, span, scope.factors(span, week))
    unsure = (rate.high - rate.low) / (2.0 * 1.96) / rate.value
    n_before, n_after = int((cut_s - first_s) // width_s), int((last_s - cut_s) // width_s)
    edges_before = cut_s - width_s * np.arange(n_before, -1.0, -1.0)
    edges_after = cut_s + width_s * np.arange(n_after + 1.0)
    thought_before = rate.value * _exposure_s(edges_before, scope, week, is_dated=requests.is_dated)
    thought = rate.value * _exposure_s(edges_after, scope, week, is_dated=requests.is_dated)
    back_s, word = naive_times_s(first_s, cut_s)
    weights = _weights(requests.frame, fitted, tested)
    bands = {}
    for name, (before, after) in weights.items():
        per_request = float(before.mean())
        came_before, _ = np.histogram(fitted, edges_before, weights=before)
        came, _ = np.histogram(tested, edges_after, weights=after)
        naive = _naive(
            np.concatenate([fitted, tested]),
            np.concatenate([before, after]),
            edges_after,
            cut_s,
            back_s,
            came_before,
        )
        bands[name] = banded(
            thought * per_request,
            (came_before.astype(np.float64), thought_before * per_request),
            came.astype(np.float64),
            naive,
            unsure,
        )
    return bands, word


def _exposure_s(edges_s: FloatArray, scope: Scope, week: FloatArray, *, is_dated: bool) -> FloatArray:
    """Seconds of mean demand in each bucket."""
    span: Coverage = coverage(edges_s, scope.zone, is_dated=is_dated)
    return np.diff(span.operational(edges_s, scope.factors(span, week)))


def _weights(
    frame: pd.DataFrame, fitted: FloatArray, tested: FloatArray
) -> dict[str, tuple[FloatArray, FloatArray]]:
    """What each action counts as: one, and its mean tokens where rows are actions."""
    found = {"requests": (np.ones(fitted.size), np.ones(tested.size))}
    times = frame["time"].to_numpy(dtype=np.float64)
    if times.size == fitted.size + tested.size:
        for name, column in (("input tokens", "input"), ("output tokens", "output")):
            values = frame[column].to_numpy(dtype=np.float64)
            if np.isfinite(values).mean() > 0.9:
                known = np.nan_to_num(values)
                found[name] = (known[: fitted.size], known[fitted.size :])
    return found


def _naive(
    times_s: FloatArray,
    weights: FloatArray,
    edges_s: FloatArray,
    cut_s: float,
    back_s: float,
    came_before: FloatArray,
) -> FloatArray:
    """What came a day or a week before, as far back as it takes to lie in the fitted part; else the mean."""
    width_s = edges_s[1] - edges_s[0]
    if back_s == 0.0:
        mean = float(np.mean(came_before)) if came_before.size else np.nan
        return np.full(edges_s.size - 1, mean)
    found = np.full(edges_s.size - 1, np.nan)
    for place, start in enumerate(edges_s[:-1]):
        back = back_s * np.ceil((start + width_s - cut_s) / back_s)
        inside = (times_s >= start - back) & (times_s < start - back + width_s)
        found[place] = float(weights[inside].sum())
    return found


def _totals(bands: dict[str, Banded]) -> Iterator[ForecastMetric]:
    for name, one in bands.items():
        actual, forecast = float(one.actual.sum()), float(one.forecast.sum())
        half = float(np.sqrt((((one.high - one.low) / 2.0) ** 2).sum()))
        naive = float(one.naive.sum()) if np.isfinite(one.naive).all() else None
        yield ForecastMetric(
            metric=f"{name}, all",
            unit="count",
            forecast=Estimate(forecast, max(0.0, forecast - half), forecast + half),
            actual=Estimate.exact(actual),
            naive=naive,
            error=forecast / actual - 1.0 if actual else 0.0,
            naive_error=None if naive is None or not actual else naive / actual - 1.0,
        )


def _buckets(one: Banded, cut_s: float, width_s: float) -> Iterator[Bucket]:
    for place in range(one.actual.size):
        naive = float(one.naive[place])
        yield Bucket(
            at=_moment(cut_s + place * width_s),
            actual=float(one.actual[place]),
            forecast=float(one.forecast[place]),
            low=float(one.low[place]),
            high=float(one.high[place]),
            naive=naive if np.isfinite(naive) else None,
        )


def _moment(time_s: float) -> str:
    if time_s < _DATED_S:  # seconds since a start of the log's own
        return f"+{time_s:.0f} s"
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
