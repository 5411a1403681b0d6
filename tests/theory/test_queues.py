"""Services against queueing theory.

Each comparison allows four standard errors over 20 replications with fixed seeds: at 19 degrees of freedom, 8 false
alarms in 10,000 comparisons if the seeds were changed.
"""

import math

import pytest

from simulator.metrics.columns import AreaColumn, CountColumn, Metric, UsageColumn
from simulator.theory.abandonment import erlang_a
from simulator.theory.erlang import blocking_and_mean_wait_s, erlang_b, erlang_c, mean_wait_s
from simulator.theory.priority import cobham_waits_s
from simulator.theory.retries import attempts_per_request, failed_share
from simulator.theory.single_server import m_d_1_k_loss, pollaczek_khinchine_wait_s
from tests.theory.experiments import (
    assert_agrees,
    count_shares,
    exponential,
    means,
    one_service,
    replications,
    scenario_of,
    usage_shares,
    utilization,
)


@pytest.mark.parametrize(
    ("servers", "rate_rps", "duration_s"),
    [(1, 0.7, 20_000.0), (8, 7.2, 20_000.0), (8, 6.4, 20_000.0), (50, 45.0, 6_000.0)],
)
def test_many_servers_wait_as_erlang_says(servers: int, rate_rps: float, duration_s: float) -> None:
    """The window is at least 400 relaxation times 1 / (√c - √a)² long, the warm-up before it a tenth as long."""
    scenario = one_service(rate_rps, {"max_ongoing_requests": servers, "service_time": exponential(1.0)})
    results = replications(scenario, duration_s, duration_s / 10.0)
    assert_agrees(means(results, Metric.QUEUE_WAIT), mean_wait_s(servers, rate_rps, 1.0))
    assert_agrees(means(results, Metric.LATENCY), mean_wait_s(servers, rate_rps, 1.0) + 1.0)
    assert_agrees(utilization(results), rate_rps / servers)
    waited = [1.0 - r.wait_histogram[0, 0] / r.wait_histogram[0].sum() for r in results]
    assert_agrees(waited, erlang_c(servers, rate_rps))


def test_a_full_queue_blocks_as_in_m_m_c_k() -> None:
    servers, limit, rate_rps = 4, 6, 4.4
    service = {
        "max_ongoing_requests": servers,
        "max_queued_requests": limit,
        "service_time": exponential(1.0),
    }
    results = replications(one_service(rate_rps, service), 10_000.0, 500.0)
    blocked, wait_s = blocking_and_mean_wait_s(servers, limit, rate_rps, 1.0)
    assert_agrees(count_shares(results, CountColumn.REJECTED, CountColumn.ARRIVED), blocked)
    assert_agrees(means(results, Metric.QUEUE_WAIT), wait_s)


def test_no_queue_at_all_blocks_as_erlang_b_says() -> None:
    service = {
        "max_ongoing_requests": 10,
        "max_queued_requests": 0,
        "service_time": {"distribution": "gamma", "mean": 1.0, "cv": 2.0},
    }
    results = replications(one_service(9.0, service), 10_000.0, 500.0)
    assert_agrees(count_shares(results, CountColumn.REJECTED, CountColumn.ARRIVED), erlang_b(10, 9.0))


@pytest.mark.parametrize(
    ("service_time", "cv"),
    [
        ({"distribution": "constant", "value": 1.0}, 0.0),
        ({"distribution": "lognormal", "mean": 1.0, "cv": 1.5}, 1.5),
        ({"distribution": "gamma", "mean": 1.0, "cv": 0.5}, 0.5),
        ({"distribution": "gamma", "mean": 1.0, "cv": 1.7}, 1.7),
        ({"distribution": "uniform", "low": 0.0, "high": 2.0}, 1 / math.sqrt(3)),
        ({"distribution": "empirical", "quantiles": {0.0: 0.0, 1.0: 2.0}}, 1 / math.sqrt(3)),
    ],
)
def test_one_server_waits_as_pollaczek_and_khinchine_say(service_time: dict[str, object], cv: float) -> None:
    load = 0.7
    results = replications(
        one_service(load, {"max_ongoing_requests": 1, "service_time": service_time}), 40_000.0, 2_000.0
    )
    assert_agrees(means(results, Metric.QUEUE_WAIT), pollaczek_khinchine_wait_s(load, 1.0, cv))


def test_interactive_goes_before_batch_as_cobham_says() -> None:
    servers, rates = 4, (1.5, 2.1)
    steps = [{"call": "desk"}]
    workloads = [
        {"name": "interactive", "arrival_rate": rates[0], "steps": steps},
        {"name": "batch", "arrival_rate": rates[1], "steps": steps, "priority": "batch"},
    ]
    service = {"max_ongoing_requests": servers, "service_time": exponential(1.0)}
    scenario = scenario_of({"workloads": workloads, "services": {"desk": service}})
    results = replications(scenario, 20_000.0, 2_000.0)
    for stream, wait_s in enumerate(cobham_waits_s(servers, rates, 1.0)):
        assert_agrees(means(results, Metric.QUEUE_WAIT, stream), wait_s)


def test_impatient_customers_leave_as_erlang_a_says() -> None:
    servers, rate_rps, patience_s = 5, 5.5, 2.0
    service = {
        "max_ongoing_requests": servers,
        "service_time": exponential(1.0),
        "patience": exponential(patience_s),
    }
    results = replications(one_service(rate_rps, service), 10_000.0, 500.0)
    theory = erlang_a(servers, rate_rps, 1.0, patience_s)
    assert_agrees(count_shares(results, CountColumn.ABANDONED, CountColumn.ARRIVED), theory.abandoned_share)
    assert_agrees(utilization(results), theory.utilization)
    in_system = theory.mean_wait_s * rate_rps + theory.utilization * servers
    assert_agrees([r.areas[0, AreaColumn.IN_SYSTEM_S] / r.duration_s for r in results], in_system)


def test_a_request_bucket_answers_429_as_m_d_1_k_loses() -> None:
    """A bucket of depth K refilled at rate r refuses exactly when M/D/1/K, counting the one in service, is full."""
    depth, rate_rps = 4, 0.9
    service = {"rate_limit": 1.0, "burst": depth, "service_time": {"distribution": "constant", "value": 0.0}}
    results = replications(one_service(rate_rps, service), 40_000.0, 100.0)
    assert_agrees(usage_shares(results, UsageColumn.RATE_LIMITED), m_d_1_k_loss(rate_rps, depth))


def test_parallel_requests_beyond_the_limit_are_refused_as_erlang_b_says() -> None:
    workload = {
        "name": "ask",
        "arrival_rate": 8.0,
        "prompt_tokens": {"distribution": "constant", "value": 10},
        "output_tokens": {"distribution": "constant", "value": 11},
        "steps": [{"generate": "model"}],
    }
    model = {
        "model_name": "model",
        "provider": "own",
        "model": "own",
        "prices": {"input": 0, "output": 0},
        "max_parallel_requests": 9,
        "ttft": exponential(0.5),
        "tpot": {"distribution": "constant", "value": 0.05},
    }
    scenario = scenario_of({"workloads": [workload], "model_list": [model]})
    results = replications(scenario, 5_000.0, 100.0)
    assert_agrees(usage_shares(results, UsageColumn.RATE_LIMITED), erlang_b(9, 8.0))
    assert_agrees(means(results, Metric.TTFT), 0.5)
    assert_agrees(means(results, Metric.LATENCY), 1.0)


def test_retries_amplify_load_as_independent_failures_do() -> None:
    error_rate, retries = 0.3, 3
    parts = {
        "workloads": [{"name": "ask", "arrival_rate": 5.0, "steps": [{"call": "route"}]}],
        "services": {"desk": {"service_time": exponential(0.1), "error_rate": error_rate}},
        "routes": {"route": {"choose": ["desk"], "num_retries": retries}},
    }
    results = replications(scenario_of(parts), 4_000.0, 100.0)
    attempts = [
        r.measured_usage[0, 0, UsageColumn.ATTEMPTS] / r.measured_counts[0, CountColumn.ARRIVED]
        for r in results
    ]
    assert_agrees(attempts, attempts_per_request(error_rate, retries))
    failed = count_shares(results, CountColumn.FAILED, CountColumn.ARRIVED)
    assert_agrees(failed, failed_share(error_rate, retries))
