"""Every view of the money of a run has the same total, and no line is there twice."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.economics.accounts import Basis, accounts, total_cost, unit_cost
from simulator.economics.categories import Category
from simulator.economics.costs import costs
from simulator.economics.ledger import ledger
from simulator.economics.price_book import PriceBook
from simulator.economics.unit_cost import unit_costs
from simulator.metrics.columns import UsageColumn
from simulator.metrics.dimensions import Selection
from simulator.results.run_result import RunResult

PRICE = st.floats(0.0, 100.0)
KEY = ["seed", "bucket_start", "workload", "region", "target", "target_region", "category"]


def bill_usd(run: RunResult, book: PriceBook) -> float:
    """The invoices, station by station, without anybody's share."""
    total = book.platform_month_usd * run.duration_s / 3600.0 / 730.0
    used = run.usage[run.n_warmup_buckets :].sum(axis=(0, 1))
    for station_id, station in enumerate(run.stations):
        hours = run.replica_s[station_id] / 3600.0
        if station.kind == "model":
            tokens = used[station_id, [UsageColumn.INPUT_TOKENS, UsageColumn.OUTPUT_TOKENS]]
            model = book.models[station.target]
            total += tokens @ [model.input_usd_per_mtok / 1e6, model.output_usd_per_mtok / 1e6]
        elif station.kind == "service":
            service = book.services[station.target]
            calls = used[
                station_id, [UsageColumn.SUCCEEDED, UsageColumn.TIMED_OUT, UsageColumn.CANCELLED]
            ].sum()
            total += calls * service.call_usd + hours * service.replica_hour_usd
        else:
            total += hours * book.teams[station.target]
    return float(total)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(1, 10_000),
    busy=st.booleans(),
    n_buckets=st.integers(3, 15),
    call=PRICE,
    replica_hour=PRICE,
    person_hour=PRICE,
    platform=st.floats(0.0, 1e6),
)
def test_all_views_have_the_total_of_the_bill(
    random_run: Callable[..., RunResult],
    make_book: Callable[..., PriceBook],
    seed: int,
    busy: bool,
    n_buckets: int,
    call: float,
    replica_hour: float,
    person_hour: float,
    platform: float,
) -> None:
    book = make_book(call=call, replica_hour=replica_hour, person_hour=person_hour, platform=platform)
    runs = [random_run(seed + k, busy=busy, n_buckets=n_buckets) for k in range(2)]
    bills = [bill_usd(run, book) for run in runs]
    same = {"rel": 1e-12, "abs": 1e-9}
    frame = ledger(runs, book).to_pandas()
    assert not frame.duplicated(KEY).any()
    assert frame["cost_usd"].sum() == pytest.approx(sum(bills), **same)
    assert np.allclose(frame["quantity"] * frame["unit_price_usd"], frame["cost_usd"], rtol=1e-15, atol=0.0)
    for run, bill in zip(runs, bills, strict=True):
        span, buckets = costs(run, book), costs(run, book, by_bucket=True)
        assert span.total_usd == pytest.approx(bill, **same)
        assert buckets.cost_usd.sum(axis=0) == pytest.approx(span.cost_usd[0], **same)
        assert buckets.wasted_usd.sum(axis=0) == pytest.approx(span.wasted_usd[0], **same)
    table = unit_costs(runs, book)
    mean = sum(bills) / len(bills)
    assert table.everything.total.value == pytest.approx(mean, **same)
    assert sum(part.value for part in table.everything.by_category.values()) == pytest.approx(mean, **same)
    assert sum(part.total.value for part in table.by_workload.values()) == pytest.approx(mean, **same)
    assert sum(part.total.value for part in table.by_region.values()) == pytest.approx(mean, **same)
    no_target = total_cost(accounts(runs, book), category=Category.PLATFORM).value
    targets = sum(part.value for part in table.by_target.values())
    assert targets + no_target == pytest.approx(mean, **same)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(1, 10_000), n_runs=st.integers(1, 4))
def test_unit_cost_times_actions_is_the_total(
    random_run: Callable[..., RunResult], make_book: Callable[..., PriceBook], seed: int, n_runs: int
) -> None:
    book = make_book()
    runs = [random_run(seed + k) for k in range(n_runs)]
    of = accounts(runs, book)
    bill = sum(bill_usd(run, book) for run in runs)
    for basis in Basis:
        per_one = unit_cost(of, basis)
        assert per_one is not None
        assert per_one.value * of.n[:, :, basis].sum() == pytest.approx(bill, rel=1e-12)
        by_category = [unit_cost(of, basis, category=category) for category in Category]
        assert sum(part.value for part in by_category if part) == pytest.approx(per_one.value, rel=1e-12)
        for workload in ("ask", "bulk"):
            selection = Selection(workload=workload)
            part = unit_cost(of, basis, selection)
            assert part is not None
            total = total_cost(of, selection).value * n_runs
            assert part.value * of.numbers(basis, selection).sum() == pytest.approx(total, rel=1e-12)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(1, 10_000), factor=st.floats(0.01, 100.0))
def test_all_prices_times_a_factor_are_all_money_times_it(
    random_run: Callable[..., RunResult], make_book: Callable[..., PriceBook], seed: int, factor: float
) -> None:
    prices = {"call": 0.002, "replica_hour": 0.6, "person_hour": 28.0, "platform": 7300.0}
    book = replace(make_book(**prices), rework_usd=0.7, wrong_answer_usd=3.0)
    scaled = replace(
        make_book(
            **{name: factor * usd for name, usd in prices.items()}, tokens=(factor * 3.0, factor * 15.0)
        ),
        rework_usd=factor * 0.7,
        wrong_answer_usd=factor * 3.0,
    )
    run = random_run(seed, busy=True, n_buckets=5)
    assert costs(run, scaled).cost_usd == pytest.approx(factor * costs(run, book).cost_usd, rel=1e-12)
