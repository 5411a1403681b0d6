"""What ranges of inputs do to a forecast: draws of all of them at once, and each of them alone.

The draws are quasi-random (Sobol points, scrambled with a fixed seed: Owen, 1998), so that few of them cover the
ranges evenly, and every draw meets the same users with the same luck. A draw is simulated with one replication and
held against the forecast without factors made with that same replication: what counts is the ratio of the two, by
which the forecast proper is multiplied. Where every range has zero width, every ratio is exactly 1.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.stats import qmc

from simulator.economics.categories import Floats
from simulator.economics.forecast import Forecast
from simulator.scenario.economics import (
    LognormalRange,
    NormalRange,
    Range,
    TriangularRange,
    Uncertain,
    UniformRange,
)
from simulator.studies.common.input_factors import InputFactors
from simulator.studies.cost.forecast.forecasting import AS_IT_IS, Forecaster
from simulator.studies.sweep.report import Sensitivity
from simulator.studies.sweep.sensitivity import sensitivities

LEVELS = (0.1, 0.5, 0.9)
N_DRAWS = 32
_SEED = 20_270
_INSIDE = 1e-9

Figure = Callable[[Forecast], float]  # something of a forecast; nan: there is none


@dataclass(frozen=True)
class Swing:
    """What one input does alone: a figure at the P10 and the P90 of its range, all others as the scenario says.

    Attributes
    ----------
    low_factor, high_factor : on the input
    low, high : the forecasts there
    """

    name: str
    low_factor: float
    high_factor: float
    low: Forecast
    high: Forecast


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """Draws of a forecast's uncertain inputs.

    Attributes
    ----------
    factors : of every draw
    draws : forecasts with one replication, in their order
    plain : the forecast without factors, with that same replication
    swings : of every input with a range
    """

    factors: tuple[InputFactors, ...]
    draws: tuple[Forecast, ...]
    plain: Forecast
    swings: tuple[Swing, ...]

    def ratios(self, figure: Figure) -> Floats:
        """A figure of every draw over that without factors, float64[draw]; 1 where it is always zero."""
        plain = figure(self.plain)
        values = np.array([figure(draw) for draw in self.draws])
        if plain == 0.0 or not math.isfinite(plain):
            return np.where(values == plain, 1.0, np.nan)
        return np.asarray(values / plain, dtype=np.float64)

    def sensitivities(self, figure: Figure) -> list[Sensitivity]:
        """Share of the variance of a figure that each input explains; none where there are too few draws."""
        inputs = {
            swing.name: np.array([getattr(factors, swing.name) for factors in self.factors])
            for swing in self.swings
        }
        return sensitivities(inputs, {"cost": np.array([figure(draw) for draw in self.draws])})


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


def uncertainty(forecaster: Forecaster, uncertain: Uncertain, n_draws: int = N_DRAWS) -> Uncertainty | None:
    """Draw the uncertain inputs of a forecast; None: it has none, or no draws are wanted.

    Parameters
    ----------
    n_draws : rounded up to a power of two, which Sobol points are balanced for
    """
    ranges = ranges_of(uncertain)
    if not ranges or n_draws < 1:
        return None
    single = forecaster.with_runs(1)
    factors = draw_factors(ranges, power_of_two(n_draws))
    plain = single.forecast(AS_IT_IS)
    draws = tuple(single.forecast(one) for one in factors)
    swings = tuple(_swing(single, name, given) for name, given in ranges.items())
    return Uncertainty(factors, draws, plain, swings)


def n_forecasts(uncertain: Uncertain, n_draws: int) -> int:
    """Forecasts with one replication that `uncertainty` makes, of different use; for a progress bar."""
    ranges = ranges_of(uncertain)
    if not ranges or n_draws < 1:
        return 0
    return 1 + power_of_two(n_draws) + 2 * len(ranges)


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


def _swing(forecaster: Forecaster, name: str, given: Range) -> Swing:
    low, high = factor_at(given, LEVELS[0]), factor_at(given, LEVELS[-1])
    return Swing(
        name,
        low,
        high,
        forecaster.forecast(InputFactors(**{name: low})),
        forecaster.forecast(InputFactors(**{name: high})),
    )
