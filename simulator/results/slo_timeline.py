"""The pulse of a run: bucket by bucket of time, whether the objectives hold, and what users feel.

An objective on a percentile, "p95 < 8 s", holds in a bucket if no more than 5 % of the turns that ended in it took
longer or were never answered. A bucket in which actions arrive and none ends is out of every objective. Work that piles
up is not answered: what is open beyond its limit counts against shares as it comes.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.metrics.columns import CountColumn, Metric
from simulator.metrics.formula import Ratio
from simulator.metrics.registry import ACTIONS
from simulator.numerics.sketch import COARSE_SHIFT, bin_edges
from simulator.results.run_result import RunResult
from simulator.results.samples import Floats
from simulator.scenario.model import Slo

_ENDED = slice(CountColumn.SUCCEEDED, CountColumn.ABANDONED + 1)
_ROUNDING = 1e-9
_CHANCE = 4.0  # standard deviations of a number of actions
_METRICS = {"latency": Metric.LATENCY, "ttft": Metric.TTFT}
_FINE_EDGES = bin_edges()
_EDGES = np.append(_FINE_EDGES[: -1 : 1 << COARSE_SHIFT], _FINE_EDGES[-1])


def is_out(run: RunResult, slos: Sequence[Slo]) -> NDArray[np.bool_]:
    """Measured time buckets in which any of the objectives is missed, bool[measured bucket].

    Parameters
    ----------
    run : with latencies by time bucket
    slos : those that have a pulse
    """
    found = np.zeros(run.measured_bucket_s.size, dtype=np.bool_)
    for slo in slos:
        found |= missed_share(run, slo) > allowed_share(slo) + _ROUNDING
    return found


def is_hurt(run: RunResult, twin: RunResult, slos: Sequence[Slo]) -> NDArray[np.bool_]:
    """Measured time buckets in which an objective is missed and the twin is well, bool[measured bucket].

    Where the twin misses it, too, the run is hurt if it misses more by a whole allowance.
    """
    found = piles_up(run, twin, slos)
    for slo in slos:
        allowed = allowed_share(slo)
        ours, theirs = missed_share(run, slo), missed_share(twin, slo)
        is_missed = ours > allowed + _ROUNDING
        found |= is_missed & (
            ours > np.where(theirs > allowed + _ROUNDING, theirs + allowed, 0.0) + _ROUNDING
        )
    return found


def allowed_share(slo: Slo) -> float:
    """Share of the actions, or turns, that an objective allows to be missed."""
    objective = slo.objective
    if objective.statistic is not None:
        return 1.0 - objective.statistic
    return objective.limit if ACTIONS[slo.indicator].better == "low" else 1.0 - objective.limit


def missed_share(run: RunResult, slo: Slo) -> Floats:
    """Share that misses an objective, float64[measured bucket]; of nothing 0, of nothing that ends although some ask 1."""
    counts = run.counts[run.n_warmup_buckets :]
    missed, total = _timed(run, slo) if slo.indicator in _METRICS else _counted(run, slo)
    shares = np.divide(missed, total, out=np.zeros(len(total)), where=total > 0)
    everything = counts.sum(axis=1)
    is_silent = (everything[:, CountColumn.ARRIVED] > 0) & (everything[:, _ENDED].sum(axis=1) == 0)
    return np.where(is_silent, 1.0, shares)


def observed(run: RunResult, slo: Slo) -> tuple[Floats, Floats]:
    """What monitoring counts: (actions or turns that miss an objective, all of them), each float64[measured bucket].

    Whether an answer was right is known only of those that a reviewer has looked at, once that is done.
    """
    if slo.indicator in _METRICS:
        return _timed(run, slo)
    if slo.indicator == "success_rate":
        here = run.counts[run.n_warmup_buckets :, _streams(run, slo)].sum(axis=1).astype(np.float64)
        reviewed = here[:, CountColumn.REVIEWED]
        return reviewed - here[:, CountColumn.REVIEWED_RIGHT], reviewed
    return _counted(run, slo)


def _timed(run: RunResult, slo: Slo) -> tuple[Floats, Floats]:
    """Turns that miss an objective on a time, and all of them, each float64[measured bucket].

    Who waits for too long is late from then on, and not a second time when the answer comes.
    """
    histograms = latencies(run, slo.indicator, slo.workload)
    ended = histograms.sum(axis=1).astype(np.float64)
    more_late = np.diff(backlog(run, slo.workload), prepend=0.0)
    missed = np.maximum(0.0, share_above(histograms, slo.objective.limit) * ended + more_late)
    return missed, np.maximum(missed, ended + more_late)


def _counted(run: RunResult, slo: Slo) -> tuple[Floats, Floats]:
    """Actions (or turns) that miss an objective on a share, and all of which it is one, each float64[measured bucket]."""
    here = run.counts[run.n_warmup_buckets :, _streams(run, slo)].sum(axis=1).astype(np.float64)
    here[:, CountColumn.OVERDUE] = np.maximum(0.0, np.diff(backlog(run, slo.workload), prepend=0.0))
    return missed_of(here, slo.indicator)


def missed_of(counts: Floats, indicator: str) -> tuple[Floats, Floats]:
    """What misses an objective on a share of actions or turns, and all of which it is one.

    Parameters
    ----------
    counts : float64[…, CountColumn]; open work that is late stands in `OVERDUE`
    indicator : availability, success_rate, rejected_rate, handed_off_rate or deflection_rate
    """
    definition = ACTIONS[indicator]
    assert isinstance(definition.source, Ratio)
    over, under = definition.source.weights[:, :-1]
    hits, total = counts @ over, counts @ under
    return (hits if definition.better == "low" else total - hits), total


def backlog(run: RunResult, workload: str | None = None) -> Floats:
    """Actions open for longer than their limit at the end of each measured time bucket, beyond those at the beginning.

    At least so many: of those who are open, all that came within the limit may be the younger ones. Where the scenario
    speaks of no time, nobody is late.
    """
    late = np.zeros(len(run.counts))
    limits_s = np.full(len(run.streams), np.nan) if run.longest_limit_s is None else run.longest_limit_s
    for name in dict.fromkeys(stream.workload for stream in run.streams):
        streams = [n for n, stream in enumerate(run.streams) if stream.workload == name]
        limit_s = limits_s[streams].max()
        if workload not in (None, name) or np.isnan(limit_s):
            continue
        counts = run.counts[:, streams].sum(axis=1)
        arrived = np.cumsum(counts[:, CountColumn.ARRIVED])
        open_actions = arrived - np.cumsum(counts[:, _ENDED].sum(axis=1))
        n_young = int(np.ceil(limit_s / run.bucket_s)) + 1
        came_before = np.concatenate([np.zeros(n_young), arrived])[: len(arrived)]
        late += np.maximum(0.0, open_actions - (arrived - came_before))
    measured = late[run.n_warmup_buckets :]
    return np.asarray(np.maximum(0.0, measured - measured[0]), dtype=np.float64)


def piles_up(run: RunResult, twin: RunResult, slos: Sequence[Slo]) -> NDArray[np.bool_]:
    """Measured time buckets with so much more open work than the twin has that it would use up an allowance of theirs."""
    found = np.zeros(run.measured_bucket_s.size, dtype=np.bool_)
    for slo in slos:
        more = backlog(run, slo.workload) - backlog(twin, slo.workload)
        arrived = run.counts[run.n_warmup_buckets :, _streams(run, slo), CountColumn.ARRIVED].sum(axis=1)
        found |= more > np.maximum(allowed_share(slo) * arrived, _CHANCE * np.sqrt(more.clip(0.0) + 1.0))
    return found


def _streams(run: RunResult, slo: Slo) -> list[int]:
    return [n for n, stream in enumerate(run.streams) if slo.workload in (None, stream.workload)]


def latencies(run: RunResult, indicator: str, workload: str | None = None) -> NDArray[np.int64]:
    """Coarse histogram of latency or ttft by measured time bucket, int64[measured bucket, coarse bin]."""
    assert run.bucket_histogram is not None, "the run kept no latencies by time bucket"
    names = list(dict.fromkeys(stream.workload for stream in run.streams))
    rows = [n for n, name in enumerate(names) if workload in (None, name)]
    kept = run.bucket_histogram[run.n_warmup_buckets :, rows, _METRICS[indicator]]
    return np.asarray(kept.sum(axis=1), dtype=np.int64)


def share_above(histograms: NDArray[np.int64], limit: float) -> Floats:
    """Share of the values above a limit, linear inside its bin, float64[histogram]; 0 where there are none."""
    place = int(np.clip(np.searchsorted(_EDGES, limit, side="right") - 1, 0, histograms.shape[1] - 1))
    inside = (_EDGES[place + 1] - limit) / (_EDGES[place + 1] - _EDGES[place])
    above = histograms[:, place + 1 :].sum(axis=1) + np.clip(inside, 0.0, 1.0) * histograms[:, place]
    total = histograms.sum(axis=1)
    shares: Floats = np.divide(above, total, out=np.zeros(len(histograms)), where=total > 0)
    return shares


def coarse_quantile(histogram: NDArray[np.int64], level: float) -> float:
    """Quantile of a coarse histogram, linear inside the bin; nan if it is empty."""
    total = histogram.sum()
    if total == 0:
        return float("nan")
    cumulative = np.concatenate([[0], np.cumsum(histogram)])
    place = int(np.searchsorted(cumulative, level * total, side="left")) - 1
    place = max(0, min(place, histogram.size - 1))
    inside = (level * total - cumulative[place]) / max(1, histogram[place])
    return float(_EDGES[place] + np.clip(inside, 0.0, 1.0) * (_EDGES[place + 1] - _EDGES[place]))


def recovery_s(hurt: NDArray[np.bool_], bucket_s: float, end_s: float, calm_buckets: int) -> float:
    """Time from `end_s` until nothing is hurt for so many buckets (or to the end of the run); nan: never.

    Parameters
    ----------
    hurt : bool[measured bucket], out of objectives where the twin without the incident is not
    bucket_s : length of a bucket
    end_s : when the incident was over, since the measured span began
    """
    first = int(np.ceil(end_s / bucket_s - 1e-9))
    for bucket in range(first, hurt.size):
        if not hurt[bucket : bucket + calm_buckets].any():
            is_instant = bucket == first
            return 0.0 if is_instant else bucket * bucket_s - end_s
    return float("nan")
