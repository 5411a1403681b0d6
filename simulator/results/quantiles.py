"""Quantiles and means of log-scale histograms, many at once.

The same numbers as `simulator.numerics.sketch.quantile`, for a stack of histograms and several levels with
one cumulative sum: planning asks for hundreds of quantiles a second.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.numerics.sketch import N_BINS, NEVER, bin_edges

_EDGES = bin_edges()
_MIDPOINTS = np.concatenate(
    [[0.0], 0.5 * (_EDGES[1:-2] + _EDGES[2:-1]), [0.0]]
)  # bin 0: less than a microsecond
_WIDTHS = np.append(np.diff(_EDGES[:-1]), 0.0)
_ABOVE_ZERO = float(np.nextafter(0.0, 1.0))


def quantiles(histograms: NDArray[np.int64], levels: Sequence[float]) -> NDArray[np.float64]:
    """Values at several levels of several histograms, linear inside a bin.

    Parameters
    ----------
    histograms : int64[histogram, bin]
    levels : each in [0, 1]

    Returns
    -------
    float64[histogram, level], in the unit of the values; nan for an empty histogram, infinity among what did not happen.
    """
    if not all(0.0 <= level <= 1.0 for level in levels):
        raise ValueError(f"quantile levels must be in [0, 1], got {list(levels)}")
    cumulative = np.cumsum(histograms, axis=1)
    totals = cumulative[:, -1:]
    ranks = np.asarray(levels, dtype=np.float64) * totals.astype(np.float64)
    bins = _first_bins(cumulative, ranks)
    n_here = np.take_along_axis(histograms, bins, axis=1)
    before = np.take_along_axis(cumulative, bins, axis=1) - n_here
    with np.errstate(divide="ignore", invalid="ignore"):  # an empty histogram has nothing anywhere
        share = np.clip((ranks - before) / n_here, 0.0, 1.0)
    return np.where(totals > 0, _within(bins, share), np.nan)


def quantiles_of_shares(shares: NDArray[np.float64], levels: Sequence[float]) -> NDArray[np.float64]:
    """Return `quantiles` of distributions, float64[distribution, bin]; each adds up to 1, or to 0 if it is empty."""
    cumulative = np.cumsum(shares, axis=1)
    cumulative[:, -1] = 1.0  # of rounding
    ranks = np.maximum(np.asarray(levels, dtype=np.float64), _ABOVE_ZERO)
    rows = np.arange(len(shares))[:, np.newaxis]
    found = np.array([np.searchsorted(row, ranks, side="left") for row in cumulative])
    here = shares[rows, found]
    before = cumulative[rows, found] - here
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.clip((ranks - before) / here, 0.0, 1.0)
    return np.where(shares.any(axis=1, keepdims=True), _within(found, share), np.nan)


def _within(bins: NDArray[np.int64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values inside bins, linear."""
    values = np.where(bins == 0, 0.0, _EDGES[bins] + share * _WIDTHS[bins])
    return np.where(bins == NEVER, np.inf, values)


def _first_bins(cumulative: NDArray[np.int64], ranks: NDArray[np.float64]) -> NDArray[np.int64]:
    """First bin of each row at which its cumulative count reaches the rank; int64[histogram, level].

    Counts are whole, so whole ranks do; looked up above zero, so that level 0 is in the first bin that holds anything.
    All rows are searched at once, each raised above the one before.
    """
    n_rows, n_bins = cumulative.shape
    above = np.concatenate([[0], np.cumsum(cumulative[:-1, -1] + 1)])[:, np.newaxis]
    whole = np.ceil(np.maximum(ranks, _ABOVE_ZERO)).astype(np.int64)
    found = np.searchsorted((cumulative + above).ravel(), whole + above, side="left")
    within: NDArray[np.int64] = found - np.arange(n_rows)[:, np.newaxis] * n_bins
    return np.minimum(within, N_BINS - 1)


def histogram_sum(histograms: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sum of each histogram's values, int64[…, bin] to float64[…]; to 0.8 %: each is at its bin's middle."""
    return np.asarray(histograms @ _MIDPOINTS, dtype=np.float64)
