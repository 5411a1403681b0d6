"""Rates of one run that wander, drawn on a grid much finer than their time constant."""

from collections.abc import Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.keys import name_key
from simulator.mechanisms.traffic.kernel import wander_along
from simulator.mechanisms.traffic.wander import Wander

_STEPS = 16  # of a time constant: a step holds the rate of its start
_MOST_PIECES = 200_000  # of a run


def steps_of_piece(wanders: Sequence[Wander | None], piece_s: float, n_pieces: int) -> int:
    """Into how many steps a piece of constant mean demand is cut."""
    times_s = [wander.time_constant for wander in wanders if wander is not None]
    if not times_s:
        return 1
    return min(ceil(piece_s * _STEPS / min(times_s)), max(1, _MOST_PIECES // n_pieces))


def wandering(
    rates_rps: NDArray[np.float64],
    wanders: Sequence[Wander | None],
    own_keys: Sequence[np.uint64],
    step_s: float,
    seed: int,
) -> NDArray[np.float64]:
    """Rates of one run, float64[stream, step], of the mean ones."""
    common_key = np.uint64(name_key(seed, "wander"))
    found = rates_rps.copy()
    for rates, wander, key in zip(found, wanders, own_keys, strict=True):
        if wander is not None:
            wander_along(rates, key, common_key, wander.cv, wander.common, wander.time_constant, step_s)
    return found
