"""The answer to a prompt, restated with scipy's distributions: its level goes with the level of the prompt."""

import math

import numpy as np
from scipy.stats import expon, gamma, lognorm, norm, uniform

from simulator.mechanisms.distributions import (
    Constant,
    Distribution,
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Uniform,
)
from simulator.mechanisms.traffic.config import TokenTrace, Workload
from tests.reference import draws

_Z95 = norm.ppf(0.95)
_LEAST = 2.0**-53


def draw_answer(workload: Workload, n_prompt: float, key: int) -> float:
    """Length of the answer to a prompt that is so long, before it was rounded."""
    joint, prompt, output = workload.joint_lengths, workload.prompt_tokens, workload.output_tokens
    assert joint is not None
    assert prompt is not None
    assert output is not None
    assert not isinstance(prompt, TokenTrace)
    assert not isinstance(output, TokenTrace)
    level = _share_below(prompt, n_prompt)
    if joint.correlation is not None:
        rho = 2.0 * math.sin(math.pi / 6.0 * joint.correlation)
        score = rho * norm.ppf(level) + math.sqrt(1.0 - rho**2) * draws.normal(key)
        return _quantile(output, float(norm.cdf(score)))
    assert joint.ranks is not None
    table = np.array(joint.ranks, dtype=np.float64)
    for _ in range(2000):
        table /= table.sum(axis=1, keepdims=True)
        table /= table.sum(axis=0, keepdims=True) * (table.shape[1] / table.shape[0])
    row = table[min(int(level * len(table)), len(table) - 1)]
    edges = np.concatenate([[0.0], np.cumsum(row / row.sum())])
    return _quantile(output, float(np.interp(draws.uniform(key), edges, np.linspace(0.0, 1.0, edges.size))))


def _share_below(distribution: Distribution, value: float) -> float:
    if isinstance(distribution, Empirical):
        levels = sorted(distribution.quantiles)
        return float(np.interp(value, [distribution.quantiles[level] for level in levels], levels))
    return float(np.clip(_frozen(distribution).cdf(value), _LEAST, 1.0 - _LEAST))


def _quantile(distribution: Distribution, level: float) -> float:
    if isinstance(distribution, Empirical):
        levels = sorted(distribution.quantiles)
        return float(np.interp(level, levels, [distribution.quantiles[one] for one in levels]))
    return float(_frozen(distribution).ppf(np.clip(level, _LEAST, 1.0 - _LEAST)))


def _frozen(distribution: Distribution):  # type: ignore[no-untyped-def]
    """Scipy's distribution, which mypy does not know."""
    assert not isinstance(distribution, Constant | Empirical)
    if isinstance(distribution, Exponential):
        return expon(scale=distribution.mean)
    if isinstance(distribution, Uniform):
        return uniform(distribution.low, distribution.high - distribution.low)
    if isinstance(distribution, Gamma):
        return gamma(distribution.cv**-2, scale=distribution.mean * distribution.cv**2)
    assert isinstance(distribution, Lognormal)
    if distribution.p50 is not None and distribution.p95 is not None:
        return lognorm(math.log(distribution.p95 / distribution.p50) / _Z95, scale=distribution.p50)
    assert distribution.mean is not None
    assert distribution.cv is not None
    spread = 1.0 + distribution.cv**2
    return lognorm(math.sqrt(math.log(spread)), scale=distribution.mean / math.sqrt(spread))
