"""Random scenarios against the reference: whatever is put together, every action has the same story."""

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator.scenario.model import Scenario
from tests.differential.twins import (
    assert_same_rows,
    assert_same_totals,
    run_both,
)
from tests.property.random_scenarios import random_scenarios

_DURATION_S = 60.0
_START_S = 9.0 * 3600.0 - 23.0  # demand changes on the hour


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.generate],  # making a failing scenario smaller takes minutes
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(random_scenarios(is_comparable=True), st.integers(0, 2**31))
def test_every_action_of_a_random_scenario_has_the_same_story(scenario: Scenario, seed: int) -> None:
    twins = run_both(scenario, _DURATION_S, seed, start_s=_START_S, is_checked=False)
    if twins.ledger.rows:
        assert_same_rows(twins)
    assert_same_totals(twins)
