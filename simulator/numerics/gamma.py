"""The gamma distribution with scale 1: share below a value, and the value at a share."""

import math

from simulator.numerics.jit import entry, shared

_TINY = 1e-300
_PRECISE = 1e-15
_MOST_TERMS = 10_000


@entry
def gamma_share_below(shape, x):
    """Regularized incomplete gamma function P: by its series below the mean, by Lentz's continued fraction above."""
    if x <= 0.0:
        return 0.0
    front = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    if x < shape + 1.0:
        term = 1.0 / shape
        total = term
        for k in range(1, _MOST_TERMS):
            term *= x / (shape + k)
            total += term
            if term < total * _PRECISE:
                break
        return min(1.0, total * front)
    b = x + 1.0 - shape
    c = 1.0 / _TINY
    d = 1.0 / b
    fraction = d
    for k in range(1, _MOST_TERMS):
        a = -k * (k - shape)
        b += 2.0
        d = a * d + b
        d = 1.0 / (d if abs(d) > _TINY else _TINY)
        c = b + a / c
        c = c if abs(c) > _TINY else _TINY
        fraction *= d * c
        if abs(d * c - 1.0) < _PRECISE:
            break
    return max(0.0, 1.0 - front * fraction)


@shared
def gamma_quantile(shape, level, normal):
    """Value at `level` in (0, 1), whose standard normal quantile is `normal`: bisected steps of Newton.

    They begin at Wilson and Hilferty's cube; for small shapes at the power that the density has near zero.
    """
    cube = 1.0 - 1.0 / (9.0 * shape) + normal / (3.0 * math.sqrt(shape))
    x = shape * cube * cube * cube
    if shape < 1.0 or cube <= 0.0:
        x = math.exp((math.log(level) + math.lgamma(shape + 1.0)) / shape)
        if x < 1e-12:
            return x
    low = 0.0
    high = math.inf
    for _ in range(200):
        error = gamma_share_below(shape, x) - level
        if error > 0.0:
            high = x
        else:
            low = x
        density = math.exp((shape - 1.0) * math.log(x) - x - math.lgamma(shape))
        after = x - error / density if density > 0.0 else math.inf
        if not low < after < high:
            after = 0.5 * (low + high) if high < math.inf else 2.0 * x
        if abs(after - x) <= 1e-13 * x:
            return after
        x = after
    return x
