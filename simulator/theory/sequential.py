"""Looking more than once: how often a test that is repeated as data come in calls a false alarm, and how not to.

K looks at equal steps of information; at look k the statistic is Z_k = (X_1 + … + X_k) / √k with independent standard
normal X. Boundaries are one-sided: the alarm is raised at the first look at which Z_k > c_k.

Source: Armitage, McPherson and Rowe, J. R. Stat. Soc. A 132 (1969); Pocock, Biometrika 64 (1977); O'Brien and Fleming,
Biometrics 35 (1979). The recursion integrates the density of the sum among those that have not been stopped.
"""

import math
from collections.abc import Sequence
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import norm

Shape = Literal["pocock", "obrien-fleming", "none"]
_N_POINTS = 401
_REACH = 8.0  # standard deviations of the sum below its mean that are integrated over


def stop_probabilities(bounds: Sequence[float], drift: float = 0.0) -> list[float]:
    """Chance of stopping at each look.

    Parameters
    ----------
    bounds : c_k, of Z_k
    drift : mean of each X_k; 0: nothing is wrong
    """
    limits = [bound * math.sqrt(look) for look, bound in enumerate(bounds, start=1)]
    stops = [float(norm.sf(limits[0], loc=drift))]
    sums = np.linspace(drift - _REACH, max(limits[0], drift - _REACH + 1.0), _N_POINTS)
    density: NDArray[np.float64] = np.asarray(norm.pdf(sums, loc=drift))
    for look, limit in enumerate(limits[1:], start=2):
        stops.append(float(np.trapezoid(density * norm.sf(limit - sums, loc=drift), sums)))
        low = drift * look - _REACH * math.sqrt(look)
        new_sums = np.linspace(low, max(limit, low + 1.0), _N_POINTS)
        steps = norm.pdf(new_sums[:, None] - sums[None, :], loc=drift)
        density = np.asarray(np.trapezoid(steps * density, sums, axis=1))
        sums = new_sums
    return stops


def false_alarm_rate(bounds: Sequence[float]) -> float:
    """Chance that a test with these bounds is ever above one of them when nothing is wrong."""
    return sum(stop_probabilities(bounds))


@cache
def bounds_of(shape: Shape, n_looks: int, alpha: float) -> tuple[float, ...]:
    """Bounds c_k at which `n_looks` looks together raise a false alarm with chance `alpha`, one-sided.

    `pocock`: the same at each look; `obrien-fleming`: c · √(K/k), strict at first; `none`: each look at `alpha`, whose
    false alarms add up.
    """
    if shape == "none" or n_looks == 1:
        return (float(norm.isf(alpha)),) * n_looks
    power = 0.0 if shape == "pocock" else 0.5

    def bounds(scale: float) -> tuple[float, ...]:
        return tuple(scale * (n_looks / look) ** power for look in range(1, n_looks + 1))

    scale = brentq(lambda c: false_alarm_rate(bounds(c)) - alpha, 0.5, 8.0, xtol=1e-4)
    return bounds(float(scale))


def per_arm(difference: float, variance: float, alpha: float, power: float) -> float:
    """Observations of each of two arms, equally many, at which a one-sided test sees a difference with this power.

    n = (z_alpha + z_power)² · 2 σ² / difference².

    Parameters
    ----------
    difference : of the means, in their unit
    variance : of one observation; p (1 − p) of a share
    """
    z = float(norm.isf(alpha) + norm.ppf(power))
    return z * z * 2.0 * variance / difference**2
