"""The table of weeks: where nothing bends with demand, windows and the whole week agree within their noise."""

import pytest

from benchmarks.weeks import months
from simulator.economics.accounts import Basis, total_cost


def test_a_pool_that_is_held_costs_the_same_either_way() -> None:
    found = months("survive", "pilot", n_window_runs=4, n_weeks=1)
    windows, weeks = total_cost(found.of_windows), total_cost(found.of_weeks)
    assert windows.value == pytest.approx(weeks.value, rel=0.02)
    actions = [float(of.numbers(Basis.ACTION).mean()) for of in (found.of_windows, found.of_weeks)]
    assert actions[0] == pytest.approx(actions[1], rel=0.05)
    assert actions[1] == pytest.approx(1.2 * 730.0 * 3600.0, rel=0.01)  # what the scenario says
