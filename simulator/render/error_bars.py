"""Intervals of estimates as plotly draws them."""

from collections.abc import Sequence
from math import isfinite

from simulator.theory.estimate import Estimate


def error_bars(estimates: Sequence[Estimate | None], scale: float = 1.0) -> dict[str, object]:
    """From each value to the ends of its interval, times `scale`; an end that is not known has no bar."""
    above = [0.0 if one is None else one.high - one.value for one in estimates]
    below = [0.0 if one is None else one.value - one.low for one in estimates]
    return {
        "type": "data",
        "symmetric": False,
        "array": [scale * length if isfinite(length) else 0.0 for length in above],
        "arrayminus": [scale * length if isfinite(length) else 0.0 for length in below],
    }
