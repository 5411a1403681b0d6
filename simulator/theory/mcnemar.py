"""Two versions answer the same questions: is the new one worse? McNemar's exact test, its power, and the questions it takes.

Only questions that one version gets right and the other wrong tell something. If the versions are equally good, each of them
is as likely to speak against the new one as for it, so their number against it is binomial with ½ (one-sided, exact).

Source: McNemar, Psychometrika 12 (1947); the search for a size begins with that of Connor, Biometrics 43 (1987):
n = (z_alpha √ψ + z_power √(ψ − d²))² / d² with ψ the share of the questions that differ and d the difference of the shares.
"""

import math

import numpy as np
from scipy.stats import binom, norm

_TAIL = 1e-12  # of numbers of questions that differ, left out at both ends


def power(n_questions: int, against: float, in_favour: float, alpha: float) -> float:
    """Chance that the test finds the new version worse.

    Parameters
    ----------
    against, in_favour : shares of the questions that only the old, and only the new version gets right
    alpha : chance at most that it finds so of one that is just as good
    """
    differing = against + in_favour
    if differing <= 0.0:
        return 0.0
    low, high = (int(binom.ppf(level, n_questions, differing)) for level in (_TAIL, 1.0 - _TAIL))
    n = np.arange(low, high + 1)
    least = binom.isf(alpha, n, 0.5) + 1.0  # as many against it are found by chance with alpha at most
    return float((binom.pmf(n, n_questions, differing) * binom.sf(least - 1.0, n, against / differing)).sum())


def questions_needed(against: float, in_favour: float, alpha: float, wanted: float) -> int:
    """Questions from which on the test finds the new version worse with a chance of `wanted`.

    The exact power goes up and down by little from one number to the next; the smallest is given at which it is reached.
    """
    difference = against - in_favour
    if difference <= 0.0:
        raise ValueError("nothing to find: the new version is not worse")
    differing = against + in_favour
    z_alpha, z_power = float(norm.isf(alpha)), float(norm.ppf(wanted))
    root = z_alpha * math.sqrt(differing) + z_power * math.sqrt(differing - difference**2)
    high = max(8, math.ceil((root / difference) ** 2))
    low = 0
    while power(high, against, in_favour, alpha) < wanted:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if power(middle, against, in_favour, alpha) < wanted:
            low = middle
        else:
            high = middle
    return high
