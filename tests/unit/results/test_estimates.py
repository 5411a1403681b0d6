"""Estimates have known values on synthetic runs, and intervals that cover as often as they say."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from math import inf, log, sqrt

import numpy as np
import pytest

from simulator.compiler.streams import Stream
from simulator.metrics.columns import AreaColumn, CountColumn, Metric, UsageColumn
from simulator.metrics.dimensions import Selection
from simulator.numerics.sketch import N_BINS, bin_edges
from simulator.results.estimates import SAMPLED, SAMPLED_OF_TARGETS, estimate, quantile_level
from simulator.results.run_result import RunResult
from simulator.results.samples import ratio_sample, to_estimate


def test_values_are_those_of_all_replications_together(replications: list[RunResult]) -> None:
    counts = sum(run.measured_counts.sum(axis=0) for run in replications)
    ended = counts[CountColumn.SUCCEEDED : CountColumn.ABANDONED + 1].sum()
    valid = ended - counts[CountColumn.INVALID]
    answered = counts[CountColumn.SUCCEEDED] + counts[CountColumn.DEGRADED]
    time_s = sum(run.duration_s for run in replications)
    expected = {
        "availability": answered / valid,
        "success_rate": counts[CountColumn.CORRECT] / valid,
        "failed_rate": counts[CountColumn.FAILED] / ended,
        "cache_hit_rate": counts[CountColumn.CACHE_HITS] / counts[CountColumn.CACHE_LOOKUPS],
        "goodput_rps": counts[CountColumn.GOOD] / time_s,
        "throughput_rps": answered / time_s,
        "arrival_rps": counts[CountColumn.ARRIVED] / time_s,
    }
    for indicator, value in expected.items():
        found = estimate(replications, indicator)
        assert found.value == pytest.approx(value, rel=1e-12)
        assert found.low < found.value < found.high


def test_measures_are_those_of_the_pooled_values(make_run: Callable) -> None:
    runs = [make_run(seed) for seed in range(1, 6)]
    results = [run.result for run in runs]
    eu = Selection(workload="tickets", region="eu")
    values = np.concatenate([run.latencies_s[0] for run in runs])
    assert estimate(results, "latency", "mean", eu).value == pytest.approx(values.mean(), rel=1e-12)
    assert estimate(results, "latency_s", None, eu).value == pytest.approx(values.mean(), rel=1e-12)
    for statistic, level in (("p50", 0.5), ("p(95)", 0.95), ("p(99.9)", 0.999)):
        found = estimate(results, "latency", statistic, eu)
        assert found.value == pytest.approx(np.quantile(values, level), rel=0.008)
        assert found.low < found.value < found.high


def test_the_interval_of_a_rate_is_students_over_replications(replications: list[RunResult]) -> None:
    rates = np.array(
        [run.measured_counts[:, CountColumn.GOOD].sum() / run.duration_s for run in replications]
    )
    found = estimate(replications, "goodput_rps")
    half_width = 2.7764451 * rates.std(ddof=1) / sqrt(5)  # t(0.975, 4 degrees of freedom), from tables
    assert found.value == pytest.approx(rates.mean(), rel=1e-12)
    assert (found.low, found.high) == pytest.approx(
        (rates.mean() - half_width, rates.mean() + half_width), rel=1e-6
    )


def test_the_jackknife_of_a_ratio_is_the_textbook_one() -> None:
    over, under = np.array([3.0, 5.0, 8.0]), np.array([10.0, 9.0, 21.0])
    sample = ratio_sample(over, under)
    left_out = np.array([13 / 30, 11 / 31, 8 / 19])
    assert sample.value == 16 / 40
    assert sample.units == pytest.approx(3 * 0.4 - 2 * left_out)


def test_a_targets_metrics(replications: list[RunResult]) -> None:
    large = Selection(target="large")
    areas = sum(run.areas[:2].sum(axis=0) for run in replications)
    usage = sum(run.measured_usage[:, :2].sum(axis=(0, 1)) for run in replications)
    time_s = sum(run.duration_s for run in replications)
    assert estimate(replications, "utilization", None, large).value == pytest.approx(0.5)
    assert estimate(replications, "carried_load_erlangs", None, large).value == pytest.approx(
        areas[AreaColumn.BUSY_S] / time_s
    )
    attempts = usage[UsageColumn.ATTEMPTS]
    # every attempt that was not shed took half a second
    assert estimate(replications, "offered_load_erlangs", None, large).value == pytest.approx(
        attempts / time_s * 0.5
    )
    assert estimate(replications, "error_rate", None, large).value == pytest.approx(
        usage[UsageColumn.ERRORS] / attempts
    )
    per_minute = usage[UsageColumn.INPUT_TOKENS] / time_s * 60.0
    assert estimate(replications, "input_tokens_per_minute", None, large).value == pytest.approx(per_minute)
    wait = estimate(replications, "queue_wait_s", "mean", Selection(target="large", region="us"))
    assert abs(wait.value - 0.2) <= 4 * 0.2 / sqrt(5 * 500)  # exponential: standard deviation = mean
    assert wait.low < wait.value < wait.high
    assert estimate(replications, "queue_wait", "p95", large).value == pytest.approx(
        -0.2 * log(0.05), rel=0.1
    )


def test_unlimited_servers_have_no_utilization(replications: list[RunResult]) -> None:
    for run in replications:
        run.areas[:, AreaColumn.SERVERS_S] = 0.0
    assert estimate(replications, "utilization", None, Selection(target="crm")) is None


def test_nothing_observed_is_none(replications: list[RunResult]) -> None:
    nobody = Selection(workload="calls", region="us")
    for indicator in ("latency", "availability", "cache_hit_rate"):
        assert estimate(replications, indicator, None, nobody) is None
    assert estimate(replications, "ttft", "p95") is None
    assert estimate(replications, "goodput_rps", None, nobody).value == 0.0


def test_one_run_has_batches_where_buckets_were_counted(make_run: Callable) -> None:
    run = make_run(3, n_measured=60).result
    for indicator in ("availability", "goodput_rps", "latency"):
        found = estimate([run], indicator)
        assert 0 < found.value - found.low < 0.2 * found.value
    for indicator, statistic in (("latency", "p95"), ("queue_wait", None)):
        found = estimate([run], indicator, statistic)
        assert (found.low, found.high) == (-inf, inf)
    short = make_run(3, n_measured=5).result
    assert estimate([short], "goodput_rps").low == -inf


def test_a_replication_without_observations_does_not_spoil_the_others(make_run: Callable) -> None:
    runs = [make_run(seed).result for seed in range(4)]
    empty = replace(
        runs[0], moments=np.zeros_like(runs[0].moments), histogram=np.zeros_like(runs[0].histogram)
    )
    found = estimate([empty, *runs[1:]], "latency", "p95")
    assert found.value == pytest.approx(-log(0.05), rel=0.1)
    assert 0 < found.high - found.low < 1.0


def test_shares_stay_between_zero_and_one_and_perfection_is_not_certainty() -> None:
    wide = to_estimate(ratio_sample(np.array([99.0, 100.0]), np.array([100.0, 100.0]), is_share=True))
    assert wide.high == 1.0
    perfect = to_estimate(ratio_sample(np.array([150.0, 150.0]), np.array([150.0, 150.0]), is_share=True))
    assert (perfect.value, perfect.high) == (1.0, 1.0)
    assert perfect.low == pytest.approx(0.025 ** (1 / 300))
    none = to_estimate(ratio_sample(np.array([0.0, 0.0]), np.array([150.0, 150.0]), is_share=True))
    assert (none.value, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(1 - 0.025 ** (1 / 300))


@pytest.mark.parametrize(
    ("indicator", "statistic", "selection", "message"),
    [
        ("latencies", None, Selection(), "no metric 'latencies' of actions; there are arrival_rps"),
        ("utilization", None, Selection(), "no metric 'utilization' of actions"),
        (
            "availability",
            None,
            Selection(target="crm"),
            "no metric 'availability' of target 'crm'; there are utilization",
        ),
        ("availability", "p95", Selection(), "'availability' has no 'p95': it is one number"),
        ("latency", "p(950)", Selection(), "unknown statistic"),
        ("latency", "maximum", Selection(), "unknown statistic"),
        ("latency", None, Selection(workload="x"), "no workload 'x'"),
    ],
)
def test_what_does_not_exist_is_an_error(
    replications: list[RunResult], indicator: str, statistic: str | None, selection: Selection, message: str
) -> None:
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        estimate(replications, indicator, statistic, selection)


def test_every_listed_indicator_answers(replications: list[RunResult]) -> None:
    for indicator in SAMPLED:
        estimate(replications, indicator)
    for indicator in SAMPLED_OF_TARGETS:
        estimate(replications, indicator, None, Selection(target="large"))


@pytest.mark.parametrize(
    ("statistic", "level"),
    [("p95", 0.95), ("p(99.9)", 0.999), ("p( 50 )", 0.5), ("p100", 1.0), ("mean", None), (0.95, 0.95)],
)
def test_statistics_are_read(statistic: str | float, level: float | None) -> None:
    assert quantile_level(statistic) == (None if level is None else pytest.approx(level))


@pytest.mark.slow
def test_intervals_cover_as_often_as_they_say() -> None:
    """1,000 experiments of 10 replications of 300 exponential values each; seed 11, |z| <= 4 at 95 %."""
    rng = np.random.default_rng(11)
    n_experiments, truth_p95 = 1000, -log(0.05)
    covered = dict.fromkeys(("mean", "p95", "share"), 0)
    for _ in range(n_experiments):
        results = [_iid_run(rng, seed) for seed in range(10)]
        mean, p95 = (estimate(results, "latency", statistic) for statistic in ("mean", "p95"))
        share = estimate(results, "success_rate")
        covered["mean"] += mean.low <= 1.0 <= mean.high
        covered["p95"] += p95.low <= truth_p95 <= p95.high
        covered["share"] += share.low <= 0.9 <= share.high
    z = {name: (n / n_experiments - 0.95) / sqrt(0.95 * 0.05 / n_experiments) for name, n in covered.items()}
    assert max(abs(value) for value in z.values()) <= 4.0, (covered, z)


_EDGES = bin_edges()


def _iid_run(rng: np.random.Generator, seed: int) -> RunResult:
    """Return a run of one stream with a random number of independent values."""
    n = int(rng.poisson(300))
    values = rng.exponential(1.0, n)
    moments = np.zeros((1, len(Metric), 3))
    moments[0, Metric.LATENCY] = n, values.sum(), (values**2).sum()
    histogram = np.zeros((1, len(Metric), N_BINS), np.int64)
    histogram[0, Metric.LATENCY] = np.bincount(
        np.searchsorted(_EDGES, values, side="right") - 1, minlength=N_BINS
    )
    counts = np.zeros((1, 1, len(CountColumn)), np.int64)
    counts[0, 0, [CountColumn.SUCCEEDED, CountColumn.CORRECT]] = n, rng.binomial(n, 0.9)
    return RunResult(
        seed=seed, stage=None, window="peak", start=datetime(2027, 1, 4, tzinfo=UTC), warmup_s=0.0,
        duration_s=60.0, streams=(Stream("w", "r"),), stations=(), bucket_s=60.0, n_warmup_buckets=0,
        counts=counts, usage=np.zeros((1, 1, 0, len(UsageColumn))), latency_sum_s=np.zeros((1, 1)),
        moments=moments, histogram=histogram, wait_histogram=np.zeros((0, N_BINS), np.int64),
        areas=np.zeros((0, len(AreaColumn))), replica_s=np.zeros(0), max_in_system=np.zeros(0, np.int64),
        in_flight=np.zeros(1, np.int64), n_events=n, wall_s=0.0,
    )  # fmt: skip
