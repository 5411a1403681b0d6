"""From distributions as people know them to rows the kernel samples from."""

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.distribution_means import lognormal_parameters
from simulator.mechanisms.distributions import (
    Constant,
    Distribution,
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Uniform,
)
from simulator.numerics import draws


class DistributionTable:
    """Collects the distributions of a scenario; `add` gives the number a table refers to."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, float, float, int, int]] = []
        self._levels: list[float] = []
        self._values: list[float] = []

    def add(self, distribution: Distribution) -> int:
        """Number of a distribution of the scenario, in the unit of its key."""
        if isinstance(distribution, Constant):
            return self._append(draws.CONSTANT, distribution.value)
        if isinstance(distribution, Exponential):
            return self._append(draws.EXPONENTIAL, distribution.mean)
        if isinstance(distribution, Uniform):
            return self._append(draws.UNIFORM, distribution.low, distribution.high - distribution.low)
        if isinstance(distribution, Lognormal):
            return self._append(draws.LOGNORMAL, *lognormal_parameters(distribution))
        if isinstance(distribution, Gamma):
            shape = 1.0 / distribution.cv**2
            return self._append(draws.GAMMA, shape, distribution.mean / shape)
        return self._add_empirical(distribution)

    def add_turns(self, mean: float, is_geometric: bool) -> int:
        """Number of a distribution of whole numbers from 1 with this mean."""
        return self._append(draws.GEOMETRIC if is_geometric else draws.CONSTANT, mean)

    def add_values(self, values: NDArray[np.float64]) -> int:
        """Place of the first of some numbers that are no distribution, among the values."""
        offset = len(self._values)
        self._values += values.ravel().tolist()
        self._levels += [0.0] * values.size
        return offset

    def _add_empirical(self, distribution: Empirical) -> int:
        levels = sorted(distribution.quantiles)
        offset = len(self._levels)
        self._levels += levels
        self._values += [distribution.quantiles[level] for level in levels]
        return self._append(draws.EMPIRICAL, 0.0, 0.0, offset, len(levels))

    def _append(self, kind: int, a: float, b: float = 0.0, offset: int = 0, n: int = 0) -> int:
        self._rows.append((kind, a, b, offset, n))
        return len(self._rows) - 1

    def arrays(self) -> tuple[NDArray[np.void], NDArray[np.float64], NDArray[np.float64]]:
        """Arrays for the kernel: (records, levels, values)."""
        records = np.array(self._rows or [(0, 0.0, 0.0, 0, 0)], dtype=draws.DISTRIBUTION).view(np.recarray)
        return records, np.array(self._levels or [0.0]), np.array(self._values or [0.0])
