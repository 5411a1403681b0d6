"""Selecting from runs and merging them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.metrics.columns import CountColumn, Metric
from simulator.metrics.dimensions import Selection
from simulator.results.run_result import (
    RunResult,
    check_replications,
    merged_histogram,
    merged_wait_histogram,
)


def test_measured_counts_leave_the_warm_up_out(make_run: Callable) -> None:
    run = make_run(n_warmup=3).result
    assert np.array_equal(run.measured_counts, run.counts[3:].sum(axis=0))
    assert np.array_equal(run.measured_usage, run.usage[3:].sum(axis=0))


def test_carried_in_closes_the_balance_of_the_measured_span(make_run: Callable) -> None:
    run = make_run().result
    outcomes = run.measured_counts[:, CountColumn.SUCCEEDED : CountColumn.ABANDONED + 1].sum(axis=1)
    assert np.array_equal(
        run.carried_in + run.measured_counts[:, CountColumn.ARRIVED], outcomes + run.in_flight
    )


def test_the_last_bucket_may_be_short(make_run: Callable) -> None:
    run = replace(make_run().result, duration_s=19.5 * 60.0)
    assert run.measured_bucket_s.sum() == pytest.approx(19.5 * 60.0)
    assert run.measured_bucket_s[-1] == pytest.approx(30.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"in_flight": np.zeros(2, np.int64)}, "in_flight"),
        ({"duration_s": 25 * 60.0}, "counts"),
        ({"n_warmup_buckets": 3}, "warm-up"),
        ({"duration_s": 0.0}, "positive duration"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(make_run: Callable, change: dict, message: str) -> None:
    run = make_run().result
    with pytest.raises(ValueError, match=message):
        replace(run, **change)


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(), [0, 1, 2]),
        (Selection(workload="tickets"), [0, 1]),
        (Selection(region="eu"), [0, 2]),
        (Selection(workload="calls", region="us"), []),
    ],
)
def test_streams_are_selected_by_workload_and_region(
    make_run: Callable, selection: Selection, expected: list[int]
) -> None:
    assert make_run().result.stream_ids(selection).tolist() == expected


def test_stations_are_selected_by_target_and_its_region(make_run: Callable) -> None:
    run = make_run().result
    assert run.station_ids(Selection(target="large")).tolist() == [0, 1]
    assert run.station_ids(Selection(target="large", region="us")).tolist() == [1]


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        (Selection(target="largo"), "no target 'largo' in this run; it has crm, large"),
        (Selection(target="large", region="mars"), "no region 'mars'"),
        (Selection(target="crm", region="us"), "'crm' does not run in region 'us'"),
    ],
)
def test_unknown_stations_are_named(make_run: Callable, selection: Selection, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_run().result.station_ids(selection)


def test_an_unknown_workload_is_named(make_run: Callable) -> None:
    with pytest.raises(ValueError, match="no workload 'ticket' in this run; it has calls, tickets"):
        make_run().result.stream_ids(Selection(workload="ticket"))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seeds=st.lists(st.integers(0, 50), min_size=1, max_size=4, unique=True), data=st.data())
def test_merging_is_adding_in_any_order_and_over_any_partition(
    make_run: Callable, seeds: list[int], data: st.DataObject
) -> None:
    runs = [make_run(seed, n_measured=3, mean_actions=5.0).result for seed in seeds]
    shuffled = data.draw(st.permutations(runs))
    metric = data.draw(st.sampled_from([Metric.LATENCY, Metric.QUEUE_WAIT, Metric.TTFT]))
    merged = merged_histogram(runs, metric)
    assert np.array_equal(merged, merged_histogram(shuffled, metric))
    by_workload = [merged_histogram(runs, metric, Selection(workload=name)) for name in ("tickets", "calls")]
    by_region = [merged_histogram(runs, metric, Selection(region=name)) for name in ("eu", "us")]
    assert np.array_equal(merged, sum(by_workload))
    assert np.array_equal(merged, sum(by_region))
    assert np.array_equal(merged, sum(merged_histogram([run], metric) for run in runs))
    waits = [merged_wait_histogram(runs, Selection(target=name)) for name in ("large", "crm")]
    assert np.array_equal(merged_wait_histogram(shuffled), sum(waits))


def test_replications_must_be_alike_but_for_the_seed(replications: list[RunResult]) -> None:
    check_replications(replications)
    with pytest.raises(ValueError, match="same seed"):
        check_replications([replications[0], replications[0]])
    with pytest.raises(ValueError, match="not a replication"):
        check_replications([replications[0], replace(replications[1], stage="global")])
    with pytest.raises(ValueError, match="no runs"):
        check_replications([])
