"""What a scenario says about a rate that is itself random: it wanders around the course of the week, and comes back.

The logarithm of the rate is an Ornstein-Uhlenbeck process with a stationary start; the rate has the mean that the scenario
states. It is drawn on a grid much finer than its time constant, once for each run.
"""

from collections.abc import Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from simulator.mechanisms.keys import name_key
from simulator.mechanisms.traffic.kernel import wander_along
from simulator.units import Seconds, Share

_STEPS = 16  # of a time constant: a step holds the rate of its start
_MOST_PIECES = 200_000  # of a run


class Wander(BaseModel):
    """How far and how long the rate strays from its course: what hourly means and bursts of single arrivals do not show."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    cv: float = Field(
        gt=0,
        le=3,
        description="Coefficient of variation of the rate: its standard deviation over what `profile` says.",
    )
    time_constant: Seconds = Field(
        ge=60,
        le=604_800,
        description="How long it stays away: after so much time the correlation of the log rate has fallen to 37 %.",
    )
    common: Share = Field(
        default=0.0,
        description="Part of its variance that every stream which wanders has in common; the rest is its own, by region and "
        "tenant.",
    )


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
