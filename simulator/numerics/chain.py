"""One chart of one sampling plan, answer by answer: the Markov chain of a Bernoulli CUSUM, compiled."""

import numpy as np
from numpy.typing import NDArray

from simulator.numerics.jit import entry


@entry
def bernoulli_walk(
    chances: NDArray[np.float64],
    after: NDArray[np.float64],
    wrong: NDArray[np.float64],
    adds: int,
    certain: float,
    left: NDArray[np.float64],
) -> int:
    """Let S = max(0, S − 1 + `adds` · wrong) walk until it has hardly a chance to be below the threshold still.

    Parameters
    ----------
    chances : float64[S], before the first step, in place
    after : float64[S], room for those of the next step
    wrong : float64[step], chance that S goes up
    certain : chance to be below, under which the walk ends
    left : float64[step], chance that S is below the threshold after each step, written

    Returns
    -------
    Steps made.
    """
    n = chances.size
    for step in range(wrong.size):
        up, down = wrong[step], 1.0 - wrong[step]
        total = 0.0
        for state in range(n):
            chance = chances[state + 1] * down if state + 1 < n else 0.0
            if state == 0:
                chance += chances[0] * down
            if state >= adds - 1:
                chance += chances[state - adds + 1] * up
            after[state] = chance
            total += chance
        for state in range(n):
            chances[state] = after[state]
        left[step] = total
        if total < certain:
            return step + 1
    return int(wrong.size)
