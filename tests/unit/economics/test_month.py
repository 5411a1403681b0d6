"""A month from weighted windows: by hand, and with the interval of the sums over common seeds."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from scipy import stats

from simulator.economics.categories import Category
from simulator.economics.month import WeightedWindow, month_accounts, month_cost
from simulator.economics.price_book import PriceBook
from simulator.economics.unit_cost import unit_costs_of
from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.results.run_result import RunResult

Run = Callable[..., RunResult]
Book = Callable[..., PriceBook]


def window_of(
    make_run: Run,
    weight_h: float,
    mtok: Sequence[float],
    *,
    hours: float = 1.0,
    seeds: Sequence[int] | None = None,
) -> WeightedWindow:
    """Replications with so many million input tokens each, and ten correct actions a million."""
    results = [
        make_run(
            streams=[("ask", "eu")],
            stations=[("model", "large", "eu")],
            window=f"{weight_h:g} h",
            bucket_s=3600.0 * hours,
            seed=seed,
            usage={(0, 0, 0, UsageColumn.INPUT_TOKENS): 1e6 * n},
            counts={(0, 0, CountColumn.SUCCEEDED): int(10 * n), (0, 0, CountColumn.CORRECT): int(5 * n)},
        )
        for seed, n in zip(seeds or range(len(mtok)), mtok, strict=True)
    ]
    return WeightedWindow(weight_h, results)


def test_windows_count_by_their_hours(make_run: Run, make_book: Book) -> None:
    peak = window_of(make_run, 30.0, [10.0, 14.0])  # $36 an hour
    night = window_of(make_run, 700.0, [4.0, 8.0], hours=2.0)  # $18 in two hours
    month = month_cost([peak, night], make_book())
    assert month.by_category[Category.INPUT_TOKENS].value == pytest.approx(30 * 36 + 700 * 9)
    assert month.by_category[Category.PLATFORM].value == pytest.approx(7300.0)
    assert month.total.value == pytest.approx(30 * 36 + 700 * 9 + 7300)
    n_actions = 30 * 120 + 700 * 30
    assert month.per_action.value == pytest.approx(month.total.value / n_actions)
    assert month.per_successful_action.value == pytest.approx(month.total.value / (n_actions / 2))
    table = unit_costs_of(month_accounts([peak, night], make_book()), "global")
    assert table.everything.total == month.total
    assert table.by_workload["ask"].total == month.total


def test_the_interval_is_that_of_the_sums_by_seed(make_run: Run, make_book: Book) -> None:
    by_peak, by_night = np.array([10.0, 14.0, 11.0, 15.0]), np.array([4.0, 6.0, 5.0, 7.0])
    windows = [window_of(make_run, 30.0, by_peak), window_of(make_run, 700.0, by_night)]
    sums = 3.0 * (30.0 * by_peak + 700.0 * by_night)
    half_width = stats.t.ppf(0.975, 3) * sums.std(ddof=1) / 2.0
    found = month_cost(windows, make_book(platform=0.0)).total
    expected = (sums.mean(), sums.mean() - half_width, sums.mean() + half_width)
    assert (found.value, found.low, found.high) == pytest.approx(expected)


def test_only_seeds_that_all_windows_have_count_whatever_their_order(make_run: Run, make_book: Book) -> None:
    peak = window_of(make_run, 30.0, [10.0, 14.0, 99.0], seeds=[1, 2, 3])
    night = window_of(make_run, 700.0, [6.0, 4.0], seeds=[2, 1])
    found = month_cost([peak, night], make_book(platform=0.0)).total
    by_seed = 3.0 * np.array([30 * 10 + 700 * 4, 30 * 14 + 700 * 6])
    half_width = stats.t.ppf(0.975, 1) * by_seed.std(ddof=1) / math.sqrt(2)
    assert found.value == pytest.approx(by_seed.mean())
    assert found.high == pytest.approx(by_seed.mean() + half_width)


def test_one_replication_has_a_value_and_no_interval(make_run: Run, make_book: Book) -> None:
    found = month_cost([window_of(make_run, 730.0, [2.0])], make_book(platform=0.0)).total
    assert found.value == pytest.approx(730 * 6.0)
    assert found.high == math.inf


def test_a_month_without_traffic_costs_what_stands_ready(make_run: Run, make_book: Book) -> None:
    month = month_cost([window_of(make_run, 730.0, [0.0, 0.0])], make_book())
    assert month.total.value == pytest.approx(7300.0)
    assert month.per_action is None
    assert month.per_successful_action is None


def test_windows_that_do_not_go_together_are_an_error(make_run: Run, make_book: Book) -> None:
    with pytest.raises(ValueError, match="a month needs windows"):
        month_cost([], make_book())
    one, other = window_of(make_run, 1.0, [1.0], seeds=[1]), window_of(make_run, 2.0, [1.0], seeds=[2])
    with pytest.raises(ValueError, match="the same seeds"):
        month_cost([one, other], make_book())
    elsewhere = WeightedWindow(2.0, [make_run(streams=[("ask", "us")], seed=1)])
    with pytest.raises(ValueError, match="the same demand"):
        month_cost([one, elsewhere], make_book())
