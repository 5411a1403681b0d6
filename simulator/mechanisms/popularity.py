"""How often each question is asked: Zipf's law, as tables that are made once."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class PopularityTable(NamedTuple):
    """Popularity of the questions of a workload, most popular first; read-only."""

    shares: NDArray[np.float64]  # [item] probability
    cumulative: NDArray[np.float64]
    guide: NDArray[np.int64]  # for u in [row/n, (row+1)/n): the first row that a search for u can end at


@lru_cache(maxsize=16)
def popularity_table(exponent: float, n_items: int) -> PopularityTable:
    """Probabilities that fall as rank^-exponent, and what a search by cumulated probability needs."""
    weights = np.arange(1, n_items + 1, dtype=np.float64) ** -exponent
    shares = weights / weights.sum()
    cumulative = np.cumsum(shares)
    starts = np.searchsorted(cumulative, np.arange(n_items) / n_items, side="right")
    table = PopularityTable(shares, cumulative, np.minimum(starts, n_items - 1).astype(np.int64))
    for array in table:
        array.flags.writeable = False
    return table
