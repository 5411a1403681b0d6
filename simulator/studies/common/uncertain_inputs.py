"""Which values can the uncertain inputs of a scenario take? Quasi-random draws of their ranges, and quantiles of draws.

The draws are Sobol points, scrambled with a fixed seed (Owen, 1998), so that few of them cover the ranges evenly.
"""

import math
from collections.abc import Sequence

import numpy as np
from scipy import stats
from scipy.stats import qmc

from simulator.economics.categories import Floats
from simulator.scenario.economics import (
    LognormalRange,
    NormalRange,
    Range,
    TriangularRange,
    Uncertain,
    UniformRange,
)
from simulator.studies.common.input_factors import InputFactors

LEVELS = (0.1, 0.5, 0.9)
_SEED = 20_270
_INSIDE = 1e-9


def ranges_of(uncertain: Uncertain) -> dict[str, Range]:
    """Inputs that have a range, by name."""
    found = {name: getattr(uncertain, name) for name in type(uncertain).model_fields}
    return {name: found_range for name, found_range in found.items() if found_range is not None}


def factor_at(given: Range, share: float) -> float:
    """The factor below which a share of a range lies; never negative."""
    inside = min(max(share, _INSIDE), 1.0 - _INSIDE)
    if isinstance(given, TriangularRange):
        width = given.high - given.low
        if width == 0.0:
            return 1.0 + given.mode
        peak = (given.mode - given.low) / width
        return float(1.0 + stats.triang.ppf(inside, peak, given.low, width))
    if isinstance(given, UniformRange):
        return 1.0 + given.low + inside * (given.high - given.low)
    z = float(stats.norm.ppf(inside)) if given.cv > 0.0 else 0.0
    if isinstance(given, NormalRange):
        return max(0.0, (1.0 + given.mean) * (1.0 + given.cv * z))
    assert isinstance(given, LognormalRange)
    return math.exp(z * math.sqrt(math.log1p(given.cv**2)))


def draw_factors(ranges: dict[str, Range], n_draws: int) -> tuple[InputFactors, ...]:
    """Factors of quasi-random draws; the same for the same ranges."""
    if not ranges or n_draws < 1:
        return ()
    sequence = qmc.Sobol(len(ranges), scramble=True, rng=np.random.default_rng(_SEED))
    points = sequence.random(power_of_two(n_draws))[:n_draws]
    return tuple(
        InputFactors(
            **{
                name: factor_at(given, float(u))
                for (name, given), u in zip(ranges.items(), point, strict=True)
            }
        )
        for point in points
    )


def power_of_two(n_draws: int) -> int:
    """The power of two at or above a number of draws."""
    return 1 << max(0, (n_draws - 1).bit_length())


def quantile_rank(n_draws: int, level: float) -> int:
    """Place of a quantile among sorted draws: the nearest rank, so that a quantile is always one of them."""
    return max(0, math.ceil(level * n_draws - 1e-9) - 1)


def quantiles_of(ratios: Sequence[float] | Floats, levels: Sequence[float] = LEVELS) -> list[float]:
    """Quantiles of ratios by nearest rank; nan where a draw has none."""
    ordered = np.sort(np.asarray(ratios, dtype=np.float64))
    return [float(ordered[quantile_rank(len(ordered), level)]) for level in levels]
