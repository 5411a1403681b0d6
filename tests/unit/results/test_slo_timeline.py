"""Minute by minute: which objectives are missed, how slow it is, and when it is over."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simulator.compiler.blueprint import compile_scenario
from simulator.compiler.demand import stage_window
from simulator.engine import Runner, simulate
from simulator.metrics.columns import CountColumn, Metric
from simulator.numerics.sketch import COARSE_SHIFT, N_BINS, N_COARSE_BINS, bin_edges
from simulator.results.run_result import RunResult
from simulator.results.slo_timeline import (
    coarse_quantile,
    is_hurt,
    is_out,
    latencies,
    observed,
    recovery_s,
    share_above,
)
from simulator.scenario.model import Scenario, Slo
from tests.unit.kernel.desk import desk_scenario


def _slo(indicator: str, objective: str, workload: str | None = None) -> Slo:
    return Slo.model_validate(
        {"name": "slo", "indicator": indicator, "objective": objective, "workload": workload}
    )


@pytest.fixture(scope="module")
def run() -> RunResult:
    """A desk of two workloads, with a time without service: nobody is answered from minute 10 to 15."""
    parts = desk_scenario(3.0).model_dump(mode="json", by_alias=True, exclude_unset=True)
    parts["workloads"].append(parts["workloads"][0] | {"name": "other", "arrival_rate": 1.0})
    parts["incidents"] = [
        {"name": "down", "kind": "replica_loss", "target": "desk", "start": 600.0, "duration": 300.0}
    ]
    scenario = Scenario.model_validate(parts)
    blueprint = compile_scenario(scenario, stage_window(scenario, None, 0.0, 1800.0, 120.0), Path())
    return simulate(blueprint, 1, Runner(record_buckets=True))


def test_the_time_buckets_hold_what_the_histogram_holds(run: RunResult) -> None:
    assert run.bucket_histogram is not None
    coarse = np.zeros(N_COARSE_BINS, np.int64)
    fine = run.histogram[:, Metric.LATENCY].sum(axis=0)
    np.add.at(coarse, np.arange(N_BINS) >> COARSE_SHIFT, fine)
    np.testing.assert_array_equal(latencies(run, "latency").sum(axis=0), coarse)
    is_asked = [
        CountColumn.TURNS,
        CountColumn.FAILED,
        CountColumn.ABANDONED,
    ]  # at this desk nobody fails after an answer
    by_bucket = run.counts[run.n_warmup_buckets :, :, is_asked].sum(axis=(1, 2))
    np.testing.assert_array_equal(latencies(run, "latency").sum(axis=1), by_bucket)
    each = [latencies(run, "latency", workload) for workload in ("ask", "other")]
    np.testing.assert_array_equal(sum(each), latencies(run, "latency"))


def test_what_is_not_kept_changes_nothing_else() -> None:
    parts = desk_scenario(3.0)
    blueprint = compile_scenario(parts, stage_window(parts, None, 0.0, 600.0, 0.0), Path())
    with_it, without = (simulate(blueprint, 1, Runner(record_buckets=kept)) for kept in (True, False))
    assert without.bucket_histogram is None
    np.testing.assert_array_equal(with_it.histogram, without.histogram)


def test_minutes_without_an_answer_are_out_of_every_objective(run: RunResult) -> None:
    found = is_out(run, [_slo("availability", ">= 90%")])
    assert run.bucket_s == 60.0
    assert np.flatnonzero(found).tolist() == [10, 11, 12, 13, 14]


def test_slow_minutes_are_out_of_an_objective_on_latency(run: RunResult) -> None:
    found = is_out(run, [_slo("latency", "p(90) < 20s")])
    assert found[15:18].all(), "those who waited have waited for minutes"
    assert not found[:10].any()
    assert not found[-5:].any()


def test_a_share_is_held_minute_by_minute_and_for_its_workload(run: RunResult) -> None:
    counts = run.counts.copy()
    minute = run.n_warmup_buckets + 3
    n_answered = counts[minute, 1, CountColumn.SUCCEEDED]
    counts[minute, 1, CountColumn.CORRECT] = int(0.8 * n_answered)
    worse = replace(run, counts=counts)
    assert np.flatnonzero(is_out(worse, [_slo("success_rate", ">= 90%", "other")]))[0] == 3
    assert 3 not in np.flatnonzero(is_out(worse, [_slo("success_rate", ">= 90%", "ask")]))
    assert 3 not in np.flatnonzero(is_out(worse, [_slo("success_rate", ">= 75%", "other")]))


def test_a_run_is_hurt_where_its_twin_is_well_or_much_better(run: RunResult) -> None:
    slo = _slo("success_rate", ">= 90%")
    counts = run.counts.copy()
    first = run.n_warmup_buckets
    for minute, share in ((1, 0.85), (2, 0.85), (3, 0.60), (4, 0.95)):
        row = counts[first + minute]
        row[:, CountColumn.CORRECT] = (share * row[:, CountColumn.SUCCEEDED]).astype(int)
    worse = replace(run, counts=counts)
    twin_counts = run.counts.copy()
    for minute in (2, 3):
        row = twin_counts[first + minute]
        row[:, CountColumn.CORRECT] = (0.85 * row[:, CountColumn.SUCCEEDED]).astype(int)
    twin = replace(run, counts=twin_counts)
    assert np.flatnonzero(is_hurt(worse, twin, [slo])[:10]).tolist() == [1, 3]
    assert not is_hurt(run, run, [slo]).any()


def test_monitoring_counts_what_it_can_see(run: RunResult) -> None:
    """Answers by their count, times by their bins, and what is right only where somebody looked."""
    first = run.n_warmup_buckets
    counts = run.counts.copy()
    counts[first + 3, 0, CountColumn.REVIEWED] = 8
    counts[first + 3, 0, CountColumn.REVIEWED_RIGHT] = 6
    seen = replace(run, counts=counts)
    missed, total = observed(seen, _slo("success_rate", ">= 90%"))
    assert (missed[3], total[3], total.sum()) == (2.0, 8.0, 8.0)
    missed, total = observed(run, _slo("availability", ">= 90%", "ask"))
    own = run.counts[first:, 0]
    assert missed.sum() == own[:, CountColumn.FAILED : CountColumn.ABANDONED + 1].sum()
    assert total.sum() == own[:, CountColumn.SUCCEEDED : CountColumn.ABANDONED + 1].sum()
    missed, total = observed(run, _slo("latency", "p(95) < 2s"))
    np.testing.assert_array_equal(total, latencies(run, "latency").sum(axis=1))
    np.testing.assert_allclose(missed, share_above(latencies(run, "latency"), 2.0) * total)


def test_who_waits_for_too_long_is_late_before_the_answer_comes() -> None:
    """Of four replicas three are gone for 15 minutes, without time-outs: the queue is late long before it is served."""
    slo = _slo("latency", "p95 < 20s")
    desk = desk_scenario(3.0, replicas=4, max_ongoing_requests=2)
    parts = desk.model_dump(mode="json", by_alias=True, exclude_unset=True)
    parts["slos"] = [slo.model_dump(mode="json", by_alias=True, exclude_unset=True)]
    parts["incidents"] = [
        {
            "name": "less",
            "kind": "replica_loss",
            "target": "desk",
            "start": 600.0,
            "duration": 900.0,
            "replicas": 3,
        }
    ]
    scenario = Scenario.model_validate(parts)
    blueprint = compile_scenario(scenario, stage_window(scenario, None, 0.0, 5400.0, 120.0), Path())
    found = simulate(blueprint, 1, Runner(record_buckets=True))
    late = share_above(latencies(found, "latency"), 20.0) * latencies(found, "latency").sum(axis=1)
    missed, total = observed(found, slo)
    assert (missed <= total + 1e-9).all()
    end = (600 + 900) // 60
    assert missed[:end].sum() > 1.25 * late[:end].sum(), "who is still in the queue counts"
    assert missed.sum() == pytest.approx(late.sum(), rel=0.03), "and once only"


def test_only_shares_and_percentiles_have_a_pulse() -> None:
    assert _slo("availability", ">= 99%").counts_actions
    assert _slo("ttft", "p(95) < 2s").counts_actions
    assert not _slo("latency", "mean < 2s").counts_actions
    assert not _slo("cost_per_action", "< $1").counts_actions


def test_quantiles_and_shares_of_coarse_bins() -> None:
    values = np.random.default_rng(1).lognormal(0.0, 0.7, 200_000)
    edges = bin_edges()
    bins = (np.searchsorted(edges, values, side="right") - 1) >> COARSE_SHIFT
    histogram = np.bincount(bins, minlength=N_COARSE_BINS)
    for level in (0.05, 0.5, 0.95, 0.99):
        assert coarse_quantile(histogram, level) == pytest.approx(np.quantile(values, level), rel=0.01)
    for limit in (0.3, 1.0, 2.7):
        assert share_above(histogram[None], limit)[0] == pytest.approx((values > limit).mean(), abs=0.004)
    assert np.isnan(coarse_quantile(np.zeros(N_COARSE_BINS, np.int64), 0.5))
    assert share_above(np.zeros((1, N_COARSE_BINS), np.int64), 1.0)[0] == 0.0


@pytest.mark.parametrize(
    ("hurt", "expected"),
    [
        ("1111 00000000", 0.0),
        ("1111 11000000", 120.0),
        ("1111 10010000", 240.0),  # it comes back within five minutes: it was not over
        ("1111 11111111", float("nan")),
        ("1111 11111110", 420.0),
    ],
)
def test_it_is_over_when_it_stays_over(hurt: str, expected: float) -> None:
    minutes = np.array([letter == "1" for letter in hurt.replace(" ", "")])
    assert recovery_s(minutes, 60.0, 240.0, 5) == pytest.approx(expected, nan_ok=True)


def test_time_to_recover_counts_from_the_very_end() -> None:
    minutes = np.array([True] * 6 + [False] * 6)
    assert recovery_s(minutes, 60.0, 250.0, 5) == pytest.approx(110.0)
