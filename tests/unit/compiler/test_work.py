"""Work is estimated before it is begun: what would never end is refused with its place."""

from pathlib import Path

import pytest

from simulator.compiler.blueprint import compile_scenario
from simulator.compiler.demand import stage_window
from simulator.compiler.external_files import check_external_files
from simulator.compiler.work import TooManyActionsError, actions_in, at_most_in_windows
from simulator.scenario.model import Scenario
from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.load import load_scenario, load_text

DESK = """metadata: {name: desk}
start: 2027-01-04
regions: {home: {}}
workloads: [{name: ask, users: {home: USERS}, actions_per_user: 8 per day, profile: office-hours, steps: [{call: desk}]}]
services: {desk: {service_time: {distribution: constant, value: 1ms}}}
window: {start: peak, duration: 20m, warmup: 10m}
stages: [{name: pilot, duration: 4w, exposure: 1%}, {name: everyone, duration: 4w, exposure: 100%}]
"""


def test_actions_are_those_that_arrive() -> None:
    """Half an hour at 2 a second at an exposure of a quarter."""
    document = {
        "metadata": {"name": "desk"},
        "workloads": [{"name": "ask", "arrival_rate": 2.0, "steps": [{"call": "desk"}]}],
        "services": {"desk": {"service_time": {"distribution": "constant", "value": 0.1}}},
        "stages": [{"name": "some", "duration": 1e6, "exposure": 0.25}],
    }
    window = stage_window(Scenario.model_validate(document), "some", 0.0, 1500.0, 300.0)
    assert actions_in(window) == pytest.approx(0.5 * 1800.0)


def test_a_stage_of_billions_is_refused_at_its_line() -> None:
    loaded = load_text(DESK.replace("USERS", "5_000_000_000"), "desk.yaml", Path())
    with pytest.raises(
        ScenarioError, match=r"desk\.yaml:7:.*stages\.everyone: stage everyone sends .* actions"
    ) as error:
        check_external_files(loaded)
    assert "stages.pilot" not in str(error.value)


def test_what_can_be_simulated_is_valid() -> None:
    check_external_files(load_text(DESK.replace("USERS", "5_000_000"), "desk.yaml", Path()))


def test_nothing_is_compiled_that_would_not_end() -> None:
    loaded = load_text(DESK.replace("USERS", "5_000_000"), "desk.yaml", Path())
    window = stage_window(loaded.scenario, "everyone", 0.0, 3e8, 0.0)
    with pytest.raises(TooManyActionsError, match="give a shorter"):
        compile_scenario(loaded.scenario, window, Path())


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parents[3] / "scenarios").glob("*.yaml")), ids=lambda path: path.stem
)
def test_what_is_known_without_looking_for_the_busiest_hour_is_a_bound(path: Path) -> None:
    scenario = load_scenario(path).scenario
    asked = scenario.window
    of_windows = [
        actions_in(
            stage_window(scenario, name, asked.start, asked.duration, asked.known_warmup_s, path.parent)
        )
        for name in [stage.name for stage in scenario.stages] or [None]
    ]
    bound = at_most_in_windows(scenario, path.parent)
    assert max(of_windows) <= bound
    assert (
        bound <= 3.0 * max(of_windows) or asked.start != "peak"
    )  # and no idle one: usual files are known by it
