"""Which columns a metric is made of: from runs to the sample of an indicator.

Every rate and share is a ratio of weighted columns, written down here once; measures come from histograms.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.kernel.columns import AreaColumn, CountColumn, Metric, UsageColumn
from simulator.results.quantiles import histogram_sum
from simulator.results.run_result import ALL, RunResult, Selection
from simulator.results.samples import Floats, Sample, batched, quantile_samples, ratio_sample

_Weights = Mapping[int | None, float]


@dataclass(frozen=True)
class _Ratio:
    """A ratio of weighted sums of columns; the weight of time (s) is under the key None."""

    over: _Weights
    under: _Weights
    is_share: bool = False


_ENDED: _Weights = {
    CountColumn.SUCCEEDED: 1.0,
    CountColumn.DEGRADED: 1.0,
    CountColumn.FAILED: 1.0,
    CountColumn.REJECTED: 1.0,
    CountColumn.ABANDONED: 1.0,
}
_ENDED_VALID: _Weights = {**_ENDED, CountColumn.INVALID: -1.0}
_ANSWERED: _Weights = {CountColumn.SUCCEEDED: 1.0, CountColumn.DEGRADED: 1.0}
_PER_SECOND: _Weights = {None: 1.0}
_PER_MINUTE: _Weights = {None: 1.0 / 60.0}
_PER_ATTEMPT: _Weights = {UsageColumn.ATTEMPTS: 1.0}

MEASURES = {
    "latency": Metric.LATENCY,
    "ttft": Metric.TTFT,
    "tpot": Metric.TPOT,
    "queue_wait": Metric.QUEUE_WAIT,
    "resolution": Metric.RESOLUTION,
}
COUNT_RATIOS = {
    "availability": _Ratio(_ANSWERED, _ENDED_VALID, is_share=True),
    "success_rate": _Ratio({CountColumn.CORRECT: 1.0}, _ENDED_VALID, is_share=True),
    "failed_rate": _Ratio({CountColumn.FAILED: 1.0}, _ENDED, is_share=True),
    "rejected_rate": _Ratio({CountColumn.REJECTED: 1.0}, _ENDED, is_share=True),
    "abandoned_rate": _Ratio({CountColumn.ABANDONED: 1.0}, _ENDED, is_share=True),
    "handed_off_rate": _Ratio({CountColumn.HANDED_OFF: 1.0}, {CountColumn.TURNS: 1.0}, is_share=True),
    "residency_blocked_rate": _Ratio({CountColumn.RESIDENCY_BLOCKED: 1.0}, _ENDED),
    "cache_hit_rate": _Ratio({CountColumn.CACHE_HITS: 1.0}, {CountColumn.CACHE_LOOKUPS: 1.0}, is_share=True),
    "goodput_rps": _Ratio({CountColumn.GOOD: 1.0}, _PER_SECOND),
    "throughput_rps": _Ratio(_ANSWERED, _PER_SECOND),
    "arrival_rps": _Ratio({CountColumn.ARRIVED: 1.0}, _PER_SECOND),
}
USAGE_RATIOS = {
    "error_rate": _Ratio({UsageColumn.ERRORS: 1.0}, _PER_ATTEMPT, is_share=True),
    "rate_limited_rate": _Ratio({UsageColumn.RATE_LIMITED: 1.0}, _PER_ATTEMPT, is_share=True),
    "shed_rate": _Ratio({UsageColumn.SHED: 1.0}, _PER_ATTEMPT, is_share=True),
    "requests_per_minute": _Ratio(_PER_ATTEMPT, _PER_MINUTE),
    "input_tokens_per_minute": _Ratio({UsageColumn.INPUT_TOKENS: 1.0}, _PER_MINUTE),
    "output_tokens_per_minute": _Ratio({UsageColumn.OUTPUT_TOKENS: 1.0}, _PER_MINUTE),
}
AREA_RATIOS = {
    "utilization": _Ratio({AreaColumn.BUSY_S: 1.0}, {AreaColumn.SERVERS_S: 1.0}),
    "carried_load_erlangs": _Ratio({AreaColumn.BUSY_S: 1.0}, _PER_SECOND),
    "in_system": _Ratio({AreaColumn.IN_SYSTEM_S: 1.0}, _PER_SECOND),
    "batch_size": _Ratio({AreaColumn.SEQUENCE_S: 1.0}, {AreaColumn.BUSY_S: 1.0}),
    "kv_usage": _Ratio({AreaColumn.KV_TOKEN_S: 1.0}, {AreaColumn.KV_CAPACITY_TOKEN_S: 1.0}),
    "preemptions_per_minute": _Ratio({AreaColumn.PREEMPTIONS: 1.0}, _PER_MINUTE),
    "prefix_hit_rate": _Ratio({AreaColumn.HIT_TOKENS: 1.0}, {AreaColumn.PROMPT_TOKENS: 1.0}),
}
OF_POOLS = ("batch_size", "kv_usage", "preemptions_per_minute", "prefix_hit_rate")


def count_sample(results: Sequence[RunResult], name: str, selection: Selection = ALL) -> Sample | None:
    """Ratio of action counts (a key of `COUNT_RATIOS`); None if nothing was observed."""
    stream_ids = results[0].stream_ids(selection)
    if len(results) > 1:
        counts = np.array(
            [result.measured_counts[stream_ids].sum(axis=0) for result in results], dtype=np.float64
        )
        return _ratio_of_columns(COUNT_RATIOS[name], counts, _durations_s(results))
    run = results[0]
    by_bucket = run.counts[run.n_warmup_buckets :, stream_ids].sum(axis=1)
    return _ratio_of_columns(COUNT_RATIOS[name], batched(by_bucket), batched(run.measured_bucket_s))


def usage_sample(results: Sequence[RunResult], name: str, selection: Selection) -> Sample | None:
    """Ratio of what was used of targets (a key of `USAGE_RATIOS`); None if nothing was observed."""
    station_ids = results[0].station_ids(selection)
    if len(results) > 1:
        usage = np.array([result.measured_usage[:, station_ids].sum(axis=(0, 1)) for result in results])
        return _ratio_of_columns(USAGE_RATIOS[name], usage, _durations_s(results))
    run = results[0]
    by_bucket = run.usage[run.n_warmup_buckets :, :, station_ids].sum(axis=(1, 2))
    return _ratio_of_columns(USAGE_RATIOS[name], batched(by_bucket), batched(run.measured_bucket_s))


def area_sample(results: Sequence[RunResult], name: str, selection: Selection) -> Sample | None:
    """Ratio of time integrals of targets (a key of `AREA_RATIOS`); None where there are none, or unlimited."""
    station_ids = results[0].station_ids(selection)
    areas = np.array([result.areas[station_ids].sum(axis=0) for result in results])
    if name in OF_POOLS and areas[:, AreaColumn.KV_CAPACITY_TOKEN_S].sum() <= 0.0:
        return None
    return _ratio_of_columns(AREA_RATIOS[name], areas, _durations_s(results))


def offered_load_sample(results: Sequence[RunResult], selection: Selection) -> Sample | None:
    """Offered load in erlangs: attempts per second, turned away included, times the mean service time.

    The mean service time is server-seconds per service that began. Attempts that were turned away, left the
    queue or still wait in it have none, and ask for as much as the others.
    """
    station_ids = results[0].station_ids(selection)
    usage = np.array([result.measured_usage[:, station_ids].sum(axis=(0, 1)) for result in results])
    attempts = usage[:, UsageColumn.ATTEMPTS]
    served = np.array([result.wait_histogram[station_ids].sum() for result in results], dtype=np.float64)
    if served.sum() <= 0.0:
        return None
    service_s = np.divide(usage[:, UsageColumn.BUSY_S], served, out=np.zeros(len(results)), where=served > 0)
    loads = attempts / _durations_s(results) * service_s
    return Sample(float(loads.mean()), loads)


def measure_samples(
    results: Sequence[RunResult], metric: Metric, levels: Sequence[float], selection: Selection = ALL
) -> tuple[Sample, list[Sample]] | None:
    """Mean, and quantiles at `levels`, of a measure of streams; None if nothing was observed."""
    stream_ids = results[0].stream_ids(selection)
    moments = np.array([result.moments[stream_ids, metric].sum(axis=0) for result in results])
    mean = ratio_sample(moments[:, 1], moments[:, 0])
    if mean is None:
        return None
    if metric == Metric.LATENCY and len(results) == 1:
        run = results[0]
        sums_s = run.latency_sum_s[run.n_warmup_buckets :, stream_ids].sum(axis=1)
        turns = run.counts[run.n_warmup_buckets :, stream_ids, CountColumn.TURNS].sum(axis=1)
        batches = ratio_sample(batched(sums_s), batched(turns))
        mean = Sample(mean.value, mean.units if batches is None else batches.units)
    if not levels:
        return mean, []
    histograms = np.array([result.histogram[stream_ids, metric].sum(axis=0) for result in results])
    return mean, quantile_samples(histograms, levels)


def wait_samples(
    results: Sequence[RunResult], levels: Sequence[float], selection: Selection
) -> tuple[Sample, list[Sample]] | None:
    """Mean (from the histogram, to 0.8 %) and quantiles of the queue wait at targets; None if none waited."""
    station_ids = results[0].station_ids(selection)
    histograms = np.array([result.wait_histogram[station_ids].sum(axis=0) for result in results])
    mean = ratio_sample(histogram_sum(histograms), histograms.sum(axis=1).astype(np.float64))
    return None if mean is None else (mean, quantile_samples(histograms, levels))


def _ratio_of_columns(ratio: _Ratio, columns: Floats, time_s: Floats) -> Sample | None:
    over = _weighted(ratio.over, columns, time_s)
    return ratio_sample(over, _weighted(ratio.under, columns, time_s), is_share=ratio.is_share)


def _weighted(weights: _Weights, columns: Floats, time_s: Floats) -> Floats:
    """Weighted sum of columns float64[unit, column] and of time, float64[unit]."""
    total = np.zeros(len(time_s))
    for column, weight in weights.items():
        total += weight * (time_s if column is None else columns[:, column])
    return total


def _durations_s(results: Sequence[RunResult]) -> Floats:
    return np.array([result.duration_s for result in results])
