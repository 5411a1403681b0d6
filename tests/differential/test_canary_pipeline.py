"""A canary in the engine against the reference: who gets the new version, and what it changes, action by action."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.compiler.blueprint import compile_scenario
from simulator.compiler.demand import stage_window
from simulator.control.canary import Rehearsal
from simulator.engine import Runner, simulate
from simulator.mechanisms.releases.canary import Canary
from simulator.mechanisms.releases.config import Release
from simulator.scenario.model import Scenario
from tests.differential.scenarios import conversations_with_a_cache, languages, people
from tests.differential.twins import (
    Twins,
    assert_same_measures,
    assert_same_rows,
    assert_same_totals,
)
from tests.reference.pipeline import NewRelease, Pipeline

_CHANGES = {
    "success_rate": -0.1,
    "error_rate": 0.05,
    "latency": 0.3,
    "prompt_tokens": -0.2,
    "output_tokens": 0.4,
}
_CANARY = {
    "steps": [
        {"set_weight": 0.2},
        {"pause": 97.3},
        {"analysis": "gate"},
        {"set_weight": 0.5},
        {"pause": 130.1},
        {"set_weight": 0.0},
    ],
    "analyses": {"gate": {"interval": 31.7, "count": 2, "success_condition": "latency >= 0"}},
}


_MIRRORED = [
    {"set_mirror_route": 0.3},
    {"pause": 97.3},
    {"analysis": "gate"},
    {"set_weight": 0.2},
    {"pause": 130.1},
    {"set_mirror_route": 0.0},
]


@pytest.mark.parametrize("steps", [_CANARY["steps"], _MIRRORED], ids=["weights", "mirror"])
@pytest.mark.parametrize(
    "scenario_of", [people, pytest.param(conversations_with_a_cache, marks=pytest.mark.slow), languages]
)
def test_a_canary_has_the_same_story(
    scenario_of: Callable[[], Scenario], steps: list[dict[str, Any]]
) -> None:
    scenario = scenario_of()
    release = Release.model_validate(
        {"name": "new", "workload": scenario.workloads[0].name, "changes": _CHANGES}
    )
    window = stage_window(scenario, None, 0.0, 480.0, 60.0)
    blueprint = compile_scenario(scenario, window, Path(), release=release)
    sources = [
        n for n, stream in enumerate(blueprint.streams) if stream.workload == scenario.workloads[0].name
    ]
    canary = Canary.model_validate(_CANARY | {"steps": steps})
    n_recorded = len(blueprint.recorded) // 3
    recorded = [
        n for n, s in enumerate(blueprint.recorded[:n_recorded]) if s.workload == scenario.workloads[0].name
    ]
    rehearsal = Rehearsal(canary, 61.3, sources, recorded, n_recorded)
    engine = simulate(blueprint, 3, Runner(record_rows=True), rehearsal=rehearsal)
    pipeline = Pipeline(
        scenario, window, 3, rollout=NewRelease(release, rehearsal.log.weights, rehearsal.log.mirrors)
    )
    pipeline.run(blueprint.streams)
    twins = Twins(engine, pipeline)
    new = [stream for stream in engine.streams if stream.release == "new"]
    copied = [n for n, stream in enumerate(engine.streams) if stream.release == "new, mirrored"]
    assert engine.counts[:, n_recorded:].sum() > 100
    assert (engine.counts[:, copied].sum() > 100) == (steps is _MIRRORED)
    assert len(new) == n_recorded
    assert_same_rows(twins)
    assert_same_totals(twins)
    assert_same_measures(twins)
