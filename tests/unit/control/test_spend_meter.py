"""What a budget sees is what the ledger bills for the same window, whatever the prices."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from simulator.compiler.blueprint import compile_scenario
from simulator.compiler.demand import stage_window
from simulator.control.spend_meter import SpendMeter
from simulator.economics.categories import TOKEN_CATEGORIES, Category
from simulator.economics.costs import costs
from simulator.economics.price_book import price_book
from simulator.engine import simulate
from simulator.scenario.model import Scenario

SPENT = (*TOKEN_CATEGORIES, Category.SERVICE_CALLS)
OWN = {"input": 3.0, "output": 15.0}
LONG = {"above": 1_000, "input": 6.0, "output": 22.5}
HELD = {"units": 4, "price": 1.0, "tpm_per_unit": 10_000, "output_weight": 4}


def _scenario(prices: dict[str, Any], **model: Any) -> Scenario:
    constant = {"distribution": "constant", "value": 0.1}
    lengths = {
        "prompt_tokens": {"distribution": "lognormal", "p50": 800, "p95": 2_400},
        "output_tokens": {"distribution": "lognormal", "p50": 60, "p95": 200},
    }
    steps = [{"call": "search"}, {"generate": "large"}]
    asked = {"arrival_rate": 1.5, "steps": steps, **lengths}
    large = {
        "model_name": "large",
        "provider": "openai",
        "model": "gpt-4.1",
        "ttft": constant,
        "tpot": constant,
    }
    return Scenario.model_validate(
        {
            "metadata": {"name": "spend"},
            "start": "2027-01-04",
            "workloads": [
                {"name": "ask", "timeout": 8.0, **asked},
                {"name": "nightly", "priority": "batch", **asked},
            ],
            "services": {"search": {"service_time": constant, "cost": 0.002}},
            "model_list": [
                large | {"tpot": {"distribution": "constant", "value": 0.05}, "prices": prices} | model
            ],
            "economics": {
                "commitments": [{"name": "spend", "models": ["large"], "monthly": 10.0, "discount": 0.2}]
            },
        }
    )


@pytest.mark.parametrize(
    "scenario",
    [
        _scenario({}),
        _scenario(OWN | {"discount": 0.3, "batch_discount": 0.5}),
        _scenario({"cached_share": 0.6}),
        _scenario(OWN | {"cached_share": 0.4, "cached_input": 0.3, "long": LONG, "batch_discount": 0.5}),
        _scenario(OWN | {"cached_share": 0.4, "cached_input": 0.3, "long": LONG | {"cached_input": 0.7}}),
        _scenario(OWN, provisioned=HELD),
        _scenario(OWN | {"long": LONG, "discount": 0.1}, provisioned=HELD | {"overflow": True}),
    ],
    ids=["list", "discounts", "cached", "long", "long and cached", "held", "overflow"],
)
def test_a_budget_sees_what_the_ledger_bills(scenario: Scenario) -> None:
    blueprint = compile_scenario(scenario, stage_window(scenario, None, 0.0, 1000.0, 0.0), Path())
    result = simulate(blueprint, 3)
    billed = costs(result, price_book(scenario))
    lines = [line.category in SPENT for line in billed.lines]
    plane: Any = SimpleNamespace(world=SimpleNamespace(recording=SimpleNamespace(usage=result.usage)))
    for workload in scenario.workloads:
        streams = [number for number, stream in enumerate(result.streams) if stream.workload == workload.name]
        seen_usd = SpendMeter(plane, blueprint, workload).spent_usd(streams, result.duration_s)
        expected = billed.cost_usd[:, streams][:, :, lines].sum()
        assert seen_usd == pytest.approx(expected, rel=1e-9)
        assert expected > 0.0


def test_a_budget_sees_data_that_leaves_its_region_and_hours_if_asked() -> None:
    far = _scenario(OWN, provisioned=HELD | {"units": {"near": 0, "far": 4}, "overflow": True})
    parts = far.model_dump(mode="json", by_alias=True, exclude_unset=True)
    parts["regions"] = {"near": {}, "far": {}}
    parts["network"] = {"egress": {"price": 0.08}, "rtt": {"near": {"far": "80ms"}}}
    scenario = Scenario.model_validate(parts)
    blueprint = compile_scenario(scenario, stage_window(scenario, None, 0.0, 1000.0, 0.0), Path())
    result = simulate(blueprint, 3)
    billed = costs(result, price_book(scenario))
    hours = (Category.PROVISIONED_HOURS, Category.PROVISIONED_IDLE_HOURS)
    plane: Any = SimpleNamespace(world=SimpleNamespace(recording=SimpleNamespace(usage=result.usage)))
    for bills_hours, categories in (
        (False, (*SPENT, Category.EGRESS)),
        (True, (*SPENT, Category.EGRESS, *hours)),
    ):
        lines = [line.category in categories for line in billed.lines]
        for workload in scenario.workloads:
            streams = [n for n, stream in enumerate(result.streams) if stream.workload == workload.name]
            meter = SpendMeter(plane, blueprint, workload, bills_hours=bills_hours)
            expected = billed.cost_usd[:, streams][:, :, lines].sum()
            assert meter.spent_usd(streams, result.duration_s) == pytest.approx(expected, rel=1e-9)
    assert {line.category for line in billed.lines} >= {Category.EGRESS, *hours}
