"""How much does each factor move a response, judged from any sample that covers the factors (SALib)?

First order is the share of the response's variance that a factor explains by itself (RBD-FAST: Tarantola et al., 2006,
doi:10.1016/j.ress.2005.06.003, with the correction of bias of Tissot and Prieur, 2012), with a bootstrapped interval.
PAWN is how far knowing the factor moves the response's distribution: the median Kolmogorov-Smirnov distance between
the distribution at a slice of the factor and that of all points (Pianosi and Wagener, 2018,
doi:10.1016/j.envsoft.2018.07.019).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

MIN_POINTS = 64  # below, the correction of bias of half the points is no correction
CONFIDENCE = 0.95
N_RESAMPLES = 100
SEED = 20_230
_SLICES = (2, 4, 5, 8, 10)  # SALib counts others, such as 6, one too far
_N_HARMONICS = 6
_MIN_PER_SLICE = 10

_Floats = NDArray[np.float64]


class VarianceShare(NamedTuple):
    """Share of the variance of a response, and half the width of its 95 % interval."""

    share: float
    half_width: float


@dataclass(frozen=True, eq=False)
class FactorSample:
    """Points that have a response.

    Attributes
    ----------
    factors : names of those that vary
    matrix : float64[point, factor]
    values : the response, float64[point]
    """

    factors: tuple[str, ...]
    matrix: _Floats
    values: _Floats


def salib_problem(factors: Sequence[str], matrix: _Floats) -> dict[str, Any]:
    """The factors as SALib asks for them."""
    bounds = [[float(column.min()), float(column.max())] for column in matrix.T]
    return {"num_vars": len(factors), "names": list(factors), "bounds": bounds}


def factor_sample(factors: Mapping[str, _Floats], values: _Floats) -> FactorSample | None:
    """The points with a response; None: there are too few, or nothing varies.

    Parameters
    ----------
    factors : values per factor, one per point; those of words are numbered
    values : the response, one per point; nan: the point has none
    """
    moving = {name: of for name, of in factors.items() if np.unique(of).size > 1}
    is_there = np.isfinite(values)
    seen = values[is_there]
    if not moving or seen.size < MIN_POINTS or np.unique(seen).size < 3:
        return None
    matrix = np.column_stack([column[is_there] for column in moving.values()])
    if any(np.unique(column).size < 2 for column in matrix.T):
        return None
    return FactorSample(tuple(moving), matrix, seen)


def first_order(sample: FactorSample) -> dict[str, VarianceShare]:
    """The share of the variance that each factor explains by itself."""
    from SALib.analyze import rbd_fast  # slow to import, and most plans have too few points for it

    found = rbd_fast.analyze(
        salib_problem(sample.factors, sample.matrix),
        sample.matrix,
        sample.values,
        M=_N_HARMONICS,
        num_resamples=N_RESAMPLES,
        conf_level=CONFIDENCE,
        seed=SEED,
    )
    return {
        name: VarianceShare(float(share), float(half_width))
        for name, share, half_width in zip(sample.factors, found["S1"], found["S1_conf"], strict=True)
    }


def first_order_shares(factors: Mapping[str, _Floats], values: _Floats) -> dict[str, VarianceShare]:
    """`first_order` of the points with a response; empty where `factor_sample` has none."""
    sample = factor_sample(factors, values)
    return {} if sample is None else first_order(sample)


def pawn_distances(sample: FactorSample) -> dict[str, float]:
    """How far knowing each factor moves the distribution of the response, in [0, 1]."""
    from SALib.analyze import pawn

    n_slices = max(n for n in _SLICES if n == 2 or n * _MIN_PER_SLICE <= sample.values.size)
    problem = salib_problem(sample.factors, sample.matrix)
    found = pawn.analyze(problem, sample.matrix, sample.values, S=n_slices, seed=SEED)
    return {name: float(distance) for name, distance in zip(sample.factors, found["median"], strict=True)}
