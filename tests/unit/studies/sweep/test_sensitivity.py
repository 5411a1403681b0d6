"""Sensitivities against functions whose shares of variance are known."""

import numpy as np
import pytest

from simulator.studies.sweep.design_kind import DesignKind
from simulator.studies.sweep.designs import block_size, design_points
from simulator.studies.sweep.parameters import SweepError, parse_vary
from simulator.studies.sweep.sensitivity import Sensitivity, sensitivities, sobol_sensitivities
from simulator.theory.sensitivity import MIN_POINTS

N_POINTS = 512


def _factors(n_points: int = N_POINTS) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    return {"a": rng.random(n_points), "b": rng.random(n_points), "c": rng.random(n_points)}


def test_shares_of_a_sum_are_those_of_its_variances() -> None:
    factors = _factors()
    found = sensitivities(factors, {"y": 2.0 * factors["a"] + factors["b"]})
    shares = {row.factor: row for row in found}
    for name, share in {"a": 0.8, "b": 0.2, "c": 0.0}.items():
        assert abs(shares[name].first_order - share) <= 2.0 * shares[name].half_width + 0.02
    assert shares["a"].pawn > shares["b"].pawn > shares["c"].pawn


def test_nothing_is_said_about_too_few_points_or_what_does_not_move() -> None:
    few = _factors(MIN_POINTS - 1)
    assert sensitivities(few, {"y": few["a"]}) == []
    factors = _factors()
    assert sensitivities(factors, {"y": np.ones(N_POINTS)}) == []
    still = {"a": np.ones(N_POINTS)}
    assert sensitivities(still, {"y": factors["a"]}) == []


@pytest.mark.parametrize("n_points", [MIN_POINTS, 70, 80, 90, 100])
def test_any_number_of_points_from_the_least_on_is_sliced(n_points: int) -> None:
    factors = _factors(n_points)
    found = sensitivities(factors, {"y": factors["a"]})
    assert found[0].pawn > found[1].pawn


def test_points_without_a_response_are_left_out() -> None:
    factors = _factors()
    response = np.where(factors["c"] < 0.2, np.nan, factors["a"])
    found = {row.factor: row.first_order for row in sensitivities(factors, {"y": response})}
    assert found["a"] > 0.9


def _ishigami(factors: dict[str, np.ndarray]) -> np.ndarray:
    """Ishigami and Homma, 1990, with a = 7, b = 0.1."""
    a, b, c = factors.values()
    return np.asarray(np.sin(a) + 7.0 * np.sin(b) ** 2 + 0.1 * c**4 * np.sin(a))


def _saltelli(n_points: int) -> dict[str, np.ndarray]:
    named = [parse_vary(f"{name}=uniform(-3.14159265, 3.14159265)") for name in "abc"]
    points = np.array(design_points(DesignKind.SALTELLI, named, n_points, seed=3), dtype=np.float64)
    return {name: points[:, column] for column, name in enumerate("abc")}


_PUBLISHED = {"a": (0.3139, 0.5576), "b": (0.4424, 0.4424), "c": (0.0, 0.2437)}  # first order, total


def _hold(found: list[Sensitivity], tolerance: float) -> None:
    for row in found:
        first_order, total = _PUBLISHED[row.factor]
        assert row.total is not None
        assert row.total_half_width is not None
        assert abs(row.first_order - first_order) <= max(2.0 * row.half_width, tolerance)
        assert abs(row.total - total) <= max(2.0 * row.total_half_width, tolerance)


def test_sobol_indices_of_the_ishigami_function_are_those_published() -> None:
    factors = _saltelli(8_192)
    numbers = np.arange(len(factors["a"]))
    found = sobol_sensitivities(factors, {"y": _ishigami(factors)}, numbers)
    assert [row.factor for row in found] == ["a", "b", "c"]
    _hold(found, tolerance=0.005)
    assert max(row.half_width for row in found) < 0.12
    assert max(row.total_half_width or 1.0 for row in found) < 0.09


def test_indices_hold_with_points_missing_and_out_of_order() -> None:
    """A point that failed, and one that was not run, take their blocks with them; the order does not matter."""
    factors = _saltelli(4_096)
    response = _ishigami(factors)
    response[7] = np.nan
    kept = np.delete(np.arange(len(response)), 50)[::-1].copy()
    found = sobol_sensitivities(
        {name: column[kept] for name, column in factors.items()}, {"y": response[kept]}, kept
    )
    _hold(found, tolerance=0.02)


def test_a_saltelli_design_is_of_whole_blocks_that_differ_in_one_factor() -> None:
    factors = np.column_stack(list(_saltelli(200).values()))
    size = block_size(3)
    assert len(factors) == 32 * size  # the largest power of two that 200 points have room for
    for block in factors.reshape(-1, size, 3):
        for column in range(3):
            expected = block[0].copy()
            expected[column] = block[-1][column]
            np.testing.assert_array_equal(block[1 + column], expected)


def test_a_saltelli_design_of_too_few_points_says_how_many_it_takes() -> None:
    with pytest.raises(SweepError, match="of 3 factors takes at least 80 points"):
        _saltelli(79)


def test_too_few_whole_blocks_say_nothing() -> None:
    factors = _saltelli(80)
    numbers = np.arange(80)
    assert len(sobol_sensitivities(factors, {"y": _ishigami(factors)}, numbers)) == 3
    without = {name: column[1:] for name, column in factors.items()}
    assert sobol_sensitivities(without, {"y": _ishigami(without)}, numbers[1:]) == []
