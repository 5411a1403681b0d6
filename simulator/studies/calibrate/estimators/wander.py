"""Does the rate itself wander, how far and for how long? From the dispersion of counts at several scales of time.

Counts around the course of the week have a variance over mean of b² + m·v(T): gaps give b², a rate that wanders the rest,
which grows with the scale T until it exceeds the time constant. The curve is fitted by generalised least squares. How sure
that is, and how much a course that was fitted to the same log hides, tell logs that are simulated with what was found, on
the same hours and through the same estimators (parametric bootstrap).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from simulator.theory.estimate import Estimate

FloatArray = NDArray[np.float64]
Expect = Callable[
    [FloatArray], FloatArray
]  # counts of bins, float64[log, bin], to what was to be expected of each

BINS_S = (60.0, 180.0, 300.0, 900.0, 1800.0, 3600.0)
_PER_BIN = 10.0
_MOST_BINS = 15_000
_LEAST_BLOCKS = 12
_LEAST_SCALES = 3
_DRAWS = 200
_BEYOND = 1.25  # times the farthest of all steady logs
_SUBSTEPS = 4
# What the bootstrap's intervals lack: errors at what was found are smaller than at what it may be, and a course that was
# fitted to the same log hides from both what it has taken up.
WIDER, WIDER_IF_FITTED = 1.5, 1.8

_CVS = np.geomspace(0.02, 2.5, 90)
_N_TIMES = 70
_TERMS = 12


@dataclass(frozen=True)
class Wandering:
    """What counts say of the rate.

    Attributes
    ----------
    cv, time_constant_s : None: the counts do not speak against a steady rate
    scales_s, dispersion : variance over mean of counts, by the length of time in which they are counted
    """

    cv: Estimate | None
    time_constant_s: Estimate | None
    scales_s: FloatArray
    dispersion: tuple[Estimate, ...]


def dispersion_at(scale_s: float, rate_rps: float, cv: float, time_s: float, burstiness: float) -> float:
    """Variance over mean of counts of a rate that wanders so far and so long, in spans of a length."""
    return burstiness**2 + rate_rps * scale_s * float(_excess(cv, np.array([scale_s / time_s]))[0])


def bin_s(rate_rps: float, span_s: float) -> float | None:
    """Width of the bins; None: none is so wide that arrivals in it tell a rate, and still one of many."""
    for width_s in BINS_S:
        if rate_rps * width_s >= _PER_BIN and span_s / width_s <= _MOST_BINS:
            return width_s if span_s / width_s >= _LEAST_BLOCKS * 2 ** (_LEAST_SCALES - 1) else None
    return None


def wandering(
    counts: FloatArray, width_s: float, expect: Expect, gap_cv2: float | None, wider: float = WIDER
) -> Wandering | None:
    """Fit a rate that wanders; None: too few bins.

    Parameters
    ----------
    counts : of bins of one length, one after the other
    expect : the course that is taken out
    gap_cv2 : squared coefficient of variation of the gaps, on the clock of the course; None: unknown, single arrivals come
        by chance
    wider : factor on the intervals of the bootstrap
    """
    blocks = [2**k for k in range(16) if counts.size // 2**k >= _LEAST_BLOCKS]
    if len(blocks) < _LEAST_SCALES:
        return None
    scales_s = width_s * np.array(blocks, dtype=np.float64)
    mean = expect(counts[None])[0]
    generator = np.random.default_rng(1)

    def simulated(cv: float, time_s: float) -> FloatArray:
        drawn = _draw(generator, mean, width_s, cv, time_s, _noise(gap_cv2, cv))
        return _log_dispersion(drawn, expect(drawn), blocks)

    found = _log_dispersion(counts[None], mean[None], blocks)
    steady = simulated(0.0, width_s)
    away = (steady.mean(axis=0) - found[0]) / steady.std(axis=0)
    usual = ((steady.mean(axis=0) - steady) / steady.std(axis=0)).min(axis=1)
    if away.min() > _BEYOND * usual.min():
        spread = _Z * steady.std(axis=0)
        return Wandering(None, None, scales_s, _estimates(found[0], spread))
    curve = _Curve.of(mean, blocks, scales_s, gap_cv2)
    weights = np.diag(1.0 / np.maximum(steady.var(axis=0), 1e-12))
    at = curve.fit(found, weights)[0]
    for _ in range(2):  # the weights, and what the estimate itself is off by, at what was found
        drawn = simulated(*np.exp(at))
        covariance = np.cov(drawn.T) + 1e-6 * np.eye(len(blocks))
        weights = np.asarray(np.linalg.inv(covariance), dtype=np.float64)
        fitted = curve.fit(drawn, weights)
        raw = curve.fit(found, weights)[0]
        at = np.clip(raw - np.median(fitted - at, axis=0), *curve.bounds)
    drawn = simulated(*np.exp(at))
    errors = wider * (curve.fit(drawn, weights) - at)
    low, high = raw - np.quantile(errors, 0.975, axis=0), raw - np.quantile(errors, 0.025, axis=0)
    cv, time_s = (
        Estimate(*np.exp([at[k], min(low[k], at[k]), max(high[k], at[k])]).tolist()) for k in (0, 1)
    )
    return Wandering(cv, time_s, scales_s, _estimates(found[0], _Z * drawn.std(axis=0)))


_Z = 1.959964


def _estimates(logs: FloatArray, spread: FloatArray) -> tuple[Estimate, ...]:
    return tuple(
        Estimate(float(np.exp(one)), float(np.exp(one - half)), float(np.exp(one + half)))
        for one, half in zip(logs, spread, strict=True)
    )


def _noise(gap_cv2: float | None, cv: float) -> float:
    """Squared coefficient of variation of gaps on the clock of the rate as it wanders, of those on the clock of the course.

    Gaps are counted as often as the rate is high: the mean of 1 / rate² over them is that of 1 / rate, 1 + cv².
    """
    if gap_cv2 is None:
        return 1.0
    return max(0.02, (1.0 + gap_cv2) / (1.0 + cv**2) - 1.0)


def _log_dispersion(counts: FloatArray, means: FloatArray, blocks: list[int]) -> FloatArray:
    """Logarithm of the variance over mean of counts, float64[log, scale]."""
    found = []
    for size in blocks:
        n = counts.shape[1] // size
        away, mean = (
            values[:, : n * size].reshape(len(values), n, size).sum(axis=2)
            for values in (counts - means, means)
        )
        found.append(np.log(np.maximum((away**2).sum(axis=1) / mean.sum(axis=1), 1e-9)))
    return np.array(found).T


def _draw(
    generator: np.random.Generator, mean: FloatArray, width_s: float, cv: float, time_s: float, noise: float
) -> FloatArray:
    """Counts of logs with a rate that wanders, float64[log, bin]."""
    rates = np.broadcast_to(mean, (_DRAWS, mean.size))
    if cv > 0.0:
        spread = sqrt(log(1.0 + cv**2))
        kept = float(np.exp(-width_s / _SUBSTEPS / time_s))
        luck = generator.standard_normal((_DRAWS, mean.size * _SUBSTEPS), dtype=np.float32)
        luck[:, 1:] *= sqrt(1.0 - kept**2)
        path = lfilter(np.ones(1, np.float32), np.array([1.0, -kept], np.float32), luck, axis=1)
        factors = np.exp(spread * path - spread**2 / 2.0).reshape(_DRAWS, mean.size, _SUBSTEPS)
        rates = mean * factors.mean(axis=2)
    if noise < 0.99:
        rates = rates + np.sqrt(noise * rates) * generator.standard_normal(rates.shape)
        return np.asarray(np.maximum(0.0, rates), dtype=np.float64)
    if noise > 1.01:
        rates = generator.gamma(np.maximum(rates / (noise - 1.0), 1e-9)) * (noise - 1.0)
    return generator.poisson(rates).astype(np.float64)


def _excess(cv: float, lengths: FloatArray) -> FloatArray:
    """Variance of the mean rate over spans, whose lengths are in time constants, over the squared rate."""
    found, weight = np.zeros_like(lengths), 1.0
    for power in range(1, _TERMS + 1):  # of exp(σ²·exp(−u)) − 1, each of which has an integral
        weight *= log(1.0 + cv**2) / power
        decays = power * lengths
        found += 2.0 * weight * (decays + np.expm1(-decays)) / decays**2
    return found


@dataclass(frozen=True)
class _Curve:
    """Dispersions by scale of every cv and time constant on a grid.

    Attributes
    ----------
    logs : float64[cv, time, scale]
    """

    logs: FloatArray
    log_cvs: FloatArray
    log_times: FloatArray

    @property
    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest of both."""
        ends = (self.log_cvs[[0, -1]], self.log_times[[0, -1]])
        return np.array([end[0] for end in ends]), np.array([end[1] for end in ends])

    @staticmethod
    def of(mean: FloatArray, blocks: list[int], scales_s: FloatArray, gap_cv2: float | None) -> "_Curve":
        """The curves for bins in which so much is expected."""
        times_s = np.geomspace(scales_s[0] / 2.0, 2.0 * scales_s[-1], _N_TIMES)
        sums = [mean[: mean.size // size * size].reshape(-1, size).sum(axis=1) for size in blocks]
        weight = np.array([float((one**2).sum() / one.sum()) for one in sums])
        ages = scales_s[None, :] / times_s[:, None]
        logs = [np.log(_noise(gap_cv2, cv) + weight * _excess(cv, ages)) for cv in _CVS.tolist()]
        return _Curve(np.array(logs), np.log(_CVS), np.log(times_s))

    def fit(self, found: FloatArray, weights: FloatArray) -> FloatArray:
        """Log of cv and time constant with the least distance, float64[log, 2]."""
        grid = self.logs.reshape(-1, self.logs.shape[2])
        root = np.linalg.cholesky(weights)
        grid_w, found_w = grid @ root, found @ root
        distance = (grid_w**2).sum(axis=1) - 2.0 * found_w @ grid_w.T
        places = np.unravel_index(distance.argmin(axis=1), self.logs.shape[:2])
        cube = distance.reshape(len(found), *self.logs.shape[:2])
        return np.array(
            [
                [
                    _vertex(self.log_cvs, cube[k, :, j], i),
                    _vertex(self.log_times, cube[k, i, :], j),
                ]
                for k, (i, j) in enumerate(zip(*places, strict=True))
            ]
        )


def _vertex(at: FloatArray, values: FloatArray, place: int) -> float:
    """Where the parabola through the least value and its neighbours is least."""
    if place in (0, at.size - 1):
        return float(at[place])
    before, here, after = values[place - 1 : place + 2]
    bend = before - 2.0 * here + after
    shift = 0.5 * (before - after) / bend if bend > 0.0 else 0.0
    return float(at[place] + shift * (at[1] - at[0]))
