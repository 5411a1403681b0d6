"""What one run measured: the flat arrays that the kernel filled, and the ways to select from and merge them.

A run is one window, one stage, one seed. Everything a report says is made from a list of these (replications:
the same window with other seeds) by `simulator.results.estimates`, the ledger and the series.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.codes import BudgetEvent, Station
from simulator.metrics.columns import AreaColumn, CountColumn, Metric, UsageColumn
from simulator.metrics.dimensions import ALL, Selection
from simulator.numerics.sketch import N_BINS
from simulator.results.sparse import kept_sparse

if TYPE_CHECKING:  # the demand of a scenario and pandas are slow imports that reading results does not need
    import pandas as pd

    from simulator.compiler.streams import Stream

_N_MOMENTS = 3  # n, sum, sum of squares


@kept_sparse("usage")
@dataclass(frozen=True, eq=False)
class RunResult:
    """Counts, usage, histograms and integrals of one run; see `simulator.metrics.columns` for the columns.

    Bucket k covers [k, k + 1) · `bucket_s` since `start` - `warmup_s`; the last one may be short. `counts`,
    `usage` and `latency_sum_s` hold every bucket, everything else only the measured span.
    """

    seed: int
    stage: str | None  # None: full exposure
    window: str
    start: datetime  # UTC, of the measured span
    warmup_s: float
    duration_s: float  # of the measured span
    streams: tuple[Stream, ...]
    stations: tuple[Station, ...]
    bucket_s: float
    n_warmup_buckets: int
    counts: NDArray[np.int64]  # [bucket, stream, CountColumn]
    usage: NDArray[np.float64]  # [bucket, stream, station, UsageColumn]
    latency_sum_s: NDArray[np.float64]  # [bucket, stream], by the bucket of the turn's end
    moments: NDArray[np.float64]  # [stream, Metric, 3] n, sum, sum of squares
    histogram: NDArray[np.int64]  # [stream, Metric, bin]
    wait_histogram: NDArray[np.int64]  # [station, bin]
    areas: NDArray[np.float64]  # [station, AreaColumn] s
    replica_s: NDArray[np.float64]  # [station] replicas (or people on shift) integrated over time, s
    max_in_system: NDArray[np.int64]  # [station]
    in_flight: NDArray[np.int64]  # [stream] actions open at the end
    n_events: int
    wall_s: float
    rows: pd.DataFrame | None = None  # one row per action, if recorded
    bucket_histogram: NDArray[np.int32] | None = None  # [bucket, workload, LATENCY or TTFT, coarse bin]
    # [entry, (stream, Metric, bin of the time waited so far, number)] at the end of the span; -number: at its beginning
    waiting: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 4), np.int64))
    longest_limit_s: NDArray[np.float64] | None = (
        None  # [stream] whoever is not answered exceeds it; nan: none
    )
    budget_events: tuple[BudgetEvent, ...] = ()  # in order of time
    in_loop: NDArray[np.bool_] | None = None  # [stream] its clients ask in a closed loop; None: nobody does

    def __post_init__(self) -> None:
        n_streams, n_stations = len(self.streams), len(self.stations)
        span_s = self.warmup_s + self.duration_s
        if not (self.duration_s > 0 and self.warmup_s >= 0 and self.bucket_s > 0):
            raise ValueError("a run needs a positive duration and bucket, and a warm-up that is not negative")
        if abs(self.n_warmup_buckets * self.bucket_s - self.warmup_s) > 1e-9 * span_s:
            raise ValueError(
                f"a warm-up of {self.warmup_s:g} s is not {self.n_warmup_buckets} x {self.bucket_s:g} s"
            )
        n_buckets = round(np.ceil(span_s / self.bucket_s * (1.0 - 1e-12)))
        expected = {
            "counts": (n_buckets, n_streams, len(CountColumn)),
            "usage": (n_buckets, n_streams, n_stations, len(UsageColumn)),
            "latency_sum_s": (n_buckets, n_streams),
            "moments": (n_streams, len(Metric), _N_MOMENTS),
            "histogram": (n_streams, len(Metric), N_BINS),
            "wait_histogram": (n_stations, N_BINS),
            "areas": (n_stations, len(AreaColumn)),
            "replica_s": (n_stations,),
            "max_in_system": (n_stations,),
            "in_flight": (n_streams,),
        }
        for name, shape in expected.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"`{name}` has the shape {getattr(self, name).shape}, expected {shape}")

    @cached_property
    def measured_counts(self) -> NDArray[np.int64]:
        """Counts of the measured span, int64[stream, CountColumn]."""
        measured: NDArray[np.int64] = self.counts[self.n_warmup_buckets :].sum(axis=0)
        return measured

    @property
    def is_open(self) -> NDArray[np.bool_]:
        """Where users arrive at a rate, whatever becomes of those before them; bool[stream]."""
        return np.ones(len(self.streams), dtype=np.bool_) if self.in_loop is None else ~self.in_loop

    @cached_property
    def measured_usage(self) -> NDArray[np.float64]:
        """Usage of the measured span, float64[stream, station, UsageColumn]."""
        measured: NDArray[np.float64] = self.usage[self.n_warmup_buckets :].sum(axis=0)
        return measured

    @cached_property
    def carried_in(self) -> NDArray[np.int64]:
        """Actions in flight when the measured span begins, int64[stream]."""
        before = self.counts[: self.n_warmup_buckets].sum(axis=0)
        ended = before[:, CountColumn.SUCCEEDED : CountColumn.ABANDONED + 1].sum(axis=1)
        open_actions: NDArray[np.int64] = before[:, CountColumn.ARRIVED] - ended
        return open_actions

    @cached_property
    def measured_bucket_s(self) -> NDArray[np.float64]:
        """Lengths of the measured buckets, float64[measured bucket] s; the last may be short."""
        n_measured = self.counts.shape[0] - self.n_warmup_buckets
        edges_s = np.minimum(np.arange(n_measured + 1) * self.bucket_s, self.duration_s)
        return np.diff(edges_s)

    def stream_ids(self, selection: Selection = ALL) -> NDArray[np.int64]:
        """Indices of the streams that are selected by whatever tells streams apart; an unknown name is an error."""
        for what, name in selection.of_streams:
            _known(what, name, [getattr(stream, what) for stream in self.streams])
        return np.array(
            [stream_id for stream_id, stream in enumerate(self.streams) if selection.asks(stream)],
            dtype=np.int64,
        )

    def station_ids(self, selection: Selection = ALL) -> NDArray[np.int64]:
        """Indices of the stations selected by target and the target's region; an unknown name is an error."""
        _known("target", selection.target, [station.target for station in self.stations])
        _known("region", selection.region, [station.region for station in self.stations])
        found = [
            station_id
            for station_id, station in enumerate(self.stations)
            if selection.target in (None, station.target) and selection.region in (None, station.region)
        ]
        if selection.target is not None and not found:
            raise ValueError(f"target {selection.target!r} does not run in region {selection.region!r}")
        return np.array(found, dtype=np.int64)


def check_replications(results: Sequence[RunResult]) -> None:
    """Raise ValueError unless the runs are one window of one stage, alike but for their seeds."""
    if not results:
        raise ValueError("no runs to look at")
    first = results[0]
    for result in results[1:]:
        same = (
            result.stage == first.stage
            and result.window == first.window
            and result.duration_s == first.duration_s
            and result.streams == first.streams
            and result.stations == first.stations
        )
        if not same:
            raise ValueError(
                f"run {result.window!r} (stage {result.stage!r}, seed {result.seed}) is not a replication of "
                f"run {first.window!r} (stage {first.stage!r}, seed {first.seed})"
            )
    if len({result.seed for result in results}) != len(results):
        raise ValueError("two replications have the same seed")


def merged_histogram(
    results: Sequence[RunResult], metric: Metric, selection: Selection = ALL
) -> NDArray[np.int64]:
    """Histogram of a measure over all replications and selected streams, int64[bin]."""
    stream_ids = results[0].stream_ids(selection)
    merged = np.zeros(N_BINS, np.int64)
    for result in results:
        merged += result.histogram[stream_ids, metric].sum(axis=0)
    return merged


def merged_wait_histogram(results: Sequence[RunResult], selection: Selection = ALL) -> NDArray[np.int64]:
    """Histogram of the queue waits at the selected stations over all replications, int64[bin]."""
    station_ids = results[0].station_ids(selection)
    merged = np.zeros(N_BINS, np.int64)
    for result in results:
        merged += result.wait_histogram[station_ids].sum(axis=0)
    return merged


def _known(what: str, name: str | None, names: list[str]) -> None:
    if name is not None and name not in names:
        raise ValueError(f"no {what} {name!r} in this run; it has {', '.join(sorted(set(names))) or 'none'}")
