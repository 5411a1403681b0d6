"""What do ranges of inputs do to a forecast? Draws of all of them at once, and each of them alone.

Every draw (`simulator.studies.common.uncertain_inputs`) meets the same users with the same luck. A draw is simulated with
one replication and compared with the forecast without factors made with that same replication: what counts is the ratio of
the two, by which the forecast proper is multiplied. Where every range has zero width, every ratio is exactly 1.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simulator.economics.categories import Floats
from simulator.economics.forecast import Forecast
from simulator.scenario.economics import Range, Uncertain
from simulator.studies.common.input_factors import InputFactors
from simulator.studies.common.uncertain_inputs import LEVELS, draw_factors, factor_at, power_of_two, ranges_of
from simulator.studies.cost.forecast.forecasting import AS_IT_IS, Forecaster
from simulator.theory.sensitivity import VarianceShare, first_order_shares

N_DRAWS = 32

Measured = Callable[[Forecast], float]  # an amount of a forecast; nan: there is none


@dataclass(frozen=True)
class Swing:
    """What one input does alone: the forecast at the P10 and the P90 of its range, all others as the scenario says.

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
    paces, plain_pace : the same of the month behind the last stage
    swings : of every input with a range
    """

    factors: tuple[InputFactors, ...]
    draws: tuple[Forecast, ...]
    plain: Forecast
    paces: tuple[Forecast, ...]
    plain_pace: Forecast
    swings: tuple[Swing, ...]

    def ratios(self, measured: Measured) -> Floats:
        """An amount of every draw over that without factors, float64[draw]; 1 where it is always zero."""
        plain = measured(self.plain)
        values = np.array([measured(draw) for draw in self.draws])
        if plain == 0.0 or not math.isfinite(plain):
            return np.where(values == plain, 1.0, np.nan)
        return np.asarray(values / plain, dtype=np.float64)

    def variance_shares(self, measured: Measured) -> dict[str, VarianceShare]:
        """Share of the variance of an amount that each input explains; none where there are too few draws."""
        inputs = {
            swing.name: np.array([getattr(factors, swing.name) for factors in self.factors])
            for swing in self.swings
        }
        return first_order_shares(inputs, np.array([measured(draw) for draw in self.draws]))


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
    paces = tuple(single.pace(one) for one in factors)
    return Uncertainty(factors, draws, plain, paces, single.pace(), swings)


def n_forecasts(uncertain: Uncertain, n_draws: int) -> int:
    """Forecasts with one replication that `uncertainty` makes, of different use; for a progress bar."""
    ranges = ranges_of(uncertain)
    if not ranges or n_draws < 1:
        return 0
    return 1 + power_of_two(n_draws) + 2 * len(ranges)


def _swing(forecaster: Forecaster, name: str, given: Range) -> Swing:
    low, high = factor_at(given, LEVELS[0]), factor_at(given, LEVELS[-1])
    return Swing(
        name,
        low,
        high,
        forecaster.forecast(InputFactors(**{name: low})),
        forecaster.forecast(InputFactors(**{name: high})),
    )
