"""How much each factor of a sweep moves each response, from the points that were run (SALib).

First order is the share of a response's variance that a factor explains by itself (RBD-FAST: Tarantola et al., 2006,
doi:10.1016/j.ress.2005.06.003, with the correction of bias of Tissot and Prieur, 2012), with a bootstrapped interval.
PAWN is how far knowing the factor moves the response's distribution: the median Kolmogorov-Smirnov distance between
the distribution at a slice of the factor and that of all points (Pianosi and Wagener, 2018,
doi:10.1016/j.envsoft.2018.07.019). Both work with any sample that covers the factors, so they need no points of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from SALib.analyze import pawn, rbd_fast

MIN_POINTS = 64  # below, the correction of bias of half the points is no correction
_CONFIDENCE = 0.95
_N_RESAMPLES = 100
_SEED = 20_230
_N_SLICES = 10
_N_HARMONICS = 6
_MIN_PER_SLICE = 10


@dataclass(frozen=True)
class Sensitivity:
    """What one factor does to one response.

    Attributes
    ----------
    first_order, half_width : share of the variance, and half the width of its 95 % interval
    pawn : median distance of distributions, in [0, 1]
    """

    response: str
    factor: str
    first_order: float
    half_width: float
    pawn: float


def sensitivities(
    factors: Mapping[str, NDArray[np.float64]], responses: Mapping[str, NDArray[np.float64]]
) -> list[Sensitivity]:
    """Sensitivity of each response to each factor; none where there are too few points, or nothing varies.

    Parameters
    ----------
    factors : values per factor, one per point; those of words are numbered
    responses : values per response; points without one are left out
    """
    moving = {name: values for name, values in factors.items() if np.unique(values).size > 1}
    found: list[Sensitivity] = []
    for response, values in responses.items():
        is_there = np.isfinite(values)
        seen = values[is_there]
        if not moving or seen.size < MIN_POINTS or np.unique(seen).size < 3:
            continue
        matrix = np.column_stack([column[is_there] for column in moving.values()])
        if any(np.unique(column).size < 2 for column in matrix.T):
            continue
        found += _of(response, list(moving), matrix, seen)
    return found


def _of(
    response: str, names: Sequence[str], matrix: NDArray[np.float64], values: NDArray[np.float64]
) -> list[Sensitivity]:
    bounds = [[float(column.min()), float(column.max())] for column in matrix.T]
    problem = {"num_vars": len(names), "names": list(names), "bounds": bounds}
    first = rbd_fast.analyze(
        problem,
        matrix,
        values,
        M=_N_HARMONICS,
        num_resamples=_N_RESAMPLES,
        conf_level=_CONFIDENCE,
        seed=_SEED,
    )
    n_slices = max(2, min(_N_SLICES, values.size // _MIN_PER_SLICE))
    distances = pawn.analyze(problem, matrix, values, S=n_slices, seed=_SEED)
    return [
        Sensitivity(
            response,
            name,
            float(first["S1"][index]),
            float(first["S1_conf"][index]),
            float(distances["median"][index]),
        )
        for index, name in enumerate(names)
    ]
