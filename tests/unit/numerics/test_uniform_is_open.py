"""The uniform draw never is 0 or 1, whatever the key: logarithms and quantiles of it are finite."""

import math

import numpy as np
import pytest

from simulator.numerics.draws import exponential, standard_normal, uniform


@pytest.mark.parametrize("key", [0, 1, 2**11, 2**63, 2**64 - 2**12, 2**64 - 2**11, 2**64 - 1])
def test_no_key_gives_an_end_of_the_interval(key: int) -> None:
    drawn = uniform(np.uint64(key))
    assert 0.0 < drawn < 1.0
    assert 0.0 < exponential(np.uint64(key)) < 40.0
    assert math.isfinite(standard_normal(np.uint64(key)))


def test_both_ends_are_equally_far() -> None:
    assert uniform(np.uint64(0)) == 1.0 - uniform(np.uint64(2**64 - 1)) == 2.0**-53
