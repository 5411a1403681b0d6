"""Small scenarios, and runs whose usage is written down by hand."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from simulator.compiler.streams import Stream
from simulator.economics.month import WeightedWindow
from simulator.economics.price_book import PriceBook, ServicePrices
from simulator.economics.span import Span, SpanTime, span_of
from simulator.mechanisms.codes import Station
from simulator.mechanisms.providers.prices import TokenPrices
from simulator.metrics.columns import AreaColumn, CountColumn, Metric, UsageColumn
from simulator.numerics.sketch import N_BINS
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario

CONSTANT = {"distribution": "constant", "value": 1.0}


def scenario_of(**changes: Any) -> Scenario:
    """Two regions, a model, a service and a team, all with prices."""
    document: dict[str, Any] = {
        "metadata": {"name": "money"},
        "start": "2027-01-04",
        "regions": {"eu": {}, "us": {}},
        "workloads": [{"name": "ask", "arrival_rate": 1.0, "steps": [{"call": "crm"}]}],
        "services": {
            "crm": {"service_time": CONSTANT, "cost": 0.002, "price": 0.6, "max_ongoing_requests": 4}
        },
        "model_list": [
            {"model_name": "large", "provider": "nobody", "model": "own", "ttft": CONSTANT, "tpot": CONSTANT}
            | {"prices": {"input": 3.0, "output": 15.0}}
        ],
        "teams": {"agents": {"staff": 2, "handle_time": CONSTANT, "cost": 28.0}},
        "economics": {"platform": 7300.0},
    }
    return Scenario.model_validate(document | changes)


def book_of(
    *,
    tokens: tuple[float, float] = (3.0, 15.0),
    call: float = 0.002,
    replica_hour: float = 0.6,
    person_hour: float = 28.0,
    platform: float = 7300.0,
) -> PriceBook:
    """Prices of the model `large`, the service `crm`, the team `agents` and the platform."""
    return PriceBook(
        models={"large": TokenPrices(*tokens, "scenario", date(2027, 1, 4))},
        pools={},
        services={"crm": ServicePrices(call, replica_hour)},
        teams={"agents": person_hour},
        platform_month_usd=platform,
    )


def run_of(
    *,
    streams: Sequence[tuple[str, ...]],
    stations: Sequence[tuple[str, str, str]] = (),
    n_buckets: int = 1,
    n_warmup: int = 0,
    bucket_s: float = 3600.0,
    duration_s: float | None = None,
    seed: int = 1,
    stage: str | None = None,
    window: str = "peak",
    counts: dict[tuple[int, int, CountColumn], int] | None = None,
    usage: dict[tuple[int, int, int, UsageColumn], float] | None = None,
    areas: dict[tuple[int, AreaColumn], float] | None = None,
    replica_s: Sequence[float] | None = None,
) -> RunResult:
    """A run with the given counts [bucket, stream, column] and usage [bucket, stream, station, column]."""
    n_streams, n_stations = len(streams), len(stations)
    arrays = {
        "counts": np.zeros((n_buckets, n_streams, len(CountColumn)), np.int64),
        "usage": np.zeros((n_buckets, n_streams, n_stations, len(UsageColumn))),
        "areas": np.zeros((n_stations, len(AreaColumn))),
    }
    for name, values in (("counts", counts), ("usage", usage), ("areas", areas)):
        for place, value in (values or {}).items():
            arrays[name][place] = value
    return RunResult(
        seed=seed, stage=stage, window=window, start=datetime(2027, 1, 4, 9, tzinfo=UTC),
        warmup_s=n_warmup * bucket_s, bucket_s=bucket_s, n_warmup_buckets=n_warmup,
        duration_s=(n_buckets - n_warmup) * bucket_s if duration_s is None else duration_s,
        streams=tuple(Stream(*stream) for stream in streams),
        stations=tuple(Station(*station) for station in stations),
        latency_sum_s=np.zeros((n_buckets, n_streams)), moments=np.zeros((n_streams, len(Metric), 3)),
        histogram=np.zeros((n_streams, len(Metric), N_BINS), np.int64),
        wait_histogram=np.zeros((n_stations, N_BINS), np.int64),
        replica_s=np.zeros(n_stations) if replica_s is None else np.array(replica_s, dtype=np.float64),
        max_in_system=np.zeros(n_stations, np.int64), in_flight=np.zeros(n_streams, np.int64),
        n_events=0, wall_s=0.0, **arrays,
    )  # fmt: skip


@pytest.fixture
def make_scenario() -> Callable[..., Scenario]:
    """Return the factory of scenarios."""
    return scenario_of


@pytest.fixture
def make_book() -> Callable[..., PriceBook]:
    """Return the factory of price books."""
    return book_of


@pytest.fixture
def make_run() -> Callable[..., RunResult]:
    """Return the factory of runs."""
    return run_of


@pytest.fixture
def random_run() -> Callable[..., RunResult]:
    """Return a factory of random runs with a model, services and teams in two regions."""

    def make(
        seed: int, *, busy: bool = True, n_buckets: int = 12, n_warmup: int = 2, window: str = "peak"
    ) -> RunResult:
        rng = np.random.default_rng([seed, 20270104])
        stations = [("model", "large", "eu"), ("service", "crm", "eu"), ("service", "crm", "us")]
        stations += [("team", "agents", "us"), ("team", "agents", "ap")]  # nobody asks from `ap`
        run = run_of(
            streams=[("ask", "eu"), ("ask", "us"), ("bulk", "us")], stations=stations, seed=seed,
            n_buckets=n_buckets, n_warmup=n_warmup, bucket_s=60.0, window=window, stage="pilot",
            duration_s=(n_buckets - n_warmup) * 60.0 - 25.0,
            replica_s=rng.uniform(0.0, 4000.0, len(stations)),
        )  # fmt: skip
        if busy:
            run.counts[:] = rng.poisson(20.0, run.counts.shape)
            run.usage[:] = rng.poisson(50.0, run.usage.shape) * rng.integers(0, 2, run.usage.shape)
            run.areas[:, AreaColumn.SERVERS_S] = rng.uniform(1.0, 4000.0, len(stations))
            run.areas[:, AreaColumn.BUSY_S] = run.areas[:, AreaColumn.SERVERS_S] * rng.uniform(
                0, 1, len(stations)
            )
        return run

    return make


def span_from(
    runs: Sequence[RunResult],
    book: PriceBook,
    *,
    month: date = date(2027, 1, 1),
    stage: str = "pilot",
    hours: int = 24,
    month_share: float = 0.5,
) -> Span:
    """A span whose hours are all stood for by one window with these replications."""
    begin = datetime(month.year, month.month, month.day, tzinfo=UTC)
    starts = tuple((begin + timedelta(hours=hour), 1.0) for hour in range(hours))
    time = SpanTime(month, stage, month_share, starts, (0,) * hours)
    return span_of([WeightedWindow(float(hours), list(runs))], book, time)


@pytest.fixture
def make_span() -> Callable[..., Span]:
    """Return the factory of spans."""
    return span_from
