"""A scenario of a file; of a file that another command reads, what it is."""

from collections.abc import Sequence
from pathlib import Path

from simulator.scenario.read.errors import Problem, ScenarioError
from simulator.scenario.read.load import LoadedScenario, load_scenario


def load_scenario_file(path: Path, overrides: Sequence[str] = ()) -> LoadedScenario:
    """Read and check a scenario.

    Raises
    ------
    ScenarioError
        With every mistake found; of a file of another kind what it is, and which command reads it.
    """
    try:
        return load_scenario(path, overrides)
    except ScenarioError:
        from simulator.formats.foreign import foreign  # slow, and scenarios are usually right

        words = foreign(path, "scenario")
        if words is None:
            raise
        raise ScenarioError([Problem(str(path), None, None, "", words)]) from None
