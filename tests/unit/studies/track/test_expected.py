"""What is kept of a forecast adds up to it, whatever is paid for: tokens, people, GPUs, the platform."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from simulator.economics.accounts import Basis
from simulator.engine import Runner
from simulator.scenario.read.load import load_scenario
from simulator.studies.cost.costs import CostOptions, rollout_costs
from simulator.studies.track.expected import kept_forecast
from simulator.studies.track.period import ends_of, expected_in
from simulator.studies.track.records import KeptForecast

_SCENARIOS = Path(__file__).parents[4] / "scenarios"


@pytest.mark.parametrize("name", ["euro-desk", "internal-tool"])
def test_what_is_kept_adds_up_to_the_forecast(name: str) -> None:
    loaded = load_scenario(_SCENARIOS / f"{name}.yaml")
    costs = rollout_costs(loaded.scenario, CostOptions(2, 0, plan_capacity=False), Runner(loaded.base_dir, 1))
    kept = kept_forecast(costs, datetime.now(UTC), "as written")
    assert KeptForecast.model_validate_json(kept.to_json()) == kept
    found = expected_in(kept, *ends_of(kept))
    assert found.tokens_usd + sum(found.groups_usd.values()) == pytest.approx(costs.forecast.total_usd)
    assert found.actions == pytest.approx(float(costs.forecast.numbers(Basis.ACTION).mean()))
    assert found.hours == pytest.approx(sum(span.time.hours for span in costs.forecast.spans))
