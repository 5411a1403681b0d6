"""From runs to samples of times: means and quantiles of a measure over everyone who asked, and of waits at targets.

Whoever is not answered is slower than everybody else: a quantile among them is infinite, and a mean counts them with the
largest time that the scenario speaks of, as long as they are few.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simulator.metrics.columns import CountColumn, Metric
from simulator.metrics.definition import MOST_NEVER_IN_A_MEAN
from simulator.metrics.dimensions import ALL, Selection
from simulator.numerics.sketch import NEVER, bin_edges, bin_of, bins_of
from simulator.results.percentiles.product_limit import dense
from simulator.results.percentiles.quantile_samples import quantile_samples, share_sample
from simulator.results.percentiles.quantiles import histogram_sum
from simulator.results.run_result import RunResult
from simulator.results.samples import Floats, Sample, batched, ratio_sample, ratio_samples, to_estimate

MeasureSamples = tuple[Sample, list[Sample]]  # mean, and quantiles
_CONSTANT = 1e-10  # squared spread, as a share of the squared mean: what rounding leaves
_DIGITS = 8  # instants closer than 10 ns are one
_EDGES = bin_edges()


def measure_samples(
    results: Sequence[RunResult], metric: Metric, levels: Sequence[float], selection: Selection = ALL
) -> MeasureSamples | None:
    """Mean, and quantiles at `levels`, of a measure of streams; None if nothing was observed."""
    return measure_table(results, [metric], levels, [selection])[0][0]


def share_within_sample(
    results: Sequence[RunResult], metric: Metric, limit: float, selection: Selection = ALL
) -> Sample | None:
    """Share of everyone who asked whose measure is at most a limit; None if nothing was observed."""
    ids = results[0].stream_ids(selection)
    histograms = np.array([result.histogram[ids, metric].sum(axis=0) for result in results])
    waiting = _waiting(results, [metric], [ids])
    always_s = _always_s(results, metric, ids)
    if always_s is not None and bin_of(always_s) == bin_of(limit):
        limit = float(_EDGES[bin_of(limit) + (always_s <= limit)])  # all of the bin, or nothing
    return share_sample(histograms, limit, None if waiting is None else waiting[:, 0])


def measure_table(
    results: Sequence[RunResult],
    metrics: Sequence[Metric],
    levels: Sequence[float],
    selections: Sequence[Selection],
) -> list[list[MeasureSamples | None]]:
    """Return `measure_samples` of each metric for each selection."""
    stream_ids = [results[0].stream_ids(selection) for selection in selections]
    histograms = np.array(
        [
            [[result.histogram[ids, metric].sum(axis=0) for result in results] for metric in metrics]
            for ids in stream_ids
        ]
    )
    waiting = _waiting(results, metrics, stream_ids)
    stay_open = (
        np.zeros(histograms.shape[:2]) if waiting is None else _more_open(waiting, histograms.shape[:2])
    )
    limits_s = [_limit_s(results[0], ids) for ids in stream_ids]
    means = [
        [
            _mean(results, ids, metric, limit_s, of[:, NEVER], open_)
            for metric, of, open_ in zip(metrics, histograms[number], stay_open[number], strict=True)
        ]
        for number, (ids, limit_s) in enumerate(zip(stream_ids, limits_s, strict=True))
    ]
    if not levels:
        return [[None if mean is None else (mean, []) for mean in each] for each in means]
    flat = histograms.reshape(-1, *histograms.shape[2:])
    of_each = [limit_s for limit_s in limits_s for _ in metrics]
    found = iter(quantile_samples(flat, levels, waiting, of_each))
    return [
        [
            None if mean is None else (mean, _exact(next_levels, results, metric, ids))
            for metric, mean, next_levels in zip(metrics, each, [next(found) for _ in each], strict=True)
        ]
        for ids, each in zip(stream_ids, means, strict=True)
    ]


def _always_s(results: Sequence[RunResult], metric: Metric, ids: NDArray[np.int64]) -> float | None:
    """The one value that a measure always has, to a hundredth of a microsecond; None: there are several, or none."""
    n, total, squares = np.sum(
        [result.moments[ids, metric].sum(axis=0) for result in results], axis=0
    ).tolist()
    if n == 0.0 or n * squares - total * total > _CONSTANT * total * total:
        return None
    return float(round(total / n, _DIGITS))


def _exact(
    samples: list[Sample], results: Sequence[RunResult], metric: Metric, ids: NDArray[np.int64]
) -> list[Sample]:
    """Quantiles; where a measure has one value, with it in place of a place in its bin."""
    always_s = _always_s(results, metric, ids)
    return samples if always_s is None else [_snapped(sample, always_s) for sample in samples]


def _snapped(sample: Sample, always_s: float) -> Sample:
    assert sample.interval is not None
    numbers = np.array([sample.value, *sample.interval, *sample.units])
    is_known = np.isfinite(numbers)
    is_it = is_known & (bins_of(np.where(is_known, numbers, 0.0)) == bin_of(always_s))
    value, low, high, *units = np.where(is_it, always_s, numbers).tolist()
    return replace(sample, value=value, interval=(low, high), units=np.array(units))


def _waiting(
    results: Sequence[RunResult], metrics: Sequence[Metric], stream_ids: Sequence[NDArray[np.int64]]
) -> NDArray[np.int64] | None:
    """Times waited so far at the end of each run and at its beginning, int64[2, selection and metric, run, bin]."""
    if not any(result.waiting.size for result in results):
        return None
    found = [
        [dense(result.waiting, ids, metric) for result in results] for ids in stream_ids for metric in metrics
    ]
    return np.moveaxis(np.array(found), 2, 0)


def _more_open(waiting: NDArray[np.int64], shape: tuple[int, ...]) -> Floats:
    """How many more wait at the end than at the beginning, beyond chance, over all runs: float64[selection, metric]."""
    end, begin = (side.sum(axis=(1, 2)).astype(np.float64) for side in waiting)
    more: Floats = np.maximum(0.0, end - begin - 3.0 * np.sqrt(end + begin))
    return more.reshape(shape)


def _limit_s(result: RunResult, ids: NDArray[np.int64]) -> float:
    """The largest time that the scenario speaks of for these streams; nan: none."""
    if result.longest_limit_s is None:
        return float("nan")
    return max(
        (limit for limit in result.longest_limit_s[ids].tolist() if limit == limit), default=float("nan")
    )


def _mean(
    results: Sequence[RunResult],
    ids: NDArray[np.int64],
    metric: Metric,
    limit_s: float,
    never: NDArray[np.int64],
    n_more_open: float,
) -> Sample | None:
    """The mean of a measure; where more than a few are not answered, only that it is larger than with their limit."""
    moments = np.array([result.moments[ids, metric].sum(axis=0) for result in results])
    n_never = never.astype(np.float64)
    n_all = (moments[:, 0] + n_never).sum() + n_more_open
    if not n_never.any() and n_more_open <= MOST_NEVER_IN_A_MEAN * n_all:
        return _latency_mean(results, ids, ratio_sample(moments[:, 1], moments[:, 0]), metric)
    if np.isnan(limit_s):
        limit_s = float(moments[:, 1].sum() / max(moments[:, 0].sum(), 1.0))
    mean = ratio_sample(moments[:, 1] + n_never * limit_s, moments[:, 0] + n_never)
    if mean is None or n_never.sum() + n_more_open <= MOST_NEVER_IN_A_MEAN * n_all:
        return mean
    at_least = to_estimate(mean).low if len(mean.units) > 1 else mean.value
    return Sample(np.inf, np.full(len(mean.units), np.inf), interval=(at_least, np.inf))


def _latency_mean(
    results: Sequence[RunResult], stream_ids: NDArray[np.int64], mean: Sample | None, metric: Metric
) -> Sample | None:
    """The mean latency of a single run has batches, because it was summed up by bucket."""
    if mean is None or metric != Metric.LATENCY or len(results) > 1:
        return mean
    run = results[0]
    sums_s = run.latency_sum_s[run.n_warmup_buckets :, stream_ids].sum(axis=1)
    turns = run.counts[run.n_warmup_buckets :, stream_ids, CountColumn.TURNS].sum(axis=1)
    batches = ratio_sample(batched(sums_s), batched(turns))
    return Sample(mean.value, mean.units if batches is None else batches.units)


def wait_samples(
    results: Sequence[RunResult], levels: Sequence[float], selection: Selection
) -> MeasureSamples | None:
    """Mean (from the histogram, to 0.8 %) and quantiles of the queue wait at targets; None if none waited."""
    return wait_table(results, levels, [selection])[0]


def wait_table(
    results: Sequence[RunResult], levels: Sequence[float], selections: Sequence[Selection]
) -> list[MeasureSamples | None]:
    """Return `wait_samples` for each selection."""
    station_ids = [results[0].station_ids(selection) for selection in selections]
    histograms = np.array(
        [[result.wait_histogram[ids].sum(axis=0) for result in results] for ids in station_ids]
    )
    numbers = histograms.sum(axis=2).astype(np.float64)
    means = ratio_samples(histogram_sum(histograms), numbers, [False] * len(selections))
    found = quantile_samples(histograms, levels)
    return [None if mean is None else (mean, at_levels) for mean, at_levels in zip(means, found, strict=True)]
