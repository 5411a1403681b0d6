"""Counter-based random numbers: every draw is a pure function of what it is for, never of the order of events.

A request has a 64-bit key, mixed from (seed, stream, request number). A draw adds a code (step, turn, attempt,
purpose) to it and mixes again (SplitMix64's finalizer; Steele, Lea, Flood, OOPSLA 2014). Two scenarios with one
seed therefore see the same users with the same luck.
"""

import math

import numpy as np

from simulator.numerics.jit import entry, jit

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_A = np.uint64(0xBF58476D1CE4E5B9)
_MIX_B = np.uint64(0x94D049BB133111EB)
_S30 = np.uint64(30)
_S27 = np.uint64(27)
_S31 = np.uint64(31)
_S12 = np.uint64(12)
_STEP = 2.0**-52
_HALF_STEP = 2.0**-53

# Coefficients of the rational functions of AS 241 (Wichura, Applied Statistics 37, 1988), highest power first.
_CENTER_NUMERATOR = (
    2509.0809287301226727,
    33430.575583588128105,
    67265.770927008700853,
    45921.953931549871457,
    13731.693765509461125,
    1971.5909503065514427,
    133.14166789178437745,
    3.387132872796366608,
)
_CENTER_DENOMINATOR = (
    5226.495278852545925,
    28729.085735721942674,
    39307.89580009271061,
    21213.794301586595867,
    5394.1960214247511077,
    687.1870074920579083,
    42.313330701600911252,
    1.0,
)
_MIDDLE_NUMERATOR = (
    7.7454501427834140764e-4,
    0.0227238449892691845833,
    0.24178072517745061177,
    1.27045825245236838258,
    3.64784832476320460504,
    5.7694972214606914055,
    4.6303378461565452959,
    1.42343711074968357734,
)
_MIDDLE_DENOMINATOR = (
    1.05075007164441684324e-9,
    5.475938084995344946e-4,
    0.0151986665636164571966,
    0.14810397642748007459,
    0.68976733498510000455,
    1.6763848301838038494,
    2.05319162663775882187,
    1.0,
)
_TAIL_NUMERATOR = (
    2.01033439929228813265e-7,
    2.71155556874348757815e-5,
    0.0012426609473880784386,
    0.026532189526576123093,
    0.29656057182850489123,
    1.7848265399172913358,
    5.4637849111641143699,
    6.6579046435011037772,
)
_TAIL_DENOMINATOR = (
    2.04426310338993978564e-15,
    1.4215117583164458887e-7,
    1.8463183175100546818e-5,
    7.868691311456132591e-4,
    0.0148753612908506148525,
    0.13692988092273580531,
    0.59983220655588793769,
    1.0,
)

CONSTANT = 0
EXPONENTIAL = 1
UNIFORM = 2
LOGNORMAL = 3
GAMMA = 4
EMPIRICAL = 5
GEOMETRIC = 6

DISTRIBUTION = np.dtype(
    [
        ("kind", np.int64),  # one of the codes above
        (
            "a",
            np.float64,
        ),  # constant: value; exponential: mean; uniform: low; lognormal: mu; gamma: shape; geometric: mean
        ("b", np.float64),  # uniform: high − low; lognormal: sigma; gamma: scale
        ("offset", np.int64),  # empirical: first row in the quantile table
        ("n", np.int64),  # empirical: rows
    ]
)


@entry
def mix64(z):
    """Finalize 64 bits so that neighbouring counters give unrelated values."""
    z = (z ^ (z >> _S30)) * _MIX_A
    z = (z ^ (z >> _S27)) * _MIX_B
    return z ^ (z >> _S31)


@entry
def derive(key, code):
    """Key of the draw `code` (uint64) under `key` (uint64)."""
    return mix64(key + (code + np.uint64(1)) * GOLDEN)


@entry
def uniform(key):
    """Uniform in the open interval (0, 1): the middles of 2^52 equal steps, all of them exact numbers."""
    return float(key >> _S12) * _STEP + _HALF_STEP


@entry
def exponential(key):
    """Exponential with mean 1."""
    return -math.log(uniform(key))


@jit
def _polynomial(coefficients, x):
    """Value at `x` by Horner's rule."""
    value = 0.0
    for coefficient in coefficients:
        value = value * x + coefficient
    return value


@entry
def standard_normal(key):
    """Standard normal by inversion."""
    return normal_quantile(uniform(key))


@entry
def normal_quantile(p):
    """Standard normal at a level in (0, 1) (Wichura, AS 241, PPND16: relative error about 1e-16)."""
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * _polynomial(_CENTER_NUMERATOR, r) / _polynomial(_CENTER_DENOMINATOR, r)
    r = math.sqrt(-math.log(p if q < 0.0 else 1.0 - p))
    if r <= 5.0:
        value = _polynomial(_MIDDLE_NUMERATOR, r - 1.6) / _polynomial(_MIDDLE_DENOMINATOR, r - 1.6)
    else:
        value = _polynomial(_TAIL_NUMERATOR, r - 5.0) / _polynomial(_TAIL_DENOMINATOR, r - 5.0)
    return -value if q < 0.0 else value


@entry
def standard_gamma(shape, key):
    """Gamma with scale 1 (Marsaglia and Tsang, ACM TOMS 26, 2000), on draws numbered under `key`."""
    boost = 1.0
    if shape < 1.0:
        boost = uniform(derive(key, np.uint64(0))) ** (1.0 / shape)
        shape += 1.0
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    counter = np.uint64(1)
    while True:
        x = standard_normal(derive(key, counter))
        u = uniform(derive(key, counter + np.uint64(1)))
        counter += np.uint64(2)
        root = 1.0 + c * x
        v = root * root * root
        if v > 0.0 and math.log(u) < 0.5 * x * x + d - d * v + d * math.log(v):
            return boost * d * v


@jit
def empirical(u, levels, values, offset, n):
    """Quantile function at `u`, linear between `n` rows of (levels, values) from `offset`."""
    low = offset
    high = offset + n - 1
    while high - low > 1:
        middle = (low + high) // 2
        if levels[middle] <= u:
            low = middle
        else:
            high = middle
    span = levels[high] - levels[low]
    share = (u - levels[low]) / span if span > 0.0 else 0.0
    return values[low] + share * (values[high] - values[low])


@entry
def sample(distribution, levels, values, key):
    """One value of a `DISTRIBUTION` record for the draw `key`; `levels`, `values`: the empirical tables."""
    kind = distribution.kind
    if kind == EXPONENTIAL:
        return distribution.a * exponential(key)
    if kind == CONSTANT:
        return distribution.a
    if kind == LOGNORMAL:
        return math.exp(distribution.a + distribution.b * standard_normal(key))
    if kind == UNIFORM:
        return distribution.a + distribution.b * uniform(key)
    if kind == GAMMA:
        return distribution.b * standard_gamma(distribution.a, key)
    if kind == GEOMETRIC:
        if distribution.a <= 1.0:
            return 1.0
        return 1.0 + math.floor(math.log(uniform(key)) / math.log(1.0 - 1.0 / distribution.a))
    return empirical(uniform(key), levels, values, distribution.offset, distribution.n)
