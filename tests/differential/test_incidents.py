"""The engine against the reference while things go wrong: every kind of incident, scheduled and drawn."""

from collections.abc import Callable
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from simulator.engine import simulate
from simulator.mechanisms.incidents.config import Incident
from simulator.scenario.model import Scenario
from tests.differential import incident_scenarios as scenarios
from tests.differential.fingerprint import compiled, digests
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

_MATTERS_S = 400.0
_EIGHT_S = 8.0 * 3600.0  # a shift begins
_CASES: list[tuple[Callable[[], Scenario], int, float, float, float]] = [
    (scenarios.every_kind, 1, 420.0, 0.0, _EIGHT_S - 200.0),
    (scenarios.every_kind, 2, 420.0, 60.0, 3600.0),
    (scenarios.drawn, 3, 360.0, 30.0, 3600.0),
    (scenarios.drawn_without_control, 4, 360.0, 0.0, 0.0),
    (scenarios.pools_in_zones, 5, 104.0, 0.0, 0.0),
    (scenarios.crashes_of_desks, 6, 200.0, 0.0, 0.0),
]


@pytest.fixture(scope="module", params=_CASES, ids=lambda case: f"{case[0].__name__}-{case[1]}")
def twins(request: pytest.FixtureRequest) -> Twins:
    make, seed, duration_s, warmup_s, start_s = request.param
    return run_both(make(), duration_s, seed, warmup_s, start_s)


def test_every_action_has_the_same_story(twins: Twins) -> None:
    pd.testing.assert_frame_equal(
        engine_rows(twins), reference_rows(twins), check_dtype=False, rtol=1e-9, atol=1e-9
    )


def test_counters_uses_and_measures_agree(twins: Twins) -> None:
    np.testing.assert_array_equal(twins.engine.counts, reference_counts(twins))
    np.testing.assert_allclose(twins.engine.usage, reference_usage(twins), rtol=1e-9, atol=1e-9)
    moments, histogram = reference_moments(twins)
    np.testing.assert_allclose(twins.engine.moments, moments, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(twins.engine.histogram, histogram)
    np.testing.assert_array_equal(twins.engine.wait_histogram, reference_waits(twins))
    areas_s = twins.engine.areas[:, AREAS]
    np.testing.assert_allclose(areas_s, reference_areas(twins), rtol=1e-9, atol=1e-6)


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
