"""How long is an answer, given how long its prompt is? Drawn at a level of its own distribution that goes with the prompt's."""

import math

import numpy as np

from simulator.mechanisms.traffic.codes import LengthLink
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
def _level_by_ranks(workload, values, level, luck):
    """Level of the answer: of the ranks that go with the prompt's one is drawn, and a place in it."""
    row = min(int(level * workload.n_prompt_ranks), workload.n_prompt_ranks - 1)
    first = workload.first_rank + row * workload.n_output_ranks
    column = np.int64(0)
    below = 0.0
    while column < workload.n_output_ranks - 1 and values[first + column] <= luck:
        below = values[first + column]
        column += 1
    share = values[first + column] - below
    within = (luck - below) / share if share > 0.0 else 0.5
    return (column + within) / workload.n_output_ranks


@shared
def draw_answer(workload, prompt, output, levels, values, n_prompt, prompt_key, key):
    """Length of the answer to a prompt of `n_prompt` tokens (before they were rounded), drawn for `key`."""
    level = _level(prompt, n_prompt, prompt_key)
    if workload.length_link == LengthLink.RANKS:
        level = _level_by_ranks(workload, values, level, uniform(key))
        level = min(max(level, _LEAST), 1.0 - _LEAST)
        return _quantile(output, levels, values, level, normal_quantile(level))
    rho = workload.length_correlation
    normal = rho * normal_quantile(level) + math.sqrt(1.0 - rho * rho) * standard_normal(key)
    level = min(max(0.5 * math.erfc(-normal / _ROOT_2), _LEAST), 1.0 - _LEAST)
    return _quantile(output, levels, values, level, normal)
