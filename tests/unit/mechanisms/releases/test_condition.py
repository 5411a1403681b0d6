"""Conditions are read as they are written, and nothing in them is ever evaluated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from simulator.mechanisms.releases.condition import CONDITION_METRICS, Condition

_read = TypeAdapter(Condition).validate_python


@pytest.mark.parametrize("percentile", ["p(95)latency", "p(95) latency", "p95 latency", "p95latency"])
def test_clauses_and_limits(percentile: str) -> None:
    condition = _read(f"success_rate >= 88% and {percentile} < 8s")
    assert condition.needs_all
    first, second = condition.clauses
    assert (first.metric, first.level, first.op, first.factor, first.limit) == (
        "success_rate",
        None,
        ">=",
        0,
        0.88,
    )
    assert (second.metric, second.level, second.op, second.limit) == ("latency", 0.95, "<", 8.0)
    assert not _read("error_rate > 5% or availability < 0.9").needs_all


@pytest.mark.parametrize(
    ("limit", "stable", "expected"),
    [
        ("stable", 0.8, 0.8),
        ("stable * 1.1", 2.0, 2.2),
        ("stable - 2%", 0.8, 0.78),
        ("stable + 500ms", 1.0, 1.5),
    ],
)
def test_limits_against_the_version_before(limit: str, stable: float, expected: float) -> None:
    metric = "latency" if "ms" in limit or "*" in limit else "success_rate"
    [clause] = _read(f"{metric} >= {limit}").clauses
    assert clause.holds(expected + 1e-9, stable)
    assert not clause.holds(expected - 1e-9, stable)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("success_rate", "not of the form"),
        ("sucess_rate > 1", "no metric `sucess_rate`"),
        ("p(95)success_rate > 1", "has no percentiles"),
        ("p95 error_rate > 1", "has no percentiles"),
        ("p(100)latency < 1s", "not a percentile"),
        ("p100 latency < 1s", "not a percentile"),
        ("p latency < 1s", "not of the form"),
        ("latency < 1s and ttft < 1s or error_rate < 1", "use one of them"),
        ("latency < __import__('os')", "not a number"),
        ("latency < stable ** 2", "not"),
        ("x" * 500, "expected a condition"),
    ],
)
def test_what_is_no_condition_is_told(text: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        _read(text)


@given(st.text(max_size=60))
def test_any_text_is_a_condition_or_refused(text: str) -> None:
    try:
        condition = _read(text)
    except ValidationError:
        return
    assert all(clause.metric in CONDITION_METRICS for clause in condition.clauses)
