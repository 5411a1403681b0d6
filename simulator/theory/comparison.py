"""Is it worse? One-sided tests on paired differences, equivalence, and many of them at once."""

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import stdtr


def p_above(values: Sequence[float], limit: float = 0.0) -> float:
    """Chance of a mean this high if the true one were at most `limit`: Student's one-sided t test.

    Values that are all the same leave no doubt: 0 above the limit, 1 elsewhere.

    Parameters
    ----------
    values : independent, e.g. a difference per pair of replications; fewer than two say nothing (1)
    limit : in their unit
    """
    sample = np.asarray(values, dtype=np.float64)
    if sample.size < 2:
        return 1.0
    excess = float(sample.mean()) - limit
    error = float(sample.std(ddof=1)) / math.sqrt(sample.size)
    if error == 0.0:
        return 0.0 if excess > 0.0 else 1.0
    return float(stdtr(sample.size - 1, -excess / error))


def p_below(values: Sequence[float], limit: float = 0.0) -> float:
    """Chance of a mean this low if the true one were at least `limit`; see `p_above`."""
    return p_above([-value for value in values], -limit)


def p_equivalent(over_low: Sequence[float], over_high: Sequence[float]) -> float:
    """Chance of looking as equivalent as this if the true mean were outside what counts as equal.

    Two one-sided tests: the mean must be shown to be above the low bound and below the high one, and the larger
    chance counts (Schuirmann, J. Pharmacokinet. Biopharm. 15, 1987).

    Parameters
    ----------
    over_low, over_high : value minus the bound, per pair; bounds may differ from pair to pair
    """
    return max(p_above(over_low), p_below(over_high))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted chances, in the order given: reject where one is below the level, and the family keeps it.

    The k-th smallest of m is multiplied by m - k + 1, and none is below a smaller one's (Holm, Scand. J.
    Stat. 6, 1979). Nothing is assumed about how the tests depend on one another.
    """
    n_tests = len(p_values)
    adjusted = [1.0] * n_tests
    highest = 0.0
    for rank, index in enumerate(sorted(range(n_tests), key=lambda place: p_values[place])):
        highest = max(highest, min(1.0, (n_tests - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted
