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
from scipy.special import betaincinv, stdtrit

from simulator.numerics.sketch import NEVER, bin_edges
from simulator.results.product_limit import product_limit
from simulator.results.quantiles import quantiles, quantiles_of_shares
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
    at_least: Floats | None = None  # [1 + unit] what `value` and the units exceed where they are infinite


def quantile_samples(
    histograms: NDArray[np.int64],
    levels: Sequence[float],
    waiting: NDArray[np.int64] | None = None,
    limits_s: Sequence[float] | None = None,
) -> list[list[Sample]]:
    """Return, per measure, a sample per level: the quantile of all histograms pooled, and of each.

    A quantile that falls among those without an answer is infinite.

    Parameters
    ----------
    histograms : int64[measure, unit, bin]
    levels : each in [0, 1]
    waiting : int64[2, measure, unit, bin], times waited so far at the end and at the beginning; None: nobody waits
    limits_s : per measure, which whoever is not answered exceeds; nan: not known
    """
    stacked = _with_pooled(histograms)
    n_measures, n_rows, n_bins = stacked.shape
    rows = stacked.reshape(-1, n_bins)
    values = quantiles(rows, levels)
    at_least: Floats | None = None
    if waiting is not None and waiting.any():
        ends = [_with_pooled(side).reshape(-1, n_bins) for side in waiting]
        shares, unknown, known_s = product_limit(rows, ends[0], ends[1])
        values = quantiles_of_shares(shares, levels)
        at_least = _bounds(rows, levels, limits_s, n_rows, shares[:, NEVER] - unknown, known_s)
    elif np.isinf(values).any():
        last = NEVER - 1 - np.argmax(rows[:, NEVER - 1 :: -1] > 0, axis=1)
        known_s = np.where(rows[:, :NEVER].any(axis=1), bin_edges()[last], 0.0)
        never = rows[:, NEVER] / np.maximum(rows.sum(axis=1), 1)
        at_least = _bounds(rows, levels, limits_s, n_rows, never, known_s)
    of = values.reshape(n_measures, n_rows, len(levels))
    bounds = None if at_least is None else at_least.reshape(of.shape)
    return [
        [
            Sample(
                float(of[measure, 0, column]),
                of[measure, 1:, column],
                at_least=None if bounds is None else bounds[measure, :, column],
            )
            for column in range(len(levels))
        ]
        for measure in range(n_measures)
    ]


def _with_pooled(histograms: NDArray[np.int64]) -> NDArray[np.int64]:
    """Histograms of units behind that of all of them, int64[measure, 1 + unit, bin]."""
    return np.concatenate([histograms.sum(axis=1, keepdims=True), histograms], axis=1)


def _bounds(
    rows: NDArray[np.int64],
    levels: Sequence[float],
    limits_s: Sequence[float] | None,
    n_rows: int,
    never: Floats,
    known_s: Floats,
) -> Floats:
    """What the quantiles exceed if they are infinite, float64[row, level].

    Among those who are never answered it is the limit; among those of whom it is not known yet, the time that is known.
    Of a single run the share of those who are never answered must be above by more than chance.
    """
    limit_s = np.full(len(rows), np.nan) if limits_s is None else np.repeat(np.asarray(limits_s), n_rows)
    limit_s = np.where(np.isnan(limit_s), known_s, limit_s)
    surely = never
    if n_rows == 2:
        n_all = np.maximum(rows.sum(axis=1), 1)
        surely = betaincinv(np.maximum(never * n_all, 1e-9), (1.0 - never) * n_all + 1.0, 0.025)
    is_never = np.asarray(levels)[np.newaxis, :] > 1.0 - surely[:, np.newaxis] + 1e-12
    return np.where(is_never, limit_s[:, np.newaxis], known_s[:, np.newaxis])


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
        if sample.at_least is not None and (np.isposinf(value) or np.isposinf(sample.units).any()):
            estimates.append(_unbounded(sample, sample.at_least))
        elif sample.n_trials is not None and value in (0.0, 1.0):
            certain = ((1.0 - CONFIDENCE) / 2.0) ** (1.0 / sample.n_trials)
            estimates.append(Estimate(value, value * certain, 1.0 - (1.0 - value) * certain))
        elif half_width == inf:
            estimates.append(Estimate(value, -inf, inf))
        else:
            low, high = max(value - half_width, 0.0), min(value + half_width, sample.ceiling)
            estimates.append(Estimate(value, low, high))
    return estimates


def _unbounded(sample: Sample, at_least: Floats) -> Estimate:
    """An estimate of what is infinite, at least in some units: only how low it may be is known."""
    is_infinite = np.isposinf(sample.units)
    if is_infinite.all():
        half_width = _half_widths([at_least[1:]])[0]
        known = float(at_least[0])
        return Estimate(inf, known if half_width == inf else max(0.0, known - half_width), inf)
    lows = np.where(is_infinite, at_least[1:], sample.units)
    return Estimate(sample.value, float(np.nanmin(lows)), inf)


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
