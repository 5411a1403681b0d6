"""Does work pile up? What came to a target in a window, less what left it, and how long the target needs for the rest.

A queue that only goes up and down leaves nothing over on average. One to which more comes than is served grows from the
beginning of the window to its end, beyond what chance does, while its servers are busy or nobody is on shift. Clients in
closed loops do not count: never more is left over than there are of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from scipy.special import stdtrit

from simulator.mechanisms.codes import Station
from simulator.metrics.columns import AreaColumn, UsageColumn
from simulator.results.run_result import RunResult
from simulator.results.samples import Floats, Sample, to_signed_estimate
from simulator.theory.estimate import Estimate
from simulator.theory.intervals import mean_interval

_TRIES_ENDED = [
    UsageColumn.SUCCEEDED,
    UsageColumn.ERRORS,
    UsageColumn.RATE_LIMITED,
    UsageColumn.TIMED_OUT,
    UsageColumn.SHED,
    UsageColumn.ABANDONED,
    UsageColumn.CANCELLED,
]
_CHANCE = 0.9995  # that what grows by chance stays below, at one target
_ENOUGH_RUNS = 4  # for their spread to tell what chance does
_CHANCE_OF_FEW = 4.0  # standard deviations of what came and left in fewer
_BUSY = 0.9  # of the servers: below, more is served than comes, however many are inside
_SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True)
class Growth:
    """A queue that grows.

    Attributes
    ----------
    more : requests at the end of the window beyond those at its beginning
    service_s : server time of each; nan: nobody was served
    replicas_per_server : what is paid for a server
    """

    station: Station
    more: Estimate
    service_s: float
    replicas_per_server: float

    @property
    def work_h(self) -> Estimate:
        """Hours of servers' time, or people's, in what is left over."""
        return _times(self.more, self.service_s / _SECONDS_PER_HOUR)


def growths(results: Sequence[RunResult]) -> list[Growth]:
    """Every target at which work piles up beyond chance, in the order of the stations."""
    more = left_over(results)
    return [
        _growth(results, station_id, more[:, station_id])
        for station_id in range(len(results[0].stations))
        if _is_growing(results, station_id, more[:, station_id])
    ]


def grows_at_lanes(results: Sequence[RunResult]) -> bool:
    """Whether work piles up at services or people, and nowhere else."""
    found = growths(results)
    return bool(found) and all(growth.station.kind != "model" for growth in found)


def leaves_more(before: Sequence[RunResult], after: Sequence[RunResult]) -> bool:
    """Whether work piles up at a target after a change, and more of it than before, pair by pair.

    Parameters
    ----------
    before, after : replications with the same seeds, in the same order
    """
    growing = growths(after)
    if not growing:
        return False
    was, now = left_over(before), left_over(after)
    places_before, places_after = (
        {(of.target, of.region): number for number, of in enumerate(results[0].stations)}
        for results in (before, after)
    )
    for growth in growing:
        place = growth.station.target, growth.station.region
        if place not in places_before:
            return True
        more = now[:, places_after[place]] - was[:, places_before[place]]
        if mean_interval(more.tolist()).low > 0.0:
            return True
    return False


def left_over(results: Sequence[RunResult]) -> Floats:
    """Tries that came to each station in the measured span less those that ended, float64[run, station]."""
    usage = np.array([run.measured_usage[run.is_open].sum(axis=0) for run in results])
    more: Floats = usage[:, :, UsageColumn.ATTEMPTS] - usage[:, :, _TRIES_ENDED].sum(axis=2)
    return more


def service_s(results: Sequence[RunResult], station_id: int) -> float:
    """Mean server time of a request at a station; nan: nobody was served."""
    n_served = float(sum(run.wait_histogram[station_id].sum() for run in results))
    busy_s = float(sum(run.areas[station_id, AreaColumn.BUSY_S] for run in results))
    return busy_s / n_served if n_served > 0.0 else nan


def _growth(results: Sequence[RunResult], station_id: int, more: Floats) -> Growth:
    servers_s = sum(float(run.areas[station_id, AreaColumn.SERVERS_S]) for run in results)
    replica_s = sum(float(run.replica_s[station_id]) for run in results)
    return Growth(
        results[0].stations[station_id],
        to_signed_estimate(Sample(float(more.mean()), more)),
        service_s(results, station_id),
        replica_s / servers_s if servers_s > 0.0 else 1.0,
    )


def _is_growing(results: Sequence[RunResult], station_id: int, more: Floats) -> bool:
    mean = float(more.mean())
    areas = np.sum([run.areas[station_id] for run in results], axis=0)
    servers_s = float(areas[AreaColumn.SERVERS_S])
    has_limit = servers_s > 0.0 or results[0].stations[station_id].kind == "team"
    if mean <= 0.0 or not has_limit or areas[AreaColumn.BUSY_S] < _BUSY * servers_s:
        return False
    if len(more) >= _ENOUGH_RUNS:
        chance = float(stdtrit(len(more) - 1, _CHANCE)) * float(more.std(ddof=1)) / sqrt(len(more))
    else:
        came = sum(float(run.measured_usage[:, station_id, UsageColumn.ATTEMPTS].sum()) for run in results)
        chance = _CHANCE_OF_FEW * sqrt(2.0 * came - float(more.sum())) / len(more)
    in_service = servers_s / sum(run.duration_s for run in results) * (1.0 - _BUSY)
    return mean > chance + in_service


def _times(found: Estimate, factor: float) -> Estimate:
    return Estimate(found.value * factor, found.low * factor, found.high * factor)
