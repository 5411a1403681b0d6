"""Pools that leap over iterations against a reference that steps each one: every action must have the same story."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.differential import pool_scenarios as scenarios
from tests.differential.twins import (
    AREAS,
    Twins,
    engine_rows,
    reference_areas,
    reference_counts,
    reference_moments,
    reference_rows,
    reference_usage,
    reference_waits,
    run_both,
)

_RELATIVE = 1e-9
_ABSOLUTE_S = 1e-9  # of spans: differences of two clock readings
_DURATION_S = 150.0
_WARMUP_S = 30.0
_DATA = Path(__file__).parents[2] / "scenarios" / "data"

_CASES = [
    scenarios.one_replica,
    scenarios.bursts,
    scenarios.long_prompts,
    scenarios.little_memory,
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
    pd.testing.assert_frame_equal(
        engine_rows(twins), reference_rows(twins), check_dtype=False, rtol=_RELATIVE, atol=_ABSOLUTE_S
    )


def test_every_counter_of_every_minute_agrees(twins: Twins) -> None:
    np.testing.assert_array_equal(twins.engine.counts, reference_counts(twins))


def test_every_use_of_a_station_agrees(twins: Twins) -> None:
    np.testing.assert_allclose(twins.engine.usage, reference_usage(twins), rtol=_RELATIVE, atol=_ABSOLUTE_S)


def test_measures_and_integrals_agree(twins: Twins) -> None:
    moments, histogram = reference_moments(twins)
    np.testing.assert_allclose(twins.engine.moments, moments, rtol=_RELATIVE, atol=_ABSOLUTE_S)
    np.testing.assert_array_equal(twins.engine.histogram, histogram)
    np.testing.assert_array_equal(twins.engine.wait_histogram, reference_waits(twins))
    areas_s = twins.engine.areas[:, AREAS]
    np.testing.assert_allclose(areas_s, reference_areas(twins), rtol=_RELATIVE, atol=_ABSOLUTE_S)
    stations = twins.pipeline.deployment.stations
    most = [stations[station.target, station.region].max_in_system for station in twins.engine.stations]
    assert twins.engine.max_in_system.tolist() == most
