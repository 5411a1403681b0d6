"""A rate that wanders, measured: what was drawn lies in its interval, and a steady rate is called steady."""

from math import exp, log, sqrt

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

from simulator.studies.calibrate.estimators.wander import bin_s, dispersion_at, wandering
from simulator.studies.calibrate.wander_findings import FoundWander, LogFinding
from simulator.theory.estimate import Estimate

FloatArray = NDArray[np.float64]


def _counts(seed: int, n: int, mean: float, cv: float, time_s: float) -> FloatArray:
    """Counts of minutes of Poisson arrivals whose rate wanders."""
    generator, spread = np.random.default_rng(seed), sqrt(log(1.0 + cv**2))
    kept = exp(-60.0 / 8.0 / time_s)
    luck = generator.standard_normal(8 * n)
    luck[1:] *= sqrt(1.0 - kept**2)
    path = lfilter([1.0], [1.0, -kept], luck)
    factors = np.exp(spread * path - spread**2 / 2.0).reshape(n, 8).mean(axis=1)
    return generator.poisson(mean * factors).astype(np.float64)


def _flat(counts: FloatArray) -> FloatArray:
    return np.repeat(counts.mean(axis=1, keepdims=True), counts.shape[1], axis=1)


def _gap_cv2(cv: float) -> float:
    """Of Poisson arrivals, on the clock of the course."""
    return 2.0 * (1.0 + cv**2) - 1.0


@pytest.mark.parametrize(("cv", "time_s"), [(0.3, 400.0), (0.5, 1200.0)])
def test_what_was_drawn_is_found_again(cv: float, time_s: float) -> None:
    found = wandering(_counts(1, 1400, 30.0, cv, time_s), 60.0, _flat, _gap_cv2(cv))
    assert found is not None
    assert found.cv is not None
    assert found.time_constant_s is not None
    assert found.cv.low <= cv <= found.cv.high < 3.0 * found.cv.low
    assert found.time_constant_s.low <= time_s <= found.time_constant_s.high


@pytest.mark.slow
@pytest.mark.parametrize(("cv", "time_s"), [(0.3, 400.0), (0.5, 1200.0)])
def test_intervals_hold_the_truth(cv: float, time_s: float) -> None:
    hits = np.zeros(2)
    for seed in range(100):
        found = wandering(_counts(seed, 1400, 30.0, cv, time_s), 60.0, _flat, _gap_cv2(cv))
        assert found is not None
        assert found.cv is not None
        assert found.time_constant_s is not None
        hits += [
            found.cv.low <= cv <= found.cv.high,
            found.time_constant_s.low <= time_s <= found.time_constant_s.high,
        ]
    assert hits.min() >= 90  # of 95 %: fewer once in 35


def test_a_steady_rate_is_called_steady() -> None:
    """Of twelve steady logs one in a thousand may be taken for one that wanders; of these none is."""
    hits = 0
    for seed in range(12):
        found = wandering(_counts(seed, 600, 20.0, 1e-6, 600.0), 60.0, _flat, 1.0)
        assert found is not None
        assert found.cv is None
        hits += found.dispersion[0].low < 1.0 < found.dispersion[0].high
    assert hits >= 9  # of 95 %: fewer once in 450


def test_bins_hold_enough_and_the_log_enough_bins() -> None:
    assert bin_s(1.0, 86_400.0) == 60.0
    assert bin_s(0.02, 7 * 86_400.0) == 900.0
    assert bin_s(1.0, 30 * 86_400.0) == 180.0  # no more than 15,000 of them
    assert bin_s(1.0, 600.0) is None
    assert bin_s(1e-5, 86_400.0) is None


def test_dispersion_in_closed_form() -> None:
    """Spans far shorter than the time constant have all its variance, far longer ones 2 τ / T of it where cv is small."""
    assert dispersion_at(1.0, 10.0, 0.3, 1e6, 1.0) == pytest.approx(1.0 + 10.0 * 0.09, rel=1e-3)
    small = dispersion_at(1e5, 10.0, 0.01, 100.0, 1.4)
    assert small == pytest.approx(1.96 + 10.0 * 1e-4 * 2.0 * 100.0, rel=2e-2)


def test_gaps_without_the_rate() -> None:
    """Poisson arrivals at a rate with this cv have gaps with 1 + c² = 2 (1 + cv²)."""
    cv = Estimate(0.5, 0.4, 0.6)
    gaps = Estimate(sqrt(_gap_cv2(0.5)), 1.2, 1.25)
    found = FoundWander(LogFinding(), cv, Estimate(600.0, 400.0, 900.0)).of_single_gaps(gaps)
    assert found.value == pytest.approx(1.0)
    assert found.low < 1.0 < found.high
    assert FoundWander(LogFinding()).of_single_gaps(gaps) is gaps
