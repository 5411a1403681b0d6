"""Do long prompts have long answers? A rank correlation with its interval, or a table of ranks.

The interval is of the influence of each pair on the correlation, which needs no distribution (Borkowf, 2002), on Fisher's
scale. Whether a normal copula of that correlation explains the pairs says Pearson's test on the table.
"""

from dataclasses import dataclass
from functools import cache
from math import atanh, pi, sin, sqrt, tanh
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincc, ndtri
from scipy.stats import multivariate_normal, rankdata

from simulator.theory.estimate import Estimate

FloatArray = NDArray[np.float64]

LEAST = 50  # pairs: fewer tell no correlation
_Z = float(ndtri(0.975))
_PER_CELL = 20.0
_MOST_RANKS = 10
_FALSE_ALARM = 1e-3
_LARGEST = 0.999  # correlation that a scenario says


@dataclass(frozen=True)
class Dependence:
    """How two lengths go together.

    Attributes
    ----------
    value : of the key `joint_lengths`; None: the pairs do not speak against drawing them apart
    correlation : of ranks
    """

    value: dict[str, Any] | None
    correlation: Estimate
    n: int

    @property
    def is_table(self) -> bool:
        """Whether one number says too little."""
        return self.value is not None and "ranks" in self.value


def dependence(one: FloatArray, other: FloatArray) -> Dependence | None:
    """What pairs tell; None: they are too few, or one of the two does not vary."""
    if one.size < LEAST or min(np.unique(one).size, np.unique(other).size) < 2:
        return None
    correlation = rank_correlation(one, other)
    n_ranks = int(min(_MOST_RANKS, sqrt(one.size / _PER_CELL)))
    if n_ranks >= 3:
        table = _table(one, other, n_ranks)
        bounded = float(np.clip(correlation.value, -_LARGEST, _LARGEST))
        if not _explains(table, bounded):
            rows = [[round(float(cell), 4) for cell in row] for row in table / table.sum(axis=1)[:, None]]
            return Dependence({"ranks": rows}, correlation, one.size)
    if correlation.low <= 0.0 <= correlation.high:
        return Dependence(None, correlation, one.size)
    value = round(float(np.clip(correlation.value, -_LARGEST, _LARGEST)), 3)
    return Dependence({"correlation": value}, correlation, one.size)


def rank_correlation(one: FloatArray, other: FloatArray) -> Estimate:
    """Spearman's correlation, of middle ranks where values are equal."""
    u, v = ((rankdata(values) - 0.5) / values.size - 0.5 for values in (one, other))
    scale = float(u.std() * v.std())
    value = float((u * v).mean()) / scale
    influence = (u * v + _beyond(u, v) + _beyond(v, u)) / scale
    away = float(np.clip(value, -_LARGEST, _LARGEST))
    half = _Z * float(influence.std()) / sqrt(one.size) / (1.0 - away**2)
    return Estimate(value, tanh(atanh(away) - half), tanh(atanh(away) + half))


def _beyond(of: FloatArray, along: FloatArray) -> FloatArray:
    """For each, the mean of `along` over those that are larger in `of`; of equals half."""
    order = np.argsort(of, kind="stable")
    ranked, values = of[order], along[order]
    from_here = np.concatenate([np.cumsum(values[::-1])[::-1], [0.0]])
    first = np.searchsorted(ranked, of, side="left")
    after = np.searchsorted(ranked, of, side="right")
    found: FloatArray = 0.5 * (from_here[first] + from_here[after]) / of.size
    return found


def _table(one: FloatArray, other: FloatArray, n_ranks: int) -> FloatArray:
    """Counts by rank of both; equals are put in a drawn order, so that every rank has as many."""
    shuffled = np.random.default_rng(1).permutation(one.size)
    row, column = (
        (rankdata(values[shuffled], method="ordinal").astype(np.int64) - 1) * n_ranks // one.size
        for values in (one, other)
    )
    found = np.bincount(row * n_ranks + column, minlength=n_ranks * n_ranks)
    return found.astype(np.float64).reshape(n_ranks, n_ranks)


def _explains(table: FloatArray, correlation: float) -> bool:
    """Whether a normal copula with this rank correlation explains the counts."""
    n_ranks = len(table)
    expected = _normal_table(n_ranks, round(correlation, 3)) * table.sum()
    statistic = float(((table - expected) ** 2 / np.maximum(expected, 1.0)).sum())
    freedom = (n_ranks - 1) ** 2 - 1
    return float(gammaincc(freedom / 2.0, statistic / 2.0)) >= _FALSE_ALARM


@cache
def _normal_table(n_ranks: int, correlation: float) -> FloatArray:
    """Shares of the cells under a normal copula."""
    rho = 2.0 * sin(pi * correlation / 6.0)
    edges = ndtri(np.arange(1, n_ranks) / n_ranks)
    levels = np.arange(n_ranks + 1) / n_ranks
    below = np.outer(levels, levels)
    inner = np.stack(np.meshgrid(edges, edges, indexing="ij"), axis=-1).reshape(-1, 2)
    normal = multivariate_normal(cov=[[1.0, rho], [rho, 1.0]], allow_singular=True)
    below[1:-1, 1:-1] = np.reshape(normal.cdf(inner), (n_ranks - 1, n_ranks - 1))
    return np.maximum(0.0, np.diff(np.diff(below, axis=0), axis=1))
