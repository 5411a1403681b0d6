"""Idle hours and unused spend are paid by the streams that may ask for what stands idle, and by nobody else."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.economics.accounts import accounts
from simulator.economics.categories import Category
from simulator.economics.costs import costs
from simulator.economics.month import with_commitments
from simulator.economics.price_book import price_book
from simulator.metrics.columns import AreaColumn, CountColumn, UsageColumn
from tests.unit.economics.conftest import CONSTANT, run_of, scenario_of

IDLE = {
    Category.SERVICE_IDLE_HOURS,
    Category.HUMAN_IDLE_HOURS,
    Category.GPU_IDLE_HOURS,
    Category.SPOT_GPU_IDLE_HOURS,
    Category.PROVISIONED_IDLE_HOURS,
    Category.UNUSED_COMMITMENT,
}
POOL = {"model": "meta-llama/Meta-Llama-3.1-8B", "gpu": "h100_sxm", "replicas": 3, "price": 3.0}
MODEL = {"provider": "nobody", "model": "own", "ttft": CONSTANT, "tpot": CONSTANT}
STEPS = {
    "crm": {"call": "crm"},
    "held": {"generate": "held"},
    "own": {"generate": "own"},
    "agents": {"review": {"team": "agents", "sample": 0.1}},
}
KINDS = {"crm": "service", "held": "model", "own": "model", "agents": "team"}
WORKLOADS = ("ask", "bulk", "other")

asked = st.fixed_dictionaries({name: st.sets(st.sampled_from(list(STEPS)), min_size=1) for name in WORKLOADS})


def _scenario(asked_by: dict[str, set[str]]) -> Any:
    lengths = {"prompt_tokens": CONSTANT, "output_tokens": CONSTANT}
    return scenario_of(
        workloads=[
            {
                "name": name,
                "arrival_rate": 1.0,
                "steps": [STEPS[target] for target in STEPS if target in targets],
            }
            | lengths
            for name, targets in asked_by.items()
        ],
        model_list=[
            {"model_name": "held", **MODEL, "prices": {"input": 3.0, "output": 15.0}}
            | {"provisioned": {"units": 10, "price": 1.0, "tpm_per_unit": 1000.0}},
            {"model_name": "own", "pool": POOL | {"reserved": {"replicas": 1, "price": 2.0}}},
        ],
        economics={"commitments": [{"name": "spend", "models": ["held"], "monthly": 1e6}]},
    )


@given(asked, st.lists(st.integers(0, 50), min_size=6, max_size=6), st.floats(0.0, 1.0))
def test_idle_cost_lies_on_who_may_ask(
    asked_by: dict[str, set[str]], arrived: list[int], busy_share: float
) -> None:
    book = price_book(_scenario(asked_by))
    streams = [(name, region) for name in WORKLOADS for region in ("eu", "us")]
    stations = [(KINDS[target], target, region) for target in STEPS for region in ("eu", "us")]
    busy_s = {
        (0, stream, station, UsageColumn.BUSY_S): 60.0
        for stream, (name, _) in enumerate(streams)
        for station, (_, target, _) in enumerate(stations)
        if target in asked_by[name] and arrived[stream]
    }
    run = run_of(
        streams=streams,
        stations=stations,
        counts={(0, stream, CountColumn.ARRIVED): n for stream, n in enumerate(arrived)},
        usage=busy_s,
        areas={
            (station, column): area_s
            for station in range(len(stations))
            for column, area_s in ((AreaColumn.SERVERS_S, 7200.0), (AreaColumn.BUSY_S, 7200.0 * busy_share))
        },
        replica_s=[7200.0] * len(stations),
    )
    found = costs(run, book)
    for place, line in enumerate(found.lines):
        if line.category in IDLE:
            assert line.station is not None
            asks = np.array([line.station.target in asked_by[name] for name, _ in streams])
            if asks.any():
                assert not found.quantity[:, ~asks, place].any()
    month = with_commitments(accounts([run], book, in_batches=False), book, 1.0)
    asks = np.array(["held" in asked_by[name] for name, _ in streams])
    assert month.lines[-1].category is Category.UNUSED_COMMITMENT
    if asks.any():
        assert not month.cost_usd[:, ~asks, -1].any()
    assert month.cost_usd[:, :, -1].sum() > 0.0
