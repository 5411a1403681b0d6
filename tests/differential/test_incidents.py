"""The engine against the reference while things go wrong: every kind of incident, scheduled and drawn."""

from collections.abc import Callable
from typing import get_args

import pytest

from simulator.engine import simulate
from simulator.mechanisms.incidents.config import Incident
from simulator.scenario.model import Scenario
from tests.differential import incident_scenarios as scenarios
from tests.differential.fingerprint import compiled, digests
from tests.differential.twins import (
    Twins,
    assert_same_measures,
    assert_same_rows,
    assert_same_stations,
    assert_same_totals,
    run_both,
)

_MATTERS_S = 400.0
_EIGHT_S = 8.0 * 3600.0  # a shift begins
_CASES: list[tuple[Callable[[], Scenario], int, float, float, float]] = [
    (scenarios.every_kind, 1, 420.0, 0.0, _EIGHT_S - 200.0),
    (scenarios.every_kind, 2, 420.0, 60.0, 3600.0),
    (scenarios.drawn, 3, 360.0, 30.0, 3600.0),
    (scenarios.drawn_without_control, 4, 180.0, 0.0, 0.0),
    (scenarios.pools_in_zones, 5, 60.0, 0.0, 0.0),
    (scenarios.crashes_of_desks, 6, 200.0, 0.0, 0.0),
]


@pytest.fixture(scope="module", params=_CASES, ids=lambda case: f"{case[0].__name__}-{case[1]}")
def twins(request: pytest.FixtureRequest) -> Twins:
    make, seed, duration_s, warmup_s, start_s = request.param
    return run_both(make(), duration_s, seed, warmup_s, start_s)


def test_every_action_has_the_same_story(twins: Twins) -> None:
    assert_same_rows(twins)


def test_counters_uses_and_measures_agree(twins: Twins) -> None:
    assert_same_totals(twins)
    assert_same_measures(twins)
    assert_same_stations(twins, 1e-6)


def test_every_kind_is_played() -> None:
    known = {get_args(kind.model_fields["kind"].annotation)[0] for kind in get_args(get_args(Incident)[0])}
    assert {incident.kind for incident in scenarios.every_kind().incidents} == known


@pytest.fixture(scope="module")
def with_all() -> dict[str, str]:
    """What a run leaves behind in which everything goes wrong."""
    return digests(simulate(compiled(scenarios.every_kind(), _MATTERS_S), 1))


@pytest.mark.parametrize("number", range(len(scenarios.SCHEDULED)))
def test_each_of_them_matters(number: int, with_all: dict[str, str]) -> None:
    scenario = scenarios.every_kind()
    left = [incident for place, incident in enumerate(scenario.incidents) if place != number]
    without = compiled(scenario.model_copy(update={"incidents": left}), _MATTERS_S)
    assert digests(simulate(without, 1))["counts"] != with_all["counts"]
