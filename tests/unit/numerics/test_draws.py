"""Draws are what they are called, independent of each other, and functions of their key alone.

Keys are fixed, so a test that passes goes on passing; the stated false-alarm rates are those of a new set of keys.
"""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from simulator.kernel.codes import Purpose
from simulator.numerics import draws
from simulator.numerics.draws import derive, exponential, mix64, standard_gamma, standard_normal, uniform
from tests.unit.interpreted import interpreted

ALARM = 1e-4  # false-alarm rate of each test of a distribution
KEY = np.uint64(20_260_105)
NOTHING = np.zeros(1)

any_key = st.integers(0, 2**64 - 1).map(np.uint64)


def _keys(n: int, key: np.uint64 = KEY) -> list[np.uint64]:
    """Keys of `n` requests."""
    return [np.uint64(derive(key, np.uint64(number))) for number in range(n)]


def _sample(kind: int, a: float, b: float = 0.0, n: int = 20_000) -> np.ndarray:
    record = np.array([(kind, a, b, 0, 0)], dtype=draws.DISTRIBUTION).view(np.recarray)[0]
    return np.array([draws.sample(record, NOTHING, NOTHING, key) for key in _keys(n)])


def test_keys_are_the_sequence_of_splitmix64() -> None:
    published = [  # rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64, seed 1234567
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]
    assert [derive(np.uint64(1234567), np.uint64(number)) for number in range(5)] == published


@given(any_key, any_key)
def test_a_key_gives_the_same_value_whatever_was_drawn_before(key: np.uint64, other: np.uint64) -> None:
    first = (uniform(key), exponential(key), standard_normal(key), standard_gamma(0.7, key))
    standard_gamma(0.7, other)
    assert first == (uniform(key), exponential(key), standard_normal(key), standard_gamma(0.7, key))


def test_every_bit_of_a_key_flips_half_of_the_bits() -> None:
    n = 400
    keys = np.array(_keys(n))
    bits = np.arange(64, dtype=np.uint64)
    mixed = np.array([mix64(key) for key in keys], dtype=np.uint64)
    for bit in bits:
        flipped = np.array([mix64(key ^ (np.uint64(1) << bit)) for key in keys], dtype=np.uint64)
        share = (((mixed ^ flipped)[:, None] >> bits) & np.uint64(1)).mean(axis=0)
        assert np.abs(share - 0.5).max() * 2 * n**0.5 < 5.7  # 5 false alarms in 100,000 over all 4,096 pairs


@pytest.mark.parametrize("shift", [56, 44, 30, 12])
@pytest.mark.parametrize("is_neighbour", [True, False])
def test_draws_fill_the_interval_evenly(shift: int, is_neighbour: bool) -> None:
    """Whether of one purpose for many requests or of many counters of one request, and in the low bits as well."""
    if is_neighbour:
        keys = _keys(20_000)
    else:
        keys = [np.uint64(derive(key, np.uint64(Purpose.SERVICE))) for key in _keys(20_000)]
    steps = (np.array([uniform(key) for key in keys]) * 2.0**52).astype(np.uint64) >> np.uint64(shift - 12)
    counts = np.bincount((steps & np.uint64(255)).astype(np.int64), minlength=256)
    assert stats.chisquare(counts).pvalue > ALARM


def test_neighbouring_counters_are_independent() -> None:
    values = np.array([uniform(key) for key in _keys(40_001)])
    table, _, _ = np.histogram2d(values[:-1:2], values[1::2], bins=20, range=[[0, 1], [0, 1]])
    assert stats.chisquare(table.ravel()).pvalue > ALARM


def test_purposes_of_one_request_are_independent() -> None:
    n = 4000
    keys = _keys(n)
    by_purpose = [
        [uniform(np.uint64(derive(key, np.uint64(purpose)))) for key in keys] for purpose in Purpose
    ]
    correlation = np.corrcoef(by_purpose)
    pairs = [abs(correlation[one, other]) for one, other in combinations(range(len(Purpose)), 2)]
    assert max(pairs) * n**0.5 < 5.0  # 300 pairs: 2 false alarms in 10,000


@given(any_key)
def test_a_normal_is_the_quantile_of_its_uniform(key: np.uint64) -> None:
    assert standard_normal(key) == pytest.approx(special.ndtri(uniform(key)), rel=1e-14, abs=1e-16)


@pytest.mark.parametrize("top_bits", range(60))
def test_a_normal_is_exact_far_out_in_the_tails(top_bits: int) -> None:
    low = np.uint64(1 << top_bits)
    high = np.uint64(2**64 - 1) - low
    assert standard_normal(low) == pytest.approx(special.ndtri(uniform(low)), rel=2e-15)
    assert standard_normal(high) == pytest.approx(-standard_normal(low), rel=1e-3)


@pytest.mark.parametrize(
    ("values", "law"),
    [
        (lambda: [uniform(key) for key in _keys(20_000)], stats.uniform()),
        (lambda: [exponential(key) for key in _keys(20_000)], stats.expon()),
        (lambda: [standard_normal(key) for key in _keys(20_000)], stats.norm()),
        (lambda: _sample(draws.EXPONENTIAL, 2.5), stats.expon(scale=2.5)),
        (lambda: _sample(draws.UNIFORM, 2.0, 3.0), stats.uniform(2.0, 3.0)),
        (lambda: _sample(draws.LOGNORMAL, -0.4, 1.3), stats.lognorm(1.3, scale=np.exp(-0.4))),
        (lambda: _sample(draws.GAMMA, 4.0, 0.5), stats.gamma(4.0, scale=0.5)),
        *[
            (lambda shape=shape: [standard_gamma(shape, key) for key in _keys(20_000)], stats.gamma(shape))
            for shape in (0.05, 0.4, 1.0, 2.5, 60.0)
        ],
    ],
)
def test_a_draw_has_its_distribution(values: Callable[[], list[float]], law: stats.rv_continuous) -> None:
    assert stats.kstest(values(), law.cdf).pvalue > ALARM


@pytest.mark.parametrize("mean", [1.2, 3.0, 40.0])
def test_turns_are_geometric_from_one(mean: float) -> None:
    values = _sample(draws.GEOMETRIC, mean).astype(np.int64)
    law = stats.geom(1.0 / mean)
    top = int(law.ppf(1.0 - 20 / values.size))  # at least 20 expected in the last cell
    observed = np.bincount(np.minimum(values, top), minlength=top + 1)[1:]
    expected = law.pmf(np.arange(1, top + 1))
    expected[-1] = law.sf(top - 1)
    assert stats.chisquare(observed, expected * values.size).pvalue > ALARM


@pytest.mark.parametrize("kind", [draws.CONSTANT, draws.GEOMETRIC])
def test_one_is_always_one(kind: int) -> None:
    assert set(_sample(kind, 1.0, n=50)) == {1.0}


quantile_tables = st.lists(st.floats(0.0, 1e6), min_size=2, max_size=12).flatmap(
    lambda values: st.tuples(
        st.just(sorted(values)),
        st.lists(st.floats(0.01, 0.99), min_size=len(values) - 2, max_size=len(values) - 2, unique=True).map(
            lambda inner: [0.0, *sorted(inner), 1.0]
        ),
    )
)


@given(quantile_tables, st.integers(0, 5), st.floats(1e-9, 1.0 - 1e-9))
def test_an_empirical_quantile_is_linear_between_its_rows(
    table: tuple[list[float], list[float]], offset: int, u: float
) -> None:
    values, levels = table
    rows = len(levels)
    padded = [np.concatenate([np.full(offset, 7.0), row, np.full(3, 7.0)]) for row in (levels, values)]
    found = interpreted(draws.empirical)(u, *padded, offset, rows)
    assert found == pytest.approx(np.interp(u, levels, values), rel=1e-9, abs=1e-9)
