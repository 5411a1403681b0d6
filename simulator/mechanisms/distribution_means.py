"""Means and parameters of distributions, from what people know of them; without kernels, as files are read with it."""

import math

import numpy as np

from simulator.mechanisms.distributions import (
    Constant,
    Distribution,
    Exponential,
    Gamma,
    Lognormal,
    Uniform,
)

_Z95 = 1.6448536269514722  # 95 % quantile of the standard normal


def lognormal_parameters(distribution: Lognormal) -> tuple[float, float]:
    """Location and scale (mu, sigma) of the logarithm."""
    if distribution.p50 is not None and distribution.p95 is not None:
        return math.log(distribution.p50), math.log(distribution.p95 / distribution.p50) / _Z95
    assert distribution.mean is not None
    assert distribution.cv is not None
    variance = math.log1p(distribution.cv**2)
    return math.log(distribution.mean) - variance / 2, math.sqrt(variance)


def mean_of(distribution: Distribution) -> float:
    """Mean, in the unit of the key: what offered load is made of."""
    if isinstance(distribution, Constant):
        return distribution.value
    if isinstance(distribution, Exponential | Gamma):
        return distribution.mean
    if isinstance(distribution, Uniform):
        return (distribution.low + distribution.high) / 2
    if isinstance(distribution, Lognormal):
        mu, sigma = lognormal_parameters(distribution)
        return math.exp(mu + sigma**2 / 2)
    levels = sorted(distribution.quantiles)
    values = [distribution.quantiles[level] for level in levels]
    return float(np.trapezoid(values, levels))
