"""Every view of a forecast has one total; commitments and the platform by hand; other prices without simulating."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.economics.accounts import Basis
from simulator.economics.categories import Category, Line
from simulator.economics.forecast import Forecast, forecast_of
from simulator.economics.forecast_ledger import forecast_ledger, list_price_usd, view
from simulator.economics.price_book import PriceBook
from simulator.economics.span import Span
from simulator.economics.waterfall import _OF_CATEGORY, waterfall
from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.metrics.dimensions import COST_VIEWS
from simulator.results.run_result import RunResult
from simulator.scenario.economics import Commitment

Run = Callable[..., RunResult]
Book = Callable[..., PriceBook]
MakeSpan = Callable[..., Span]
TOLERANCE = 1e-9


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(1, 10_000),
    person_hour=st.floats(0.0, 100.0),
    platform=st.floats(0.0, 1e6),
    rework=st.floats(0.0, 50.0),
    promised=st.floats(0.01, 1e5),
)
def test_all_views_have_the_total(
    random_run: Run,
    make_book: Book,
    make_span: MakeSpan,
    seed: int,
    person_hour: float,
    platform: float,
    rework: float,
    promised: float,
) -> None:
    book = replace(
        make_book(person_hour=person_hour, platform=platform),
        rework_usd=rework,
        wrong_answer_usd=rework / 3.0,
        commitments=(Commitment(name="cloud", models=["large"], monthly=promised),),
    )
    spans = [
        make_span([random_run(seed), random_run(seed + 1)], book, month=month, stage=stage, hours=hours)
        for month, stage, hours in (
            (date(2027, 1, 1), "pilot", 30),
            (date(2027, 2, 1), "pilot", 24),
            (date(2027, 2, 1), "all", 48),
        )
    ]
    forecast = forecast_of(spans, book)
    total = forecast.total_usd
    ledger = forecast_ledger(forecast)
    close = pytest.approx(total, rel=TOLERANCE)
    assert ledger["cost_usd"].sum() == close
    assert (ledger["quantity"] * ledger["unit_price_usd"]).sum() == close
    for n_columns in (1, 2):
        for by in combinations(COST_VIEWS, n_columns):
            assert view(ledger, by)["cost_usd"].sum() == close
    assert sum(forecast.in_month(month).total_usd for month in forecast.months) == close
    assert sum(float(forecast.category_usd(category).mean()) for category in Category) == close
    assert sum(float(part.mean()) for part in waterfall(forecast).values()) == close
    by_hour = sum(
        length_h * span.hourly_usd[window].sum()
        for span in forecast.spans
        for (_, length_h), window in zip(span.time.cells, span.time.window_of_cell, strict=True)
    )
    assert by_hour == close
    assert ledger["wasted_usd"].sum() == pytest.approx(float(forecast.wasted_usd.mean()), rel=TOLERANCE)
    assert not ledger.duplicated(
        ["month", "stage", "workload", "region", "target", "target_region", "category"]
    ).any()


def plain_run(make_run: Run, mtok: float, seed: int = 1) -> RunResult:
    """One hour: so many million input tokens, 8 of 10 actions right, 6 reviewed and 2 taken over."""
    return make_run(
        streams=[("ask", "eu")],
        stations=[("model", "large", "eu"), ("team", "agents", "eu")],
        seed=seed,
        usage={
            (0, 0, 0, UsageColumn.INPUT_TOKENS): 1e6 * mtok,
            (0, 0, 0, UsageColumn.WASTED_INPUT_TOKENS): 0.25e6 * mtok,
            (0, 0, 0, UsageColumn.TIMED_OUT): 3.0,
            (0, 0, 0, UsageColumn.CANCELLED): 2.0,
            (0, 0, 1, UsageColumn.BUSY_S): 1_800.0,
        },
        counts={
            (0, 0, CountColumn.ARRIVED): 10,
            (0, 0, CountColumn.SUCCEEDED): 9,
            (0, 0, CountColumn.FAILED): 1,
            (0, 0, CountColumn.CORRECT): 8,
            (0, 0, CountColumn.REVIEWED): 6,
            (0, 0, CountColumn.HANDED_OFF): 2,
        },
        replica_s=[0.0, 3_600.0],
        areas={(1, 1): 1_800.0, (1, 2): 3_600.0},
    )


def test_a_ledger_by_hand(make_run: Run, make_book: Book, make_span: MakeSpan) -> None:
    """Ten hours of half a month: tokens, people busy half the time, rework, wrong answers, half the platform."""
    book = replace(make_book(), rework_usd=4.0, wrong_answer_usd=1.0)
    forecast = forecast_of([make_span([plain_run(make_run, 2.0)], book, hours=10)], book)
    costs = {category: float(forecast.category_usd(category)[0]) for category in Category}
    assert {category: cost for category, cost in costs.items() if cost} == pytest.approx(
        {
            Category.INPUT_TOKENS: 10 * 2.0 * 3.0,
            Category.HUMAN_HOURS: 10 * 0.5 * 28.0,
            Category.HUMAN_IDLE_HOURS: 10 * 0.5 * 28.0,
            Category.REWORK: 10 * 2 * 4.0,
            Category.WRONG_ANSWERS: 10 * 1 * 1.0,
            Category.PLATFORM: 7_300.0 / 2,
        }
    )
    assert {part.value: float(usd[0]) for part, usd in waterfall(forecast).items()} == pytest.approx(
        {
            "models": 0.75 * 60.0,
            "tries that timed out": 0.25 * 60.0 * 3 / 5,
            "hedges": 0.25 * 60.0 * 2 / 5,
            "people taking over": 140.0 * 2 / 8,
            "review of samples": 140.0 * 6 / 8,
            "rework": 80.0,
            "wrong answers": 10.0,
            "idle capacity": 140.0,
            "platform": 3_650.0,
        }
    )
    per_success = forecast.unit_cost(Basis.SUCCESSFUL_ACTION)
    assert per_success is not None
    assert per_success.value == pytest.approx(forecast.total_usd / 80)


def test_every_category_has_its_part_of_the_waterfall() -> None:
    assert set(_OF_CATEGORY) | {Category.HUMAN_HOURS} == set(Category)


def test_a_commitment_is_paid_up_in_each_month_apart(
    make_run: Run, make_book: Book, make_span: MakeSpan
) -> None:
    """$100 a month: half a month with $60 of tokens asks for nothing more, half a month with $6 for $44."""
    commitment = Commitment(name="cloud", models=["large"], monthly=100.0)
    book = replace(make_book(platform=0.0, person_hour=0.0), commitments=(commitment,))
    spans = [
        make_span([plain_run(make_run, 2.0)], book, hours=10, month=date(2027, 1, 1)),
        make_span([plain_run(make_run, 0.2)], book, hours=10, month=date(2027, 2, 1)),
    ]
    forecast = forecast_of(spans, book)
    unused = [
        float(forecast.in_month(month).category_usd(Category.UNUSED_COMMITMENT)[0])
        for month in forecast.months
    ]
    assert unused == pytest.approx([0.0, 44.0])
    assert [forecast.in_month(month).total_usd for month in forecast.months] == pytest.approx([60.0, 50.0])


def test_other_prices_are_a_factor_on_the_lines(make_run: Run, make_book: Book, make_span: MakeSpan) -> None:
    book = make_book()
    span = make_span([plain_run(make_run, 1.0), plain_run(make_run, 2.0, seed=2)], book)
    dearer = span.repriced({Category.INPUT_TOKENS: 1.5})
    before, after = Forecast((span,)), Forecast((dearer,))
    tokens = before.category_usd(Category.INPUT_TOKENS)
    assert after.category_usd(Category.INPUT_TOKENS) == pytest.approx(1.5 * tokens)
    assert after.cost_usd - before.cost_usd == pytest.approx(0.5 * tokens)
    assert span.repriced({}) is span
    np.testing.assert_allclose(
        forecast_ledger(after)["quantity"].sum(), forecast_ledger(before)["quantity"].sum()
    )


def test_the_list_price_is_that_before_the_discount() -> None:
    assert list_price_usd(Line(None, Category.INPUT_TOKENS, "token", 2.7, 0.1)) == pytest.approx(3.0)
