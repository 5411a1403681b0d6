"""Log-scale histograms: 64 bins per octave, found from the bits of a float; merging is adding.

The last bin, `NEVER`, holds what has no value because it did not happen: it is above every value.

Bins are at most 1.6 % wide, and `quantile` interpolates inside one, so a quantile is within 1.6 % of the sample's.
"""

import math

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from simulator.numerics.jit import entry, jit

_BINS_PER_OCTAVE = 64
_LOWEST_EXPONENT = -19  # frexp exponent of 2^-20 s, about 1 µs
_N_OCTAVES = 41  # up to about 2.1e6 s, 24 days
NEVER = 1 + _BINS_PER_OCTAVE * _N_OCTAVES  # index of the bin of what did not happen
N_BINS = NEVER + 1
COARSE_SHIFT = 3  # eight bins in one, at most 12.5 % wide: where there is a histogram per time bucket
N_COARSE_BINS = ((N_BINS - 1) >> COARSE_SHIFT) + 1


@intrinsic
def _bits_compiled(typing_context, value):
    """The 64 bits of a float64 as an int64."""

    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), generate


def _bits_interpreted(value: float) -> int:
    """The same for `NUMBA_DISABLE_JIT=1`."""
    return int(np.float64(value).view(np.int64))


_bits = _bits_interpreted if numba.config.DISABLE_JIT else _bits_compiled
_SHIFT = 52 - 6  # keeps six bits of the mantissa: 64 bins an octave
_FIRST = (1023 + _LOWEST_EXPONENT - 1) << 6  # of 2^-20 s


@entry
def bin_of(value):
    """Index of the bin that holds `value` (>= 0); bin 0 is "less than a microsecond", the last but `NEVER` is open."""
    index = 1 + (_bits(value) >> _SHIFT) - _FIRST
    return max(0, min(index, NEVER - 1))


def bins_of(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return `bin_of` of many values, int64[value]."""
    bits = np.ascontiguousarray(values, dtype=np.float64).view(np.int64)
    return np.clip(1 + (bits >> _SHIFT) - _FIRST, 0, NEVER - 1)


@jit
def lower_edge(index):
    """Where a bin begins, in the unit of the values."""
    if index <= 0:
        return 0.0
    octave = (index - 1) // _BINS_PER_OCTAVE
    return math.ldexp(0.5 + ((index - 1) % _BINS_PER_OCTAVE) / 128.0, int(octave + _LOWEST_EXPONENT))


def bin_edges() -> NDArray[np.float64]:
    """Edges of all bins, float64[N_BINS + 1], in the unit of the values; bin 0 starts at 0, `NEVER` ends at infinity."""
    octaves = np.repeat(np.arange(_N_OCTAVES) + _LOWEST_EXPONENT, _BINS_PER_OCTAVE)
    mantissas = 0.5 + np.tile(np.arange(_BINS_PER_OCTAVE), _N_OCTAVES) / 128.0
    top = 2.0 ** (_N_OCTAVES + _LOWEST_EXPONENT - 1)
    return np.concatenate([[0.0], np.ldexp(mantissas, octaves), [top, np.inf]])


_EDGES = bin_edges()


def quantile(histogram: NDArray[np.int64], p: float) -> float:
    """Value at quantile `p` of a histogram int64[N_BINS], linear inside the bin; nan if it is empty.

    Infinity among those that did not happen.
    """
    total = int(histogram.sum())
    if total == 0:
        return math.nan
    cumulative = np.cumsum(histogram)
    rank = p * total
    index = min(int(np.searchsorted(cumulative, rank, side="left")), N_BINS - 1)
    while histogram[index] == 0:
        index += 1
    if index == 0:
        return 0.0
    if index == NEVER:
        return math.inf
    before = float(cumulative[index] - histogram[index])
    share = min(max((rank - before) / float(histogram[index]), 0.0), 1.0)
    return float(_EDGES[index] + share * (_EDGES[index + 1] - _EDGES[index]))
