"""Leading parts that prompts have in common: system prompts, and the hashed blocks of recorded prompts."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class TraceUnits:
    """Blocks of the prompts of a trace: equal keys, equal blocks behind equal ones."""

    tokens: int  # of one block
    keys: NDArray[np.uint64]  # row after row
    rows: NDArray[np.int64]  # [row, 2] first key and number of keys
    n_distinct: int


@dataclass
class UnitList:
    """Units of all workloads, one after the other."""

    _keys: list[NDArray[np.uint64]] = field(default_factory=list)
    _rows: list[NDArray[np.int64]] = field(default_factory=list)
    _n: int = 0

    def add(self, key: np.uint64) -> int:
        """Number of a new unit."""
        self._keys.append(np.array([key], dtype=np.uint64))
        self._n += 1
        return self._n - 1

    def add_rows(self, n_rows: int, units: TraceUnits | None) -> None:
        """Units of the next rows of token lengths; None: they have none."""
        if units is None:
            self._rows.append(np.zeros((n_rows, 2), dtype=np.int64))
            return
        self._rows.append(units.rows + np.array([self._n, 0]))
        self._keys.append(units.keys)
        self._n += units.keys.size

    def rows(self) -> NDArray[np.int64]:
        """First unit and number of units of each row of token lengths."""
        return np.concatenate([*self._rows, np.zeros((1, 2), dtype=np.int64)])

    def keys(self) -> NDArray[np.uint64]:
        """Key of every unit."""
        return np.concatenate([*self._keys, np.zeros(0, dtype=np.uint64)])
