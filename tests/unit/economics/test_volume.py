"""The volume of a month is that of its calendar, whatever the runs happened to draw."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.economics.accounts import Basis
from simulator.economics.categories import Category
from simulator.economics.month import WeightedWindow, month_accounts
from simulator.economics.price_book import PriceBook
from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.metrics.dimensions import Selection
from simulator.results.run_result import RunResult
from tests.unit.economics.conftest import book_of, run_of

_STREAMS = [("ask", "eu"), ("ask", "us"), ("bulk", "us")]


def _run(seed: int, arrived: list[int], ended: list[int], **more: Any) -> RunResult:
    """A run of an hour in which every action that ended used a thousand input tokens."""
    counts = {(0, stream, CountColumn.ARRIVED): n for stream, n in enumerate(arrived)}
    counts |= {(0, stream, CountColumn.SUCCEEDED): n for stream, n in enumerate(ended)}
    counts |= {(0, stream, CountColumn.CORRECT): n // 2 for stream, n in enumerate(ended)}
    usage = {(0, stream, 0, UsageColumn.INPUT_TOKENS): 1e3 * n for stream, n in enumerate(ended)}
    return run_of(
        streams=_STREAMS, stations=[("model", "large", "eu")], seed=seed, counts=counts, usage=usage, **more
    )


_drawn = st.lists(st.integers(0, 50), min_size=3, max_size=3)


@given(
    st.lists(st.tuples(_drawn, _drawn), min_size=2, max_size=6),
    st.lists(st.floats(1e-6, 1e-1), min_size=6, max_size=6),
    st.floats(1.0, 700.0),
)
def test_actions_are_those_offered(
    drawn: list[tuple[list[int], list[int]]], rates_rps: list[float], weight_h: float
) -> None:
    runs = [_run(seed, arrived, ended) for seed, (arrived, ended) in enumerate(drawn)]
    offered = [np.array(rates_rps[:3]), np.array(rates_rps[3:])]
    windows = [WeightedWindow(weight_h, runs, offered[0]), WeightedWindow(730.0 - weight_h, runs, offered[1])]
    month = month_accounts(windows, book_of(platform=0.0))
    exact = 3600.0 * (weight_h * offered[0] + (730.0 - weight_h) * offered[1])
    n = month.n[:, :, Basis.ACTION].mean(axis=0)
    np.testing.assert_allclose(n, exact, rtol=1e-9)
    assert (month.n[:, :, Basis.SUCCESSFUL_ACTION].mean(axis=0) <= exact / 2 * (1.0 + 1e-9)).all()
    known = np.array([sum(arrived[stream] for arrived, _ in drawn) > 0 for stream in range(3)])
    tokens_usd = month.money(category=Category.INPUT_TOKENS).mean()
    assert tokens_usd <= 1e3 * 3e-6 * exact[known].sum() * (1.0 + 1e-9)


def test_what_is_paid_by_use_follows_and_hours_do_not(make_book: Callable[..., PriceBook]) -> None:
    book = make_book(platform=0.0)
    lucky, unlucky = _run(1, [90, 0, 10], [90, 0, 10]), _run(2, [110, 0, 30], [105, 0, 30])
    rates_rps = np.array([100.0, 0.0, 20.0]) / 3600.0
    exact = month_accounts([WeightedWindow(730.0, [lucky, unlucky], rates_rps)], book)
    drawn = month_accounts([WeightedWindow(730.0, [lucky, unlucky])], book)
    ask, bulk = Selection(workload="ask"), Selection(workload="bulk")
    np.testing.assert_allclose(exact.numbers(Basis.ACTION, ask), [73_000.0, 73_000.0], rtol=1e-12)
    np.testing.assert_allclose(
        exact.money(ask, Category.INPUT_TOKENS) / drawn.money(ask, Category.INPUT_TOKENS),
        [100.0 / 90.0, 100.0 / 105.0],
    )
    np.testing.assert_allclose(
        exact.money(bulk, Category.INPUT_TOKENS) / drawn.money(bulk, Category.INPUT_TOKENS),
        [2.0, 2.0 / 3.0],
    )
    np.testing.assert_allclose(exact.numbers(Basis.SUCCESSFUL_ACTION, ask), 36_500.0, rtol=0.02)


def test_where_work_piles_up_what_was_used_is_of_those_who_came() -> None:
    """Half of a thousand are answered; each cost its tokens when it came."""
    counts = {(0, 0, CountColumn.ARRIVED): 1000, (0, 0, CountColumn.SUCCEEDED): 500}
    usage = {(0, 0, 0, UsageColumn.INPUT_TOKENS): 1e6}
    run = run_of(streams=[("ask", "eu")], stations=[("model", "large", "eu")], counts=counts, usage=usage)
    window = WeightedWindow(730.0, [run], np.array([1000.0 / 3600.0]))
    month = month_accounts([window], book_of(platform=0.0))
    n_actions = month.numbers(Basis.ACTION).mean()
    assert n_actions == pytest.approx(730_000.0, rel=1e-12)
    tokens_usd = month.money(category=Category.INPUT_TOKENS).mean()
    assert tokens_usd == pytest.approx(n_actions * 1e3 * 3e-6, rel=0.15)
