"""Quantiles over everyone who asked, pooled over replications, with their intervals.

The interval is that of the share below the quantile, turned back into values (Woodruff, Journal of the American
Statistical Association 47, 1952): it needs no symmetry, and where more may be unanswered than the level leaves it has no
end. The share's own interval is that of as many independent trials as vary as much as the replications do (Korn and
Graubard, Survey Methodology 24, 1998).
"""

from collections.abc import Sequence
from dataclasses import replace
from math import inf, nan

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtri

from simulator.numerics.sketch import N_BINS, NEVER, bin_edges
from simulator.results.percentiles.product_limit import n_askers, product_limit
from simulator.results.percentiles.quantiles import BinnedDistributions, used_bins
from simulator.results.samples import CONFIDENCE, Floats, Sample, ratio_sample, t_factor

_EDGES = bin_edges()
_NORMAL = float(ndtri(0.5 + CONFIDENCE / 2.0))
_TINY = 1e-12


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
    down, up = _room_around(found, values[pooled], n_asked.reshape(n_measures, -1), n_units)
    shares = at[pooled] - down, at[pooled] + up
    lows, highs = (found.quantiles(pooled, np.clip(side, 0.0, 1.0)) for side in shares)
    n_all = n_asked[pooled, np.newaxis]
    highs = np.where(shares[1] > 1.0 - 0.5 / np.maximum(n_all, 1), inf, highs)  # above all that was seen
    is_point = shares[0] == shares[1]
    lows, highs = np.where(is_point, values[pooled], lows), np.where(is_point, values[pooled], highs)
    limit_s = np.full(n_measures, nan) if limits_s is None else np.asarray(limits_s, dtype=np.float64)
    of_unanswered = np.where(np.isnan(limit_s), known_s[pooled], limit_s)[:, np.newaxis]
    never = 1.0 - found.cumulative[pooled, -1] - unknown[pooled]
    is_known = shares[0] > 1.0 - never[:, np.newaxis]
    lows = np.where(np.isinf(lows), np.where(is_known, of_unanswered, known_s[pooled, np.newaxis]), lows)
    is_unsure = np.isnan(shares[0])
    seen_s = np.where(np.isinf(values[pooled]), known_s[pooled, np.newaxis], -inf)
    lows, highs = np.where(is_unsure, seen_s, lows), np.where(is_unsure, inf, highs)
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


def share_sample(
    histograms: NDArray[np.int64], limit: float, waiting: NDArray[np.int64] | None
) -> Sample | None:
    """Share of one measure that is at most a limit, of the same distributions; None: nothing was observed.

    Parameters
    ----------
    histograms : int64[unit, bin]
    waiting : int64[2, unit, bin], as of `quantile_samples`
    """
    rows = _with_pooled(histograms[np.newaxis])
    ends = (
        None if waiting is None or not waiting.any() else [_with_pooled(side[np.newaxis]) for side in waiting]
    )
    found, n_asked, _, _ = _distributions(rows, ends)
    shares = found.shares_below(np.arange(len(rows)), np.full((len(rows), 1), limit))[:, 0]
    n_each = n_asked[1:].astype(np.float64)
    sample = ratio_sample(n_each * shares[1:], n_each, is_share=True)
    return None if sample is None else replace(sample, value=float(shares[0]))


def _with_pooled(histograms: NDArray[np.int64]) -> NDArray[np.int64]:
    """Histograms of units behind that of all of them, int64[measure · (1 + unit), bin]."""
    return np.concatenate([histograms.sum(axis=1, keepdims=True), histograms], axis=1).reshape(-1, N_BINS)


def _distributions(
    rows: NDArray[np.int64], ends: Sequence[NDArray[np.int64]] | None
) -> tuple[BinnedDistributions, NDArray[np.int64], Floats, Floats]:
    """Distributions of rows, how many each is of, the share of whom it is not known, and the longest time seen, s."""
    if ends is None:
        first, last = used_bins(rows)
        found = BinnedDistributions.of(rows)
        return found, rows.sum(axis=1), np.zeros(len(rows)), _longest_s(rows[:, first : last + 1], first)
    first, last = used_bins(rows + ends[0])
    ended, waiting, waited = (
        np.concatenate([side[:, first : last + 1], side[:, NEVER:]], axis=1) for side in (rows, *ends)
    )
    shares, unknown = product_limit(ended, waiting, waited)
    found = BinnedDistributions(first, np.cumsum(shares[:, :-1], axis=1))
    return found, n_askers(ended, waiting, waited), unknown, _longest_s((ended + waiting)[:, :-1], first)


def _longest_s(seen: NDArray[np.int64], first: int) -> Floats:
    """Where the last bin begins that holds anything, s; 0 where none does."""
    last = seen.shape[1] - 1 - np.argmax(seen[:, ::-1] > 0, axis=1)
    return np.where(seen.any(axis=1), _EDGES[first + last], 0.0)


def _room_around(
    found: BinnedDistributions, quantiles: Floats, n_asked: NDArray[np.int64], n_units: int
) -> tuple[Floats, Floats]:
    """How far the interval of the share below each pooled quantile goes down and up, float64[measure, level] each.

    nan where fewer than two units have anything; 0 where all say the same.
    """
    share, variance, n_with = _share_below(found, quantiles, n_asked, n_units)
    t = np.array([t_factor(n - 1.0) if n > 1 else nan for n in n_with.ravel().tolist()])
    tail = (1.0 - CONFIDENCE) / 2.0
    with np.errstate(
        divide="ignore", invalid="ignore"
    ):  # where all say the same there are trials without end
        n_trials = share * (1.0 - share) / variance
        n_trials = n_trials * (_NORMAL / t[:, np.newaxis]) ** 2
        n_below = share * n_trials
        low = betaincinv(np.maximum(n_below, _TINY), n_trials - n_below + 1.0, tail)
        high = betaincinv(n_below + 1.0, np.maximum(n_trials - n_below, _TINY), 1.0 - tail)
    is_point = (variance <= _TINY) & (n_with > 1)
    return np.where(is_point, 0.0, share - low), np.where(is_point, 0.0, high - share)


def _share_below(
    found: BinnedDistributions, quantiles: Floats, n_asked: NDArray[np.int64], n_units: int
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Share below each pooled quantile, its variance (float64[measure, level] each), and how many units have anything."""
    n_measures, n_levels = quantiles.shape
    each = np.repeat(np.where(np.isnan(quantiles), 0.0, quantiles), n_units, axis=0)
    rows = (np.arange(n_measures)[:, np.newaxis] * (1 + n_units) + 1 + np.arange(n_units)).ravel()
    below = found.shares_below(rows, each).reshape(n_measures, n_units, n_levels)
    weights = n_asked[:, 1:, np.newaxis].astype(np.float64)
    total = weights.sum(axis=1)
    n_with = (weights > 0.0).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (weights * below).sum(axis=1) / total
        deviations = weights * (below - share[:, np.newaxis]) / (total / n_with)[:, np.newaxis]
        variance = (deviations**2).sum(axis=1) / (n_with * (n_with - 1.0))
    return share, variance, n_with
