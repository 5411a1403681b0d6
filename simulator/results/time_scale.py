"""How long do the targets of a run remember? What a warm-up must outlast, and what a run must be long against.

Every target is taken for a queue with the load that was measured, the slowest counts. Of people, the load are those who
wait for an answer: a sample of answers to review stands behind them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.codes import Station
from simulator.metrics.columns import AreaColumn, CountColumn, UsageColumn
from simulator.results.run_result import RunResult
from simulator.results.samples import Floats
from simulator.theory.relaxation import relaxation_s

WARMUP_RELAXATIONS = 5.0  # what is left of an empty start then is below 1 %
SPAN_RELAXATIONS = 6_000.0  # of all replications, after which intervals of p99 hold as often as they say
_SERVED_ENOUGH = 10  # below, a target's service time is hardly known
_BUSY = 0.5  # of its servers: below, hardly anybody waits, and requests are nearly independent
_OVERLOADED = 1.05  # by less it may be chance
_TURNED_AWAY = [UsageColumn.RATE_LIMITED, UsageColumn.SHED]
_LEFT = [UsageColumn.ABANDONED, UsageColumn.TIMED_OUT]


@dataclass(frozen=True)
class TimeScale:
    """Of a station: its relaxation time, and whether enough of its servers are busy for requests to meet."""

    station: Station
    relaxation_s: float
    is_busy: bool
    is_overloaded: bool = False  # how long it takes to fill is beside the point


def slowest(results: Sequence[RunResult], *, is_busy: bool = False) -> TimeScale | None:
    """The station that takes longest to settle, of those that are not overloaded; None: none was asked.

    Parameters
    ----------
    is_busy : only of those at which requests meet
    """
    found = [
        scale for scale in time_scales(results) if isfinite(scale.relaxation_s) and not scale.is_overloaded
    ]
    return max(
        (scale for scale in found if scale.is_busy or not is_busy),
        key=lambda scale: scale.relaxation_s,
        default=None,
    )


def time_scales(results: Sequence[RunResult]) -> list[TimeScale]:
    """Of every station that served enough to tell."""
    usage = np.sum([run.measured_usage.sum(axis=0) for run in results], axis=0)
    areas = np.sum([run.areas for run in results], axis=0)
    span_s = sum(run.duration_s for run in results)
    n_reviews = _reviews(results)
    scales = []
    for station_id, station in enumerate(results[0].stations):
        n_served = float(sum(run.wait_histogram[station_id].sum() for run in results))
        found = _time_scale(
            station, usage[station_id], areas[station_id], n_served, n_reviews[station_id], span_s
        )
        if found is not None:
            scales.append(found)
    return scales


def _reviews(results: Sequence[RunResult]) -> Floats:
    """Sampled answers that came to be reviewed, float64[station]: what came to people and was not handed off to them."""
    found = np.zeros(len(results[0].stations))
    is_team = np.array([station.kind == "team" for station in results[0].stations], dtype=np.bool_)
    for run in results:
        came = run.measured_usage[:, :, UsageColumn.ATTEMPTS] * is_team
        of_stream = came.sum(axis=1)
        more = np.maximum(0.0, of_stream - run.measured_counts[:, CountColumn.HANDED_OFF])
        found += (
            came * np.divide(more, of_stream, out=np.zeros_like(more), where=of_stream > 0.0)[:, None]
        ).sum(axis=0)
    return found


def _time_scale(
    station: Station,
    usage: NDArray[np.float64],
    areas: NDArray[np.float64],
    n_served: float,
    n_reviews: float,
    span_s: float,
) -> TimeScale | None:
    admitted = float(usage[UsageColumn.ATTEMPTS] - usage[_TURNED_AWAY].sum())
    n_left = float(usage[_LEFT].sum())
    is_pool = areas[AreaColumn.KV_CAPACITY_TOKEN_S] > 0.0
    busy_s = float(areas[AreaColumn.SEQUENCE_S if is_pool else AreaColumn.BUSY_S])
    queue_s = max(0.0, float(areas[AreaColumn.IN_SYSTEM_S]) - busy_s)
    if n_served < _SERVED_ENOUGH or busy_s <= 0.0:
        return None
    service_s = busy_s / n_served
    servers = float(areas[AreaColumn.SERVERS_S]) / span_s
    if is_pool or servers <= 0.0:  # a batch, or servers without limit: nobody waits for one to be free
        return TimeScale(station, service_s + queue_s / admitted, is_busy=False)
    load = (admitted - n_reviews) / span_s * service_s
    patience_s = station.patience_s
    if patience_s == inf and n_left >= _SERVED_ENOUGH:
        patience_s = queue_s / n_left
    found_s = relaxation_s(servers, load, service_s, patience_s)
    return TimeScale(station, found_s, load > _BUSY * servers, load > _OVERLOADED * servers)
