"""Ledgers of hosted models computed by hand: cached input, batches, discounts, and throughput held by the hour."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from simulator.economics.categories import Category
from simulator.economics.costs import costs
from simulator.economics.price_book import HeldUnits, PriceBook
from simulator.metrics.columns import UsageColumn
from simulator.results.run_result import RunResult

Run = Callable[..., RunResult]
Book = Callable[..., PriceBook]


def spent(run: RunResult, book: PriceBook, *, by_bucket: bool) -> dict[Category, float]:
    priced = costs(run, book, by_bucket=by_bucket)
    found: dict[Category, float] = {}
    for place, line in enumerate(priced.lines):
        found[line.category] = found.get(line.category, 0.0) + float(priced.cost_usd[:, :, place].sum())
    return found


@pytest.mark.parametrize("by_bucket", [True, False])
def test_cached_input_batches_and_discounts(make_run: Run, make_book: Book, by_bucket: bool) -> None:
    """2 M input at $3, 40 % of it cached at $0.50; 1 M output at $15; 10 % off; the batch half at half price."""
    book = make_book(platform=0.0)
    large = replace(
        book.models["large"], cached_input_usd_per_mtok=0.5, cached_share=0.4, batch_discount=0.5
    ).discounted(0.1)
    book = replace(book, models={"large": large}, batch_workloads=frozenset({"bulk"}))
    run = make_run(
        streams=[("ask", "eu"), ("bulk", "eu")],
        stations=[("model", "large", "eu")],
        n_buckets=2,
        usage={
            (0, 0, 0, UsageColumn.INPUT_TOKENS): 1e6,
            (1, 1, 0, UsageColumn.INPUT_TOKENS): 1e6,
            (1, 0, 0, UsageColumn.OUTPUT_TOKENS): 0.5e6,
            (1, 1, 0, UsageColumn.OUTPUT_TOKENS): 0.5e6,
            (1, 0, 0, UsageColumn.WASTED_OUTPUT_TOKENS): 0.1e6,
        },
    )
    found = spent(run, book, by_bucket=by_bucket)
    assert found[Category.INPUT_TOKENS] == pytest.approx(0.9 * 3.0 * (0.6 + 0.5 * 0.6))
    assert found[Category.CACHED_INPUT_TOKENS] == pytest.approx(0.9 * 0.5 * (0.4 + 0.5 * 0.4))
    assert found[Category.OUTPUT_TOKENS] == pytest.approx(0.9 * 15.0 * (0.5 + 0.5 * 0.5))
    priced = costs(run, book)
    assert priced.wasted_usd.sum() == pytest.approx(0.9 * 15.0 * 0.1)
    discounts = {(line.category, round(line.unit_price_usd * 1e6, 6)): line.discount for line in priced.lines}
    assert discounts[Category.INPUT_TOKENS, 2.7] == pytest.approx(0.1)
    assert discounts[Category.INPUT_TOKENS, 1.35] == pytest.approx(0.55)


@pytest.mark.parametrize("by_bucket", [True, False])
def test_held_units_carry_what_fits_and_the_rest_is_billed(
    make_run: Run, make_book: Book, by_bucket: bool
) -> None:
    """Two units of 1,000 tokens a minute, output counts four times; minutes with 1,000 and with 4,000 of them."""
    held = HeldUnits(1.5, 1_000.0, 4.0, True, {"eu": 2})
    book = replace(make_book(platform=0.0), held={"large": held})
    run = make_run(
        streams=[("ask", "eu"), ("bulk", "eu")],
        stations=[("model", "large", "eu")],
        n_buckets=2,
        bucket_s=60.0,
        usage={
            (0, 0, 0, UsageColumn.INPUT_TOKENS): 600.0,
            (0, 0, 0, UsageColumn.OUTPUT_TOKENS): 100.0,
            (1, 0, 0, UsageColumn.INPUT_TOKENS): 1_600.0,
            (1, 0, 0, UsageColumn.OUTPUT_TOKENS): 100.0,
            (1, 1, 0, UsageColumn.INPUT_TOKENS): 2_000.0,
        },
    )
    found = spent(run, book, by_bucket=by_bucket)
    hours = 2 * 2 / 60.0
    busy = 2 / 60.0 * (1_000 / 2_000 + 1.0)
    assert found[Category.PROVISIONED_HOURS] == pytest.approx(1.5 * busy)
    assert found[Category.PROVISIONED_IDLE_HOURS] == pytest.approx(1.5 * (hours - busy))
    assert found[Category.INPUT_TOKENS] == pytest.approx(0.5 * 3_600 * 3e-6)  # of the second minute half
    assert found[Category.OUTPUT_TOKENS] == pytest.approx(0.5 * 100 * 15e-6)


def test_without_overflow_no_token_is_billed(make_run: Run, make_book: Book) -> None:
    held = HeldUnits(2.0, 100.0, 1.0, False, {"eu": 3})
    book = replace(make_book(platform=0.0), held={"large": held})
    usage = {(0, 0, 0, UsageColumn.INPUT_TOKENS): 1e6}
    run = make_run(streams=[("ask", "eu")], stations=[("model", "large", "eu")], usage=usage)
    found = spent(run, book, by_bucket=True)
    assert set(found) >= {Category.PROVISIONED_HOURS}
    assert found[Category.PROVISIONED_HOURS] == pytest.approx(6.0)
    assert found.get(Category.INPUT_TOKENS, 0.0) == 0.0


def test_idle_units_are_paid_for_by_somebody(make_run: Run, make_book: Book) -> None:
    held = HeldUnits(2.0, 100.0, 1.0, True, {"eu": 3})
    book = replace(make_book(platform=0.0), held={"large": held})
    run = make_run(streams=[("ask", "eu"), ("ask", "us")], stations=[("model", "large", "eu")])
    priced = costs(run, book)
    assert priced.total_usd == pytest.approx(6.0)
    assert np.isfinite(priced.cost_usd).all()


@pytest.mark.parametrize("by_bucket", [True, False])
def test_long_prompts_and_their_answers_have_a_tier(make_run: Run, make_book: Book, by_bucket: bool) -> None:
    """3 M input, 2 M of it in long prompts at twice the price, a third of all wasted; 1 M output, half of it long."""
    book = make_book(platform=0.0)
    tiered = replace(
        book.models["large"], long_above=1_000, long_input_usd_per_mtok=6.0, long_output_usd_per_mtok=22.5
    )
    book = replace(book, models={"large": tiered})
    usage = {
        (0, 0, 0, UsageColumn.INPUT_TOKENS): 3e6,
        (0, 0, 0, UsageColumn.LONG_INPUT_TOKENS): 2e6,
        (0, 0, 0, UsageColumn.WASTED_INPUT_TOKENS): 1e6,
        (0, 0, 0, UsageColumn.OUTPUT_TOKENS): 1e6,
        (0, 0, 0, UsageColumn.LONG_OUTPUT_TOKENS): 0.5e6,
    }
    run = make_run(streams=[("ask", "eu")], stations=[("model", "large", "eu")], usage=usage)
    found = spent(run, book, by_bucket=by_bucket)
    assert found[Category.INPUT_TOKENS] == pytest.approx(1 * 3.0 + 2 * 6.0)
    assert found[Category.OUTPUT_TOKENS] == pytest.approx(0.5 * 15.0 + 0.5 * 22.5)
    assert costs(run, book).wasted_usd.sum() == pytest.approx((1 * 3.0 + 2 * 6.0) / 3.0)
