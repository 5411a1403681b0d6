"""What is shipped is current: the plan is that of the scenario beside it."""

import pytest

from simulator import __version__
from simulator.scenario.hashing import scenario_hash
from simulator.scenario.load import load_text
from simulator.ui import shipped

_RENEW = "rollout plan scenarios/support-copilot.yaml --json > simulator/ui/data/support-copilot.plan.json"


def test_the_shipped_plan_is_that_of_the_shipped_scenario() -> None:
    loaded = load_text(shipped.scenario_text(shipped.BUNDLED), "bundled", shipped.scenario_folder())
    plan = shipped.bundled_plan()
    assert plan["scenario_hash"] == scenario_hash(loaded.scenario), f"plan it anew: {_RENEW}"
    assert plan["engine_version"] == __version__, f"plan it anew: {_RENEW}"
    assert not plan["interrupted"]


def test_the_bundled_scenario_comes_first() -> None:
    assert shipped.scenario_names()[0] == shipped.BUNDLED


@pytest.mark.parametrize("name", ["../pyproject", "data/README", "none"])
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    with pytest.raises(KeyError):
        shipped.scenario_text(name)
