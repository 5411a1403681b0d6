"""Replicas that are started, drained and lost while requests flow: the engine against the reference."""

from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from simulator.compiler.blueprint import compile_scenario
from simulator.compiler.demand import stage_window
from simulator.control.data_plane import DataPlane
from simulator.control.environment import Environment
from simulator.engine import Runner, simulate
from simulator.mechanisms.replicas.codes import ReplicaState
from simulator.metrics.columns import UsageColumn
from simulator.scenario.model import Scenario
from tests.differential import pool_scenarios as scenarios
from tests.differential.twins import (
    Twins,
    assert_same_rows,
    reference_usage,
)
from tests.reference.action import Waiting
from tests.reference.clock import Kind
from tests.reference.pipeline import Pipeline
from tests.reference.pools import PoolStation

Change = tuple[float, int, Literal["SERVING", "DRAINING", "OFF"]]  # at, replica, into
_CHANGES: list[Change] = [
    (20.0, 1, "OFF"),
    (21.3, 0, "DRAINING"),
    (22.0, 2, "OFF"),
    (29.0, 0, "SERVING"),
    (33.0, 1, "SERVING"),
    (34.5, 0, "OFF"),
    (34.5, 1, "OFF"),
    (41.0, 2, "SERVING"),
    (50.0, 1, "SERVING"),
    (60.0, 2, "DRAINING"),
    (60.2, 2, "OFF"),
]
_DURATION_S = 90.0


def _scenario() -> Scenario:
    """Three replicas under a load that two can carry; what is lost is tried again, then asked of a provider."""
    steps = [{"generate": "route"}]
    return scenarios.scenario_of(
        workloads=[
            scenarios.chat(14.0) | {"steps": steps},
            scenarios.chat(6.0) | {"name": "sort", "priority": "batch", "steps": steps},
        ],
        routes={
            "route": {
                "choose": ["own"],
                "fallbacks": ["hosted"],
                "num_retries": 1,
                "backoff": {"base": 0.3, "jitter": "full"},
                "retry_on": ["error", "timeout"],
                "per_try_timeout": 4.0,
            }
        },
        model_list=[
            scenarios.pool("own", 3, max_num_seqs=24, kv_cache_tokens=40_000, max_model_len=20_000),
            scenarios.model("hosted", 0.4, 0.01),
        ],
    )


def _run(changes: list[Change], seed: int, *, scenario: Scenario) -> Twins:
    window = stage_window(scenario, None, 0.0, _DURATION_S, 0.0)
    blueprint = compile_scenario(scenario, window, Path())
    plane_changes: list[tuple[float, int, ReplicaState]] = [
        (at_s, replica, ReplicaState[state]) for at_s, replica, state in changes
    ]

    class Controlled(Environment):
        def __init__(self, plane: DataPlane) -> None:
            super().__init__(plane)
            self.process(self._change())

        def _change(self) -> Waiting:
            for at_s, replica, state in plane_changes:
                yield self.timeout(at_s - self.now)
                self.plane.set_replica_state(replica, state)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("simulator.engine.Environment", Controlled)
        engine = simulate(blueprint, seed, Runner(record_rows=True))
    pipeline = Pipeline(scenario, window, seed)
    station = pipeline.deployment.stations["own", "home"]
    assert isinstance(station, PoolStation)
    pipeline.env.process(_change_reference(pipeline, station, changes))
    pipeline.run(engine.streams)
    return Twins(engine, pipeline)


def _change_reference(pipeline: Pipeline, station: PoolStation, changes: list[Change]) -> Waiting:
    for at_s, replica, state in changes:
        yield pipeline.env.timeout(at_s - pipeline.env.now, Kind.CHANGE)
        {"SERVING": station.start, "DRAINING": station.drain, "OFF": station.lose}[state](replica)


@pytest.fixture(scope="module")
def twins() -> Twins:
    return _run(_CHANGES, 5, scenario=_scenario())


def test_every_action_has_the_same_story(twins: Twins) -> None:
    assert_same_rows(twins)


def test_every_use_of_a_station_agrees(twins: Twins) -> None:
    np.testing.assert_allclose(twins.engine.usage, reference_usage(twins), rtol=1e-9, atol=1e-9)


def test_what_is_lost_is_tried_again_elsewhere(twins: Twins) -> None:
    own, hosted = twins.engine.usage.sum(axis=(0, 1))
    assert own[UsageColumn.ERRORS] > 20.0
    assert own[UsageColumn.WASTED_OUTPUT_TOKENS] > 0.0
    assert hosted[UsageColumn.SUCCEEDED] > 20.0
