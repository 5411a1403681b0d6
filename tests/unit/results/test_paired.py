"""Paired differences: exact values, narrower than independent ones, and only between equal seeds."""

from collections.abc import Callable
from dataclasses import replace
from math import inf, sqrt

import numpy as np
import pytest

from simulator.metrics.columns import CountColumn
from simulator.results.paired import paired_difference
from simulator.results.run_result import RunResult


def with_more_good(run: RunResult, n_more: int) -> RunResult:
    """Return the run with `n_more` more good actions in its first measured bucket."""
    counts = run.counts.copy()
    counts[run.n_warmup_buckets, 0, CountColumn.GOOD] += n_more
    return replace(run, counts=counts)


def test_the_difference_is_students_over_pairs(replications: list[RunResult]) -> None:
    extra = [10, 12, 9, 11, 13]
    after = [with_more_good(run, n) for run, n in zip(replications, extra, strict=True)]
    found = paired_difference(replications, after[::-1], "goodput_rps")
    differences = np.array(extra) / replications[0].duration_s
    half_width = 2.7764451 * differences.std(ddof=1) / sqrt(5)  # t(0.975, 4), from tables
    assert found.difference.value == pytest.approx(differences.mean())
    assert found.difference.high - found.difference.value == pytest.approx(half_width, rel=1e-6)
    assert found.after - found.before == pytest.approx(found.difference.value)
    assert found.n_pairs == 5


def test_pairing_is_compared_with_independence(make_run: Callable) -> None:
    before = [make_run(seed, mean_latency_s=1.0).result for seed in range(8)]
    after = [make_run(seed, mean_latency_s=1.1).result for seed in range(8)]
    found = paired_difference(before, after, "latency", "p95")
    assert found.variance_ratio < 0.1  # the same draws, each 10 % longer
    width = found.difference.high - found.difference.low
    assert width < 0.5 * (found.independent.high - found.independent.low)
    assert found.difference.low > 0.0


def test_no_change_is_no_difference(replications: list[RunResult]) -> None:
    found = paired_difference(replications, replications, "availability")
    assert (found.difference.low, found.difference.value, found.difference.high) == (0.0, 0.0, 0.0)
    assert found.variance_ratio == 0.0


def test_welch_agrees_with_scipy(make_run: Callable) -> None:
    from scipy.stats import ttest_ind

    before = [make_run(seed).result for seed in range(6)]
    after = [make_run(seed, mean_actions=60.0).result for seed in range(6)]
    found = paired_difference(before, after, "goodput_rps")
    rates = [
        [run.measured_counts[:, CountColumn.GOOD].sum() / run.duration_s for run in runs]
        for runs in (before, after)
    ]
    interval = ttest_ind(rates[1], rates[0], equal_var=False).confidence_interval(0.95)
    assert (found.independent.low, found.independent.high) == pytest.approx(tuple(interval))


def test_one_pair_says_nothing_about_its_certainty(replications: list[RunResult]) -> None:
    found = paired_difference(replications[:1], replications[:1], "latency")
    assert (found.difference.low, found.difference.value, found.difference.high) == (-inf, 0.0, inf)
    assert found.variance_ratio is None


def test_nothing_observed_is_none(replications: list[RunResult]) -> None:
    assert paired_difference(replications, replications, "ttft", "p95") is None


def test_other_seeds_are_refused(replications: list[RunResult]) -> None:
    for others in (replications[1:], [*replications[1:], replications[1]], []):
        with pytest.raises(ValueError, match="same seeds"):
            paired_difference(others and replications, others, "latency")
