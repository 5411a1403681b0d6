"""Quantiles over everyone who asked, pooled over replications, with their intervals.

The interval is that of the share below the quantile, turned back into values (Woodruff, Journal of the American
Statistical Association 47, 1952): it needs no symmetry, and where more may be unanswered than the level leaves it has no
end. The share's own interval is Student's t over the replications, each by its number of askers.
"""

from collections.abc import Sequence
from math import inf, nan

import numpy as np
from numpy.typing import NDArray

from simulator.numerics.sketch import N_BINS, NEVER, bin_edges
from simulator.results.product_limit import n_askers, product_limit
from simulator.results.quantiles import Distributions, used_bins
from simulator.results.samples import Floats, Sample, t_factor

_EDGES = bin_edges()


def quantile_samples(
    histograms: NDArray[np.int64],
    levels: Sequence[float],
    waiting: NDArray[np.int64] | None = None,
    limits_s: Sequence[float] | None = None,
) -> list[list[Sample]]:
    """Return, per measure, a sample per level: the quantile of all units pooled, and of each.

    A quantile that falls among those without an answer is infinite; its interval begins at the limit that they exceed.

    Parameters
    ----------
    histograms : int64[measure, unit, bin]
    levels : each in [0, 1]
    waiting : int64[2, measure, unit, bin], times waited so far at the end and at the beginning; None: nobody waits
    limits_s : per measure, which whoever is not answered exceeds; None or nan: the longest time that was seen
    """
    if not all(0.0 <= level <= 1.0 for level in levels):
        raise ValueError(f"quantile levels must be in [0, 1], got {list(levels)}")
    n_measures, n_units, _ = histograms.shape
    rows = _with_pooled(histograms)
    ends = None if waiting is None or not waiting.any() else [_with_pooled(side) for side in waiting]
    found, n_asked, unknown, known_s = _distributions(rows, ends)
    pooled = np.arange(n_measures) * (1 + n_units)
    at = np.tile(np.asarray(levels, dtype=np.float64), (len(rows), 1))
    values = np.where(n_asked[:, np.newaxis] > 0, found.quantiles(np.arange(len(rows)), at), nan)
    half_widths = _half_widths_of_shares(found, values[pooled], n_asked.reshape(n_measures, -1), n_units)
    lows = found.quantiles(pooled, np.maximum(at[pooled] - half_widths, 0.0))
    highs = np.where(
        at[pooled] + half_widths > 1.0,
        inf,
        found.quantiles(pooled, np.minimum(at[pooled] + half_widths, 1.0)),
    )
    limit_s = np.full(n_measures, nan) if limits_s is None else np.asarray(limits_s, dtype=np.float64)
    of_unanswered = np.where(np.isnan(limit_s), known_s[pooled], limit_s)[:, np.newaxis]
    never = 1.0 - found.cumulative[pooled, -1] - unknown[pooled]
    is_known = at[pooled] - half_widths > 1.0 - never[:, np.newaxis]
    lows = np.where(np.isinf(lows), np.where(is_known, of_unanswered, known_s[pooled, np.newaxis]), lows)
    is_unsure = ~np.isfinite(half_widths)
    lows, highs = np.where(is_unsure, -inf, lows), np.where(is_unsure, inf, highs)
    by_unit = values.reshape(n_measures, 1 + n_units, len(levels))
    return [
        [
            Sample(
                float(by_unit[measure, 0, column]),
                by_unit[measure, 1:, column],
                interval=(float(lows[measure, column]), float(highs[measure, column])),
            )
            for column in range(len(levels))
        ]
        for measure in range(n_measures)
    ]


def _with_pooled(histograms: NDArray[np.int64]) -> NDArray[np.int64]:
    """Histograms of units behind that of all of them, int64[measure · (1 + unit), bin]."""
    return np.concatenate([histograms.sum(axis=1, keepdims=True), histograms], axis=1).reshape(-1, N_BINS)


def _distributions(
    rows: NDArray[np.int64], ends: Sequence[NDArray[np.int64]] | None
) -> tuple[Distributions, NDArray[np.int64], Floats, Floats]:
    """Distributions of rows, how many each is of, the share of whom it is not known, and the longest time seen, s."""
    if ends is None:
        first, last = used_bins(rows)
        found = Distributions.of(rows)
        return found, rows.sum(axis=1), np.zeros(len(rows)), _longest_s(rows[:, first : last + 1], first)
    first, last = used_bins(rows + ends[0])
    ended, waiting, waited = (
        np.concatenate([side[:, first : last + 1], side[:, NEVER:]], axis=1) for side in (rows, *ends)
    )
    shares, unknown = product_limit(ended, waiting, waited)
    found = Distributions(first, np.cumsum(shares[:, :-1], axis=1))
    return found, n_askers(ended, waiting, waited), unknown, _longest_s((ended + waiting)[:, :-1], first)


def _longest_s(seen: NDArray[np.int64], first: int) -> Floats:
    """Where the last bin begins that holds anything, s; 0 where none does."""
    last = seen.shape[1] - 1 - np.argmax(seen[:, ::-1] > 0, axis=1)
    return np.where(seen.any(axis=1), _EDGES[first + last], 0.0)


def _half_widths_of_shares(
    found: Distributions, quantiles: Floats, n_asked: NDArray[np.int64], n_units: int
) -> Floats:
    """Half the width of the interval of the share below each pooled quantile, float64[measure, level].

    Linearised, as of any ratio of sums; infinite where fewer than two units have anything.
    """
    n_measures, n_levels = quantiles.shape
    each = np.repeat(np.where(np.isnan(quantiles), 0.0, quantiles), n_units, axis=0)
    rows = (np.arange(n_measures)[:, np.newaxis] * (1 + n_units) + 1 + np.arange(n_units)).ravel()
    below = found.shares_below(rows, each).reshape(n_measures, n_units, n_levels)
    weights = n_asked[:, 1:, np.newaxis].astype(np.float64)
    n_with = (weights > 0.0).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (weights * below).sum(axis=1, keepdims=True) / weights.sum(axis=1, keepdims=True)
        deviations = weights * (below - mean) / (weights.sum(axis=1, keepdims=True) / n_with[:, np.newaxis])
        variance = (deviations**2).sum(axis=1) / (n_with * (n_with - 1.0))
    factor = np.array([t_factor(n - 1.0) if n > 1 else inf for n in n_with.ravel().tolist()])
    widths = np.sqrt(variance) * factor[:, np.newaxis]
    return np.where(n_with > 1, widths, inf)
