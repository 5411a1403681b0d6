"""How sure is a number? An estimate with its interval, and Student's interval of a mean over replications."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A value with its interval (95 % unless said otherwise); low = high = value where it is exact.

    An interval that is not known, as from a single replication, is (-inf, inf).
    """

    value: float
    low: float
    high: float

    @classmethod
    def exact(cls, value: float) -> "Estimate":
        """A value that has no uncertainty."""
        return cls(value, value, value)

    @property
    def half_width(self) -> float:
        """Half the width of the interval, in the value's unit."""
        return (self.high - self.low) / 2.0

    def to_dict(self) -> dict[str, float | None]:
        """For JSON: infinities and nan become null."""
        numbers = {"value": self.value, "low": self.low, "high": self.high}
        return {name: float(number) if math.isfinite(number) else None for name, number in numbers.items()}


def mean_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Estimate:
    """Mean of independent replications with Student's t interval.

    Parameters
    ----------
    values : one per replication; a single one gives an unbounded interval
    confidence : of the interval, between 0 and 1
    """
    sample = np.asarray(values, dtype=np.float64)
    mean = float(sample.mean())
    if sample.size < 2:
        return Estimate(mean, -math.inf, math.inf)
    factor = float(stdtrit(sample.size - 1, 0.5 + confidence / 2.0))
    half_width = factor * float(sample.std(ddof=1)) / math.sqrt(sample.size)
    return Estimate(mean, mean - half_width, mean + half_width)
