"""The capacity that a variant needs is what a plan of the changed scenario finds, and what Erlang's formula asks for."""

import json
from itertools import count

import pytest

from simulator.engine import Runner
from simulator.scenario.change import ScenarioChange
from simulator.scenario.read.load import LoadedScenario, load_text, with_overrides
from simulator.studies.capacity.needed_capacity import NeededCapacity, needed_capacity
from simulator.studies.plan.plan import PlanOptions, plan
from simulator.theory.erlang import mean_wait_s
from tests.unit.studies.conftest import desk_document

_PATH = "services.desk.replicas"
_OPTIONS = Runner(n_threads=1)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> LoadedScenario:
    return load_text(json.dumps(desk_document()), "desk.yaml", tmp_path_factory.mktemp("desk"))


def _needed(loaded: LoadedScenario, variant: ScenarioChange) -> NeededCapacity:
    return needed_capacity(loaded, "all", variant, _OPTIONS)


def test_with_nothing_changed_it_is_what_is_planned(loaded: LoadedScenario) -> None:
    found = _needed(loaded, ScenarioChange())
    planned = plan(loaded.scenario, PlanOptions(["all"]), Runner()).stages[0]
    assert found.amounts == planned.capacity
    assert found.is_cheapest
    assert found.out_of_reach == ()


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_with_more_demand_it_is_what_erlang_asks_for(loaded: LoadedScenario, factor: float) -> None:
    """Within one server: close to the limit a simulation may not tell which side it is on."""
    found = _needed(loaded, ScenarioChange(demand_factor=factor))
    load = 7.2 * factor
    exact = next(c for c in count(int(load) + 1) if mean_wait_s(c, load, 1.0) < 0.5)
    assert found.amounts[_PATH]["home"] == pytest.approx(exact, abs=1.0)
    assert found.held.month == pytest.approx(found.amounts[_PATH]["home"] * 0.5 * 730.0, abs=0.01)
    more = with_overrides(loaded, [f'workloads.ask.arrival_rate={{"home": {load}}}'])
    assert _needed(more, ScenarioChange()).amounts == found.amounts  # the same users


def test_what_a_variant_says_of_a_knob_is_searched_over(loaded: LoadedScenario) -> None:
    assert (
        _needed(loaded, ScenarioChange(overrides=(f"{_PATH}=30",))).amounts
        == _needed(loaded, ScenarioChange()).amounts
    )


def test_what_no_capacity_meets_is_told(loaded: LoadedScenario) -> None:
    slow = ScenarioChange(overrides=("slos.wait.objective=mean < 1us",), demand_factor=5.0)
    assert _needed(loaded, slow).out_of_reach == ("wait",)
