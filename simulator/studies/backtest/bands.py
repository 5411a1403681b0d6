"""How many requests and tokens come in each bucket of time, with the band that eight of ten should lie in?

The mean is the fitted rate with the fitted course. The band has the spread that the fitted part itself showed around its own
fit, and how unsure the rate is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import gamma

from simulator.theory.estimate import Estimate
from simulator.theory.intervals import wilson_interval

FloatArray = NDArray[np.float64]

BAND = 0.8
_WIDTHS_S = (60.0, 300.0, 600.0, 1800.0, 3600.0)
_LEAST = 12  # buckets of the part that is forecast
_DAY_S = 86_400.0
_WEEK_S = 7 * _DAY_S


@dataclass(frozen=True)
class Banded:
    """Buckets of a metric: forecast with its band, what came, and the naive forecast (nan: none)."""

    forecast: FloatArray
    low: FloatArray
    high: FloatArray
    actual: FloatArray
    naive: FloatArray

    @property
    def covered(self) -> Estimate:
        """Share of the buckets within the band."""
        inside = (self.actual >= self.low) & (self.actual <= self.high)
        return wilson_interval(float(inside.sum()), float(inside.size))

    @property
    def error(self) -> float:
        """Sum of absolute errors over the sum of what came."""
        return _relative(self.forecast, self.actual)

    @property
    def naive_error(self) -> float | None:
        """The same of the naive forecast; None: there is none."""
        known = np.isfinite(self.naive)
        return _relative(self.naive[known], self.actual[known]) if known.any() else None


def _relative(forecast: FloatArray, actual: FloatArray) -> float:
    total = float(actual.sum())
    return float(np.abs(forecast - actual).sum()) / total if total > 0.0 else 0.0


def bucket_width_s(tested_s: float) -> float:
    """The widest bucket of which the forecast part has enough."""
    return next((width for width in reversed(_WIDTHS_S) if tested_s >= _LEAST * width), _WIDTHS_S[0])


def banded(
    mean: FloatArray,
    fitted: tuple[FloatArray, FloatArray],
    actual: FloatArray,
    naive: FloatArray,
    unsure: float,
) -> Banded:
    """The band of every bucket.

    Parameters
    ----------
    mean : forecast of each bucket
    fitted : what the fitted part had in its buckets, and what the fit says of them
    unsure : standard deviation of the rate over the rate
    """
    came, thought = (one[fitted[1] > 0.0] for one in fitted)
    spread = float(((came - thought) ** 2 / thought).mean()) if came.size else 1.0
    variance = np.maximum(spread * mean + (unsure * mean) ** 2, 1e-12)
    shape, scale = mean**2 / variance, variance / np.maximum(mean, 1e-12)
    low, high = (
        gamma.ppf(level, np.maximum(shape, 1e-9), scale=scale) for level in (0.5 - BAND / 2, 0.5 + BAND / 2)
    )
    return Banded(mean, np.floor(low), np.ceil(high), actual, naive)


def naive_times_s(first_s: float, cut_s: float) -> tuple[float, str]:
    """How far back the naive forecast looks, and what it is called; 0: there is nothing to look back at."""
    if cut_s - first_s >= _WEEK_S:
        return _WEEK_S, "the same hour a week before"
    if cut_s - first_s >= _DAY_S:
        return _DAY_S, "the same hour a day before"
    return 0.0, "the mean of the fitted part"
