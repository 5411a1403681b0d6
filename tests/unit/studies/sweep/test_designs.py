"""Points of designs: which, how many, and always the same."""

from pathlib import Path

import numpy as np
import pytest

from simulator.studies.sweep.design_kind import DesignKind
from simulator.studies.sweep.designs import design_points, parse_shard, read_points, shard_points
from simulator.studies.sweep.parameters import Parameter, SweepError, parse_vary

TWO = [parse_vary("a=1,2"), parse_vary("b=x,y,z")]
RANGES = [parse_vary("a=uniform(0, 1)"), parse_vary("b=uniform(0, 1)")]


def test_a_grid_has_every_combination() -> None:
    assert design_points(DesignKind.GRID, TWO) == [(a, b) for a in ("1", "2") for b in ("x", "y", "z")]


def test_a_list_takes_values_side_by_side() -> None:
    factors = [parse_vary("a=1,2"), parse_vary("b=x,y")]
    assert design_points(DesignKind.LIST, factors) == [("1", "x"), ("2", "y")]


def test_one_at_a_time_changes_one_factor() -> None:
    points = design_points(DesignKind.OAT, [*TWO, RANGES[0].__class__("c", RANGES[0].domain, "")])
    assert points[0] == ("1", "x", "0.5")
    changes = [sum(x != y for x, y in zip(point, points[0], strict=True)) for point in points[1:]]
    assert changes == [1] * (1 + 2 + 4)


@pytest.mark.parametrize("n_points", [10, 64])
def test_a_latin_hypercube_has_one_point_per_slice(n_points: int) -> None:
    points = np.array(design_points(DesignKind.LHS, RANGES, n_points, seed=3), dtype=float)
    for column in points.T:
        assert sorted(np.floor(column * n_points).astype(int)) == list(range(n_points))


def test_sobol_points_are_balanced_and_those_of_a_smaller_design_come_first() -> None:
    points = np.array(design_points(DesignKind.SOBOL, RANGES, 64, seed=3), dtype=float)
    cells = np.floor(points * 8).astype(int)
    assert len({tuple(cell) for cell in cells}) == 64
    fewer = design_points(DesignKind.SOBOL, RANGES, 64, seed=3)[:40]
    assert design_points(DesignKind.SOBOL, RANGES, 40, seed=3) == fewer


def test_samples_depend_on_the_seed_alone() -> None:
    one, again, other = (design_points(DesignKind.LHS, RANGES, 8, seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_levels_of_a_distribution_in_a_grid() -> None:
    assert design_points(DesignKind.GRID, RANGES[:1], 4) == [("0.125",), ("0.375",), ("0.625",), ("0.875",)]


@pytest.mark.parametrize(
    ("kind", "factors", "n_points", "message"),
    [
        (DesignKind.GRID, [], None, "nothing to vary"),
        (DesignKind.GRID, [TWO[0], TWO[0]], None, "varied twice"),
        (DesignKind.SOBOL, RANGES, None, "give --points"),
        (DesignKind.SOBOL, RANGES, 0, "0 points"),
        (DesignKind.LHS, RANGES, 1_000_000, "between 1 and"),
        (DesignKind.GRID, RANGES, None, "give --points N"),
        (DesignKind.OAT, RANGES, 0, "zero points"),
        (DesignKind.LIST, TWO, None, "equally many values"),
        (DesignKind.LIST, TWO, 4, "does not go with it"),
        (DesignKind.GRID, RANGES, 1_000, "the grid has 1,000,000 points"),
    ],
)
def test_what_is_no_design_is_refused(
    kind: DesignKind, factors: list[Parameter], n_points: int | None, message: str
) -> None:
    with pytest.raises(SweepError, match=message.replace("(", r"\(")):
        design_points(kind, factors, n_points)


def test_points_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text('a.b,c\n1,"{x: 1, y: 2}"\n\n2,3\n', encoding="utf-8")
    design = read_points(path)
    assert [factor.path for factor in design.factors] == ["a.b", "c"]
    assert design.points == [("1", "{x: 1, y: 2}"), ("2", "3")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no points"),
        ("a,b\n", "has no points"),
        ("a,a\n1,2\n", "once"),
        ("a,\n1,2\n", "every column"),
        ("a,b\n1\n", "point 1 has not a value"),
        ("a,b\n1,\n", "point 1 has not a value"),
    ],
)
def test_a_file_without_points_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "points.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SweepError, match=message):
        read_points(path)


def test_shards_part_the_points() -> None:
    parts = [shard_points(10, number, 3) for number in (1, 2, 3)]
    assert sorted(index for part in parts for index in part) == list(range(10))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@pytest.mark.parametrize("text", ["0/4", "5/4", "2", "a/b", "1/0", "-1/3"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(SweepError, match="shard"):
        parse_shard(text)
    assert parse_shard("2/4") == (2, 4)
