"""Shares of a log: what fails, which model is asked, how much of the input was cached, and what a request costs."""

from math import sqrt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.formats.logs.rows import LogRows
from simulator.theory.estimate import Estimate
from simulator.theory.intervals import wilson_interval

FloatArray = NDArray[np.float64]
_Z = 1.959963984540054


def share(successes: int, n: int) -> Estimate:
    """Share of rows, each by itself."""
    return wilson_interval(float(successes), float(n))


def ratio(over: FloatArray, under: FloatArray) -> Estimate | None:
    """Σ over / Σ under with its interval by linearisation; None: nothing under."""
    total = float(under.sum())
    if under.size < 2 or total <= 0.0:
        return None
    value = float(over.sum()) / total
    residual = over - value * under
    half = _Z * sqrt(under.size / (under.size - 1.0) * float(residual @ residual)) / total
    return Estimate(value, value - half, value + half)


def cached_share(frame: pd.DataFrame) -> tuple[Estimate, int] | None:
    """Share of the input tokens that a provider had in its cache, and of how many rows; None: the log does not say."""
    log = LogRows(frame)
    known = log.where(~np.isnan(log.cached_tokens) & (np.nan_to_num(log.input_tokens) > 0.0))
    if len(known) < 2 or not (known.cached_tokens > 0.0).any():
        return None
    found = ratio(known.cached_tokens, known.input_tokens)
    return (
        None
        if found is None
        else (Estimate(found.value, max(0.0, found.low), min(1.0, found.high)), len(known))
    )
