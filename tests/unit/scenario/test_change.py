"""Changes of a scenario: what is set by path and what is edited, checked like a file, where it makes a difference."""

from functools import partial
from pathlib import Path

import pytest

from simulator.scenario.change import ScenarioChange, possible, setting
from simulator.scenario.model import Scenario
from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.load import load_scenario, with_overrides
from simulator.studies.common.input_factors import InputFactors, with_factors
from simulator.studies.common.unsure_answers import flagged

_SCENARIOS = Path(__file__).parents[3] / "scenarios"
_COPILOT = load_scenario(_SCENARIOS / "support-copilot.yaml")
_SCENARIO, _FOLDER = _COPILOT.scenario, _COPILOT.base_dir


@pytest.mark.parametrize("path", sorted(_SCENARIOS.rglob("*.yaml")), ids=lambda path: path.stem)
def test_no_change_is_the_scenario_itself(path: Path) -> None:
    loaded = load_scenario(path)
    assert ScenarioChange().apply(loaded.scenario, loaded.base_dir) == loaded.scenario


def test_a_value_is_set_as_the_command_line_sets_it() -> None:
    overrides = (setting("teams.agents.staff", {"eu-west": 9}), setting("slos.latency.objective", "p95 < 9s"))
    changed = ScenarioChange("more people", overrides).apply(_SCENARIO, _FOLDER)
    assert changed == with_overrides(_COPILOT, overrides).scenario
    assert changed.teams["agents"].staff == {"eu-west": 9}


def test_an_edit_comes_before_the_values() -> None:
    edit = partial(with_factors, factors=InputFactors(error_share=0.5))
    model = _SCENARIO.model_list[0].model_name
    path = f"model_list.{model}.success_rate"
    halved = ScenarioChange(edit=edit).apply(_SCENARIO, _FOLDER)
    assert halved.model_list[0].success_rate != _SCENARIO.model_list[0].success_rate
    both = ScenarioChange(overrides=(setting(path, 0.5),), edit=edit).apply(_SCENARIO, _FOLDER)
    assert both.model_list[0].success_rate == 0.5


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("teams.nobody.staff=3", "no `nobody` here"),
        ("teams.agents.staff=-1", "must be at least 0"),
        ("routes.support.fallbacks=[no-such]", "no-such"),
    ],
)
def test_what_makes_no_valid_scenario_is_refused(override: str, message: str) -> None:
    change = ScenarioChange("wrong", (override,))
    with pytest.raises(ScenarioError, match=message):
        change.apply(_SCENARIO, _FOLDER)
    assert list(possible([change], _SCENARIO, _FOLDER)) == []


def test_only_what_makes_a_difference_is_possible() -> None:
    same, other = ScenarioChange("same", (f"seed={_SCENARIO.seed}",)), ScenarioChange("other", ("seed=99",))
    [(change, changed)] = possible([same, ScenarioChange(), other], _SCENARIO, _FOLDER)
    assert (change, changed.seed) == (other, 99)


def test_a_moved_threshold_leaves_the_check_of_groundedness() -> None:
    ungrounded = ScenarioChange(overrides=("routes.support.confidence.flags_ungrounded=0.4",))
    scenario: Scenario = ungrounded.apply(_SCENARIO, _FOLDER)
    before = scenario.routes["support"].confidence
    moved = ScenarioChange(overrides=flagged(scenario, "support", 0.5)).apply(scenario, _FOLDER)
    after = moved.routes["support"].confidence
    assert (after.flags_wrong, after.flags_right) == (before.flags_wrong / 2, before.flags_right / 2)
    assert after.flags_ungrounded == 0.4
