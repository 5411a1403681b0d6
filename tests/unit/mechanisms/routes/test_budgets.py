"""What may be spent on retries and second tries, and the percentile after which a second one is made."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.mechanisms.routes.kernel import hedges, retries
from simulator.mechanisms.routes.protection_build import PolicyList
from simulator.mechanisms.routes.protection_table import TOKEN, Guarding
from simulator.numerics.sketch import bin_edges
from simulator.scenario.model import Route
from tests.unit.interpreted import interpreted

save_up, take_retry = interpreted(retries.save_up), interpreted(retries.take_retry)
take_hedge, wait_before = interpreted(hedges.take_hedge), interpreted(hedges.wait_before_hedge)
learn_latency = interpreted(hedges.learn_latency_of_hedged)


def _tables(**route: object) -> Guarding:
    policies = PolicyList(n_regions=2)
    policies.add(Route.model_validate({"choose": ["a", "b"], **route}))
    return policies.table(1)


_SHARES = st.decimals("0.001", 1, places=5)


@given(_SHARES, st.integers(1, 30), st.lists(st.booleans(), max_size=300))
def test_retries_are_what_exact_books_allow(share: Decimal, burst: int, are_first: list[bool]) -> None:
    tables = _tables(retry_budget={"share": float(share), "burst": burst}, num_retries=1)
    policy, allowance = tables.policies[0], tables.allowances[1]
    saved = Fraction(burst)
    for is_first in are_first:
        if is_first:
            save_up(policy, allowance)
            saved = min(Fraction(burst), saved + Fraction(share))
        else:
            is_paid = saved >= 1
            saved -= is_paid
            assert take_retry(policy, allowance) == is_paid
    assert tables.allowances[0].retries == burst * TOKEN, "the other region has its own"


@given(_SHARES, st.integers(1, 30), st.lists(st.booleans(), max_size=300))
def test_second_tries_are_what_exact_books_allow(share: Decimal, burst: int, are_first: list[bool]) -> None:
    tables = _tables(hedge={"after": "300ms", "max": float(share), "burst": burst})
    policy, allowance = tables.policies[0], tables.allowances[0]
    saved = Fraction(burst)
    for is_first in are_first:
        if is_first:
            save_up(policy, allowance)
            saved = min(Fraction(burst), saved + Fraction(share))
        else:
            is_paid = saved >= 1
            saved -= is_paid
            assert take_hedge(allowance) == is_paid


@pytest.mark.parametrize("share", ["0.1", "0.2", "0.3", "0.07", "0.001"])
def test_a_call_that_always_fails_makes_one_try_more_for_each_share(share: str) -> None:
    """10 % is 1.1 tries a call: ten deposits are a token, though ten times 0.1 falls short of 1 as a sum of floats."""
    tables = _tables(retry_budget={"share": float(share), "burst": 2}, num_retries=1)
    policy, allowance = tables.policies[0], tables.allowances[0]
    assert [bool(take_retry(policy, allowance)) for _ in range(3)] == [True, True, False]
    n_calls, n_retries = 10_000, 0
    for _ in range(n_calls):
        save_up(policy, allowance)
        n_retries += bool(take_retry(policy, allowance))
    assert n_retries == n_calls * Fraction(share)


def test_without_a_budget_every_retry_is_made() -> None:
    tables = _tables(propagate_deadline=True)
    assert all(take_retry(tables.policies[0], tables.allowances[0]) for _ in range(1000))


@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=200), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_the_wait_before_a_second_try_is_the_percentile_so_far(
    latencies_s: list[float], level: float
) -> None:
    tables = _tables(hedge={"after": f"p{round(100 * level)}"})
    policy, allowance = tables.policies[0], tables.allowances[0]
    edges = bin_edges()
    for n, latency_s in enumerate(latencies_s, start=1):
        learn_latency(policy, allowance, tables.latencies[0], latency_s)
        expected = math.inf
        if n >= 20:
            value_s = sorted(latencies_s[:n])[math.ceil(policy.hedge_level * n) - 1]
            expected = edges[np.searchsorted(edges, value_s, side="right")]
        assert wait_before(policy, allowance) == expected


def test_second_tries_are_saved_up() -> None:
    tables = _tables(hedge={"after": "300ms", "max": 0.25, "burst": 2})
    policy, allowance = tables.policies[0], tables.allowances[0]
    assert wait_before(policy, allowance) == 0.3
    assert [bool(take_hedge(allowance)) for _ in range(3)] == [True, True, False]
    for _ in range(4):
        save_up(policy, allowance)
    assert take_hedge(allowance)
