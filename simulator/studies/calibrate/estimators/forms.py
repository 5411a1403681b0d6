"""Which distribution do values follow, among the forms that a scenario knows?

Lognormal and gamma are fitted by maximum likelihood and kept where they lie close to the values (Kolmogorov's distance);
what neither fits is a table of quantiles. Intervals: of normal theory for the lognormal, by the delta method for the gamma,
of order statistics for the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, inf, log, sqrt
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, polygamma
from scipy.stats import binom, gamma

from simulator.theory.estimate import Estimate
from simulator.units import parse_quantity

FloatArray = NDArray[np.float64]
Kind = Literal["tokens", "time"]

LEAST = 20  # values: fewer say too little
_Z = float(ndtri(0.975))
_Z95 = float(ndtri(0.95))
_CLOSE = 0.03  # distance that changes no decision
_KOLMOGOROV = 1.36  # over √n: the distance that chance exceeds once in 20
_MOST = 200_000  # values that are fitted; more tell no more
_LEVELS = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
_ENOUGH = 5  # values beyond a quantile of a table
_CONSTANT = 5e-3  # coefficient of variation that clocks of milliseconds give
_LEAST_TIME_S = 1e-6


@dataclass(frozen=True)
class Fit:
    """A distribution, as a scenario says it, and how sure its parameters are.

    Attributes
    ----------
    value : of the key, plain values
    parameters : by key, with intervals
    distance : largest between the fit and the values, as shares
    """

    form: str
    value: Mapping[str, Any]
    parameters: Mapping[str, Estimate]
    n: int
    distance: float


def fit(values: FloatArray, kind: Kind, stated: str | None = None) -> Fit | None:
    """The distribution of values; None: too few of them.

    Parameters
    ----------
    stated : form that is kept where it fits, too
    """
    found = values[np.isfinite(values)]
    found = np.maximum(found, 1.0 if kind == "tokens" else _LEAST_TIME_S)
    n = found.size
    if n < LEAST:
        return None
    if float(found.std()) <= _CONSTANT * float(found.mean()):
        exact = Estimate.exact(float(np.median(found)))
        return Fit("constant", _constant(exact.value, kind), {"value": exact}, n, 0.0)
    sample = found if n <= _MOST else np.random.default_rng(1).choice(found, _MOST, replace=False)
    forms = (_lognormal(sample, kind), _gamma(sample, kind))
    enough = max(_CLOSE, _KOLMOGOROV / sqrt(sample.size))
    closest = min(forms, key=lambda one: (one.form != stated or one.distance > enough, one.distance))
    if closest.distance <= enough:
        return Fit(closest.form, closest.value, closest.parameters, n, closest.distance)
    return _empirical(found, kind)


def draws(found: Fit, n: int, seed: int) -> FloatArray:
    """Values of a fitted distribution, as a scenario would draw them."""
    generator, parameters = np.random.default_rng(seed), found.parameters
    if found.form == "constant":
        return np.full(n, parameters["value"].value)
    if found.form == "lognormal":
        middle, top = log(parameters["p50"].value), log(parameters["p95"].value)
        return np.exp(middle + (top - middle) / _Z95 * generator.standard_normal(n))
    if found.form == "gamma":
        cv = parameters["cv"].value
        return generator.gamma(cv**-2, parameters["mean"].value * cv**2, n)
    levels = np.array(list(found.value["quantiles"]), dtype=np.float64)
    table = [parse_quantity(value) for value in found.value["quantiles"].values()]
    return np.interp(generator.random(n), levels, table)


def _constant(value: float, kind: Kind) -> dict[str, Any]:
    return {"distribution": "constant", "value": written(value, kind)}


def _lognormal(values: FloatArray, kind: Kind) -> Fit:
    logs = np.log(values)
    n, middle, spread = values.size, float(logs.mean()), float(logs.std(ddof=1))
    half_50 = _Z * spread / sqrt(n)
    half_95 = _Z * spread * sqrt(1.0 / n + _Z95**2 / (2.0 * n))
    p50 = Estimate(exp(middle), exp(middle - half_50), exp(middle + half_50))
    top = middle + _Z95 * spread
    p95 = Estimate(exp(top), exp(top - half_95), exp(top + half_95))
    value = {"distribution": "lognormal", "p50": written(p50.value, kind), "p95": written(p95.value, kind)}
    distance = _distance(values, kind, lambda at: ndtr((np.log(np.maximum(at, 1e-12)) - middle) / spread))
    return Fit("lognormal", value, {"p50": p50, "p95": p95}, n, distance)


def _gamma(values: FloatArray, kind: Kind) -> Fit:
    mean, cv = moments(values)
    gap = log(mean.value) - float(np.log(values).mean())  # Minka, Estimating a Gamma distribution, 2002
    shape = (3.0 - gap + sqrt((gap - 3.0) ** 2 + 24.0 * gap)) / (12.0 * gap) if gap > 0.0 else inf
    by_likelihood = 1.0 / sqrt(shape)
    if not 0.0 < by_likelihood <= 20.0:
        return Fit("gamma", {}, {}, values.size, inf)
    half = _Z * by_likelihood * sqrt(_information(shape) / values.size)
    cv = Estimate(by_likelihood, max(0.0, by_likelihood - half), by_likelihood + half)
    value = {"distribution": "gamma", "mean": written(mean.value, kind), "cv": round(cv.value, 4)}
    distance = _distance(values, kind, lambda at: gamma.cdf(at, shape, scale=mean.value / shape))
    return Fit("gamma", value, {"mean": mean, "cv": cv}, values.size, distance)


def _information(shape: float) -> float:
    """Relative variance of the likeliest cv times n: a quarter of the shape's, 1 / (shape·ψ'(shape) − 1) over the shape."""
    return 0.25 / (shape * (shape * float(polygamma(1, shape)) - 1.0))


def moments(values: FloatArray) -> tuple[Estimate, Estimate]:
    """Mean and coefficient of variation with intervals by the delta method, whatever the distribution."""
    n, mean, spread = values.size, float(values.mean()), float(values.std(ddof=1))
    half = _Z * spread / sqrt(n)
    away = values - mean
    influence = (away**2 - spread**2) / (2.0 * max(spread, 1e-300) * mean) - spread * away / mean**2
    half_cv = _Z * float(influence.std()) / sqrt(n)
    cv = spread / mean
    return Estimate(mean, mean - half, mean + half), Estimate(cv, max(0.0, cv - half_cv), cv + half_cv)


def _distance(values: FloatArray, kind: Kind, share_below: Any) -> float:
    """Kolmogorov's distance; of whole numbers, between the steps."""
    at, counts = np.unique(values, return_counts=True)
    below = np.cumsum(counts) / values.size
    if kind == "tokens":  # lengths are rounded to whole tokens
        return float(np.abs(below - share_below(at + 0.5)).max())
    model = share_below(at)
    return float(max(np.abs(below - model).max(), np.abs(below - counts / values.size - model).max()))


def _empirical(values: FloatArray, kind: Kind) -> Fit:
    levels = [level for level in _LEVELS if min(level, 1.0 - level) * values.size >= _ENOUGH]
    found = np.quantile(values, [0.0, *levels, 1.0])
    table = dict(zip([0, *levels, 1], (written(float(one), kind) for one in found), strict=True))
    parameters = {f"p{100 * level:g}": quantile(values, level) for level in (0.5, 0.95)}
    return Fit("empirical", {"distribution": "empirical", "quantiles": table}, parameters, values.size, 0.0)


def quantile(values: FloatArray, level: float) -> Estimate:
    """A quantile with its interval from order statistics, which needs no distribution."""
    ranked = np.sort(values)
    n = ranked.size
    low, high = (int(binom.ppf(one, n, level)) for one in (0.025, 0.975))
    return Estimate(
        float(np.quantile(ranked, level)),
        float(ranked[max(0, low - 1)]) if low else -inf,
        float(ranked[high]) if high < n else inf,
    )


def written(value: float, kind: Kind) -> Any:
    """A value as a scenario has it: whole tokens, or a duration with its unit."""
    if kind == "tokens":
        return round(value) if value >= 100.0 else round(value, 2)
    if value < 1e-3:
        return f"{1e3 * value:.4g}ms"
    return f"{1e3 * value:.4g}ms" if value < 1.0 else f"{value:.4g}s"
