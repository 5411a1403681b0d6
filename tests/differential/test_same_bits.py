"""The same scenario and seed give the same bits, however a run is cut, scheduled, threaded or started."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator.compiler.blueprint import Blueprint
from simulator.control.data_plane import DataPlane
from simulator.engine import Runner, simulate
from simulator.kernel.memory import grow
from simulator.scenario.model import Scenario
from tests.differential.fingerprint import WARMUP_S, compiled, digests
from tests.differential.incident_scenarios import early_and_late
from tests.differential.region_scenarios import failing_over, with_rules
from tests.property.random_scenarios import random_scenarios

_ROOT = Path(__file__).parents[2]
_FINGERPRINT = Path(__file__).with_name("fingerprint.py")
_DURATION_S = 280.0
_SEED = 3
_ROWS = Runner(record_rows=True)
_BLUEPRINT = compiled(early_and_late(), _DURATION_S)


@pytest.fixture(scope="module")
def in_one_go() -> dict[str, str]:
    """What the run leaves behind, with default options."""
    return digests(simulate(_BLUEPRINT, _SEED, _ROWS))


def test_the_control_plane_acts() -> None:
    result = simulate(_BLUEPRINT, _SEED, _ROWS)
    replicas = {tuple(s[:3]): result.replica_s[i] / _DURATION_S for i, s in enumerate(result.stations)}
    assert 1.0 < replicas["service", "search", "west"] < 4.0
    assert 2.0 < replicas["team", "agents", "east"] < 4.0


def _cut_at(cuts_s: Sequence[float], blueprint: Blueprint = _BLUEPRINT) -> dict[str, str]:
    """Digests of the run whose data plane is advanced to each of `cuts_s` on the way."""

    class CutPlane(DataPlane):
        """Stops at every cut."""

        left_s = sorted(cuts_s)

        def advance(self, until_s: float) -> None:
            while self.left_s and self.left_s[0] < until_s:
                super().advance(self.left_s.pop(0))
            super().advance(until_s)

    with patch("simulator.engine.DataPlane", CutPlane):
        return digests(simulate(blueprint, _SEED, _ROWS))


@pytest.mark.parametrize("slice_s", [1.0, 0.01, 7.3])
def test_cut_into_slices(in_one_go: dict[str, str], slice_s: float) -> None:
    cuts_s = [number * slice_s for number in range(int((WARMUP_S + _DURATION_S) / slice_s))]
    assert _cut_at(cuts_s) == in_one_go


def test_cut_at_the_very_time_of_events(in_one_go: dict[str, str]) -> None:
    rows = simulate(_BLUEPRINT, _SEED, _ROWS).rows
    assert rows is not None
    cuts_s = [*rows["arrival_s"], *rows["end_s"], *rows["end_s"]]
    assert len(cuts_s) > 300
    assert _cut_at(cuts_s) == in_one_go


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.floats(0.0, WARMUP_S + _DURATION_S), max_size=60))
def test_cut_anywhere(in_one_go: dict[str, str], cuts_s: list[float]) -> None:
    assert _cut_at(cuts_s) == in_one_go


def test_without_lanes(in_one_go: dict[str, str]) -> None:
    blueprint = compiled(early_and_late(), _DURATION_S, use_lanes=False)
    assert digests(simulate(blueprint, _SEED, _ROWS)) == in_one_go


def test_without_lanes_when_waits_grow_by_a_third() -> None:
    route = {"choose": ["desk"], "num_retries": 8, "backoff": {"base": 37.1, "factor": 1.3, "max": 1e6}}
    parts = {
        "metadata": {"name": "waits"},
        "workloads": [{"name": "ask", "arrival_rate": 3.0, "steps": [{"call": "desks"}]}],
        "services": {
            "desk": {"service_time": {"distribution": "exponential", "mean": 0.3}, "error_rate": 0.5}
        },
        "routes": {"desks": route},
    }
    scenario = Scenario.model_validate(parts)
    lanes, heap = (compiled(scenario, 3000.0, use_lanes=use_lanes) for use_lanes in (True, False))
    assert digests(simulate(lanes, _SEED, _ROWS)) == digests(simulate(heap, _SEED, _ROWS))


def _in_small_buffers() -> dict[str, str]:
    with (
        patch.multiple("simulator.kernel.memory", INITIAL_LANE=64, INITIAL_HEAP=64, INITIAL_ROWS=64),
        patch("simulator.compiler.blueprint.INITIAL_SLOTS", 32),
        patch("simulator.control.data_plane.grow", wraps=grow) as growing,
    ):
        found = digests(simulate(_BLUEPRINT, _SEED, _ROWS))
    assert growing.call_count >= 10
    return found


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # making a failing scenario smaller takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(random_scenarios(is_comparable=False), st.lists(st.floats(0.0, 80.0), max_size=20))
def test_random_scenarios_without_lanes_and_cut_anywhere(scenario: Scenario, cuts_s: list[float]) -> None:
    lanes, heap = (compiled(scenario, 60.0, use_lanes=use_lanes) for use_lanes in (True, False))
    in_one_go = digests(simulate(lanes, _SEED, _ROWS))
    assert digests(simulate(heap, _SEED, _ROWS)) == in_one_go
    assert _cut_at(cuts_s, lanes) == in_one_go


def test_with_buffers_that_have_to_grow(in_one_go: dict[str, str]) -> None:
    assert _in_small_buffers() == in_one_go


def test_in_any_number_of_threads(in_one_go: dict[str, str]) -> None:
    scenario, window = _BLUEPRINT.scenario, _BLUEPRINT.window
    seeds = [_SEED, 11, 12, 13, 14, 15]
    found = []
    for n_threads in (1, 2, 4):
        options = Runner(record_rows=True, n_threads=n_threads)
        results = options.replicate(scenario, window, seeds)
        found.append([digests(result) for result in results])
    assert found[0][0] == in_one_go
    assert len({one["counts"] for one in found[0]}) == len(seeds)
    assert found[1] == found[0]
    assert found[2] == found[0]


def _elsewhere(duration_s: float, **environment: str) -> subprocess.Popen[str]:
    """The run in a process of its own."""
    python_path = os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-W", "error", str(_FINGERPRINT), str(duration_s), str(_SEED)],
        env=os.environ | {"PYTHONPATH": python_path} | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _digests_of(process: subprocess.Popen[str], scenario: Scenario | None = None) -> dict[str, str]:
    text = (scenario or early_and_late()).model_dump_json(by_alias=True)
    output, errors = process.communicate(text, timeout=120)
    assert process.returncode == 0, errors
    found: dict[str, str] = json.loads(output)
    return found


def test_in_another_process_with_another_hash_seed(in_one_go: dict[str, str]) -> None:
    processes = [_elsewhere(_DURATION_S, PYTHONHASHSEED=seed) for seed in ("0", "4711")]
    for process in processes:
        assert _digests_of(process) == in_one_go


@pytest.mark.slow
def test_interpreted() -> None:
    duration_s = 20.0
    compiled_digests = digests(simulate(compiled(_BLUEPRINT.scenario, duration_s), _SEED, _ROWS))
    assert _digests_of(_elsewhere(duration_s, NUMBA_DISABLE_JIT="1")) == compiled_digests


def _failing_over_soon() -> Scenario:
    """Outages, checks and the name service's memory, all within half a minute, with jitter."""
    parts = failing_over().model_dump(mode="json", by_alias=True)
    parts["network"]["jitter"] = {"distribution": "exponential", "mean": 0.01}
    parts["network"]["health_check"] = {"interval": 1.1, "failures": 2, "successes": 2, "ttl": 6.0}
    for incident in parts["incidents"]:
        incident["start"] *= 0.1
        incident["duration"] *= 0.1
    return Scenario.model_validate(parts)


@pytest.mark.parametrize("make", [pytest.param(_failing_over_soon, marks=pytest.mark.slow), with_rules])
def test_regions_interpreted_without_lanes_and_in_slices(make: Callable[[], Scenario]) -> None:
    scenario, duration_s = make(), 25.0
    lanes, heap = (compiled(scenario, duration_s, use_lanes=use_lanes) for use_lanes in (True, False))
    expected = digests(simulate(lanes, _SEED, _ROWS))
    process = _elsewhere(duration_s, NUMBA_DISABLE_JIT="1")
    assert digests(simulate(heap, _SEED, _ROWS)) == expected
    assert _cut_at([0.3 * number for number in range(150)], lanes) == expected
    assert _digests_of(process, scenario) == expected
