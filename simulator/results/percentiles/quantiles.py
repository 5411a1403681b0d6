"""Quantiles and means of log-scale histograms, many at once, with the intervals of pooled quantiles.

The same numbers as `simulator.numerics.sketch.quantile`, for a stack of distributions: planning asks for hundreds of
quantiles a second.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.numerics.sketch import N_BINS, NEVER, bin_edges

Floats = NDArray[np.float64]
_EDGES = bin_edges()
_MIDPOINTS = np.concatenate(
    [[0.0], 0.5 * (_EDGES[1:-2] + _EDGES[2:-1]), [0.0]]
)  # bin 0: less than a microsecond
_WIDTHS = np.append(np.diff(_EDGES[:-1]), 0.0)
_ROUNDING = 1e-11  # of a sum of shares: a quantile at the end of a bin is in it


@dataclass(frozen=True, eq=False)
class BinnedDistributions:
    """Cumulative shares of several distributions of times; those of an empty one are 0.

    Attributes
    ----------
    first : bin of the first column
    cumulative : float64[distribution, bin from `first` on], up to the last bin that holds anything
    """

    first: int
    cumulative: Floats

    @classmethod
    def of(cls, histograms: NDArray[np.int64]) -> "BinnedDistributions":
        """Of histograms int64[histogram, bin]."""
        first, last = used_bins(histograms)
        cumulative = np.cumsum(histograms[:, first : last + 1], axis=1)
        totals = histograms.sum(axis=1, keepdims=True)
        return cls(first, cumulative / np.maximum(totals, 1))

    def quantiles(self, rows: NDArray[np.int64], levels: Floats) -> Floats:
        """Values of some distributions at levels of their own, float64[row, level]; infinity among what did not happen.

        Parameters
        ----------
        rows : int64[row]
        levels : float64[row, level], each in [0, 1]
        """
        bins, inside = self._places(rows, levels)
        values = np.where(bins == 0, 0.0, _EDGES[bins] + inside * _WIDTHS[bins])
        values = np.where(bins >= NEVER, np.inf, values)
        return np.asarray(values, dtype=np.float64)

    def shares_below(self, rows: NDArray[np.int64], values: Floats) -> Floats:
        """Shares of some distributions that are at most some values, float64[row, value]; infinity: all that happened."""
        bins = np.searchsorted(_EDGES, np.where(np.isfinite(values), values, _EDGES[NEVER]), side="right") - 1
        bins = np.minimum(bins, NEVER)
        columns = bins - self.first
        n_columns = self.cumulative.shape[1]
        up_to = self._at(rows, np.minimum(columns, n_columns - 1))
        before = self._at(rows, np.minimum(columns - 1, n_columns - 1))
        with np.errstate(divide="ignore", invalid="ignore"):
            inside = np.where(bins >= NEVER, 0.0, (values - _EDGES[bins]) / _WIDTHS[bins])
        inside = np.where(bins == 0, 1.0, inside)
        return np.asarray(before + inside * (up_to - before), dtype=np.float64)

    def _places(self, rows: NDArray[np.int64], levels: Floats) -> tuple[NDArray[np.int64], Floats]:
        """Bin of each level, and how far into it, float64[row, level] each; beyond everything that happened: `NEVER`.

        All rows are searched at once, each raised above the one before.
        """
        cumulative = self.cumulative[rows]
        raised = (cumulative + 2.0 * np.arange(len(rows))[:, np.newaxis]).ravel()
        asked = np.maximum(levels - _ROUNDING, _ROUNDING)
        n_columns = cumulative.shape[1]
        found = np.searchsorted(raised, asked + 2.0 * np.arange(len(rows))[:, np.newaxis], side="left")
        columns = np.clip(found - np.arange(len(rows))[:, np.newaxis] * n_columns, 0, n_columns)
        held = np.minimum(columns, n_columns - 1)
        here = np.take_along_axis(cumulative, held, axis=1)
        before = np.where(held > 0, np.take_along_axis(cumulative, np.maximum(held - 1, 0), axis=1), 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            inside = np.clip((levels - before) / (here - before), 0.0, 1.0)
        bins = np.where(columns == n_columns, NEVER, columns + self.first)
        return bins, np.nan_to_num(inside, nan=1.0)

    def _at(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Floats:
        found = self.cumulative[rows[:, np.newaxis], np.maximum(columns, 0)]
        return np.where(columns < 0, 0.0, found)


def used_bins(histograms: NDArray[np.int64]) -> tuple[int, int]:
    """First and last bin before `NEVER` that any of int64[…, bin] holds something in; (0, 0): none."""
    used = np.flatnonzero(histograms.reshape(-1, N_BINS)[:, :NEVER].any(axis=0))
    return (int(used[0]), int(used[-1])) if used.size else (0, 0)


def quantiles(histograms: NDArray[np.int64], levels: Sequence[float]) -> Floats:
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
    rows = np.arange(len(histograms))
    at = np.tile(np.asarray(levels, dtype=np.float64), (len(rows), 1))
    found = BinnedDistributions.of(histograms).quantiles(rows, at)
    is_empty = histograms.sum(axis=1) == 0
    found[is_empty] = np.nan
    return found


def histogram_sum(histograms: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sum of each histogram's values, int64[…, bin] to float64[…]; to 0.8 %: each is at its bin's middle."""
    return np.asarray(histograms @ _MIDPOINTS, dtype=np.float64)
