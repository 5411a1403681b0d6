"""Arrays that are nearly all zeros, kept as what is not: a plan holds hundreds of runs, and asks few of them for these."""

from collections.abc import Callable
from typing import NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Kept = TypeVar("Kept")

_WORTH_BYTES = 1 << 16  # smaller ones are kept as they are
_MOST = 0.25  # share that may be other than zero; a number and its place take more room than a number


class _Sparse(NamedTuple):
    """What is not zero of an array."""

    shape: tuple[int, ...]
    places: NDArray[np.int32]  # in the flat array
    values: Floats

    @classmethod
    def of(cls, array: Floats) -> Self | None:
        """None: it is small, or full."""
        if array.nbytes < _WORTH_BYTES or array.size > np.iinfo(np.int32).max:
            return None
        flat = array.reshape(-1)
        places = np.flatnonzero(flat)
        return (
            None
            if places.size > _MOST * array.size
            else cls(array.shape, places.astype(np.int32), flat[places])
        )

    def array(self) -> Floats:
        """The array, but for the sign of zeros; changing it changes nothing here."""
        flat = np.zeros(int(np.prod(self.shape)))
        flat[self.places] = self.values
        return flat.reshape(self.shape)


class _SparseField:
    """A field that is given, and read, as an array; a large one is made again for whoever reads it."""

    def __init__(self, name: str) -> None:
        self._kept = f"_{name}"

    def __get__(self, instance: object, _owner: type) -> Floats:
        """The array."""
        found: _Sparse | Floats = vars(instance)[self._kept]
        return found.array() if isinstance(found, _Sparse) else found

    def __set__(self, instance: object, array: Floats) -> None:
        """Keep an array."""
        vars(instance)[self._kept] = _Sparse.of(array) or array


def kept_sparse(name: str) -> Callable[[type[Kept]], type[Kept]]:
    """Let a dataclass keep the array of a field without its zeros."""

    def decorate(of: type[Kept]) -> type[Kept]:
        setattr(of, name, _SparseField(name))
        return of

    return decorate
