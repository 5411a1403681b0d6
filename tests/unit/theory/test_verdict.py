"""An objective is decided only where the whole interval lies on one side of its limit."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.theory.estimate import Estimate
from simulator.theory.verdict import verdict, worst

OPS = ["<", "<=", ">", ">="]
NUMBERS = st.floats(-1e9, 1e9)


@pytest.mark.parametrize(
    ("op", "below", "above"),
    [("<", "PASS", "FAIL"), ("<=", "PASS", "FAIL"), (">", "FAIL", "PASS"), (">=", "FAIL", "PASS")],
)
def test_an_interval_on_one_side_decides(op: str, below: str, above: str) -> None:
    assert verdict(Estimate(1.0, 0.5, 1.5), op, 2.0) == below
    assert verdict(Estimate(3.0, 2.5, 3.5), op, 2.0) == above
    assert verdict(Estimate(2.0, 1.5, 2.5), op, 2.0) == "UNDECIDED"


@pytest.mark.parametrize(("op", "expected"), [("<", "FAIL"), ("<=", "PASS"), (">", "FAIL"), (">=", "PASS")])
def test_on_the_limit_the_equals_sign_decides(op: str, expected: str) -> None:
    assert verdict(Estimate.exact(2.0), op, 2.0) == expected


@pytest.mark.parametrize("op", OPS)
def test_what_is_not_known_is_undecided(op: str) -> None:
    assert verdict(Estimate(1.0, -math.inf, math.inf), op, 2.0) == "UNDECIDED"
    assert verdict(Estimate(math.nan, -math.inf, math.inf), op, 2.0) == "UNDECIDED"
    assert verdict(Estimate.exact(math.nan), op, 2.0) == "UNDECIDED"


@given(NUMBERS, NUMBERS, NUMBERS, st.sampled_from(OPS))
def test_opposite_objectives_have_opposite_verdicts(one: float, other: float, limit: float, op: str) -> None:
    low, high = min(one, other), max(one, other)
    estimate = Estimate(low, low, high)
    opposite = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[op]
    turned = {"PASS": "FAIL", "FAIL": "PASS", "UNDECIDED": "UNDECIDED"}
    assert verdict(estimate, opposite, limit) == turned[verdict(estimate, op, limit)]


def test_an_unknown_comparison_is_an_error() -> None:
    with pytest.raises(KeyError):
        verdict(Estimate.exact(1.0), "==", 1.0)


def test_the_worst_of_none_passes() -> None:
    assert worst([]) == worst(["PASS"]) == "PASS"
    assert worst(["PASS", "UNDECIDED"]) == "UNDECIDED"
    assert worst(["UNDECIDED", "FAIL", "PASS"]) == "FAIL"
