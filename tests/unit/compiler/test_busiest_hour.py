"""The busiest hour of what remembers is the one after the most demand, not the first of a busy stretch."""

import numpy as np
import pytest

from simulator.compiler.stage_demand import Cells

_HOUR_S = 3600.0


def _day(busy: range) -> Cells:
    rates = np.array([[2.0 if hour in busy else 1.0 for hour in range(48)]])
    return Cells(np.arange(49) * _HOUR_S, rates)


@pytest.mark.parametrize("busy", [range(9, 13), range(4)], ids=["midday", "as the span begins"])
def test_it_is_the_last_of_a_busy_stretch_where_targets_remember(busy: range) -> None:
    cells, everybody = _day(busy), np.ones(1, dtype=np.bool_)
    assert cells.busiest(everybody)[0] == busy[0] * _HOUR_S
    assert cells.busiest(everybody, memory_s=1800.0)[0] == busy[-1] * _HOUR_S
    late, _ = cells.busiest(everybody, memory_s=12 * _HOUR_S)
    assert late == (busy[-1] + 1) * _HOUR_S, "it is slow to forget, too"


def test_where_every_hour_is_the_same_it_is_the_first() -> None:
    assert _day(range(48)).busiest(np.ones(1, dtype=np.bool_), memory_s=7200.0) == (0.0, _HOUR_S)


@pytest.mark.parametrize("memory_s", [0.0, 600.0])
def test_it_is_shorter_than_an_hour_where_a_stage_ends_half_an_hour_after_a_rise(memory_s: float) -> None:
    """A stage ends at midnight UTC, half past ten in Adelaide, half an hour into the morning."""
    edges_s = np.array([*range(0, 48, 2), 47, 48]) * 1800.0
    rates = np.array([[1.0] * 23 + [0.5, 2.0]])
    found = Cells(edges_s, rates).busiest(np.ones(1, dtype=np.bool_), memory_s=memory_s)
    assert found == (47 * 1800.0, 1800.0)
