"""Ratios of what is counted: the formula of a rate or a share, to compute it and to show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator.metrics.columns import AreaColumn, CountColumn, UsageColumn

Weights = Mapping[int | None, float]  # by column; None: the time of the span, s

ENDED: Weights = {
    CountColumn.SUCCEEDED: 1.0,
    CountColumn.DEGRADED: 1.0,
    CountColumn.FAILED: 1.0,
    CountColumn.REJECTED: 1.0,
    CountColumn.ABANDONED: 1.0,
}
DUE: Weights = {**ENDED, CountColumn.INVALID: -1.0, CountColumn.OVERDUE: 1.0}  # who should have an answer
ANSWERED: Weights = {CountColumn.SUCCEEDED: 1.0, CountColumn.DEGRADED: 1.0}
SECONDS: Weights = {None: 1.0}
MINUTES: Weights = {None: 1.0 / 60.0}
HOURS: Weights = {None: 1.0 / 3600.0}
_TIMES: Mapping[float, str] = {1.0: "s", 1.0 / 60.0: "min", 1.0 / 3600.0: "h"}


@dataclass(frozen=True)
class Ratio:
    """A ratio of weighted sums of columns.

    Attributes
    ----------
    columns : of actions, of tries at a target, or of time at a target
    over, under : weights; that of time (s) is under the key None
    is_of_trials : a share of trials, so that it is at most 1 and its interval is that of a share
    """

    columns: type[IntEnum]
    over: Weights
    under: Weights
    is_of_trials: bool = False

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """Weights of numerator and denominator; float64[2, column and then time]."""
        found = np.zeros((2, len(self.columns) + 1))
        for row, weights in enumerate((self.over, self.under)):
            for column, weight in weights.items():
                found[row, -1 if column is None else column] = weight
        return found

    def __str__(self) -> str:
        """As people write it, e.g. `(succeeded + degraded) / (ended - invalid)`."""
        return f"{_sum(self.over, self.columns)} / {_sum(self.under, self.columns)}"


def of_actions(
    over: Weights | CountColumn, under: Weights | CountColumn = ENDED, *, is_of_trials: bool = False
) -> Ratio:
    """A ratio of what is counted of actions."""
    return Ratio(CountColumn, _weights(over), _weights(under), is_of_trials)


def of_tries(
    over: UsageColumn, under: Weights | UsageColumn = UsageColumn.ATTEMPTS, *, is_of_trials: bool = False
) -> Ratio:
    """A ratio of what tries at a target used."""
    return Ratio(UsageColumn, _weights(over), _weights(under), is_of_trials)


def of_time(over: AreaColumn, under: Weights | AreaColumn) -> Ratio:
    """A ratio of integrals over time at a target."""
    return Ratio(AreaColumn, _weights(over), _weights(under))


def _weights(of: Weights | IntEnum) -> Weights:
    return {of: 1.0} if isinstance(of, IntEnum) else of


def _sum(weights: Weights, columns: type[IntEnum]) -> str:
    """A weighted sum of columns by their names; the five outcomes together are `ended`."""
    left = dict(weights)
    terms: list[str] = []
    if columns is CountColumn and ENDED.items() <= left.items():
        terms.append("ended")
        left = {place: weight for place, weight in left.items() if place not in ENDED}
    for place, weight in left.items():
        if place is None:
            terms.append(_TIMES[weight])
            continue
        assert weight in (1.0, -1.0)
        name = columns(place).name.lower()
        terms.append(name if weight > 0.0 and not terms else f"{'+' if weight > 0.0 else '-'} {name}")
    return terms[0] if len(terms) == 1 else f"({' '.join(terms)})"
