"""Ledgers computed by hand for three small scenarios, and the shape of the data frame."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from simulator.economics.categories import Category
from simulator.economics.costs import costs
from simulator.economics.ledger import LEDGER, ledger
from simulator.economics.price_book import PoolPrices, PriceBook
from simulator.metrics.columns import AreaColumn, CountColumn, UsageColumn
from simulator.results.run_result import RunResult

KEY = ["time_s", "workload", "region", "target", "target_region", "category"]
Run = Callable[..., RunResult]
Book = Callable[..., PriceBook]


def cents(frame: pd.DataFrame) -> dict[tuple[object, ...], float]:
    """Cost of each line by its key."""
    return dict(zip(frame[KEY].itertuples(index=False, name=None), frame["cost_usd"], strict=True))


def test_tokens_are_paid_as_billed_by_bucket_and_stream_without_the_warm_up(
    make_run: Run, make_book: Book
) -> None:
    run = make_run(
        streams=[("ask", "eu"), ("ask", "us")],
        stations=[("model", "large", "us")],
        n_buckets=3, n_warmup=1, bucket_s=60.0, duration_s=90.0,
        usage={
            (0, 0, 0, UsageColumn.INPUT_TOKENS): 5_000_000,  # warm-up
            (1, 0, 0, UsageColumn.INPUT_TOKENS): 2_000_000,
            (1, 0, 0, UsageColumn.OUTPUT_TOKENS): 100_000,
            (1, 0, 0, UsageColumn.WASTED_OUTPUT_TOKENS): 40_000,
            (2, 1, 0, UsageColumn.INPUT_TOKENS): 1_000_000,
            (2, 1, 0, UsageColumn.WASTED_INPUT_TOKENS): 1_000_000,
        },
    )  # fmt: skip
    frame = ledger([run], make_book(platform=0.0)).to_pandas()
    assert cents(frame) == pytest.approx(
        {
            (0.0, "ask", "eu", "large", "us", "input_tokens"): 6.0,
            (0.0, "ask", "eu", "large", "us", "output_tokens"): 1.5,
            (60.0, "ask", "us", "large", "us", "input_tokens"): 3.0,
        }
    )
    assert frame["wasted_usd"].tolist() == pytest.approx([0.0, 0.6, 3.0])
    assert frame["quantity"].tolist() == [2_000_000, 100_000, 1_000_000]
    assert frame["unit_price_usd"].tolist() == pytest.approx([3e-6, 15e-6, 3e-6])
    assert frame["bucket_s"].tolist() == [60.0, 60.0, 30.0]
    assert set(frame["unit"]) == {"token"}


def test_service_calls_busy_and_idle_replica_hours_and_the_platform(make_run: Run, make_book: Book) -> None:
    run = make_run(
        streams=[("ask", "eu"), ("bulk", "eu"), ("ask", "us")],
        stations=[("service", "crm", "eu")],
        counts={(0, k, CountColumn.ARRIVED): n for k, n in enumerate((30, 10, 60))},
        usage={
            (0, 0, 0, UsageColumn.ATTEMPTS): 10,
            (0, 0, 0, UsageColumn.SUCCEEDED): 6,
            (0, 0, 0, UsageColumn.TIMED_OUT): 1,
            (0, 0, 0, UsageColumn.ERRORS): 1,
            (0, 0, 0, UsageColumn.RATE_LIMITED): 1,
            (0, 0, 0, UsageColumn.SHED): 1,
            (0, 0, 0, UsageColumn.BUSY_S): 900.0,
            (0, 2, 0, UsageColumn.SUCCEEDED): 4,
            (0, 2, 0, UsageColumn.BUSY_S): 300.0,
        },
        areas={(0, AreaColumn.SERVERS_S): 8 * 3600.0, (0, AreaColumn.BUSY_S): 2 * 3600.0},
        replica_s=[2 * 3600.0],
    )  # fmt: skip
    frame = ledger([run], make_book()).to_pandas()
    # Two replica-hours at $0.60, a quarter busy: $0.30 by use 3 : 1, $0.90 idle by arrivals in eu 3 : 1.
    # The platform costs $7,300 a month of 730 h, $10 for this hour, by arrivals 30 : 10 : 60.
    assert cents(frame) == pytest.approx(
        {
            (0.0, "ask", "eu", "crm", "eu", "service_calls"): 7 * 0.002,
            (0.0, "ask", "us", "crm", "eu", "service_calls"): 4 * 0.002,
            (0.0, "ask", "eu", "crm", "eu", "service_hours"): 0.225,
            (0.0, "ask", "us", "crm", "eu", "service_hours"): 0.075,
            (0.0, "ask", "eu", "crm", "eu", "service_idle_hours"): 0.675,
            (0.0, "bulk", "eu", "crm", "eu", "service_idle_hours"): 0.225,
            (0.0, "ask", "eu", "", "", "platform"): 3.0,
            (0.0, "bulk", "eu", "", "", "platform"): 1.0,
            (0.0, "ask", "us", "", "", "platform"): 6.0,
        }
    )
    calls = frame[frame["category"] == "service_calls"]
    assert calls["wasted_usd"].tolist() == pytest.approx([0.002, 0.0])
    assert frame["cost_usd"].sum() == pytest.approx(11 * 0.002 + 1.2 + 10.0, abs=1e-12)
    assert dict(zip(frame["category"], frame["unit"], strict=True)) == {
        "service_calls": "call", "service_hours": "hour", "service_idle_hours": "hour", "platform": "month",
    }  # fmt: skip


def test_people_on_shift_are_paid_busy_or_not_over_buckets_by_time(make_run: Run, make_book: Book) -> None:
    run = make_run(
        streams=[("ask", "eu"), ("bulk", "eu"), ("ask", "us")],
        stations=[("team", "agents", "eu"), ("team", "agents", "us")],
        n_buckets=2, bucket_s=1800.0, duration_s=2700.0,
        counts={
            (0, 0, CountColumn.ARRIVED): 1, (1, 0, CountColumn.ARRIVED): 2, (1, 1, CountColumn.ARRIVED): 1,
        },
        usage={(1, 1, 0, UsageColumn.BUSY_S): 600.0},
        areas={
            (0, AreaColumn.SERVERS_S): 4 * 2700.0, (0, AreaColumn.BUSY_S): 2700.0,
            (1, AreaColumn.SERVERS_S): 2700.0,
        },
        replica_s=[4 * 2700.0, 2700.0],
    )  # fmt: skip
    frame = ledger([run], make_book(platform=0.0)).to_pandas()
    # eu: three person-hours, a quarter busy, all for `bulk`, whose case ended in the second bucket; the rest
    # is idle: 2.25 h over time 2 : 1 and arrivals 3 : 1. us: 0.75 h, all idle, for the only stream there
    # though nobody came.
    assert cents(frame) == pytest.approx(
        {
            (1800.0, "bulk", "eu", "agents", "eu", "human_hours"): 0.75 * 28.0,
            (0.0, "ask", "eu", "agents", "eu", "human_idle_hours"): 2.25 * 2 / 3 * 3 / 4 * 28.0,
            (1800.0, "ask", "eu", "agents", "eu", "human_idle_hours"): 2.25 / 3 * 3 / 4 * 28.0,
            (0.0, "bulk", "eu", "agents", "eu", "human_idle_hours"): 2.25 * 2 / 3 / 4 * 28.0,
            (1800.0, "bulk", "eu", "agents", "eu", "human_idle_hours"): 2.25 / 3 / 4 * 28.0,
            (0.0, "ask", "us", "agents", "us", "human_idle_hours"): 0.5 * 28.0,
            (1800.0, "ask", "us", "agents", "us", "human_idle_hours"): 0.25 * 28.0,
        }
    )
    assert frame["cost_usd"].sum() == pytest.approx(3.75 * 28.0)


def test_without_any_traffic_idle_hours_and_platform_are_shared_equally(
    make_run: Run, make_book: Book
) -> None:
    run = make_run(
        streams=[("ask", "eu"), ("bulk", "eu"), ("ask", "us")],
        stations=[("model", "large", "eu"), ("service", "crm", "eu")],
        areas={(1, AreaColumn.SERVERS_S): 4 * 3600.0},
        replica_s=[0.0, 3600.0],
    )
    assert cents(ledger([run], make_book()).to_pandas()) == pytest.approx(
        {
            (0.0, "ask", "eu", "crm", "eu", "service_idle_hours"): 0.3,
            (0.0, "bulk", "eu", "crm", "eu", "service_idle_hours"): 0.3,
            (0.0, "ask", "eu", "", "", "platform"): 10.0 / 3,
            (0.0, "bulk", "eu", "", "", "platform"): 10.0 / 3,
            (0.0, "ask", "us", "", "", "platform"): 10.0 / 3,
        }
    )


def test_telling_classes_apart_moves_no_money_between_workloads(make_run: Run, make_book: Book) -> None:
    """Without any traffic, too: a workload whose results are kept in three places pays no more than one with one."""
    classes = [("ask", "eu", "stable", "", "", name) for name in ("easy", "hard", "odd")]
    run = make_run(
        streams=[*classes, ("bulk", "eu")],
        stations=[("service", "crm", "eu")],
        areas={(0, AreaColumn.SERVERS_S): 4 * 3600.0},
        replica_s=[3600.0],
    )
    paid = ledger([run], make_book()).to_pandas().groupby("workload")["cost_usd"].sum()
    assert paid["ask"] == pytest.approx(paid["bulk"])


def test_a_station_where_nobody_asks_is_shared_by_all(make_run: Run, make_book: Book) -> None:
    run = make_run(
        streams=[("ask", "eu"), ("ask", "us")],
        stations=[("team", "agents", "ap")],
        counts={(0, 0, CountColumn.ARRIVED): 1, (0, 1, CountColumn.ARRIVED): 3},
        areas={(0, AreaColumn.SERVERS_S): 3600.0},
        replica_s=[3600.0],
    )
    assert ledger([run], make_book(platform=0.0)).to_pandas()["cost_usd"].tolist() == pytest.approx(
        [7.0, 21.0]
    )


def test_busy_people_whose_case_has_not_ended_yet_are_busy_all_the_same(
    make_run: Run, make_book: Book
) -> None:
    run = make_run(
        streams=[("ask", "eu")],
        stations=[("team", "agents", "eu")],
        areas={(0, AreaColumn.SERVERS_S): 3600.0, (0, AreaColumn.BUSY_S): 3600.0},
        replica_s=[3600.0],
    )
    assert cents(ledger([run], make_book(platform=0.0)).to_pandas()) == {
        (0.0, "ask", "eu", "agents", "eu", "human_hours"): 28.0
    }


@pytest.mark.parametrize(("busy_s", "category"), [(5.0, "service_hours"), (0.0, "service_idle_hours")])
def test_replicas_without_a_limit_are_busy_if_anyone_used_them(
    make_run: Run, make_book: Book, busy_s: float, category: str
) -> None:
    run = make_run(
        streams=[("ask", "eu")],
        stations=[("service", "crm", "eu")],
        usage={(0, 0, 0, UsageColumn.BUSY_S): busy_s},
        areas={(0, AreaColumn.BUSY_S): busy_s},
        replica_s=[3600.0],
    )
    assert cents(ledger([run], make_book(platform=0.0)).to_pandas()) == {
        (0.0, "ask", "eu", "crm", "eu", category): 0.6
    }


def test_columns_and_types_are_those_of_the_dictionary_even_if_nothing_cost_anything(
    make_run: Run, make_book: Book
) -> None:
    free = make_book(tokens=(0.0, 0.0), call=0.0, replica_hour=0.0, person_hour=0.0, platform=0.0)
    run = make_run(streams=[("ask", "eu")], stations=[("service", "crm", "eu")], replica_s=[3600.0])
    for table in (ledger([run], free), ledger([], free), ledger([run], make_book())):
        frame = table.to_pandas()
        assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
            column.name: column.type for column in LEDGER
        }
    assert len(ledger([run], free)) == 0
    assert costs(run, free).total_usd == 0.0
    assert set(ledger([run], make_book()).to_pandas()["category"]) <= {
        category.value for category in Category
    }


def test_a_run_without_demand_has_nobody_to_pay(make_run: Run, make_book: Book) -> None:
    run = make_run(streams=[], stations=[("service", "crm", "eu")])
    with pytest.raises(ValueError, match="without demand"):
        costs(run, make_book())


def test_rounding_never_makes_idle_hours_negative(make_run: Run, make_book: Book) -> None:
    run = make_run(
        streams=[("ask", "eu")],
        stations=[("team", "agents", "eu")],
        areas={(0, AreaColumn.SERVERS_S): 3600.0, (0, AreaColumn.BUSY_S): 3600.0 * (1 + 1e-12)},
        replica_s=[3600.0],
    )
    assert ledger([run], make_book(platform=0.0)).to_pandas()["category"].tolist() == ["human_hours"]


def test_replicas_on_spot_reserved_and_on_demand_each_have_their_price(
    make_run: Run, make_book: Book
) -> None:
    """Of six replica-hours two are reserved and one and a half on spot; a quarter of all is busy."""
    run = make_run(
        streams=[("ask", "eu")],
        stations=[("model", "own", "eu")],
        areas={
            (0, AreaColumn.SERVERS_S): 6 * 3600.0, (0, AreaColumn.BUSY_S): 1.5 * 3600.0,
            (0, AreaColumn.SPOT_S): 1.5 * 3600.0,
        },
        replica_s=[6 * 3600.0],
    )  # fmt: skip
    prices = PoolPrices(replica_hour_usd=3.0, reserved_hour_usd=2.0, reserved={"eu": 2}, spot_hour_usd=1.0)
    found = costs(run, replace(make_book(platform=0.0), pools={"own": prices}))
    by_line = {
        (line.category.value, line.unit_price_usd, line.is_committed): amount
        for line, amount in zip(found.lines, found.cost_usd.sum(axis=(0, 1)).tolist(), strict=True)
    }
    assert by_line == pytest.approx(
        {
            ("spot_gpu_hours", 1.0, False): 0.375, ("spot_gpu_idle_hours", 1.0, False): 1.125,
            ("gpu_hours", 2.0, True): 1.0, ("gpu_idle_hours", 2.0, True): 3.0,
            ("gpu_hours", 3.0, False): 1.875, ("gpu_idle_hours", 3.0, False): 5.625,
        }
    )  # fmt: skip
    assert found.total_usd == pytest.approx(1.5 * 1.0 + 2 * 2.0 + 2.5 * 3.0)
