"""How often does something hold in so few draws? Hits of draws, with the interval that so few leave, for people.

A stage in which all 16 draws hold stands as "16 of 16 (81-100 %)" beside one with "15 of 16 (72-99 %)".
"""

from simulator.render.numbers import NOTHING, TO
from simulator.render.sections import Words
from simulator.theory.estimate import Estimate


def draws_cell(share: Estimate | None, n_draws: int) -> Words:
    """A share of draws: how many of how many, and its 95 % interval.

    Parameters
    ----------
    share : with its interval; None: nothing was drawn
    """
    if share is None or n_draws < 1:
        return Words(NOTHING)
    low, high = (round(100.0 * end) for end in (share.low, share.high))
    return Words(f"{round(share.value * n_draws)} of {n_draws}", f"({low}{TO}{high} %)")
