"""How much each factor of a sweep moves each response, from the points that were run.

First order and PAWN (`simulator.theory.sensitivity`) work with any sample that covers the factors, so they need no points
of their own. The points of a `saltelli` design tell more: shares of first order, and in total, what the factor explains
together with the others (Sobol's indices; estimators of Saltelli et al., 2010, doi:10.1016/j.cpc.2009.09.018).
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from SALib.analyze import sobol

from simulator.studies.sweep.designs import MIN_BLOCKS, block_size
from simulator.studies.sweep.report import Sensitivity
from simulator.theory.sensitivity import (
    CONFIDENCE,
    N_RESAMPLES,
    SEED,
    FactorSample,
    factor_sample,
    first_order,
    pawn_distances,
    salib_problem,
)

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
    found: list[Sensitivity] = []
    for response, values in responses.items():
        sample = factor_sample(factors, values)
        if sample is None:
            continue
        distances = pawn_distances(sample)
        found += [
            Sensitivity(
                response=response,
                factor=name,
                first_order=alone.share,
                half_width=alone.half_width,
                total=None,
                total_half_width=None,
                pawn=distances[name],
            )
            for name, alone in first_order(sample).items()
        ]
    return found


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
        indices = sobol.analyze(
            salib_problem(list(factors), matrix),
            seen.ravel(),
            calc_second_order=False,
            num_resamples=N_RESAMPLES,
            conf_level=CONFIDENCE,
            seed=SEED,
        )
        samples = rows[:, [0, -1]].ravel()  # the two samples; the points between them depend on them
        distances = pawn_distances(FactorSample(tuple(factors), matrix[samples], values[samples]))
        found += [
            Sensitivity(
                response=response,
                factor=name,
                first_order=alone,
                half_width=alone_width,
                total=total,
                total_half_width=total_width,
                pawn=distances[name],
            )
            for name, alone, alone_width, total, total_width in zip(
                factors, *(indices[key].tolist() for key in _INDICES), strict=True
            )
        ]
    return found


def _whole_blocks(numbers: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Rows of the points of every block that is there as a whole, int64[block, point of it]."""
    row_of = {int(number): row for row, number in enumerate(numbers)}
    starts = [number for number in row_of if number % size == 0]
    blocks = [[row_of.get(start + place, -1) for place in range(size)] for start in starts]
    return np.array([rows for rows in blocks if min(rows) >= 0], dtype=np.int64).reshape(-1, size)
