"""The Bernoulli CUSUM: exact run lengths against small charts by hand, a dense chain, simulation and its own delays."""

import numpy as np
import pytest

from simulator.theory.cusum import Cusum, chart_of, delay, run_length, weight_of_wrong


def test_an_alarm_at_the_first_wrong_answer_is_geometric() -> None:
    assert run_length(Cusum(2, 1), 0.2) == pytest.approx(5.0)


def test_two_wrong_in_a_row() -> None:
    """M = 2, h = 2: from 0 a wrong one leads to 1, from there a wrong one to the alarm, a right one back: (1 + q) / q²."""
    q = 0.3
    assert run_length(Cusum(2, 2), q) == pytest.approx((1.0 + q) / q**2)


@pytest.mark.parametrize(("chart", "wrong"), [(Cusum(5, 17), 0.1), (Cusum(9, 40), 0.08), (Cusum(3, 3), 0.5)])
def test_run_lengths_are_those_of_the_whole_chain(chart: Cusum, wrong: float) -> None:
    n = chart.threshold
    step = np.zeros((n, n))
    for state in range(n):
        step[state, max(0, state - 1)] += 1.0 - wrong
        if state + chart.wrong_adds - 1 < n:
            step[state, state + chart.wrong_adds - 1] += wrong
    expected = np.linalg.solve(np.eye(n) - step, np.ones(n))[0]
    assert run_length(chart, wrong) == pytest.approx(expected, rel=1e-9)
    constant = delay(chart, np.full(100_000, wrong))
    assert constant.mean == pytest.approx(expected, rel=2e-3)


def test_the_weight_is_that_of_the_likelihood_ratio() -> None:
    """q₀ = 1 %, q₁ = 2.5 %: r₁ = 0.01527, r₂ = 0.93156, and so m = 61."""
    assert weight_of_wrong(0.01, 0.025) == 61


@pytest.mark.parametrize(("healthy", "worse"), [(0.07, 0.12), (0.01, 0.03), (0.2, 0.25)])
def test_a_chart_keeps_its_false_alarms_and_no_lower_threshold_does(healthy: float, worse: float) -> None:
    chart = chart_of(healthy, worse, 5_000.0)
    assert run_length(chart, healthy) >= 5_000.0
    assert run_length(Cusum(chart.wrong_adds, chart.threshold - 1), healthy) < 5_000.0
    assert run_length(chart, worse) < 500.0


def test_delays_under_drift_are_those_of_simulated_charts() -> None:
    """Four thousand charts on answers that get worse: mean within four standard errors, and the 90th percentile."""
    chart = chart_of(0.07, 0.12, 3_000.0)
    n_charts, n_answers = 4_000, 1_500

    def wrong_at(k: int) -> float:
        return 0.07 + 1e-4 * k

    generator = np.random.default_rng(5)
    wrong = (
        generator.random((n_answers, n_charts))
        < np.array([wrong_at(k) for k in range(1, n_answers + 1)])[:, None]
    )
    state = np.zeros(n_charts, dtype=int)
    found = np.zeros(n_charts, dtype=int)
    for k in range(n_answers):
        state = np.maximum(0, state - 1 + chart.wrong_adds * wrong[k])
        found[(state >= chart.threshold) & (found == 0)] = k + 1
    assert (found > 0).all()
    exact = delay(chart, np.array([wrong_at(k) for k in range(1, n_answers + 1)]))
    assert abs(found.mean() - exact.mean) < 4.0 * found.std() / np.sqrt(n_charts)
    assert (found.astype(float) ** 2).mean() == pytest.approx(exact.mean_square, rel=0.05)
    assert np.quantile(found, 0.9) == pytest.approx(exact.p90, rel=0.05)


def test_what_is_not_surely_seen_in_time_has_no_mean() -> None:
    found = delay(Cusum(15, 200), np.full(100, 0.05))
    assert (found.mean, found.p90) == (np.inf, np.inf)
