"""Logs pile up until they are deleted: held against an hour-by-hour count, and every action is paid for once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.economics.categories import Category, Floats
from simulator.economics.forecast import Forecast
from simulator.economics.log_storage import as_stored
from simulator.economics.month import WeightedWindow
from simulator.economics.price_book import PriceBook
from simulator.economics.span import Span, SpanTime, span_of
from simulator.metrics.columns import CountColumn
from simulator.results.run_result import RunResult
from simulator.scenario.telemetry import Telemetry
from tests.unit.economics.conftest import book_of, run_of, span_from

_BEGIN = datetime(2027, 1, 1, tzinfo=UTC)


def _book(retention_h: float) -> PriceBook:
    """Ten kilobytes of every other action, $2 a gigabyte to write and $0.73 to keep for a month of 730 h."""
    telemetry = Telemetry(
        bytes_per_action=20_000.0, sample=0.5, retention=3600.0 * retention_h, ingestion=2.0, storage=0.73
    )
    return replace(book_of(), telemetry=telemetry)


def _span(begin_h: int, hours: int, n_per_hour: int, book: PriceBook) -> Span:
    run = run_of(streams=[("ask", "eu")], counts={(0, 0, CountColumn.SUCCEEDED): n_per_hour})
    starts = tuple((_BEGIN + timedelta(hours=begin_h + hour), 1.0) for hour in range(hours))
    time = SpanTime(starts[0][0].date().replace(day=1), "pilot", 0.5, starts, (0,) * hours)
    return span_of([WeightedWindow(float(hours), [run])], book, time)


def _kept_gbh(rates: list[int], retention_h: int) -> Floats:
    """Gigabyte-hours of storage in every hour, by tenths of an hour."""
    steps = 10
    written = np.repeat(np.array(rates, dtype=np.float64), steps) / steps * 1e-5  # GB by step
    window = retention_h * steps
    total = np.concatenate([[0.0], np.cumsum(written)])
    lying = [
        # of a step what is half written, and half deleted
        total[step] - total[max(0, step - window)] + written[step] / 2.0
        - (written[step - window] / 2.0 if step >= window else 0.0)
        for step in range(len(written))
    ]  # fmt: skip
    return np.asarray(lying).reshape(-1, steps).sum(axis=1) / steps


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(0, 900)), min_size=1, max_size=5),
    st.integers(1, 60),
)
def test_storage_is_that_of_a_count_by_the_hour(parts: list[tuple[int, int]], retention_h: int) -> None:
    book = _book(retention_h)
    begins = np.concatenate([[0], np.cumsum([hours for hours, _ in parts])]).tolist()
    spans = [_span(begin, hours, n, book) for begin, (hours, n) in zip(begins, parts, strict=False)]
    expected = _kept_gbh([n for hours, n in parts for _ in range(hours)], retention_h)
    stored = as_stored(spans, float(retention_h))
    for begin, end, span in zip(begins, begins[1:], stored, strict=False):
        usd = Forecast((span,)).category_usd(Category.LOG_STORAGE)[0]
        assert usd == pytest.approx(expected[begin:end].sum() * 0.73 / 730.0, rel=1e-9, abs=1e-15)
        by_hour = span.hourly_usd[0, 0, [line.category is Category.LOG_STORAGE for line in span.lines]]
        assert by_hour * span.time.hours == pytest.approx(usd)
    ingested = Forecast(tuple(stored)).category_usd(Category.LOG_INGESTION)[0]
    assert ingested == pytest.approx(sum(hours * n for hours, n in parts) * 1e-5 * 2.0)


def test_what_lies_there_does_not_grow_after_the_retention() -> None:
    book = _book(24.0)
    spans = [_span(24 * day, 24, 100, book) for day in range(5)]
    by_day = [Forecast((span,)).category_usd(Category.LOG_STORAGE)[0] for span in as_stored(spans, 24.0)]
    until_deleted = Forecast((spans[0],)).category_usd(Category.LOG_STORAGE)[0]
    assert by_day == pytest.approx([until_deleted / 2.0, *[until_deleted] * 4])


def test_every_action_is_written_down_however_it_ended() -> None:
    counts = {
        (0, 0, CountColumn.SUCCEEDED): 70,
        (0, 0, CountColumn.FAILED): 20,
        (0, 0, CountColumn.REJECTED): 10,
    }
    run: RunResult = run_of(streams=[("ask", "eu")], counts=counts)
    span = span_from([run], _book(730.0), hours=1)
    assert Forecast((span,)).category_usd(Category.LOG_INGESTION)[0] == pytest.approx(100 * 1e-5 * 2.0)
    assert Forecast((span,)).category_usd(Category.LOG_STORAGE)[0] == pytest.approx(100 * 1e-5 * 0.73)
