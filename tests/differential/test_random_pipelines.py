"""Random scenarios against the reference: whatever is put together, every action has the same story."""

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator.scenario.model import Scenario
from tests.differential.twins import (
    engine_rows,
    reference_counts,
    reference_rows,
    reference_usage,
    run_both,
)
from tests.property.random_scenarios import random_scenarios

_DURATION_S = 60.0
_START_S = 9.0 * 3600.0 - 23.0  # demand changes on the hour


@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.generate],  # making a failing scenario smaller takes minutes
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(random_scenarios(is_comparable=True), st.integers(0, 2**31))
def test_every_action_of_a_random_scenario_has_the_same_story(scenario: Scenario, seed: int) -> None:
    twins = run_both(scenario, _DURATION_S, seed, start_s=_START_S, is_checked=False)
    if twins.ledger.rows:
        pd.testing.assert_frame_equal(
            engine_rows(twins), reference_rows(twins), check_dtype=False, rtol=1e-9, atol=1e-9
        )
    np.testing.assert_array_equal(twins.engine.counts, reference_counts(twins))
    np.testing.assert_allclose(twins.engine.usage, reference_usage(twins), rtol=1e-9, atol=1e-9)
