"""Distributions as people know them keep their promises: the percentiles, means and spreads that were stated."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from scipy import stats

from simulator.mechanisms.distribution_means import lognormal_parameters, mean_of
from simulator.mechanisms.distribution_table import DistributionTable
from simulator.mechanisms.distributions import Distribution, Lognormal
from simulator.numerics import draws

READ: TypeAdapter[Distribution] = TypeAdapter(Distribution)
positive = st.floats(1e-3, 1e4)


def _law(distribution: Distribution) -> stats.rv_continuous:
    """What scipy calls the row that a distribution became."""
    table = DistributionTable()
    table.add(distribution)
    row = table.arrays()[0][0]
    if row.kind == draws.EXPONENTIAL:
        return stats.expon(scale=row.a)
    if row.kind == draws.UNIFORM:
        return stats.uniform(row.a, row.b)
    if row.kind == draws.LOGNORMAL:
        return stats.lognorm(row.b, scale=np.exp(row.a))
    assert row.kind == draws.GAMMA
    return stats.gamma(row.a, scale=row.b)


@given(positive, st.floats(1.0001, 100.0))
def test_a_lognormal_has_its_percentiles(p50: float, ratio: float) -> None:
    law = _law(Lognormal(distribution="lognormal", p50=p50, p95=p50 * ratio))
    assert law.ppf(0.5) == pytest.approx(p50, rel=1e-12)
    assert law.ppf(0.95) == pytest.approx(p50 * ratio, rel=1e-12)


@pytest.mark.parametrize("kind", ["lognormal", "gamma"])
@given(mean=positive, cv=st.floats(0.01, 5.0))
def test_mean_and_spread_are_as_stated(kind: str, mean: float, cv: float) -> None:
    distribution = READ.validate_python({"distribution": kind, "mean": mean, "cv": cv})
    law = _law(distribution)
    assert law.mean() == pytest.approx(mean, rel=1e-9)
    assert law.std() == pytest.approx(cv * mean, rel=1e-9)
    assert mean_of(distribution) == pytest.approx(mean, rel=1e-12)


def test_a_lognormal_without_spread_is_constant() -> None:
    assert lognormal_parameters(Lognormal(distribution="lognormal", mean=3.0, cv=0.0)) == (np.log(3.0), 0.0)


@given(positive, positive)
def test_an_exponential_and_a_uniform_have_their_means(low: float, width: float) -> None:
    exponential = READ.validate_python({"distribution": "exponential", "mean": low})
    assert _law(exponential).mean() == mean_of(exponential) == low
    uniform = READ.validate_python({"distribution": "uniform", "low": low, "high": low + width})
    assert _law(uniform).support() == pytest.approx((low, low + width), rel=1e-12)
    assert mean_of(uniform) == pytest.approx(_law(uniform).mean(), rel=1e-12)


def test_several_distributions_share_the_quantile_tables() -> None:
    table = DistributionTable()
    numbers = [
        table.add(READ.validate_python(value))
        for value in (
            {"distribution": "empirical", "quantiles": {1: 9, 0: 1, 0.5: 4}},
            {"distribution": "constant", "value": 2.5},
            {"distribution": "empirical", "quantiles": {0: 10, 1: 20}},
        )
    ]
    numbers += [table.add_turns(3.0, True), table.add_turns(2.0, False)]
    records, levels, values = table.arrays()
    assert numbers == [0, 1, 2, 3, 4]
    assert levels.tolist() == [0.0, 0.5, 1.0, 0.0, 1.0]
    assert values.tolist() == [1.0, 4.0, 9.0, 10.0, 20.0]
    assert [(row.kind, row.a, row.offset, row.n) for row in records] == [
        (draws.EMPIRICAL, 0.0, 0, 3),
        (draws.CONSTANT, 2.5, 0, 0),
        (draws.EMPIRICAL, 0.0, 3, 2),
        (draws.GEOMETRIC, 3.0, 0, 0),
        (draws.CONSTANT, 2.0, 0, 0),
    ]


def test_the_mean_of_quantiles_is_the_area_under_them() -> None:
    distribution = READ.validate_python({"distribution": "empirical", "quantiles": {0: 0, 0.9: 10, 1: 110}})
    assert mean_of(distribution) == pytest.approx(0.9 * 5.0 + 0.1 * 60.0, rel=1e-12)


def test_a_scenario_without_distributions_has_tables_all_the_same() -> None:
    assert [array.size for array in DistributionTable().arrays()] == [1, 1, 1]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"distribution": "uniform", "low": 3, "high": 2}, "swap them"),
        ({"distribution": "lognormal", "p50": 3, "p95": 2}, "swap them"),
        (
            {"distribution": "lognormal", "p50": 3, "mean": 2},
            "give either `p50` and `p95`, or `mean` and `cv`",
        ),
        ({"distribution": "lognormal", "p50": 3}, "give either"),
        ({"distribution": "lognormal", "p50": 3, "p95": 4, "mean": 2, "cv": 1}, "give either"),
        ({"distribution": "empirical", "quantiles": {0: 1, 0.9: 2}}, "must start at 0 and end at 1"),
        ({"distribution": "empirical", "quantiles": {0: 3, 1: 2}}, "must not fall"),
        ({"distribution": "empirical", "quantiles": {0: -3, 1: 2}}, "nor be negative"),
        ({"distribution": "exponential", "mean": 0}, "greater than 0"),
        ({"distribution": "pareto", "mean": 1}, "lognormal"),
    ],
)
def test_what_is_no_distribution_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        READ.validate_python(values)
