"""What the form of budgets asks for is a budget of the scenario."""

from pathlib import Path

import pytest

from simulator.app.tabs.budget_form import holds_units, override
from simulator.scenario.read.load import load_scenario, with_overrides

SCENARIOS = Path(__file__).parents[3] / "scenarios"


@pytest.mark.parametrize(
    ("name", "has_units"), [("provisioned-throughput", True), ("workday-assistant", False)]
)
def test_a_budget_is_set(name: str, has_units: bool) -> None:
    loaded = load_scenario(SCENARIOS / f"{name}.yaml")
    assert holds_units(loaded.scenario) is has_units
    new = override("ask", "$90", "1d", "Europe/Berlin", "stop", provisioned=has_units)
    budget = with_overrides(loaded, [new]).scenario.workloads[0].budget
    assert budget is not None
    assert (budget.max_budget, budget.budget_duration, budget.timezone) == (90.0, 86_400.0, "Europe/Berlin")
    assert (budget.on_exceed, budget.provisioned) == ("stop", has_units)
