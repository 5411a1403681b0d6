"""A number and how sure it is: what every metric is reported as."""

import math
from dataclasses import dataclass


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
