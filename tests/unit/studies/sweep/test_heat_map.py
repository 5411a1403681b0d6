"""A heat map shows each pair of values once, and the mean over what else varies."""

import pandas as pd

from simulator.studies.sweep.heat_map import heat_map

_TABLE = pd.DataFrame(
    {
        "a": [1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0],
        "b": ["x", "y", "x", "y"] * 2,
        "c": [5] * 4 + [6] * 4,
        "same": [7] * 8,
        "latency_s.p95": [1.0, 2.0, 3.0, 4.0, 3.0, 4.0, 5.0, 6.0],
    }
)


def test_every_pair_has_its_mean() -> None:
    figure = heat_map(_TABLE, ["same", "a", "b", "c"], "latency_s.p95")
    assert figure is not None
    shown = figure.data[0]
    assert (list(shown.x), list(shown.y)) == (["1", "2"], ["x", "y"])
    assert [list(row) for row in shown.z] == [[2.0, 4.0], [3.0, 5.0]]


def test_one_factor_has_no_map() -> None:
    assert heat_map(_TABLE, ["same", "a"], "latency_s.p95") is None


def test_samples_that_fill_the_space_have_no_map() -> None:
    samples = pd.DataFrame({"a": range(20), "b": range(20), "y": [1.0] * 20})
    assert heat_map(samples, ["a", "b"], "y") is None
