"""What is shipped is current: the plan is that of the scenario beside it."""

import pytest

from simulator import __version__
from simulator.app import bundled as shipped
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import load_text

_RENEW = "rollout plan scenarios/support-copilot.yaml --json > simulator/app/data/support-copilot.plan.json"
_RENEW_COSTS = (
    "rollout cost scenarios/support-copilot.yaml --plan simulator/app/data/support-copilot.plan.json --json "
    "> simulator/app/data/support-copilot.cost.json"
)


def test_the_shipped_plan_is_that_of_the_shipped_scenario() -> None:
    loaded = load_text(shipped.scenario_text(shipped.BUNDLED), "bundled", shipped.scenario_folder())
    plan = shipped.bundled_plan()
    assert plan.scenario_hash == scenario_hash(loaded.scenario), f"plan it again: {_RENEW}"
    assert plan.engine_version == __version__, f"plan it again: {_RENEW}"
    assert not plan.interrupted


def test_the_shipped_costs_are_those_of_the_shipped_scenario_and_plan() -> None:
    plan, costs = shipped.bundled_plan(), shipped.bundled_cost()
    assert costs.scenario_hash == plan.scenario_hash, f"work them out again: {_RENEW_COSTS}"
    assert costs.engine_version == plan.engine_version, f"work them out again: {_RENEW_COSTS}"
    planned = {stage.name: stage.capacity for stage in plan.stages}
    assert costs.capacity == planned, f"work them out again: {_RENEW_COSTS}"
    assert not costs.interrupted


def test_the_bundled_scenario_comes_first() -> None:
    assert shipped.scenario_names()[0] == shipped.BUNDLED


@pytest.mark.parametrize("name", ["../pyproject", "data/README", "none"])
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    with pytest.raises(KeyError):
        shipped.scenario_text(name)
