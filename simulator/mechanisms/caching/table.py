"""Tables of response caches: instances (a cache in a region, or one for all), entries, index."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

INSTANCE = np.dtype(
    [
        ("capacity", np.int64),  # entries
        ("n_entries", np.int64),
        ("first_entry", np.int64),
        ("first_index", np.int64),  # in `index`
        ("ttl_s", np.float64),  # infinity: never expires
        ("newest", np.int64),  # most recently used entry, NONE when empty
        ("oldest", np.int64),
        ("false_hit", np.float64),
        ("hit_rate", np.float64),  # measured caches; negative: the hit rate emerges
        ("is_down", np.int64),  # 1: finds nothing and keeps nothing
    ],
    align=True,
)

ENTRY = np.dtype(
    [
        ("position", np.int64),  # in `index`
        ("stored_s", np.float64),
        ("newer", np.int64),
        ("older", np.int64),
        ("is_correct", np.int64),
    ],
    align=True,
)


class Caching(NamedTuple):
    """Response caches; `places[position]` is the entry that holds a question, NONE if none does."""

    instances: NDArray[np.void]  # [instance] INSTANCE
    entries: NDArray[np.void]  # [entry] ENTRY
    places: NDArray[np.int32]
