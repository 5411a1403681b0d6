"""How measurements and analyses end: Argo's rules, case by case."""

import math

import numpy as np
import pytest

from simulator.control.canary_metrics import Seen
from simulator.control.canary_verdict import CanaryPhase, assess, measure, z_worse
from simulator.mechanisms.releases.canary import Analysis, Comparison
from simulator.metrics.columns import CountColumn, Metric
from simulator.numerics.sketch import N_BINS, NEVER, bin_of

S, F, U = CanaryPhase.SUCCESSFUL, CanaryPhase.FAILED, CanaryPhase.INCONCLUSIVE


def seen(correct: int, ended: int) -> Seen:
    """So many right answers of so many actions."""
    counts = np.zeros(len(CountColumn), dtype=np.int64)
    counts[CountColumn.SUCCEEDED] = ended
    counts[CountColumn.CORRECT] = correct
    histogram = np.zeros((len(Metric), N_BINS), dtype=np.int64)
    return Seen(counts, float(ended), float(ended - correct), np.zeros((len(Metric), 3)), histogram)


def analysis(**rules: object) -> Analysis:
    """An analysis of five measurements."""
    return Analysis.model_validate({"interval": 10, "count": 5, **rules})


@pytest.mark.parametrize(
    ("rules", "correct", "expected"),
    [
        ({"success_condition": "success_rate >= 0.8"}, 80, S),
        ({"success_condition": "success_rate >= 0.8"}, 79, F),
        ({"failure_condition": "success_rate < 0.8"}, 79, F),
        ({"failure_condition": "success_rate < 0.8"}, 80, S),
        ({"success_condition": "success_rate >= 0.8", "failure_condition": "success_rate < 0.6"}, 70, U),
        ({"success_condition": "success_rate >= 0.8", "failure_condition": "success_rate < 0.6"}, 59, F),
        ({"success_condition": "success_rate >= stable - 5%"}, 86, S),
        ({"success_condition": "success_rate >= stable - 5%"}, 84, F),
        ({"success_condition": "latency < 1s"}, 90, U),  # nobody was answered: nothing is known
    ],
)
def test_a_measurement(rules: dict[str, object], correct: int, expected: CanaryPhase) -> None:
    assert measure(analysis(**rules), seen(correct, 100), seen(90, 100)) is expected


def test_nothing_seen_is_inconclusive() -> None:
    assert measure(analysis(success_condition="success_rate >= 0.8"), seen(0, 0), seen(9, 10)) is U
    assert measure(analysis(success_condition="success_rate >= stable"), seen(9, 10), seen(0, 0)) is U


def answered(seconds: float, n: int, n_never: int) -> Seen:
    """Answers after a time, and some that never came."""
    found = seen(n, n + n_never)
    found.moments[Metric.LATENCY] = n, n * seconds, n * seconds**2
    found.histogram[Metric.LATENCY, bin_of(seconds)] = n
    found.histogram[Metric.LATENCY, NEVER] = n_never
    return found


@pytest.mark.parametrize(
    ("new", "stable", "expected"),
    [
        (answered(1.0, 1000, 0), answered(1.0, 1000, 0), S),
        (answered(0.1, 1000, 5), answered(1.0, 1000, 0), S),
        (answered(0.1, 100, 900), answered(1.0, 1000, 0), F),  # quick, for the few that are answered
        (answered(0.1, 0, 1000), answered(1.0, 1000, 0), F),
        (answered(0.1, 100, 900), answered(1.0, 100, 900), U),  # neither mean is known
    ],
)
def test_a_mean_is_not_better_of_a_release_that_answers_fewer(
    new: Seen, stable: Seen, expected: CanaryPhase
) -> None:
    assert measure(analysis(success_condition="latency < stable * 1.1"), new, stable) is expected


@pytest.mark.parametrize(
    ("limits", "measurements", "expected"),
    [
        ({}, [S] * 4, None),
        ({}, [S] * 5, S),
        ({}, [S, F], F),
        ({"failure_limit": 1}, [S, F], None),
        ({"failure_limit": 1}, [F, S, F], F),
        ({}, [S, U], U),
        ({"inconclusive_limit": 1}, [S, U], None),
        ({"inconclusive_limit": 1}, [U, U], U),
        ({"consecutive_success_limit": 2, "failure_limit": 2}, [S, F, S], None),
        ({"consecutive_success_limit": 2, "failure_limit": 2}, [S, F, S, S], S),
    ],
)
def test_an_analysis(
    limits: dict[str, int], measurements: list[CanaryPhase], expected: CanaryPhase | None
) -> None:
    assert assess(analysis(success_condition="success_rate >= 0.8", **limits), measurements) is expected


def test_standard_errors_between_two_shares() -> None:
    comparison = Comparison(metric="success_rate", worse_by=0.02)
    z = z_worse(comparison, seen(80, 100), seen(900, 1000))
    assert z == pytest.approx((0.9 - 0.8 - 0.02) / math.sqrt(0.8 * 0.2 / 100 + 0.9 * 0.1 / 1000))
    assert z_worse(comparison, seen(0, 0), seen(9, 10)) == 0.0
    assert z_worse(comparison, seen(0, 5), seen(5, 5)) == math.inf
    assert z_worse(comparison, seen(5, 5), seen(5, 5)) == 0.0
