"""Synthetic runs with known content, consistent in every law of conservation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pytest

from simulator.compiler.streams import Stream
from simulator.mechanisms.codes import Station
from simulator.metrics.columns import AreaColumn, CountColumn, Metric, UsageColumn
from simulator.numerics.sketch import N_BINS, NEVER, bin_edges
from simulator.results.run_result import RunResult

EDGES = bin_edges()
STREAMS = (Stream("tickets", "eu"), Stream("tickets", "us"), Stream("calls", "eu"))
STATIONS = (Station("model", "large", "eu"), Station("model", "large", "us"), Station("service", "crm", "eu"))
OUTCOMES = slice(CountColumn.SUCCEEDED, CountColumn.ABANDONED + 1)


def histogram_of(values: np.ndarray) -> np.ndarray:
    """Counts per bin of the kernel's log-scale histogram."""
    return np.bincount(np.searchsorted(EDGES, values, side="right") - 1, minlength=N_BINS)


@dataclass(frozen=True)
class SyntheticRun:
    """A run and the raw values it was made from."""

    result: RunResult
    latencies_s: list[np.ndarray]  # [stream] of the measured span


def synthetic_run(
    seed: int = 1,
    *,
    streams: Sequence[Stream] = STREAMS,
    stations: Sequence[Station] = STATIONS,
    stage: str | None = "pilot",
    n_warmup: int = 2,
    n_measured: int = 20,
    bucket_s: float = 60.0,
    mean_latency_s: float = 1.0,
    mean_actions: float = 40.0,
    success: float = 0.9,
) -> SyntheticRun:
    """Poisson numbers of actions per bucket and stream, exponential latencies, binomial outcomes."""
    rng = np.random.default_rng([seed, 20270104])
    n_buckets, n_streams, n_stations = n_warmup + n_measured, len(streams), len(stations)
    counts = np.zeros((n_buckets, n_streams, len(CountColumn)), np.int64)
    answered = rng.poisson(mean_actions, (n_buckets, n_streams))
    counts[..., CountColumn.SUCCEEDED] = rng.binomial(answered, 0.95)
    counts[..., CountColumn.DEGRADED] = answered - counts[..., CountColumn.SUCCEEDED]
    for column in (CountColumn.FAILED, CountColumn.REJECTED, CountColumn.ABANDONED):
        counts[..., column] = rng.poisson(2.0, (n_buckets, n_streams))
    counts[..., CountColumn.INVALID] = rng.binomial(counts[..., CountColumn.REJECTED], 0.5)
    counts[..., CountColumn.CORRECT] = rng.binomial(answered, success)
    counts[..., CountColumn.GOOD] = rng.binomial(answered, 0.8)
    counts[..., CountColumn.CACHE_LOOKUPS] = answered
    counts[..., CountColumn.CACHE_HITS] = rng.binomial(answered, 0.3)
    counts[..., CountColumn.TURNS] = answered
    counts[..., CountColumn.ARRIVED] = counts[..., OUTCOMES].sum(axis=2)
    in_flight = rng.integers(0, 5, n_streams)
    counts[0, :, CountColumn.ARRIVED] += in_flight

    latency_sum_s = np.zeros((n_buckets, n_streams))
    moments = np.zeros((n_streams, len(Metric), 3))
    histogram = np.zeros((n_streams, len(Metric), N_BINS), np.int64)
    latencies_s = []
    for stream_id in range(n_streams):
        values = [rng.exponential(mean_latency_s, n) for n in answered[:, stream_id]]
        latency_sum_s[:, stream_id] = [value.sum() for value in values]
        measured = np.concatenate(values[n_warmup:])
        latencies_s.append(measured)
        for metric in (Metric.LATENCY, Metric.QUEUE_WAIT, Metric.RESOLUTION):
            moments[stream_id, metric] = len(measured), measured.sum(), (measured**2).sum()
            histogram[stream_id, metric] = histogram_of(measured)
    unanswered = counts[n_warmup:, :, [CountColumn.FAILED, CountColumn.REJECTED, CountColumn.ABANDONED]]
    histogram[:, Metric.RESOLUTION, NEVER] = unanswered.sum(axis=(0, 2))
    histogram[:, Metric.RESOLUTION, NEVER] -= counts[n_warmup:, :, CountColumn.INVALID].sum(axis=0)

    usage = np.zeros((n_buckets, n_streams, n_stations, len(UsageColumn)))
    usage[..., UsageColumn.SUCCEEDED] = rng.poisson(30.0, usage.shape[:3])
    usage[..., UsageColumn.ERRORS] = rng.poisson(1.0, usage.shape[:3])
    usage[..., UsageColumn.SHED] = rng.poisson(1.0, usage.shape[:3])
    usage[..., UsageColumn.ATTEMPTS] = usage[..., UsageColumn.SUCCEEDED : UsageColumn.ABANDONED + 1].sum(
        axis=3
    )
    usage[..., UsageColumn.INPUT_TOKENS] = 100.0 * usage[..., UsageColumn.SUCCEEDED]
    usage[..., UsageColumn.OUTPUT_TOKENS] = 20.0 * usage[..., UsageColumn.SUCCEEDED]
    usage[..., UsageColumn.BUSY_S] = 0.5 * (
        usage[..., UsageColumn.SUCCEEDED] + usage[..., UsageColumn.ERRORS]
    )
    areas = np.zeros((n_stations, len(AreaColumn)))
    areas[:, AreaColumn.BUSY_S] = usage[n_warmup:, ..., UsageColumn.BUSY_S].sum(axis=(0, 1))
    areas[:, AreaColumn.IN_SYSTEM_S] = areas[:, AreaColumn.SOJOURN_S] = 1.5 * areas[:, AreaColumn.BUSY_S]
    areas[:, AreaColumn.SERVERS_S] = 2.0 * areas[:, AreaColumn.BUSY_S]
    served = usage[n_warmup:, ..., [UsageColumn.SUCCEEDED, UsageColumn.ERRORS]].sum(axis=(0, 1, 3))
    waits_s = [rng.exponential(0.2, int(n)) for n in served]
    result = RunResult(
        seed=seed, stage=stage, window="peak", start=datetime(2027, 1, 4, 9, tzinfo=UTC),
        warmup_s=n_warmup * bucket_s, duration_s=n_measured * bucket_s, streams=tuple(streams),
        stations=tuple(stations), bucket_s=bucket_s, n_warmup_buckets=n_warmup, counts=counts, usage=usage,
        latency_sum_s=latency_sum_s, moments=moments, histogram=histogram,
        wait_histogram=np.array([histogram_of(wait_s) for wait_s in waits_s]).reshape(n_stations, N_BINS),
        areas=areas, replica_s=areas[:, AreaColumn.SERVERS_S] / 4.0,
        max_in_system=np.full(n_stations, 7), in_flight=in_flight, n_events=1000, wall_s=0.01,
    )  # fmt: skip
    return SyntheticRun(result, latencies_s)


@pytest.fixture
def make_run() -> Callable[..., SyntheticRun]:
    """Return the factory of synthetic runs."""
    return synthetic_run


@pytest.fixture
def replications() -> list[RunResult]:
    """Five replications."""
    return [synthetic_run(seed).result for seed in range(1, 6)]
