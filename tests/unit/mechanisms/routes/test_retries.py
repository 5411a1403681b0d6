"""Waits before retries grow as the formula says, jitter stays within its bounds, tries end where the route ends them."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulator.mechanisms.codes import Result
from simulator.mechanisms.routes.build import backoff_s
from simulator.mechanisms.routes.codes import Jitter
from simulator.mechanisms.routes.kernel import retries
from simulator.mechanisms.routes.protection_config import Backoff
from simulator.numerics.draws import derive
from tests.unit.interpreted import interpreted

may_retry = interpreted(retries.may_retry)
jittered = interpreted(retries.jittered)
RETRIABLE = [Result.ERROR, Result.RATE_LIMITED, Result.TIMEOUT, Result.OVERLOAD]


def test_waits_grow_by_the_factor_up_to_the_cap() -> None:
    backoff = Backoff(base=0.5, factor=3.0, max=10.0)
    assert [backoff_s(backoff, retry) for retry in range(1, 6)] == [0.5, 1.5, 4.5, 10.0, 10.0]


@given(st.floats(0.0, 100.0), st.floats(1.0, 10.0), st.floats(0.0, 60.0), st.integers(1, 20))
def test_a_wait_never_falls_nor_passes_the_cap(base: float, factor: float, top: float, retry: int) -> None:
    backoff = Backoff(base=base, factor=factor, max=top)
    assert 0.0 <= backoff_s(backoff, retry) <= backoff_s(backoff, retry + 1) <= top


@pytest.mark.parametrize(("jitter", "low", "width"), [(Jitter.FULL, 0.0, 1.0), (Jitter.EQUAL, 0.5, 0.5)])
def test_jitter_is_uniform_between_its_bounds(jitter: Jitter, low: float, width: float) -> None:
    keys = [np.uint64(derive(np.uint64(5), np.uint64(number))) for number in range(10_000)]
    waits_s = np.array([jittered(8.0, jitter, key) for key in keys])
    assert waits_s.min() >= 8.0 * low
    assert waits_s.max() <= 8.0
    assert stats.kstest(waits_s, stats.uniform(8.0 * low, 8.0 * width).cdf).pvalue > 1e-4


def test_without_jitter_a_wait_is_what_it_is() -> None:
    assert jittered(8.0, Jitter.NONE, np.uint64(5)) == 8.0


@given(
    st.sets(st.sampled_from(RETRIABLE)), st.sampled_from(list(Result)), st.integers(0, 5), st.integers(1, 8)
)
def test_a_route_retries_what_it_names_as_often_as_it_says(
    retried: set[Result], result: Result, num_retries: int, tries: int
) -> None:
    route = SimpleNamespace(num_retries=num_retries, retry_mask=sum(retried))
    assert may_retry(route, result, tries) == (result in retried and tries - 1 < num_retries)
