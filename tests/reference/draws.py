"""The luck of every action, restated in plain Python: the same keys and the same transforms as the engine's draws.

Nothing is imported from the simulator's numerics, so a slip in a hash, a quantile or a gamma shows as a difference.
A draw is a pure function of whose it is and what it is for; the reference and the engine therefore see the same
users with the same luck, and can be compared action by action.
"""

import hashlib
import math
from statistics import NormalDist

import numpy as np

from simulator.mechanisms.distributions import (
    Constant,
    Distribution,
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Uniform,
)

GAP, CLASS, ITEM, PHRASING, TURNS, LENGTHS, PROMPT, OUTPUT, THINK = range(9)
REJECT, HIT, FALSE_HIT, CHOICE, SERVICE, TTFT, TPOT, ERROR, CORRECT, CONFIDENCE = range(9, 19)
BACKOFF, SAMPLE, PATIENCE, HANDLE, RESOLVED, STALE, REFUSED, CRASH, LOST, LOST_BACK = range(19, 29)
ASK_AGAIN, AWAY, WAY_OUT, WAY_BACK, REGION, NAME_SERVICE, RELEASE, MIRROR = range(29, 37)
LANGUAGE, GROUNDED, CHECKED, OVERRIDE, PAUSE, NEXT_ACTION, BEFORE, REJECTED = range(37, 45)

_MASK = (1 << 64) - 1
_STANDARD_NORMAL = NormalDist()
_Z95 = _STANDARD_NORMAL.inv_cdf(0.95)


def name_key(*parts: str | int) -> int:
    """64-bit key of names: BLAKE2b over the parts, each closed by a zero byte, read as little-endian."""
    text = b"".join(str(part).encode() + b"\0" for part in parts)
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


def mix(z: int) -> int:
    """SplitMix64's finalizer."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def derive(key: int, code: int) -> int:
    """Key of the draw `code` under `key`."""
    return mix((key + (code + 1) * 0x9E3779B97F4A7C15) & _MASK)


def step_draw_key(action_key: int, step_key: int, turn: int, attempt: int, purpose: int) -> int:
    """Key of a draw at a step of an action."""
    return derive(action_key, step_key + (turn << 20 | attempt << 8 | purpose))


def uniform(key: int) -> float:
    """Uniform in (0, 1), from the upper 53 bits."""
    return ((key >> 12) + 0.5) * 2.0**-52


def exponential(key: int) -> float:
    """Exponential with mean 1, by inversion."""
    return -math.log(uniform(key))


def normal(key: int) -> float:
    """Standard normal, by inversion."""
    return _STANDARD_NORMAL.inv_cdf(uniform(key))


def standard_gamma(shape: float, key: int) -> float:
    """Gamma with scale 1: Marsaglia and Tsang (2000), pairs of draws numbered 1 and 2, 3 and 4, …; 0 is the boost."""
    if shape < 1.0:
        return float(_gamma_from_one(shape + 1.0, key) * uniform(derive(key, 0)) ** (1.0 / shape))
    return _gamma_from_one(shape, key)


def _gamma_from_one(shape: float, key: int) -> float:
    d = shape - 1.0 / 3.0
    number = 1
    while True:
        x = normal(derive(key, number))
        u = uniform(derive(key, number + 1))
        number += 2
        v = (1.0 + x / math.sqrt(9.0 * d)) ** 3
        if v > 0.0 and math.log(u) < 0.5 * x * x + d * (1.0 - v + math.log(v)):
            return d * v


def draw(distribution: Distribution, key: int) -> float:
    """One value of a distribution of the scenario, in the unit of its key."""
    if isinstance(distribution, Constant):
        return distribution.value
    if isinstance(distribution, Exponential):
        return distribution.mean * exponential(key)
    if isinstance(distribution, Uniform):
        return distribution.low + (distribution.high - distribution.low) * uniform(key)
    if isinstance(distribution, Lognormal):
        return _draw_lognormal(distribution, key)
    if isinstance(distribution, Gamma):
        shape = 1.0 / distribution.cv**2
        return distribution.mean / shape * standard_gamma(shape, key)
    assert isinstance(distribution, Empirical)
    levels = sorted(distribution.quantiles)
    return float(np.interp(uniform(key), levels, [distribution.quantiles[level] for level in levels]))


def _draw_lognormal(distribution: Lognormal, key: int) -> float:
    if distribution.p50 is not None and distribution.p95 is not None:
        return distribution.p50 * math.exp(math.log(distribution.p95 / distribution.p50) / _Z95 * normal(key))
    assert distribution.mean is not None
    assert distribution.cv is not None
    spread = 1.0 + distribution.cv**2
    return distribution.mean / math.sqrt(spread) * math.exp(math.sqrt(math.log(spread)) * normal(key))


def draw_turns(mean: float, is_geometric: bool, key: int) -> int:
    """Turns of a conversation: geometric from 1 up, or constant."""
    if not is_geometric or mean <= 1.0:
        return int(mean)
    return 1 + math.floor(math.log(uniform(key)) / math.log(1.0 - 1.0 / mean))


def draw_index(cumulative: "list[float] | np.ndarray[tuple[int], np.dtype[np.float64]]", key: int) -> int:
    """Index drawn by cumulated shares."""
    return min(int(np.searchsorted(cumulative, uniform(key), side="right")), len(cumulative) - 1)
