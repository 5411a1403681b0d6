from math import inf, nan

import pytest

from simulator.metrics.registry import TESTABLE
from simulator.render.numbers import Unit, estimate, plural, quantity, unit_of
from simulator.results.metric_samples import AREA_RATIOS, COUNT_RATIOS, USAGE_RATIOS
from simulator.theory.estimate import Estimate

_RATIOS = {**COUNT_RATIOS, **USAGE_RATIOS, **AREA_RATIOS}


def _estimate(value: float, low: float | None, high: float | None, unit: Unit) -> str:
    return estimate(Estimate(value, -inf if low is None else low, inf if high is None else high), unit).line


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (8.0, "time", "8 s"),
        (0.0, "time", "0 s"),
        (0.0125, "time", "12.5 ms"),
        (35e-6, "time", "35 µs"),
        (90.0, "time", "90 s"),
        (1800.0, "time", "30 min"),
        (3600.0, "time", "1 h"),
        (14 * 86400.0, "time", "14 d"),
        (0.995, "share", "99.5 %"),
        (0.9995, "share", "99.95 %"),
        (0.99995, "share", "99.995 %"),
        (1.0, "share", "100 %"),
        (0.0125, "points", "1.25 pp"),
        (0.35, "money", "$0.35"),
        (0.0004, "money", "$0.0004"),
        (12.5, "money", "$12.50"),
        (-12.5, "money", "-$12.50"),
        (160_000.0, "money", "$160,000"),
        (25e6, "money", "$25.00 M"),
        (40.0, "rate", "40/s"),
        (0.05, "rate", "3/min"),
        (0.001, "rate", "3.6/h"),
        (800_000.0, "count", "800,000"),
        (3.0, "count", "3"),
        (24.25, "number", "24.2"),
    ],
)
def test_one_number(value: float, unit: Unit, expected: str) -> None:
    assert quantity(value, unit) == expected


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_what_is_not_known_is_a_dash(value: float | None) -> None:
    assert quantity(value, "time") == "\N{EN DASH}"


@pytest.mark.parametrize(
    ("value", "low", "high", "unit", "expected"),
    [
        (2.312, 2.27, 2.354, "time", "2.31 s ± 0.04"),
        (0.412, 0.400, 0.424, "time", "412 ms ± 12"),
        (0.2143, 0.2103, 0.2183, "money", "$0.214 ± 0.004"),
        (0.2143, 0.2091, 0.2201, "money", "$0.214 (0.209\N{EN DASH}0.220)"),
        (160_345.0, 158_000.0, 162_900.0, "money", "$160,000 (158,000\N{EN DASH}163,000)"),
        (0.9995, 0.9990, 0.9998, "share", "99.95 % (99.90\N{EN DASH}99.98)"),
        (17.3, 9.0, 25.6, "number", "17 ± 8"),
        (0.001, 0.0, 0.005, "time", "1 ms (0\N{EN DASH}5)"),
    ],
)
def test_an_interval_sets_the_digits(
    value: float, low: float, high: float, unit: Unit, expected: str
) -> None:
    assert _estimate(value, low, high, unit) == expected


def test_an_exact_value_has_no_interval() -> None:
    assert _estimate(40.12, 40.12, 40.12, "rate") == "40.1/s"


def test_an_unknown_interval_is_marked() -> None:
    assert _estimate(3.2, None, None, "time") == "≈ 3.20 s"


def test_an_interval_below_the_digits_shown_is_left_out() -> None:
    assert _estimate(123.45678, 123.45677, 123.45679, "number") == "123.5"


def test_nothing_observed_is_a_dash() -> None:
    assert estimate(None, "time").line == "\N{EN DASH}"
    assert estimate(Estimate(nan, -inf, inf), "time").line == "\N{EN DASH}"


@pytest.mark.parametrize("metric", [name for name, ratio in _RATIOS.items() if ratio.is_of_trials])
def test_what_is_computed_as_a_share_reads_as_one(metric: str) -> None:
    assert metric in TESTABLE
    assert unit_of(metric) == "share"


@pytest.mark.parametrize("metric", ["utilization", "kv_usage", "prefix_hit_rate"])
def test_shares_of_time_and_of_tokens_read_as_shares(metric: str) -> None:
    assert unit_of(metric) == "share"


def test_nouns_follow_their_number() -> None:
    assert [plural(n, "threshold") for n in (0, 1, 2)] == ["0 thresholds", "1 threshold", "2 thresholds"]
