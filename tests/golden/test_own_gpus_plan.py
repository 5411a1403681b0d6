"""The story of the scenario on own GPUs: a mix is cheaper than the plans that a naive search would make."""

from pathlib import Path

import pytest

from simulator.engine import Runner
from simulator.scenario.read.load import load_scenario
from simulator.studies.plan.plan import PlanOptions, plan

SCENARIO = Path(__file__).parents[2] / "scenarios" / "own-gpus.yaml"
KNOB = "model_list.own-8b.pool.replicas"


@pytest.mark.slow
def test_europe_holds_two_replicas_and_leaves_the_rest_to_the_provider() -> None:
    loaded = load_scenario(SCENARIO)
    (stage,) = plan(loaded.scenario, PlanOptions(["europe"]), Runner(loaded.base_dir)).stages
    assert stage.decision == "GO"
    assert stage.is_cheapest
    assert stage.capacity == {KNOB: {"eu-west": 2.0, "us-east": 0.0}}
    own, none = stage.alternatives
    assert (own.amounts[KNOB]["eu-west"], none.amounts[KNOB]["eu-west"]) == (4.0, 0.0)
    assert own.holds
    assert none.holds  # the fewest that hold are none, and dearer by a third
    assert stage.cost.month.value < 0.75 * min(own.cost.month, none.cost.month)
    by_use = sum(stage.cost.by_category[name].value for name in ("input_tokens", "output_tokens"))
    assert 0.02 < by_use / stage.cost.month.value < 0.2
    assert stage.warnings == ()  # to be offered more than two replicas take is what was planned


@pytest.mark.slow
def test_half_on_spot_holds_as_well_and_costs_a_sixth_less() -> None:
    loaded = load_scenario(SCENARIO.with_name("spot-gpus.yaml"))
    (stage,) = plan(loaded.scenario, PlanOptions(["both"]), Runner(loaded.base_dir)).stages
    assert stage.decision == "GO"
    assert stage.capacity == {KNOB: {"eu-west": 2.0, "us-east": 4.0}}
    assert stage.cost.month.value == pytest.approx(13_800, rel=0.03)
    assert stage.cost.by_category["spot_gpu_hours"].value > 1_000.0
