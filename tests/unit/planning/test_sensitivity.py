"""Sensitivities against a function whose shares of variance are known."""

import numpy as np

from simulator.planning.sensitivity import MIN_POINTS, sensitivities

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


def test_points_without_a_response_are_left_out() -> None:
    factors = _factors()
    response = np.where(factors["c"] < 0.2, np.nan, factors["a"])
    found = {row.factor: row.first_order for row in sensitivities(factors, {"y": response})}
    assert found["a"] > 0.9
