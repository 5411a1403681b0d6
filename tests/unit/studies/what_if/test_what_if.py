"""What-ifs are pairs: nothing turned changes nothing, and a lever's difference is that of a comparison."""

from pathlib import Path

import numpy as np
import pytest

from simulator.engine import Runner
from simulator.results.paired import paired_difference
from simulator.scenario.change import ScenarioChange
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import LoadedScenario, load_scenario, with_overrides
from simulator.studies.common.verdicts.criteria import Measure
from simulator.studies.what_if.levers import Lever, levers_of
from simulator.studies.what_if.peak import planned, refined, simulated
from simulator.studies.what_if.what_if import differences

_SCENARIOS = Path(__file__).parents[4] / "scenarios"
_STAGE, _N_RUNS = "pilot", 3
_LOADED = load_scenario(_SCENARIOS / "support-copilot.yaml")
_LEVERS = levers_of(_LOADED.scenario)


def _of(key: str) -> Lever:
    return next(lever for lever in _LEVERS if lever.key == key)


def test_the_middle_of_every_lever_changes_nothing() -> None:
    for lever in _LEVERS:
        here = lever.positions[lever.now]
        assert (here.overrides, here.demand_factor) == ((), 1.0)


def test_every_kind_of_lever_is_there() -> None:
    assert {lever.group for lever in _LEVERS} == {
        "Demand",
        "Caches",
        "Routes",
        "Models",
        "Services",
        "People",
        "Prices",
    }


@pytest.mark.parametrize("lever", _LEVERS, ids=lambda lever: lever.key)
def test_every_other_position_makes_another_scenario(lever: Lever) -> None:
    here = scenario_hash(_LOADED.scenario)
    for place, position in enumerate(lever.positions):
        if place != lever.now and position.overrides:
            assert scenario_hash(with_overrides(_LOADED, position.overrides).scenario) != here


@pytest.mark.parametrize("name", sorted(path.stem for path in _SCENARIOS.glob("*.yaml")))
def test_levers_of_every_scenario_can_be_turned(name: str) -> None:
    loaded = load_scenario(_SCENARIOS / f"{name}.yaml")
    for lever in levers_of(loaded.scenario):
        for position in lever.positions:
            with_overrides(loaded, position.overrides)


def test_nothing_turned_is_no_difference() -> None:
    base = simulated(_LOADED, ScenarioChange(), _STAGE, _N_RUNS, Runner())
    head = simulated(_LOADED, ScenarioChange(), _STAGE, _N_RUNS, Runner())
    found = differences(_LOADED, base, head)
    assert {one.direction for one in found} == {"none"}


def test_a_difference_is_that_of_the_pairs() -> None:
    base = simulated(_LOADED, ScenarioChange(), _STAGE, _N_RUNS, Runner())
    position = _of("caches.answers.ttl").positions[0]
    head = simulated(_LOADED, ScenarioChange(overrides=position.overrides), _STAGE, _N_RUNS, Runner())
    [found] = [one for one in differences(_LOADED, base, head) if one.metric == "cache_hit_rate"]
    expected = paired_difference(base.results, head.results, "cache_hit_rate")
    assert expected is not None
    assert found.difference == expected.difference
    assert found.difference.value < 0.0


def test_twice_the_demand_is_twice_the_arrivals() -> None:
    base, head = (
        simulated(_LOADED, ScenarioChange(demand_factor=factor), _STAGE, _N_RUNS, Runner())
        for factor in (1.0, 2.0)
    )
    assert head.window.rate_rps == pytest.approx(2.0 * base.window.rate_rps)


def test_the_capacity_of_a_plan_is_put_in_place() -> None:
    loaded: LoadedScenario = with_overrides(
        _LOADED, planned({"teams.agents.staff": {"eu-west": 13.0, "us-east": 0.0, "ap-southeast": 0.0}})
    )
    assert loaded.scenario.teams["agents"].staff == {"eu-west": 13, "us-east": 0, "ap-southeast": 0}


def test_more_pairs_are_those_that_would_have_been_simulated_at_once() -> None:
    few = simulated(_LOADED, ScenarioChange(), _STAGE, 2, Runner())
    told: list[int] = []
    more = refined(few, 4, Runner(progress=lambda done, _total, _label: told.append(done)))
    whole = simulated(_LOADED, ScenarioChange(), _STAGE, 4, Runner())
    assert told == [3, 4]
    assert len(few.results) == 2  # as it was
    for ours, theirs in zip(more.results, whole.results, strict=True):
        assert ours.seed == theirs.seed
        np.testing.assert_array_equal(ours.counts, theirs.counts)
        np.testing.assert_array_equal(ours.histogram, theirs.histogram)


def test_the_threshold_of_a_route_hands_over_more_or_fewer() -> None:
    lever = _of("routes.support.confidence")
    loud, quiet = lever.positions[-1], lever.positions[0]
    rates = []
    for position in (loud, quiet):
        trial = simulated(_LOADED, ScenarioChange(overrides=position.overrides), _STAGE, _N_RUNS, Runner())
        estimate = trial.estimate(Measure("handed_off_rate"))
        assert estimate is not None
        rates.append(estimate.value)
    assert rates[0] > 1.5 * rates[1]


def test_people_may_cost_another_amount_in_each_region() -> None:
    by_region = with_overrides(_LOADED, ['teams.agents.cost={"eu-west": "$38/hour", "us-east": "$14/hour"}'])
    levers = {lever.key: lever for lever in levers_of(by_region.scenario)}
    assert "teams.agents.cost" not in levers
    dear = with_overrides(by_region, levers["teams.agents.cost.eu-west"].positions[-1].overrides)
    team = dear.scenario.teams["agents"]
    assert (team.cost_in("eu-west"), team.cost_in("us-east")) == (76.0, 14.0)
