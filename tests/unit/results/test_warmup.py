"""The warm-up is found in the mean over replications, in seconds from the start of a run."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from simulator.metrics.columns import CountColumn
from simulator.results.run_result import RunResult
from simulator.results.warmup import mean_latency_series_s, warmup_s


def with_transient(run: RunResult, n_buckets: int) -> RunResult:
    """Return the run with latencies that rise from zero over its first buckets."""
    rise = np.minimum(np.arange(run.counts.shape[0]) / n_buckets, 1.0)
    return replace(run, latency_sum_s=run.latency_sum_s * rise[:, np.newaxis])


def test_a_transient_is_cut_and_little_more(make_run: Callable) -> None:
    runs = [make_run(seed, n_warmup=0, n_measured=100, mean_actions=400.0).result for seed in range(8)]
    found = warmup_s([with_transient(run, 20) for run in runs])
    assert 15 * 60.0 <= found <= 30 * 60.0
    assert found % (5 * 60.0) == 0.0


def test_a_short_pilot_says_nothing(make_run: Callable) -> None:
    assert warmup_s([make_run(n_warmup=0, n_measured=9).result]) == 0.0


def test_the_series_is_weighted_by_turns_and_has_no_gaps(make_run: Callable) -> None:
    runs = [make_run(seed, n_measured=4).result for seed in range(3)]
    for run in runs:
        for bucket in (0, 3):
            run.counts[bucket, :, CountColumn.TURNS] = 0
            run.latency_sum_s[bucket] = 0.0
    sums_s = sum(run.latency_sum_s.sum(axis=1) for run in runs)
    turns = sum(run.counts[..., CountColumn.TURNS].sum(axis=1) for run in runs)
    means_s = [sums_s[bucket] / turns[bucket] for bucket in (1, 1, 2, 2, 4, 5)]
    assert mean_latency_series_s(runs) == pytest.approx(means_s)


def test_runs_without_turns_are_refused(make_run: Callable) -> None:
    run = make_run().result
    run.counts[..., CountColumn.TURNS] = 0
    with pytest.raises(ValueError, match="no turn ended"):
        warmup_s([run])
