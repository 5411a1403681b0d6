"""A record that knows where arrays are: reads and writes through it reach the arrays themselves."""

import numpy as np
import pytest

from simulator.numerics.jit import entry
from simulator.numerics.pointers import address_of, array_accessor, record_accessor

POINT = np.dtype([("name", np.int32), ("x_m", np.float64)], align=True)
MAP = np.dtype([("points", np.int64), ("grid", np.int64), ("n_rows", np.int64), ("cube", np.int64)])

point_at = record_accessor(MAP, "points", POINT)
grid_of = array_accessor(MAP, "grid", np.float64, "n_rows", 3)
cube_of = array_accessor(MAP, "cube", np.int32, 2, "n_rows", 4)


@entry
def move(maps, index, x_m):
    """Write a field of a record; returns what was there."""
    point = point_at(maps[0], index)
    before_m = point.x_m
    point.x_m = x_m
    point.name += 1
    return before_m


@entry
def shape_and_swap(maps):
    """Exchange corners of the two arrays; returns their sizes along each axis."""
    grid = grid_of(maps[0])
    cube = cube_of(maps[0])
    grid[grid.shape[0] - 1, 2] = cube[1, grid.shape[0] - 1, 3]
    cube[0, 1, 2] = 77
    return grid.shape[0], grid.shape[1], cube.shape[0], cube.shape[1], cube.shape[2]


def _map(points: np.ndarray, grid: np.ndarray, cube: np.ndarray) -> np.ndarray:
    found = np.zeros(1, dtype=MAP).view(np.recarray)
    found["points"], found["grid"], found["cube"] = map(address_of, (points, grid, cube))
    found["n_rows"] = grid.shape[0]
    return found


@pytest.mark.parametrize("index", [0, 2, 4])
def test_a_record_is_written_in_place(index: int) -> None:
    points = np.zeros(5, dtype=POINT)
    points["x_m"] = np.arange(5) + 0.5
    world = _map(points, np.zeros((1, 3)), np.zeros((2, 1, 4), dtype=np.int32))
    assert move(world, index, -8.25) == index + 0.5
    expected = np.arange(5) + 0.5
    expected[index] = -8.25
    assert points["x_m"].tolist() == expected.tolist()
    assert points["name"].tolist() == [int(place == index) for place in range(5)]


@pytest.mark.parametrize("n_rows", [2, 5])
def test_an_array_has_the_lengths_that_were_said(n_rows: int) -> None:
    grid = np.zeros((n_rows, 3))
    cube = np.arange(2 * n_rows * 4, dtype=np.int32).reshape(2, n_rows, 4)
    last = int(cube[1, n_rows - 1, 3])
    assert shape_and_swap(_map(np.zeros(1, dtype=POINT), grid, cube)) == (n_rows, 3, 2, n_rows, 4)
    assert grid[n_rows - 1, 2] == last
    assert np.count_nonzero(grid) == 1
    assert cube[0, 1, 2] == 77


def test_only_arrays_in_one_piece_have_an_address() -> None:
    whole = np.zeros((4, 4))
    assert address_of(whole[2:]) - address_of(whole) == 2 * 4 * 8
    with pytest.raises(AssertionError):
        address_of(whole[:, :2])
