"""Quantities are read as people write them, and refused with what would be right."""

from datetime import date

import pytest
from pydantic import TypeAdapter, ValidationError

from simulator import units
from simulator.units import Objective


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (units.Seconds, "800ms", 0.8), (units.Seconds, "1h30m", 5400.0), (units.Seconds, "2d", 172_800.0),
        (units.Seconds, "6w", 3_628_800.0), (units.Seconds, "1_000", 1000.0), (units.Seconds, 5, 5.0),
        (units.Seconds, "12.5 µs", 12.5e-6), (units.Seconds, "1 month", None), (units.Seconds, "soon", None),
        (units.Seconds, "1e400s", None), (units.Seconds, True, None), (units.Seconds, 10**400, None),
        (units.RatePerSecond, "40 rps", 40.0), (units.RatePerSecond, "120 rpm", 2.0),
        (units.RatePerSecond, "600/min", 10.0), (units.RatePerSecond, "14 per day", 14 / 86_400),
        (units.RatePerSecond, "730 per month", 730 / (730 * 3600)), (units.RatePerSecond, "2k rps", 2000.0),
        (units.UserRate, "14 per day", 14 / 86_400), (units.UserRate, 0.002, 0.002),
        (units.UserRate, "8 workday", None), (units.UserRate, "8 per workweek", None),
        (units.UserRate, "-8 per workday", None), (units.UserRate, "2M tpm", None),
        (units.RatePerSecond, "8 per workday", None),
        (units.RatePerSecond, "2M tpm", None), (units.RatePerSecond, "3 per moon", None),
        (units.TokensPerMinute, "2M tpm", 2e6), (units.TokensPerMinute, "800k", 8e5),
        (units.TokensPerMinute, "400_000", 4e5), (units.TokensPerMinute, "2M rpm", None),
        (units.Count, "12_000", 12_000), (units.Count, "50k", 50_000), (units.Count, "5000 rpm", 5000),
        (units.Count, 2.5, None), (units.Count, "1e30", None), (units.Count, "many", None),
        (units.Share, "5%", 0.05), (units.Share, 0.05, 0.05), (units.Share, "140%", None),
        (units.Share, "-1%", None), (units.SignedShare, "-0.6%", -0.006),
        (units.SignedShare, "4% per month", 0.04), (units.SignedShare, "4% per moon", None),
        (units.UsdPerHour, "$28/hour", 28.0), (units.UsdPerHour, "$2.99/gpu_hour", 2.99),
        (units.UsdPerHour, "$28/day", None), (units.UsdPerCall, "$0.0004/call", 0.0004),
        (units.UsdPerMonth, "$6_000/month", 6000.0), (units.UsdPerMillionTokens, "$3/Mtok", 3.0),
        (units.UsdPerGigabyte, "$0.02/GB", 0.02), (units.UsdPerGigabyte, "$0.02/MB", None),
        (units.Bytes, "20kB", 20e3), (units.Bytes, "1.5 MB", 1.5e6), (units.Bytes, 4, 4.0),
        (units.Bytes, "400B", 400.0), (units.Bytes, "20 miB", None), (units.Bytes, "much", None),
        (units.UsdPerMillionTokens, "$3/token", None), (units.Usd, "$0.35", 0.35),
        (units.Usd, "-$2k", -2000.0),
        (units.Quantity, "600ms", 0.6), (units.Quantity, "3k", 3000.0), (units.Quantity, "3 apples", None),
        (units.Day, "2027-01-04", date(2027, 1, 4)), (units.Day, "2027-02-30", None), (units.Day, 5, None),
        (units.Day, "4 Jan", None), (units.Day, date(2027, 1, 4), date(2027, 1, 4)),
    ],
)  # fmt: skip
def test_quantities(kind, text, value):
    adapter = TypeAdapter(kind)
    if value is None:
        with pytest.raises(ValidationError):
            adapter.validate_python(text)
    else:
        read = adapter.validate_python(text)
        assert read == (value if isinstance(value, date) else pytest.approx(value))


def test_a_refusal_says_what_would_be_right():
    with pytest.raises(ValidationError, match="`soon` is not a duration such as `800ms`"):
        TypeAdapter(units.Seconds).validate_python("soon")


@pytest.mark.parametrize(
    ("text", "statistic", "op", "limit"),
    [
        ("p(95) < 8s", 0.95, "<", 8.0), ("p(99.9)<=800ms", 0.999, "<=", 0.8), ("mean < 2s", None, "<", 2.0),
        ("p95 < 8s", 0.95, "<", 8.0), ("p99.9<=800ms", 0.999, "<=", 0.8), ("p( 95 )< 8s", 0.95, "<", 8.0),
        ("avg<2", None, "<", 2.0), ("med < 1m", 0.5, "<", 60.0), (">= 99.5%", None, ">=", 0.995),
        ("< $0.35", None, "<", 0.35), ("> 3", None, ">", 3.0),
    ],
)  # fmt: skip
def test_objectives(text, statistic, op, limit):
    objective = Objective.model_validate(text)
    assert (objective.statistic, objective.op) == (pytest.approx(statistic) if statistic else None, op)
    assert objective.limit == pytest.approx(limit)
    assert Objective.model_validate(objective.model_dump()) == objective


@pytest.mark.parametrize(
    "text",
    [
        "p(100) < 8s", "p0 < 8s", "p(0) < 8s", "8s", "p100 < 8s", "p < 8s", "p(95 < 8s", "p95) < 8s", "< soon", "", 5,
        None, "p(9.9.9) < 1", "p9.9.9 < 1",
    ],
)  # fmt: skip
def test_what_is_no_objective_is_refused(text):
    with pytest.raises(ValidationError):
        Objective.model_validate(text)


@pytest.mark.parametrize(
    "text", ["8 per workday", "8/workday", "8 questions per workday", {"per_workday": 8}]
)
def test_a_rate_of_workdays_keeps_its_days(text):
    assert TypeAdapter(units.UserRate).validate_python(text) == units.WorkdayRate(per_workday=8)
