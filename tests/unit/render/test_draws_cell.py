"""Few draws are told as what they are: hits of draws, with bounds that never make all of them look worse than some."""

from itertools import pairwise

import pytest

from simulator.render.draws_cell import draws_cell
from simulator.render.sections import Words
from simulator.theory.intervals import wilson_interval


@pytest.mark.parametrize(
    ("hits", "n", "expected"),
    [
        (16, 16, Words("16 of 16", "(81\N{EN DASH}100 %)")),
        (15, 16, Words("15 of 16", "(72\N{EN DASH}99 %)")),
        (0, 16, Words("0 of 16", "(0\N{EN DASH}19 %)")),
        (32, 64, Words("32 of 64", "(38\N{EN DASH}62 %)")),
    ],
)
def test_hits_of_draws_with_bounds(hits: int, n: int, expected: Words) -> None:
    assert draws_cell(wilson_interval(float(hits), float(n)), n) == expected


def test_nothing_drawn_is_nothing_said() -> None:
    assert draws_cell(None, 16) == Words("\N{EN DASH}")


@pytest.mark.parametrize("n", [1, 2, 4, 16, 64])
def test_one_failing_draw_more_never_looks_better(n: int) -> None:
    bounds = [wilson_interval(float(hits), float(n)) for hits in range(n + 1)]
    for fewer, more in pairwise(bounds):
        assert fewer.low <= more.low
        assert fewer.high <= more.high
