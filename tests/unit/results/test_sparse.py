"""What is kept without its zeros is read as it was given."""

import pickle
from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.results.sparse import kept_sparse


@kept_sparse("usage")
@dataclass(frozen=True)
class Kept:
    """Something with such a field."""

    usage: NDArray[np.float64]
    seed: int = 1


def _array(share: float, n: int = 40_000) -> NDArray[np.float64]:
    rng = np.random.default_rng(4)
    return (rng.uniform(-1.0, 1.0, n) * (rng.random(n) < share)).reshape(4, 100, -1)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.24, 0.26, 1.0])
def test_it_is_read_as_it_was_given(share: float) -> None:
    array = _array(share)
    kept = Kept(array)
    for one in (kept, replace(kept, seed=2), pickle.loads(pickle.dumps(kept))):
        np.testing.assert_array_equal(one.usage, array)
        assert one.usage.dtype == array.dtype


def test_zeros_take_no_room() -> None:
    array = _array(0.02)
    assert len(pickle.dumps(Kept(array))) < 0.05 * array.nbytes
    assert len(pickle.dumps(Kept(_array(0.5)))) > array.nbytes  # which would take more room with their places
