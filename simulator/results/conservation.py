"""Does a run add up? The laws that every run must keep, checked at its end, in release builds too.

A violation is an error of the simulator, never of the scenario: the run is not to be trusted, nor reported.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.errors import ExitCode, RolloutError
from simulator.metrics.columns import AreaColumn, CountColumn, Metric, UsageColumn
from simulator.numerics.sketch import NEVER
from simulator.results.run_result import RunResult

RELATIVE_TOLERANCE = 1e-9
_ABSOLUTE_TOLERANCE = 1e-9  # of integrals near zero, s

_OUTCOMES = [
    CountColumn.SUCCEEDED,
    CountColumn.DEGRADED,
    CountColumn.FAILED,
    CountColumn.REJECTED,
    CountColumn.ABANDONED,
]
_UNANSWERED = [CountColumn.FAILED, CountColumn.REJECTED, CountColumn.ABANDONED]
_ATTEMPT_ENDS = [
    UsageColumn.SUCCEEDED,
    UsageColumn.ERRORS,
    UsageColumn.RATE_LIMITED,
    UsageColumn.TIMED_OUT,
    UsageColumn.SHED,
    UsageColumn.ABANDONED,
    UsageColumn.CANCELLED,
]
_PARTS = [  # the first is a part of the others' sum, per stream over the whole run
    (CountColumn.INVALID, [CountColumn.REJECTED]),
    (CountColumn.LIMITED, [CountColumn.REJECTED]),
    (CountColumn.ASKED_AGAIN, [CountColumn.ARRIVED]),
    (CountColumn.HEDGES_WON, [CountColumn.HEDGES]),
    (CountColumn.REVIEWED_RIGHT, [CountColumn.REVIEWED]),
    (CountColumn.CAME_BACK, [CountColumn.WITHOUT_PEOPLE]),
    (CountColumn.RIGHT_WITHOUT_PEOPLE, [CountColumn.WITHOUT_PEOPLE]),
    (CountColumn.RIGHT_WITHOUT_PEOPLE, [CountColumn.CORRECT]),
    (CountColumn.DRAFTS_APPROVED, [CountColumn.HANDED_OFF]),
    (CountColumn.DRAFTS_CHANGED, [CountColumn.HANDED_OFF]),
    (CountColumn.DRAFTS_REJECTED, [CountColumn.HANDED_OFF]),
    (CountColumn.UNGROUNDED, [CountColumn.GENERATED]),
    (CountColumn.CORRECT, [CountColumn.SUCCEEDED, CountColumn.DEGRADED]),
    (CountColumn.GOOD, [CountColumn.SUCCEEDED, CountColumn.DEGRADED]),
    (CountColumn.CACHE_HITS, [CountColumn.CACHE_LOOKUPS]),
    (CountColumn.FALSE_HITS, [CountColumn.CACHE_HITS]),
]
_WASTED_PARTS = [
    (UsageColumn.WASTED_INPUT_TOKENS, UsageColumn.INPUT_TOKENS),
    (UsageColumn.WASTED_OUTPUT_TOKENS, UsageColumn.OUTPUT_TOKENS),
    (UsageColumn.RIGHT, UsageColumn.JUDGED),
    (UsageColumn.GROUNDED, UsageColumn.JUDGED),
    (UsageColumn.JUDGED, UsageColumn.SUCCEEDED),
]


class ConservationError(RolloutError, AssertionError):
    """A run broke a law of conservation; the message names the law, the place and the numbers."""

    exit_code = ExitCode.ENGINE_ERROR
    prefix = "error of the simulator, do not trust its result: "


def check_conservation(result: RunResult, attempts_in_progress: NDArray[np.int64] | None = None) -> None:
    """Raise `ConservationError` if anything was lost, invented or counted twice in a run.

    Parameters
    ----------
    result : RunResult
    attempts_in_progress : int64[stream, station], optional
        Attempts that had begun and not ended when the run stopped; none: attempts are counted when they end.
    """
    _check_actions(result)
    _check_attempts(result, attempts_in_progress)
    _check_measures(result)
    _check_stations(result)


def _check_actions(result: RunResult) -> None:
    """Every action that arrived has one outcome or is in flight, per stream, over the whole run."""
    total = result.counts.sum(axis=0)
    _not_negative("counts", result.counts)
    _not_negative("in flight", result.in_flight)
    balance = total[:, _OUTCOMES].sum(axis=1) + result.in_flight
    for stream_id in np.flatnonzero(total[:, CountColumn.ARRIVED] != balance):
        terms = " + ".join(f"{column.name.lower()} {total[stream_id, column]}" for column in _OUTCOMES)
        raise ConservationError(
            f"actions, {_stream(result, stream_id)}: arrived {total[stream_id, CountColumn.ARRIVED]} is not "
            f"{terms} + in flight {result.in_flight[stream_id]} = {balance[stream_id]}"
        )
    for part, whole in _PARTS:
        for stream_id in np.flatnonzero(total[:, part] > total[:, whole].sum(axis=1)):
            names = " + ".join(column.name.lower() for column in whole)
            raise ConservationError(
                f"parts, {_stream(result, stream_id)}: {part.name.lower()} {total[stream_id, part]} "
                f"is more than {names} = {total[stream_id, whole].sum()}"
            )


def _check_attempts(result: RunResult, in_progress: NDArray[np.int64] | None) -> None:
    """Every attempt ends once; tokens wasted are a part of the tokens billed."""
    usage = result.usage
    total = usage.sum(axis=0)
    _not_negative("usage", usage)
    open_attempts = np.zeros(total.shape[:2]) if in_progress is None else in_progress
    ended = total[:, :, _ATTEMPT_ENDS].sum(axis=2)
    for stream_id, station_id in np.argwhere(total[:, :, UsageColumn.ATTEMPTS] != ended + open_attempts):
        here = total[stream_id, station_id]
        terms = " + ".join(f"{column.name.lower()} {here[column]:.0f}" for column in _ATTEMPT_ENDS)
        raise ConservationError(
            f"attempts, {_stream(result, stream_id)} at {_station(result, station_id)}: "
            f"attempts {here[UsageColumn.ATTEMPTS]:.0f} is not {terms} "
            f"+ in progress {open_attempts[stream_id, station_id]:.0f}"
        )
    for part, whole in _WASTED_PARTS:
        for stream_id, station_id in np.argwhere(
            total[:, :, part] > total[:, :, whole] * (1 + RELATIVE_TOLERANCE)
        ):
            here = total[stream_id, station_id]
            raise ConservationError(
                f"tokens, {_stream(result, stream_id)} at {_station(result, station_id)}: "
                f"{part.name.lower()} {here[part]:.0f} is more than {whole.name.lower()} {here[whole]:.0f}"
            )


def _check_measures(result: RunResult) -> None:
    """A measure is in its histogram as often as in its moments; latencies by bucket add up to their total.

    Whoever ended without an answer is among the resolutions as one that never came.
    """
    counts = result.measured_counts
    n_unanswered = counts[:, _UNANSWERED].sum(axis=1) - counts[:, CountColumn.INVALID]
    for row in np.flatnonzero(result.histogram[:, Metric.RESOLUTION, NEVER] != n_unanswered):
        raise ConservationError(
            f"measures, {_stream(result, row)}: {n_unanswered[row]} valid actions ended without an answer, "
            f"{result.histogram[row, Metric.RESOLUTION, NEVER]} are among the resolutions"
        )
    n_binned = result.histogram[:, :, :NEVER].sum(axis=2)
    n_moments = result.moments[:, :, 0]
    for stream_id, metric in np.argwhere(n_binned != n_moments):
        raise ConservationError(
            f"measures, {_stream(result, stream_id)}: {Metric(metric).name.lower()} has "
            f"{n_binned[stream_id, metric]} values in the histogram, "
            f"{n_moments[stream_id, metric]:.0f} in the moments"
        )
    turns = result.measured_counts[:, CountColumn.TURNS]
    latency_sum_s = result.latency_sum_s[result.n_warmup_buckets :].sum(axis=0)
    for stream_id in range(len(result.streams)):
        n_latencies, sum_s, _ = result.moments[stream_id, Metric.LATENCY]
        if turns[stream_id] != n_latencies or not _close(latency_sum_s[stream_id], sum_s):
            raise ConservationError(
                f"latencies, {_stream(result, stream_id)}: the time buckets hold {turns[stream_id]} turns "
                f"with {latency_sum_s[stream_id]:.9g} s, the moments {n_latencies:.0f} with {sum_s:.9g} s"
            )


def _check_stations(result: RunResult) -> None:
    """Busy servers exceed neither capacity nor the number in the system; L = λW holds on the sample path."""
    _not_negative("areas", result.areas)
    for station_id in range(len(result.stations)):
        in_system_s = result.areas[station_id, AreaColumn.IN_SYSTEM_S]
        busy_s = result.areas[station_id, AreaColumn.BUSY_S]
        servers_s = result.areas[station_id, AreaColumn.SERVERS_S]
        sojourn_s = result.areas[station_id, AreaColumn.SOJOURN_S]
        where = _station(result, station_id)
        if servers_s > 0.0 and busy_s > servers_s and not _close(busy_s, servers_s):
            raise ConservationError(
                f"capacity, {where}: busy {busy_s:.9g} s is more than servers {servers_s:.9g} s"
            )
        is_pool = result.areas[station_id, AreaColumn.KV_CAPACITY_TOKEN_S] > 0.0
        # a replica is still busy with sequences of requests that have just left
        if busy_s > in_system_s and not is_pool and not _close(busy_s, in_system_s):
            raise ConservationError(
                f"capacity, {where}: busy {busy_s:.9g} s is more than in system {in_system_s:.9g} s"
            )
        if not _close(in_system_s, sojourn_s):
            raise ConservationError(
                f"Little's law, {where}: number in system integrates to {in_system_s:.12g} s, "
                f"sojourn times add up to {sojourn_s:.12g} s"
            )


def _close(one: float, other: float) -> bool:
    return abs(one - other) <= RELATIVE_TOLERANCE * max(abs(one), abs(other)) + _ABSOLUTE_TOLERANCE


def _not_negative(what: str, values: NDArray[np.int64] | NDArray[np.float64]) -> None:
    if not bool(np.all(np.isfinite(values))) or bool(np.any(values < 0)):
        raise ConservationError(f"{what}: a value is negative or not a number")


def _stream(result: RunResult, stream_id: int | np.integer) -> str:
    stream = result.streams[int(stream_id)]
    return f"workload {stream.workload!r} in {stream.region!r}"


def _station(result: RunResult, station_id: int | np.integer) -> str:
    station = result.stations[int(station_id)]
    return f"{station.kind} {station.target!r} in {station.region!r}"
