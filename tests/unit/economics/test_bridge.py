"""The bridge: parts add up to the difference, one driver that changes has all of it, and the closed form."""

from collections.abc import Callable
from dataclasses import replace
from math import log
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.economics.bridge import Driver, bridge, log_mean
from simulator.economics.forecast import Forecast, forecast_of
from simulator.economics.price_book import PriceBook
from simulator.economics.span import Span
from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.results.run_result import RunResult
from simulator.scenario.economics import Commitment

Run = Callable[..., RunResult]
Book = Callable[..., PriceBook]
MakeSpan = Callable[..., Span]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seeds=st.tuples(st.integers(1, 5_000), st.integers(5_001, 9_999)),
    prices=st.tuples(st.floats(0.5, 100.0), st.floats(0.5, 100.0)),
    busy=st.tuples(st.booleans(), st.booleans()),
    rework=st.floats(0.0, 5.0),
)
def test_the_parts_add_up_to_the_difference(
    random_run: Run,
    make_book: Book,
    make_span: MakeSpan,
    seeds: tuple[int, int],
    prices: tuple[float, float],
    busy: tuple[bool, bool],
    rework: float,
) -> None:
    sides = []
    for seed, price, is_busy in zip(seeds, prices, busy, strict=True):
        commitment = Commitment(name="cloud", models=["large"], monthly=price)
        book = replace(
            make_book(person_hour=price, tokens=(price, 2 * price)),
            rework_usd=rework,
            commitments=(commitment,),
        )
        runs = [random_run(seed + k, busy=is_busy) for k in range(2)]
        sides.append(forecast_of([make_span(runs, book, hours=int(10 + price))], book))
    before, after = sides
    total = np.sum(list(bridge(before, after).values()), axis=0) if bridge(before, after) else np.zeros(2)
    scale = float(np.abs(before.cost_usd).max() + np.abs(after.cost_usd).max())
    np.testing.assert_allclose(total, after.cost_usd - before.cost_usd, rtol=1e-9, atol=1e-12 * scale)


def side(make_run: Run, make_book: Book, make_span: MakeSpan, **changes: Any) -> Forecast:
    """100 actions with 150 turns, 120 answers of `large` and `small`, 1,000 tokens each, a fifth of them unused."""
    given = {
        "actions": 100,
        "turns": 150,
        "answers": 120,
        "large": 0.5,
        "tokens": 1_000.0,
        "billed": 1.25,
        "price": 3.0,
    }
    given |= {"people": 3_600.0, "platform": 7_300.0, "correct": 100} | changes
    book = replace(make_book(tokens=(given["price"], 15.0), platform=given["platform"]), rework_usd=1.0)
    book = replace(book, models={"large": book.models["large"], "small": book.models["large"]})
    usage = {}
    for place, share in enumerate((given["large"], 1.0 - given["large"])):
        answers = given["answers"] * share
        tokens = answers * given["tokens"] * given["billed"]
        usage |= {
            (0, 0, place, UsageColumn.SUCCEEDED): answers,
            (0, 0, place, UsageColumn.INPUT_TOKENS): tokens,
            (0, 0, place, UsageColumn.WASTED_INPUT_TOKENS): tokens * (1.0 - 1.0 / given["billed"]),
        }
    run = make_run(
        streams=[("ask", "eu")],
        stations=[("model", "large", "eu"), ("model", "small", "eu"), ("team", "agents", "eu")],
        counts={
            (0, 0, CountColumn.SUCCEEDED): given["actions"],
            (0, 0, CountColumn.CORRECT): given["correct"],
            (0, 0, CountColumn.TURNS): given["turns"],
        },
        usage=usage,
        replica_s=[0.0, 0.0, given["people"]],
    )
    return forecast_of([make_span([run], book)], book)


@pytest.mark.parametrize(
    ("driver", "changes"),
    [
        (Driver.VOLUME, {"actions": 200, "turns": 300, "answers": 240, "correct": 200}),
        (Driver.TURNS, {"turns": 300, "answers": 240}),
        (Driver.CACHE, {"answers": 60}),
        (Driver.TOKENS, {"tokens": 800.0}),
        (Driver.RETRIES, {"billed": 1.5}),
        (Driver.PRICE, {"price": 2.0}),
        (Driver.PEOPLE, {"people": 7_200.0}),
        (Driver.PLATFORM, {"platform": 100.0}),
        (Driver.SUCCESS, {"correct": 90}),
    ],
)
def test_the_driver_that_changes_has_all_of_it(
    make_run: Run, make_book: Book, make_span: MakeSpan, driver: Driver, changes: dict[str, Any]
) -> None:
    before, after = (side(make_run, make_book, make_span, **given) for given in ({}, changes))
    parts = bridge(before, after)
    significant = {name for name, part in parts.items() if abs(part[0]) > 1e-9}
    assert significant == {driver}
    assert parts[driver][0] == pytest.approx(after.total_usd - before.total_usd)


def test_routing_moves_cost_from_one_model_to_the_other(
    make_run: Run, make_book: Book, make_span: MakeSpan
) -> None:
    before, after = (side(make_run, make_book, make_span, large=share) for share in (0.5, 0.8))
    parts = bridge(before, after)
    assert parts[Driver.ROUTING][0] == pytest.approx(0.0, abs=1e-9)  # both have the same price


def test_two_drivers_share_as_the_logarithmic_mean_says(
    make_run: Run, make_book: Book, make_span: MakeSpan
) -> None:
    """Tokens × 2 and price × 1.5 on $0.45: L(1.35, 0.45) · ln 2 and · ln 1.5."""
    before = side(make_run, make_book, make_span, people=0.0, platform=0.0)
    after = side(make_run, make_book, make_span, people=0.0, platform=0.0, tokens=2_000.0, price=4.5)
    parts = bridge(before, after)
    mean = (after.total_usd - before.total_usd) / log(3.0)
    assert parts[Driver.TOKENS][0] == pytest.approx(mean * log(2.0))
    assert parts[Driver.PRICE][0] == pytest.approx(mean * log(1.5))


def test_what_was_not_there_before_goes_to_the_driver_that_brings_it(
    make_run: Run, make_book: Book, make_span: MakeSpan
) -> None:
    before, after = (side(make_run, make_book, make_span, large=share) for share in (1.0, 0.5))
    parts = bridge(before, after)
    assert sum(part[0] for part in parts.values()) == pytest.approx(
        after.total_usd - before.total_usd, abs=1e-9
    )
    assert Driver.TOKENS not in {name for name, part in parts.items() if abs(part[0]) > 1e-9}


def test_the_logarithmic_mean_lies_between() -> None:
    assert log_mean(2.0, 2.0) == 2.0
    assert 1.0 < log_mean(2.0, 1.0) < 1.5
    assert log_mean(1.0 + 1e-12, 1.0) == pytest.approx(1.0)


def test_other_numbers_of_replications_are_no_pairs(
    random_run: Run, make_book: Book, make_span: MakeSpan
) -> None:
    book = make_book()
    one, two = (
        forecast_of([make_span([random_run(k) for k in range(1, n + 1)], book)], book) for n in (1, 2)
    )
    with pytest.raises(ValueError, match="same number"):
        bridge(one, two)
