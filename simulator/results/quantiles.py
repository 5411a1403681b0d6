"""Quantiles and means of log-scale histograms, many at once.

The same numbers as `simulator.numerics.sketch.quantile`, for a stack of histograms and several levels with
one cumulative sum: planning asks for hundreds of quantiles a second.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.numerics.sketch import N_BINS, bin_edges

_EDGES = bin_edges()
_MIDPOINTS = np.concatenate([[0.0], 0.5 * (_EDGES[1:-1] + _EDGES[2:])])  # bin 0: less than a microsecond
_ABOVE_ZERO = float(np.nextafter(0.0, 1.0))


def quantiles(histograms: NDArray[np.int64], levels: Sequence[float]) -> NDArray[np.float64]:
    """Values at several levels of several histograms, linear inside a bin.

    Parameters
    ----------
    histograms : int64[histogram, bin]
    levels : each in [0, 1]

    Returns
    -------
    float64[histogram, level], in the unit of the values; nan for an empty histogram.
    """
    if not all(0.0 <= level <= 1.0 for level in levels):
        raise ValueError(f"quantile levels must be in [0, 1], got {list(levels)}")
    cumulative = np.cumsum(histograms, axis=1)
    values = np.full((histograms.shape[0], len(levels)), np.nan)
    for row in np.flatnonzero(cumulative[:, -1]):
        ranks = np.asarray(levels) * cumulative[row, -1]
        # looked up above zero, so that level 0 is in the first bin that holds anything
        bins = np.searchsorted(cumulative[row], np.maximum(ranks, _ABOVE_ZERO), side="left")
        bins = np.minimum(bins, N_BINS - 1)
        n_here = histograms[row, bins]
        share = np.clip((ranks - (cumulative[row, bins] - n_here)) / n_here, 0.0, 1.0)
        values[row] = np.where(bins == 0, 0.0, _EDGES[bins] + share * (_EDGES[bins + 1] - _EDGES[bins]))
    return values


def histogram_sum(histograms: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sum of each histogram's values, int64[…, bin] to float64[…]; to 0.8 %: each is at its bin's middle."""
    return np.asarray(histograms @ _MIDPOINTS, dtype=np.float64)
