"""What `scenarios/wandering-demand.yaml` claims: demand that wanders takes three replicas, its mean two."""

from pathlib import Path

import pytest

import simulator

FILE = Path(__file__).parents[2] / "scenarios" / "wandering-demand.yaml"


@pytest.mark.slow
@pytest.mark.parametrize(("changes", "n"), [({}, 3), ({"workloads.ask.wander": None}, 2)])
def test_a_plan_buys_for_demand_that_wanders(changes: dict[str, object], n: int) -> None:
    stage = simulator.load(FILE, changes).plan(draws=0).stages[0]
    assert stage.verdict == "GO"
    assert [level.amount for level in stage.capacity] == [n]
