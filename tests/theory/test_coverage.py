"""Do intervals hold what they promise, and does a warm-up end where the transient does?

An interval of 95 % must hold the true value in 95 of 100 experiments. 400 experiments tell that to a percentage point,
so 92 to 98 % is within 2.75 standard errors on either side.
"""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.compiler.blueprint import compile_scenario
from simulator.compiler.demand import stage_window
from simulator.engine import simulate
from simulator.metrics.columns import Metric
from simulator.results.warmup import mean_latency_series_s, warmup_s
from simulator.theory.erlang import mean_wait_s
from simulator.theory.intervals import mean_interval, ratio_interval
from tests.theory.coverage import cases, coverage
from tests.theory.experiments import exponential, one_service, replications, z_of

N_PER_EXPERIMENT = 10


def _waits(n_experiments: int) -> NDArray[np.float64]:
    """Number and sum of the queue waits in M/M/8 at 80 % load, float64[experiment, replication, 2]."""
    scenario = one_service(6.4, {"max_ongoing_requests": 8, "service_time": exponential(1.0)})
    blueprint = compile_scenario(scenario, stage_window(scenario, None, 0.0, 600.0, 120.0), Path())
    n_runs = n_experiments * N_PER_EXPERIMENT
    moments = [simulate(blueprint, seed).moments[0, Metric.QUEUE_WAIT, :2] for seed in range(n_runs)]
    return np.array(moments).reshape(n_experiments, N_PER_EXPERIMENT, 2)


@pytest.mark.slow
def test_intervals_over_replications_hold_the_true_mean_wait_as_often_as_they_say() -> None:
    waits = _waits(400)
    theory_s = mean_wait_s(8, 6.4, 1.0)
    jackknife = [ratio_interval(sums, counts) for counts, sums in waits.transpose(0, 2, 1)]
    student = [mean_interval(sums / counts) for counts, sums in waits.transpose(0, 2, 1)]
    for intervals in (jackknife, student):
        coverage = np.mean([interval.low <= theory_s <= interval.high for interval in intervals])
        assert 0.92 <= coverage <= 0.98
    assert abs(z_of([interval.value for interval in jackknife], theory_s)) <= 4.0


@pytest.mark.slow
def test_narrower_intervals_hold_it_less_often() -> None:
    """80 % intervals in 80 % of 150 experiments, within 2.75 standard errors of 3.27 points (6 false alarms in 1,000).

    Intervals of 95 % would be seen: they hold it in less than 89 % of 150 experiments in one case in 2,000.
    """
    waits = _waits(150)
    theory_s = mean_wait_s(8, 6.4, 1.0)
    intervals = [ratio_interval(sums, counts, 0.8) for counts, sums in waits.transpose(0, 2, 1)]
    coverage = np.mean([interval.low <= theory_s <= interval.high for interval in intervals])
    assert 0.71 <= coverage <= 0.89


def test_mser_5_cuts_most_of_the_transient_of_a_queue_that_starts_empty() -> None:
    """M/M/1 at 90 % load has a relaxation time of 1 / (1 - √0.9)² = 380 service times (Cohen, The Single Server Queue).

    The cut is between one and eight of them; the requests in the system (by Little's law the rate times the mean
    latency) are plainly too few before it, and within four standard errors of theory after it.
    """
    load, mean_s = 0.9, 10.0
    scenario = one_service(load, {"max_ongoing_requests": 1, "service_time": exponential(1.0)})
    runs = replications(scenario, 7_200.0, 0.0, n=400)
    bucket_s = runs[0].bucket_s
    assert bucket_s == 60.0
    cut = round(warmup_s(runs) / bucket_s)
    assert 380.0 <= cut * bucket_s <= 8 * 380.0
    assert mean_latency_series_s(runs)[0] < mean_s / 2
    before, after = (
        [r.latency_sum_s[part, 0].mean() / bucket_s for r in runs] for part in (slice(cut), slice(cut, None))
    )
    assert z_of(before, load * mean_s) < -8.0
    assert abs(z_of(after, load * mean_s)) <= 4.0


N_OF_EACH = 40  # experiments: enough to see an interval that holds in 80 %, not in 93 %


@pytest.mark.slow
@pytest.mark.parametrize("name", list(cases()))
def test_intervals_of_a_run_as_long_as_it_makes_itself_hold_the_value(name: str) -> None:
    """All eight statistics together, so that two or three of them by chance do not fail the test."""
    found = coverage(name, cases()[name], N_OF_EACH)
    assert np.mean([of.share for of in found]) >= 0.92
    assert min(of.share for of in found) >= 0.8


@pytest.mark.slow
def test_intervals_of_percentiles_hold_them_on_a_busy_queue() -> None:
    """M/M/1 at 80 %: 300 experiments hold all eight statistics in 93.3 to 95.3 %.

    Of 60, whose statistics go together, the mean is below 86 % in about one of a thousand sets of seeds.
    """
    found = coverage(
        "M/M/1", one_service(0.8, {"max_ongoing_requests": 1, "service_time": exponential(1.0)}), 60
    )
    assert {of.statistic: of.share for of in found if of.measure == "latency"}["p99"] >= 0.85
    assert np.mean([of.share for of in found]) >= 0.86
