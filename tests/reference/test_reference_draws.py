"""The reference's luck is the engine's luck: the same keys, the same transforms, to rounding."""

from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from simulator.kernel.codes import Purpose
from simulator.mechanisms.distribution_table import DistributionTable
from simulator.mechanisms.distributions import Distribution
from simulator.mechanisms.keys import name_key
from simulator.numerics import draws as engine
from tests.reference import draws

_N = 400
_ADAPTER: TypeAdapter[Distribution] = TypeAdapter(Distribution)


def test_keys_are_the_same_bits() -> None:
    key = draws.name_key("step", "tickets", "call", "crm", 2)
    assert key == int(name_key("step", "tickets", "call", "crm", 2))
    for code in [0, 1, 255, 1 << 40, 2**64 - 1]:
        derived = draws.derive(key, code)
        assert derived == int(engine.derive(np.uint64(key), np.uint64(code)))
        assert draws.uniform(derived) == engine.uniform(np.uint64(derived))
        key = derived


def test_purposes_have_the_same_numbers() -> None:
    assert all(getattr(draws, purpose.name) == purpose for purpose in Purpose)


@pytest.mark.parametrize(
    "values",
    [
        {"distribution": "constant", "value": 3.0},
        {"distribution": "exponential", "mean": 3.0},
        {"distribution": "uniform", "low": 1.0, "high": 3.0},
        {"distribution": "lognormal", "p50": 3.0, "p95": 9.0},
        {"distribution": "lognormal", "mean": 3.0, "cv": 1.4},
        {"distribution": "gamma", "mean": 3.0, "cv": 0.4},
        {"distribution": "gamma", "mean": 3.0, "cv": 2.4},
        {"distribution": "empirical", "quantiles": {0: 0.0, 0.25: 1.0, 0.5: 1.0, 0.99: 7.0, 1: 90.0}},
    ],
    ids=lambda values: str(values)[17:50],
)
def test_distributions_give_the_same_values(values: dict[str, Any]) -> None:
    distribution = _ADAPTER.validate_python(values)
    table = DistributionTable()
    number = table.add(distribution)
    records, levels, numbers = table.arrays()
    keys = [draws.derive(7, code) for code in range(_N)]
    sampled = [engine.sample(records[number], levels, numbers, np.uint64(key)) for key in keys]
    np.testing.assert_allclose([draws.draw(distribution, key) for key in keys], sampled, rtol=1e-12)


@pytest.mark.parametrize("mean", [1.0, 1.6, 40.0])
def test_turns_are_the_same_numbers(mean: float) -> None:
    table = DistributionTable()
    number = table.add_turns(mean, is_geometric=True)
    records, levels, numbers = table.arrays()
    keys = [draws.derive(7, code) for code in range(_N)]
    sampled = [int(engine.sample(records[number], levels, numbers, np.uint64(key))) for key in keys]
    assert [draws.draw_turns(mean, True, key) for key in keys] == sampled
    assert np.mean(sampled) == pytest.approx(mean, abs=4.0 * mean / np.sqrt(_N))
