"""Scenarios in a team's own tests: `@pytest.mark.rollout_scenario("desk.yaml")` and the fixture `rollout`.

pytest loads this module whenever the simulator is installed, so nothing slow is imported before it is used.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from simulator.api.rollout import Rollout

LoadRollout = Callable[..., "Rollout"]

_MARKER = (
    "rollout_scenario(path, overrides=()): the scenario file that the fixture `rollout` loads, relative to the root "
    "of the tests, with values replaced"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the setting that names the scenario of tests without a marker."""
    parser.addini(
        "rollout_scenario", "scenario file of tests without the marker `rollout_scenario`", default=""
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture(scope="session")
def load_rollout(pytestconfig: pytest.Config) -> LoadRollout:
    """Return `load(path, overrides=())`: reads each scenario file once per session."""
    known: dict[tuple[Path, str], Rollout] = {}

    def load(path: str | Path, overrides: object = ()) -> "Rollout":
        import simulator

        file = pytestconfig.rootpath / path
        key = (file, repr(overrides))
        if key not in known:
            known[key] = simulator.load(file, overrides)  # type: ignore[arg-type]
        return known[key]

    return load


@pytest.fixture
def rollout(request: pytest.FixtureRequest, load_rollout: LoadRollout) -> "Rollout":
    """Return the rollout of the marker `rollout_scenario`, or of the setting of that name."""
    marker = request.node.get_closest_marker("rollout_scenario")
    if marker is not None:
        return load_rollout(*marker.args, **marker.kwargs)
    path = str(request.config.getini("rollout_scenario"))
    if not path:
        raise pytest.UsageError(
            f"{request.node.nodeid}: which scenario? Mark the test with @pytest.mark.rollout_scenario('FILE'), or "
            "set `rollout_scenario` in the configuration of pytest"
        )
    return load_rollout(path)
