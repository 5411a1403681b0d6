"""What `--vary` takes, and what it says when it does not."""

import numpy as np
import pytest
from scipy import stats

from simulator.studies.sweep.parameters import Levels, Range, SweepError, numbers_of, parse_vary


def _levels(spec: str) -> tuple[str, ...]:
    domain = parse_vary(f"a.b={spec}").domain
    assert isinstance(domain, Levels)
    return domain.texts


@pytest.mark.parametrize(
    ("spec", "texts"),
    [
        ("0,1,2,3", ("0", "1", "2", "3")),
        ("5 rps, 6 rps", ("5 rps", "6 rps")),
        ("1..9 by 4", ("1", "5", "9")),
        ("3..5", ("3", "4", "5")),
        ("{distribution: gamma, mean: 1s, cv: 1},30s", ("{distribution: gamma, mean: 1s, cv: 1}", "30s")),
        ("[a, b],[c]", ("[a, b]", "[c]")),
        ("'a,b',c", ("'a,b'", "c")),
    ],
)
def test_lists(spec: str, texts: tuple[str, ...]) -> None:
    assert _levels(spec) == texts


@pytest.mark.parametrize(
    ("spec", "distribution", "unit"),
    [
        ("uniform(2, 5)", stats.uniform(2, 3), ""),
        ("uniform($2/Mtok, $5/Mtok)", stats.uniform(2, 3), "$/Mtok"),
        ("normal(10%, 2%)", stats.norm(10, 2), "%"),
        ("triangular(-20%, 0, 35%)", stats.triang(20 / 55, -20, 55), "%"),
        ("lognormal(10m, 6h)", stats.lognorm(np.log(36.0) / stats.norm.ppf(0.95), scale=600.0), "s"),
        ("loguniform(1ms, 100ms)", stats.loguniform(1, 100), "ms"),
    ],
)
def test_quantiles_are_those_of_the_distribution(spec: str, distribution: object, unit: str) -> None:
    domain = parse_vary(f"a={spec}").domain
    assert isinstance(domain, Range)
    assert domain.prefix + domain.suffix == unit
    for share in (0.05, 0.5, 0.93):
        text = domain.at(share)
        number = float(text.removeprefix(domain.prefix).removesuffix(domain.suffix))
        assert number == pytest.approx(distribution.ppf(share), rel=1e-8)  # type: ignore[attr-defined]


def test_whole_numbers_are_equally_likely() -> None:
    domain = parse_vary("a=integers(3, 6)").domain
    values = [domain.at((index + 0.5) / 400) for index in range(400)]
    assert {value: values.count(value) for value in values} == {"3": 100, "4": 100, "5": 100, "6": 100}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a.b", "not of the form"),
        ("=1,2", "not of the form"),
        ("a=", "not of the form"),
        ("a=1,,2", "is empty"),
        ("a=1,2,1", "stands twice"),
        ("a=9..1", "holds no value"),
        ("a=1..999999999", "more than 10,000"),
        ("a=gaussian(1, 2)", "no distribution `gaussian`"),
        ("a=uniform(1)", "takes (low, high)"),
        ("a=uniform(5, 2)", "is no distribution"),
        ("a=lognormal(0s, 2s)", "is no distribution"),
        ("a=integers(1.5, 3)", "is no distribution"),
        ("a=uniform(1 rps, 5 rpm)", "not numbers in one unit"),
        ("a=uniform(slow, fast)", "not numbers in one unit"),
    ],
)
def test_what_is_wrong_is_said(text: str, message: str) -> None:
    with pytest.raises(SweepError) as caught:
        parse_vary(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["5 rps", "6 rps"], [5.0, 6.0]),
        (["90s", "10m"], [90.0, 600.0]),
        (["400k", "2M"], [4e5, 2e6]),
        (["round-robin", "least-busy"], None),
        (["4 per day", "6 per day"], [4.0, 6.0]),
    ],
)
def test_numbers_of_values(texts: list[str], numbers: list[float] | None) -> None:
    assert numbers_of(texts) == numbers
