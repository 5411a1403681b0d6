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
    assert cells.busiest_hour(everybody) == busy[0] * _HOUR_S
    assert cells.busiest_hour(everybody, memory_s=1800.0) == busy[-1] * _HOUR_S
    late = cells.busiest_hour(everybody, memory_s=12 * _HOUR_S)
    assert late == (busy[-1] + 1) * _HOUR_S, "it is slow to forget, too"


def test_where_every_hour_is_the_same_it_is_the_first() -> None:
    assert _day(range(48)).busiest_hour(np.ones(1, dtype=np.bool_), memory_s=7200.0) == 0.0
