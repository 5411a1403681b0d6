"""Does an objective hold? A pure function of an estimate and a limit."""

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from simulator.theory.estimate import Estimate

Verdict = Literal["PASS", "FAIL", "UNDECIDED"]

_HOLDS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


_WORST_FIRST: tuple[Verdict, ...] = ("FAIL", "UNDECIDED", "PASS")


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of some verdicts; PASS if there are none."""
    found = set(verdicts)
    return next((word for word in _WORST_FIRST if word in found), "PASS")


def meets(value: float, op: str, limit: float) -> bool:
    """Whether a value, taken as exact, is on the right side of a limit; what is not a number is not."""
    return _HOLDS[op](value, limit)


def verdict(estimate: Estimate, op: str, limit: float) -> Verdict:
    """PASS if the whole interval meets the objective, FAIL if none of it does, else UNDECIDED.

    An interval with a bound that is not a number decides nothing.

    Parameters
    ----------
    estimate : of the indicator
    op : `<`, `<=`, `>` or `>=`
    limit : in the estimate's unit
    """
    if math.isnan(estimate.low) or math.isnan(estimate.high):
        return "UNDECIDED"
    holds_at_low = _HOLDS[op](estimate.low, limit)
    holds_at_high = _HOLDS[op](estimate.high, limit)
    if holds_at_low and holds_at_high:
        return "PASS"
    return "UNDECIDED" if holds_at_low or holds_at_high else "FAIL"
