"""The plugin as a team uses it: in a test run of its own, with its own configuration."""

import os
import tomllib
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
# pytester moves the home folder away, and with it the user's cache.
_CACHE_ROOT = str(
    os.environ.get("ROLLOUT_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
)

DESK = """metadata: {name: help-desk}
workloads: [{name: ticket, arrival_rate: 7.2 rps, steps: [{call: desk}]}]
services: {desk: {max_ongoing_requests: 16, service_time: {distribution: exponential, mean: 1s}}}
window: {duration: 2m, warmup: 20s}
slos: [{name: wait, indicator: queue_wait, objective: "p(95) < 60s"}]
"""


@pytest.fixture
def team(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Return the folder of a team that has a scenario, and kernels that are compiled already."""
    monkeypatch.setenv("ROLLOUT_CACHE_DIR", _CACHE_ROOT)
    pytester.makefile(".yaml", desk=DESK)
    return pytester


def run(team: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return team.runpytest_subprocess(
        "-p", "simulator.api.pytest_plugin", "-p", "no:cacheprovider", *arguments
    )


def test_a_marked_test_gets_its_scenario_and_a_failed_check_says_what_does_not_hold(
    team: pytest.Pytester,
) -> None:
    team.makepyfile(
        """
        import pytest

        @pytest.mark.rollout_scenario("desk.yaml", {"window.duration": "3m"})
        def test_wait(rollout):
            assert rollout.scenario.window.duration == 180.0
            assert rollout.check(budget=4)

        @pytest.mark.rollout_scenario("desk.yaml", {"window.duration": "3m"})
        def test_files_are_read_once(rollout, load_rollout):
            assert rollout is load_rollout("desk.yaml", {"window.duration": "3m"})

        @pytest.mark.rollout_scenario("desk.yaml", ["services.desk.max_ongoing_requests=6"])
        def test_too_few(rollout):
            assert rollout.run(replications=2).metric("queue_wait", "p95").high < 1.0

        def test_of_the_project(rollout):
            few = {"slos.wait.objective": "p(95) < 1us", "services.desk.max_ongoing_requests": 6}
            assert rollout.with_values(few).check(budget=2)
        """
    )
    result = run(team, "--strict-markers", "-o", "rollout_scenario=desk.yaml")
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(
        ["*test_too_few*", "*FAIL *desk.yaml:*slos.wait.objective: p95 queue wait*limit < 1 µs*"]
    )


def test_a_test_without_a_scenario_is_told_how_to_name_one(team: pytest.Pytester) -> None:
    team.makepyfile("def test_wait(rollout): pass")
    result = run(team)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*which scenario? Mark the test with @pytest.mark.rollout_scenario('FILE')*"]
    )


def test_nothing_slow_is_imported_before_it_is_used(team: pytest.Pytester) -> None:
    team.makepyfile(
        "import sys\ndef test_light(): assert not {'numba', 'pandas', 'pydantic'} & set(sys.modules)"
    )
    run(team, "-p", "no:hypothesispytest").assert_outcomes(passed=1)


def test_the_entry_point_is_declared() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["entry-points"]["pytest11"] == {
        "simulator.api.pytest_plugin": "simulator.api.pytest_plugin"
    }
