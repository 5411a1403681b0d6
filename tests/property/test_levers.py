"""A lever changes what it says, and nothing else: every other value of the scenario stands as it did."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.compiler.model_prices import price_date
from simulator.mechanisms.providers.prices import TokenPrices, token_prices
from simulator.scenario.change import ScenarioChange
from simulator.scenario.model import Scenario
from simulator.scenario.read.load import load_scenario
from simulator.studies.cost.lever_kinds import levers
from simulator.studies.what_if.levers import levers_of

HERE = Path()
SCENARIOS = Path(__file__).parents[2] / "scenarios"
CONSTANT = {"distribution": "constant", "value": 1.0}
usd = st.floats(0.01, 100.0)
shares = st.sampled_from([0.0, 0.25, 0.6])
PRICES = st.fixed_dictionaries(
    {"discount": shares, "batch_discount": shares},
    optional={
        "own": st.fixed_dictionaries({"input": usd, "output": usd}),
        "cache": st.fixed_dictionaries({"cached_share": st.just(0.6)}, optional={"cached_input": usd}),
        "long": st.fixed_dictionaries(
            {"above": st.integers(1, 10**6), "input": usd, "output": usd}, optional={"cached_input": usd}
        ),
    },
)


def _scenario(prices: dict[str, Any]) -> Scenario:
    model = {
        "model_name": "m",
        "provider": "google",
        "model": "gemini-2.5-pro",
        "ttft": CONSTANT,
        "tpot": CONSTANT,
    }
    flat = {key: value for key, value in prices.items() if key not in ("own", "cache")}
    ask = {"name": "ask", "arrival_rate": 1.0, "priority": "batch", "steps": [{"generate": "r"}]}
    return Scenario.model_validate(
        {
            "metadata": {"name": "levers"},
            "start": "2027-01-04",
            "regions": {"east": {}, "west": {}},
            "workloads": [ask | {"prompt_tokens": CONSTANT, "output_tokens": CONSTANT}],
            "model_list": [
                model | {"prices": {**flat, **prices.get("own", {}), **prices.get("cache", {})}, "tpm": 1e6}
            ],
            "routes": {"r": {"choose": ["m"], "num_retries": 2, "retry_budget": {"share": 0.3, "burst": 77}}},
        }
    )


def _charged(scenario: Scenario) -> TokenPrices:
    return token_prices(scenario.model_list[0], price_date(scenario))


@settings(max_examples=40, deadline=None)
@given(PRICES)
def test_a_lever_on_prices_scales_every_price_of_its_model(prices: dict[str, Any]) -> None:
    """Of cached tokens and of long prompts, too; what is cached, discounts and the start of the long tier stay."""
    scenario = _scenario(prices)
    before = _charged(scenario)
    [lever] = [one for one in levers_of(scenario) if one.label == "m: tokens"]
    for position in lever.positions:
        factor = float(position.label.removeprefix("× "))
        after = _charged(position.apply(scenario, HERE))
        names = [name for name in vars(before) if name.endswith("_per_mtok")]
        stay = [name for name in vars(before) if name not in (*names, "source", "notes")]
        for name in names:
            if name == "cached_input_usd_per_mtok" and before.cached_share == 0.0:
                continue  # nothing is billed at it
            if name == "long_cached_input_usd_per_mtok" and before.cached_share == 0.0:
                continue
            assert getattr(after, name) == pytest.approx(factor * getattr(before, name), rel=1e-12), name
        assert {name: getattr(after, name) for name in stay} == pytest.approx(
            {name: getattr(before, name) for name in stay}
        )


def test_a_lever_on_a_retry_budget_keeps_its_burst() -> None:
    scenario = _scenario({})
    [lever] = [one for one in levers_of(scenario) if one.key == "routes.r.retry_budget"]
    bursts = {
        budget.burst
        for position in lever.positions
        if (budget := position.apply(scenario, HERE).routes["r"].retry_budget) is not None
    }
    assert bursts == {77}


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            name = inner.get("name", inner.get("model_name", place)) if isinstance(inner, dict) else place
            yield from _leaves(inner, f"{path}.{name}")
    else:
        yield path, value


def _stated(scenario: Scenario) -> dict[str, Any]:
    """What a scenario states, by path."""
    return dict(_leaves(scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)))


def _changes(scenario: Scenario) -> Iterator[ScenarioChange]:
    for lever in levers_of(scenario):
        yield from lever.positions
    for one in levers(scenario, lambda _: None):
        if one.change.edit is None:
            yield one.change


@pytest.mark.parametrize("name", sorted(path.stem for path in SCENARIOS.glob("*.yaml")))
def test_no_lever_drops_or_changes_what_it_does_not_name(name: str) -> None:
    """What a scenario states is there after every change, and differs only at the paths that are set."""
    scenario = load_scenario(SCENARIOS / f"{name}.yaml").scenario
    before = _stated(scenario)
    for change in _changes(scenario):
        set_at = ["." + text.partition("=")[0] for text in change.overrides]
        removed = [
            path for path, text in zip(set_at, change.overrides, strict=True) if text.endswith("=null")
        ]
        after = _stated(change.apply(scenario, SCENARIOS))
        for path, value in before.items():
            if any(path == at or path.startswith(f"{at}.") for at in removed):
                continue
            if path not in after:
                assert path in set_at, (change.label, path)
            elif after[path] != value:
                assert any(path == at or path.startswith(f"{at}.") for at in set_at), (change.label, path)
