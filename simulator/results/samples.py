"""The raw material of an estimate: one value of a metric per replication (or batch), and their common value.

A metric is a ratio of two sums (availability, mean latency, utilization), or a quantile of a histogram. The
common value of a ratio is the ratio of the sums over all replications; its units are jackknife
pseudo-values, so a Student t interval over them is right for ratios too, and differences of ratios can be
taken unit by unit (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 11). A single run
is cut into batches of time buckets that follow one another where the kernel counted by bucket; elsewhere it
has one value and no interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from simulator.theory.estimate import Estimate
from simulator.theory.intervals import CONFIDENCE as CONFIDENCE  # of every interval in this layer

N_BATCHES = 10  # of one run: few, so that neighbours are nearly independent

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sample:
    """A metric over replications or batches."""

    value: float  # of all of them together
    units: Floats  # [unit] values whose spread tells how sure `value` is; fewer than two: unknown
    ceiling: float = inf  # the metric cannot be above it (nor below 0)
    n_trials: float | None = None  # of a share: how many could have counted
    interval: tuple[float, float] | None = None  # where it is not that of the units' spread


def ratio_sample(over: Floats, under: Floats, *, is_share: bool = False) -> Sample | None:
    """Ratio of two sums over units, with jackknife pseudo-values; None if the denominator is zero.

    Parameters
    ----------
    over, under : float64[unit], numerators and denominators
    is_share : the ratio is a share of trials, at most 1
    """
    return ratio_samples(over[np.newaxis], under[np.newaxis], [is_share])[0]


def ratio_samples(over: Floats, under: Floats, is_share: Sequence[bool]) -> list[Sample | None]:
    """Return `ratio_sample` of many pairs at once, with the same bits.

    Parameters
    ----------
    over, under : float64[ratio, unit], numerators and denominators
    is_share : per ratio
    """
    n_units = over.shape[1]
    total_over = over.sum(axis=1, keepdims=True)
    total_under = under.sum(axis=1, keepdims=True)
    rest_under = total_under - under
    with np.errstate(divide="ignore", invalid="ignore"):  # told apart below
        values = total_over / total_under
        pseudo = n_units * values - (n_units - 1) * (total_over - over) / rest_under
    has_units = (n_units > 1) & (rest_under > 0.0).all(axis=1)
    samples: list[Sample | None] = []
    for row, (value, n_trials) in enumerate(
        zip(values[:, 0].tolist(), total_under[:, 0].tolist(), strict=True)
    ):
        if n_trials <= 0.0:
            samples.append(None)
            continue
        units = pseudo[row] if has_units[row] else np.array([value])
        share = is_share[row]
        samples.append(Sample(value, units, 1.0 if share else inf, n_trials if share else None))
    return samples


def batched(by_bucket: NDArray[np.int64] | Floats) -> Floats:
    """Sums over `N_BATCHES` runs of consecutive buckets (axis 0); all in one if there are fewer buckets."""
    n_buckets = by_bucket.shape[0]
    n_batches = N_BATCHES if n_buckets >= N_BATCHES else 1
    starts = np.arange(n_batches) * n_buckets // n_batches
    return np.add.reduceat(by_bucket, starts, axis=0).astype(np.float64)


def to_estimate(sample: Sample) -> Estimate:
    """Student t interval over a sample's units, kept within what the metric can be.

    Where every trial of a share says the same, 0 % or 100 %, their spread says nothing; the interval is then
    that of as many independent trials without an exception (Clopper and Pearson, Biometrika 26, 1934).
    """
    return to_estimates([sample])[0]


def to_estimates(samples: Sequence[Sample]) -> list[Estimate]:
    """Return `to_estimate` of many samples, with the same bits."""
    units = [sample.units[np.isfinite(sample.units)] for sample in samples]
    half_widths = _half_widths(units)
    estimates = []
    for sample, half_width in zip(samples, half_widths, strict=True):
        value = sample.value
        if sample.interval is not None:
            estimates.append(Estimate(value, *sample.interval))
        elif sample.n_trials is not None and value in (0.0, 1.0):
            certain = ((1.0 - CONFIDENCE) / 2.0) ** (1.0 / sample.n_trials)
            estimates.append(Estimate(value, value * certain, 1.0 - (1.0 - value) * certain))
        elif half_width == inf:
            estimates.append(Estimate(value, -inf, inf))
        else:
            low, high = max(value - half_width, 0.0), min(value + half_width, sample.ceiling)
            estimates.append(Estimate(value, low, high))
    return estimates


def _half_widths(units: Sequence[Floats]) -> list[float]:
    """Half the width of Student's interval for each sample; infinite where there are fewer than two units."""
    widths = [inf] * len(units)
    for n_units in {len(values) for values in units} - {0, 1}:
        rows = [row for row, values in enumerate(units) if len(values) == n_units]
        spread = np.array([units[row] for row in rows]).std(axis=1, ddof=1)
        factor = t_factor(n_units - 1)
        for row, deviation in zip(rows, spread.tolist(), strict=True):
            widths[row] = factor * deviation / sqrt(n_units)
    return widths


def to_signed_estimate(sample: Sample) -> Estimate:
    """Student t interval over a sample's units, of what may be negative, such as a difference."""
    units = sample.units[np.isfinite(sample.units)]
    if len(units) < 2:
        return Estimate(sample.value, -inf, inf)
    half_width = t_factor(len(units) - 1) * float(units.std(ddof=1)) / sqrt(len(units))
    return Estimate(sample.value, sample.value - half_width, sample.value + half_width)


@lru_cache(maxsize=1024)
def t_factor(n_degrees: float) -> float:
    """Two-sided factor of Student's t."""
    return float(stdtrit(n_degrees, 0.5 + CONFIDENCE / 2.0))
