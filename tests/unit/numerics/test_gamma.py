"""The gamma distribution against scipy, over shapes of coefficients of variation from 0.01 to 20."""

import numpy as np
import pytest
from scipy.special import gammainc, gammaincinv, ndtri

from simulator.numerics.gamma import gamma_quantile, gamma_share_below
from simulator.numerics.jit import entry

LEVELS = (1e-12, 1e-6, 0.01, 0.3, 0.5, 0.9, 0.9999, 1.0 - 1e-9)


@entry
def _quantile(shape, level, normal):  # type: ignore[no-untyped-def]
    return gamma_quantile(shape, level, normal)


@pytest.mark.parametrize("shape", [0.0025, 0.05, 0.3, 1.0, 2.5, 40.0, 1e4])
def test_shares_and_values(shape: float) -> None:
    for level in LEVELS:
        value = float(gammaincinv(shape, level))
        if value < 1e-12:  # no length of anything
            assert _quantile(shape, level, float(ndtri(level))) < 1e-11
            continue
        assert gamma_share_below(shape, value) == pytest.approx(float(gammainc(shape, value)), abs=1e-11)
        assert _quantile(shape, level, float(ndtri(level))) == pytest.approx(value, rel=1e-8)
    assert gamma_share_below(shape, 0.0) == 0.0
    assert np.isclose(gamma_share_below(shape, 1e9), 1.0)
