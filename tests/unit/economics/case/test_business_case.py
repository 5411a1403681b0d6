"""The business case by hand: savings, break-even, payback and present value."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from math import inf
from typing import Any

import pytest

from simulator.economics.case.business_case import business_case, npv, saving_usd
from simulator.economics.forecast import Forecast, forecast_of
from simulator.economics.price_book import PriceBook
from simulator.economics.span import Span
from simulator.metrics.columns import CountColumn
from simulator.results.run_result import RunResult
from simulator.scenario.economics import Economics
from simulator.scenario.model import Scenario

Run = Callable[..., RunResult]
Book = Callable[..., PriceBook]
MakeSpan = Callable[..., Span]


@pytest.fixture
def forecast(make_run: Run, make_book: Book, make_span: MakeSpan) -> Forecast:
    """Return two whole months of 100 h: 10 actions an hour, 8 right, $1 of rework for each of the others; $500 platform."""
    book = replace(make_book(platform=500.0, person_hour=0.0), rework_usd=1.0)
    run = make_run(
        streams=[("ask", "eu")],
        counts={
            (0, 0, CountColumn.SUCCEEDED): 10,
            (0, 0, CountColumn.CORRECT): 8,
            (0, 0, CountColumn.RIGHT_WITHOUT_PEOPLE): 8,
        },
    )
    months = (date(2027, 1, 1), date(2027, 2, 1))
    return forecast_of(
        [make_span([run], book, hours=100, month_share=1.0, month=month) for month in months], book
    )


def _pace(forecast: Forecast) -> Forecast:
    """One month like the last."""
    return Forecast(forecast.spans[-1:])


def terms(**changes: Any) -> dict[str, Any]:
    return {"economics": {"baseline": {"cost_per_action": 2.0, "success_rate": 0.9}, "horizon": 24} | changes}


def test_with_a_value_of_a_success(forecast: Forecast, make_scenario: Callable[..., Scenario]) -> None:
    """A month: 1,000 actions cost $700, the baseline $2,000; 100 fewer right answers at $5 each: $800 saved."""
    scenario = make_scenario(**terms(value_per_success=5.0, investment=2_000.0, discount_rate=0.1))
    case = business_case(scenario, forecast, _pace(forecast))
    assert case is not None
    assert [month.saving_usd for month in case.months] == pytest.approx([800.0, 800.0])
    assert case.later_saving_usd == pytest.approx(800.0)
    assert case.saving_per_action_usd == pytest.approx(0.8)
    assert case.payback == date(2027, 3, 1)  # 2,000 / 800 = 2.5 months
    months = sum(800.0 / 1.1 ** (month / 12) for month in range(1, 25))
    assert case.npv_usd == pytest.approx(months - 2_000.0)
    # One more action costs $0.20 and saves 5 · (0.8 − 0.9) + 2 − 0.2 = $1.30: $500 are paid by 385 of them.
    assert case.break_even_actions == pytest.approx(500.0 / 1.3)
    # At a share s of right answers: 5 (s − 0.9) + 2 − (0.5 + (1 − s)) = 0.
    assert case.break_even_success_rate == pytest.approx(4.0 / 6.0)
    assert case.deflected == pytest.approx(1_600.0)


def test_the_baseline_sees_every_question_once(
    make_run: Run, make_book: Book, make_span: MakeSpan, make_scenario: Callable[..., Scenario]
) -> None:
    """A tenth of a month's actions are asked again: the baseline would handle nine hundred of a thousand."""
    counts = {(0, 0, CountColumn.SUCCEEDED): 10, (0, 0, CountColumn.CORRECT): 8}
    run = make_run(streams=[("ask", "eu")], counts=counts | {(0, 0, CountColumn.ASKED_AGAIN): 1})
    book = replace(make_book(platform=500.0, person_hour=0.0), rework_usd=1.0)
    month = make_span([run], book, hours=100, month_share=1.0, month=date(2027, 1, 1))
    asked = forecast_of([month], book)
    case = business_case(make_scenario(**terms(value_per_success=5.0)), asked, asked)
    assert case is not None
    assert case.months[0].actions == pytest.approx(900.0)
    # $5 · (800 − 0.9 · 900) more right, $2 · 900 of the baseline, less what was paid.
    assert case.months[0].saving_usd == pytest.approx(5.0 * (800 - 810) + 1_800.0 - case.months[0].cost_usd)


def test_what_is_paid_on_the_way_is_discounted_to_its_month_and_paid_back_too(
    forecast: Forecast, make_scenario: Callable[..., Scenario]
) -> None:
    """$2,340 in January: at the start, and as the first stage reaches region and language; $500 with the second stage."""
    stages = [
        {"name": "pilot", "duration": 31 * 86_400.0, "exposure": 0.1},
        {"name": "all", "duration": 28 * 86_400.0, "exposure": 1.0, "investment": 500.0},
    ]
    regions = {"eu": {"investment": 300.0, "languages": {"de": 1.0}}, "us": {}}
    languages = {"de": {"investment": 40.0}}
    money = terms(value_per_success=5.0, investment=2_000.0, discount_rate=0.1)
    scenario = make_scenario(**money, stages=stages, regions=regions, languages=languages)
    case = business_case(scenario, forecast, _pace(forecast))
    assert case is not None
    assert [(paid.what, paid.on.month, paid.amount_usd) for paid in case.investments] == [
        ("start", 1, 2_000.0),
        ("region eu", 1, 300.0),
        ("language de", 1, 40.0),
        ("stage all", 2, 500.0),
    ]
    months = sum(800.0 / 1.1 ** (month / 12) for month in range(1, 25))
    assert case.npv_usd == pytest.approx(months - 2_340.0 - 500.0 / 1.1 ** (1 / 12))
    assert case.payback == date(2027, 4, 1)  # 2,840 / 800 = 3.55 months


def test_later_months_follow_the_pace_and_not_what_the_last_month_holds(
    forecast: Forecast,
    make_run: Run,
    make_book: Book,
    make_span: MakeSpan,
    make_scenario: Callable[..., Scenario],
) -> None:
    """A stage that ends with a quiet day: a fragment of the month that follows says nothing about later ones."""
    book = replace(make_book(platform=500.0, person_hour=0.0), rework_usd=1.0)
    quiet = make_run(streams=[("ask", "eu")], counts={(0, 0, CountColumn.SUCCEEDED): 1})
    day = make_span([quiet], book, hours=3, month_share=0.04, month=date(2027, 3, 1))
    scenario = make_scenario(**terms(value_per_success=5.0))
    case = business_case(scenario, Forecast((*forecast.spans, day)), _pace(forecast))
    assert case is not None
    assert case.later_saving_usd == pytest.approx(800.0)
    assert case.break_even_actions == pytest.approx(500.0 / 1.3)


def test_at_the_break_even_success_rate_nothing_is_saved() -> None:
    money = Economics.model_validate(terms(value_per_success=5.0)["economics"])
    rate = 4.0 / 6.0
    assert saving_usd(money, 1.0, rate, 0.5 + (1.0 - rate)) == pytest.approx(0.0)


def test_without_one_the_same_successes_are_bought(
    forecast: Forecast, make_scenario: Callable[..., Scenario]
) -> None:
    case = business_case(make_scenario(**terms()), forecast, _pace(forecast))
    assert case is not None
    assert case.months[0].baseline_usd == pytest.approx(800 * 2.0 / 0.9)
    assert case.months[0].saving_usd == pytest.approx(800 * 2.0 / 0.9 - 700.0)
    assert case.payback == date(2027, 1, 1)


def test_what_never_pays(forecast: Forecast, make_scenario: Callable[..., Scenario]) -> None:
    cheap = {"baseline": {"cost_per_action": 0.1}, "investment": 10.0}
    case = business_case(make_scenario(economics=cheap), forecast, _pace(forecast))
    assert case is not None
    assert case.payback is None
    assert case.break_even_actions == inf
    assert case.npv_usd < -10.0


def test_only_the_actions_of_the_baseline_are_worth_something(
    forecast: Forecast, make_scenario: Callable[..., Scenario]
) -> None:
    baseline = {"cost_per_action": 2.0, "workloads": ["other"], "handle_time": 360.0}
    case = business_case(make_scenario(economics={"baseline": baseline}), forecast, _pace(forecast))
    assert case is not None
    assert case.months[0].actions == 0.0
    assert case.months[0].saving_usd == pytest.approx(-700.0)
    assert case.freed_hours == 0.0


def test_hours_that_the_baseline_would_take_are_freed(
    forecast: Forecast, make_scenario: Callable[..., Scenario]
) -> None:
    baseline = {"cost_per_action": 2.0, "handle_time": 360.0}
    case = business_case(make_scenario(economics={"baseline": baseline}), forecast, _pace(forecast))
    assert case is not None
    assert case.freed_hours == pytest.approx(2_000 * 0.1)


def test_no_baseline_no_case(forecast: Forecast, make_scenario: Callable[..., Scenario]) -> None:
    assert business_case(make_scenario(), forecast, _pace(forecast)) is None


def test_present_value_of_an_annuity() -> None:
    """Twelve months at 12.68 % a year (1 % a month): 100 · (1 − 1.01⁻¹²) / 0.01."""
    assert npv([100.0] * 12, 1.01**12 - 1.0) == pytest.approx(100.0 * (1.0 - 1.01**-12) / 0.01)
