"""What leaves its user's region is paid by the byte, and by nobody twice."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from simulator.economics.costs import Category, costs
from simulator.economics.ledger import ledger
from simulator.economics.price_book import PriceBook, price_book
from simulator.mechanisms.regions.config import Egress
from simulator.metrics.columns import UsageColumn
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario

EGRESS = Egress.model_validate({"price": "$0.02/GB", "bytes_per_token": 4, "bytes_per_call": "20kB"})
Run = Callable[..., RunResult]
Book = Callable[..., PriceBook]


def test_tokens_and_calls_of_other_regions_are_paid_by_hand(make_run: Run, make_book: Book) -> None:
    """2.5 M tokens x 4 B = 10 MB and 150 calls x 20 kB = 3 MB at $0.02 per 1000 MB."""
    used = {
        (0, 0, 0, UsageColumn.INPUT_TOKENS): 2_000_000,
        (0, 0, 0, UsageColumn.OUTPUT_TOKENS): 500_000,
        (0, 0, 0, UsageColumn.WASTED_OUTPUT_TOKENS): 250_000,
        (0, 1, 0, UsageColumn.INPUT_TOKENS): 9_000_000,  # asked from where the model is
        (0, 0, 1, UsageColumn.SUCCEEDED): 120,
        (0, 0, 1, UsageColumn.RATE_LIMITED): 20,
        (0, 0, 1, UsageColumn.TIMED_OUT): 10,
        (0, 0, 1, UsageColumn.ATTEMPTS): 151,  # one is under way
    }
    run = make_run(
        streams=[("ask", "eu"), ("ask", "us")],
        stations=[("model", "large", "us"), ("service", "crm", "us")],
        usage=used,
    )
    frame = ledger([run], replace(make_book(platform=0.0), egress=EGRESS)).to_pandas()
    egress = frame[frame["category"] == "egress"]
    key = ["region", "target", "target_region", "unit", "quantity", "cost_usd", "wasted_usd"]
    assert egress[key].to_numpy().tolist() == [
        ["eu", "large", "us", "GB", pytest.approx(0.01), pytest.approx(2e-4), pytest.approx(2e-5)],
        ["eu", "crm", "us", "GB", pytest.approx(0.003), pytest.approx(6e-5), pytest.approx(1.2e-5)],
    ]


@pytest.mark.parametrize("by_bucket", [False, True])
def test_egress_adds_to_what_everything_else_costs(random_run: Run, make_book: Book, by_bucket: bool) -> None:
    run = random_run(7)
    without = costs(run, make_book(), by_bucket=by_bucket)
    priced = costs(run, replace(make_book(), egress=EGRESS), by_bucket=by_bucket)
    is_egress = np.array([line.category == Category.EGRESS for line in priced.lines])
    assert priced.cost_usd[..., is_egress].sum() > 0.0
    assert priced.cost_usd[..., ~is_egress].sum() == pytest.approx(without.total_usd, rel=1e-12)
    used = run.usage[run.n_warmup_buckets :].sum(axis=0)
    expected_gb = 0.0
    for stream_id, stream in enumerate(run.streams):
        for station_id, station in enumerate(run.stations):
            if stream.region != station.region:
                columns = used[stream_id, station_id]
                n_calls = columns[UsageColumn.SUCCEEDED : UsageColumn.INPUT_TOKENS].sum()
                n_tokens = columns[[UsageColumn.INPUT_TOKENS, UsageColumn.OUTPUT_TOKENS]].sum()
                expected_gb += n_tokens * 4e-9 if station.kind == "model" else n_calls * 20e-6
    assert priced.quantity[..., is_egress].sum() == pytest.approx(expected_gb, rel=1e-12)
    assert (priced.wasted_quantity <= priced.quantity + 1e-12)[
        ..., is_egress & (priced.quantity.sum((0, 1)) > 1)
    ].all()


def test_the_price_book_has_the_price_of_the_network(make_scenario: Callable[..., Scenario]) -> None:
    assert price_book(make_scenario()).egress is None
    assert price_book(make_scenario(network={"egress": {"price": "$0.02/GB"}})).egress == Egress(price=0.02)
