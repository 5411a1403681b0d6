"""Pools that leap over iterations against a reference that steps each one: every action must have the same story."""

from pathlib import Path

import pytest

from tests.differential import pool_scenarios as scenarios
from tests.differential.twins import (
    Twins,
    assert_same_crowds,
    assert_same_measures,
    assert_same_rows,
    assert_same_stations,
    assert_same_totals,
    run_both,
)

_DURATION_S = 70.0
_WARMUP_S = 15.0
_DATA = Path(__file__).parents[2] / "scenarios" / "data"

_CASES = [
    scenarios.one_replica,
    scenarios.bursts,
    scenarios.long_prompts,
    scenarios.speculating,
    scenarios.little_memory,
    scenarios.stalled,
    scenarios.stalled_in_little_memory,
    scenarios.conversations,
    scenarios.conversations_with_calls,
    scenarios.priorities,
    pytest.param(scenarios.impatience, marks=pytest.mark.slow),
    scenarios.absent_in_one_region,
    scenarios.system_prompts,
    scenarios.cut_system_prompts,
    scenarios.spot_with_stand_ins,
    pytest.param(scenarios.spot_alone, marks=pytest.mark.slow),
    scenarios.recorded_chat,
    pytest.param(scenarios.recorded_blocks, marks=pytest.mark.slow),
]


@pytest.fixture(scope="module", params=_CASES, ids=lambda case: case.__name__)
def twins(request: pytest.FixtureRequest) -> Twins:
    return run_both(request.param(), _DURATION_S, 5, _WARMUP_S, base_dir=_DATA)


def test_every_action_has_the_same_story(twins: Twins) -> None:
    assert_same_rows(twins)


def test_every_counter_and_every_use_of_a_station_agrees(twins: Twins) -> None:
    assert_same_totals(twins)


def test_measures_and_integrals_agree(twins: Twins) -> None:
    assert_same_measures(twins)
    assert_same_stations(twins)
    assert_same_crowds(twins)
