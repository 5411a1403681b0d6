"""A value of one distribution, given that of another: drawn at a level of its own that goes with the other's level."""

import math

import numpy as np

from simulator.numerics.draws import (
    CONSTANT,
    EXPONENTIAL,
    GAMMA,
    LOGNORMAL,
    UNIFORM,
    empirical,
    normal_quantile,
    standard_normal,
    uniform,
)
from simulator.numerics.gamma import gamma_quantile, gamma_share_below
from simulator.numerics.jit import jit, shared

APART = 0
NORMAL = 1
RANKS = 2

_LEAST = 2.0**-53
_ROOT_2 = math.sqrt(2.0)


@jit
def _level(distribution, value, key):
    """Level of a value that `sample` drew for `key`."""
    if distribution.kind == EXPONENTIAL:
        return 1.0 - uniform(key)
    if distribution.kind == GAMMA:
        return min(max(gamma_share_below(distribution.a, value / distribution.b), _LEAST), 1.0 - _LEAST)
    return uniform(key)


@jit
def _quantile(distribution, levels, values, level, normal):
    """Value of a distribution at a level, whose standard normal quantile is `normal`."""
    kind = distribution.kind
    if kind == LOGNORMAL:
        return math.exp(distribution.a + distribution.b * normal)
    if kind == EXPONENTIAL:
        return -distribution.a * math.log(1.0 - level)
    if kind == UNIFORM:
        return distribution.a + distribution.b * level
    if kind == GAMMA:
        return distribution.b * gamma_quantile(distribution.a, level, normal)
    if kind == CONSTANT:
        return distribution.a
    return empirical(level, levels, values, distribution.offset, distribution.n)


@jit
def _level_by_ranks(link, values, level, luck):
    """Level that goes with another: of the ranks of its row one is drawn, and a place in it."""
    row = min(int(level * link.n_prompt_ranks), link.n_prompt_ranks - 1)
    first = link.first_rank + row * link.n_output_ranks
    column = np.int64(0)
    below = 0.0
    while column < link.n_output_ranks - 1 and values[first + column] <= luck:
        below = values[first + column]
        column += 1
    share = values[first + column] - below
    within = (luck - below) / share if share > 0.0 else 0.5
    return (column + within) / link.n_output_ranks


@shared
def sample_with(link, one, other, levels, values, value, key, other_key):
    """One value of the distribution `other` for `other_key`, where that of `one` was drawn for `key`.

    Parameters
    ----------
    link : record with `length_link`, one of the codes above, and what it takes
    """
    level = _level(one, value, key)
    if link.length_link == RANKS:
        level = _level_by_ranks(link, values, level, uniform(other_key))
        level = min(max(level, _LEAST), 1.0 - _LEAST)
        return _quantile(other, levels, values, level, normal_quantile(level))
    rho = link.length_correlation
    normal = rho * normal_quantile(level) + math.sqrt(1.0 - rho * rho) * standard_normal(other_key)
    level = min(max(0.5 * math.erfc(-normal / _ROOT_2), _LEAST), 1.0 - _LEAST)
    return _quantile(other, levels, values, level, normal)
