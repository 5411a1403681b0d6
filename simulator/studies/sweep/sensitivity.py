"""How much each factor of a sweep moves each response, from the points that were run (SALib).

First order is the share of a response's variance that a factor explains by itself (RBD-FAST: Tarantola et al., 2006,
doi:10.1016/j.ress.2005.06.003, with the correction of bias of Tissot and Prieur, 2012), with a bootstrapped interval.
PAWN is how far knowing the factor moves the response's distribution: the median Kolmogorov-Smirnov distance between
the distribution at a slice of the factor and that of all points (Pianosi and Wagener, 2018,
doi:10.1016/j.envsoft.2018.07.019). Both work with any sample that covers the factors, so they need no points of their own.

The points of a `saltelli` design tell more: shares of first order, and in total, what the factor explains together with the
others (Sobol's indices; estimators of Saltelli et al., 2010, doi:10.1016/j.cpc.2009.09.018).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from SALib.analyze import pawn, rbd_fast, sobol

from simulator.studies.sweep.designs import MIN_BLOCKS, block_size
from simulator.studies.sweep.report import Sensitivity

MIN_POINTS = 64  # below, the correction of bias of half the points is no correction
_CONFIDENCE = 0.95
_N_RESAMPLES = 100
_SEED = 20_230
_SLICES = (2, 4, 5, 8, 10)  # SALib counts others, such as 6, one too far
_N_HARMONICS = 6
_MIN_PER_SLICE = 10
_INDICES = ("S1", "S1_conf", "ST", "ST_conf")


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
    problem = _problem(names, matrix)
    first = rbd_fast.analyze(
        problem,
        matrix,
        values,
        M=_N_HARMONICS,
        num_resamples=_N_RESAMPLES,
        conf_level=_CONFIDENCE,
        seed=_SEED,
    )
    distances = _pawn(problem, matrix, values)
    return [
        Sensitivity(
            response=response,
            factor=name,
            first_order=float(alone),
            half_width=float(half_width),
            total=None,
            total_half_width=None,
            pawn=distance,
        )
        for name, alone, half_width, distance in zip(
            names, *(first[key] for key in _INDICES[:2]), distances, strict=True
        )
    ]


def sobol_sensitivities(
    factors: Mapping[str, NDArray[np.float64]],
    responses: Mapping[str, NDArray[np.float64]],
    blocks: NDArray[np.int64],
) -> list[Sensitivity]:
    """Sensitivity of each response to each factor, from points of a `saltelli` design.

    Parameters
    ----------
    factors, responses : as for `sensitivities`
    blocks : of each point its number in the design; blocks that are not whole, or have a point without a response,
        are left out
    """
    size = block_size(len(factors))
    whole = _whole_blocks(blocks, size)
    matrix = np.column_stack(list(factors.values()))
    found: list[Sensitivity] = []
    for response, values in responses.items():
        rows = whole[np.isfinite(values[whole]).all(axis=1)]  # [block, point of it]
        seen = values[rows]
        if len(rows) < MIN_BLOCKS or np.unique(seen).size < 3:
            continue
        problem = _problem(list(factors), matrix)
        indices = sobol.analyze(
            problem,
            seen.ravel(),
            calc_second_order=False,
            num_resamples=_N_RESAMPLES,
            conf_level=_CONFIDENCE,
            seed=_SEED,
        )
        samples = rows[:, [0, -1]].ravel()  # the two samples; the points between them depend on them
        distances = _pawn(problem, matrix[samples], values[samples])
        found += [
            Sensitivity(
                response=response,
                factor=name,
                first_order=alone,
                half_width=alone_width,
                total=total,
                total_half_width=total_width,
                pawn=distance,
            )
            for name, alone, alone_width, total, total_width, distance in zip(
                factors, *(indices[key].tolist() for key in _INDICES), distances, strict=True
            )
        ]
    return found


def _whole_blocks(numbers: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Rows of the points of every block that is there as a whole, int64[block, point of it]."""
    row_of = {int(number): row for row, number in enumerate(numbers)}
    starts = [number for number in row_of if number % size == 0]
    blocks = [[row_of.get(start + place, -1) for place in range(size)] for start in starts]
    return np.array([rows for rows in blocks if min(rows) >= 0], dtype=np.int64).reshape(-1, size)


def _problem(names: Sequence[str], matrix: NDArray[np.float64]) -> dict[str, Any]:
    bounds = [[float(column.min()), float(column.max())] for column in matrix.T]
    return {"num_vars": len(names), "names": list(names), "bounds": bounds}


def _pawn(problem: dict[str, Any], matrix: NDArray[np.float64], values: NDArray[np.float64]) -> list[float]:
    n_slices = max(n for n in _SLICES if n == 2 or n * _MIN_PER_SLICE <= values.size)
    distances = pawn.analyze(problem, matrix, values, S=n_slices, seed=_SEED)
    return [float(distance) for distance in distances["median"]]
