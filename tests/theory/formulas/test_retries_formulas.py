"""Retry amplification against the published examples and a plain recursion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.theory.retries import (
    attempts_per_request,
    budgeted_attempts_per_request,
    failed_share,
    layered_attempts_per_request,
)


def test_three_layers_of_four_attempts_are_64() -> None:
    # Site Reliability Engineering (2016), chapter 22: three layers, three retries each, nothing answers: 4³.
    assert layered_attempts_per_request(1.0, 3, 3) == 64.0
    assert attempts_per_request(1.0, 3) == 4.0


def test_a_budget_of_a_tenth_holds_growth_to_a_tenth() -> None:
    # Site Reliability Engineering (2016), chapter 21: retries up to 10 % let traffic grow 1.1, not 3 times.
    assert budgeted_attempts_per_request(1.0, 2, 0.1) == pytest.approx(1.1)
    assert attempts_per_request(1.0, 2) == 3.0
    assert budgeted_attempts_per_request(0.01, 2, 0.1) == attempts_per_request(0.01, 2)


@given(st.floats(0.0, 0.99), st.integers(0, 20))
def test_each_attempt_is_made_if_the_one_before_failed(error_rate: float, n_retries: int) -> None:
    closed = (1.0 - error_rate ** (n_retries + 1)) / (1.0 - error_rate)
    assert attempts_per_request(error_rate, n_retries) == pytest.approx(closed)
    # What fails in the end are all failed attempts less those that were retried.
    attempts = attempts_per_request(error_rate, n_retries)
    assert failed_share(error_rate, n_retries) == pytest.approx(
        1.0 - attempts * (1.0 - error_rate), abs=1e-12
    )


@given(st.floats(0.0, 1.0), st.integers(0, 4), st.integers(0, 3))
def test_layers_are_one_layer_with_as_many_attempts(error_rate: float, n_retries: int, n_layers: int) -> None:
    together = (n_retries + 1) ** n_layers - 1
    layered = layered_attempts_per_request(error_rate, n_retries, n_layers)
    assert layered == pytest.approx(attempts_per_request(error_rate, together))
